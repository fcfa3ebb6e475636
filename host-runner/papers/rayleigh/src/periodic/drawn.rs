//! Pictures of the bound and of the recovered signal.
use super::flows::{BEYOND, Flow};
use super::quotients::{Bounds, Draws, factor};
use crate::shared::waves::signal;
use lab::figure::{Corner, Figure, Look, Panel};
use lab::statistics::{median, min};

/// Quotients and bounds over R.
pub fn bounds(draws: &Draws, bounds: &Bounds) -> Figure {
    let radii: Vec<f64> = (0..=80).map(|k| 10f64.powf(-1.0 + f64::from(k) / 40.0)).collect();
    let over = |f: &dyn Fn(f64) -> f64| radii.iter().map(|&r| (r, f(r))).collect::<Vec<_>>();
    let all = |r: f64| draws.draws.iter().map(move |draw| draw.at(r)).collect::<Vec<_>>();
    let mut panel = Panel::new("", "R", "R(K*; ∇ℓ, ∇ℓ) / α")
        .log_x()
        .log_y()
        .series(Look::Line, "draws: median", over(&|r| median(&all(r))))
        .series(Look::Line, "draws: least", over(&|r| min(all(r))))
        .series(Look::Dashed, "Proposition 4.7 as printed", over(&|_| bounds.region.bound()))
        .series(
            Look::Dashed,
            "the same × min(1, R²/2)",
            over(&|r| bounds.region.bound() * factor(r)),
        );
    if bounds.own > 0.0 {
        panel = panel.series(
            Look::Dashed,
            "this project's × min(1, R²/2)",
            over(&|r| bounds.own * factor(r)),
        );
    }
    if bounds.region.promises() {
        panel = panel.guide_x(bounds.region.narrow(), "√(6 × bound)");
    }
    Figure::new("bound", "Rayleigh quotients of random sums of sines")
        .panel(panel.legend(Corner::TopLeft))
}

/// E h^2 of the flows.
pub fn losses(flows: &[Flow]) -> Figure {
    let mut losses = Panel::new("", "t", "E h² / E h²(0)").log_x().log_y().y_range(1e-11, 10.0);
    for flow in flows {
        let first = flow.curve[0].loss;
        // Below that, it is rounding.
        let shown = flow.curve.iter().skip(1).take_while(|at| at.loss > 1e-11 * first);
        let name = format!("from {} η", flow.far);
        losses = losses.series(Look::Line, name, shown.map(|at| (at.t, at.loss / first)));
    }
    Figure::new("recovery", "Flows towards a sum of sines").panel(losses.legend(Corner::BottomLeft))
}

/// The signal at the edge of the window and a hundred windows on: target, start and end of a flow.
pub fn beyond(flow: &Flow, radius: f64) -> Figure {
    let mut figure =
        Figure::new("signal", format!("The signal beyond its window, from {} η", flow.far));
    // Some four periods of the slowest sine.
    let slowest = min(flow.pair.star[flow.pair.star.len() / 2..].iter().map(|w| w * radius));
    let half = 4.0 * std::f64::consts::PI / slowest;
    for (title, middle) in [("at the edge of the window", 1.0), ("a hundred windows on", BEYOND)] {
        let xs = (0..=600).map(|k| middle + half * (f64::from(k) / 300.0 - 1.0));
        let of = |theta: &[f64], every: usize| {
            let points = xs.clone().step_by(every).map(|x| (x, signal(theta, x * radius)));
            points.collect::<Vec<_>>()
        };
        let mut panel = Panel::new(title, "x / R", "F(x)")
            .series(Look::Line, "target F*", of(&flow.pair.star, 1))
            .series(Look::Dashed, "start", of(&flow.pair.theta, 1))
            .series(Look::Points, "end of the flow", of(&flow.last, 8));
        if middle == 1.0 {
            panel = panel.guide_x(1.0, "x = R");
        }
        figure = figure.panel(panel.legend(Corner::TopRight));
    }
    figure
}
