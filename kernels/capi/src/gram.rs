//! States that step in Gram coordinates: few samples in many dimensions.

use core::ffi::c_int;

use reluflow::{NetView, NetViewMut, SamplesView, Sizes};

use crate::L;
use crate::memory::{Block, Handle, In, Out, Slot, State, View, slices};
use crate::status::{self, Status};
use crate::types::{FlagsSlot, Report, ReportSlot, Start, bytes, finite, sizes};

/// `reluflow_gram`
/// cbindgen:ignore
pub type Gram = reluflow::Gram<'static, L>;
/// `reluflow_gram *`
/// cbindgen:ignore
pub type GramHandle = Handle<Gram>;
/// `const reluflow_gram *`
/// cbindgen:ignore
pub type GramView = View<Gram>;
/// `reluflow_gram **`
/// cbindgen:ignore
pub type GramSlot = Slot<GramHandle>;

impl State for Gram {
    const TAG: usize = 0x6EA3_770B;
}

fn floats(p: usize, n: usize, d: usize) -> Result<usize, Status> {
    sizes(p, n, d)?;
    // The Gram matrix is n x n.
    Sizes::new(p, n, n)?;
    Ok(reluflow::Gram::<L>::len(p, n))
}

/// The start and the samples that a state was built from, as the kernels want them.
type Origin<'a> = (NetView<'a, f32>, SamplesView<'a, f32>);

/// The origin of a state of sizes p, n, d. Neither a(0) nor y enters what the kernels compute of it, so
/// numbers at hand stand in for them.
pub fn origin<'a>([p, n, d]: [usize; 3], w: &'a [f32], x: &'a [f32]) -> Result<Origin<'a>, Status> {
    finite([w, x])?;
    let (a, y) = (w.get(..p).unwrap_or(&[]), x.get(..n).unwrap_or(&[]));
    Ok((NetView::new(w, a, d)?, SamplesView::new(x, y, d)?))
}

/// Bytes of memory that reluflow_gram_init needs: at most RELUFLOW_GRAM_BYTES(p, n, d). 0 where the
/// sizes are refused.
#[unsafe(no_mangle)]
pub extern "C" fn reluflow_gram_bytes(p: usize, n: usize, d: usize) -> usize {
    bytes(floats(p, n, d))
}

/// Starts a state that takes the same steps as reluflow_dense in the coordinates u_ji = <w_j, x_i>,
/// which move by the Gram matrix of the samples: any data, right when n < 2 d.
///
/// Arguments as reluflow_dense_init. Keep w and x: reluflow_gram_weights needs them again.
/// Cost: n^2 d + p n d.
#[unsafe(no_mangle)]
pub extern "C" fn reluflow_gram_init(
    gram: GramSlot,
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
        start.build(
            floats,
            gram,
            |_| Ok(()),
            |problem, scale, arrays| {
                reluflow::Gram::new(problem.net, problem.samples, scale, arrays)
            },
        )
    })
}

/// One Euler step of length dt in flow time, as reluflow_dense_step. Cost: p n^2 multiply-adds.
#[unsafe(no_mangle)]
pub extern "C" fn reluflow_gram_step(mut gram: GramHandle, dt: f32, report: ReportSlot) -> c_int {
    status::report(|| {
        let head = gram.step(dt, &report)?;
        let step = head.state.step(dt);
        report.put(Report::of(step, head.state.health()))
    })
}

/// Computes the coordinates anew, which forgets the rounding errors that they have gathered: once
/// every 1000 steps is enough for most runs, and costs the time of 5 to 12 steps.
///
/// start_w: p x d and x: n x d, as given to reluflow_gram_init. Cost: p n^2 + p n d.
#[unsafe(no_mangle)]
pub extern "C" fn reluflow_gram_refresh(mut gram: GramHandle, start_w: In, x: In) -> c_int {
    status::report(|| {
        let head = gram.open()?;
        let [p, n, d] = head.sizes;
        let ([w, x], []) = slices([(start_w, p * d), (x, n * d)], [], &[head.span()])?;
        let (start, samples) = origin(head.sizes, w, x)?;
        Ok(head.state.refresh(start, samples)?)
    })
}

/// The weights as plain arrays, w_j = w_j(0) + sum_i c_ji x_i.
///
/// start_w: p x d and x: n x d, as given to reluflow_gram_init; w: p x d row-major, written; a: p,
/// written. Cost: p n d.
#[unsafe(no_mangle)]
pub extern "C" fn reluflow_gram_weights(
    gram: GramView,
    start_w: In,
    x: In,
    w: Out,
    a: Out,
) -> c_int {
    status::report(|| {
        let head = gram.open()?;
        let [p, n, d] = head.sizes;
        let reads = [(start_w, p * d), (x, n * d)];
        let ([start_w, x], [w, a]) = slices(reads, [(w, p * d), (a, p)], &[head.span()])?;
        let (start, samples) = origin(head.sizes, start_w, x)?;
        Ok(head.state.write(start, samples, &mut NetViewMut::new(w, a, d)?)?)
    })
}

/// Flags of all steps so far, see enum reluflow_flag; 0 is good. flags: written.
#[unsafe(no_mangle)]
pub extern "C" fn reluflow_gram_health(gram: GramView, flags: FlagsSlot) -> c_int {
    status::report(|| {
        let head = gram.read(&flags)?;
        flags.put(u32::from(head.state.health().bits()))
    })
}
