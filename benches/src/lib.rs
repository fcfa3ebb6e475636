//! What the criterion benches time: the grid, steps and checks of `reluflow bench`, and with them
//! the parts of a step that can be called alone.
//!
//! Every builder compares its result with the reference and panics where they differ, so a
//! benchmark that computes wrong fails instead of being fast.
use oracle as reference;
use reluflow::{Bounds, Defect, Geometry, Lanes, Real};
use std::hint::black_box;
use std::sync::OnceLock;
use timing::case::{Case, Rounded, dense_state, is_single, lanes, tolerance};
pub use timing::case::{
    dense, dense_fixed, gram, naive_dense, naive_gram, naive_orthogonal, orthogonal, replicas_fixed,
};
use timing::grid::{Fixture, SIZES};
use timing::measure::STANDSTILL;

/// Does its work so many times.
pub type Job = Box<dyn FnMut(u64)>;

/// Iterations of the defect's power iteration.
const ITERATIONS: usize = 50;

/// Start and data of size A to E, drawn once.
pub fn fixture(letter: char) -> &'static Fixture {
    static FIXTURES: [OnceLock<Fixture>; SIZES.len()] = [const { OnceLock::new() }; SIZES.len()];
    let index = SIZES.iter().position(|size| size.letter == letter).expect("a letter of the grid");
    FIXTURES[index].get_or_init(|| Fixture::new(SIZES[index]))
}

/// A step, checked.
pub fn step(mut case: Case, fixture: &Fixture) -> Job {
    if let Err(sentence) = case.check(&fixture.expected) {
        panic!("{sentence}");
    }
    let dt = case.size.dt * STANDSTILL;
    Box::new(move |times| {
        (case.run)(times, dt);
    })
}

/// The deep network, drawn once.
pub fn deep_fixture() -> &'static timing::deep::Fixture {
    static FIXTURE: OnceLock<timing::deep::Fixture> = OnceLock::new();
    FIXTURE.get_or_init(Default::default)
}

/// A step of the deep network, checked.
pub fn deep_step(mut case: Case) -> Job {
    if let Err(sentence) = case.check(&deep_fixture().expected) {
        panic!("{sentence}");
    }
    let dt = case.size.dt * STANDSTILL;
    Box::new(move |times| {
        (case.run)(times, dt);
    })
}

/// Forward pass and loss: z, h, r, L. p n d multiply-adds.
pub fn forward<L: Lanes>(fixture: &Fixture) -> Job {
    let mut state = dense_state::<L>(fixture).expect("a size of the grid");
    agree::<L>("forward", &[state.loss()], &[fixture.expected[0].0]);
    repeated(move || {
        black_box(state.loss());
    })
}

/// The reference's loss.
pub fn naive_forward(fixture: &Fixture) -> Job {
    let (net, data, s) = (fixture.net.clone(), fixture.data.clone(), fixture.scale());
    repeated(move || {
        black_box(reference::loss(black_box(&net), &data, s));
    })
}

/// dL/dw with the forward pass that it needs. 2 p n d multiply-adds.
pub fn grad_w<L: Lanes>(fixture: &Fixture) -> Job {
    let mut state = dense_state::<L>(fixture).expect("a size of the grid");
    let mut out = vec![L::Elem::ZERO; fixture.net.w.len()];
    state.grad_w(&mut out).expect("p d elements");
    let expected = reference::grad_w(&fixture.net, &fixture.data, fixture.scale());
    agree::<L>("grad_w", &out, &expected);
    repeated(move || {
        state.grad_w(black_box(&mut out)).expect("p d elements");
    })
}

/// dL/da with the forward pass that it needs. p n d multiply-adds.
pub fn grad_a<L: Lanes>(fixture: &Fixture) -> Job {
    let mut state = dense_state::<L>(fixture).expect("a size of the grid");
    let mut out = vec![L::Elem::ZERO; fixture.net.a.len()];
    state.grad_a(&mut out).expect("p elements");
    let expected = reference::grad_a(&fixture.net, &fixture.data, fixture.scale());
    agree::<L>("grad_a", &out, &expected);
    repeated(move || {
        state.grad_a(black_box(&mut out)).expect("p elements");
    })
}

/// The reference's velocity of w and a, forward pass included.
pub fn naive_backward(fixture: &Fixture) -> Job {
    let (net, data, s) = (fixture.net.clone(), fixture.data.clone(), fixture.scale());
    repeated(move || {
        black_box(reference::velocity(black_box(&net), &data, s));
    })
}

