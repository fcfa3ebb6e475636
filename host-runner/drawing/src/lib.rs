//! Figures drawn as SVG and PNG, films as pages.
//!
//! A figure is laid out once, as a `scene` of boxes, lines, marks and texts, which both writers
//! take as it is. Their output is a function of the figure alone: texts are measured and, in PNG, drawn
//! with the font inside this crate.
//!
//! | question | file |
//! |---|---|
//! | where does everything go? | `layout`, `scene` |
//! | ticks, ranges, pixels | `ticks`, `scale`, `axes` |
//! | lines, marks, dashes | `series`, `lines`, `guides` |
//! | the legend | `legend` |
//! | the two writers | `svg`, `raster` |
//! | letters | `font`, and the folder `fonts` |
//! | a page that plays | `film` |
#![forbid(unsafe_code)]

mod axes;
mod film;
mod font;
mod guides;
mod layout;
mod legend;
mod lines;
mod raster;
mod scale;
mod scene;
mod series;
mod svg;
mod ticks;

pub use film::html;
use lab::Failure;
use lab::figure::{Figure, Film};
use lab::run_folder::RunFolder;
use lab::unicode;

/// The drawing as SVG text.
pub fn svg(figure: &Figure) -> String {
    svg::document(&layout::scene(figure, layout::Use::Still), &unicode(&figure.title))
}

/// The drawing as a PNG file, two pixels for each unit of the SVG.
///
/// # Errors
/// A picture too large for the memory.
pub fn png(figure: &Figure) -> Result<Vec<u8>, Failure> {
    raster::png(&layout::scene(figure, layout::Use::Still))
        .map_err(|why| Failure::failed(format!("cannot draw figure {}: {why}", figure.name)))
}

/// Writes `figures/*.{csv,svg,png}`.
///
/// # Errors
/// A folder that cannot be written, a picture that cannot be drawn.
pub fn write_figures(folder: &RunFolder, figures: &[Figure]) -> Result<(), Failure> {
    for figure in figures {
        folder.write(&format!("figures/{}.csv", figure.name), figure.csv().as_bytes())?;
        folder.write(&format!("figures/{}.svg", figure.name), svg(figure).as_bytes())?;
        folder.write(&format!("figures/{}.png", figure.name), &png(figure)?)?;
    }
    Ok(())
}

/// Writes `figures/*.html`.
///
/// # Errors
/// A folder that cannot be written.
pub fn write_films(folder: &RunFolder, films: &[Film]) -> Result<(), Failure> {
    films.iter().try_for_each(|film| {
        folder.write(&format!("figures/{}.html", film.name), html(film).as_bytes())
    })
}

#[cfg(test)]
mod tests;
