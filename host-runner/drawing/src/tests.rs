//! Figures as files, and what cannot be drawn.
use crate::{png, svg};
use lab::figure::*;

/// A loss with two plateaus, as of a network that meets two saddles.
fn plateaus() -> Figure {
    let loss = |k: usize| {
        let fall = |at: f64| 1.0 / (1.0 + ((k as f64 - at) / 120.0).exp());
        0.25 * fall(5000.0) + 0.25 * fall(11000.0) + 1e-21
    };
    let curve = |ks: &[usize]| ks.iter().map(|&k| (k as f64, loss(k))).collect::<Vec<_>>();
    let every: Vec<usize> = (0..20000).step_by(20).collect();
    let linear = Panel::new("", "iteration", "loss L")
        .series(Look::Line, "this run", curve(&every))
        .guide_x(5000.0, "5000")
        .guide_x(11000.0, "11000")
        .guide_y(0.25, "second saddle, L = 0.25")
        .y_range(0.0, 0.6);
    let log = Panel::new("", "iteration", "loss L")
        .log_x()
        .log_y()
        .series(Look::Line, "this run", curve(&log_spaced(20000, 400)))
        .series(
            Look::Dashed,
            "bound of Theorem 1",
            curve(&log_spaced(20000, 40)).into_iter().map(|(k, l)| (k, 2.0 * l)),
        )
        .guide_y(0.25, "second saddle")
        .legend(Corner::BottomLeft);
    Figure::new("loss", "Two saddles, two plateaus").panel(linear).panel(log)
}

/// Four snapshots of a piecewise-linear function, with its neurons as stars.
fn snapshots() -> Figure {
    let mut figure = Figure::new("network", "The network at four times");
    for (at, slope) in [(0, 0.0), (5000, 0.4), (11000, 1.1), (20000, 1.7)] {
        let h = |x: f64| slope * (x + 0.4f64).max(0.0) - 0.7 * slope * (x - 0.3f64).max(0.0);
        let xs = (-50..=50).map(|i| f64::from(i) / 40.0);
        figure = figure.panel(
            Panel::new(format!("iteration {at}"), "x", "h(x)")
                .series(Look::Line, "network", xs.map(|x| (x, h(x))))
                .series(Look::Stars, "neurons", [(-0.4, h(-0.4)), (0.3, h(0.3))])
                .series(Look::Points, "data", [(-0.5, 0.2), (0.5, 1.0), (1.0, 1.2)])
                .x_range(-1.25, 1.25)
                .y_range(-0.5, 2.0)
                .legend(Corner::TopLeft),
        );
    }
    figure
}

#[test]
fn every_figure_renders_in_three_formats() {
    for figure in [plateaus(), snapshots()] {
        assert!(svg(&figure).contains("</svg>"));
        let png = png(&figure).unwrap();
        assert_eq!(png[..4], *b"\x89PNG");
        assert!(figure.csv().starts_with("panel,series,x,y\n"));
        if let Some(folder) = std::env::var_os("RELUFLOW_FIGURES") {
            let path = std::path::Path::new(&folder).join(&figure.name);
            std::fs::write(path.with_extension("png"), png).unwrap();
            std::fs::write(path.with_extension("svg"), svg(&figure)).unwrap();
        }
    }
}

#[test]
fn points_that_cannot_be_drawn_do_not_stop_the_drawing() {
    let bad = [(0.0, 1.0), (1.0, f64::NAN), (2.0, -1.0), (3.0, f64::INFINITY)];
    for look in [Look::Line, Look::Dashed, Look::Points, Look::Stars] {
        for points in [&bad[..], &bad[..1], &[]] {
            let panel = Panel::new("", "x", "y").series(look, "bad", points.to_vec());
            let figure = Figure::new("f", "").panel(panel.clone()).panel(panel.log_x().log_y());
            assert!(svg(&figure).contains("</svg>"));
        }
    }
    assert!(png(&Figure::new("empty", "")).is_ok());
}

#[test]
fn csv_quotes_and_keeps_every_digit() {
    let panel = Panel::new("a, b", "x", "y").series(Look::Line, "s", [(0.1, 1e-300)]);
    let csv = Figure::new("f", "").panel(panel.guide_y(0.25, "g")).csv();
    assert_eq!(csv, "panel,series,x,y\n\"a, b\",s,0.1,1e-300\n\"a, b\",g,,0.25\n");
}

