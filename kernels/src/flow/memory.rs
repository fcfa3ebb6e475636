//! The memory of a flow, cut into its arrays.

use super::event::Mode;
use super::slide::{PullMemory, triangle};
use super::tableau::STAGES;
use crate::error::Error;
use crate::lanes::Lanes;
use crate::real::Real;
use crate::rows::{RowsMut, item, lines, slice, slice_mut};

/// "By neuron" are p rows of `width` = r + 2 numbers (omega_j, a_j, rho_j), "by pair" p rows of n.
#[derive(Debug)]
pub struct Memory<'m, L: Lanes> {
    /// The state, by neuron.
    pub y: RowsMut<'m, L::Elem>,
    /// The state at the start of the last step, by neuron.
    pub before: RowsMut<'m, L::Elem>,
    /// A stage, the end of a step, a leap that is tried; by neuron.
    pub trial: RowsMut<'m, L::Elem>,
    /// The seven derivatives of a step.
    pub k: Slopes<'m, L::Elem>,
    /// The derivative at the state, by neuron.
    pub ahead: RowsMut<'m, L::Elem>,
    /// |theta_j'|^2, a row for each stage and one for the start of the next step: p numbers each.
    pub speeds: RowsMut<'m, L::Elem>,
    /// z at the start of a step, b of sliding pairs; by pair.
    pub z0: RowsMut<'m, L::Elem>,
    /// The same at its end.
    pub z1: RowsMut<'m, L::Elem>,
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
    /// r/n at four points of a step, n numbers each. In a leap: h at its start, and r/n frozen.
    pub nodes: RowsMut<'m, L::Elem>,
    /// What a repair changes in h; h inside a step.
    pub change: &'m mut [L::Elem],
    /// State, end and derivatives of a single neuron.
    pub solo: &'m mut [L::Elem],
    /// For the pull on one neuron.
    pub pulls: PullMemory<'m, L::Elem>,
    /// The mode of each pair, and at the end of a step.
    pub modes: RowsMut<'m, Mode>,
    pub modes_trial: RowsMut<'m, Mode>,
}

/// The derivatives of all neurons at each stage of a step: p rows of `width` numbers a stage.
#[derive(Debug)]
pub struct Slopes<'m, T> {
    all: &'m mut [T],
    /// Numbers of one stage.
    size: usize,
    width: usize,
}

impl<T: Real> Slopes<'_, T> {
    /// All neurons at stage 0, 1, ...
    pub fn each(&self) -> impl Iterator<Item = &[T]> {
        lines(self.all, self.size)
    }

    /// All neurons at one stage.
    pub fn stage(&self, stage: usize) -> &[T] {
        slice(self.all, stage * self.size..(stage + 1) * self.size)
    }

    /// All neurons at one stage, to write.
    pub fn stage_mut(&mut self, stage: usize) -> &mut [T] {
        slice_mut(self.all, stage * self.size..(stage + 1) * self.size)
    }

    /// Neuron j at one stage.
    pub fn row(&self, stage: usize, j: usize) -> &[T] {
        let first = stage * self.size + j * self.width;
        slice(self.all, first..first + self.width)
    }

    /// Neuron j at stage 0, 1, ...
    pub fn rows(&self, j: usize) -> impl Iterator<Item = &[T]> {
        (0..STAGES).map(move |stage| self.row(stage, j))
    }

    /// Number `at` of a state at stage 0, 1, ...
    pub fn numbers(&self, at: usize) -> impl Iterator<Item = T> {
        (0..STAGES).map(move |stage| item(self.all, stage * self.size + at))
    }
}

/// Rows of a single neuron: now, trial, seven derivatives.
const SOLO: usize = STAGES + 2;

/// Numbers in all arrays; at most `sliding` pairs of a neuron slide at once.
pub const fn len(p: usize, n: usize, r: usize, sliding: usize) -> usize {
    let width = r + 2;
    let neurons = p * ((4 + STAGES) * width + 2 * n + STAGES + 4 + triangle(sliding));
    neurons + 10 * n + SOLO * width + 2 * r
}

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
            part.fill(L::Elem::ZERO);
            Ok(part)
        };
        let mut rows = |count: usize, width: usize| Ok(RowsMut { all: cut(count * width)?, width });
        Ok(Memory {
            y: rows(p, width)?,
            before: rows(p, width)?,
            trial: rows(p, width)?,
            k: Slopes { all: rows(STAGES * p, width)?.all, size: p * width, width },
            ahead: rows(p, width)?,
            speeds: rows(STAGES + 1, p)?,
            z0: rows(p, n)?,
            z1: rows(p, n)?,
            rho_low: rows(1, p)?.all,
            balance: rows(1, p)?.all,
            across: rows(1, p)?.all,
            h: rows(1, n)?.all,
            h_trial: rows(1, n)?.all,
            g: rows(1, n)?.all,
            g_solo: rows(1, n)?.all,
            nodes: rows(4, n)?,
            change: rows(1, n)?.all,
            solo: rows(SOLO, width)?.all,
            pulls: PullMemory {
                pull: rows(1, r)?.all,
                slip: rows(1, n)?.all,
                side: rows(1, r)?.all,
                factors: rows(p, triangle(sliding))?,
                keys: RowsMut { all: keys, width: n },
            },
            modes: RowsMut { all: modes, width: n },
            modes_trial: RowsMut { all: modes_trial, width: n },
        })
    }
}
