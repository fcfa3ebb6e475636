//! Calls every public kernel with sizes and data that the compiler cannot know. The panic handler
//! refers to a symbol that does not exist, so that one surviving panic path is a link error.
#![no_std]
#![no_main]

mod deep;
mod mirror;
mod rayleigh;
mod smooth;
mod spectrum;

use core::hint::black_box;
use core::panic::PanicInfo;

use reluflow::flow::{Advance, Event, Kept, Kind, Log, Mode, Replay, Rules, Span, Start};
use reluflow::lanes::{NativeF32, NativeF64};
use reluflow::limit::Sign;
use reluflow::*;

unsafe extern "C" {
    fn a_public_kernel_can_panic() -> !;
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    // SAFETY: never called; the symbol does not exist, so a program that could call it cannot link.
    unsafe { a_public_kernel_can_panic() }
}

const ROOM: usize = 1 << 14;

/// Everything that works with sizes known at run time.
#[inline(never)]
fn views<L: Lanes>(p: usize, n: usize, d: usize, seed: u64) -> Result<L::Elem, Error> {
    let mut w = [L::Elem::ZERO; 256];
    let mut a = [L::Elem::ZERO; 32];
    let mut out = [L::Elem::ZERO; 1024];
    let (mut x, mut y) = ([L::Elem::ONE; 256], [L::Elem::ONE; 64]);
    let mut memory = [L::Elem::ZERO; ROOM];
    let mut room = [L::Elem::ZERO; ROOM];
    let mut words = [0u32; 64];
    let mut rng = init::stream(seed, "no-panic", 0, 0);
    for x in x.iter_mut().chain(&mut y) {
        *x = L::Elem::from_f64(init::normal(&mut rng) + init::exponential(&mut rng));
    }
    let too_short = Error::TooLarge;
    let x = x.get(..n.saturating_mul(d)).ok_or(too_short)?;
    let y = y.get(..n).ok_or(too_short)?;
    let samples = SamplesView::new(x, y, d)?;
    let w = w.get_mut(..p.saturating_mul(d)).ok_or(too_short)?;
    let a = a.get_mut(..p).ok_or(too_short)?;
    let mut net = NetViewMut::new(w, a, d)?;
    init::balanced::<L>(&mut net, 0.1, &mut rng);
    init::asymmetric::<L>(&mut net, init::Inner::Gaussian, &mut rng);
    init::asymmetric::<L>(&mut net, init::Inner::Uniform, &mut rng);
    init::grouped::<L>(&mut net, samples, 1.0, &mut rng)?;
    let mut sum = L::Elem::ZERO;
    let mut z = [L::Elem::ZERO; 1024];
    let z = z.get_mut(..p.saturating_mul(n)).ok_or(too_short)?;
    let dt = L::Elem::from_f64(0.01);
    {
        let batch = Batch::<L>::pack(samples, &mut room)?;
        let mut dense = Dense::new(net.as_view(), batch, Scale::One, &mut memory)?;
        let step = dense.step(dt);
        sum += step.loss + step.mu().unwrap_or(L::Elem::ZERO) + dense.loss();
        dense.pre_activations(z)?;
        dense.predictions(out.get_mut(..n).ok_or(too_short)?)?;
        dense.residuals(out.get_mut(..n).ok_or(too_short)?)?;
        dense.grad_a(out.get_mut(..p).ok_or(too_short)?)?;
        dense.grad_w(out.get_mut(..p.saturating_mul(d)).ok_or(too_short)?)?;
        sum += L::Elem::from_usize(dense.health().bits() as usize);
        sum +=
            L::Elem::from_usize(dense.part_len(n) + usize::from(dense.layout() == Layout::Neurons));
        dense.write(&mut net)?;
        let mut piece = [L::Elem::ZERO; ROOM];
        let mut part = dense.part(n, &mut piece)?;
        dense.gather(batch, &mut part)?;
        sum += dense.merge(dt, [&part])?.loss + L::Elem::from_usize(part.n());
    }
    {
        let mut replicas = Replicas::<L>::new(p, n, d, Scale::One, &mut memory)?;
        for lane in 0..replicas.lanes() {
            replicas.set(lane, net.as_view(), samples)?;
        }
        sum += replicas.step(dt).of(p).loss;
        replicas.write(0, &mut net)?;
        sum += L::Elem::from_usize(replicas.health(0).bits() as usize);
    }
    {
        let mut stream = Stream::<L>::new(net.as_view(), n, Scale::OneOverP, &mut memory)?;
        stream.begin();
        stream.feed(samples)?;
        stream.feed(samples)?;
        let health = stream.health();
        let good = health.is_good() || health.contains(Health::NAN);
        sum += L::Elem::from_usize(stream.fed() + usize::from(good));
        sum += stream.finish(dt)?.loss + stream.a().first().copied().unwrap_or(dt);
        sum += stream.scale().factor::<L::Elem>(p);
        stream.write(&mut net)?;
    }
    {
        let mut flow = Orthogonal::<L>::new(net.as_view(), samples, Scale::OneOverP, &mut memory)?;
        sum += flow.step(dt).loss;
        flow.pre_activations(z)?;
        let a = out.get_mut(..p).ok_or(too_short)?;
        flow.restore(z, a)?;
        let mut copy = [L::Elem::ZERO; 256];
        let copy = copy.get_mut(..p.saturating_mul(d)).ok_or(too_short)?;
        flow.write(net.as_view(), samples, &mut NetViewMut::new(copy, a, d)?)?;
        sum += curvature::balance_drift::<L>(net.as_view(), NetView::new(copy, a, d)?)?;
        sum += L::Elem::from_usize(flow.health().bits() as usize + flow.live() + flow.worked());
    }
    {
        let mut flow = Gram::<L>::new(net.as_view(), samples, Scale::One, &mut memory)?;
        sum += flow.step(dt).loss;
        flow.pre_activations(z)?;
        let dual = out.get_mut(..p.saturating_mul(n)).ok_or(too_short)?;
        flow.dual(dual)?;
        let mut copy = [L::Elem::ZERO; 256];
        let mut outer = [L::Elem::ZERO; 32];
        let copy = copy.get_mut(..p.saturating_mul(d)).ok_or(too_short)?;
        let outer = outer.get_mut(..p).ok_or(too_short)?;
        flow.write(net.as_view(), samples, &mut NetViewMut::new(copy, outer, d)?)?;
        flow.restore(z, dual, outer)?;
        flow.refresh(net.as_view(), samples)?;
        sum += L::Elem::from_usize(flow.health().bits() as usize);
    }
    let pattern = Pattern::of(p, n, z, &mut words)?;
    let active = pattern.count() + pattern.changes(pattern)? + pattern.unseen().unwrap_or(0);
    sum += L::Elem::from_usize(active + usize::from(pattern.is_active(n, p)));
    let defect = Defect::of::<L>(samples, 10, &mut memory)?;
    let geometry = Geometry::of::<L>(samples, defect);
    let bounds = Bounds::lemma_7::<L>(net.as_view(), z, Scale::One, &geometry, &mut memory)?;
    sum += bounds.lower + bounds.upper + bounds.upper_printed + geometry.defect_allowed();
    sum += geometry.theorem_1(samples, y)? + geometry.theorem_1_constant();
    sum += L::Elem::from_usize(usize::from(geometry.assumption_2().unwrap_or(false)));
    sum += L::Elem::from_usize(curvature::assumption_1::<L>(net.as_view()).unwrap_or(p));
    sum += limit::minimum_norm::<L>(samples)?;
    sum += limit::direction::<L>(samples, Sign::Plus, out.get_mut(..d).ok_or(too_short)?)?;
    sum += L::Elem::from_usize(limit::carriers::<L>(net.as_view(), samples, Sign::Minus)?);
    sum += linalg::dot::<L>(x, y) + linalg::norm_sq::<L>(x);
    linalg::axpy::<L>(dt, y, &mut out);
    geometry::check_orthogonal::<L>(samples, dt)?;
    sum += Geometry::of::<L>(samples, Defect::exact(dt)).defect_allowed();
    sum += L::Elem::from_f64(init::uniform(&mut rng) + init::sign(&mut rng));
    for (w, a) in net.neurons() {
        *a += w.first().copied().unwrap_or(*a);
    }
    for (w, x) in net.as_view().rows().zip(samples.rows()) {
        sum += linalg::dot::<L>(w, x);
        sum += L::Elem::from_usize(usize::from(limit::carries::<L>(w, dt, samples, Sign::Plus)));
    }
    sum += L::Elem::from_f64(geometry::lemma_5_probability(n, p));
    sum += L::Elem::from_f64(geometry::assumption_3_probability(n, p, 7.0));
    sum += L::Elem::from_f64(geometry::assumption_3_width(n, p, 0.05).unwrap_or(0.0));
    sum += L::Elem::from_usize(geometry::lemma_5_width(n, 0.05).unwrap_or(0));
    Ok(sum + out.first().copied().unwrap_or(dt))
}

