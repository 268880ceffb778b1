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

/// Where a list is drawn whose selected line is read in full beside it. Lines stay where they are, so that a click means
/// the line that is seen: the text lies below them, or over the upper ones where the selected one is below.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The first line that is drawn, at its own row.
    pub from: usize,
    /// The line behind the last that is drawn.
    pub to: usize,
    /// The row of the text's first line, and how many it may have.
    text: Option<(usize, usize)>,
}

/// The place of a list of so many lines; `text` is what does not fit into its selected line. The list gives up rows
/// for it where it has enough.
pub fn beside(look: &Look, inner: Area, lines: usize, list: ListState, text: Option<&str>) -> Place {
    let height = usize::from(inner.height);
    let all = Place { from: list.top, to: lines.min(list.top + height), text: None };
    let Some(text) = text else { return all };
    let width = usize::from(inner.width).saturating_sub(4);
    let used = all.to.saturating_sub(all.from);
    let wanted = paragraphs(look, text, width, MOST.min(height / 2)).len() + BETWEEN;
    if height - used >= wanted || height < wanted + FEWEST {
        let room = height.saturating_sub(used + BETWEEN);
        return Place { text: (room > 0).then_some((used + BETWEEN, room)), ..all };
    }
    let rows = height - wanted;
    if list.selected < list.top + rows {
        return Place { to: list.top + rows, text: Some((rows + BETWEEN, wanted - BETWEEN)), ..all };
    }
    Place { from: list.top + wanted, text: Some((0, wanted - BETWEEN)), ..all }
}

impl Place {
    /// Draws the text, and the rule between it and the list.
    pub fn draw(self, buf: &mut Buffer, look: &Look, inner: Area, text: &str) {
        let Some((first, room)) = self.text else { return };
        let width = usize::from(inner.width).saturating_sub(4);
        let lines = paragraphs(look, text, width, room);
        let rule = row(inner, if first == 0 { lines.len() } else { first - 1 });
        put(buf, rule.x + 2, rule.y, rule.x + rule.width, &look.set.lines.across.repeat(width), look.theme.border);
        for (i, line) in lines.iter().enumerate() {
            Run::new().own(line.as_str(), look.theme.text).draw(buf, look, after(row(inner, first + i), 2));
        }
    }
}

/// The text in the room below `used` rows; nothing where that is too little.
pub fn draw(buf: &mut Buffer, look: &Look, inner: Area, used: usize, text: &str) {
    let room = usize::from(inner.height).saturating_sub(used + BETWEEN);
    let place = Place { from: 0, to: 0, text: (room > 0).then_some((used + BETWEEN, room)) };
    place.draw(buf, look, inner, text);
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
