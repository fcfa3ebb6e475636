//! What of the paper's claims a run of gradient descent can check.
//!
//! The bound alone says little: the rate that is observed is hundreds of times lambda0, so that a clock
//! that is wrong by a factor of two would pass. So the clock is checked too: by the loss against its own
//! rate, by the rate against products with K, and where networks are small by the flow itself.
use super::account::Account;
use lab::statistics::{larger, max};
use lab::{Context, Precision, Verdict};

const THEOREM: &str = "arXiv 2509.23887, Theorem 3.1 and Corollary 3.2.1";
const PROOF: &str = "arXiv 2509.23887, (5) and (6)";
const FLOW: &str = "arXiv 2509.23887, (2)";
const FIGURE: &str = "arXiv 2509.23887, Theorem 1.1 and Figure 3";

/// Of all networks; the worst of them counts.
pub fn of(context: &Context, accounts: &[Account]) -> Vec<Verdict> {
    let most = |f: &dyn Fn(&Account) -> f64| max(accounts.iter().map(f));
    let single = context.config.precision == Precision::F32;
    let exact = accounts.iter().all(|account| account.exact);
    let bound = if exact {
        "|y - F_t| is at most e^(-lambda0 t) |y - F_0|, lambda0 the least lambda_min(G) seen: largest ratio"
    } else {
        "|y - F_t| is at most e^(-lambda t) |y - F_0|, lambda an upper bound of lambda0: largest ratio"
    };
    let mut verdicts = vec![
        Verdict::at_most(bound, THEOREM, most(&|one| one.over_bound()), 1.0 + 1e-4),
        Verdict::at_most(
            "the first step is -lr grad L: relative difference along it",
            FLOW,
            most(&|one| one.step_off()),
            if single { 1e-2 } else { 1e-6 },
        ),
        Verdict::at_most(
            "at the looks the rate -dL/dt/(2L) is r^T G r/|r|^2: median relative difference",
            PROOF,
            most(&|one| one.quotient_off()),
            if single { 1e-2 } else { 1e-8 },
        ),
        Verdict::at_most(
            "every network's error falls: |y - F_T|/|y - F_0|",
            FIGURE,
            most(&|account| (-account.rate() * account.until).exp()),
            1.0 - 1e-6,
        ),
    ];
    let soft: Vec<&Account> = accounts.iter().filter(|one| !one.starts_stiff()).collect();
    if !soft.is_empty() {
        verdicts.push(Verdict::at_most(
            "log L falls by the integral of |grad L|^2/L over the clock, in the first steps: relative \
             difference",
            "arXiv 2509.23887, (2) and (14)",
            max(soft.iter().map(|one| one.clock_off())),
            CLOCK,
        ));
    }
    if exact {
        let between = |account: &Account| {
            let looks = account.journal.looks.iter();
            max(looks.flat_map(|look| [look.least / look.quotient, look.quotient / look.greatest]))
        };
        verdicts.push(Verdict::at_most(
            "at the looks lambda_min(G) <= r^T G r/|r|^2 <= lambda_max(G): largest ratio",
            THEOREM,
            most(&between),
            1.0 + 1e-9,
        ));
    }
    if accounts.iter().any(|account| account.beside.is_some()) {
        let off = |one: &Account| one.beside.map_or(0.0, |beside| beside.off / beside.fall.abs());
        verdicts.push(Verdict::at_most(
            "gradient descent follows the flow: largest |log(L/L of the flow)| over log(L_0/L)",
            "arXiv 2509.23887, (2), by an integrator of its own to 1e-6, until descent chatters",
            most(&off),
            CLOCK,
        ));
    }
    let few =
        accounts.iter().filter(|account| account.parameters < account.targets && account.exact);
    let few: Vec<f64> = few.flat_map(|one| &one.journal.looks).map(|look| look.least).collect();
    if !few.is_empty() {
        verdicts.push(Verdict::at_most(
            "with fewer parameters than nM G is singular: largest lambda_min, below rounding 0",
            "rank(J J^T) <= P",
            max(few.into_iter().chain([0.0])),
            0.0,
        ));
    }
    verdicts
}

