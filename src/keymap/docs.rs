//! `docs/keybindings.md`, made from the tables of bindings and actions so that it cannot drift
//! from them. `tests/commands.rs` writes it and checks that it is fresh.

use std::fmt::Write as _;

use super::{Keymap, Layer, sequence_name};
use crate::app::action::{Action, Group};

/// The whole document, of the keys as they come.
pub fn markdown() -> String {
    let map = Keymap::default();
    let mut text = "# Keys\n\n\
        <!-- Made from the keymap by `UPDATE_DOCS=1 cargo test --test commands`; a test keeps it fresh. Do not edit. -->\n\n\
        The keys as they come. Inside the program `?` shows the keys that hold now, your own included, and `:` lists \
        every action; one that does nothing at the moment says why.\n\n\
        A key is looked up in the layer of what has the focus first, then in *Everywhere*. What is on top (a form, a \
        picker, a question) takes all keys until it is closed. `g g` is two keys, one after the other.\n\n"
        .to_owned();
    for layer in Layer::ALL {
        let _ = writeln!(text, "## {}\n\nLayer `{}`.\n", layer.title(), layer.name());
        text.push_str("| keys | action | what it does |\n|---|---|---|\n");
        for (action, keys) in rows(&map, layer) {
            let _ = writeln!(text, "| {} | `{}` | {} |", keys.join(", "), action.name(), cell(action.doc()));
        }
        text.push('\n');
    }
    without_keys(&map, &mut text);
    text.push_str(
        "## Other keys\n\n\
        In `config.toml`, a table for each layer and a line for each key; `none` takes a key away. See \
        [configuration.md](configuration.md).\n\n\
        ```toml\n[keys.global]\n\"ctrl-k\" = \"palette\"\nq = \"none\"\n\n[keys.list]\n\"g e\" = \"last\"\n```\n\n\
        A key is a character (`j`, `G`, `?`) or one of `enter`, `esc`, `tab`, `backtab`, `backspace`, `delete`, \
        `insert`, `up`, `down`, `left`, `right`, `home`, `end`, `pageup`, `pagedown`, `space`, `f1` to `f12`; before \
        it `ctrl-`, `alt-` or, for a named key, `shift-`. Keys that follow each other are separated by spaces.\n",
    );
    text
}

/// The actions of a layer in the order of the table, each with all its keys.
fn rows(map: &Keymap, layer: Layer) -> Vec<(Action, Vec<String>)> {
    let mut rows: Vec<(Action, Vec<String>)> = Vec::new();
    for binding in map.layer(layer) {
        let keys = code(&sequence_name(&binding.keys));
        match rows.iter_mut().find(|(action, _)| *action == binding.action) {
            Some((_, all)) => all.push(keys),
            None => rows.push((binding.action, vec![keys])),
        }
    }
    rows
}

/// What can be run from the palette only.
fn without_keys(map: &Keymap, text: &mut String) {
    let rest: Vec<Action> = Action::ALL.iter().copied().filter(|action| map.all_keys_of(*action).is_empty()).collect();
    if rest.is_empty() {
        return;
    }
    text.push_str("## Without a key\n\nRun them from the palette (`:`), or give them a key.\n\n");
    text.push_str("| action | group | what it does |\n|---|---|---|\n");
    for action in rest {
        let group: Group = action.group();
        let _ = writeln!(text, "| `{}` | {} | {} |", action.name(), group.title(), cell(action.doc()));
    }
    text.push('\n');
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn code(keys: &str) -> String {
    format!("`{}`", keys.replace('|', "\\|"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_and_every_layer_is_in_the_document() {
        let text = markdown();
        for action in Action::ALL {
            assert!(text.contains(&format!("| `{}` |", action.name())), "{}", action.name());
        }
        for layer in Layer::ALL {
            assert!(text.contains(&format!("Layer `{}`.", layer.name())), "{}", layer.name());
        }
    }

    #[test]
    fn keys_of_one_action_stand_in_one_row_and_a_bar_does_not_end_a_cell() {
        let text = markdown();
        assert!(text.contains("| `g g`, `home` | `first` |"), "{text}");
        assert!(text.contains("| `\\|` | `split-right` |"), "{text}");
    }
}
