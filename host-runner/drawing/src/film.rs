//! Films as pages that play them: HTML that is well-formed XML as well, with style and player inside.
use crate::layout::{Use, scene};
use crate::svg::{element, escaped, number};
use lab::figure::{Figure, Film};
use lab::unicode;
use std::fmt::Write;

mod share;

const STYLE: &str = include_str!("film/player.css");
const PLAYER: &str = include_str!("film/player.js");
/// Of places in a frame, of which there may be a hundred in one page.
const DECIMALS: usize = 1;

/// One HTML file with everything in it: the frames as SVG and a player. Needs no network and no
/// server; where scripts are off it shows the first and the last frame.
pub fn html(film: &Film) -> String {
    let last = film.frames.len().saturating_sub(1);
    // Without title and name: the page has them.
    let figure = |panels: &[_]| Figure { panels: panels.to_vec(), ..Figure::new("", "") };
    let scenes: Vec<_> =
        film.frames.iter().map(|frame| scene(&figure(&frame.panels), Use::Frame)).collect();
    let elements: Vec<Vec<String>> = scenes
        .iter()
        .map(|scene| scene.shapes.iter().map(|shape| element(shape, DECIMALS)).collect())
        .collect();
    let shared = share::share(&elements);
    let title = escaped(&unicode(&film.title));
    let mut frames = String::new();
    for (k, frame) in film.frames.iter().enumerate() {
        // Without scripts nothing shows a hidden frame, so the ends are not.
        let hidden = if k == 0 || k == last { "" } else { " hidden=\"hidden\"" };
        let caption = escaped(&unicode(&frame.caption));
        let (width, height) = (number(scenes[k].width, 0), number(scenes[k].height, 0));
        let body = &shared.bodies[k];
        // Writing to a String cannot fail.
        let _ = writeln!(
            frames,
            "<figure class=\"frame\" id=\"frame-{k}\"{hidden}><figcaption>{caption}</figcaption>\
             <svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
             role=\"img\" aria-label=\"{title}, {caption}\">{body}</svg></figure>",
        );
    }
    page(&title, last, &shared.defs, &frames)
}

fn page(title: &str, last: usize, defs: &str, frames: &str) -> String {
    format!(
        "<!DOCTYPE html>\n\
         <html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n\
         <div id=\"player\" role=\"group\" aria-label=\"Player\" hidden=\"hidden\">\n\
         <button type=\"button\" id=\"back\" aria-label=\"Previous frame\">\u{25c0}</button>\n\
         <button type=\"button\" id=\"play\">Play</button>\n\
         <button type=\"button\" id=\"next\" aria-label=\"Next frame\">\u{25b6}</button>\n\
         <input type=\"range\" id=\"frame\" min=\"0\" max=\"{last}\" step=\"1\" value=\"0\" \
         aria-label=\"Frame\"/>\n<output id=\"count\"></output>\n</div>\n\
         <svg class=\"shared\" width=\"0\" height=\"0\" aria-hidden=\"true\"><defs>{defs}</defs></svg>\n\
         <main>\n{frames}</main>\n\
         <p class=\"keys\" id=\"keys\" hidden=\"hidden\">Keys: space plays and stops, \u{2190} and \
         \u{2192} step, Home and End jump.</p>\n\
         <noscript><p>The film needs scripts; these are its first and its last frame.</p></noscript>\n\
         <script>\n//<![CDATA[\n{PLAYER}//]]>\n</script>\n</body>\n</html>\n",
    )
}

#[cfg(test)]
mod tests;
