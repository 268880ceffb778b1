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
use crate::cloud::model::{Cloud, still_coming};
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

/// A character for the first step, where a few letters find a cloud. Whether it was one.
pub(super) fn find_cloud(sign_in: &mut SignIn, chord: Chord) -> bool {
    match &mut sign_in.step {
        Step::Choose(choose) => choose.query.key(chord),
        Step::Fill(_) | Step::Found(_) => false,
    }
}

/// A key in the form of the second step; the lists of the others have the keys of every list.
pub(super) fn key(state: &mut AppState, action: Option<Action>, chord: Chord, out: &mut Out) {
    let Some(SignIn { step: Step::Fill(fill), .. }) = top(state) else { return };
    match action {
        Some(Action::Back) => return back(state, out),
        Some(Action::Suspend) => return out.push(Effect::Suspend),
        Some(Action::CopyAddress) => {
            let text = fill.code.as_ref().map(|code| code.address().to_owned());
            return out.extend(text.map(|text| Effect::Copy { text, what: "address" }));
        }
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
    let fill = match &mut sign_in.step {
        Step::Choose(choose) => return choose.query.paste(pasted),
        Step::Fill(fill) => fill,
        Step::Found(_) => return,
    };
    let Fill { values, focus, error, busy: false, .. } = fill.as_mut() else { return };
    *error = None;
    match values.get_mut(*focus) {
        Some(FieldValue::Text(text)) => text.paste(pasted),
        Some(FieldValue::Secret(secret)) => secret.paste(pasted),
        Some(FieldValue::Choice(_)) | None => {}
    }
}

/// One step back: saving is ended, and what was found stays; else what is under way is ended, and what was found
/// forgotten, but not what was filled in.
pub(super) fn back(state: &mut AppState, out: &mut Out) {
    let ticket = state.fresh_id();
    let Some(sign_in) = top(state) else { return };
    if let Step::Found(found) = &mut sign_in.step
        && found.busy
    {
        let stopped = "stopped: only what is marked so is saved. Enter goes on, esc goes back.";
        (found.busy, found.error) = (false, Some(stopped.to_owned()));
        return out.push(Effect::StopSaving);
    }
    // Later answers are to another question.
    sign_in.ticket = ticket;
    out.push(Effect::EndSignIn);
    match &mut sign_in.step {
        Step::Fill(fill) if fill.busy => fill.rest(),
        Step::Found(found) if !found.rows.iter().any(|row| matches!(row.ended, Some(Ok(_)))) => {
            let form = std::mem::replace(&mut found.form, Box::new(Fill::new(Cloud::Qdrant)));
            sign_in.step = Step::Fill(form);
        }
        Step::Fill(_) => sign_in.step = SignIn::default().step,
        Step::Choose(_) | Step::Found(_) => drop(state.overlays.pop()),
    }
}

/// Enter in one of the lists.
pub(super) fn enter(state: &mut AppState, out: &mut Out) {
    let Some(sign_in) = top(state) else { return };
    match &mut sign_in.step {
        Step::Choose(choose) => {
            // Where nothing matches there is nothing to choose, and the letter too many can be taken back.
            if let Some(cloud) = choose.rows().get(choose.list.selected) {
                sign_in.step = Step::Fill(Box::new(Fill::new(*cloud)));
            }
        }
        Step::Fill(_) => {}
        Step::Found(found) if found.busy => {}
        Step::Found(found) => {
            let rows = found.rows.iter().enumerate();
            let chosen: Vec<usize> = rows.filter(|(_, row)| row.waits()).map(|(at, _)| at).collect();
            if chosen.is_empty() {
                found.error = Some("nothing is chosen. Space chooses, esc goes back.".to_owned());
                return;
            }
            for row in found.rows.iter_mut().filter(|row| row.waits()) {
                row.ended = None;
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
    if let Some(row) = rows.get_mut(list.selected).filter(|row| !matches!(row.ended, Some(Ok(_)))) {
        (row.chosen, *error) = (!row.chosen, None);
    }
}

fn find(state: &mut AppState, out: &mut Out) {
    let ticket = state.fresh_id();
    let Some(sign_in) = top(state) else { return };
    let Step::Fill(fill) = &mut sign_in.step else { return };
    fill.rest();
    (fill.busy, fill.error) = (true, None);
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
        (Step::Fill(fill), SignInSaid::Code(code)) => fill.code = Some(code),
        (Step::Fill(fill), SignInSaid::Told(text)) => fill.told = Some(text),
        (Step::Fill(fill), SignInSaid::NotFound(why)) => {
            fill.rest();
            fill.error = Some(why);
        }
        (Step::Fill(fill), SignInSaid::Found { rows, coming }) if rows.is_empty() => {
            fill.rest();
            fill.error = Some(match still_coming(&coming) {
                Some(coming) => format!("nothing can be opened there yet: {coming}."),
                None => "nothing was found there.".to_owned(),
            });
        }
        (Step::Fill(fill), SignInSaid::Found { rows, coming }) => {
            let mut form = std::mem::replace(fill, Box::new(Fill::new(Cloud::Qdrant)));
            form.rest();
            let list = Default::default();
            sign_in.step = Step::Found(Found { form, rows, coming, list, busy: false, error: None });
        }
        (Step::Found(found), SignInSaid::Updates(updates)) => {
            for (row, updates) in found.rows.iter_mut().zip(updates) {
                if row.updates != updates {
                    let chosen = row.chosen;
                    *row = row.clone().updating(updates);
                    row.chosen &= chosen;
                }
            }
            let why = "profiles lead there already, as the rows say now; a key that would be lost is not chosen. Enter goes on.";
            (found.busy, found.error) = (false, Some(why.to_owned()));
        }
        (Step::Found(found), SignInSaid::NotSaved(why)) => (found.busy, found.error) = (false, Some(why)),
        (Step::Found(found), SignInSaid::Ended { row, result }) => {
            if let Some(row) = found.rows.get_mut(row) {
                row.ended = Some(result);
            }
        }
        (Step::Found(found), SignInSaid::Done) => found.busy = false,
        _ => {}
    }
}
