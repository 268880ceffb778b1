//! Keys and pasted text: to the overlay on top, else through the keymap to an action.

use super::{Out, overlays, perform};
use crate::app::action::Action;
use crate::app::event::Notice;
use crate::app::state::AppState;
use crate::keymap::{Chord, Lookup};

pub(super) fn key(state: &mut AppState, chord: Chord, out: &mut Out) {
    if !state.overlays.is_empty() {
        state.typed.clear();
        overlays::key(state, chord, out);
        return;
    }
    let layers = state.layers();
    state.typed.push(chord);
    match state.keymap.lookup(layers, &state.typed) {
        Lookup::Action(action) => {
            state.typed.clear();
            // A sentence was read when the next key comes, and the hints come back; the log keeps it.
            if action != Action::Back {
                state.notice = None;
            }
            perform::perform(state, action, out);
        }
        Lookup::Prefix => {}
        Lookup::None => {
            // What began a sequence and did not end it is dropped; the new key counts by itself.
            let again = state.typed.len() > 1;
            state.typed.clear();
            if again {
                key(state, chord, out);
            }
        }
    }
}

/// Pasted text goes where text is typed; anywhere else it is not a series of commands.
pub(super) fn paste(state: &mut AppState, text: &str) {
    match state.overlays.last_mut() {
        Some(overlay) => overlays::paste(overlay, text),
        None => state.notify(Notice::info("Pasted text was ignored: it is not taken for keys. Open a prompt first.")),
    }
}