/// The flow, on samples of both kinds, with every log.
#[inline(never)]
fn flow<L: Lanes>(p: usize, n: usize, d: usize, seed: u64) -> Result<L::Elem, Error> {
    let mut numbers = [[L::Elem::ZERO; 256]; 4];
    let [w, a, x, y] = &mut numbers;
    let mut rng = init::stream(seed, "no-panic", 1, 0);
    for x in x.iter_mut().chain(y.iter_mut()) {
        *x = L::Elem::from_f64(init::normal(&mut rng));
    }
    let samples = SamplesView::new(
        x.get(..n.saturating_mul(d)).ok_or(Error::TooLarge)?,
        y.get(..n).ok_or(Error::TooLarge)?,
        d,
    )?;
    let w = w.get_mut(..p.saturating_mul(d)).ok_or(Error::TooLarge)?;
    let mut net = NetViewMut::new(w, a.get_mut(..p).ok_or(Error::TooLarge)?, d)?;
    init::balanced::<L>(&mut net, 0.1, &mut rng);
    let mut out = [L::Elem::ZERO; 256];
    let mut outer = [L::Elem::ZERO; 32];
    let out = out.get_mut(..p.saturating_mul(d)).ok_or(Error::TooLarge)?;
    let outer = outer.get_mut(..p).ok_or(Error::TooLarge)?;
    let mut copy = NetViewMut::new(out, outer, d)?;
    let mut sum = L::Elem::ZERO;
    for orthogonal in [false, true] {
        let mut room = [L::Elem::ZERO; 1024];
        let mut memory = [L::Elem::ZERO; ROOM];
        let mut modes = [Mode::Inactive; 1024];
        let span = if orthogonal {
            Span::<L>::orthogonal(samples, &mut room)?
        } else {
            Span::<L>::new(samples, &mut room)?
        };
        let start = Start { log_scale: L::Elem::from_f64(-9.0), ..Start::at(net.as_view()) };
        let tolerance = L::Elem::from_f64(1e-3);
        let rules = if orthogonal { Rules::plain(tolerance) } else { Rules::new(tolerance) };
        let mut flow = Flow::new(start, samples, span, Scale::One, rules, &mut memory, &mut modes)?;
        let none = Event { t: sum, neuron: 0, sample: 0, kind: Kind::Grazes };
        let mut slots = [none; 16];
        let mut kept = Kept::new(&mut slots);
        let mut failed = None;
        for end in [0.5, 20.0, 40.0] {
            let end = L::Elem::from_f64(end);
            flow.pause_leaps_at(end);
            loop {
                match flow.advance(end, &mut kept) {
                    Ok(Advance::Arrived) => break,
                    Ok(Advance::Step(length)) => {
                        let inside = flow.t() - length;
                        sum += flow.loss_at(inside).unwrap_or(length);
                        let written = flow.write_at(inside, start, samples, &mut copy)?;
                        sum += L::Elem::from_usize(usize::from(written));
                    }
                    Ok(Advance::Leap(length)) => sum += length,
                    Err(reason) => {
                        failed = Some(reason);
                        break;
                    }
                }
            }
        }
        let lost = L::Elem::from_usize(kept.lost());
        let mut replay = Replay::of(kept.events());
        for event in kept.events() {
            replay.record(*event);
            sum += L::Elem::from_usize(event.kind.word().len());
        }
        sum += lost + L::Elem::from_usize(replay.difference(true).unwrap_or(n));
        sum += flow.t() + flow.loss() + flow.mu().unwrap_or(lost);
        sum += flow.neuron(p - p.min(1)).map_or(lost, |neuron| neuron.a + neuron.rho);
        sum += L::Elem::from_usize(flow.pair_modes().len() + span.n() + span.r());
        let certificate = flow.certificate();
        sum += certificate.energy_defect;
        sum += L::Elem::from_usize(usize::from(certificate.broken(&rules, sum).is_some()));
        flow.write(start, samples, L::Elem::ZERO, &mut copy)?;
        sum += L::Elem::from_usize(usize::from(failed.is_some()));
    }
    let [weight, ..] = flow::tableau::weights(sum);
    let [narrow] = flow::tableau::narrow::<L::Elem, 1>([0.5]);
    Ok(sum + weight + narrow)
}

