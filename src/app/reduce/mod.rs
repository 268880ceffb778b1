//! How the state changes: one function from an event to what is to be done.
//!
//! Each area of the screen has a file here; `perform` is the table that leads from an action to its
//! function, `linking` lets linked panes follow the focused one, `settle` asks for what is in sight and not yet
//! loaded.

pub mod availability;

mod answers;
mod asked_keys;
mod browse;
mod by_text;
mod connections;
mod copying;
mod doctor;
mod filters;
mod following;
mod forms;
mod groups;
mod jobs;
mod keys;
mod layout;
mod linked_records;
mod linking;
mod mouse;
mod moving;
mod one_query;
mod overlays;
mod perform;
mod questions;
mod resuming;
mod session;
mod settle;
mod sharing;
mod sidebar;
mod sign_in;
mod store;
#[cfg(test)]
mod tests;
mod watching;
mod whole;
mod writing;

use super::effect::{Effect, OpenRequest};
use super::event::{Event, Notice, Severity};
use super::sidebar::SidebarItem;
use super::state::AppState;
use crate::connection::message::ConnectionEventKind;

/// What is to be done outside, collected while the state changes.
type Out = Vec<Effect>;

/// Takes one event in: changes the state and returns what is to be done outside.
pub fn reduce(state: &mut AppState, event: Event) -> Vec<Effect> {
    let mut out = Out::new();
    // The cursor of the sidebar stays on what it was on.
    let at = (state.sidebar.list.selected, state.connections.len(), state.tab);
    let under_cursor = if moves_rows(&event) { sidebar::selected(state) } else { None };
    match event {
        Event::Key(chord) => keys::key(state, chord, &mut out),
        Event::Mouse(mouse) => mouse::mouse(state, mouse, &mut out),
        Event::Paste(text) => keys::paste(state, &text),
        Event::Resize(width, height) => state.size = (width, height),
        Event::Tick => {
            state.frame = state.frame.wrapping_add(1);
            return out;
        }
        Event::Connection(event) => answers::connection_event(state, *event, &mut out),
        Event::Store(event) => {
            store::store_event(state, event, &mut out);
            session::store_changed(state, &mut out);
        }
        Event::SessionFound(plan) => session::found(state, *plan, &mut out),
        Event::TargetResolved { text, result } => match result {
            Ok(request) => connections::open(state, *request, &mut out),
            Err(unopened) => connections::not_opened(state, &text, unopened),
        },
        Event::Job(event) => jobs::job_event(state, event, &mut out),
        Event::Examined(examined) => doctor::examined(state, examined),
        Event::SignIn(event) => sign_in::event(state, event),
        Event::Notice(notice) => state.notify(notice),
        Event::Terminate(signal) => {
            state.notify(Notice { severity: Severity::Warning, text: format!("{signal}: ending.") });
            out.push(Effect::Quit);
            return out;
        }
    }
    // Unless it was moved on purpose: a profile was opened. And who stands at the top because nothing else
    // was there is not taken down by the profiles that come: their first one is at the top then.
    if let Some(item) =
        under_cursor.filter(|item| at.0 > 0 || !matches!(item, SidebarItem::Demo | SidebarItem::Store(_)))
        && (state.sidebar.list.selected, state.connections.len(), state.tab) == at
    {
        sidebar::keep_on(state, &item);
    }
    resuming::settle(state);
    linking::follow(state, &mut out);
    settle::settle(state, &mut out);
    out
}

/// Whether rows of the sidebar may come and go with it, not by the user's own hand.
fn moves_rows(event: &Event) -> bool {
    match event {
        Event::Connection(event) => {
            use ConnectionEventKind::{Access, Health, Vitals};
            !matches!(event.kind, Health(_) | Access(_) | Vitals(_))
        }
        Event::Store(_) => true,
        Event::Key(_)
        | Event::Mouse(_)
        | Event::Paste(_)
        | Event::Resize(..)
        | Event::Tick
        | Event::TargetResolved { .. }
        | Event::Job(_)
        | Event::Examined(_)
        | Event::SessionFound(_)
        | Event::SignIn(_)
        | Event::Notice(_)
        | Event::Terminate(_) => false,
    }
}

/// The first effects of a program that starts: opens the targets, asks the store for its state, and
/// remembers the profiles that are to be opened as soon as it is unlocked, each with its place among all targets.
pub fn start(state: &mut AppState, targets: Vec<OpenRequest>, profiles: Vec<(usize, String)>) -> Vec<Effect> {
    let mut out = Out::new();
    layout::first_tab(state);
    let any = !targets.is_empty();
    for target in targets {
        connections::open(state, target, &mut out);
    }
    if any {
        connections::go_to_number(state, 0);
    }
    state.wants_start_profiles = !any && profiles.is_empty();
    state.wanted_profiles = profiles;
    out.push(Effect::Store(super::effect::StoreRequest::Load));
    settle::settle(state, &mut out);
    out
}
