//! What the paper states, in the order of its text, and what shows it here.
use lab::Statement;

/// The ledger.
pub static STATEMENTS: &[Statement] = &[];
