//! Which of many points are worth keeping.

/// At most `count` of the indices `0..total`, evenly spaced on a log axis, with both ends. For
/// traces and curves of runs whose interesting times span decades.
pub fn log_spaced(total: usize, count: usize) -> Vec<usize> {
    let Some(last) = total.checked_sub(1) else {
        return Vec::new();
    };
    let steps = count.saturating_sub(2).max(1);
    let ratio = (last as f64).ln() / steps as f64;
    let mut indices = vec![0];
    for step in 0..=steps {
        let index = ((ratio * step as f64).exp().round() as usize).min(last);
        if indices.last() != Some(&index) {
            indices.push(index);
        }
    }
    indices
}

/// At most `count` of the indices `0..total`, evenly spaced, with both ends. For the frames of films
/// and the panels of strips.
pub fn evenly_spaced(total: usize, count: usize) -> Vec<usize> {
    let Some(last) = total.checked_sub(1) else {
        return Vec::new();
    };
    if last == 0 || count < 2 {
        return vec![last];
    }
    let steps = (count - 1).min(last) as u128;
    // In u128, because an index times a count may pass the end of u64.
    (0..=steps).map(|step| ((step * last as u128 + steps / 2) / steps) as usize).collect()
}
