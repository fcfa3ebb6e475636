//! Figures as files, and what cannot be drawn.
use super::*;

/// A loss with two plateaus, as of a network that meets two saddles.
pub(super) fn plateaus() -> Figure {
    let loss = |k: usize| {
        let fall = |at: f64| 1.0 / (1.0 + ((k as f64 - at) / 120.0).exp());
        0.25 * fall(5000.0) + 0.25 * fall(11000.0) + 1e-21
    };
    let curve = |ks: &[usize]| ks.iter().map(|&k| (k as f64, loss(k))).collect::<Vec<_>>();
    let every: Vec<usize> = (0..20000).step_by(20).collect();
    let linear = Panel::new("", "iteration", "loss L")
        .series(Look::Line, "this run", curve(&every))
        .guide_x(5000.0, "5000")
        .guide_x(11000.0, "11000")
        .guide_y(0.25, "second saddle, L = 0.25")
        .y_range(0.0, 0.6);
    let log = Panel::new("", "iteration", "loss L")
        .log_x()
        .log_y()
        .series(Look::Line, "this run", curve(&log_spaced(20000, 400)))
        .series(
            Look::Dashed,
            "bound of Theorem 1",
            curve(&log_spaced(20000, 40)).into_iter().map(|(k, l)| (k, 2.0 * l)),
        )
        .guide_y(0.25, "second saddle")
        .legend(Corner::BottomLeft);
    Figure::new("loss", "Two saddles, two plateaus").panel(linear).panel(log)
}

/// Four snapshots of a piecewise-linear function, with its neurons as stars.
pub(super) fn snapshots() -> Figure {
    let mut figure = Figure::new("network", "The network at four times");
    for (at, slope) in [(0, 0.0), (5000, 0.4), (11000, 1.1), (20000, 1.7)] {
        let h = |x: f64| slope * (x + 0.4f64).max(0.0) - 0.7 * slope * (x - 0.3f64).max(0.0);
        let xs = (-50..=50).map(|i| f64::from(i) / 40.0);
        figure = figure.panel(
            Panel::new(format!("iteration {at}"), "x", "h(x)")
                .series(Look::Line, "network", xs.map(|x| (x, h(x))))
                .series(Look::Stars, "neurons", [(-0.4, h(-0.4)), (0.3, h(0.3))])
                .series(Look::Points, "data", [(-0.5, 0.2), (0.5, 1.0), (1.0, 1.2)])
                .x_range(-1.25, 1.25)
                .y_range(-0.5, 2.0)
                .legend(Corner::TopLeft),
        );
    }
    figure
}

#[test]
fn every_figure_renders_in_three_formats() {
    for figure in [plateaus(), snapshots()] {
        assert!(figure.svg().contains("</svg>"));
        let png = figure.png().unwrap();
        assert_eq!(png[..4], *b"\x89PNG");
        assert!(figure.csv().starts_with("panel,series,x,y\n"));
        if let Some(folder) = std::env::var_os("RELUFLOW_FIGURES") {
            let path = std::path::Path::new(&folder).join(&figure.name);
            std::fs::write(path.with_extension("png"), png).unwrap();
            std::fs::write(path.with_extension("svg"), figure.svg()).unwrap();
        }
    }
}

#[test]
fn points_that_cannot_be_drawn_do_not_stop_the_drawing() {
    let bad = [(0.0, 1.0), (1.0, f64::NAN), (2.0, -1.0), (3.0, f64::INFINITY)];
    for look in [Look::Line, Look::Dashed, Look::Points, Look::Stars] {
        for points in [&bad[..], &bad[..1], &[]] {
            let panel = Panel::new("", "x", "y").series(look, "bad", points.to_vec());
            let figure = Figure::new("f", "").panel(panel.clone()).panel(panel.log_x().log_y());
            assert!(figure.svg().contains("</svg>"));
        }
    }
    assert!(Figure::new("empty", "").png().is_ok());
}

#[test]
fn csv_quotes_and_keeps_every_digit() {
    let panel = Panel::new("a, b", "x", "y").series(Look::Line, "s", [(0.1, 1e-300)]);
    let csv = Figure::new("f", "").panel(panel.guide_y(0.25, "g")).csv();
    assert_eq!(csv, "panel,series,x,y\n\"a, b\",s,0.1,1e-300\n\"a, b\",g,,0.25\n");
}

#[test]
fn log_spacing_keeps_both_ends_and_rises() {
    for total in [1, 2, 3, 10, 20001] {
        let indices = log_spaced(total, 50);
        assert_eq!((indices[0], *indices.last().unwrap()), (0, total - 1));
        assert!(indices.windows(2).all(|pair| pair[0] < pair[1]) && indices.len() <= 50);
    }
    assert!(log_spaced(0, 50).is_empty());
}
