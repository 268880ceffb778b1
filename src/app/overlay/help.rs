//! Help: the live keymap, searchable.

use crate::app::action::Action;
use crate::app::field::TextField;
use crate::app::list::ListState;
use crate::keymap::{Keymap, Layer};

/// The help overlay.
#[derive(Debug, Clone)]
pub struct Help {
    /// Layers of the place it was called from, nearest first.
    pub layers: Vec<Layer>,
    /// What is searched.
    pub query: TextField,
    /// Scroll.
    pub list: ListState,
}

/// A row of help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HelpRow {
    /// The heading of a layer.
    Heading(&'static str),
    /// Keys, joined by commas, and what they do.
    Keys(String, Action),
}

impl Help {
    /// Help for a place.
    pub fn new(layers: &[Layer]) -> Self {
        Self { layers: layers.to_vec(), query: TextField::default(), list: ListState::default() }
    }

    /// The rows: the layers of the place first, then all others, so that nothing stays unknown.
    pub fn rows(&self, keymap: &Keymap) -> Vec<HelpRow> {
        let query = self.query.text().to_lowercase();
        let mut order = self.layers.clone();
        order.extend(Layer::ALL.into_iter().filter(|layer| !self.layers.contains(layer)));
        let mut rows = Vec::new();
        for layer in order {
            let mut keys: Vec<(Action, String)> = Vec::new();
            for binding in keymap.layer(layer) {
                let name = crate::keymap::sequence_name(&binding.keys);
                match keys.iter_mut().find(|(action, _)| *action == binding.action) {
                    Some((_, names)) => *names = format!("{names}, {name}"),
                    None => keys.push((binding.action, name)),
                }
            }
            keys.retain(|(action, names)| {
                query.is_empty()
                    || names.to_lowercase() == query
                    || action.title().contains(&query)
                    || action.doc().to_lowercase().contains(&query)
            });
            if !keys.is_empty() {
                rows.push(HelpRow::Heading(layer.title()));
                rows.extend(keys.into_iter().map(|(action, names)| HelpRow::Keys(names, action)));
            }
        }
        rows
    }
}
