//! What the papers state of such data, each statement with the hypotheses that data and width decide, and those that are left to
//! the start.
use engine::exact::minimum_norm;
use engine::facts::Facts;
use lab::failure::Failure;
use lab::short;
use reluflow::SamplesView;
use reluflow::geometry::{
    assumption_3_probability, assumption_3_width, lemma_5_probability, lemma_5_width,
};
use serde_json::{Map, Value, json};

const WEAK: (&str, &str) = ("weak", "arXiv 2502.16977");
const ORTHOGONAL: (&str, &str) = ("orthogonal", "arXiv 2206.00939");

/// |D+| and |D-| are equal if they differ by this many roundings of their own.
const ROUNDINGS: f64 = 64.0;

/// What the statements are about.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    pub samples: SamplesView<'a, f64>,
    pub facts: &'a Facts,
    /// |D+|, |D-|.
    pub rates: (f64, f64),
    /// Number of neurons.
    pub width: u32,
    /// Probability with which a random start may fail a hypothesis.
    pub eps: f64,
}

/// What there is to say of a statement.
struct Holds {
    /// What the start must fulfil besides.
    conditions: Vec<String>,
    values: Value,
}

/// That inputs of other norms than 1 are as good.
const NORMS: &str = "the inputs do not have norm 1, to which the paper scales them for convenience";

