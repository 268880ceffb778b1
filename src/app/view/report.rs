//! Reports of jobs as lines: label, text, and what the text means. Colors are the view's.

/// What a line means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// A fact.
    Plain,
    /// A heading.
    Heading,
    /// All is well.
    Good,
    /// Worth a look.
    Warn,
    /// A difference, a loss, a failure.
    Bad,
    /// Beside the point.
    Dim,
}

/// A line of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its label; empty for a line that continues or stands alone.
    pub label: String,
    /// Its text.
    pub text: String,
    /// What it means.
    pub tone: Tone,
}

impl Line {
    /// A line.
    pub fn new(label: impl Into<String>, text: impl Into<String>, tone: Tone) -> Self {
        Self { label: label.into(), text: text.into(), tone }
    }

    /// A heading.
    pub fn heading(text: impl Into<String>) -> Self {
        Self::new("", text, Tone::Heading)
    }
}
