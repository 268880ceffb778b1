//! [`SafeText`]: the only form in which text from outside reaches a widget or a terminal.

use std::borrow::Cow;
use std::fmt;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::Glyphs;
use super::hidden::{is_hidden, push_visible};

/// Most characters in one grapheme cluster; what goes beyond is counted, not drawn. Real scripts
/// stay below it, stacks of combining marks do not.
const CLUSTER_CHARS: usize = 10;

/// Widest cluster that terminals and our layout agree upon.
const CLUSTER_COLUMNS: usize = 2;

/// More bytes than this for a column are a stack of marks.
const BYTES_PER_COLUMN: usize = 64;

/// One replacement can join with its neighbours to something that needs another one; after so many
/// rounds the rest is spelled out in ASCII.
const ROUNDS: usize = 6;

/// Text without anything that a terminal obeys: no controls, no bidi or format characters, no
/// cluster of excessive length or width. What was replaced is shown (`␛`, `⇥`, `⏎`, `<U+202E>`).
///
/// Clean text is borrowed, not copied. The width is known and is what ratatui's buffer takes for it.
///
/// ```
/// use vector_inspector::text::SafeText;
/// let text = SafeText::new("a\tb\u{202e}c");
/// assert_eq!(text.as_str(), "a⇥b<U+202E>c");
/// assert_eq!(text.width(), 12);
/// assert_eq!(text.fit(5), "a⇥b<…");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SafeText<'a> {
    text: Cow<'a, str>,
    width: usize,
    glyphs: Glyphs,
}

impl<'a> SafeText<'a> {
    /// Makes the text safe; replacements are Unicode symbols.
    pub fn new(text: &'a str) -> Self {
        Self::with(text, Glyphs::Unicode)
    }

    /// Makes the text safe; replacements are drawn from `glyphs`.
    pub fn with(text: &'a str, glyphs: Glyphs) -> Self {
        if is_plain_ascii(text) {
            return Self { text: Cow::Borrowed(text), width: text.len(), glyphs };
        }
        let (text, width) = clean(Cow::Borrowed(text), glyphs);
        Self { text, width, glyphs }
    }

    /// Makes the beginning of the text safe, at most `columns` wide, with an ellipsis if that is
    /// not all of it. Reads no more of a long text than that takes: for cells of a table.
    pub fn head(text: &'a str, columns: usize, glyphs: Glyphs) -> Self {
        // Every cluster shown is at least one column wide, or else takes more than one in its escape.
        let mut end = text.len();
        for (count, (at, cluster)) in text.grapheme_indices(true).enumerate() {
            if count > columns || at + cluster.len() > BYTES_PER_COLUMN.saturating_mul(columns + 1) {
                end = at + cluster.len();
                break;
            }
        }
        if end == text.len() {
            let whole = Self::with(text, glyphs);
            if whole.width <= columns {
                return whole;
            }
            let cut = whole.fit(columns);
            return Self { width: self::columns(&cut), text: Cow::Owned(cut), glyphs };
        }
        let part = Self::with(text.get(..end).unwrap_or(text), glyphs);
        let mut cut = part.take(columns.saturating_sub(1)).0.to_owned();
        if columns > 0 {
            cut.push_str(glyphs.ellipsis());
        }
        Self { width: self::columns(&cut), text: Cow::Owned(cut), glyphs }
    }

