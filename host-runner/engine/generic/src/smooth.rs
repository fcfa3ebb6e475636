//! Flows without kinks, u' = f(u), in f64: Tsitouras' method of the kernels on memory of the caller's.
use reluflow::{Error, Lanes, Smooth};

/// The right-hand side: writes f(u) into its second argument.
pub type Field<'f> = dyn FnMut(&[f64], &mut [f64]) + 'f;

/// A flow on its way.
pub trait SmoothFlow {
    /// One step towards t = `end`; true where it is reached.
    fn advance(&mut self, end: f64, field: &mut Field<'_>) -> Result<bool, Error>;
    /// Steps until t = `end`, `patience` at the most; false where they did not suffice.
    fn run(&mut self, end: f64, patience: u64, field: &mut Field<'_>) -> Result<bool, Error>;
    /// Time.
    fn t(&self) -> f64;
    /// u.
    fn state(&self) -> &[f64];
    /// Steps kept and rejected.
    fn steps(&self) -> (u64, u64);
    /// Evaluations of f.
    fn evaluations(&self) -> u64;
}

impl<L: Lanes<Elem = f64>> SmoothFlow for Smooth<'_, L> {
    fn advance(&mut self, end: f64, mut field: &mut Field<'_>) -> Result<bool, Error> {
        Smooth::advance(self, end, &mut field)
    }

    fn run(&mut self, end: f64, patience: u64, mut field: &mut Field<'_>) -> Result<bool, Error> {
        Smooth::run(self, end, patience, &mut field)
    }

    fn t(&self) -> f64 {
        Smooth::t(self)
    }

    fn state(&self) -> &[f64] {
        Smooth::state(self)
    }

    fn steps(&self) -> (u64, u64) {
        Smooth::steps(self)
    }

    fn evaluations(&self) -> u64 {
        Smooth::evaluations(self)
    }
}

/// The flow from `start` at t = 0 with local errors of `tolerance`, in `memory`, which is made long enough.
pub fn begin<'m, L: Lanes<Elem = f64>>(
    start: &[f64],
    tolerance: f64,
    memory: &'m mut Vec<f64>,
) -> Result<Box<dyn SmoothFlow + 'm>, Error> {
    memory.resize(Smooth::<L>::len(start.len()), 0.0);
    Ok(Box::new(Smooth::<L>::new(start, tolerance, memory)?))
}
