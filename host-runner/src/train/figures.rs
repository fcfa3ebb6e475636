//! The two figures of a training run.
use data::prepare::Prepared;
use engine::training::Checkpoint;
use lab::figure::{Corner, Figure, Look, Panel};
use lab::statistics::{larger, range};

/// Loss, and the curvature between its bounds, over iterations.
pub fn figures(rows: &[Checkpoint], prepared: &Prepared) -> Vec<Figure> {
    let unit = if prepared.standardization.is_some() { ", standardized" } else { "" };
    let curve = |value: fn(&Checkpoint) -> Option<f64>| {
        let point = |row: &Checkpoint| Some((row.iteration as f64, value(row)?));
        rows.iter().filter_map(point).collect::<Vec<_>>()
    };
    let mut loss = Panel::new("", "iteration", format!("L = 1/(2n) sum r^2{unit}"))
        .log_x()
        .log_y()
        .series(Look::Line, "training data", curve(|row| Some(row.loss)))
        .legend(Corner::BottomLeft);
    if prepared.test.is_some() {
        loss = loss.series(Look::Dashed, "test data", curve(|row| row.test_loss));
    }
    let mut mu = Panel::new("", "iteration", "mu (1/flow-time)")
        .log_x()
        .log_y()
        .series(Look::Line, "mu", curve(|row| row.mu))
        .series(Look::Dashed, "upper bound", curve(|row| Some(row.mu_upper)));
    let lower = curve(|row| Some(row.mu_lower).filter(|&mu| mu > 0.0));
    if !lower.is_empty() {
        mu = mu.series(Look::Dashed, "lower bound", lower);
    }
    let theorem_1 = curve(|row| row.theorem_1);
    if !theorem_1.is_empty() {
        mu = mu.series(Look::Dashed, "Theorem 1 of arXiv 2502.16977", theorem_1);
    }
    // Room above for the legend.
    let values = || {
        let all =
            |row: &Checkpoint| [row.mu, Some(row.mu_lower), Some(row.mu_upper), row.theorem_1];
        rows.iter().flat_map(all).flatten().filter(|&value| value > 0.0)
    };
    let (least, most) = range(values());
    if least < most {
        mu = mu.y_range(least / 1.5, most * larger((most / least).powf(0.25), 4.0));
    }
    let source = prepared.train.source.file_name().unwrap_or_default().to_string_lossy();
    vec![
        Figure::new("loss", format!("Loss on {source}")).panel(loss),
        Figure::new("curvature", "Local-PL curvature between the bounds of Lemma 7").panel(mu),
    ]
}
