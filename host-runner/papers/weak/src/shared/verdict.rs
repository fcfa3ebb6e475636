//! Metrics, verdicts and figures that the two experiments on thresholds share.
use super::curve::Curve;
use super::threshold::{SEARCH, Wanted, Way, bars, grid_networks};
use lab::figure::{Corner, Figure, Look, Panel};
use lab::statistics::max;
use lab::{Context, Numbers, Verdict};

/// Published 50 % crossings: d or p, N.
pub type Published = &'static [(usize, f64)];

/// `n50_<name><key>` with its interval and the other estimators, for each curve.
pub fn metrics(name: &str, key: fn(&Curve) -> usize, curves: &[Curve]) -> Numbers {
    let mut metrics = Numbers::new();
    for curve in curves {
        let (fit, at) = (curve.threshold(), key(curve));
        let of = |f: fn(lab::statistics::Threshold) -> f64| fit.map_or(f64::NAN, f);
        metrics.push(format!("n50_{name}{at}"), of(|fit| fit.at));
        metrics.push(format!("n50_low_{name}{at}"), of(|fit| fit.low));
        metrics.push(format!("n50_high_{name}{at}"), of(|fit| fit.high));
        metrics.push(format!("scale_{name}{at}"), of(|fit| fit.scale));
        metrics.push(format!("crossing_{name}{at}"), curve.crossing());
        metrics.push(format!("published_estimator_{name}{at}"), curve.published_estimate(true));
        metrics.push(format!("networks_{name}{at}"), curve.networks() as f64);
    }
    metrics.push("networks", curves.iter().map(Curve::networks).sum::<usize>() as f64);
    metrics
}

/// Whether each threshold agrees with the published crossing: the largest distance between them, in units
/// of what the two intervals and the grid allow. A crossing read off 20 networks at every `step`-th n
/// has an interval of about the step.
pub fn near(
    name: &str,
    key: fn(&Curve) -> usize,
    curves: &[Curve],
    published: Published,
    step: fn(usize) -> f64,
    source: &str,
) -> Option<Verdict> {
    let distance = |curve: &Curve| {
        let at = key(curve);
        let (_, theirs) = published.iter().find(|(key, _)| *key == at)?;
        // An interval without end agrees with everything and knows nothing.
        let ours = curve.threshold().filter(|fit| fit.half_width().is_finite());
        let apart = ours.map(|fit| (fit.at - theirs).abs() / (fit.half_width() + step(at)));
        Some(apart.unwrap_or(f64::NAN))
    };
    let distances: Vec<f64> = curves.iter().filter_map(distance).collect();
    (!distances.is_empty()).then(|| Verdict::at_most(
        &format!(
            "every threshold is the published one: worst distance over the step in {name} and our interval"
        ),
        source,
        max(&distances),
        1.0,
    ))
}

/// Whether an adaptive search took a fifth of the grid's networks.
pub fn frugal(context: &Context, curves: &[Curve], wanted: &[Wanted]) -> Option<Verdict> {
    let took: usize = curves.iter().map(Curve::networks).sum();
    (context.get(SEARCH) == Way::Adaptive).then(|| {
        Verdict::at_most(
            "the adaptive search takes at most a fifth of the networks of the grid",
            "for an interval as narrow as that of the grid",
            took as f64 / grid_networks(context, wanted) as f64,
            0.2,
        )
    })
}

/// What a reader should know.
pub fn notes(context: &Context, curves: &[Curve]) -> Vec<String> {
    let mut notes = vec![
        "n50 is where a logistic curve passes one half, below 1 by the share of networks that fail at any n \
         (an unlucky start, presumably), with a 95 % interval by profile likelihood. \
         The published code fits a sigmoid of fixed slope instead, so steep that its threshold is a \
         point of the grid (published_estimator_*); crossing_* is where straight lines between the \
         points pass one half. A network that has not converged is one whose sum r^2 was still 1 or \
         more after 1.5 times the time of the phase transition."
            .to_owned(),
    ];
    if context.get(SEARCH) == Way::Adaptive {
        notes.push(format!(
            "The adaptive search trained {} networks. Their n are chosen by the results before, so the \
             published estimator, which weighs all n alike, means little here.",
            curves.iter().map(Curve::networks).sum::<usize>()
        ));
    }
    notes
}

/// One line for each cell.
pub fn trace(curves: &[Curve]) -> Vec<Numbers> {
    let cells =
        curves.iter().flat_map(|curve| curve.points.iter().map(move |cell| (curve.d, cell)));
    cells
        .map(|(d, (&n, point))| {
            let (share, (low, high)) = (point.share(), point.share().interval());
            Numbers::from([
                ("d", d as f64),
                ("p", point.p as f64),
                ("n", n as f64),
                ("probability", share.value()),
                ("low", low),
                ("high", high),
                ("converged", share.successes as f64),
                ("networks", share.trials as f64),
                ("loss_left", point.left().0),
            ])
        })
        .collect()
}

/// P against n over its threshold, a panel for each of at most six curves.
pub fn figure(name: &str, what: &str, key: fn(&Curve) -> usize, curves: &[Curve]) -> Figure {
    let chosen = lab::figure::evenly_spaced(curves.len(), 6);
    let panels = chosen.into_iter().map(|at| {
        let curve = &curves[at];
        let panel = Panel::new(format!("{what} = {}", key(curve)), "n", "P(convergence)")
            .series(Look::Points, "measured", curve.shares())
            .series(Look::Line, "", bars(curve))
            .y_range(-0.02, 1.02)
            .legend(Corner::TopRight);
        let Some(fit) = curve.threshold() else { return panel };
        let ends = curve.points.keys().next().zip(curve.points.keys().next_back());
        let (from, to) = ends.map_or((0.0, 1.0), |(&from, &to)| (from as f64, to as f64));
        let fine = (0..=200).map(|k| from + (to - from) * f64::from(k) / 200.0);
        let drawn: Vec<_> = fine.map(|n| (n, fit.probability(n))).collect();
        panel.series(Look::Dashed, "logistic fit", drawn).x_range(from, to)
    });
    panels.fold(Figure::new(name, "P(convergence) and where it passes one half"), Figure::panel)
}
