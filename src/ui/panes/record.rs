//! One record: its payload as a tree, as JSON, or its vectors.

use ratatui::buffer::Buffer;
use ratatui::style::Style;

use super::info::select;
use super::{Scene, message, whole};
use crate::app::action::Action;
use crate::app::view::contrast::{Contrast, Mark, VectorDifference};
use crate::app::view::record::{self, INDEX_WIDTH, NUMBER_WIDTH, RecordMode, RecordView, VectorLine};
use crate::app::view::tree::{TreeLine, ValueKind};
use crate::text::{SafeText, columns, format};
use crate::ui::paint::{Look, Run, row};
use crate::ui::widgets::{scrollbar, sparkline};

/// Widest column of keys.
const KEYS: usize = 24;

/// Draws the pane.
pub fn draw(buf: &mut Buffer, scene: &Scene<'_>, view: &RecordView) {
    let look = scene.look;
    let theme = &look.theme;
    let id = view.id.to_string();
    let mut border = scene.border(&[&view.collection, &id], view.record.is_loading());
    border.aside = faces(look, view.mode());
    let faces = Face::of(view);
    let len = faces.len();
    if len > 0 {
        border.count = Run::new().own(format!("line {} of {len}", (view.list.selected + 1).min(len)), theme.dim);
    }
    let inner = border.draw(buf, look, scene.area, scene.focused);
    let (told, retry) = scene.told(view.record.error.as_ref());
    let error = told.as_ref();
    if len == 0 {
        match (error, &view.record.value) {
            (Some(error), _) => message::failed(buf, scene, inner, "The record could not be read", error, retry),
            (None, _) if view.record.is_loading() => {
                message::loading(buf, scene, inner, &format!("reading record {id}"))
            }
            (None, None) if view.absent => {
                let place = super::linked::name(scene.state, scene.link.map(|(pane, _)| pane.id));
                message::empty(buf, scene, inner, &format!("Not in {place}"), &[(Action::Back, "back in both")]);
            }
            (None, None) => message::empty(buf, scene, inner, "Nothing read yet", &[(Action::Refresh, "read it")]),
            (None, Some(_)) => {
                let what = match view.mode() {
                    RecordMode::Vector => "This record has no vectors",
                    RecordMode::Tree | RecordMode::Json => "This record has no payload",
                };
                message::empty(
                    buf,
                    scene,
                    inner,
                    what,
                    &[(Action::RecordView, "its other faces"), (Action::Refresh, "read it again")],
                );
            }
        }
        return;
    }
    let keys = faces.key_width(look, view.list.top, usize::from(inner.height));
    let long = match &faces {
        Face::Tree(lines) => lines.get(view.list.selected).filter(|line| {
            let room = usize::from(inner.width).saturating_sub(keys + 2 * line.depth + 6);
            line.kind == ValueKind::Text && columns(&look.safe(&line.value, usize::from(inner.width))) > room
        }),
        Face::Json(_) | Face::Vector(_) => None,
    };
    let long = long.map(|line| line.value.as_str());
    let top = view.list.top;
    let place = whole::beside(look, inner, len, view.list, long);
    for i in place.from..place.to {
        let line = row(inner, i - top);
        let mut run = match scene.link.and(view.contrast.as_ref()) {
            None => faces.run(look, i, usize::from(line.width).saturating_sub(3), keys),
            Some(contrast) => {
                let run = mark(look, faces.mark(contrast, i));
                run.join(faces.run(look, i, usize::from(line.width).saturating_sub(5), keys))
            }
        };
        if error.is_some() {
            run = run.uniform(theme.dim);
        }
        select(buf, scene, line, i == view.list.selected, run);
    }
    if let Some(text) = long {
        place.draw(buf, look, inner, text);
    }
    scrollbar::draw(buf, look, inner, top, len, scene.focused);
    if let Some(error) = error {
        message::banner(buf, scene, inner, view.list.selected.saturating_sub(top), error, retry);
    }
}

/// The sign before a line that is not as in the linked record.
fn mark(look: &Look, mark: Option<Mark>) -> Run {
    let theme = &look.theme;
    let run = match mark {
        Some(Mark::Differs) => Run::new().own(look.set.differs, theme.warn),
        Some(Mark::OnlyHere) => Run::new().own(look.set.only, theme.warn),
        None => Run::new().gap(1),
    };
    run.gap(1)
}

/// `tree · json · vector`, the present one marked.
fn faces(look: &Look, mode: RecordMode) -> Run {
    let theme = &look.theme;
    let mut run = Run::new();
    for face in RecordMode::ALL {
        if !run.is_empty() {
            run = run.own(format!(" {} ", look.set.dot), theme.dim);
        }
        run = run.own(face.name(), if face == mode { theme.accent } else { theme.dim });
    }
    run
}

