use super::*;
use crate::{png, svg};
use lab::figure::network::{Snapshot, Stage, frames};
use lab::figure::{Corner, Frame, Look, Panel, evenly_spaced, log_spaced};

/// A hundred times of sixty neurons that gather at two kinks, as near two saddles.
fn gathering() -> Film {
    let shots: Vec<(Vec<f64>, Vec<f64>)> = (0..100)
        .map(|k| {
            let t = f64::from(k) / 99.0;
            let neuron = |j: i32| {
                let (start, end) =
                    (f64::from(j * 7 % 60) / 20.0 - 1.0, f64::from(j % 2) * 2.5 - 0.5);
                let size = (0.2 * t * t).sqrt();
                ([size, -size * (start + (end - start) * t)], size * f64::from(1 - j % 2 * 2))
            };
            let (w, a): (Vec<_>, Vec<_>) = (0..60).map(neuron).unzip();
            (w.concat(), a)
        })
        .collect();
    let shots = shots.iter().enumerate().map(|(k, (w, a))| (format!("t = {k}"), Snapshot { w, a }));
    let stage = Stage {
        data: &[(-0.5, -1.0), (2.0, 1.0)],
        x: (-1.5, 3.0),
        y: (-1.6, 1.6),
        legend: Corner::TopLeft,
    };
    Film::new("network", "x -> h(x) & its \"bends\"", frames(shots, stage))
}

/// Each frame a line up to one more point: axes must not follow it.
fn growing() -> Film {
    let points = |k: usize| (1..=k).map(|i| (i as f64, 10f64.powi(i as i32)));
    Film::new(
        "growing",
        "A curve as it is drawn",
        (1..=6).map(|k| {
            let panel = Panel::new("", "i", "10^i").log_y();
            Frame::new(format!("{k} points")).panel(panel.series(Look::Line, "", points(k)))
        }),
    )
}

#[test]
fn a_page_is_well_formed_small_and_needs_nothing_else() {
    for (film, frames) in [(gathering(), 100), (growing(), 6), (Film::new("empty", "", []), 0)] {
        let page = html(&film);
        if let Some(folder) = std::env::var_os("RELUFLOW_FIGURES") {
            let path = std::path::Path::new(&folder).join(format!("{}.html", film.name));
            std::fs::write(path, &page).unwrap();
        }
        let options = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
        let parsed = roxmltree::Document::parse_with_options(&page, options).unwrap();
        let with_class =
            |class| parsed.descendants().filter(move |node| node.attribute("class") == Some(class));
        let shown: Vec<bool> =
            with_class("frame").map(|frame| frame.attribute("hidden").is_none()).collect();
        assert_eq!(shown.len(), frames);
        // Without scripts: the ends.
        assert!(shown.iter().enumerate().all(|(k, on)| *on == (k == 0 || k + 1 == frames)));
        let ids: Vec<_> = parsed.descendants().filter_map(|node| node.attribute("id")).collect();
        for node in parsed.descendants() {
            if let Some(to) = node.attribute("href") {
                assert!(ids.contains(&to.trim_start_matches('#')), "{to}");
            }
            if let Some(clip) = node.attribute("clip-path") {
                assert!(ids.contains(&clip.trim_start_matches("url(#").trim_end_matches(')')));
            }
        }
        assert!(!page.replace("http://www.w3.org/2000/svg", "").contains("http"));
        assert!(page.len() < 1_500_000, "{} bytes", page.len());
    }
}

#[test]
fn frames_share_their_axes() {
    let film = growing();
    let ranges = |frame: &Frame| (frame.panels[0].x.range, frame.panels[0].y.range);
    let (x, y) = ranges(&film.frames[0]);
    let ((left, right), (bottom, top)) = (x.unwrap(), y.unwrap());
    assert!(film.frames.iter().all(|frame| ranges(frame) == (x, y)));
    assert!(left < 1.0 && right > 6.0 && bottom > 0.0 && bottom < 10.0 && top > 1e6);
}

#[test]
fn a_strip_keeps_the_ends_and_one_legend() {
    let strip = gathering().strip("network-strip", 6);
    let titles: Vec<&str> = strip.panels.iter().map(|panel| panel.title.as_str()).collect();
    assert_eq!(titles, ["t = 0", "t = 20", "t = 40", "t = 59", "t = 79", "t = 99"]);
    assert_eq!(svg(&strip).matches(">neurons").count(), 1);
    assert_eq!(gathering().strip("all", 1000).panels.len(), 100);
    assert_eq!(gathering().strip("end", 1).panels[0].title, "t = 99");
    if let Some(folder) = std::env::var_os("RELUFLOW_FIGURES") {
        let path = std::path::Path::new(&folder).join("network-strip.png");
        std::fs::write(path, png(&strip).unwrap()).unwrap();
    }
}

#[test]
fn a_graph_goes_through_its_kinks() {
    // h(x) = (x - 1)_+ - 2 (x - 2)_+: 0 up to 1, up to 1 at 2, down to 0 at 3.
    let net = Snapshot { w: &[1.0, -1.0, 1.0, -2.0, 0.0, 1.0], a: &[1.0, -2.0, 0.0] };
    assert_eq!(net.bends().collect::<Vec<_>>(), [(1.0, 1.0), (2.0, -2.0)]);
    let stage =
        Stage { data: &[(2.0, 1.0)], x: (0.0, 3.0), y: (-1.0, 1.0), legend: Corner::TopLeft };
    let frame = &frames([("now".into(), net)], stage)[0];
    let csv = Figure::new("f", "").panel(frame.panels[0].clone()).csv();
    assert_eq!(
        csv,
        "panel,series,x,y\n,network,0.0,0.0\n,network,1.0,0.0\n,network,2.0,1.0\n\
         ,network,3.0,0.0\n,neurons,1.0,1.4142135623730951\n,neurons,2.0,-2.23606797749979\n,data,2.0,1.0\n"
    );
}

#[test]
fn a_network_of_thousands_of_neurons_stays_a_small_picture() {
    let p = 10_000;
    let w: Vec<f64> = (0..p).flat_map(|j| [1.0, -f64::from(j) / f64::from(p)]).collect();
    let a: Vec<f64> = (0..p).map(|j| f64::from(j) * 1e-6).collect();
    let stage = Stage { data: &[], x: (0.0, 1.0), y: (0.0, 1.0), legend: Corner::TopLeft };
    let frame = &frames([(String::new(), Snapshot { w: &w, a: &a })], stage)[0];
    let [line, stars, _] = &frame.panels[0].series[..] else { panic!("three series") };
    assert_eq!((line.points.len(), stars.points.len()), (801, 400));
    assert!(stars.points.iter().all(|(_, size)| *size >= 0.96f64.hypot(1.0)));
}

#[test]
fn even_spacing_keeps_both_ends() {
    assert_eq!(evenly_spaced(10, 4), [0, 3, 6, 9]);
    assert_eq!(evenly_spaced(3, 100), [0, 1, 2]);
    assert_eq!((evenly_spaced(5, 1), evenly_spaced(1, 5)), (vec![4], vec![0]));
    assert_eq!(evenly_spaced(0, 5), log_spaced(0, 5));
}

/// Only where Node is installed: nothing else here needs it.
#[test]
fn the_player_plays() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/src/film/player.test.js");
    match std::process::Command::new("node").arg(script).output() {
        Err(missing) => eprintln!("skipped: cannot run node: {missing}"),
        Ok(output) => {
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
    }
}
