//! A border with text in it.

use ratatui::buffer::Buffer;
use ratatui::style::{Modifier, Style};

use crate::app::geometry::Area;
use crate::ui::paint::{Look, Run, put};

/// What is written on a border.
#[derive(Debug, Default)]
pub struct Border {
    /// Top left.
    pub title: Run,
    /// Top right.
    pub aside: Run,
    /// Bottom left.
    pub foot: Run,
    /// Bottom right.
    pub count: Run,
    /// The color of what is inside, in place of the theme's.
    pub mark: Option<Style>,
}

impl Border {
    /// A border with a title.
    pub fn titled(title: Run) -> Self {
        Self { title, ..Self::default() }
    }

    /// Draws it around the area and gives back what is inside.
    pub fn draw(&self, buf: &mut Buffer, look: &Look, area: Area, focused: bool) -> Area {
        if area.width < 2 || area.height < 2 {
            return area.inner();
        }
        let style = match (self.mark, focused) {
            (Some(mark), true) => mark.add_modifier(Modifier::BOLD),
            (Some(mark), false) => mark,
            (None, true) => look.theme.focus,
            (None, false) => look.theme.border,
        };
        let lines = if focused { look.set.thick } else { look.set.lines };
        let (right, bottom) = (area.x + area.width - 1, area.y + area.height - 1);
        let across = lines.across.repeat(usize::from(area.width - 2));
        for (y, left_corner, right_corner) in
            [(area.y, lines.corners[0], lines.corners[1]), (bottom, lines.corners[3], lines.corners[2])]
        {
            put(buf, area.x, y, right, left_corner, style);
            put(buf, area.x + 1, y, right, &across, style);
            put(buf, right, y, right + 1, right_corner, style);
        }
        for y in area.y + 1..bottom {
            put(buf, area.x, y, right, lines.down, style);
            put(buf, right, y, right + 1, lines.down, style);
        }
        let edge = |y| Area { x: area.x + 2, y, width: area.width.saturating_sub(4), height: 1 };
        labels(buf, look, edge(area.y), &self.title, &self.aside);
        labels(buf, look, edge(bottom), &self.foot, &self.count);
        area.inner()
    }
}

/// A label at the left and one at the right, each with a blank on both sides. The left one keeps at
/// least half of the room, and the right one is left out rather than cut to nothing.
fn labels(buf: &mut Buffer, look: &Look, edge: Area, left: &Run, right: &Run) {
    let padded = |run: &Run| Run::new().own(" ", Style::new()).join(run.clone()).own(" ", Style::new());
    let mut room = edge;
    if !right.is_empty() {
        let left_wants = if left.is_empty() { 0 } else { (left.width() + 3).min(usize::from(edge.width) / 2) };
        if right.width() + 2 + left_wants <= usize::from(edge.width) {
            room = padded(right).draw_right(buf, look, edge);
            room.width = room.width.saturating_sub(1);
        }
    }
    if !left.is_empty() && room.width > 2 {
        let most = usize::from(room.width);
        if left.width() + 2 <= most {
            padded(left).draw(buf, look, room);
        } else {
            put(buf, room.x, room.y, room.x + room.width, " ", Style::new());
            left.draw(buf, look, Area { x: room.x + 1, width: room.width - 2, ..room });
            put(buf, room.x + room.width - 1, room.y, room.x + room.width, " ", Style::new());
        }
    }
}
