//! What the data and the network promise: geometry of the samples, bounds of mu.

use core::ffi::c_int;

use reluflow::{Bounds as Lemma7, Defect, Geometry as Measured, curvature, linalg};

use crate::L;
use crate::memory::{Block, Given, In, Slot, slices, work_bytes};
use crate::status::{self, Status};
use crate::types::{self, Problem, finite, sizes};

/// What the samples alone decide, in the notation of Dana, Pillaud-Vivien and Bach, arXiv 2502.16977.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Geometry {
    /// Samples that were measured.
    pub n: usize,
    /// C_x^-: smallest |x_i|.
    pub x_min: f32,
    /// C_x^+: largest |x_i|.
    pub x_max: f32,
    /// C_y^-: smallest |y_i|.
    pub y_min: f32,
    /// C_y^+: largest |y_i|.
    pub y_max: f32,
    /// The defect, the operator norm of X^T X - diag |x_i|^2, is at least this; 0 for orthogonal
    /// samples.
    pub defect_lower: f32,
    /// The defect is at most this.
    pub defect_upper: f32,
    /// How far the iteration is from an eigenvector: 0 when defect_lower is the defect.
    pub defect_residual: f32,
    /// The largest defect that Assumption 2 allows: (C_x^-)^2 / (2 sqrt n) C_y^- / C_y^+.
    pub defect_allowed: f32,
    /// Theorem 1's constant C = (6/5) (C_x^-)^2 / C_x^+ C_y^-.
    pub theorem_1_constant: f32,
    /// Does Assumption 2 hold? 1 yes, 0 no, -1 when the bracket of the defect does not decide it.
    pub assumption_2: i32,
}

impl Geometry {
    fn of(measured: Measured<f32>) -> Self {
        let Measured { n, x_min, x_max, y_min, y_max, defect } = measured;
        Geometry {
            n,
            x_min,
            x_max,
            y_min,
            y_max,
            defect_lower: defect.lower,
            defect_upper: defect.upper,
            defect_residual: defect.residual,
            defect_allowed: measured.defect_allowed(),
            theorem_1_constant: measured.theorem_1_constant(),
            assumption_2: measured.assumption_2().map_or(-1, i32::from),
        }
    }

    fn measured(self) -> Measured<f32> {
        let Geometry { n, x_min, x_max, y_min, y_max, .. } = self;
        let (lower, upper, residual) = (self.defect_lower, self.defect_upper, self.defect_residual);
        Measured { n, x_min, x_max, y_min, y_max, defect: Defect { lower, upper, residual } }
    }
}

/// Bounds of mu at a network, in 1/flow-time.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Bounds {
    /// Lemma 7: mu is at least (2/n) ((C_x^-)^2 - defect) min_i s sum_j a_j^2 1[z_ji > 0]. Says nothing
    /// where it is not positive.
    pub lower: f32,
    /// Lemma 7: mu is at most (2/n) ((C_x^+)^2 + defect) max_i s sum_j (a_j^2 + |w_j|^2) 1[z_ji > 0].
    pub upper: f32,
    /// The upper bound as the paper prints it, without the defect: for orthogonal samples only.
    pub upper_printed: f32,
    /// Theorem 1: under Assumptions 1 (of the start) and 2, mu is at least (C/n) min_i |1 - r_i/y_i|.
    pub theorem_1: f32,
    /// Does Assumption 1 hold here, |a_j| >= |w_j| for each neuron? 1 yes, 0 no.
    pub assumption_1: i32,
}

/// `reluflow_geometry *`
/// cbindgen:ignore
pub type GeometrySlot = Slot<Geometry>;
/// `const reluflow_geometry *`
/// cbindgen:ignore
pub type GeometryGiven = Given<Geometry>;
/// `reluflow_bounds *`
/// cbindgen:ignore
pub type BoundsSlot = Slot<Bounds>;

fn geometry_floats(n: usize, d: usize) -> Result<usize, Status> {
    sizes(1, n, d)?;
    Ok(Defect::<f32>::len(n, d))
}

/// z, p x n; then |w_j|^2; r goes where z was.
fn bounds_floats(p: usize, n: usize, d: usize) -> Result<usize, Status> {
    sizes(p, n, d)?;
    Ok(p * n + p)
}

