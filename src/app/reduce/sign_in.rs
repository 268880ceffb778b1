//! Signing in to a cloud: keys in its three steps, and what comes back. The profiles that were found, with
//! their secrets, stay in `runtime`; here are their names.

use super::{Out, store};
use crate::app::action::Action;
use crate::app::effect::{Effect, StoreRequest};
use crate::app::event::{SignInEvent, SignInSaid};
use crate::app::overlay::Overlay;
use crate::app::overlay::form::FieldValue;
use crate::app::overlay::sign_in::{Fill, Found, SignIn, Step};
use crate::app::state::AppState;
use crate::cloud::model::Cloud;
use crate::keymap::{Chord, Key};

pub(super) fn begin(state: &mut AppState) {
    state.overlays.push(Overlay::SignIn(Box::default()));
}

fn top(state: &mut AppState) -> Option<&mut SignIn> {
    match state.overlays.last_mut() {
        Some(Overlay::SignIn(sign_in)) => Some(sign_in),
        _ => None,
    }
}

/// A key in the form of the second step; the lists of the others have the keys of every list.
pub(super) fn key(state: &mut AppState, action: Option<Action>, chord: Chord, out: &mut Out) {
    let Some(SignIn { step: Step::Fill(fill), .. }) = top(state) else { return };
    match action {
        Some(Action::Back) => return back(state, out),
        Some(Action::Suspend) => return out.push(Effect::Suspend),
        _ if fill.busy => return,
        _ => {}
    }
    let choice = matches!(fill.values.get(fill.focus), Some(FieldValue::Choice(_)));
    match action {
        Some(Action::NextField) if chord.key == Key::Enter && fill.is_at_end() => find(state, out),
        Some(Action::SaveForm | Action::TestProfile) => find(state, out),
        Some(Action::NextField) => fill.move_focus(1),
        Some(Action::PreviousField) => fill.move_focus(-1),
        Some(Action::NextChoice) if choice => fill.cycle(1),
        Some(Action::PreviousChoice) if choice => fill.cycle(-1),
        None if choice && chord.key == Key::Char(' ') => fill.cycle(1),
        _ => {
            fill.error = None;
            match fill.values.get_mut(fill.focus) {
                Some(FieldValue::Text(text)) => drop(text.key(chord)),
                Some(FieldValue::Secret(secret)) => drop(secret.key(chord)),
                Some(FieldValue::Choice(_)) | None => {}
            }
        }
    }
}

/// Pasted text.
pub(super) fn paste(sign_in: &mut SignIn, pasted: &str) {
    let Step::Fill(fill) = &mut sign_in.step else { return };
    let Fill { values, focus, error, busy: false, .. } = fill.as_mut() else { return };
    *error = None;
    match values.get_mut(*focus) {
        Some(FieldValue::Text(text)) => text.paste(pasted),
        Some(FieldValue::Secret(secret)) => secret.paste(pasted),
        Some(FieldValue::Choice(_)) | None => {}
    }
}

/// One step back; what is under way is ended, and what was found forgotten.
pub(super) fn back(state: &mut AppState, out: &mut Out) {
    let ticket = state.fresh_id();
    let Some(sign_in) = top(state) else { return };
    // Later answers are to another question.
    sign_in.ticket = ticket;
    out.push(Effect::EndSignIn);
    match &mut sign_in.step {
        Step::Fill(fill) if fill.busy => (fill.busy, fill.code) = (false, None),
        Step::Found(found) if found.rows.iter().all(|row| row.ended.is_none()) => {
            sign_in.step = Step::Fill(Box::new(Fill::new(found.cloud)));
        }
        Step::Fill(_) => sign_in.step = SignIn::default().step,
        Step::Choose(_) | Step::Found(_) => drop(state.overlays.pop()),
    }
}

/// Enter in one of the lists.
pub(super) fn enter(state: &mut AppState, out: &mut Out) {
    let Some(sign_in) = top(state) else { return };
    match &mut sign_in.step {
        Step::Choose(list) => {
            if let Some(cloud) = Cloud::ALL.get(list.selected) {
                sign_in.step = Step::Fill(Box::new(Fill::new(*cloud)));
            }
        }
        Step::Fill(_) => {}
        Step::Found(found) if found.busy => {}
        Step::Found(found) => {
            let waits = |row: &crate::app::overlay::sign_in::Row| row.chosen && !matches!(row.ended, Some(Ok(_)));
            let chosen: Vec<usize> =
                found.rows.iter().enumerate().filter(|(_, row)| waits(row)).map(|(at, _)| at).collect();
            if chosen.is_empty() {
                found.error = Some("nothing is chosen. Space chooses, esc goes back.".to_owned());
                return;
            }
            (found.busy, found.error) = (true, None);
            let ticket = sign_in.ticket;
            store::save(state, StoreRequest::SaveSignedIn { ticket, chosen }, out);
        }
    }
}

/// Space: chooses a row, or no longer.
pub(super) fn toggle(state: &mut AppState) {
    let Some(SignIn { step: Step::Found(Found { rows, list, busy: false, error, .. }), .. }) = top(state) else {
        return;
    };
    if let Some(row) = rows.get_mut(list.selected).filter(|row| row.ended.is_none()) {
        (row.chosen, *error) = (!row.chosen, None);
    }
}

fn find(state: &mut AppState, out: &mut Out) {
    let ticket = state.fresh_id();
    let Some(sign_in) = top(state) else { return };
    let Step::Fill(fill) = &mut sign_in.step else { return };
    (fill.busy, fill.error, fill.code) = (true, None, None);
    sign_in.ticket = ticket;
    out.push(Effect::SignIn { ticket, cloud: fill.cloud, answers: Box::new(fill.answers()) });
}

/// Nothing is saved: the store was not made or unlocked.
pub(super) fn not_saved(state: &mut AppState, why: &str) -> bool {
    let found = state.overlays.iter_mut().rev().find_map(|overlay| match overlay {
        Overlay::SignIn(sign_in) => match &mut sign_in.step {
            Step::Found(found) if found.busy => Some(found),
            _ => None,
        },
        _ => None,
    });
    let Some(found) = found else { return false };
    (found.busy, found.error) = (false, Some(why.to_owned()));
    true
}

/// What comes back.
pub(super) fn event(state: &mut AppState, event: SignInEvent) {
    let sign_in = state.overlays.iter_mut().find_map(|overlay| match overlay {
        Overlay::SignIn(sign_in) if sign_in.ticket == event.ticket => Some(sign_in),
        _ => None,
    });
    let Some(sign_in) = sign_in else { return };
    match (&mut sign_in.step, event.said) {
        (Step::Fill(fill), SignInSaid::Code { page, code }) => fill.code = Some((page, code)),
        (Step::Fill(fill), SignInSaid::Found(Err(why))) => {
            (fill.busy, fill.code, fill.error) = (false, None, Some(why));
        }
        (Step::Fill(fill), SignInSaid::Found(Ok(rows))) if rows.is_empty() => {
            (fill.busy, fill.code, fill.error) = (false, None, Some("nothing was found there.".to_owned()));
        }
        (Step::Fill(fill), SignInSaid::Found(Ok(rows))) => {
            let cloud = fill.cloud;
            sign_in.step = Step::Found(Found { cloud, rows, list: Default::default(), busy: false, error: None });
        }
        (Step::Found(found), SignInSaid::Ended { row, result }) => {
            if let Some(row) = found.rows.get_mut(row) {
                row.ended = Some(result);
            }
        }
        (Step::Found(found), SignInSaid::Done) => found.busy = false,
        _ => {}
    }
}
