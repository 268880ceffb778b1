//! Signing in to a cloud, in three steps: which cloud, what it asks for, what was found.

use crate::app::field::{SecretField, TextField};
use crate::app::fuzzy;
use crate::app::list::ListState;
use crate::app::overlay::form::FieldValue;
use crate::cloud::model::{Answers, Cloud, FieldKind, Key, Updates};

/// The overlay.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// Where it stands.
    pub step: Step,
    /// Identity of the last question: later answers count only for it.
    pub ticket: u64,
}

/// A step.
#[derive(Debug, Clone)]
pub enum Step {
    /// Which cloud.
    Choose(Box<Choose>),
    /// What it asks for.
    Fill(Box<Fill>),
    /// What was found.
    Found(Found),
}

/// The clouds, to be found by a few letters.
#[derive(Debug, Clone, Default)]
pub struct Choose {
    /// What is typed.
    pub query: TextField,
    /// The row in focus.
    pub list: ListState,
}

impl Choose {
    /// The clouds that match, best first.
    pub fn rows(&self) -> Vec<Cloud> {
        let words = |cloud: &Cloud| format!("{} {}", cloud.name(), cloud.title());
        fuzzy::rank_twice(self.query.text().trim(), Cloud::ALL.to_vec(), |cloud| cloud.name().to_owned(), words)
    }
}

/// What the cloud asks for, being filled in.
#[derive(Debug, Clone)]
pub struct Fill {
    /// Which cloud.
    pub cloud: Cloud,
    /// A value for each of its fields.
    pub values: Vec<FieldValue>,
    /// The field in focus, an index into them.
    pub focus: usize,
    /// Whether the cloud is being asked.
    pub busy: bool,
    /// A code that the user is to type on another screen.
    pub code: Option<ShownCode>,
    /// Where it goes on, while it is asked.
    pub told: Option<String>,
    /// What is wrong.
    pub error: Option<String>,
}

/// A code to be typed on another screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownCode {
    /// Where.
    pub page: String,
    /// The same place with the code in it already, if the provider gives it.
    pub whole: Option<String>,
    /// What.
    pub code: String,
}

impl ShownCode {
    /// The address to open.
    pub fn address(&self) -> &str {
        self.whole.as_deref().unwrap_or(&self.page)
    }
}

/// What was found, to be chosen from.
#[derive(Debug, Clone)]
pub struct Found {
    /// What was filled in for it.
    pub form: Box<Fill>,
    /// What.
    pub rows: Vec<Row>,
    /// Names of what is still being made.
    pub coming: Vec<String>,
    /// The row in focus.
    pub list: ListState,
    /// Whether it is being tested and saved.
    pub busy: bool,
    /// Why nothing was saved.
    pub error: Option<String>,
}

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The name that its profile would have.
    pub name: String,
    /// Where it is.
    pub address: String,
    /// What is known of it.
    pub detail: String,
    /// The profile that it is saved in place of.
    pub updates: Option<Updates>,
    /// Whether it is to be saved.
    pub chosen: bool,
    /// What became of it: saved, with who answered, or why not.
    pub ended: Option<Result<String, String>>,
}

impl Default for SignIn {
    fn default() -> Self {
        Self { step: Step::Choose(Box::default()), ticket: 0 }
    }
}

impl SignIn {
    /// How many rows there are to move among.
    pub fn len(&self) -> usize {
        match &self.step {
            Step::Choose(choose) => choose.rows().len(),
            Step::Fill(_) => 0,
            Step::Found(found) => found.rows.len(),
        }
    }

    /// Whether there is nothing to move among.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The list of this step.
    pub fn list_mut(&mut self) -> Option<&mut ListState> {
        match &mut self.step {
            Step::Choose(choose) => Some(&mut choose.list),
            Step::Fill(_) => None,
            Step::Found(found) => Some(&mut found.list),
        }
    }
}

impl Fill {
    /// Nothing filled in.
    pub fn new(cloud: Cloud) -> Self {
        let value = |kind| match kind {
            FieldKind::Text => FieldValue::Text(Box::default()),
            FieldKind::Secret => FieldValue::Secret(SecretField::default()),
            FieldKind::Choice(_) => FieldValue::Choice(0),
        };
        let values = cloud.fields().iter().map(|field| value(field.kind)).collect();
        Self { cloud, values, focus: 0, busy: false, code: None, told: None, error: None }
    }

    /// Nothing is asked any more, or not yet.
    pub fn rest(&mut self) {
        (self.busy, self.code, self.told) = (false, None, None);
    }

    /// What is filled in, without the secrets.
    fn texts(&self) -> Answers {
        let mut answers = Answers::default();
        for (field, value) in self.cloud.fields().iter().zip(&self.values) {
            let text = match (value, field.kind) {
                (FieldValue::Text(text), _) => text.text().trim(),
                (FieldValue::Choice(at), FieldKind::Choice(words)) => words.get(*at).copied().unwrap_or_default(),
                (FieldValue::Choice(_) | FieldValue::Secret(_), _) => "",
            };
            if !text.is_empty() {
                answers.texts.insert(field.name, text.to_owned());
            }
        }
        answers
    }

    /// All that is filled in, of what the chosen way needs.
    pub fn answers(&self) -> Answers {
        let mut answers = self.texts();
        for at in self.visible() {
            if let (Some(field), Some(FieldValue::Secret(secret))) = (self.cloud.fields().get(at), self.values.get(at))
                && !secret.is_empty()
            {
                answers.keys.insert(field.name, Key::stored(secret.secret()));
            }
        }
        answers
    }

    /// Indexes of the fields that mean something with what is filled in.
    pub fn visible(&self) -> Vec<usize> {
        let texts = self.texts();
        let fields = self.cloud.fields().iter().enumerate();
        fields.filter(|(_, field)| self.cloud.wants(field.name, &texts)).map(|(at, _)| at).collect()
    }

    /// Moves the focus, around the ends.
    pub fn move_focus(&mut self, by: isize) {
        let visible = self.visible();
        let at = visible.iter().position(|at| *at == self.focus).unwrap_or(0);
        let len = visible.len().cast_signed().max(1);
        let next = (at.cast_signed() + by).rem_euclid(len).unsigned_abs();
        self.focus = visible.get(next).copied().unwrap_or(0);
    }

    /// Whether the focus is on the last field.
    pub fn is_at_end(&self) -> bool {
        self.visible().last() == Some(&self.focus)
    }

    /// The next or previous word of a choice in focus.
    pub fn cycle(&mut self, by: isize) {
        let Some(FieldKind::Choice(words)) = self.cloud.fields().get(self.focus).map(|field| field.kind) else {
            return;
        };
        if let Some(FieldValue::Choice(at)) = self.values.get_mut(self.focus) {
            let len = words.len().cast_signed().max(1);
            *at = (at.cast_signed() + by).rem_euclid(len).unsigned_abs();
        }
    }
}

impl Row {
    /// Something that was found, chosen at first.
    pub fn new(name: &str, address: &str, detail: &str) -> Self {
        let (name, address, detail) = (name.to_owned(), address.to_owned(), detail.to_owned());
        Self { name, address, detail, updates: None, chosen: true, ended: None }
    }

    /// In place of that profile, if of one; whose key would be lost is to be chosen by the user.
    #[must_use]
    pub fn updating(self, updates: Option<Updates>) -> Self {
        let chosen = !updates.as_ref().is_some_and(|updates| updates.replaces_key);
        Self { updates, chosen, ..self }
    }

    /// Whether it waits to be tested and saved.
    pub fn waits(&self) -> bool {
        self.chosen && !matches!(self.ended, Some(Ok(_)))
    }
}
