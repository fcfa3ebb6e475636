//! States that take dense steps on samples that pass by.

use core::ffi::c_int;

use reluflow::samples::BLOCK;
use reluflow::{NetView, NetViewMut, SamplesView};

use crate::L;
use crate::memory::{Block, Handle, In, Out, Slot, State, View, slices, state_bytes};
use crate::status::{self, Status};
use crate::types::{self, FlagsSlot, Report, ReportSlot, bytes, finite, sizes};

/// `reluflow_stream`
/// cbindgen:ignore
pub type Stream = reluflow::Stream<'static, L>;
/// `reluflow_stream *`
/// cbindgen:ignore
pub type StreamHandle = Handle<Stream>;
/// `const reluflow_stream *`
/// cbindgen:ignore
pub type StreamView = View<Stream>;
/// `reluflow_stream **`
/// cbindgen:ignore
pub type StreamSlot = Slot<StreamHandle>;

impl State for Stream {
    const TAG: usize = 0x38C5_91E6;
}

fn floats(p: usize, b: usize, d: usize) -> Result<usize, Status> {
    sizes(p, b, d)?;
    if b > BLOCK { Err(Status::Argument) } else { Ok(reluflow::Stream::<L>::len(p, b, d)) }
}

/// Bytes of memory that reluflow_stream_init needs: at most RELUFLOW_STREAM_BYTES(p, b, d). 0 where the
/// sizes are refused.
#[unsafe(no_mangle)]
pub extern "C" fn reluflow_stream_bytes(p: usize, b: usize, d: usize) -> usize {
    bytes(floats(p, b, d))
}

/// Starts a state that takes the steps of reluflow_dense on samples that pass by in slices, for a
/// training set that need not be in memory. A step is reluflow_stream_feed as often as it takes,
/// then reluflow_stream_finish.
///
/// stream: the handle, written; memory: `bytes` bytes, at least reluflow_stream_bytes(p, b, d), at
/// any address; b: samples of the buffer, 1 to 144: more are faster, from 16 on not by much; scale:
/// enum reluflow_scale; w: p x d row-major; a: p. Both are copied.
#[unsafe(no_mangle)]
pub extern "C" fn reluflow_stream_init(
    stream: StreamSlot,
    memory: Block,
    bytes: usize,
    p: usize,
    b: usize,
    d: usize,
    scale: c_int,
    w: In,
    a: In,
) -> c_int {
    status::report(|| {
        let floats = floats(p, b, d)?;
        let scale = types::scale(scale)?;
        let block = memory.span(bytes, state_bytes(floats)?)?;
        let ([w, a], []) = slices([(w, p * d), (a, p)], [], &[block, stream.span()?])?;
        finite([w, a])?;
        let net = NetView::new(w, a, d)?;
        memory.place(floats, [p, b, d], stream, |arrays| {
            Ok(reluflow::Stream::new(net, b, scale, arrays)?)
        })
    })
}

/// Forgets what was fed since the last step.
#[unsafe(no_mangle)]
pub extern "C" fn reluflow_stream_begin(mut stream: StreamHandle) -> c_int {
    status::report(|| {
        stream.open()?.state.begin();
        Ok(())
    })
}

/// Adds n samples to the step. How the samples are sliced into calls does not change a bit of the
/// result; their order and b do.
///
/// n: any but 0; x: n x d row-major; y: n. Both are copied. Cost: 2 p n d multiply-adds.
#[unsafe(no_mangle)]
pub extern "C" fn reluflow_stream_feed(mut stream: StreamHandle, n: usize, x: In, y: In) -> c_int {
    status::report(|| {
        let head = stream.open()?;
        let [_, _, d] = head.sizes;
        sizes(1, n, d)?;
        let ([x, y], []) = slices([(x, n * d), (y, n)], [], &[head.span()])?;
        finite([x, y])?;
        Ok(head.state.feed(SamplesView::new(x, y, d)?)?)
    })
}

/// One Euler step of length dt in flow time on all samples fed since the last one, with the factor
/// 1/n of the loss for all of them, and a new begin. With dt = 0 it only measures.
///
/// RELUFLOW_STATUS_NO_SAMPLES where none was fed. Cost: at most b more samples.
#[unsafe(no_mangle)]
pub extern "C" fn reluflow_stream_finish(
    mut stream: StreamHandle,
    dt: f32,
    report: ReportSlot,
) -> c_int {
    status::report(|| {
        let head = stream.step(dt, &report)?;
        let step = head.state.finish(dt).map_err(|_| Status::NoSamples)?;
        report.put(Report::of(step, head.state.health()))
    })
}

/// The weights as plain arrays. w: p x d row-major, written; a: p, written.
#[unsafe(no_mangle)]
pub extern "C" fn reluflow_stream_weights(stream: StreamView, w: Out, a: Out) -> c_int {
    status::report(|| {
        let head = stream.open()?;
        let [p, _, d] = head.sizes;
        let ([], [w, a]) = slices([], [(w, p * d), (a, p)], &[head.span()])?;
        Ok(head.state.write(&mut NetViewMut::new(w, a, d)?)?)
    })
}

/// Flags of all steps so far, see enum reluflow_flag; 0 is good. flags: written.
#[unsafe(no_mangle)]
pub extern "C" fn reluflow_stream_health(stream: StreamView, flags: FlagsSlot) -> c_int {
    status::report(|| {
        let head = stream.read(&flags)?;
        flags.put(u32::from(head.state.health().bits()))
    })
}
