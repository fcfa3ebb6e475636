//! The claims. The tolerances leave room for other seeds: what sets them is how far lambda is from
//! 0.
use lab::statistics::larger;
use lab::{Numbers, Verdict};

pub fn judge(metrics: &Numbers, default_shape: bool) -> Vec<Verdict> {
    let paper = |what: &str| format!("arXiv 2206.00939, {what}");
    let aligns = paper("(10), Lemma 2 and Lemma 7");
    let grows = paper("Lemma 2 and Lemma 9");
    let second = paper("Lemma 3 and Lemma 10");
    let third_phase = paper("Lemma 4 and Lemma 11");
    let fact = paper("Fact 1");
    let theorem = &*paper("Theorem 1");
    let limit = &*paper("Proposition 1 and Theorem 1");
    let local = &*paper("Lemmas 5, 14 and 15");
    let third = &*paper("Assumption 3, (5) and (6)");
    let own = "a claim of reluflow";
    let ratio = |power, expected| metrics.number(power) / metrics.number(expected);
    let mut verdicts = vec![
        Verdict::at_most(
            "carriers align in a time that does not depend on lambda: its relative spread",
            &aligns,
            metrics.number("aligned_spread"),
            1e-3,
        ),
        Verdict::at_most(
            "while they align their norm grows by a factor that does not either: its spread",
            &grows,
            metrics.number("growth_spread"),
            1e-2,
        ),
        Verdict::near(
            "1 - cos of the carriers with D falls at 2 |D|: rate in these units",
            &aligns,
            metrics.number("alignment_rate_ratio"),
            1.0,
            1e-2,
        ),
        Verdict::near(
            "the side of larger |D| escapes at log(1/lambda)/|D|: slope in these units",
            &second,
            metrics.number("slope_lead_ratio"),
            1.0,
            1e-3,
        ),
        Verdict::near(
            "the other side escapes at log(1/lambda)/|D| of its own: slope in these units",
            &third_phase,
            metrics.number("slope_second_ratio"),
            1.0,
            1e-3,
        ),
        Verdict::near(
            "between the escapes L comes to that of the saddle: ratio at the smallest lambda",
            &fact,
            metrics.number("saddle_loss_ratio"),
            1.0,
            1e-6,
        ),
        Verdict::at_least(
            "|theta|^2 ends above the smallest of all interpolators: least relative excess",
            limit,
            metrics.number("norm_excess_least"),
            -1e-8,
        ),
        Verdict::at_most(
            "the network goes to the interpolator of smallest norm: relative distance at 1e-100",
            theorem,
            metrics.number("function_distance_1e100"),
            1e-4,
        ),
        Verdict::equal(
            "it has one direction for each sign: directions that hold |theta|^2 but 1e-6 of it",
            limit,
            metrics.number("directions_1e300"),
            2.0,
        ),
        Verdict::near(
            "near the limit mu is at least 2 min(|D_+|, |D_-|): least mu in these units",
            local,
            metrics.number("mu_least_ratio"),
            1.0,
            1e-3,
        ),
        Verdict::near(
            "and it is 4 |D| of the side that is fitted last: mu in these units",
            local,
            metrics.number("mu_last_over_4d"),
            1.0,
            1e-2,
        ),
        Verdict::at_most(
            "Assumption 3 has the probability counted: worst deviation in standard errors",
            third,
            metrics.number("odds_worst_deviation"),
            4.5,
        ),
        Verdict::equal(
            "a start fits all samples if each is seen by a neuron of its sign: exceptions",
            own,
            metrics.number("fitted_not_as_foretold"),
            0.0,
        ),
        Verdict::at_most(
            "the norm at the end is the one counted, Assumption 3 or not: largest relative error",
            own,
            metrics.number("failing_norm_error"),
            1e-3,
        ),
        Verdict::equal(
            "under Assumption 3 the side of larger |D|, unless both are nearly equal, is fitted \
             first: share of flows",
            &second,
            metrics.number("holding_lead_first"),
            1.0,
        ),
        Verdict::at_most(
            "on samples of correlation up to .1 the escapes have the slopes of the sliding flow: \
             largest relative error",
            own,
            larger(
                metrics.number("near_slope_error_lead"),
                metrics.number("near_slope_error_second"),
            ),
            1e-3,
        ),
        Verdict::equal(
            "correlation wakes pairs: a start fits all samples if each side has a neuron that sees \
             one of them: exceptions",
            own,
            metrics.number("cured_not_as_foretold"),
            0.0,
        ),
    ];
    // A smaller power than that does not get going within 300 decades.
    let power = metrics.number("saddle_power_expected");
    if power.is_nan() || power > 0.03 {
        verdicts.push(Verdict::near(
            "the distance to that saddle falls as the power of lambda foretold: ratio of powers",
            &fact,
            ratio("saddle_power", "saddle_power_expected"),
            1.0,
            0.1,
        ));
    }
    // With one sample of each sign every neuron that grows is a carrier.
    if larger(metrics.number("runner_up_lead"), metrics.number("runner_up_second")) != 0.0 {
        verdicts.extend([
            Verdict::at_most(
                "neurons that miss a sample of their sign explain the excess: largest error",
                theorem,
                metrics.number("norm_unexplained"),
                0.02,
            ),
            Verdict::near(
                "what they hold of |theta|^2 falls as the power foretold: ratio of powers",
                theorem,
                ratio("others_power", "others_power_expected"),
                1.0,
                0.02,
            ),
        ]);
    }
    // The deltas and the lambda at which the excess is read suit the default shape.
    if default_shape {
        verdicts.push(Verdict::between(
            "woken neurons leave an excess of order (lambda/delta)^2: power of delta",
            own,
            metrics.number("woken_power"),
            -2.3,
            -1.7,
        ));
    }
    verdicts
}