#[test]
fn log_spacing_keeps_both_ends_and_rises() {
    for total in [1, 2, 3, 10, 20001] {
        let indices = log_spaced(total, 50);
        assert_eq!((indices[0], *indices.last().unwrap()), (0, total - 1));
        assert!(indices.windows(2).all(|pair| pair[0] < pair[1]) && indices.len() <= 50);
    }
    assert!(log_spaced(0, 50).is_empty());
}

/// The x, y, width and height of the last rectangle: a legend is drawn last.
fn last_rectangle(svg: &str) -> [f64; 4] {
    let document = roxmltree::Document::parse(svg).unwrap();
    let mut rectangles = document.descendants().filter(|node| node.has_tag_name("rect"));
    let rectangle = rectangles.next_back().unwrap();
    ["x", "y", "width", "height"].map(|name| rectangle.attribute(name).unwrap().parse().unwrap())
}

#[test]
fn panels_stand_in_pairs_and_mathematics_is_printed() {
    let size = |panels: usize| {
        let panels = (0..panels).map(|k| Panel::new(format!("mu at {k}"), "lambda", "|theta|^2"));
        let figure = Figure { panels: panels.collect(), ..Figure::new("f", "kappa_1 <= 1") };
        let text = svg(&figure);
        for printed in ["μ at 0", "λ", "|θ|²", "κ₁ ≤ 1"] {
            assert!(text.contains(printed), "{printed}");
        }
        let root = roxmltree::Document::parse(&text).unwrap();
        let side = |name| -> f64 { root.root_element().attribute(name).unwrap().parse().unwrap() };
        (side("width"), side("height"))
    };
    assert_eq!((size(3), size(2).0), (size(4), size(4).0));
    assert!(size(4).1 > 900.0 && size(6).0 <= 1500.0);
}

#[test]
fn the_same_figure_gives_the_same_bytes_whatever_was_drawn_before() {
    let (first, picture) = (svg(&plateaus()), png(&plateaus()).unwrap());
    let _ = (svg(&snapshots()), png(&snapshots()));
    assert_eq!(svg(&plateaus()), first);
    assert_eq!(png(&plateaus()).unwrap(), picture);
}

#[test]
fn a_legend_stays_inside_the_frame() {
    let name = "the distance to the second saddle of the loss, bounded as in Theorem 1, ".repeat(3);
    for corner in [Corner::TopRight, Corner::TopLeft, Corner::BottomLeft, Corner::BottomRight] {
        for (panels, series, frame) in [(1, 5, (860.0, 540.0)), (2, 20, (600.0, 450.0))] {
            let mut figure = Figure::new("f", "");
            for number in 0..panels {
                let mut panel = Panel::new("", "x", "y").legend(corner);
                for k in 0..series {
                    // Other names in each panel, or else they would share one legend.
                    let name = format!("{number} {name}");
                    panel = panel.series(Look::Line, name, [(0.0, 0.0), (1.0, f64::from(k))]);
                }
                figure = figure.panel(panel);
            }
            let [x, y, width, height] = last_rectangle(&svg(&figure));
            let left = 12.0 + f64::from(panels - 1) * (frame.0 + 18.0);
            // Room for the ticks and their labels around the frame, which has none at its top.
            assert!(x > left + 30.0 && x + width < left + frame.0 - 20.0, "{x} {width}");
            assert!(y > 12.0 && y + height < 12.0 + frame.1 - 40.0, "{y} {height}");
        }
    }
}

#[test]
fn log_axes_reach_from_the_smallest_numbers_and_hold_single_ones() {
    let panel = Panel::new("", "x", "y").log_x().log_y();
    let deep = panel.clone().series(Look::Line, "", [(1e-300, 1.0), (1.0, 1e-300)]);
    let text = svg(&Figure::new("f", "").panel(deep));
    assert!(text.contains(">10⁻³⁰⁰</text>") && text.contains(">10⁰</text>"));
    assert!(!text.contains("NaN") && !text.contains("inf"));
    let single = svg(&Figure::new("f", "").panel(panel.series(Look::Points, "", [(3.0, 3e-20)])));
    assert!(single.contains(">10⁻²⁰</text>") && single.contains(">10⁻¹⁹</text>"));
    assert!(single.contains(">1</text>") && single.contains(">10</text>"));
}

