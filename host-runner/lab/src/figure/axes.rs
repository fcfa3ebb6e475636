//! The same axes for panels that show one thing at several times.
use super::model::{Axis, Panel};
use crate::statistics::{larger, smaller};

/// Gives the panels at the same place of each frame the same ranges: those asked for, or else what
/// holds the points of every frame.
pub(super) fn share(frames: &mut [&mut Vec<Panel>]) {
    let most = frames.iter().map(|panels| panels.len()).max().unwrap_or(0);
    for place in 0..most {
        let there = || frames.iter().filter_map(|panels| panels.get(place));
        let x = range(there(), |panel| &panel.x, |point| point.0);
        let y = range(there(), |panel| &panel.y, |point| point.1);
        for panel in frames.iter_mut().filter_map(|panels| panels.get_mut(place)) {
            (panel.x.range, panel.y.range) = (x, y);
        }
    }
}

/// `None` where there is nothing to hold.
fn range<'a>(
    panels: impl Iterator<Item = &'a Panel>,
    axis: fn(&Panel) -> &Axis,
    coordinate: fn(&(f64, f64)) -> f64,
) -> Option<(f64, f64)> {
    let (mut least, mut most, mut log, mut free) = (f64::INFINITY, f64::NEG_INFINITY, false, false);
    for panel in panels {
        log |= axis(panel).log;
        if let Some((from, to)) = axis(panel).range {
            (least, most) = (smaller(least, from), larger(most, to));
            continue;
        }
        free = true;
        let points = panel.series.iter().flat_map(|series| &series.points).map(coordinate);
        for v in points.filter(|v| v.is_finite() && (!axis(panel).log || *v > 0.0)) {
            (least, most) = (smaller(least, v), larger(most, v));
        }
    }
    if least > most {
        return None;
    }
    if !free {
        return Some((least, most));
    }
    // Room at both ends; a single value gets a range around it.
    Some(if log {
        let margin = larger((most / least).powf(0.05), 1.2);
        (least / margin, most * margin)
    } else {
        let margin = match 0.05 * (most - least) {
            0.0 => 0.5 * larger(least.abs(), 1.0),
            margin => margin,
        };
        (least - margin, most + margin)
    })
}
