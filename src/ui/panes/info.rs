//! All about a collection.

use ratatui::buffer::Buffer;

use super::record::json_run;
use super::{Scene, message};
use crate::app::action::Action;
use crate::app::view::info::InfoView;
use crate::ui::paint::{Run, after, put, row, tint};
use crate::ui::widgets::scrollbar;

/// Draws the pane.
pub fn draw(buf: &mut Buffer, scene: &Scene<'_>, view: &InfoView) {
    let look = scene.look;
    let theme = &look.theme;
    let mut border = scene.border(&[&view.collection, "info"], view.info.is_loading());
    let lines = view.lines();
    if !lines.is_empty() {
        border.count = Run::new().own(format!("line {} of {}", view.list.selected + 1, lines.len()), theme.dim);
    }
    let inner = border.draw(buf, look, scene.area, scene.focused);
    let (told, retry) = scene.told(view.info.error.as_ref());
    let error = told.as_ref();
    if lines.is_empty() {
        match error {
            Some(error) => message::failed(buf, scene, inner, "The description could not be read", error, retry),
            None if view.info.is_loading() => {
                message::loading(buf, scene, inner, &format!("reading about {}", view.collection));
            }
            None => message::empty(buf, scene, inner, "Nothing read yet", &[(Action::Refresh, "read it")]),
        }
        return;
    }
    let labels = lines.iter().filter(|(label, text)| !label.is_empty() && !text.is_empty());
    let width = labels.map(|(label, _)| look.safe(label, 28).chars().count()).max().unwrap_or(0).min(28);
    let old = error.is_some() || view.info.is_loading();
    let mut raw = false;
    for (i, (label, text)) in lines.iter().enumerate() {
        raw |= label.is_empty();
        if i < view.list.top {
            continue;
        }
        let line = row(inner, i - view.list.top);
        if line.width == 0 {
            break;
        }
        let run = if text.is_empty() {
            Run::new().data(look, label, 80, theme.strong)
        } else if label.is_empty() && raw {
            Run::new().gap(2).join(json_run(look, text, usize::from(line.width)))
        } else {
            let label = crate::text::SafeText::head(label, width, look.glyphs).pad(width);
            Run::new().gap(2).own(label, theme.dim).gap(2).data(look, text, usize::from(line.width), theme.text)
        };
        let selected = i == view.list.selected;
        let run = if old { run.uniform(theme.dim) } else { run };
        select(buf, scene, line, selected, run);
    }
    scrollbar::draw(buf, look, inner, view.list.top, lines.len(), scene.focused);
    if let Some(error) = error {
        message::banner(buf, scene, inner, view.list.selected.saturating_sub(view.list.top), error, retry);
    }
}

/// A line of a list, marked if it is the selected one.
pub fn select(buf: &mut Buffer, scene: &Scene<'_>, line: crate::app::geometry::Area, selected: bool, run: Run) {
    let look = scene.look;
    let theme = &look.theme;
    let run = if selected && scene.focused {
        tint(buf, line, theme.selected);
        run.uniform(theme.selected)
    } else {
        run
    };
    if selected {
        let style = if scene.focused { theme.selected } else { theme.accent };
        put(buf, line.x, line.y, line.x + 1, look.set.bar, style);
    }
    run.draw(buf, look, after(line, 2));
}
