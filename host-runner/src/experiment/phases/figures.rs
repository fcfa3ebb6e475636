//! How it looks.
use super::super::orthogonal_phases::Found;
use crate::figure::Figure;

pub fn all(_: &Found) -> Vec<Figure> {
    Vec::new()
}
