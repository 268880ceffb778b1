//! Hints made from the live keymap.

use crate::app::action::Action;
use crate::app::state::AppState;
use crate::keymap::{Keymap, Layer};
use crate::ui::paint::{Look, Run};

/// The key of an action in these layers as it is written on the screen; `None` if none is bound.
pub fn name(keymap: &Keymap, layers: &[Layer], action: Action) -> Option<String> {
    keymap.keys_of(layers, action)
}

/// The key of an action where the state is now, or from anywhere; the command palette's way if no
/// key is bound.
pub fn anywhere(state: &AppState, action: Action) -> String {
    let bound = state
        .keymap
        .keys_of(state.layers(), action)
        .or_else(|| state.keymap.all_keys_of(action).into_iter().next().map(|(_, keys)| keys));
    bound.unwrap_or_else(|| {
        let palette = state.keymap.keys_of(&Layer::ALL, Action::Palette).unwrap_or_default();
        format!("{palette} {}", action.name()).trim().to_owned()
    })
}

/// `key word` pairs with two blanks between, as many as fit into `room`.
pub fn hints(look: &Look, keymap: &Keymap, layers: &[Layer], wanted: &[(Action, &str)], room: usize) -> Run {
    let mut run = Run::new();
    for (action, word) in wanted {
        let Some(key) = name(keymap, layers, *action) else { continue };
        let pair = Run::new().own(key, look.theme.accent).own(format!(" {word}"), look.theme.dim);
        let gap = if run.is_empty() { 0 } else { 2 };
        if run.width() + gap + pair.width() > room {
            continue;
        }
        run = run.gap(gap).join(pair);
    }
    run
}
