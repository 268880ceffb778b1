//! The table of bindings, with the user's changes applied and checked.

use thiserror::Error;

use super::defaults::DEFAULTS;
use super::{Chord, Layer, parse_sequence, sequence_name};
use crate::app::action::Action;

/// One row of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// Where it holds.
    pub layer: Layer,
    /// The keys, one after the other.
    pub keys: Vec<Chord>,
    /// What they mean.
    pub action: Action,
}

/// One line of the user's `[keys.<layer>]`, not yet checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserBinding {
    /// Name of the layer.
    pub layer: String,
    /// The keys as written.
    pub keys: String,
    /// Name of the action, or `none` to take a key away.
    pub action: String,
    /// Line in `config.toml`, counted from 1.
    pub line: usize,
}

/// What is wrong with a user's binding.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum KeymapError {
    /// No such layer.
    #[error("line {line}: there is no layer {name:?} of keys. The layers are: {known}.")]
    UnknownLayer {
        /// Line in the file.
        line: usize,
        /// The name.
        name: String,
        /// All names.
        known: String,
    },
    /// No such action.
    #[error(
        "line {line}: there is no action {name:?}; the nearest is {nearest:?}. All are listed in docs/keybindings.md."
    )]
    UnknownAction {
        /// Line in the file.
        line: usize,
        /// The name.
        name: String,
        /// The most similar name.
        nearest: String,
    },
    /// Not a key.
    #[error("line {line}: {source}")]
    BadKey {
        /// Line in the file.
        line: usize,
        /// Why.
        source: super::ChordError,
    },
    /// One sequence is the beginning of another, so that the longer can never be typed.
    #[error(
        "line {line}: {keys:?} conflicts with {other:?} ({action}) in the layer {layer:?}: one is the beginning of the other. Take the other away with \"none\", or choose another key."
    )]
    Conflict {
        /// Line in the file.
        line: usize,
        /// The new keys.
        keys: String,
        /// The keys already there.
        other: String,
        /// What they do.
        action: &'static str,
        /// The layer.
        layer: &'static str,
    },
    /// The same keys are bound twice in the file.
    #[error("line {line}: {keys:?} is bound twice in the layer {layer:?}, first on line {first}. Keep one of them.")]
    Twice {
        /// Line in the file.
        line: usize,
        /// Line of the first.
        first: usize,
        /// The keys.
        keys: String,
        /// The layer.
        layer: &'static str,
    },
}

/// What a sequence of keys means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lookup {
    /// This action.
    Action(Action),
    /// The beginning of a longer sequence.
    Prefix,
    /// Nothing.
    None,
}

/// All bindings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keymap {
    bindings: Vec<Binding>,
}

impl Default for Keymap {
    fn default() -> Self {
        let bindings = DEFAULTS
            .iter()
            .filter_map(|(layer, keys, action)| {
                parse_sequence(keys).ok().map(|keys| Binding { layer: *layer, keys, action: *action })
            })
            .collect();
        Self { bindings }
    }
}

impl Keymap {
    /// The defaults with the user's bindings over them.
    ///
    /// # Errors
    /// Every line that is wrong; the others are applied all the same.
    pub fn with_user(user: &[UserBinding]) -> (Self, Vec<KeymapError>) {
        let mut map = Self::default();
        let mut errors = Vec::new();
        let mut seen: Vec<(Layer, Vec<Chord>, usize)> = Vec::new();
        for binding in user {
            if let Err(error) = map.apply(binding, &mut seen) {
                errors.push(error);
            }
        }
        (map, errors)
    }

    fn apply(&mut self, user: &UserBinding, seen: &mut Vec<(Layer, Vec<Chord>, usize)>) -> Result<(), KeymapError> {
        let line = user.line;
        let layer = Layer::from_name(&user.layer).ok_or_else(|| KeymapError::UnknownLayer {
            line,
            name: user.layer.clone(),
            known: Layer::ALL.map(Layer::name).join(", "),
        })?;
        let keys = parse_sequence(&user.keys).map_err(|source| KeymapError::BadKey { line, source })?;
        if let Some((_, _, first)) = seen.iter().find(|(l, k, _)| *l == layer && *k == keys) {
            return Err(KeymapError::Twice { line, first: *first, keys: sequence_name(&keys), layer: layer.name() });
        }
        let action = match user.action.as_str() {
            "none" => None,
            name => Some(Action::from_name(name).ok_or_else(|| KeymapError::UnknownAction {
                line,
                name: name.to_owned(),
                nearest: nearest(name).to_owned(),
            })?),
        };
        seen.push((layer, keys.clone(), line));
        self.bindings.retain(|b| b.layer != layer || b.keys != keys);
        let Some(action) = action else { return Ok(()) };
        if let Some(other) =
            self.bindings.iter().find(|b| b.layer == layer && (b.keys.starts_with(&keys) || keys.starts_with(&b.keys)))
        {
            return Err(KeymapError::Conflict {
                line,
                keys: sequence_name(&keys),
                other: sequence_name(&other.keys),
                action: other.action.name(),
                layer: layer.name(),
            });
        }
        // Before the defaults, so that the footer shows the user's own key.
        self.bindings.insert(0, Binding { layer, keys, action });
        Ok(())
    }

