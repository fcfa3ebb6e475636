//! The memory of a flow, cut into its arrays.

use super::event::Mode;
use super::slide::triangle;
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
    /// |theta_j'|^2 at each stage, and where the next step starts: p numbers each.
    pub speeds: &'m mut [L::Elem],
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
    /// The pull on one neuron.
    pub pull: &'m mut [L::Elem],
    pub slip: &'m mut [L::Elem],
    pub side: &'m mut [L::Elem],
    /// Most pairs of a neuron that slide at once.
    pub sliding: usize,
    /// Of each neuron, the factor of its sliding samples.
    pub factors: &'m mut [L::Elem],
    pub keys: &'m mut [Mode],
    /// The mode of each pair, and at the end of a step.
    pub modes: &'m mut [Mode],
    pub modes_trial: &'m mut [Mode],
}

/// Rows of a single neuron: now, trial, seven derivatives.
const SOLO: usize = STAGES + 2;

/// Numbers in all arrays; at most `sliding` pairs of a neuron slide at once.
pub const fn len(p: usize, n: usize, r: usize, sliding: usize) -> usize {
    let width = r + 2;
    let neurons = p * ((4 + STAGES) * width + 2 * n + STAGES + 4 + triangle(sliding));
    neurons + 10 * n + SOLO * width + 2 * r
}

/// The bench of neuron j, from the parts of a [`Memory`] so that the others stay free.
macro_rules! bench {
    ($memory:expr, $j:expr) => {{
        let (n, most) = ($memory.slip.len(), $memory.sliding);
        let size = $crate::flow::slide::triangle(most);
        $crate::flow::slide::Bench {
            pull: &mut *$memory.pull,
            slip: &mut *$memory.slip,
            side: &mut *$memory.side,
            factor: $crate::rows::slice_mut($memory.factors, $j * size..($j + 1) * size),
            key: $crate::rows::slice_mut($memory.keys, $j * n..($j + 1) * n),
        }
    }};
}
pub(super) use bench;

impl<'m, L: Lanes> Memory<'m, L> {
    /// # Errors
    /// [`Error::Memory`].
    pub fn carve(
        p: usize,
        n: usize,
        r: usize,
        sliding: usize,
        mut memory: &'m mut [L::Elem],
        modes: &'m mut [Mode],
    ) -> Result<Self, Error> {
        let width = r + 2;
        let short = Error::Memory { needed: len(p, n, r, sliding), found: memory.len() };
        let found = modes.len();
        let parts = modes.split_at_mut_checked(p * n).and_then(|(modes, rest)| {
            let (trial, keys) = rest.split_at_mut_checked(p * n)?;
            Some((modes, trial, keys.get_mut(..p * n)?))
        });
        let Some((modes, modes_trial, keys)) = parts else {
            return Err(Error::Memory { needed: 3 * p * n, found });
        };
        keys.fill(Mode::Inactive);
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
            speeds: cut(p * (STAGES + 1))?,
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
            pull: cut(r)?,
            slip: cut(n)?,
            side: cut(r)?,
            factors: cut(p * triangle(sliding))?,
            sliding,
            keys,
            modes,
            modes_trial,
        })
    }
}