/// The states whose sizes are constants.
#[inline(never)]
fn fixed<L: Lanes>(value: L::Elem) -> Result<L::Elem, Error> {
    let mut net = Net::<L::Elem, 13, 5>::zero();
    let mut rng = init::stream(1, "no-panic", 0, 0);
    init::balanced::<L>(&mut net.view_mut(), 0.1, &mut rng);
    let samples = Samples { x: [[value; 5]; 7], y: [value; 7] };
    let (mut room, mut memory) = ([L::Elem::ZERO; 2048], [L::Elem::ZERO; 2048]);
    let batch = Batch::<L>::pack(samples.view(), &mut room)?;
    let mut dense = Dense::<L, Fixed<13, 7, 5>>::fixed(&net, batch, Scale::One, &mut memory)?;
    let mut sum = dense.step(value).loss;
    dense.write(&mut net.view_mut())?;
    let mut flow =
        Orthogonal::<L, Fixed<13, 7, 5>>::fixed(&net, &samples, Scale::One, &mut memory)?;
    sum += flow.step(value).loss;
    let mut flow = Gram::<L, Fixed<13, 7, 5>>::fixed(&net, &samples, Scale::One, &mut memory)?;
    sum += flow.step(value).loss;
    let mut stream = Stream::<L, Fixed<13, 7, 5>>::fixed(&net, Scale::One, &mut memory)?;
    stream.feed(samples.view())?;
    sum += stream.finish(value)?.loss;
    Ok(sum)
}

