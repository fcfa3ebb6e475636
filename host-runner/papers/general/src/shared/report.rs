//! From the keys to the numbers, claims and figures of one family.
use super::account::Account;
use super::descent::Course;
use super::family::Family;
use super::flow::beside;
use super::journal::Look;
use super::pace::Pace;
use super::{figures, notes, verdicts};
use lab::failure::Failure;
use lab::statistics::smaller;
use lab::{Context, Numbers, Outcome};

/// An experiment of this paper that trains.
pub fn run(context: &Context, family: Family) -> Result<Outcome, Failure> {
    let course = Course::new(context, family)?;
    let journals = course.train()?;
    let mut accounts = Vec::new();
    for (index, journal) in journals.into_iter().enumerate() {
        let (parameters, targets) = (course.starts[index].len(), course.samples.targets());
        let exact = course.exact();
        let beside = beside(&course, index, &journal)?;
        // Without enough parameters K is singular, whatever Lanczos' method can see.
        let lambda0 = match () {
            () if parameters < targets => 0.0,
            () if exact => journal.least(),
            () => smaller(journal.least(), journal.slowest()),
        };
        accounts.push(Account {
            label: &course.networks[index].label,
            suffix: &course.networks[index].suffix,
            parameters,
            targets,
            journal,
            until: course.lr * course.epochs as f64,
            lr: course.lr,
            exact,
            lambda0,
            beside,
        });
    }
    let mut metrics = Numbers::new();
    metrics.push("samples", course.samples.n as f64);
    metrics.push("inputs", course.samples.ends.0 as f64);
    metrics.push("kernel_size", course.samples.targets() as f64);
    accounts.iter().for_each(|account| account.report(&mut metrics));
    let mut verdicts = verdicts::of(context, &accounts);
    if let Some(graph) = &course.samples.graph {
        let (own, printed) = (graph.ends(false), graph.ends(true));
        verdicts.push(verdicts::graph(own));
        for (name, value) in [
            ("graph_edges", graph.list.len() as f64),
            ("graph_least", own.0),
            ("graph_greatest", own.1),
            ("graph_printed_least", printed.0),
            ("graph_printed_greatest", printed.1),
        ] {
            metrics.push(name, value);
        }
    }
    Pace::report(accounts.iter().map(|account| account.journal.pace), &mut metrics);
    let notes = notes::of(family, course.own, &accounts);
    let figures = vec![figures::errors(&accounts), figures::rates(&accounts)];
    Ok(Outcome { metrics, verdicts, notes, trace: trace(&accounts), figures, ..Outcome::default() })
}

fn trace(accounts: &[Account]) -> Vec<Numbers> {
    let rows = accounts.iter().enumerate().flat_map(|(index, account)| {
        account.journal.curve.iter().map(move |at| {
            let look = account.journal.looks.iter().find(|look| look.epoch == at.epoch);
            let seen = |of: fn(&Look) -> f64| look.map_or(f64::NAN, of);
            Numbers::from([
                ("network", index as f64),
                ("epoch", at.epoch as f64),
                ("t", account.lr * at.epoch as f64),
                ("loss", at.loss),
                ("mu", at.mu),
                ("least", seen(|look| look.least)),
                ("greatest", seen(|look| look.greatest)),
            ])
        })
    });
    rows.collect()
}
