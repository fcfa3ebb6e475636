//! What C and Rust both know, beside pointers and statuses.

use core::ffi::c_int;

use reluflow::{Error, Health, NetView, Real, SamplesView, Sizes, Step};

use crate::memory::{Block, Handle, In, Slot, State, slices, state_bytes};
use crate::status::Status;

/// Output scale s of h(x) = s sum_j a_j relu(<w_j, x>). The flow runs at speed 1/s.
#[repr(C)]
pub enum Scale {
    /// s = 1.
    One = 0,
    /// s = 1/p.
    OneOverP = 1,
}

/// Law of the inner weights of reluflow_init_asymmetric.
#[repr(C)]
pub enum Inner {
    /// w_jk ~ N(0, 1/d).
    Gaussian = 0,
    /// w_jk ~ U(-1/sqrt d, 1/sqrt d), as PyTorch starts a linear layer.
    Uniform = 1,
}

/// What has gone wrong since a state was built; flags stay set. Single weights are looked at one
/// neuron a step, so that a flag about them is raised at most p steps late.
#[repr(C)]
pub enum Flag {
    /// The loss, the speed or a weight is NaN.
    Nan = 1,
    /// The loss, the speed or a weight is infinite.
    Infinite = 2,
    /// A weight is subnormal: it loses digits, and arithmetic on it is slow on some machines.
    Subnormal = 4,
    /// A step with positive loss moved no neuron by more than a rounding: all are dead, dt is too
    /// small for a float, or the run has converged to the last digit.
    Stalled = 8,
}

// The flags are the kernels' own bits.
const _: () = assert!(
    Flag::Nan as u8 == Health::NAN.bits()
        && Flag::Infinite as u8 == Health::INFINITE.bits()
        && Flag::Subnormal as u8 == Health::SUBNORMAL.bits()
        && Flag::Stalled as u8 == Health::STALLED.bits()
);

/// What a step or a gradient reports, measured where it started.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Report {
    /// L = 1/(2n) sum_i r_i^2.
    pub loss: f32,
    /// Local-PL curvature mu = -d/dt log L = |grad L|^2 / (s L), in 1/flow-time. NaN where the loss
    /// is 0.
    pub mu: f32,
    /// |d theta/dt|^2 of the flow, |grad L|^2 / s^2.
    pub speed_sq: f32,
    /// Flags of all steps so far, see reluflow_flag; 0 is good.
    pub flags: u32,
}

/// `reluflow_report *`
/// cbindgen:ignore
pub type ReportSlot = Slot<Report>;
/// `uint32_t *`
/// cbindgen:ignore
pub type FlagsSlot = Slot<u32>;

impl Report {
    /// The report of a step that no state took.
    pub fn alone(step: Step<f32>) -> Self {
        let either = |is: fn(f32) -> bool| is(step.loss) || is(step.speed_sq);
        let nan = if either(f32::is_nan) { Flag::Nan as u32 } else { 0 };
        let infinite = if either(f32::is_infinite) { Flag::Infinite as u32 } else { 0 };
        Report { flags: nan | infinite, ..Report::of(step, Health::default()) }
    }

    /// The report of a step of a state with this health.
    pub fn of(step: Step<f32>, health: Health) -> Self {
        let (loss, mu) = (step.loss, step.mu().unwrap_or(f32::NAN));
        Report { loss, mu, speed_sq: step.speed_sq, flags: u32::from(health.bits()) }
    }
}

/// s as the kernels have it.
pub fn scale(scale: c_int) -> Result<reluflow::Scale, Status> {
    const ONE: c_int = Scale::One as c_int;
    const ONE_OVER_P: c_int = Scale::OneOverP as c_int;
    match scale {
        ONE => Ok(reluflow::Scale::One),
        ONE_OVER_P => Ok(reluflow::Scale::OneOverP),
        _ => Err(Status::Argument),
    }
}

/// Checks that p, n, d are not 0 and that their products fit the address space.
pub fn sizes(p: usize, n: usize, d: usize) -> Result<(), Status> {
    Ok(Sizes::new(p, n, d).map(|_| ())?)
}

/// Refuses NaN and infinity.
pub fn finite<'a>(arrays: impl IntoIterator<Item = &'a [f32]>) -> Result<(), Status> {
    for array in arrays {
        // No early exit, so that registers of it are looked at.
        let good = array.iter().fold(true, |good, x| good & Real::is_finite(*x));
        if !good {
            return Err(Status::NotFinite);
        }
    }
    Ok(())
}

/// The rows of an n x d matrix.
pub fn rows(mut x: &[f32], d: usize) -> impl Iterator<Item = &[f32]> {
    core::iter::from_fn(move || {
        let (row, rest) = x.split_at_checked(d)?;
        x = rest;
        (!row.is_empty()).then_some(row)
    })
}

/// As [`rows`], to write.
pub fn rows_mut(mut x: &mut [f32], d: usize) -> impl Iterator<Item = &mut [f32]> {
    core::iter::from_fn(move || {
        let (row, rest) = core::mem::take(&mut x).split_at_mut_checked(d)?;
        x = rest;
        (!row.is_empty()).then_some(row)
    })
}

/// A network and samples, finite.
pub struct Problem<'a> {
    /// The weights.
    pub net: NetView<'a, f32>,
    /// The data.
    pub samples: SamplesView<'a, f32>,
}

impl<'a> Problem<'a> {
    /// Of w, a, x, y.
    pub fn of([w, a, x, y]: [&'a [f32]; 4], d: usize) -> Result<Self, Status> {
        finite([w, a, x, y])?;
        Ok(Problem { net: NetView::new(w, a, d)?, samples: SamplesView::new(x, y, d)? })
    }
}

/// What the start of every state takes.
pub struct Start<'a> {
    /// p, n, d.
    pub sizes: [usize; 3],
    /// [`Scale`].
    pub scale: c_int,
    /// w, a, x, y.
    pub arrays: [In<'a>; 4],
    /// The block.
    pub memory: Block,
    /// Its size.
    pub bytes: usize,
}

impl Start<'_> {
    /// Checks all, then has the state built in the block, from arrays of `floats` elements.
    pub fn build<S: State>(
        self,
        floats: impl FnOnce(usize, usize, usize) -> Result<usize, Status>,
        handle: Slot<Handle<S>>,
        check: impl FnOnce(&Problem<'_>) -> Result<(), Status>,
        build: impl FnOnce(Problem<'_>, reluflow::Scale, &'static mut [f32]) -> Result<S, Error>,
    ) -> Result<(), Status> {
        let ([p, n, d], [w, a, x, y]) = (self.sizes, self.arrays);
        let floats = floats(p, n, d)?;
        let scale = scale(self.scale)?;
        let block = self.memory.span(self.bytes, state_bytes(floats)?)?;
        let reads = [(w, p * d), (a, p), (x, n * d), (y, n)];
        let (arrays, []) = slices(reads, [], &[block, handle.span()?])?;
        let problem = Problem::of(arrays, d)?;
        check(&problem)?;
        self.memory.place(floats, self.sizes, handle, |arrays| Ok(build(problem, scale, arrays)?))
    }
}

/// Bytes of a state whose arrays have so many elements; 0 where the sizes are refused.
pub fn bytes(floats: Result<usize, Status>) -> usize {
    floats.and_then(state_bytes).unwrap_or(0)
}
