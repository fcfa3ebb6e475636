//! The memory of a flow, cut into its arrays.

use super::event::Mode;
use super::slide::Bench;
use super::tableau::STAGES;
use crate::error::Error;
use crate::lanes::Lanes;

/// p rows of `width` = r + 2 numbers (omega_j, a_j, rho_j) each, or n or p n numbers.
#[derive(Debug)]
pub struct Memory<'m, L: Lanes> {
    /// The state.
    pub y: &'m mut [L::Elem],
    /// The state at the start of the last step.
    pub before: &'m mut [L::Elem],
    /// A stage, the end of a step, a leap that is tried.
    pub trial: &'m mut [L::Elem],
    /// The seven derivatives of a step.
    pub k: &'m mut [L::Elem],
    /// The derivative at the state.
    pub ahead: &'m mut [L::Elem],
    /// z at the start of a step; b of sliding pairs.
    pub z0: &'m mut [L::Elem],
    /// The same at its end.
    pub z1: &'m mut [L::Elem],
    /// What rounding took from rho_j.
    pub rho_low: &'m mut [L::Elem],
    /// a_j^2 - |omega_j|^2 at the start.
    pub balance: &'m mut [L::Elem],
    /// |w_j|^2 outside the span.
    pub across: &'m mut [L::Elem],
    /// sum_j a_j relu(z_ji) at the state, and at the end of a step.
    pub h: &'m mut [L::Elem],
    pub h_trial: &'m mut [L::Elem],
    /// r/n.
    pub g: &'m mut [L::Elem],
    /// r/n inside a step, for a single neuron.
    pub g_solo: &'m mut [L::Elem],
    /// r/n at four points of a step.
    pub nodes: &'m mut [L::Elem],
    /// What a repair changes in h; h inside a step.
    pub change: &'m mut [L::Elem],
    /// State, end and derivatives of a single neuron.
    pub solo: &'m mut [L::Elem],
    pub bench: Bench<'m, L::Elem>,
    /// The mode of each pair, and at the end of a step.
    pub modes: &'m mut [Mode],
    pub modes_trial: &'m mut [Mode],
}

/// Rows of a single neuron: now, trial, seven derivatives.
const SOLO: usize = STAGES + 2;

pub const fn len(p: usize, n: usize, r: usize) -> usize {
    let width = r + 2;
    (4 + STAGES) * p * width + 2 * p * n + 3 * p + 9 * n + SOLO * width + r + 2 * n + n * n
}

impl<'m, L: Lanes> Memory<'m, L> {
    /// # Errors
    /// [`Error::Memory`].
    pub fn carve(
        p: usize,
        n: usize,
        r: usize,
        mut memory: &'m mut [L::Elem],
        modes: &'m mut [Mode],
    ) -> Result<Self, Error> {
        let width = r + 2;
        let short = Error::Memory { needed: len(p, n, r), found: memory.len() };
        let found = modes.len();
        let parts = modes.split_at_mut_checked(p * n).and_then(|(modes, rest)| {
            Some((modes, rest.get_mut(..p * n)?))
        });
        let Some((modes, modes_trial)) = parts else {
            return Err(Error::Memory { needed: 2 * p * n, found });
        };
        let mut cut = |count: usize| {
            let (part, rest) =
                core::mem::take(&mut memory).split_at_mut_checked(count).ok_or(short)?;
            memory = rest;
            part.fill(<L::Elem as crate::real::Real>::ZERO);
            Ok(part)
        };
        Ok(Memory {
            y: cut(p * width)?,
            before: cut(p * width)?,
            trial: cut(p * width)?,
            k: cut(STAGES * p * width)?,
            ahead: cut(p * width)?,
            z0: cut(p * n)?,
            z1: cut(p * n)?,
            rho_low: cut(p)?,
            balance: cut(p)?,
            across: cut(p)?,
            h: cut(n)?,
            h_trial: cut(n)?,
            g: cut(n)?,
            g_solo: cut(n)?,
            nodes: cut(4 * n)?,
            change: cut(n)?,
            solo: cut(SOLO * width)?,
            bench: Bench {
                pull: cut(r)?,
                slip: cut(n)?,
                side: cut(n)?,
                factor: cut(n * n)?,
            },
            modes,
            modes_trial,
        })
    }
}
