//! Which step suits the data.
use engine::Kind;
use engine::coordinates::{count, plan};
use engine::facts::Facts;
use reluflow::SamplesView;

fn facts(x: &[f64], d: usize) -> Facts {
    let y: Vec<f64> = (1..=x.len() / d).map(|i| i as f64).collect();
    Facts::of(SamplesView::new(x, &y, d).unwrap(), f64::EPSILON).unwrap()
}

#[test]
fn shape_and_data_decide() {
    let auto = |x: &[f64], d| plan(&facts(x, d), 10, d, None).unwrap();
    assert_eq!(auto(&[1.0, 0.0, 0.0, 1.0], 2).kind, Kind::Orthogonal);
    assert_eq!(auto(&[1.0, 0.5, 0.0, 1.0], 2).kind, Kind::Gram);
    let dense = auto(&[1.0, 0.5, 2.0, 1.0], 1);
    assert_eq!((dense.kind, dense.cost), (Kind::Dense, 80.0));
    assert!(dense.why.contains("n = 4 is not below 2d = 2; 80 multiply-adds a step (gram: 160)"));
    assert_eq!(auto(&[0.0, 0.0, 0.0, 1.0], 2).kind, Kind::Gram, "zero has no direction");
}

#[test]
fn orthogonal_coordinates_are_refused_where_they_do_not_exist() {
    let said = plan(&facts(&[1.0, 0.5, 0.0, 1.0], 2), 10, 2, Some(Kind::Orthogonal));
    let said = said.unwrap_err().to_string();
    assert!(said.contains("samples 0 and 1") && said.contains("--whiten"), "{said}");
}

#[test]
fn large_counts_have_three_digits() {
    assert_eq!(count(9999.0), "9999");
    assert_eq!(count(296_192.0), "296 thousand");
    assert_eq!(count(1_234_567.0), "1.23 million");
}