/// How far a clock may seem to be off: kinks are crossed even in the first steps. One that is twice too fast
/// is off by 1.
const CLOCK: f64 = 0.25;

/// The matrix that a graph convolution mixes with.
pub fn graph((least, greatest): (f64, f64)) -> Verdict {
    Verdict::at_most(
        "the eigenvalues of D^(-1/2) A D^(-1/2) lie in [-1, 1]: largest size less 1",
        "the usual graph convolution; arXiv 2509.23887, Corollary 3.2.1, prints D^(1/2) A D^(1/2)",
        larger(greatest, -least) - 1.0,
        1e-9,
    )
}

#[cfg(test)]
mod tests {
    use super::super::flow::Beside;
    use super::super::journal::{History, Look, Record, Stretch};
    use super::*;
    use lab::progress::Progress;
    use lab::{Config, Preset, Wishes};
    use std::sync::atomic::AtomicBool;

    /// A run whose residual falls as e^-t, under a kernel with eigenvalues 1/2 to 2.
    fn account() -> Account<'static> {
        let lr = 0.1;
        let loss = |epoch: u64| (-2.0 * lr * epoch as f64).exp();
        let look = |epoch: u64| Look {
            epoch,
            loss: loss(epoch),
            mu: 2.0,
            quotient: 1.0,
            least: 0.5,
            greatest: 2.0,
        };
        let journal = History {
            curve: (0..=20).map(|epoch| Record { epoch, loss: loss(epoch), mu: 2.0 }).collect(),
            looks: [0, 10, 20].map(look).to_vec(),
            first_step: Some(1.0),
            stretch: Some(Stretch { fall: 0.2, integral: 0.2 }),
            ..History::default()
        };
        let beside = Some(Beside { off: 0.01, fall: 4.0, until: 1.0 });
        Account {
            label: "",
            suffix: "",
            parameters: 9,
            targets: 9,
            until: 2.0,
            lr,
            exact: true,
            lambda0: journal.least(),
            journal,
            beside,
        }
    }

    #[test]
    fn nan_passes_no_verdict() {
        let preset = Some(Preset::Quick);
        let wishes = Wishes { preset, ..Wishes::default() };
        let config = Config::resolve(&crate::dnn::DNN, &wishes).unwrap();
        let interrupt = AtomicBool::new(false);
        let context = Context::new(config, 1, Progress::new(true), None, &interrupt);
        let fails = |accounts: &[Account]| of(&context, accounts).iter().any(|v| !v.pass);
        assert!(!fails(&[account(), account()]));
        let places: [for<'a> fn(&'a mut Account<'static>) -> &'a mut f64; 13] = [
            |one| &mut one.until,
            |one| &mut one.lr,
            |one| &mut one.lambda0,
            |one| &mut one.journal.curve[0].loss,
            |one| &mut one.journal.curve[10].loss,
            |one| &mut one.journal.curve[20].loss,
            |one| &mut one.journal.looks[1].mu,
            |one| &mut one.journal.looks[1].quotient,
            |one| &mut one.journal.looks[1].least,
            |one| &mut one.journal.looks[1].greatest,
            |one| one.journal.first_step.as_mut().unwrap(),
            |one| &mut one.journal.stretch.as_mut().unwrap().fall,
            |one| &mut one.beside.as_mut().unwrap().off,
        ];
        for (at, place) in places.into_iter().enumerate() {
            let mut broken = account();
            *place(&mut broken) = f64::NAN;
            assert!(fails(&[account(), broken]), "{at}");
        }
        assert!(fails(&[]), "of no network");
        // lambda0 is the least of the looks, one of which may be without number.
        let mut journal = account().journal;
        journal.looks[1].least = f64::NAN;
        assert!(journal.least().is_nan());
        journal.curve[3].mu = f64::NAN;
        assert!(journal.slowest().is_nan());
    }

    #[test]
    fn a_graph_without_eigenvalues_fails() {
        assert!(graph((-1.0, 1.0)).pass);
        assert!(!graph((f64::NAN, 1.0)).pass && !graph((-1.0, f64::NAN)).pass);
    }
}
