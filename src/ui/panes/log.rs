//! What happened in this session.

use ratatui::buffer::Buffer;

use super::info::select;
use super::{Scene, message};
use crate::app::action::Action;
use crate::app::view::log::{Entry, LogView};
use crate::text::format;
use crate::text::format::number_of;
use crate::ui::paint::{Run, row};
use crate::ui::status::severity_glyph;
use crate::ui::widgets::frame::Border;
use crate::ui::widgets::scrollbar;

/// Columns of a time with the blank behind it.
const TIME: usize = 9;

/// Draws the pane, newest line first; the selected line in full below, where it does not fit.
pub fn draw(buf: &mut Buffer, scene: &Scene<'_>, view: &LogView) {
    let look = scene.look;
    let theme = &look.theme;
    let log = &scene.state.log;
    let mut border = Border::titled(Run::new().own("Log", if scene.focused { theme.strong } else { theme.dim }));
    if !log.is_empty() {
        let dropped = if log.dropped() > 0 { format!(", {} older left out", log.dropped()) } else { String::new() };
        border.count =
            Run::new().own(format!("{}, newest first{dropped}, times in UTC", number_of(log.len(), "line")), theme.dim);
    }
    let inner = border.draw(buf, look, scene.area, scene.focused);
    if log.is_empty() {
        message::empty(buf, scene, inner, "Nothing happened yet", &[(Action::Back, "back")]);
        return;
    }
    let height = usize::from(inner.height);
    for (i, Entry { at, notice }) in log.newest_first().enumerate().skip(view.list.top).take(height) {
        let line = row(inner, i - view.list.top);
        let start = at.map_or_else(Run::new, |at| Run::new().own(format::time_of_day(at), theme.dim).gap(1));
        let start = start.own(severity_glyph(look, notice.severity), theme.severity(notice.severity)).gap(1);
        let room = usize::from(line.width).saturating_sub(start.width() + 2);
        select(buf, scene, line, i == view.list.selected, start.data(look, &notice.text, room, theme.text));
    }
    let selected = log.newest_first().nth(view.list.selected);
    let beside = selected.map_or(0, |entry| if entry.at.is_some() { 4 + TIME } else { 4 });
    if let Some(Entry { notice, .. }) = selected
        && notice.text.len() > usize::from(inner.width).saturating_sub(beside)
    {
        let used = log.len().saturating_sub(view.list.top).min(height);
        super::whole::draw(buf, look, inner, used, &notice.text);
    }
    scrollbar::draw(buf, look, inner, view.list.top, log.len(), scene.focused);
}
