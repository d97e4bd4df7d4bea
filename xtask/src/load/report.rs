//! The table and the verdict.

use std::{
    fmt::Write as _,
    io::{self, Write as _},
};

use super::measure::{Figures, Pace};

/// What is printed at the end.
#[derive(Debug, Default)]
pub(super) struct Report {
    rows: Vec<[String; 9]>,
    bars: Vec<Bar>,
}

/// A figure and the limit that it must keep.
#[derive(Clone, Debug)]
pub(super) struct Bar {
    what: &'static str,
    value: f64,
    limit: f64,
    upper: bool,
}

const HEAD: [&str; 9] = [
    "",
    "pace",
    "requests",
    "per second",
    "p50 ms",
    "p99 ms",
    "p99.9 ms",
    "CPU µs/request",
    "empty handlers",
];

impl Bar {
    pub(super) fn at_most(what: &'static str, value: f64, limit: f64) -> Self {
        Self { what, value, limit, upper: true }
    }

    pub(super) fn at_least(what: &'static str, value: f64, limit: f64) -> Self {
        Self { what, value, limit, upper: false }
    }

    fn is_kept(&self) -> bool {
        if self.upper { self.value <= self.limit } else { self.limit <= self.value }
    }
}

impl Report {
    /// Adds a measurement, compared with the empty handler's.
    pub(super) fn row(&mut self, what: &str, figures: &Figures, empty: &Figures) {
        let pace = match figures.pace {
            Pace::Closed { clients } => format!("{clients} clients"),
            Pace::Rate { per_second, .. } => format!("{per_second:.0}/s"),
        };
        let latency = |per_mille| format!("{:.2}", figures.percentile(per_mille).as_secs_f64() * 1e3);
        self.rows.push([
            what.to_owned(),
            pace,
            figures.requests().to_string(),
            format!("{:.0}", figures.throughput()),
            latency(500),
            latency(990),
            latency(999),
            format!("{:.0}", figures.cpu()),
            format!("{:.1}", figures.cpu() / empty.cpu()),
        ]);
    }

    pub(super) fn bar(&mut self, bar: Bar) {
        self.bars.push(bar);
    }

    pub(super) fn is_good(&self) -> bool {
        self.bars.iter().all(Bar::is_kept)
    }

    pub(super) fn print(&self) -> io::Result<()> {
        io::stdout().write_all(self.text().as_bytes())
    }

    fn text(&self) -> String {
        let head = HEAD.map(str::to_owned);
        let rows: Vec<&[String; 9]> = std::iter::once(&head).chain(&self.rows).collect();
        let width =
            |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
        let widths: Vec<usize> = (0..HEAD.len()).map(width).collect();
        let mut text = String::new();
        for row in rows {
            let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, width))| match column {
                0 | 1 => format!("{cell:<width$}"),
                _ => format!("{cell:>width$}"),
            });
            let _ = writeln!(text, "{}", cells.collect::<Vec<_>>().join("  ").trim_end());
        }
        text.push('\n');
        for bar in &self.bars {
            let verdict = if bar.is_kept() { "ok" } else { "MISSED" };
            let limit = if bar.upper { "at most" } else { "at least" };
            let _ = writeln!(text, "{verdict:<6}  {}: {:.1} ({limit} {:.1})", bar.what, bar.value, bar.limit);
        }
        text
    }
}

/// The element in the middle, in the order of `key`. There is at least one.
pub(super) fn median<T>(elements: &[T], key: impl Fn(&T) -> f64) -> &T {
    let mut sorted: Vec<&T> = elements.iter().collect();
    sorted.sort_by(|one, other| key(one).total_cmp(&key(other)));
    sorted[sorted.len() / 2]
}

#[test]
fn the_median_is_in_the_middle() {
    assert_eq!(*median(&[5, 1, 9], |number| f64::from(*number)), 5);
    assert_eq!(*median(&[7], |number| f64::from(*number)), 7);
}

#[test]
fn bars_are_kept_up_to_the_limit() {
    let mut report = Report::default();
    report.bar(Bar::at_most("a", 6.0, 6.0));
    report.bar(Bar::at_least("b", 3.0, 3.0));
    assert!(report.is_good());
    report.bar(Bar::at_least("c", 2.9, 3.0));
    assert!(!report.is_good());
    let text = report.text();
    assert!(text.contains("ok      a: 6.0 (at most 6.0)\n"), "{text}");
    assert!(text.contains("MISSED  c: 2.9 (at least 3.0)\n"), "{text}");
}
