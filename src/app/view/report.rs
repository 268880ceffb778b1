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
    /// A part of a whole in thousandths, drawn as a bar before the text.
    pub part: Option<u16>,
}

impl Line {
    /// A line.
    pub fn new(label: impl Into<String>, text: impl Into<String>, tone: Tone) -> Self {
        Self { label: label.into(), text: text.into(), tone, part: None }
    }

    /// A line with a bar; `part` is from 0 to 1.
    pub fn with_bar(label: impl Into<String>, part: f64, text: impl Into<String>, tone: Tone) -> Self {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 1,000")]
        let part = (part.clamp(0.0, 1.0) * 1_000.0) as u16;
        Self { part: Some(part), ..Self::new(label, text, tone) }
    }

    /// A heading.
    pub fn heading(text: impl Into<String>) -> Self {
        Self::new("", text, Tone::Heading)
    }
}