    /// What `keys` mean in these layers, the first that knows them wins.
    pub fn lookup(&self, layers: &[Layer], keys: &[Chord]) -> Lookup {
        for layer in layers {
            for binding in self.bindings.iter().filter(|b| b.layer == *layer) {
                if binding.keys == keys {
                    return Lookup::Action(binding.action);
                }
                if binding.keys.len() > keys.len() && binding.keys.starts_with(keys) {
                    return Lookup::Prefix;
                }
            }
        }
        Lookup::None
    }

    /// The keys of an action in the first of these layers that has one, as shown.
    pub fn keys_of(&self, layers: &[Layer], action: Action) -> Option<String> {
        layers
            .iter()
            .find_map(|layer| self.bindings.iter().find(|b| b.layer == *layer && b.action == action))
            .map(|binding| sequence_name(&binding.keys))
    }

    /// All keys of an action in any layer, as shown, in the order of the table.
    pub fn all_keys_of(&self, action: Action) -> Vec<(Layer, String)> {
        self.bindings.iter().filter(|b| b.action == action).map(|b| (b.layer, sequence_name(&b.keys))).collect()
    }

    /// All bindings of a layer, in the order of the table.
    pub fn layer(&self, layer: Layer) -> impl Iterator<Item = &Binding> {
        self.bindings.iter().filter(move |b| b.layer == layer)
    }
}

fn nearest(name: &str) -> &'static str {
    Action::ALL
        .iter()
        .map(|action| action.name())
        .min_by_key(|known| strsim::damerau_levenshtein(known, name))
        .unwrap_or_default()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn user(layer: &str, keys: &str, action: &str, line: usize) -> UserBinding {
        UserBinding { layer: layer.into(), keys: keys.into(), action: action.into(), line }
    }

    #[test]
    fn every_default_is_a_key_and_none_hides_another() {
        assert_eq!(Keymap::default().bindings.len(), DEFAULTS.len());
        for layer in Layer::ALL {
            let rows: Vec<_> =
                DEFAULTS.iter().filter(|(l, ..)| *l == layer).map(|(_, k, _)| parse_sequence(k).unwrap()).collect();
            for (i, a) in rows.iter().enumerate() {
                for b in &rows[i + 1..] {
                    assert!(!a.starts_with(b) && !b.starts_with(a), "{a:?} {b:?} in {layer:?}");
                }
            }
        }
    }

    #[test]
    fn the_first_layer_wins_and_sequences_wait() {
        let map = Keymap::default();
        let layers = [Layer::Records, Layer::List, Layer::Global];
        assert_eq!(map.lookup(&layers, &[Chord::char('v')]), Lookup::Action(Action::ToggleVectors));
        assert_eq!(map.lookup(&[Layer::Record, Layer::List], &[Chord::char('v')]), Lookup::Action(Action::RecordView));
        assert_eq!(map.lookup(&layers, &[Chord::char('g')]), Lookup::Prefix);
        assert_eq!(map.lookup(&layers, &[Chord::char('g'), Chord::char('g')]), Lookup::Action(Action::First));
        assert_eq!(map.lookup(&layers, &[Chord::char('ß')]), Lookup::None);
    }

    #[test]
    fn a_user_binding_replaces_and_comes_first() {
        let (map, errors) = Keymap::with_user(&[user("global", "Q", "quit", 3), user("global", "q", "none", 4)]);
        assert!(errors.is_empty(), "{errors:?}");
        assert_eq!(map.keys_of(&[Layer::Global], Action::Quit).unwrap(), "Q");
        assert_eq!(map.lookup(&[Layer::Global], &[Chord::char('q')]), Lookup::None);
    }

    #[test]
    fn wrong_lines_are_named_with_their_line() {
        let (_, errors) = Keymap::with_user(&[
            user("glubal", "Q", "quit", 1),
            user("global", "Q", "quti", 2),
            user("global", "ctrl-", "quit", 3),
            user("list", "g", "down", 4),
            user("list", "w", "down", 5),
            user("list", "w", "up", 6),
        ]);
        let text: Vec<_> = errors.iter().map(ToString::to_string).collect();
        assert!(text[0].contains("line 1") && text[0].contains("glubal"), "{text:?}");
        assert!(text[1].contains("line 2") && text[1].contains("\"quit\""), "{text:?}");
        assert!(text[2].contains("line 3"), "{text:?}");
        assert!(text[3].contains("line 4") && text[3].contains("g g") && text[3].contains("first"), "{text:?}");
        assert!(text[4].contains("line 6") && text[4].contains("line 5"), "{text:?}");
        assert_eq!(errors.len(), 5);
    }
}