    /// The safe text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Width in columns of the terminal.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Whether there is nothing to draw.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The same, independent of what it was made from.
    pub fn into_owned(self) -> SafeText<'static> {
        SafeText { text: Cow::Owned(self.text.into_owned()), width: self.width, glyphs: self.glyphs }
    }

    /// The safe text as a string; still borrowed if it needed no change.
    pub fn into_cow(self) -> Cow<'a, str> {
        self.text
    }

    /// At most `columns` wide; an ellipsis at the end if something was cut off.
    pub fn fit(&self, columns: usize) -> String {
        if self.width <= columns {
            return self.text.clone().into_owned();
        }
        if columns == 0 {
            return String::new();
        }
        let mut out = self.take(columns - 1).0.to_owned();
        out.push_str(self.glyphs.ellipsis());
        out
    }

    /// Exactly `columns` wide: as [`fit`](Self::fit), filled up with blanks on the right.
    pub fn pad(&self, columns: usize) -> String {
        let mut out = self.fit(columns);
        let used = self::columns(&out);
        out.extend(std::iter::repeat_n(' ', columns.saturating_sub(used)));
        out
    }

    /// Exactly `columns` wide, blanks on the left: for numbers.
    pub fn pad_left(&self, columns: usize) -> String {
        let fitted = self.fit(columns);
        let used = self::columns(&fitted);
        let mut out = " ".repeat(columns.saturating_sub(used));
        out.push_str(&fitted);
        out
    }

    /// The part from column `from` on, at most `columns` wide, for horizontal scrolling. A wide
    /// character cut in half becomes a blank, so that everything behind it keeps its column.
    pub fn slice(&self, from: usize, columns: usize) -> String {
        let end = from.saturating_add(columns);
        let mut out = String::new();
        let mut at = 0;
        for cluster in self.text.graphemes(true) {
            let next = at + cluster_columns(cluster);
            if at >= end {
                break;
            }
            if at >= from && next <= end {
                out.push_str(cluster);
            } else {
                let visible = next.min(end).saturating_sub(at.max(from));
                out.extend(std::iter::repeat_n(' ', visible));
            }
            at = next;
        }
        out
    }

    /// Broken into lines of at most `columns` columns, between words where there are blanks.
    pub fn wrap(&self, columns: usize) -> Vec<String> {
        let columns = columns.max(CLUSTER_COLUMNS);
        let mut lines = Vec::new();
        let mut line = String::new();
        let mut width = 0;
        for piece in self.text.split_inclusive(' ') {
            let word = piece.strip_suffix(' ').unwrap_or(piece);
            let word_width = self::columns(word);
            if width + word_width > columns && width > 0 && word_width <= columns {
                line.truncate(line.trim_end_matches(' ').len());
                lines.push(std::mem::take(&mut line));
                width = 0;
            }
            for cluster in word.graphemes(true) {
                let step = cluster_columns(cluster);
                if width + step > columns {
                    lines.push(std::mem::take(&mut line));
                    width = 0;
                }
                line.push_str(cluster);
                width += step;
            }
            if piece.len() > word.len() {
                if width < columns {
                    line.push(' ');
                    width += 1;
                } else {
                    lines.push(std::mem::take(&mut line));
                    width = 0;
                }
            }
        }
        if !line.is_empty() || lines.is_empty() {
            lines.push(line);
        }
        lines
    }

    /// The longest beginning of at most `columns`, and its width.
    fn take(&self, columns: usize) -> (&str, usize) {
        let mut width = 0;
        for (at, cluster) in self.text.grapheme_indices(true) {
            let step = cluster_columns(cluster);
            if width + step > columns {
                return (self.text.get(..at).unwrap_or_default(), width);
            }
            width += step;
        }
        (&self.text, width)
    }
}

impl fmt::Display for SafeText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl AsRef<str> for SafeText<'_> {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

impl From<SafeText<'_>> for String {
    fn from(text: SafeText<'_>) -> Self {
        text.text.into_owned()
    }
}

/// Width of a text in columns of the terminal: the sum over its clusters, as ratatui's buffer
/// places them. The width that `unicode-width` gives for the whole text can be smaller, where
/// letters of two clusters would join in a book (Arabic lam and alef).
pub fn columns(text: &str) -> usize {
    if is_plain_ascii(text) { text.len() } else { text.graphemes(true).map(cluster_columns).sum() }
}

/// Width of one cluster. The half-width sound marks of Japanese take a column of their own in
/// terminals, although Unicode calls them extending.
fn cluster_columns(cluster: &str) -> usize {
    if cluster.len() == 1 {
        return 1;
    }
    cluster.width() + cluster.chars().filter(|c| matches!(c, '\u{ff9e}' | '\u{ff9f}')).count()
}

fn is_plain_ascii(text: &str) -> bool {
    text.bytes().all(|b| matches!(b, 0x20..=0x7e))
}

