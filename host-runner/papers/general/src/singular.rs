//! `general-singular`: how often the tangent kernel is singular at the start although P >= nM (paper
//! `general`, Lemma 3.2 and Corollary 3.1.1, which say never).
//!
//! One hidden layer of H units with biases, N = M = 1; x, w, b uniform on [-1, 1], v and the bias of the
//! output on [-1, 1]/sqrt H. The lemma takes det(J J^T) for an analytic function of the parameters; with a leaky
//! relu it is one on each linear piece only, and vanishes on some of them.
use crate::shared::singular::{Ensemble, SINGULAR};
use lab::failure::Failure;
use lab::figure::{Corner, Figure, Look, Panel};
use lab::settings::Key;
use lab::statistics::{Share, larger, min, smaller};
use lab::{Context, Experiment, Numbers, Outcome, Precision, Verdict};
use reluflow::deep::Activation;

const DRAWS: Key<usize> =
    Key::count("draws", 4000, "number of random networks of each size").between(100, 1 << 24);
const SLOPE: Key<f64> =
    Key::number("slope", 0.01, "slope of the leaky relu below 0").within(1e-6, 0.9);

/// The table entry.
pub static SINGULAR_KERNELS: Experiment = Experiment {
    id: "general-singular",
    paper: "general",
    figure: "Lemma 3.2, Corollary 3.1.1",
    about: "random networks whose tangent kernel is singular although P >= nM",
    cost_seconds: 2.0,
    precision: Precision::F64,
    variants: &[&[]],
    controls: &[],
    keys: &[&[&DRAWS, &SLOPE]],
    run,
};

/// (n, H), and how many of them were singular in an independent count of 4000 that printed three digits.
const SIZES: [((usize, usize), f64); 4] =
    [((4, 2), 0.818), ((4, 10), 0.309), ((10, 10), 0.983), ((10, 30), 0.704)];
const LEMMA: &str = "arXiv 2509.23887, Lemma 3.2";
const COROLLARY: &str = "arXiv 2509.23887, Corollary 3.1.1";
const SIGMOID: &str = "arXiv 2509.23887, Corollary 3.1.2";

fn run(context: &Context) -> Result<Outcome, Failure> {
    let (seed, count) = (context.config.seed, context.get(DRAWS));
    let leaky = Activation::Leaky { slope: context.get(SLOPE) };
    context.progress.start(SIZES.len() as u64 + 3, "sizes");
    let mut sizes = 0;
    let mut cell = |word: &str, activation, size| {
        if context.interrupted() {
            return Err(context.stopped());
        }
        let cell = Ensemble::of(seed, (word, activation), size, count)?;
        sizes += 1;
        context.progress.at(sizes);
        Ok(cell)
    };
    let leaky: Vec<Ensemble> =
        SIZES.iter().map(|&(size, _)| cell("", leaky, size)).collect::<Result<_, _>>()?;
    let relu =
        [cell("relu_", Activation::Relu, (4, 2))?, cell("relu_", Activation::Relu, (10, 10))?];
    let smooth = cell("sigmoid_", Activation::Sigmoid, (4, 2))?;
    let mut metrics = Numbers::new();
    for cell in leaky.iter().chain(&relu).chain([&smooth]) {
        let (name, share) = (&cell.name, cell.singular());
        metrics.push(format!("fraction_{name}"), share.value());
        metrics.push(format!("fraction_{name}_low"), share.interval().0);
        metrics.push(format!("fraction_{name}_high"), share.interval().1);
        metrics.push(format!("parameters_{name}"), (3 * cell.h + 1) as f64);
        let (below, above) = cell.gap();
        metrics.push(format!("gap_below_{name}"), below);
        metrics.push(format!("gap_above_{name}"), above);
        metrics.push(format!("three_in_a_piece_{name}"), cell.crowded().trials as f64);
        metrics.push(format!("two_dead_{name}"), cell.dead().trials as f64);
    }
    let verdicts = judged(context, &leaky, &relu, &smooth);
    let figures = vec![values(&leaky)];
    Ok(Outcome { metrics, verdicts, notes: notes(), figures, ..Outcome::default() })
}

