//! A text that is too long for its line, in full below the list that its line is selected in.

use ratatui::buffer::Buffer;

use crate::app::geometry::Area;
use crate::app::list::ListState;
use crate::ui::paint::{Look, Run, after, put, row};

/// The fewest rows that a list keeps beside the text.
const FEWEST: usize = 4;
/// The most rows of a text where the list has to make room for it.
const MOST: usize = 10;
/// The empty row and the rule between both.
const BETWEEN: usize = 2;

/// Where a list is drawn whose selected line is read in full below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Its first line in sight.
    pub top: usize,
    /// The rows that it may have.
    pub rows: usize,
}

/// The place of a list of so many lines; `text` is what does not fit into its selected line. The list gives up rows
/// for it where it has enough, and keeps the selected line in sight.
pub fn beside(look: &Look, inner: Area, lines: usize, list: ListState, text: Option<&str>) -> Place {
    let height = usize::from(inner.height);
    let all = Place { top: list.top, rows: height };
    let Some(text) = text else { return all };
    let width = usize::from(inner.width).saturating_sub(4);
    let wanted = paragraphs(look, text, width, MOST.min(height / 2)).len() + BETWEEN;
    let used = lines.saturating_sub(list.top).min(height);
    if height - used >= wanted || height < wanted + FEWEST {
        return all;
    }
    let rows = height - wanted;
    Place { top: list.top.max((list.selected + 1).saturating_sub(rows)), rows }
}

/// The text in the room below `used` rows; nothing where that is too little.
pub fn draw(buf: &mut Buffer, look: &Look, inner: Area, used: usize, text: &str) {
    let room = usize::from(inner.height).saturating_sub(used + BETWEEN);
    if room == 0 {
        return;
    }
    let width = usize::from(inner.width).saturating_sub(4);
    let rule = row(inner, used + 1);
    put(buf, rule.x + 2, rule.y, rule.x + rule.width, &look.set.lines.across.repeat(width), look.theme.border);
    let lines = paragraphs(look, text, width, room);
    for (i, line) in lines.iter().enumerate() {
        let line_area = row(inner, used + BETWEEN + i);
        Run::new().own(line.as_str(), look.theme.text).draw(buf, look, after(line_area, 2));
    }
}

/// Wrapped text that keeps its own line ends.
fn paragraphs(look: &Look, text: &str, width: usize, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for part in text.split('\n') {
        if lines.len() >= most {
            break;
        }
        lines.extend(look.wrap(part.trim_end_matches('\r'), width, most - lines.len()));
    }
    lines
}