/// Lemma 7's bracket of mu from the weights, defect given: the forward pass, then p d + 3 p n.
///
/// Checked on the upper bound as printed, which needs no defect.
pub fn bounds<L: Lanes>(fixture: &Fixture) -> Job {
    let start = Rounded::<L::Elem>::new(fixture);
    let mut state = dense_state::<L>(fixture).expect("a size of the grid");
    let samples = start.samples().expect("a size of the grid");
    let geometry = Geometry::of::<L>(samples, Defect::exact(L::Elem::ZERO));
    let mut z = vec![L::Elem::ZERO; fixture.size.p * fixture.size.n];
    let mut memory = vec![L::Elem::ZERO; fixture.size.p];
    let mut bounds = move || {
        state.pre_activations(&mut z).expect("p n elements");
        let net = start.net().expect("a size of the grid");
        Bounds::lemma_7::<L>(net, &z, state.scale(), &geometry, &mut memory).expect("p elements")
    };
    let expected = reference::lemma7_upper_printed(&fixture.net, &fixture.data, fixture.scale());
    agree::<L>("bounds", &[bounds().upper_printed], &[expected]);
    repeated(move || {
        black_box(bounds());
    })
}

/// The reference's upper bound of mu, forward pass included.
pub fn naive_bounds(fixture: &Fixture) -> Job {
    let (net, data, s) = (fixture.net.clone(), fixture.data.clone(), fixture.scale());
    repeated(move || {
        black_box(reference::lemma7_upper_printed(black_box(&net), &data, s));
    })
}

/// The defect's bracket: power iteration and two upper bounds, n^2 d / 2 + 4 n d an iteration.
///
/// Checked to hold the exact defect.
pub fn defect<L: Lanes>(fixture: &Fixture) -> Job {
    let start = Rounded::<L::Elem>::new(fixture);
    let size = fixture.size;
    let mut memory = vec![L::Elem::ZERO; Defect::<L::Elem>::len(size.n, size.d)];
    let mut defect = move || {
        let samples = start.samples().expect("a size of the grid");
        Defect::of::<L>(samples, ITERATIONS, &mut memory).expect("enough memory")
    };
    let (found, exact) = (defect(), reference::defect_norm(&fixture.data));
    let slack = 1.0 + tolerance(is_single::<L>());
    assert!(
        found.lower.to_f64() <= exact * slack && exact <= found.upper.to_f64() * slack,
        "defect, {}: {found:?} does not hold {exact}",
        lanes::<L>()
    );
    repeated(move || {
        black_box(defect());
    })
}

/// The reference's exact defect, by all eigenvalues.
pub fn naive_defect(fixture: &Fixture) -> Job {
    let data = fixture.data.clone();
    repeated(move || {
        black_box(reference::defect_norm(black_box(&data)));
    })
}

fn repeated(mut work: impl FnMut() + 'static) -> Job {
    Box::new(move |times| (0..times).for_each(|_| work()))
}

/// Panics unless `found` is `expected` up to the rounding of L, relative to the largest.
fn agree<L: Lanes>(what: &str, found: &[L::Elem], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    let size = expected.iter().fold(0.0f64, |most, x| most.max(x.abs()));
    for (&found, expected) in found.iter().zip(expected) {
        let error = (found.to_f64() - expected).abs() / size;
        assert!(
            error <= tolerance(is_single::<L>()),
            "{what}, {}: {found} instead of {expected}",
            lanes::<L>()
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reluflow::lanes::{NativeF32, NativeF64};

    #[test]
    fn every_job_is_right_where_it_is_small() {
        for letter in ['A', 'B'] {
            let fixture = fixture(letter);
            for mut job in [
                forward::<NativeF32>(fixture),
                grad_w::<NativeF64>(fixture),
                grad_a::<NativeF32>(fixture),
                bounds::<NativeF32>(fixture),
                defect::<NativeF64>(fixture),
            ] {
                job(2);
            }
        }
    }

    #[test]
    #[should_panic(expected = "instead of")]
    fn a_wrong_number_is_seen() {
        agree::<NativeF32>("sum", &[1.0, -2.001], &[1.0, -2.0]);
    }

    #[test]
    #[should_panic(expected = "instead of")]
    fn a_nan_is_seen() {
        agree::<NativeF32>("sum", &[f32::NAN, -2.0], &[1.0, -2.0]);
    }

    #[test]
    #[should_panic(expected = "computes wrong")]
    fn a_wrong_step_is_seen() {
        let mut shifted = fixture('B').clone();
        shifted.data.y[31] += 0.01;
        let mut job = step(dense::<NativeF32>(&shifted).unwrap(), fixture('B'));
        job(1);
    }
}
