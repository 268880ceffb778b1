//! Reports of jobs as lines: label, text, and what the text means. Colors are the view's.

use crate::text::{Glyphs, SafeText, columns};

/// Columns of a pane that a line's text does not have: the mark of the selected line, the indent, the scroll bar.
pub const MARGIN: usize = 5;

/// Rows of one line at most; nothing that a plan says is as long.
const ROWS: usize = 40;

/// Widest word, with the blanks behind it, that the rows of a line stand behind.
const WORD: usize = 12;

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

    /// The rows of a line without a label: nothing is cut. What goes on stands below the text, and not below the word
    /// that stands before it (`records  528, about ...`).
    pub fn rows(&self, room: usize, glyphs: Glyphs) -> Vec<String> {
        let room = room.max(1);
        let text = SafeText::head(&self.text, room.saturating_mul(ROWS), glyphs);
        if text.width() <= room {
            return vec![text.as_str().to_owned()];
        }
        let (begin, hanging) = hanging(text.as_str(), room);
        let (begin, rest) = text.as_str().split_at(begin);
        let rows = SafeText::with(rest, glyphs).wrap(room - hanging);
        let blanks = " ".repeat(hanging);
        let before = |at| if at == 0 { begin } else { blanks.as_str() };
        rows.iter().enumerate().map(|(at, row)| format!("{}{row}", before(at))).collect()
    }
}

/// Where the part of a text begins that is wrapped, and in which column its further rows begin.
fn hanging(text: &str, room: usize) -> (usize, usize) {
    let blanks = |text: &str| text.len() - text.trim_start_matches(' ').len();
    let lead = blanks(text);
    let word = text.get(lead..).and_then(|text| text.find(' ')).map_or(text.len(), |at| lead + at);
    let begin = word + text.get(word..).map_or(0, blanks);
    // One blank only is between words of a sentence.
    let stands = begin > word + 1 && begin < text.len();
    let behind_word = columns(text.get(..begin).unwrap_or_default());
    if stands && behind_word <= WORD + lead && behind_word * 2 <= room {
        (begin, behind_word)
    } else if (lead + 2) * 2 <= room {
        (lead, lead + 2)
    } else {
        (0, 0)
    }
}

/// How many of these lines are whole in so many rows, the first of them on top; one at least.
pub fn on_a_page<'a>(lines: impl Iterator<Item = &'a Line>, room: usize, rows: usize, glyphs: Glyphs) -> usize {
    let mut used = 0;
    let fits = |line: &&Line| {
        used += line.rows(room, glyphs).len();
        used <= rows
    };
    lines.take_while(fits).count().max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str, room: usize) -> Vec<String> {
        Line::new("", text, Tone::Plain).rows(room, Glyphs::Unicode)
    }

    #[test]
    fn a_long_line_goes_on_below_its_text() {
        assert_eq!(rows("records  528", 40), ["records  528"]);
        assert_eq!(
            rows("records  528, about 389.8 KiB (756 B each)", 24),
            ["records  528, about", "         389.8 KiB (756", "         B each)"]
        );
        assert_eq!(rows("prod cannot be written to", 16), ["prod cannot be", "  written to"]);
        assert_eq!(rows("  FAILS    ids: 3 of 9", 24), ["  FAILS    ids: 3 of 9"]);
        assert_eq!(rows("  FAILS    ids: 3 of 9 differ", 24), ["  FAILS    ids: 3 of 9", "           differ"]);
    }

    #[test]
    fn nothing_is_lost_in_any_room() {
        let text = "lost     vectors \"title\": the target has no place for them, at all. あいう ".repeat(3);
        let words = |text: &str| text.chars().filter(|c| *c != ' ').collect::<String>();
        for room in 1..60 {
            let rows = rows(&text, room);
            assert!(rows.iter().all(|row| columns(row) <= room.max(2)), "{room}: {rows:?}");
            if room > 8 {
                assert_eq!(words(&rows.concat()), words(&text), "{room}");
            }
        }
    }

    #[test]
    fn a_page_has_as_many_lines_as_are_whole_in_it() {
        let lines: Vec<Line> = ["a", "b c d e f g", "h"].map(|text| Line::new("", text, Tone::Plain)).into();
        let page = |rows| on_a_page(lines.iter(), 8, rows, Glyphs::Unicode);
        assert_eq!([1, 2, 3, 4, 9].map(page), [1, 1, 2, 3, 3]);
    }
}
