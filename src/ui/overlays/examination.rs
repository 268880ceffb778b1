//! The doctor: each step with its glyph, what came back, and what mends it.

use ratatui::buffer::Buffer;
use ratatui::style::Style;

use super::{Cursor, boxed};
use crate::app::action::Action;
use crate::app::overlay::examination::{Examination, INDENT, Line};
use crate::app::state::AppState;
use crate::doctor::model::{State, StepKind};
use crate::keymap::Layer;
use crate::ui::paint::{Look, Run};

/// Draws it.
pub fn draw(buf: &mut Buffer, look: &Look, state: &AppState, examination: &Examination) -> Option<Cursor> {
    let theme = &look.theme;
    let lines = examination.lines(state);
    let title = format!("Doctor: the way to {}", look.safe(&examination.label, 40));
    let list = examination.list;
    let inner = boxed::open_list(buf, look, state, &title, list.selected + 1, lines.len());
    boxed::rows(buf, look, inner, (list, lines.len()), |at, room| {
        let Some(line) = lines.get(at) else { return (Run::new(), Run::new()) };
        let run = match line {
            Line::Step(step, found) => {
                let (glyph, style) = mark(look, step.state);
                named(glyph, style, step.kind, theme.text).data(look, found, room, text_style(look, step.state))
            }
            Line::Running(kind) => named(look.spin(), theme.info, *kind, theme.strong),
            Line::Waiting(kind) => named(look.set.blank, theme.dim, *kind, theme.dim),
            Line::More(text) => Run::new().gap(INDENT).data(look, text, room, theme.text),
            Line::Tried(text) => Run::new().gap(INDENT).data(look, text, room, theme.dim),
            Line::Mend(text) => Run::new().gap(INDENT + 2).data(look, text, room, theme.accent),
            Line::Fault(text) => Run::new().gap(INDENT).data(look, text, room, theme.danger),
            Line::Verdict(text) => Run::new().gap(2).data(look, text, room, theme.strong),
            Line::Blank => Run::new(),
        };
        (run, Run::new())
    });
    let keys =
        [(Action::Refresh, "again"), (Action::CopyReport, "copy"), (Action::PageDown, "page"), (Action::Back, "close")];
    boxed::hints(buf, look, state, inner, &[Layer::Examination, Layer::Overlay, Layer::List], &keys);
    None
}

fn named(glyph: &'static str, style: Style, kind: StepKind, name: Style) -> Run {
    Run::new().own(glyph, style).gap(2).own(format!("{:<width$}", kind.name(), width = INDENT - 3), name)
}

fn mark(look: &Look, state: State) -> (&'static str, Style) {
    let theme = &look.theme;
    match state {
        State::Ok => (look.set.done, theme.ok),
        State::Warn => (look.set.warn, theme.warn),
        State::Fail => (look.set.fail, theme.danger),
        State::Skip => (look.set.blank, theme.dim),
    }
}

fn text_style(look: &Look, state: State) -> Style {
    match state {
        State::Fail => look.theme.danger,
        State::Skip => look.theme.dim,
        State::Ok | State::Warn => look.theme.text,
    }
}