/// Bytes of memory that reluflow_measure needs: RELUFLOW_MEASURE_BYTES(n, d). 0 where the sizes are
/// refused.
#[unsafe(no_mangle)]
pub extern "C" fn reluflow_measure_bytes(n: usize, d: usize) -> usize {
    geometry_floats(n, d).and_then(work_bytes).unwrap_or(0)
}

/// Measures the samples; the defect by so many iterations of the power method, 100 are plenty.
///
/// x: n x d row-major; y: n; memory: `bytes` bytes, at least reluflow_measure_bytes(n, d), at any
/// address, overwritten; geometry: written. Cost: n^2 d / 2 + 4 n d an iteration.
#[unsafe(no_mangle)]
pub extern "C" fn reluflow_measure(
    n: usize,
    d: usize,
    x: In,
    y: In,
    iterations: usize,
    memory: Block,
    bytes: usize,
    geometry: GeometrySlot,
) -> c_int {
    status::report(|| {
        let floats = geometry_floats(n, d)?;
        let block = memory.span(bytes, work_bytes(floats)?)?;
        let ([x, y], []) = slices([(x, n * d), (y, n)], [], &[block, geometry.span()?])?;
        finite([x, y])?;
        let samples = reluflow::SamplesView::new(x, y, d)?;
        let defect = Defect::of::<L>(samples, iterations, memory.work(floats))?;
        geometry.put(Geometry::of(Measured::of::<L>(samples, defect)))
    })
}

/// Bytes of memory that reluflow_bounds needs: RELUFLOW_BRACKET_BYTES(p, n, d). 0 where the sizes are
/// refused.
#[unsafe(no_mangle)]
pub extern "C" fn reluflow_bracket_bytes(p: usize, n: usize, d: usize) -> usize {
    bounds_floats(p, n, d).and_then(work_bytes).unwrap_or(0)
}

/// Bounds of mu at a network of plain arrays.
///
/// scale: enum reluflow_scale; w: p x d row-major; a: p; x: n x d row-major; y: n; geometry: of x and
/// y, from reluflow_measure; memory: `bytes` bytes, at least reluflow_bracket_bytes(p, n, d), at any
/// address, overwritten; bounds: written. Cost: 2 p n d multiply-adds.
#[unsafe(no_mangle)]
pub extern "C" fn reluflow_bracket(
    p: usize,
    n: usize,
    d: usize,
    scale: c_int,
    w: In,
    a: In,
    x: In,
    y: In,
    geometry: GeometryGiven,
    memory: Block,
    bytes: usize,
    bounds: BoundsSlot,
) -> c_int {
    status::report(|| {
        let floats = bounds_floats(p, n, d)?;
        let scale = types::scale(scale)?;
        let block = memory.span(bytes, work_bytes(floats)?)?;
        let reads = [(w, p * d), (a, p), (x, n * d), (y, n)];
        let (arrays, []) = slices(reads, [], &[block, bounds.span()?])?;
        let geometry = geometry.get(&[block, bounds.span()?])?.measured();
        let Problem { net, samples } = Problem::of(arrays, d)?;
        if geometry.n != n {
            return Err(Status::Argument);
        }
        let (z, norms) = memory.work(floats).split_at_mut_checked(p * n).ok_or(Status::Internal)?;
        for (z, w) in types::rows_mut(z, n).zip(net.rows()) {
            z.iter_mut().zip(samples.rows()).for_each(|(z, x)| *z = linalg::dot::<L>(w, x));
        }
        let Lemma7 { lower, upper, upper_printed } =
            Lemma7::lemma_7::<L>(net, z, scale, &geometry, norms)?;
        let r = z.get_mut(..n).ok_or(Status::Internal)?;
        for ((x, &y), r) in samples.rows().zip(samples.y()).zip(r.iter_mut()) {
            *r = y - net.predict(x, scale)?;
        }
        bounds.put(Bounds {
            lower,
            upper,
            upper_printed,
            theorem_1: geometry.theorem_1(samples, r)?,
            assumption_1: i32::from(curvature::assumption_1::<L>(net).is_none()),
        })
    })
}