#[test]
fn a_png_is_twice_as_large_as_its_svg() {
    for figure in [plateaus(), snapshots(), Figure::new("empty", "")] {
        let text = svg(&figure);
        let document = roxmltree::Document::parse(&text).unwrap();
        let size = |name| document.root_element().attribute(name).unwrap().parse::<u32>().unwrap();
        let picture = tiny_skia::Pixmap::decode_png(&png(&figure).unwrap()).unwrap();
        let twice = (2 * size("width"), 2 * size("height"));
        assert_eq!((picture.width(), picture.height()), twice);
        // Something is drawn, on white.
        assert!(picture.pixels().iter().any(|pixel| pixel.red() < 100));
        assert_eq!(picture.pixels()[0].demultiply().red(), 255);
    }
}

#[test]
fn equal_units_make_a_circle_round() {
    let circle = (0..=100).map(|k| f64::from(k) * std::f64::consts::TAU / 100.0);
    let circle: Vec<_> = circle.map(|at| (at.cos(), at.sin())).collect();
    let free = Panel::new("", "x", "y").series(Look::Line, "", circle).equal();
    let half = free.clone().x_range(-2.0, 2.0);
    let fixed = half.clone().y_range(-3.0, 3.0);
    for panel in [free, half, fixed] {
        let axes = crate::axes::Axes::of(
            &panel,
            crate::scene::Area { x: 50.0, y: 20.0, width: 300.0, height: 200.0 },
        );
        let place = |x, y| axes.place((x, y)).unwrap();
        let (right, top, middle) = (place(1.0, 0.0), place(0.0, 1.0), place(0.0, 0.0));
        assert!((right.0 - middle.0 - (middle.1 - top.1)).abs() < 1e-9, "{axes:?}");
        assert!(axes.area.holds(right) && axes.area.holds(top));
    }
}

#[test]
fn dashes_do_not_depend_on_how_many_points_a_line_has() {
    let drawn = |count: u32| {
        let points = (0..=count).map(|k| (f64::from(k) / f64::from(count), 0.5));
        let panel = Panel::new("", "x", "y").series(Look::Dashed, "", points);
        let picture = png(&Figure::new("f", "").panel(panel.y_range(0.0, 1.0))).unwrap();
        tiny_skia::Pixmap::decode_png(&picture).unwrap()
    };
    let (coarse, fine) = (drawn(1), drawn(20_000));
    let differ = coarse.pixels().iter().zip(fine.pixels());
    let differ = differ.filter(|(a, b)| a.red().abs_diff(b.red()) > 40).count();
    assert!(differ < 10, "{differ} pixels");
}

#[test]
fn thousands_of_points_make_a_small_file() {
    let points = (0..20_000).map(|k| (f64::from(k), f64::from(k * 7919 % 20_000)));
    let points: Vec<_> = points.collect();
    let dots = Panel::new("", "x", "y").series(Look::Points, "dots", points);
    let line = (0..200_000).map(|k| (f64::from(k), (f64::from(k) * 1e-4).sin()));
    let line = Panel::new("", "x", "y").series(Look::Line, "line", line);
    let figure = Figure::new("many", "Many").panel(dots).panel(line);
    let size = svg(&figure).len();
    assert!(size < 500_000, "{size}");
}

#[test]
fn texts_are_safe_in_xml() {
    let panel = Panel::new("a < b & \"c\"", "x\u{1}", "‖θ‖₂ → ∞").guide_y(0.5, "≥ λ²");
    let text = svg(&Figure::new("f", "<title>").panel(panel.y_range(0.0, 1.0)));
    let document = roxmltree::Document::parse(&text).unwrap();
    let texts: Vec<_> = document.descendants().filter_map(|node| node.text()).collect();
    for wanted in ["a < b & \"c\"", "‖θ‖₂ → ∞", "≥ λ²", "<title>"] {
        assert!(texts.contains(&wanted), "{wanted}: {texts:?}");
    }
}

#[test]
fn a_long_label_keeps_the_factor_of_its_axis() {
    for label in ["loss", &"a word and another ".repeat(20), &"x".repeat(400)] {
        let panel = Panel::new("", label, label).series(Look::Line, "", [(0.0, 0.0), (3e7, 2e9)]);
        let text = svg(&Figure::new("f", "").panel(panel));
        assert!(text.contains("×10⁷") && text.contains("×10⁹"), "{label}");
    }
}
