//! The words of a configuration that every command shares.
use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// Float type of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// Single.
    F32,
    /// Double.
    F64,
}

/// A set of defaults.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Preset {
    /// Smaller, to see it work.
    Quick,
    /// The published protocol.
    Paper,
    /// Beyond what the paper could run.
    Extended,
}

/// Arithmetic of the kernels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Arithmetic {
    /// Multiply and add rounded once where the machine can
    Fused,
    /// Multiply, then add: the same bits everywhere
    Canonical,
}
