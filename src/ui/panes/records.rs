//! The records of a collection.

use ratatui::buffer::Buffer;

use super::table::Table;
use super::{Scene, message};
use crate::app::action::Action;
use crate::app::geometry::{Area, TABLE_HEADER, table_rows};
use crate::app::view::records::RecordsView;
use crate::text::format;
use crate::ui::paint::{Run, row};
use crate::ui::widgets::{keys, numbers};

/// Draws the pane.
pub fn draw(buf: &mut Buffer, scene: &Scene<'_>, view: &RecordsView) {
    let look = scene.look;
    let theme = &look.theme;
    let window = &view.window;
    let loading = view.loading.is_some();
    let mut border = scene.border(&[&view.collection], loading);
    if !view.outdated {
        border.count = Run::new().own(position(view, table_rows(scene.area), look.set.dot), theme.dim);
    }
    if view.to_the_end && loading {
        border.foot = Run::new().own("reading to the end", theme.info);
    }
    if let Some(here) = &view.here {
        let read = format::exact(here.read);
        border.foot = Run::new().own(format!("filtered here: {read} records read"), theme.warn);
    }
    let inner = border.draw(buf, look, scene.area, scene.focused);
    filter_line(buf, scene, view, row(inner, 0));
    let skip = TABLE_HEADER.min(inner.height);
    let body = Area { y: inner.y + skip, height: inner.height - skip, ..inner };
    let (told, retry) = scene.told(view.error.as_ref());
    let error = told.as_ref();

    if view.refused
        && view.here.is_none()
        && let Some(error) = &view.error
    {
        refused(buf, scene, body, error);
        return;
    }
    if window.is_fresh() || (window.end() == Some(0) && !(view.outdated && loading)) {
        match error {
            Some(error) => message::failed(buf, scene, body, "The records could not be read", error, retry),
            None if loading => {
                message::loading(buf, scene, body, &format!("reading {}", view.collection));
            }
            None if window.is_fresh() => {
                message::empty(buf, scene, body, "Nothing read yet", &[(Action::Refresh, "read the records")]);
            }
            None if view.filter.text.is_empty() => message::empty(
                buf,
                scene,
                body,
                "This collection is empty",
                &[(Action::Refresh, "look again"), (Action::CollectionInfo, "what it is made for")],
            ),
            None => message::empty(
                buf,
                scene,
                body,
                "No record passes the filter",
                &[(Action::Filter, "change the filter"), (Action::Refresh, "look again")],
            ),
        }
        return;
    }
    let table = Table {
        columns: &view.columns,
        list: view.list,
        len: window.end().unwrap_or_else(|| window.seen().max(window.last_row())),
        record: Box::new(|at| window.row(at)),
        before: Vec::new(),
        old: error.is_some() || view.outdated,
    };
    table.draw(buf, scene, inner);
    if let Some(error) = error {
        message::banner(buf, scene, body, view.list.selected.saturating_sub(view.list.top), error, retry);
    }
}

/// The maker has no request for the filter: why, and the keys that help.
fn refused(buf: &mut Buffer, scene: &Scene<'_>, area: Area, error: &str) {
    let look = scene.look;
    let theme = &look.theme;
    let width = usize::from(area.width).saturating_sub(6).clamp(1, 72);
    let headline = "The database cannot run this filter";
    let mut lines = vec![Run::new().own(look.set.fail, theme.danger).gap(1).own(headline, theme.danger), Run::new()];
    let most = usize::from(area.height).saturating_sub(6).max(1);
    lines.extend(look.wrap(error, width, most).into_iter().map(|line| Run::new().own(line, theme.text)));
    lines.push(Run::new());
    for (action, words) in [(Action::FilterHere, "filter here, after a question"), (Action::Filter, "change it")] {
        lines.push(message::key_line(scene, action, words, 1));
    }
    message::centered(buf, look, area, &lines);
}

/// The filter, or how to set one; at the right whether vectors are read.
fn filter_line(buf: &mut Buffer, scene: &Scene<'_>, view: &RecordsView, line: Area) {
    let look = scene.look;
    let theme = &look.theme;
    let line = Area { x: line.x + 2.min(line.width), width: line.width.saturating_sub(3), ..line };
    let vectors = if view.with_vectors { "vectors shown" } else { "vectors left out" };
    let hint = |action| Run::new().own(keys::anywhere(scene.state, action), theme.accent);
    let mut right = hint(Action::ToggleVectors).own(format!(" {vectors}"), theme.dim);
    let asked = view.filter.filter.as_ref().filter(|_| view.here.is_none());
    let passed_over = asked.and_then(|filter| scene.capabilities()?.passes_over(filter));
    if let Some(reason) = passed_over {
        // This must be read: the rest of the line makes room for it.
        let said = Run::new().data(look, reason, 60, theme.warn);
        let both = said.clone().own(format!(" {} ", look.set.dot), theme.dim);
        right = if usize::from(line.width) > both.width() + right.width() + 12 { both.join(right) } else { said };
    }
    let left = if view.filter.text.is_empty() {
        hint(Action::Filter).own(" no filter", theme.dim)
    } else {
        hint(Action::Filter).gap(1).data(look, &view.filter.text, 400, theme.warn)
    };
    let mut rest = line;
    if passed_over.is_some() || left.width() + right.width() + 2 <= usize::from(line.width) {
        rest = right.draw_right(buf, look, line);
    }
    left.draw(buf, look, rest);
}

/// `1-40 of 1,234 (exact)`
fn position(view: &RecordsView, height: usize, dot: &str) -> String {
    let window = &view.window;
    let known = window.end().unwrap_or(window.seen()).max(window.last_row());
    if known == 0 {
        return if window.is_fresh() { String::new() } else { "no records".to_owned() };
    }
    let first = view.list.top + 1;
    let last = (view.list.top + height).min(known).max(first);
    let rows = format!("{}-{}", format::exact(first as u64), format::exact(last as u64));
    match (view.total, window.end()) {
        (Some(total), _) if total.exact => format!("{rows} of {} (exact)", numbers::count(total, 20)),
        (Some(total), None) => format!("{rows} of {}", numbers::count(total, 20)),
        // The end was seen: no estimate is truer than that.
        (_, Some(end)) => format!("{rows} of {} {dot} all read", format::exact(end as u64)),
        (None, None) => format!("{rows} {dot} read {}, more follows", format::exact(window.seen() as u64)),
    }
}
