//! Statistics over the repetitions of each cell.
use super::job::{Record, Tally};
use super::plan::Plan;
use crate::report::plain;
use crate::table::aligned;
use lab::failure::Failure;
use lab::short;
use serde_json::{Map, Value, json};
use std::path::Path;

/// A cell and its metrics.
#[derive(Debug)]
pub struct CellStats {
    cell: String,
    set: Map<String, Value>,
    jobs: usize,
    failed: usize,
    verdicts: Tally,
    /// In the order of their first appearance.
    metrics: Vec<(String, Stats)>,
}

/// One metric over the repetitions that have it.
#[derive(Debug, Default)]
struct Stats {
    /// Finite values, in the order of the jobs until [`Stats::sorted`].
    values: Vec<f64>,
    nulls: usize,
}

/// The cells of `records`, which are all jobs of the plan in order.
pub fn of(plan: &Plan, records: &[Record]) -> Vec<CellStats> {
    let repetitions = usize::try_from(plan.repetitions).unwrap_or(usize::MAX);
    records.chunks(repetitions).map(CellStats::of).collect()
}

impl CellStats {
    fn of(records: &[Record]) -> Self {
        let mut cell = Self {
            cell: records[0].cell.clone(),
            set: records[0].set.clone(),
            jobs: records.len(),
            failed: 0,
            verdicts: Tally::default(),
            metrics: Vec::new(),
        };
        for record in records {
            cell.failed += usize::from(record.failed.is_some());
            cell.verdicts.passed += record.verdicts.passed;
            cell.verdicts.total += record.verdicts.total;
            for (name, value) in &record.metrics {
                cell.stats(name).push(value.as_f64());
            }
        }
        cell
    }

    fn stats(&mut self, name: &str) -> &mut Stats {
        let at = self.metrics.iter().position(|(known, _)| known == name).unwrap_or_else(|| {
            self.metrics.push((name.into(), Stats::default()));
            self.metrics.len() - 1
        });
        &mut self.metrics[at].1
    }

    /// The entry of `merge --json`.
    pub fn to_json(&self) -> Value {
        let metrics = self.metrics.iter().map(|(name, stats)| {
            let [mean, error, least, median, most] = stats.summary();
            let entry = json!({
                "count": stats.values.len(),
                "nulls": stats.nulls,
                "mean": mean,
                "standard_error": error,
                "min": least,
                "median": median,
                "max": most,
            });
            (name.clone(), entry)
        });
        json!({
            "cell": self.cell,
            "set": self.set,
            "jobs": self.jobs,
            "failed": self.failed,
            "verdicts": self.verdicts,
            "metrics": metrics.collect::<Map<_, _>>(),
        })
    }
}

impl Stats {
    fn push(&mut self, value: Option<f64>) {
        match value {
            Some(value) => self.values.push(value),
            None => self.nulls += 1,
        }
    }

    /// Mean, its standard error, least, median, greatest; NaN where there are too few values.
    fn summary(&self) -> [f64; 5] {
        let mut sorted = self.values.clone();
        sorted.sort_by(f64::total_cmp);
        let count = sorted.len() as f64;
        let mean = self.values.iter().sum::<f64>() / count;
        let squares: f64 = self.values.iter().map(|x| (x - mean) * (x - mean)).sum();
        let error = (squares / (count - 1.0) / count).sqrt();
        let at = |index: usize| sorted.get(index).copied().unwrap_or(f64::NAN);
        let middle = sorted.len() / 2;
        let median = match sorted.len() % 2 {
            0 => 0.5 * at(middle.wrapping_sub(1)) + 0.5 * at(middle),
            _ => at(middle),
        };
        [mean, error, at(0), median, at(sorted.len().wrapping_sub(1))]
    }
}

/// `cells.csv`: a line for each cell and metric; a field is empty where there are too few values.
pub fn csv(plan: &Plan, cells: &[CellStats]) -> Result<String, Failure> {
    let mut file = csv::Writer::from_writer(Vec::new());
    let axes: Vec<&str> = plan.grid.iter().map(|(name, _)| *name).collect();
    let summary = ["mean", "standard_error", "min", "median", "max"];
    let head = ["cell"].iter().chain(&axes).chain(&["metric", "count", "nulls"]).chain(&summary);
    let failed = |error: csv::Error| Failure::failed(format!("cannot express cells.csv: {error}"));
    file.write_record(head).map_err(failed)?;
    for cell in cells {
        for (name, stats) in &cell.metrics {
            let mut row = vec![cell.cell.clone()];
            row.extend(axes.iter().map(|axis| plain(&cell.set[*axis])));
            row.extend([name.clone(), stats.values.len().to_string(), stats.nulls.to_string()]);
            let text = |x: f64| if x.is_finite() { format!("{x:?}") } else { String::new() };
            row.extend(stats.summary().map(text));
            file.write_record(row).map_err(failed)?;
        }
    }
    let bytes = file.into_inner().map_err(|error| failed(error.into_error().into()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The same for people; of a large sweep only the first lines.
pub fn table(cells: &[CellStats], shown: usize, out: Option<&Path>) -> String {
    let head = ["CELL", "METRIC", "COUNT", "NULLS", "MEAN", "+-", "MIN", "MEDIAN", "MAX"];
    let mut rows = vec![head.map(String::from)];
    let all: usize = cells.iter().map(|cell| cell.metrics.len()).sum();
    for cell in cells {
        let assignments = cell.set.iter().map(|(name, value)| format!("{name}={}", plain(value)));
        let title = assignments.collect::<Vec<_>>().join(" ");
        for (name, stats) in &cell.metrics {
            let text = |x: f64| if x.is_finite() { short(x) } else { "-".into() };
            let [mean, error, least, median, most] = stats.summary().map(text);
            let (count, nulls) = (stats.values.len().to_string(), stats.nulls.to_string());
            rows.push([
                title.clone(),
                name.clone(),
                count,
                nulls,
                mean,
                error,
                least,
                median,
                most,
            ]);
        }
    }
    rows.truncate(shown + 1);
    let mut text = aligned(&rows);
    if all > shown {
        let place = match out {
            Some(folder) => folder.join("cells.csv").display().to_string(),
            None => "cells.csv with --out DIR".into(),
        };
        text.push_str(&format!("{} more lines in {place}\n", all - shown));
    }
    text
}

#[cfg(test)]
mod tests;
