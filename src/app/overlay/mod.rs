//! What lies over the panes and takes the keys: one at a time is on top, `esc` takes it away.

pub mod by_text;
pub mod columns;
pub mod examination;
pub mod form;
pub mod help;
pub mod key;
pub mod palette;
pub mod picker;
pub mod prompt;
pub mod sign_in;
pub mod text;
mod tls_fields;
mod way_fields;
mod wrap;

use crate::keymap::Layer;

/// An overlay.
#[derive(Debug, Clone)]
pub enum Overlay {
    /// All keys that work here.
    Help(help::Help),
    /// All actions.
    Palette(palette::Palette),
    /// Connections, profiles, collections to go to.
    Picker(picker::Picker),
    /// A form for a profile.
    Form(Box<form::Form>),
    /// One line of text: filter, search, name, id.
    Prompt(prompt::Prompt),
    /// A passphrase.
    Secret(prompt::SecretPrompt),
    /// The key of a connection that asks for it each time.
    Key(key::KeyPrompt),
    /// Signing in to a cloud.
    SignIn(Box<sign_in::SignIn>),
    /// A question to confirm.
    Confirm(prompt::Confirm),
    /// Columns of the table.
    Columns(columns::ColumnChoice),
    /// What an import would change.
    Import(Box<super::sharing::ImportList>),
    /// A longer text: details, a recovery key.
    Text(text::TextBox),
    /// The doctor.
    Examination(Box<examination::Examination>),
}

impl Overlay {
    /// The layers of keys that hold in it.
    pub fn layers(&self) -> &'static [Layer] {
        match self {
            Self::Examination(_) => &[Layer::Examination, Layer::Overlay, Layer::List],
            Self::Columns(_) | Self::Text(_) | Self::Import(_) => &[Layer::Overlay, Layer::List],
            Self::Help(_) | Self::Palette(_) | Self::Picker(_) | Self::Prompt(_) | Self::Secret(_) | Self::Key(_) => {
                &[Layer::Overlay]
            }
            Self::SignIn(sign_in) => match &sign_in.step {
                // Letters are typed there.
                sign_in::Step::Choose(_) => &[Layer::Overlay],
                sign_in::Step::Found(_) => &[Layer::Overlay, Layer::List],
                sign_in::Step::Fill(fill) if fill.busy && fill.code.is_some() => &[Layer::Code, Layer::Form],
                sign_in::Step::Fill(_) => &[Layer::Form],
            },
            Self::Form(_) => &[Layer::Form],
            Self::Confirm(_) => &[Layer::Confirm],
        }
    }
}
