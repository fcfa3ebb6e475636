//! `mirror-cone`: how often a random start has |w_j| >= |b_j| for all m neurons, so that directions can be
//! fixed with signs kept (paper `mirror`, Figure 5): counted, against closed forms.

use crate::shared::cone::WeightLaw;
use crate::shared::source;
use engine::parallel::Pool;
use lab::failure::Failure;
use lab::figure::{Corner, Figure, Look, Panel};
use lab::settings::Key;
use lab::statistics::{Share, min};
use lab::{Context, Experiment, Numbers, Outcome, Precision, Verdict};

const TRIALS: Key<usize> = Key::count("trials", 4000, "number of starts for each law, d and m")
    .between(10, 1 << 24)
    .quick(1000);

/// The table entry.
pub static CONE: Experiment = Experiment {
    id: "mirror-cone",
    paper: "mirror",
    figure: "Figure 5",
    about: "how often all |w_j| >= |b_j| at the start, counted and in closed form",
    cost_seconds: 2.0,
    precision: Precision::F64,
    variants: &[&[]],
    controls: &[],
    keys: &[&[&TRIALS]],
    run,
};

const DIMENSIONS: [usize; 4] = [5, 10, 20, 50];
const WIDTHS: [usize; 3] = [10, 100, 1000];

struct ConeShare {
    law: WeightLaw,
    d: usize,
    m: usize,
    exact: f64,
    share: Share,
}

impl ConeShare {
    fn inside(&self) -> bool {
        let (low, high) = self.share.interval();
        (low..=high).contains(&self.exact)
    }

    fn name(&self) -> String {
        format!("{}_d{}_m{}", self.law.name(), self.d, self.m)
    }
}

fn run(context: &Context) -> Result<Outcome, Failure> {
    let trials = context.get(TRIALS);
    let pool = Pool::new(context.threads)?;
    let mut places = Vec::new();
    for law in WeightLaw::ALL {
        for d in DIMENSIONS {
            places.extend(WIDTHS.map(|m| (law, d, m)));
        }
    }
    context.progress.start(places.len() as u64, "cells");
    let cells = pool.each(&pool.per_thread(|| ()), places, |(), at, (law, d, m)| {
        let share = law.count(context, (d, m), trials)?;
        context.progress.at(1 + at as u64);
        Ok(ConeShare { law, d, m, exact: law.probability(d, m), share })
    })?;
    let mut metrics = Numbers::new();
    for cell in &cells {
        let (low, high) = cell.share.interval();
        let name = cell.name();
        metrics.push(name.clone(), cell.share.value());
        metrics.push(format!("{name}_low"), low);
        metrics.push(format!("{name}_high"), high);
        metrics.push(format!("{name}_exact"), cell.exact);
    }
    let inside = cells.iter().filter(|cell| cell.inside()).count();
    metrics.push("cells", cells.len() as f64);
    metrics.push("cells_inside", inside as f64);
    let verdicts = judged(&cells, inside);
    let trace = cells.iter().map(|cell| {
        let gaussian = f64::from(u8::from(cell.law == WeightLaw::Gaussian));
        Numbers::from([
            ("gaussian", gaussian),
            ("d", cell.d as f64),
            ("m", cell.m as f64),
            ("successes", cell.share.successes as f64),
            ("trials", cell.share.trials as f64),
            ("exact", cell.exact),
        ])
    });
    let trace = trace.collect();
    let figures = vec![figure(&cells)];
    Ok(Outcome { metrics, verdicts, notes: notes(), trace, figures, ..Outcome::default() })
}

fn judged(cells: &[ConeShare], inside: usize) -> Vec<Verdict> {
    // Of 24 intervals of 95 % fewer than 20 hold the truth once in 300.
    let count = cells.len() as f64;
    let widest = cells.iter().filter(|cell| cell.m == 1000);
    let least = |d: usize| {
        let there = widest.clone().filter(|cell| cell.d == d);
        min(there.map(|cell| cell.share.value()))
    };
    let mut falls = 0;
    for pair in cells.iter().flat_map(|one| cells.iter().map(move |other| (one, other))) {
        let (one, other) = pair;
        let follows = one.law == other.law && one.m == other.m && one.d < other.d;
        falls += usize::from(follows && one.share.interval().0 > other.share.interval().1);
    }
    vec![
        Verdict::between(
            "95 % intervals that hold the closed form: P(Beta(1/2, d/2) <= 1/2)^m and E[min(1, |w|)]^m",
            &source("Figure 5"),
            inside as f64,
            count - 4.0,
            count,
        ),
        Verdict::equal(
            "the probability grows with d: pairs of intervals that say otherwise",
            &source("Figure 5"),
            falls as f64,
            0.0,
        ),
        Verdict::at_least(
            "in 50 dimensions all of 1000 neurons qualify: the smaller frequency",
            &source("Figure 5"),
            least(50),
            0.99,
        ),
        Verdict::at_most(
            "in 5 dimensions hardly ever do all of 1000",
            &source("Figure 5"),
            least(5),
            0.01,
        ),
    ]
}

fn notes() -> Vec<String> {
    vec![
        "The caption says m neurons: here 10, 100 and 1000. Uniform weights miss with \
         probability V_d / (2^d (d + 1)) a neuron, V_d the volume of the unit ball; normal ones as the share of \
         angles below pi/4 under sin^(d-1)."
            .into(),
    ]
}

fn figure(cells: &[ConeShare]) -> Figure {
    let mut figure = Figure::new("cone", "How often all ‖w_j‖₂ ≥ |b_j| at the start");
    for law in WeightLaw::ALL {
        let mut panel = Panel::new(law.name(), "d", "probability")
            .x_range(1.0, 55.0)
            .y_range(-0.02, 1.05)
            .legend(Corner::BottomRight);
        for m in WIDTHS {
            let curve = (2..=54).map(|d| (d as f64, law.probability(d, m)));
            let counted = cells.iter().filter(|cell| cell.law == law && cell.m == m);
            let counted = counted.map(|cell| (cell.d as f64, cell.share.value()));
            panel = panel.series(Look::Line, format!("m = {m}"), curve).series(
                Look::Points,
                format!("m = {m}, counted"),
                counted,
            );
        }
        figure = figure.panel(panel);
    }
    figure
}
