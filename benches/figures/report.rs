//! The table of figures.

use std::io::{self, Write};

/// How a measurement stands to its limit.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Within the limit.
    Ok,
    /// Beyond it.
    FallsShort,
    /// Told beside the others; no limit was set for it.
    NoLimit,
    /// It could not be measured; the note says why.
    NotRun,
}

impl Verdict {
    /// Within the limit or not.
    pub fn of(within: bool) -> Self {
        if within { Self::Ok } else { Self::FallsShort }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::FallsShort => "FALLS SHORT",
            Self::NoLimit => "-",
            Self::NotRun => "NOT RUN",
        }
    }
}

/// One line of the table.
pub struct Row {
    /// What was measured.
    pub figure: String,
    /// What it may be at most (or must be at least).
    pub limit: String,
    /// What it was.
    pub measured: String,
    /// How the two stand to each other.
    pub verdict: Verdict,
    /// How it was measured, and how much single measurements differed.
    pub note: String,
}

impl Row {
    /// A line.
    pub fn new(figure: &str, limit: &str, measured: String, verdict: Verdict, note: String) -> Self {
        Self { figure: figure.to_owned(), limit: limit.to_owned(), measured, verdict, note }
    }

    /// A figure that could not be measured.
    pub fn not_run(figure: &str, limit: &str, why: String) -> Self {
        Self::new(figure, limit, String::new(), Verdict::NotRun, why)
    }
}

/// Prints the rows as a Markdown table.
pub fn print(rows: &[Row]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let header = ["figure", "limit", "measured", "result", "note"].map(str::to_owned);
    let cells: Vec<[String; 5]> = rows
        .iter()
        .map(|row| {
            [&row.figure, &row.limit, &row.measured, &row.verdict.word().to_owned(), &row.note].map(String::clone)
        })
        .collect();
    let width = |i: usize| cells.iter().chain([&header]).map(|row| row[i].chars().count()).max().unwrap_or(0);
    let widths = [0, 1, 2, 3, 4].map(width);
    let mut line = |row: &[String; 5]| {
        let padded: Vec<_> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        writeln!(out, "| {} |", padded.join(" | "))
    };
    line(&header)?;
    line(&widths.map(|width| "-".repeat(width)))?;
    cells.iter().try_for_each(line)
}

/// Numbers in order, for the middle and the edges.
pub struct Sorted(Vec<f64>);

impl Sorted {
    /// Puts them in order.
    pub fn new(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        Self(values)
    }

    /// The value that so many percent do not exceed; NaN of nothing.
    pub fn percentile(&self, percent: f64) -> f64 {
        let at = (self.0.len() as f64 * percent / 100.0).ceil() as usize;
        self.0.get(at.clamp(1, self.0.len().max(1)) - 1).copied().unwrap_or(f64::NAN)
    }

    /// The middle.
    pub fn median(&self) -> f64 {
        self.percentile(50.0)
    }

    /// Smallest and largest as `1.2-3.4`.
    pub fn range(&self, decimals: usize) -> String {
        format!("{:.decimals$}-{:.decimals$}", self.percentile(0.0), self.percentile(100.0))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}
