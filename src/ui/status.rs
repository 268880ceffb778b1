//! The line at the bottom: a notice or the keys that matter here, and what runs.

use std::borrow::Cow;

use ratatui::buffer::Buffer;

use super::names;
use super::paint::{Look, Run, before};
use super::widgets::{keys, progress};
use crate::app::action::Action::{self, *};
use crate::app::event::{Notice, Severity};
use crate::app::geometry::Area;
use crate::app::reduce::availability::{sidebar_or_active, unavailable};
use crate::app::state::AppState;
use crate::connection::health::HealthState;
use crate::keymap::{Layer, sequence_name};
use crate::text::format::countdown;

/// Widest name of a connection before a sentence about it that does not fit.
const NAME: usize = 20;

/// Draws it.
pub fn draw(buf: &mut Buffer, look: &Look, state: &AppState, row: Area) {
    let work = windows(look, state).join(linked(look, state)).join(running(look, state, usize::from(row.width) / 2));
    let mut rest = row;
    if !work.is_empty() {
        rest = before(work.gap(1).draw_right(buf, look, row), 2);
    }
    let room = usize::from(rest.width).saturating_sub(1);
    let left = if !state.typed.is_empty() {
        sequence(look, state, room)
    } else if let Some(notice) = &state.notice {
        said(look, state, notice, room)
    } else if state.overlays.is_empty() {
        let layers = state.layers();
        // Exact beside approximate is what linked panes are for; elsewhere help has the key.
        let linked = state.active_tab().is_some_and(|tab| state.links.of(tab.focus).is_some());
        let here = |action: Action| unavailable(state, action).is_none() && (linked || action != ExactSearch);
        // What is wrong with a connection that is down matters more than its data.
        let doctor = needs_doctor(state).then_some((Doctor, "find out why"));
        let possible: Vec<_> =
            doctor.into_iter().chain(wanted(layers).iter().copied()).filter(|(action, _)| here(*action)).collect();
        keys::hints(look, &state.keymap, layers, &possible, room)
    } else {
        // Boxes show their own keys.
        Run::new()
    };
    Run::new().gap(1).join(left).draw(buf, look, rest);
}

/// Whether the connection that the doctor would examine is down.
fn needs_doctor(state: &AppState) -> bool {
    let down = |state: &HealthState| {
        matches!(state, HealthState::Failed { .. } | HealthState::Reconnecting { .. } | HealthState::Unauthorized)
    };
    sidebar_or_active(state).is_some_and(|connection| down(&connection.health.state))
}

/// The actions that the footer names, the most useful first: what does not fit is left out.
fn wanted(layers: &[Layer]) -> &'static [(Action, &'static str)] {
    match layers.first() {
        Some(Layer::Sidebar) => &[
            (Enter, "open"),
            (QuickConnect, "connect"),
            (Help, "help"),
            (NewProfile, "new profile"),
            (EditProfile, "edit"),
            (NextPane, "pane"),
            (Palette, "all actions"),
            (CollectionInfo, "info"),
            (CloseConnection, "close"),
            (CheckConnection, "check"),
            (ConnectionDetails, "details"),
            (Quit, "quit"),
        ],
        Some(Layer::Records) => &[
            (Enter, "open"),
            (Filter, "filter"),
            (SearchVector, "search"),
            (MoreLikeThis, "like this"),
            (Help, "help"),
            (SplitRight, "split"),
            (LinkPanes, "link"),
            (CopyRecord, "copy"),
            (Columns, "columns"),
            (ToggleVectors, "vectors"),
            (GoToId, "go to id"),
            (CollectionInfo, "info"),
            (Refresh, "refresh"),
            (NextPane, "pane"),
            (Palette, "all actions"),
            (ExactSearch, "exact"),
            (Quit, "quit"),
        ],
        Some(Layer::Record) => &[
            (Back, "back"),
            (RecordView, "tree/json/vector"),
            (MoreLikeThis, "like this"),
            (Toggle, "fold"),
            (Help, "help"),
            (CopyRecord, "copy"),
            (CopyCell, "copy value"),
            (OpenInEditor, "editor"),
            (SplitRight, "split"),
            (LinkPanes, "link"),
            (NextPane, "pane"),
            (Palette, "all actions"),
        ],
        Some(Layer::Jobs) => &[
            (Back, "back"),
            (Enter, "open, accept, go on"),
            (Toggle, "hold"),
            (CancelRequest, "end"),
            (CopyOptions, "options"),
            (LimitRate, "rate"),
            (Help, "help"),
            (ShowJobs, "jobs"),
            (NextPane, "pane"),
            (Palette, "all actions"),
        ],
        Some(
            Layer::List
            | Layer::Global
            | Layer::Overlay
            | Layer::Examination
            | Layer::Code
            | Layer::Form
            | Layer::Confirm,
        )
        | None => &[
            (Back, "back"),
            (QuickConnect, "connect"),
            (Refresh, "refresh"),
            (Help, "help"),
            (NextPane, "pane"),
            (FocusSidebar, "sidebar"),
            (SplitRight, "split"),
            (Palette, "all actions"),
            (Quit, "quit"),
        ],
    }
}

