//! All that was measured.
use super::sweep::{InitialValueProblem, Phases};
use super::{chance, nearly};

/// All that was measured.
pub struct Found {
    pub problem: InitialValueProblem,
    pub runs: Vec<Phases>,
    pub odds: Vec<chance::Odds>,
    pub trials: Vec<chance::Trial>,
    pub moved: Vec<nearly::Moved>,
    pub cured: Vec<chance::Cured>,
}