impl Asked<'_> {
    /// One document a statement: `paper`, `source`, `statement`; then `not_applicable`, the hypothesis that fails and why,
    /// or `if`, the hypotheses that only a start can fulfil, and `values`.
    pub(super) fn claims(&self) -> Result<Vec<Value>, Failure> {
        let limit = self.limit();
        let (plus, minus) = self.rates;
        let growth = limit.clone().map(|conditions| Holds {
            conditions,
            values: json!({ "D_plus": plus, "D_minus": minus }),
        });
        let norm = match limit {
            Ok(conditions) => {
                let values = json!({
                    "theta_norm_sq": minimum_norm(self.samples)?,
                    "probability_at_width": self.assumption_3(),
                });
                Ok(Holds { conditions, values })
            }
            Err(why) => Err(why),
        };
        let mut all = vec![
            claim(
                WEAK,
                "Lemma 7",
                "mu has a lower bound from the weights alone",
                self.bound_of_mu(),
            ),
            claim(
                WEAK,
                "Theorem 1",
                "the loss tends to 0 and the mean curvature is at least C/n",
                self.convergence(),
            ),
            claim(
                WEAK,
                "Lemma 5",
                "a random start has an active neuron of the right sign for every sample",
                self.right_neurons(),
            ),
            claim(
                ORTHOGONAL,
                "Lemmas 2 and 3",
                "neurons of each sign align with D+ and -D- and grow at the rates |D+| and |D-|",
                growth,
            ),
            claim(
                ORTHOGONAL,
                "Theorem 1",
                "the limit is the interpolator of minimum norm (s = 1)",
                norm,
            ),
        ];
        for claim in &mut all {
            if claim["paper"] == ORTHOGONAL.0 && claim.get("values").is_some() && self.scaled() {
                claim["note"] = json!(NORMS);
            }
        }
        Ok(all)
    }

    fn bound_of_mu(&self) -> Result<Holds, String> {
        let (g, n) = (&self.facts.geometry, self.samples.n() as f64);
        match self.facts.why_lower_is_vacuous() {
            Some(why) => Err(why),
            None => Ok(Holds {
                conditions: Vec::new(),
                values: json!({ "factor": 2.0 / n * (g.x_min * g.x_min - g.defect.upper) }),
            }),
        }
    }

    /// The width that the theorem asks for has a constant of the law of the weights that the paper does not give. Its proof
    /// needs that width for two things, which a start has or has not.
    fn convergence(&self) -> Result<Holds, String> {
        let (g, n) = (&self.facts.geometry, self.samples.n());
        if let Some(why) = self.facts.why_not_assumption_2() {
            return Err(format!("Assumption 2 fails: {why}"));
        }
        let (p, least) = (self.width as usize, 1.0 - self.eps);
        let probability = lemma_5_probability(n, p);
        if probability < least {
            return Err(format!(
                "the width: every sample needs a neuron with a_j y_i > 0 that sees it; Lemma 5 gives \
                 that a probability of {} at width {p}, and the {} asked for at width {}",
                short(probability),
                short(least),
                lemma_5_width(n, self.eps).unwrap_or_default(),
            ));
        }
        let constant = g.theorem_1_constant();
        let allowed = 2.0 * g.y_max * g.y_max;
        Ok(Holds {
            conditions: vec![
                "|a_j| >= |w_j| at the start (Assumption 1)".into(),
                format!(
                    "every sample has a neuron with a_j y_i > 0 that sees it at the start: \
                     probability at least {} at width {p} (Lemma 5)",
                    short(probability)
                ),
                format!("L <= 2 (C_y^+)^2 = {} at the start (Lemma 6)", short(allowed)),
            ],
            values: json!({
                "C": constant,
                "rate": constant / n as f64,
                "loss_allowed": allowed,
                "probability_at_width": probability,
            }),
        })
    }

    fn right_neurons(&self) -> Result<Holds, String> {
        let n = self.samples.n();
        if let Some(i) = self.facts.zero {
            return Err(format!(
                "sample {i} (counted from 0) is the zero vector, which activates no neuron"
            ));
        }
        if let Some(i) = self.zero_target() {
            return Err(format!("the target of sample {i} (counted from 0) is 0, it has no sign"));
        }
        Ok(Holds {
            conditions: vec![
                "signs and directions of the neurons are independent and symmetric".into(),
            ],
            values: json!({
                "width": lemma_5_width(n, self.eps),
                "probability_at_width": lemma_5_probability(n, self.width as usize),
            }),
        })
    }

    /// What is left to the start in the statements about orthogonal data, where their Assumptions hold.
    fn limit(&self) -> Result<Vec<String>, String> {
        if let Some(why) = self.facts.why_not_orthogonal() {
            return Err(format!("Assumption 1, orthogonal inputs, fails: {why}"));
        }
        if let Some(i) = self.zero_target() {
            return Err(format!(
                "Assumption 2 fails: the target of sample {i} (counted from 0) is 0"
            ));
        }
        let (plus, minus) = self.rates;
        if (plus - minus).abs() <= ROUNDINGS * f64::EPSILON * (plus + minus) {
            return Err(format!(
                "Assumption 2 fails: |D+| = |D-| = {}, positive and negative targets weigh the same",
                short(plus)
            ));
        }
        let (positive, negative) = self.signs();
        let (m, least, probability) = (self.width, 1.0 - self.eps, self.assumption_3());
        if probability < least {
            return Err(format!(
                "Assumption 3, a neuron of each sign that sees all {positive} positive or all \
                 {negative} negative samples, has probability {} at width {m}, and the {} asked for \
                 at width {}",
                short(probability),
                short(least),
                count(assumption_3_width(positive, negative, self.eps).unwrap_or(f64::NAN)),
            ));
        }
        Ok(vec![
            format!(
                "one neuron of each sign sees all samples of that sign at the start (Assumption 3): \
                 probability {} at width {m}",
                short(probability)
            ),
            "the start is balanced and its scale lambda is below a lambda* of these data".into(),
        ])
    }

    /// Whether some input has another norm than 1.
    fn scaled(&self) -> bool {
        let g = &self.facts.geometry;
        [g.x_min, g.x_max].iter().any(|norm| (norm - 1.0).abs() > ROUNDINGS * f64::EPSILON)
    }

    fn zero_target(&self) -> Option<usize> {
        self.samples.y().iter().position(|y| *y == 0.0)
    }

    /// Positive and negative targets.
    fn signs(&self) -> (usize, usize) {
        let y = self.samples.y();
        let positive = y.iter().filter(|y| **y > 0.0).count();
        (positive, y.len() - positive)
    }

    fn assumption_3(&self) -> f64 {
        let (positive, negative) = self.signs();
        assumption_3_probability(positive, negative, f64::from(self.width))
    }
}

/// A whole number, in full as long as that is short.
fn count(number: f64) -> String {
    if number < 1e6 { format!("{number}") } else { short(number) }
}

fn claim(
    (paper, arxiv): (&str, &str),
    number: &str,
    statement: &str,
    holds: Result<Holds, String>,
) -> Value {
    let mut map = Map::new();
    map.insert("paper".into(), json!(paper));
    map.insert("source".into(), json!(format!("{arxiv}, {number}")));
    map.insert("statement".into(), json!(statement));
    match holds {
        Ok(Holds { conditions, values }) => {
            map.insert("if".into(), json!(conditions));
            map.insert("values".into(), values);
        }
        Err(why) => {
            map.insert("not_applicable".into(), json!(why));
        }
    }
    Value::Object(map)
}
