//! Negative controls: wrong physics, planted on purpose.
//!
//! A verdict that cannot fail says nothing. A run with a control must fail, which is exit code 3;
//! where it does not, the claims of that experiment do not depend on what was broken.
use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// What is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Control {
    /// Every step is twice as long as the clock says
    DoubledRate,
    /// relu'(0) = 1 instead of 0
    SigmaPrimeOne,
    /// The residual has the wrong sign, so that the loss is climbed
    WrongSign,
}

impl Control {
    /// The Euler step to take where `dt` is meant. The clock must go on by `dt`.
    pub fn effective_dt(control: Option<Self>, dt: f64) -> f64 {
        match control {
            Some(Self::DoubledRate) => 2.0 * dt,
            // The residual is a factor of every derivative of the flow.
            Some(Self::WrongSign) => -dt,
            Some(Self::SigmaPrimeOne) | None => dt,
        }
    }

    /// relu'(0). It matters where a pair of neuron and sample sits exactly on its kink.
    pub fn relu_prime_at_zero(control: Option<Self>) -> f64 {
        if control == Some(Self::SigmaPrimeOne) { 1.0 } else { 0.0 }
    }

    /// As on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::DoubledRate => "doubled-rate",
            Self::SigmaPrimeOne => "sigma-prime-one",
            Self::WrongSign => "wrong-sign",
        }
    }

    /// The names of `controls`, for messages.
    pub fn names(controls: &[Self]) -> String {
        match controls {
            [] => "none".into(),
            _ => controls.iter().map(|c| c.name()).collect::<Vec<_>>().join(", "),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_control_has_one_name_everywhere() {
        for control in Control::value_variants() {
            assert_eq!(json!(control), control.name());
            assert_eq!(Control::from_str(control.name(), false), Ok(*control));
        }
    }

    #[test]
    fn each_control_breaks_one_thing() {
        let dt = |control| Control::effective_dt(control, 0.5);
        let gate = Control::relu_prime_at_zero;
        assert_eq!((dt(None), gate(None)), (0.5, 0.0));
        for (control, step, at_zero) in [
            (Control::DoubledRate, 1.0, 0.0),
            (Control::WrongSign, -0.5, 0.0),
            (Control::SigmaPrimeOne, 0.5, 1.0),
        ] {
            assert_eq!((dt(Some(control)), gate(Some(control))), (step, at_zero));
        }
    }
}
