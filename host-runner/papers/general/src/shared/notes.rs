//! Where the paper's text is misprinted or silent, and what the runs follow.
use super::account::Account;
use super::family::Family;
use lab::statistics::min;

/// Of a run; nothing of the paper's protocol where data or network are the user's `own`.
pub fn of(family: Family, own: bool, accounts: &[Account]) -> Vec<String> {
    let protocol = [
        "The paper prints neither the slope of the leaky relu (here 0.01) nor the radius of the ball (here 1), the \
         widths and depths between the first and the last of Figure 3, or the seed. Its 'default \
         Kaiming-He uniform initialization' is taken for that of PyTorch's nn.Linear, W and b uniform on \
         +-1/sqrt(inputs); `start=kaiming` has He's own bound, from which sixteen residual layers diverge."
            .to_owned(),
        family_note(family).to_owned(),
    ];
    let mut notes: Vec<String> = protocol.into_iter().filter(|_| !own).collect();
    if accounts.iter().all(|account| account.exact) {
        notes.push(
            "lambda0 is the least lambda_min(G) at the looks. G jumps where a leaky relu passes its kink, so \
             that its infimum over the run may lie between looks; what is below nM eps lambda_max, the \
             rounding of G, is reported as 0."
                .into(),
        );
    } else {
        notes.push(
            "lambda_min(G) is not known at this size: Lanczos' method in f64 gives Ritz values, which are upper \
             bounds of it (lambda_min_0_upper), as is every rate |r| ever falls with; the least of all these \
             is lambda0_upper. The bound checked with it is stronger than the theorem's, but that lambda0 > 0, on \
             which the theorem rests, is not shown by upper bounds. Where P < nM lambda0 is 0, for the \
             rank of G is at most P."
                .into(),
        );
    }
    let stiff: Vec<&str> =
        accounts.iter().filter(|one| one.starts_stiff()).map(|one| one.label).collect();
    if !stiff.is_empty() {
        notes.push(format!(
            "{}: lr lambda_max(G) is above 1 at the start, so that the first steps of descent are none of the \
             flow's, above 2 unstable: the error is large, and falls within some tens of steps to where \
             lambda_max is small enough. The paper leaves the first 100 epochs of its residual networks out. \
             The clock is checked on the first step, not on the fall of the loss.",
            stiff.join(", ")
        ));
    }
    let parts = |account: &&Account| {
        account.fall() / account.journal.integral < 0.95 && !account.journal.broken
    };
    for account in accounts.iter().filter(parts) {
        let (share, stiffness) = (account.fall() / account.journal.integral, account.stiffness());
        let why = if stiffness > 1.8 {
            format!(
                "lr lambda_max(G) has come to {stiffness:.2}, at the 2 from which descent is unstable: it \
                 oscillates along the first eigenvectors, whose part of the gradient counts for the rate of the \
                 flow and not for descent, which has left the flow by then"
            )
        } else if stiffness > 0.5 {
            format!(
                "lr lambda_max(G) has come to {stiffness:.2}: along the first eigenvectors a step of descent is no \
                 short step of the flow any more, though still stable, below 2"
            )
        } else {
            format!(
                "lr lambda_max(G) is {stiffness:.2} at most, so this is not instability: units come to rest at \
                 kinks of the leaky relu, where the flow slides between two linear pieces and descent \
                 chatters from one to the other, and the gradient of either piece overstates the rate"
            )
        };
        notes.push(format!(
            "{}: over the whole run log L falls by {share:.2} of the integral of |grad L|^2/L. {why}. The clock \
             is checked before that.",
            account.label
        ));
    }
    let loose = accounts.iter().filter(|account| account.lambda0 > 0.0);
    let ratios: Vec<f64> = loose.map(|account| account.rate() / account.lambda0).collect();
    if let Some(least) = Some(min(&ratios)).filter(|least| *least > 10.0) {
        notes.push(format!(
            "Theorem 3.1 holds here with room to spare: |y - F| falls at {least:.0} times the rate lambda0 or \
             faster. A run at twice the rate would satisfy it as well; the other verdicts are there to \
             notice that."
        ));
    }
    let singular: Vec<&str> = accounts
        .iter()
        .filter(|account| account.lambda0 == 0.0 && account.parameters >= account.targets)
        .map(|account| account.label)
        .collect();
    if !singular.is_empty() {
        notes.push(format!(
            "{}: G is numerically singular on the way although P >= nM, and the theorem promises nothing. \
             Lemma 3.2, by which that has probability 0, does not hold: see general-singular.",
            singular.join(", ")
        ));
    }
    notes
}

fn family_note(family: Family) -> &'static str {
    match family {
        Family::Dense => {
            "Hidden layers are activated, the last is linear. With hidden layers [50, 50] P = 30150 is below \
             nM = 50000, so that G is singular and the theorem says nothing of that curve."
        }
        Family::Residual => {
            "As in Corollary 3.2.1 a layer is x + Wx + b, with the activation of the next one around it and none \
             after the last: a dense network whose weights start near 1 instead of near 0, which is how it is \
             computed. P = 10100 a layer: 8 layers have 80800 < nM = 100000 parameters, so that G is singular; \
             from 10 on P >= nM."
        }
        Family::Graph => {
            "The paper prints D^(1/2) A D^(1/2), which is taken for a misprint of D^(-1/2) A D^(-1/2): the path of \
             three samples has eigenvalues -1, 2, 6 in one and -0.17, 0.5, 1 in the other. A joins samples of \
             which one is among the 10 nearest of the other, and each with itself; whether the paper's \
             graph is symmetrised, has loops, or widths between [25, 25] and [200, 200] other than \
             these, it does not say."
        }
    }
}
