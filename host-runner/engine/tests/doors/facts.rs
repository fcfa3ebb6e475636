//! What the theory asks of data, measured.
use engine::facts::{Facts, Method, defect};
use oracle::{Data, defect_norm};
use reluflow::SamplesView;

fn numbers(count: usize) -> Vec<f64> {
    (0..count).map(|i| ((i * i * 37 + i * 11 + 5) % 101) as f64 / 50.0 - 1.0).collect()
}

#[test]
fn the_brackets_hold_the_eigenvalue() {
    for (n, d) in [(30, 7), (30, 28), (9, 40)] {
        let (x, y) = (numbers(n * d), numbers(n));
        let samples = SamplesView::new(&x, &y, d).unwrap();
        let exact = defect_norm(&Data { n, d, x: x.clone(), y: y.clone() });
        for method in [Method::Eigenvalues, Method::Weyl, Method::Power] {
            let found = defect(samples, method).unwrap();
            let (low, high, slack) = (found.lower, found.upper, 1e-9 * exact);
            assert!(low <= exact + slack && exact <= high + slack, "{d}: {low} {exact} {high}");
            // Weyl's is wide where the defect is below the spread of the norms.
            let wide = method == Method::Weyl && d > n / 2;
            assert!(wide || high <= 4.0 * low, "{method:?}: {low} {high}");
        }
    }
}

#[test]
fn orthogonal_up_to_the_rounding_of_the_precision() {
    let near = [1.0, 1e-7, 0.0, 1.0];
    let samples = SamplesView::new(&near, &[1.0, 2.0], 2).unwrap();
    assert!(Facts::of(samples, f64::from(f32::EPSILON)).unwrap().orthogonal());
    let why = Facts::of(samples, f64::EPSILON).unwrap().why_not_orthogonal().unwrap();
    assert!(why.contains("samples 0 and 1") && why.contains("1.0000e-7"), "{why}");
    let zero = [0.0, 0.0, 0.0, 1.0];
    let samples = SamplesView::new(&zero, &[1.0, 2.0], 2).unwrap();
    let facts = Facts::of(samples, f64::EPSILON).unwrap();
    assert!(!facts.orthogonal() && facts.why_not_assumption_2().is_some());
}
