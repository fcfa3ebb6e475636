//! States that take dense steps: any data.

use core::ffi::c_int;

use reluflow::{Batch, NetViewMut};

use crate::L;
use crate::memory::{Block, Handle, In, Out, Slot, State, View, slices};
use crate::status::{self, Status};
use crate::types::{FlagsSlot, Report, ReportSlot, Start, bytes, sizes};

/// `reluflow_dense`
/// cbindgen:ignore
pub type Dense = reluflow::Dense<'static, L>;
/// `reluflow_dense *`
/// cbindgen:ignore
pub type DenseHandle = Handle<Dense>;
/// `const reluflow_dense *`
/// cbindgen:ignore
pub type DenseView = View<Dense>;
/// `reluflow_dense **`
/// cbindgen:ignore
pub type DenseSlot = Slot<DenseHandle>;

impl State for Dense {
    const TAG: usize = 0x5FD1_E33A;
}

/// Elements of a state's arrays.
fn floats(p: usize, n: usize, d: usize) -> Result<usize, Status> {
    sizes(p, n, d)?;
    Ok(Batch::<L>::len(n, d) + reluflow::Dense::<L>::len(p, n, d))
}

/// Bytes of memory that reluflow_dense_init needs: at most RELUFLOW_DENSE_BYTES(p, n, d). 0 where
/// the sizes are refused.
#[unsafe(no_mangle)]
pub extern "C" fn reluflow_dense_bytes(p: usize, n: usize, d: usize) -> usize {
    bytes(floats(p, n, d))
}

/// Starts a state of p neurons on n samples in d dimensions that takes Euler steps of the flow
/// dw_j/dt = (a_j/n) sum_i r_i 1[z_ji > 0] x_i, da_j/dt = (1/n) sum_i r_i relu(z_ji): any data.
///
/// dense: the handle, written; memory: `bytes` bytes, at least reluflow_dense_bytes(p, n, d), at any
/// address; scale: enum reluflow_scale; w: p x d row-major; a: p; x: n x d row-major; y: n. All four
/// are copied. Cost: p d + 2 n d.
#[unsafe(no_mangle)]
pub extern "C" fn reluflow_dense_init(
    dense: DenseSlot,
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
            dense,
            |_| Ok(()),
            |problem, scale, arrays| {
                let (data, arrays) =
                    arrays.split_at_mut_checked(Batch::<L>::len(n, d)).unwrap_or_default();
                let batch = Batch::pack(problem.samples, data)?;
                reluflow::Dense::new(problem.net, batch, scale, arrays)
            },
        )
    })
}

/// One Euler step of length dt in flow time: theta += dt d theta/dt. Gradient descent on L with rate
/// lr is dt = lr s. The report is of where the step started.
///
/// Cost: 2 p n d multiply-adds.
#[unsafe(no_mangle)]
pub extern "C" fn reluflow_dense_step(
    mut dense: DenseHandle,
    dt: f32,
    report: ReportSlot,
) -> c_int {
    status::report(|| {
        let head = dense.step(dt, &report)?;
        let step = head.state.step(dt);
        report.put(Report::of(step, head.state.health()))
    })
}

/// The weights as plain arrays. w: p x d row-major, written; a: p, written.
#[unsafe(no_mangle)]
pub extern "C" fn reluflow_dense_weights(dense: DenseView, w: Out, a: Out) -> c_int {
    status::report(|| {
        let head = dense.open()?;
        let [p, _, d] = head.sizes;
        let ([], [w, a]) = slices([], [(w, p * d), (a, p)], &[head.span()])?;
        Ok(head.state.write(&mut NetViewMut::new(w, a, d)?)?)
    })
}

/// Predictions h_i on the samples of the state. h: n, written. Cost: p n d multiply-adds.
///
/// Not const: the state's scratch memory is used; its weights stay.
#[unsafe(no_mangle)]
pub extern "C" fn reluflow_dense_predictions(mut dense: DenseHandle, h: Out) -> c_int {
    status::report(|| {
        let head = dense.open()?;
        let [_, n, _] = head.sizes;
        let ([], [h]) = slices([], [(h, n)], &[head.span()])?;
        Ok(head.state.predictions(h)?)
    })
}

/// Loss L of the present weights. loss: one float, written. Cost: p n d multiply-adds. Not const, as
/// reluflow_dense_predictions.
#[unsafe(no_mangle)]
pub extern "C" fn reluflow_dense_loss(mut dense: DenseHandle, loss: Out) -> c_int {
    status::report(|| {
        let head = dense.open()?;
        let ([], [loss]) = slices([], [(loss, 1)], &[head.span()])?;
        loss.fill(head.state.loss());
        Ok(())
    })
}

/// Gradients dL/dw and dL/da at the present weights. grad_w: p x d row-major, written; grad_a: p,
/// written. Cost: 3 p n d multiply-adds. Not const, as reluflow_dense_predictions.
#[unsafe(no_mangle)]
pub extern "C" fn reluflow_dense_gradient(
    mut dense: DenseHandle,
    grad_w: Out,
    grad_a: Out,
) -> c_int {
    status::report(|| {
        let head = dense.open()?;
        let [p, _, d] = head.sizes;
        let ([], [grad_w, grad_a]) = slices([], [(grad_w, p * d), (grad_a, p)], &[head.span()])?;
        head.state.grad_w(grad_w)?;
        Ok(head.state.grad_a(grad_a)?)
    })
}

/// Flags of all steps so far, see enum reluflow_flag; 0 is good. flags: written.
#[unsafe(no_mangle)]
pub extern "C" fn reluflow_dense_health(dense: DenseView, flags: FlagsSlot) -> c_int {
    status::report(|| {
        let head = dense.read(&flags)?;
        flags.put(u32::from(head.state.health().bits()))
    })
}
