//! Tables in, arrays out.
#![deny(unsafe_code)] // allowed in `mapped` alone

pub mod dataset;
mod mapped;
pub mod prepare;
pub mod preprocess;
