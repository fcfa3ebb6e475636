//! Figures like the paper's third: errors over epochs, and below them what the theorem is about.
use super::account::Account;
use lab::figure::{Corner, Figure, Look, Panel};

/// |y - F|^2 of all networks over the epochs.
pub fn errors(accounts: &[Account]) -> Figure {
    let mut linear = Panel::new("squared error", "epoch", "|y - F|^2 / |y - F_0|^2");
    let mut log = Panel::new("the same, logarithmic", "epoch", "|y - F|^2 / |y - F_0|^2").log_y();
    for account in accounts {
        let first = account.journal.first().loss;
        let curve = account.journal.curve.iter().map(|at| (at.epoch as f64, at.loss / first));
        let curve: Vec<_> = curve.collect();
        linear = linear.series(Look::Line, account.label, curve.clone());
        log = log.series(Look::Line, account.label, curve);
    }
    Figure::new("error", "Error of gradient descent").panel(linear).panel(log)
}

/// The rate of |r|, lambda_min, and the error over its bound.
pub fn rates(accounts: &[Account]) -> Figure {
    let exact = accounts.iter().all(|account| account.exact);
    let eigenvalue = if exact { "lambda_min(G)" } else { "upper bound of lambda_min(G)" };
    let mut rate = Panel::new("rate of |y - F|", "epoch", "r^T G r / |r|^2").log_x().log_y();
    let mut least = Panel::new(eigenvalue, "epoch", eigenvalue).log_x().log_y();
    let mut over = Panel::new("error over its bound", "epoch", "|y - F_t| / bound").log_y();
    for account in accounts {
        let (label, journal) = (account.label, &account.journal);
        // Epoch 0 has no place on a logarithmic axis.
        let place = |epoch: u64| epoch as f64 + 1.0;
        rate = rate.series(
            Look::Line,
            label,
            journal.curve.iter().map(|at| (place(at.epoch), 0.5 * at.mu)),
        );
        let looks = journal.looks.iter().map(|look| (place(look.epoch), look.least));
        least = least.series(Look::Line, label, looks);
        let first = journal.first().loss;
        let bound = account.curve().zip(&journal.curve).map(|((t, loss), at)| {
            (at.epoch as f64, (loss / first).sqrt() * (account.lambda0 * t).exp())
        });
        over = over.series(Look::Line, label, bound);
    }
    let legend = Corner::BottomLeft;
    Figure::new("rates", "What the theorem promises, and what happens")
        .panel(rate.legend(legend))
        .panel(least.legend(legend))
        .panel(over.legend(legend))
}