/// Repeats [`pass`] until nothing is left to replace; so the result of cleaning is always clean.
fn clean(text: Cow<'_, str>, glyphs: Glyphs) -> (Cow<'_, str>, usize) {
    let mut current = text;
    for _ in 0..ROUNDS {
        match pass(&current, glyphs) {
            Pass::Clean(width) => return (current, width),
            Pass::Changed(changed) => current = Cow::Owned(changed),
        }
    }
    let mut plain = String::with_capacity(current.len());
    for c in current.chars() {
        if matches!(c, ' '..='~') { plain.push(c) } else { push_visible(&mut plain, c, Glyphs::Ascii) }
    }
    let width = plain.len();
    (Cow::Owned(plain), width)
}

enum Pass {
    /// Nothing to replace; the width.
    Clean(usize),
    /// The text with replacements.
    Changed(String),
}

fn pass(text: &str, glyphs: Glyphs) -> Pass {
    let mut out: Option<String> = None;
    let mut width = 0;
    for (at, cluster) in text.grapheme_indices(true) {
        let step = cluster_columns(cluster);
        if is_drawable(cluster, step) {
            width += step;
            if let Some(out) = &mut out {
                out.push_str(cluster);
            }
        } else {
            let out = out.get_or_insert_with(|| {
                let mut copy = String::with_capacity(text.len() + 16);
                copy.push_str(text.get(..at).unwrap_or_default());
                copy
            });
            replace(out, cluster, step, glyphs);
        }
    }
    out.map_or(Pass::Clean(width), Pass::Changed)
}

fn is_drawable(cluster: &str, step: usize) -> bool {
    if let &[byte] = cluster.as_bytes() {
        return matches!(byte, 0x20..=0x7e);
    }
    (1..=CLUSTER_COLUMNS).contains(&step)
        && !cluster.chars().any(is_hidden)
        && cluster.chars().nth(CLUSTER_CHARS).is_none()
        && !cluster.chars().next().is_some_and(extends)
}

/// Whether the character joins with whatever stands before it: alone it would be drawn into its
/// neighbour's cell.
fn extends(c: char) -> bool {
    if c.is_ascii() {
        return false;
    }
    let mut buffer = [b'a'; 8];
    let Some((_, tail)) = buffer.split_first_mut() else { return false };
    let length = c.encode_utf8(tail).len();
    std::str::from_utf8(buffer.get(..=length).unwrap_or_default())
        .is_ok_and(|pair| pair.graphemes(true).nth(1).is_none())
}

fn replace(out: &mut String, cluster: &str, step: usize, glyphs: Glyphs) {
    let blamed = cluster.chars().any(is_hidden);
    // Too wide without a character to blame: letters joined by a sign between them, as in Hindi. To
    // spell out that sign leaves the letters readable. With no such sign, all of it is spelled out.
    let too_wide = !blamed && step > CLUSTER_COLUMNS;
    let spell_joiners = too_wide && joiners(cluster).any(|joins| joins);
    let spell_all = (too_wide && !spell_joiners) || (!blamed && step == 0);
    let mut bare = true;
    for (c, joins) in cluster.chars().zip(joiners(cluster)).take(CLUSTER_CHARS) {
        let spelled = spell_all || is_hidden(c) || (bare && extends(c)) || (spell_joiners && joins);
        if spelled {
            push_visible(out, c, glyphs);
        } else {
            out.push(c);
        }
        // What follows a replacement must not join with it.
        bare = spelled;
    }
    let rest = cluster.chars().skip(CLUSTER_CHARS).count();
    if rest > 0 {
        out.push_str(&format!("<+{rest}>"));
    }
}

/// For each character of the cluster, whether it is invisible by itself and a visible one follows.
fn joiners(cluster: &str) -> impl Iterator<Item = bool> + '_ {
    let next = cluster.chars().skip(1).map(Some).chain([None]);
    let width = |c: char| cluster_columns(c.encode_utf8(&mut [0; 4]));
    cluster.chars().zip(next).map(move |(c, next)| width(c) == 0 && next.is_some_and(|n| width(n) > 0))
}

#[cfg(test)]
#[path = "safe_tests.rs"]
mod tests;
