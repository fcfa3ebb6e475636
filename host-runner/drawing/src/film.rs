//! Films as pages.
pub mod page;
mod share;
#[cfg(test)]
mod tests;