enum Face<'a> {
    Tree(&'a [TreeLine]),
    Json(&'a [String]),
    Vector(&'a [VectorLine]),
}

impl<'a> Face<'a> {
    fn of(view: &'a RecordView) -> Self {
        match view.face() {
            record::Face::Tree(lines) => Self::Tree(lines),
            record::Face::Json(lines) => Self::Json(lines),
            record::Face::Vector(lines) => Self::Vector(lines),
        }
    }

    /// Whether a line is not as it is in the linked record.
    fn mark(&self, contrast: &Contrast, at: usize) -> Option<Mark> {
        match self {
            Self::Tree(lines) => contrast.mark(&lines.get(at)?.path),
            Self::Json(_) => None,
            Self::Vector(lines) => match lines.get(at)? {
                VectorLine::Header { name, .. } => contrast.vectors.get(name).map(|difference| match difference {
                    VectorDifference::OnlyHere => Mark::OnlyHere,
                    VectorDifference::Values(..) | VectorDifference::Shape => Mark::Differs,
                }),
                VectorLine::Spark(_) | VectorLine::Numbers { .. } => None,
            },
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Tree(lines) => lines.len(),
            Self::Json(lines) => lines.len(),
            Self::Vector(lines) => lines.len(),
        }
    }

    /// The width that the keys in sight share.
    fn key_width(&self, look: &Look, top: usize, height: usize) -> usize {
        let Self::Tree(lines) = self else { return 0 };
        let widths =
            lines.iter().skip(top).take(height).map(|line| columns(&look.safe(&line.key, KEYS)) + 2 * line.depth);
        widths.max().unwrap_or(0).min(KEYS + 8)
    }

    fn run(&self, look: &Look, at: usize, room: usize, keys: usize) -> Run {
        match self {
            Self::Tree(lines) => lines.get(at).map_or_else(Run::new, |line| tree_run(look, line, room, keys)),
            Self::Json(lines) => lines.get(at).map_or_else(Run::new, |line| json_run(look, line, room)),
            Self::Vector(lines) => lines.get(at).map_or_else(Run::new, |line| vector_run(look, line, room)),
        }
    }
}

fn tree_run(look: &Look, line: &TreeLine, room: usize, keys: usize) -> Run {
    let theme = &look.theme;
    let fold = match line.expanded {
        Some(true) => look.set.open,
        Some(false) => look.set.closed,
        None => " ",
    };
    let indent = (2 * line.depth).min(room / 2);
    let key = SafeText::head(&line.key, KEYS, look.glyphs).pad(keys.saturating_sub(indent));
    let run = Run::new().gap(indent).own(fold, theme.dim).gap(1).own(key, theme.key).gap(2);
    let (text, style) = match line.kind {
        ValueKind::Text if line.value.is_empty() => ("\"\"", theme.null),
        ValueKind::Text => (line.value.as_str(), theme.string),
        ValueKind::Number => (line.value.as_str(), theme.number),
        ValueKind::Bool => (line.value.as_str(), theme.boolean),
        ValueKind::Null => (line.value.as_str(), theme.null),
        ValueKind::Nested => (line.value.as_str(), theme.dim),
    };
    let left = room.saturating_sub(run.width());
    run.data(look, text, left, style)
}

/// A line of pretty JSON in color. Pretty JSON has one key, value or bracket on a line.
pub fn json_run(look: &Look, line: &str, room: usize) -> Run {
    let theme = &look.theme;
    let body = line.trim_start_matches(' ');
    let run = Run::new().gap((line.len() - body.len()).min(room / 2));
    let (key, value) = match key_end(body) {
        Some(end) => body.split_at(end),
        None => ("", body),
    };
    let style = match value.trim_start_matches([':', ' ']).bytes().next() {
        Some(b'"') => theme.string,
        Some(b'0'..=b'9' | b'-') => theme.number,
        Some(b't' | b'f') => theme.boolean,
        Some(b'n') => theme.null,
        _ => theme.dim,
    };
    let run = run.data(look, key, room, theme.key);
    let left = room.saturating_sub(run.width());
    run.data(look, value, left, style)
}

/// Where the key of a line like `"key": value` ends, behind its closing quote.
fn key_end(body: &str) -> Option<usize> {
    let bytes = body.as_bytes();
    if bytes.first() != Some(&b'"') {
        return None;
    }
    let mut at = 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' => return bytes.get(at + 1..)?.starts_with(b": ").then_some(at + 1),
            _ => at += 1,
        }
    }
    None
}

fn vector_run(look: &Look, line: &VectorLine, room: usize) -> Run {
    let theme = &look.theme;
    match line {
        VectorLine::Header { name, kind, norm } => {
            let name = if name.is_empty() { "vector" } else { name };
            Run::new()
                .data(look, name, 40, theme.strong)
                .own("  ", Style::new())
                .data(look, kind, 40, theme.dim)
                .own("  norm ", theme.dim)
                .own(format!("{0}{1}{0}", look.set.norm, format::exact_float(*norm as f32)), theme.text)
        }
        VectorLine::Spark(values) => {
            let scale = sparkline::range(values).map_or("no numbers".to_owned(), |(low, high)| {
                format!("{} to {}", format::exact_float(low), format::exact_float(high))
            });
            let space = room.saturating_sub(scale.len() + 2);
            Run::new().own(sparkline::bars(values, space, look.set), theme.vector).gap(2).own(scale, theme.dim)
        }
        VectorLine::Numbers { index, values } => {
            let mut run = Run::new().own(format!("{index:>INDEX_WIDTH$}"), theme.dim);
            for value in values {
                let text = format::exact_float(*value);
                // Where not even one number fits, it is cut where it can be seen: never rounded.
                let left = room.saturating_sub(run.width() + 1);
                run = run.gap((NUMBER_WIDTH - text.len()).min(left.saturating_sub(text.len()) + 1));
                run = run.data(look, &text, left, theme.number);
            }
            run
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_json_lines_are_found() {
        assert_eq!(key_end("\"a\": 1"), Some(3));
        assert_eq!(key_end("\"a\\\": \": 1,"), Some(7));
        assert_eq!(key_end("\"a: b\""), None);
        assert_eq!(key_end("\"a\\"), None);
        assert_eq!(key_end("}"), None);
    }
}