/// The keys typed so far, and what could follow.
fn sequence(look: &Look, state: &AppState, room: usize) -> Run {
    let theme = &look.theme;
    let mut run = Run::new().data(look, &sequence_name(&state.typed), 12, theme.accent).own(" ...", theme.dim);
    for layer in state.layers().iter().copied() {
        for binding in state.keymap.layer(layer).filter(|b| b.keys.starts_with(&state.typed)) {
            let next = sequence_name(binding.keys.get(state.typed.len()..).unwrap_or_default());
            let pair =
                Run::new().data(look, &next, 12, theme.accent).own(format!(" {}", binding.action.title()), theme.dim);
            if run.width() + 2 + pair.width() <= room {
                run = run.gap(2).join(pair);
            }
        }
    }
    run
}

fn said(look: &Look, state: &AppState, notice: &Notice, room: usize) -> Run {
    let theme = &look.theme;
    let glyph = severity_glyph(look, notice.severity);
    let run = Run::new().own(glyph, theme.severity(notice.severity)).gap(1);
    let text = shorter(look, state, &notice.text, room.saturating_sub(2));
    let whole = crate::text::SafeText::head(&text, room, look.glyphs);
    if whole.width() + 2 <= room {
        return run.own(whole.as_str(), theme.text);
    }
    // Cut: the log has all of it.
    let more = Run::new().own(format!("  {}", keys::anywhere(state, ShowLog)), theme.accent).own(" log", theme.dim);
    let space = room.saturating_sub(2 + more.width());
    run.own(whole.fit(space), theme.text).join(more)
}

/// A sentence about a connection that does not fit: its name gives way before what is said of it does.
fn shorter<'a>(look: &Look, state: &AppState, text: &'a str, room: usize) -> Cow<'a, str> {
    if crate::text::columns(text) <= room {
        return Cow::Borrowed(text);
    }
    let labels =
        state.connections.iter().filter_map(|c| Some((c.label.as_str(), text.strip_prefix(c.label.as_str())?)));
    match labels.max_by_key(|(label, _)| label.len()) {
        Some((label, rest)) if !label.is_empty() => Cow::Owned(format!("{}{rest}", names::short(look, label, NAME))),
        _ => Cow::Borrowed(text),
    }
}

/// The glyph of a notice.
pub fn severity_glyph(look: &Look, severity: Severity) -> &'static str {
    match severity {
        Severity::Info => look.set.note,
        Severity::Success => look.set.done,
        Severity::Warning => look.set.warn,
        Severity::Error => look.set.fail,
    }
}

/// `prod writable 14:32`: the windows that are open, nearest to their end first.
fn windows(look: &Look, state: &AppState) -> Run {
    let mut open: Vec<_> = state.connections.iter().filter_map(|c| Some((c.access.window_s?, c))).collect();
    open.sort_by_key(|(left, _)| *left);
    open.iter().fold(Run::new(), |run, (left, connection)| {
        run.data(look, &connection.label, 20, look.theme.danger)
            .own(format!(" writable {}", countdown(*left)), look.theme.danger)
            .gap(2)
    })
}

/// `⇄ linked by id`: the focused pane is.
fn linked(look: &Look, state: &AppState) -> Run {
    let link = state.active_tab().and_then(|tab| state.links.of(tab.focus));
    let Some(link) = link else { return Run::new() };
    let by = look.safe(link.by.name(), 16);
    Run::new().own(format!("{} linked by {by}", look.set.link), look.theme.accent).gap(2)
}

/// Jobs first, else the oldest question that waits.
fn running(look: &Look, state: &AppState, room: usize) -> Run {
    let theme = &look.theme;
    if let Some(job) = state.running_jobs().next() {
        let mut run = progress::line(look, job, room.saturating_sub(40).clamp(8, 28));
        let more = state.running_jobs().count() - 1;
        if more > 0 {
            run = run.own(format!(" +{more}"), theme.dim);
        }
        return run;
    }
    let Some((_, oldest)) = state.pending.iter().min_by_key(|(id, _)| **id) else { return Run::new() };
    let run =
        Run::new().own(look.spin(), theme.info).gap(1).data(look, &oldest.what, room.saturating_sub(8), theme.dim);
    match state.pending.len() {
        0 | 1 => run,
        more => run.own(format!(" +{}", more - 1), theme.dim),
    }
}
