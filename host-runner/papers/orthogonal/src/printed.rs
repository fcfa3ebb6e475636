//! Where the text is misprinted, at numbers of its own.
use oracle::{Data, Net, grad_a, grad_w, loss};

/// Lemma 16 bounds f by (f(0) + c)(1 + e^(bt/a)) if f' <= -a f + b int f + c/a. With a = 1/2, b = 0, c = 1 and f(0) = 0, f' =
/// -f/2 + 2 has f -> 4, above the printed 2. With c instead of c/a it holds, and so does (f(0) + c/a)(...) as printed above it.
#[test]
fn lemma_16_needs_another_constant() {
    let (a, c, dt) = (0.5, 1.0, 1e-3);
    let follow = |drive: f64| (0..40_000).fold(0.0, |f: f64, _| f + dt * (drive - a * f));
    let printed = 2.0 * c;
    assert!((follow(c / a) - c / a / a).abs() < 1e-6 && follow(c / a) > 1.9 * printed);
    assert!(follow(c) <= printed + 1e-6);
    assert!(follow(c / a) <= 2.0 * c / a + 1e-6);
}

/// B.2 has alpha = min y_k^2 / (2 |D_+|^2), for which the growth rate of a neuron that misses a sample would be at most (1 - alpha) |D_+|.
/// n = 4 and y_+ = (1, 1) give alpha = 4, so a negative rate; a neuron that sees one of the two grows at |y_k|/n = 1/4. With n^2 |D_+|^2 in place of
/// |D_+|^2 the bound is .75 |D_+| = .265.
#[test]
fn the_constants_of_b_2_lack_n_squared() {
    let n = 4.0f64;
    let d_plus = (1.0f64 + 1.0).sqrt() / n;
    let rate = 1.0 / n;
    let bound = |alpha: f64| (1.0 - alpha) * d_plus;
    assert!((bound(1.0 / (2.0 * d_plus * d_plus)) + 3.0 * d_plus).abs() < 1e-12);
    assert!(bound(1.0 / (2.0 * n * n * d_plus * d_plus)) >= rate);
    assert!(bound(1.0 / (2.0 * d_plus * d_plus)) < rate);
}

/// Lemma 14, |grad L|^2 >= 2 L min sum |w_j|^2/n over S_+ and S_-, is printed for all balanced theta with the S of the start. Where every neuron has
/// turned away grad L = 0 and the right side is not; with the S of theta itself both are 0.
#[test]
fn lemma_14_is_about_the_neurons_of_theta() {
    let data = Data { x: vec![1.0, 0.0, 0.0, 1.0], y: vec![1.0, -2.0], n: 2, d: 2 };
    let norms = [2f64.sqrt(); 2];
    // In S_+ and S_- at a start (1, 1), (1, 1); here both look away from both samples.
    let net = Net { w: vec![-1.0; 4], a: vec![norms[0], -norms[1]], p: 2, d: 2 };
    let square = |slopes: Vec<f64>| slopes.iter().map(|x| x * x).sum::<f64>();
    assert_eq!(square(grad_w(&net, &data, 1.0)) + square(grad_a(&net, &data, 1.0)), 0.0);
    let printed = 2.0 * loss(&net, &data, 1.0) * 2.0 / 2.0;
    assert!(printed > 1.0);
}
