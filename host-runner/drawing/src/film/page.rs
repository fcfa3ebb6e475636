//! The page of a film: HTML that is well-formed XML as well, with style and player inside.
use super::share;
use crate::draw;
use lab::figure::{Figure, Film, Frame};
use std::fmt::Write;

const STYLE: &str = include_str!("player.css");
const PLAYER: &str = include_str!("player.js");

pub fn html(film: &Film) -> String {
    let last = film.frames.len().saturating_sub(1);
    let svgs: Vec<String> = film.frames.iter().map(svg).collect();
    let shared = share::share(&svgs);
    let title = escaped(&film.title);
    let mut frames = String::new();
    for (k, (frame, drawing)) in film.frames.iter().zip(&shared.drawings).enumerate() {
        // Without scripts nothing shows a hidden frame, so the ends are not.
        let hidden = if k == 0 || k == last { "" } else { " hidden=\"hidden\"" };
        let caption = escaped(&frame.caption);
        let (width, height) = &drawing.size;
        // Writing to a String cannot fail.
        let _ = writeln!(
            frames,
            "<figure class=\"frame\" id=\"frame-{k}\"{hidden}><figcaption>{caption}</figcaption>\
             <svg{} viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{title}, {caption}\">\
             {}</svg></figure>",
            drawing.attributes, drawing.body,
        );
    }
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
         <svg class=\"shared\" width=\"0\" height=\"0\" aria-hidden=\"true\"><defs>{}</defs></svg>\n\
         <main>\n{frames}</main>\n\
         <p class=\"keys\" id=\"keys\" hidden=\"hidden\">Keys: space plays and stops, \u{2190} and \
         \u{2192} step, Home and End jump.</p>\n\
         <noscript><p>The film needs scripts; these are its first and its last frame.</p></noscript>\n\
         <script>\n//<![CDATA[\n{PLAYER}//]]>\n</script>\n</body>\n</html>\n",
        shared.defs,
    )
}

/// Without title and name: the page has them.
fn svg(frame: &Frame) -> String {
    draw::svg(&Figure { panels: frame.panels.clone(), ..Figure::new("", "") })
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
