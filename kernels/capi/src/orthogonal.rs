//! States that step in orthogonal coordinates: pairwise orthogonal samples.

use core::ffi::c_int;

use reluflow::{NetViewMut, geometry, linalg};

use crate::L;
use crate::gram::origin;
use crate::memory::{Block, Handle, In, Out, Slot, State, View, slices};
use crate::status::{self, Status};
use crate::types::{FlagsSlot, Problem, Report, ReportSlot, Start, bytes, sizes};

/// `reluflow_orthogonal`
/// cbindgen:ignore
pub type Orthogonal = reluflow::Orthogonal<'static, L>;
/// `reluflow_orthogonal *`
/// cbindgen:ignore
pub type OrthogonalHandle = Handle<Orthogonal>;
/// `const reluflow_orthogonal *`
/// cbindgen:ignore
pub type OrthogonalView = View<Orthogonal>;
/// `reluflow_orthogonal **`
/// cbindgen:ignore
pub type OrthogonalSlot = Slot<OrthogonalHandle>;

impl State for Orthogonal {
    const TAG: usize = 0x0A7D_4C19;
}

fn floats(p: usize, n: usize, d: usize) -> Result<usize, Status> {
    sizes(p, n, d)?;
    Ok(reluflow::Orthogonal::<L>::len(p, n))
}

/// The kernels find a zero sample when they have already written; here, before.
fn no_zero_sample(problem: &Problem<'_>) -> Result<(), Status> {
    let mut norms = problem.samples.rows().map(linalg::norm_sq::<L>);
    if norms.any(|norm| norm == 0.0) { Err(Status::ZeroSample) } else { Ok(()) }
}

/// Are the samples pairwise orthogonal, |<x_i, x_k>| <= tol |x_i| |x_k|? RELUFLOW_STATUS_OK or
/// RELUFLOW_STATUS_NOT_ORTHOGONAL.
///
/// x: n x d row-major; tol: not negative, 1e-5 is right for floats. Cost: n^2 d / 2.
#[unsafe(no_mangle)]
pub extern "C" fn reluflow_check_orthogonal(n: usize, d: usize, x: In, tol: f32) -> c_int {
    status::report(|| {
        sizes(1, n, d)?;
        if tol.is_nan() || tol < 0.0 {
            return Err(Status::Argument);
        }
        let ([x], []) = slices([(x, n * d)], [], &[])?;
        let (_, samples) = origin([1, n, d], x.get(..d).unwrap_or(&[]), x)?;
        Ok(geometry::check_orthogonal::<L>(samples, tol)?)
    })
}

/// Bytes of memory that reluflow_orthogonal_init needs: at most RELUFLOW_ORTHOGONAL_BYTES(p, n,
/// d). 0 where the sizes are refused.
#[unsafe(no_mangle)]
pub extern "C" fn reluflow_orthogonal_bytes(p: usize, n: usize, d: usize) -> usize {
    bytes(floats(p, n, d))
}

/// Starts a state that takes the same steps as reluflow_dense in the coordinates u_ji = <w_j, x_i>,
/// each of which moves by itself: samples that are pairwise orthogonal. That is not checked here,
/// because it costs more than many steps: reluflow_check_orthogonal does. On other data the state is a
/// network on samples made orthogonal, not the one given.
///
/// Arguments as reluflow_dense_init. Keep w and x: reluflow_orthogonal_weights needs them again.
/// Cost: p n d.
#[unsafe(no_mangle)]
pub extern "C" fn reluflow_orthogonal_init(
    orthogonal: OrthogonalSlot,
    memory: Block,
    bytes: usize,
    p: usize,
    n: usize,
    d: usize,
    scale: c_int,
    w: In,
    a: In,
    x: In,
    y: In,
) -> c_int {
    status::report(|| {
        let start = Start { sizes: [p, n, d], scale, arrays: [w, a, x, y], memory, bytes };
        start.build(floats, orthogonal, no_zero_sample, |problem, scale, arrays| {
            reluflow::Orthogonal::new(problem.net, problem.samples, scale, arrays)
        })
    })
}

/// One Euler step of length dt in flow time, as reluflow_dense_step. Cost: 3 p n multiply-adds,
/// less as pairs with z_ji <= 0 die.
#[unsafe(no_mangle)]
pub extern "C" fn reluflow_orthogonal_step(
    mut orthogonal: OrthogonalHandle,
    dt: f32,
    report: ReportSlot,
) -> c_int {
    status::report(|| {
        let head = orthogonal.step(dt, &report)?;
        let step = head.state.step(dt);
        report.put(Report::of(step, head.state.health()))
    })
}

/// The weights as plain arrays,
/// w_j = w_j(0) + sum_i (u_ji - <w_j(0), x_i>) x_i / |x_i|^2.
///
/// start_w: p x d and x: n x d, as given to reluflow_orthogonal_init; w: p x d row-major, written;
/// a: p, written. Cost: 2 p n d.
#[unsafe(no_mangle)]
pub extern "C" fn reluflow_orthogonal_weights(
    orthogonal: OrthogonalView,
    start_w: In,
    x: In,
    w: Out,
    a: Out,
) -> c_int {
    status::report(|| {
        let head = orthogonal.open()?;
        let [p, n, d] = head.sizes;
        let reads = [(start_w, p * d), (x, n * d)];
        let ([start_w, x], [w, a]) = slices(reads, [(w, p * d), (a, p)], &[head.span()])?;
        let (start, samples) = origin(head.sizes, start_w, x)?;
        Ok(head.state.write(start, samples, &mut NetViewMut::new(w, a, d)?)?)
    })
}

/// Flags of all steps so far, see enum reluflow_flag; 0 is good. flags: written.
#[unsafe(no_mangle)]
pub extern "C" fn reluflow_orthogonal_health(
    orthogonal: OrthogonalView,
    flags: FlagsSlot,
) -> c_int {
    status::report(|| {
        let head = orthogonal.read(&flags)?;
        flags.put(u32::from(head.state.health().bits()))
    })
}
