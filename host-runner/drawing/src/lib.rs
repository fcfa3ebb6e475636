//! Draws the figures and films that experiments describe.
//!
//! | question | file |
//! |---|---|
//! | how does a figure look? | `draw` |
//! | dashes | `dashes` |
//! | a page that plays | `film` |
#![forbid(unsafe_code)]

mod dashes;
mod draw;
mod film;
#[cfg(test)]
mod tests;

use lab::Failure;
use lab::figure::{Figure, Film};
use lab::run_folder::RunFolder;

/// The drawing as SVG text.
pub fn svg(figure: &Figure) -> String {
    draw::svg(figure)
}

/// The drawing as a PNG file.
pub fn png(figure: &Figure) -> Result<Vec<u8>, Failure> {
    draw::png(figure)
        .map_err(|why| Failure::failed(format!("cannot draw figure {}: {why}", figure.name)))
}

/// One HTML file with everything in it: the frames as SVG and a player. Needs no network and no
/// server; where scripts are off it shows the first and the last frame.
pub fn html(film: &Film) -> String {
    film::page::html(film)
}

/// Writes `figures/*.{csv,svg,png}`.
pub fn write_figures(folder: &RunFolder, figures: &[Figure]) -> Result<(), Failure> {
    for figure in figures {
        folder.write(&format!("figures/{}.csv", figure.name), figure.csv().as_bytes())?;
        folder.write(&format!("figures/{}.svg", figure.name), svg(figure).as_bytes())?;
        folder.write(&format!("figures/{}.png", figure.name), &png(figure)?)?;
    }
    Ok(())
}

/// Writes `figures/*.html`.
pub fn write_films(folder: &RunFolder, films: &[Film]) -> Result<(), Failure> {
    films.iter().try_for_each(|film| {
        folder.write(&format!("figures/{}.html", film.name), html(film).as_bytes())
    })
}