fn judged(
    context: &Context,
    leaky: &[Ensemble],
    relu: &[Ensemble; 2],
    smooth: &Ensemble,
) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for (cell, (_, counted)) in leaky.iter().zip(SIZES) {
        let share = cell.singular();
        verdicts.push(Verdict::at_least(
            &format!(
                "contradicted: G is almost surely not singular; {}, P = {}: lower end of the share that is",
                cell.label,
                3 * cell.h + 1
            ),
            LEMMA,
            share.interval().0,
            0.05,
        ));
        if context.get(SLOPE) == 0.01 {
            // Five standard deviations of two counts.
            let deviation = counted * (1.0 - counted) * (1.0 / 4000.0 + 1.0 / share.trials as f64);
            let claim = format!("{}: the share of singular networks", cell.label);
            let source = "independent count of 4000 networks";
            verdicts.push(Verdict::near(
                &claim,
                source,
                share.value(),
                counted,
                5.0 * deviation.sqrt(),
            ));
        }
    }
    // A cell may have no such networks.
    let crowded = leaky.iter().map(Ensemble::crowded).filter(|share| share.trials > 0);
    let crowded = min(crowded.map(Share::value));
    verdicts.push(Verdict::equal(
        "every network with three inputs in one linear piece is singular: least share",
        "arXiv 2509.23887, Lemma 3.2: derivatives are affine in x there",
        crowded,
        1.0,
    ));
    let (below, above) = leaky
        .iter()
        .map(Ensemble::gap)
        .fold((0.0, f64::INFINITY), |gap, one| (larger(gap.0, one.0), smaller(gap.1, one.1)));
    verdicts.push(Verdict::at_least(
        "what counts as 0 is set apart: least singular value above 1e-10 over the largest below",
        "this run",
        above / below,
        10.0,
    ));
    for cell in relu {
        let dead = cell.dead();
        verdicts.push(Verdict::equal(
            &format!(
                "{}, relu: every network with two inputs that no unit sees is singular",
                cell.label
            ),
            COROLLARY,
            dead.value(),
            1.0,
        ));
    }
    let blind = relu[0].draws.iter().filter(|draw| draw.dead >= 2).count();
    let blind = Share { successes: blind, trials: relu[0].draws.len() };
    verdicts.push(Verdict::at_least(
        "contradicted: with relu G is almost surely not singular; n = 4, H = 2: lower end of the share of \
         networks with two inputs that no unit sees",
        COROLLARY,
        blind.interval().0,
        0.005,
    ));
    verdicts.push(Verdict::at_most(
        "with sigmoids, which are analytic, the lemma's argument holds: share of networks below 1e-10",
        SIGMOID,
        smooth.singular().value(),
        0.005,
    ));
    verdicts
}

fn notes() -> Vec<String> {
    vec![
        "Lemma 3.2 does not hold as stated. Between two kinks the network is affine in x, and so are its \
         derivatives by the parameters: three inputs in one piece have linearly dependent rows of J, for all \
         networks nearby. So det(J J^T) vanishes on an open set, which an analytic function that is not \
         0 could not; a leaky relu makes it piecewise analytic. For the same reason G(t) jumps along a run, and \
         the extreme-value argument for lambda0 > 0 has no continuous function to work on."
            .into(),
        "Corollary 3.1.1 (relu) fails more simply: on two inputs that no hidden unit sees the rows of J are \
         both (0, .., 0, 1). That the entries of one kernel are not below those of another does not order \
         their quadratic forms, as its proof has it."
            .into(),
        "The bias of the output is drawn as v is; its value changes nothing in J.".into(),
    ]
}

/// Share of networks whose least singular value is below a number.
fn values(cells: &[Ensemble]) -> Figure {
    let mut panel = Panel::new("", "n-th singular value of J", "share of networks below")
        .log_x()
        .x_range(1e-20, 10.0)
        .y_range(0.0, 1.1)
        .guide_x(SINGULAR, "counts as 0");
    for cell in cells {
        let mut least: Vec<f64> = cell.draws.iter().map(|draw| larger(draw.least, 1e-20)).collect();
        least.sort_by(f64::total_cmp);
        let every = least.len().div_ceil(400);
        let points = least.iter().enumerate().step_by(every);
        let total = least.len() as f64;
        let (low, high) = cell.singular().interval();
        let percent = [cell.singular().value(), low, high].map(|share| 100.0 * share);
        let [share, low, high] = percent;
        panel = panel.series(
            Look::Line,
            format!("{}: {share:.1} % ({low:.1} to {high:.1})", cell.label),
            points.map(|(at, &x)| (x, (at + 1) as f64 / total)),
        );
    }
    Figure::new("values", "Singular tangent kernels of random networks with P >= nM")
        .panel(panel.legend(Corner::BottomLeft))
}