/// What works on plain arrays.
#[inline(never)]
fn plain<T: Real + Lanes<Elem = T>>(p: usize, n: usize, d: usize) -> Result<T, Error> {
    let (w, a, x) = ([T::ONE; 64], [T::ONE; 16], [T::ONE; 64]);
    let (mut grad_w, mut grad_a) = ([T::ZERO; 64], [T::ZERO; 16]);
    let w = w.get(..p.saturating_mul(d)).unwrap_or(&[]);
    let net = NetView::new(w, a.get(..p).unwrap_or(&[]), d)?;
    let inputs = x.get(..n.saturating_mul(d)).unwrap_or(&[]);
    let samples = SamplesView::new(inputs, a.get(..n).unwrap_or(&[]), d)?;
    let grad_w = grad_w.get_mut(..p.saturating_mul(d)).unwrap_or(&mut []);
    let grad_a = grad_a.get_mut(..p).unwrap_or(&mut []);
    let step = net.gradient(samples, Scale::One, grad_w, grad_a)?;
    let h = net.predict(x.get(..d).unwrap_or(&[]), Scale::One)?;
    Ok(step.loss + net.loss(samples, Scale::One)? + h)
}

fn both<L: Lanes>() -> bool {
    let (p, n, d) = black_box((5, 12, 7));
    let finite = |x: Result<L::Elem, Error>| black_box(x).is_ok_and(Real::is_finite);
    // The data are not orthogonal, which the last call of `views` says.
    let refused =
        matches!(black_box(views::<L>(p, n, d, black_box(1))), Err(Error::NotOrthogonal { .. }));
    let flows = finite(flow::<L>(black_box(5), black_box(6), black_box(7), black_box(1)));
    refused && flows && finite(fixed::<L>(black_box(L::Elem::ONE)))
}

/// What has no registers of its own, or shares the tiles of the steps: one width of 1 and one that is not say all.
fn models<L: Lanes>() -> bool {
    let (p, n, d) = black_box((5, 12, 7));
    let finite = |x: Result<L::Elem, Error>| black_box(x).is_ok_and(Real::is_finite);
    let mut good = finite(smooth::all::<L>(black_box(19)));
    good &= finite(mirror::all::<L>(black_box(5), black_box(11), black_box(3)));
    good &= finite(deep::all::<L>(black_box(10), black_box(5)));
    good &= finite(rayleigh::all::<L>(black_box(7), black_box(5), black_box(3)));
    good &= finite(spectrum::spectrum::<L>(p, n, d, black_box(1)));
    good
}

/// What is not generic over lanes, or over the scalar ones only.
fn others() -> bool {
    let (p, n, d) = black_box((5, 12, 5));
    let golden = golden::hash::<NativeF32>() == golden::HASH;
    golden && plain::<f32>(p, n, d).is_ok() && plain::<f64>(p, n, d).is_ok()
}

/// Entered by the C runtime; 0 when every call returned what it should.
#[unsafe(no_mangle)]
extern "C" fn main() -> i32 {
    #[cfg(feature = "planted")]
    let all = {
        let few = [1, 2, 3];
        let at: usize = black_box(3);
        few[at] == black_box(1)
    };
    #[cfg(not(feature = "planted"))]
    let all = both::<f32>()
        & both::<NativeF32>()
        & both::<NativeF64>()
        & both::<Canonical<NativeF32>>()
        & models::<f32>()
        & models::<NativeF64>()
        & others();
    i32::from(!all)
}
