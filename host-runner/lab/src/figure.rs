//! Figures as data: panels, series and guides, which the crate `drawing` makes pictures of. A row of them in time is a
//! film.
mod axes;
mod film;
mod model;
pub mod network;
mod spacing;

pub use film::{Film, Frame};
pub use model::{Axis, Corner, Figure, Guide, Look, Panel, Series};
pub use spacing::{evenly_spaced, log_spaced};
