//! What `orthogonal_phases` is made of.
//!
//! | question | file |
//! |---|---|
//! | which samples, which targets, what is |D|? | `data` |
//! | how is the flow followed? | `follow` |
//! | what is read off a state of it? | `gauge` |
//! | what should come out? | `theory` |
//! | what do the phases do as lambda falls? | `sweep` |
//! | how often does Assumption 3 hold, and what if not? | `chance` |
//! | what does a little correlation change? | `nearly` |
//! | which numbers are reported? | `numbers` |
//! | which claims are judged? | `verdicts` |
//! | how does it look? | `figures` |
pub(super) mod chance;
pub(super) mod data;
pub(super) mod figures;
pub(super) mod follow;
pub(super) mod gauge;
pub(super) mod nearly;
pub(super) mod numbers;
pub(super) mod sweep;
pub(super) mod theory;
pub(super) mod verdicts;
