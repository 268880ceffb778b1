//! Export and import on the screen, as data: what the store's task has read from a file, and what the user
//! has chosen for each profile of it.

use crate::app::list::ListState;
use crate::profile::model::ProfileId;
use crate::text::format::number_of;

/// So many names stand in one question.
const NAMED: usize = 20;

/// What is exported.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Export {
    /// The profiles.
    pub profiles: Vec<ProfileId>,
    /// What they are and how many: `the group work, 3 profiles`.
    pub what: String,
    /// The file, as it was typed.
    pub file: String,
    /// Who can open it, as it was typed.
    pub recipients: String,
}

/// Why an export was not written, by the answer that can mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExportFault {
    /// The file cannot be written.
    File(String),
    /// A recipient cannot be used.
    Recipients(String),
    /// Something else.
    Other(String),
}

/// What becomes of one profile of a file. `key` is whether a key of the store may go to its new place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// It is left out.
    Skip,
    /// It is added, or takes the known one's place.
    Take {
        /// Whether the key may go along.
        key: bool,
    },
    /// It is added beside the known one, under another name.
    Rename {
        /// Whether the key may go along.
        key: bool,
    },
}

/// A line about a profile of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    /// The text.
    pub text: String,
    /// Whether it is about where a key goes, or another danger.
    pub is_danger: bool,
}

/// One profile of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposed {
    /// Its name.
    pub name: String,
    /// Kind, address, where its key comes from.
    pub place: String,
    /// What changes, what is not taken over, what to know: a line each.
    pub details: Vec<Detail>,
    /// Whether a profile of the store is in the way.
    pub is_conflict: bool,
    /// Whether a key of the store would be sent elsewhere, if it takes its place.
    pub moves_key: bool,
    /// Whether a key would be sent elsewhere by the copy beside the known one; `None` where it cannot be added, since
    /// that was done before.
    pub beside_moves_key: Option<bool>,
    /// What becomes writable, if it takes the known one's place; a sentence, which is asked before.
    pub opens: Option<String>,
    /// Whether it is in the store just so.
    pub is_known: bool,
    /// What was chosen.
    pub choice: Choice,
}

impl Proposed {
    /// What can be chosen, in the order of the key. A key goes to another place only by a choice of its own.
    pub fn choices(&self) -> Vec<Choice> {
        let keys = |moves: bool| if moves { &[false, true][..] } else { &[false][..] };
        let mut choices = vec![Choice::Skip];
        if self.is_known {
            return choices;
        }
        choices.extend(keys(self.moves_key).iter().map(|key| Choice::Take { key: *key }));
        if let Some(moves) = self.beside_moves_key.filter(|_| self.is_conflict) {
            choices.extend(keys(moves).iter().map(|key| Choice::Rename { key: *key }));
        }
        choices
    }

    /// Chooses the next, around the end.
    pub fn next(&mut self) {
        let choices = self.choices();
        let at = choices.iter().position(|choice| *choice == self.choice).unwrap_or(0);
        self.choice = choices.get((at + 1) % choices.len()).copied().unwrap_or(Choice::Skip);
    }

    /// The choice in a word or two.
    pub fn word(&self) -> &'static str {
        let keyless = self.moves_key;
        match (self.choice, self.is_conflict) {
            _ if self.is_known => "as it is",
            (Choice::Skip, _) => "skip",
            (Choice::Take { key: true }, true) => "replace + key",
            (Choice::Take { .. }, true) if keyless => "replace, no key",
            (Choice::Take { .. }, true) => "replace",
            (Choice::Take { key: true }, false) => "add + key",
            (Choice::Take { .. }, false) if keyless => "add, no key",
            (Choice::Take { .. }, false) => "add",
            (Choice::Rename { key: true }, _) => "beside + key",
            (Choice::Rename { .. }, _) if self.beside_moves_key == Some(true) => "beside, no key",
            (Choice::Rename { .. }, _) => "add beside",
        }
    }
}

/// A row of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportRow {
    /// A profile, by its place.
    Profile(usize),
    /// A line about it.
    Detail(usize, usize),
    /// Something that is no profile.
    Skipped(usize),
}

/// The import overlay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportList {
    /// Which reading of a file it is, for the store's task.
    pub ticket: u64,
    /// The file.
    pub file: String,
    /// Its profiles.
    pub profiles: Vec<Proposed>,
    /// What looked like a profile and is none: sentences.
    pub skipped: Vec<String>,
    /// Selection among the rows.
    pub list: ListState,
}

impl ImportList {
    /// The rows: each profile with the lines about it.
    pub fn rows(&self) -> Vec<ImportRow> {
        let mut rows = Vec::new();
        for (at, profile) in self.profiles.iter().enumerate() {
            rows.push(ImportRow::Profile(at));
            rows.extend((0..profile.details.len()).map(|line| ImportRow::Detail(at, line)));
        }
        rows.extend((0..self.skipped.len()).map(ImportRow::Skipped));
        rows
    }

    /// The profile under the cursor, or to which the line there belongs.
    pub fn selected(&mut self) -> Option<&mut Proposed> {
        let at = match self.rows().get(self.list.selected)? {
            ImportRow::Profile(at) | ImportRow::Detail(at, _) => *at,
            ImportRow::Skipped(_) => return None,
        };
        self.profiles.get_mut(at)
    }

    /// The whole text of the row under the cursor, which may be longer than the row.
    pub fn selected_text(&self) -> Option<(&str, bool)> {
        match self.rows().get(self.list.selected)? {
            ImportRow::Profile(at) => self.profiles.get(*at).map(|profile| (profile.place.as_str(), false)),
            ImportRow::Detail(at, line) => {
                let detail = self.profiles.get(*at)?.details.get(*line)?;
                Some((&detail.text, detail.is_danger))
            }
            ImportRow::Skipped(at) => self.skipped.get(*at).map(|text| (text.as_str(), false)),
        }
    }

    /// What becomes writable by what was chosen, to be asked before it is saved.
    pub fn opens(&self) -> Option<String> {
        let taken = self.profiles.iter().filter(|profile| matches!(profile.choice, Choice::Take { .. }));
        let opened: Vec<(&str, &str)> =
            taken.filter_map(|profile| Some((profile.name.as_str(), profile.opens.as_deref()?))).collect();
        let what = match opened.as_slice() {
            [] => return None,
            [(_, one)] => (*one).to_owned(),
            [(_, one), (_, other)] => format!("{one} {other}"),
            // A box has no room for a sentence each; the list has them.
            many => {
                let named: Vec<&str> = many.iter().take(NAMED).map(|(name, _)| *name).collect();
                let more = match many.len().saturating_sub(NAMED) {
                    0 => String::new(),
                    more => format!(" and {more} more"),
                };
                format!(
                    "{} that are read-only become writable: {}{more}.",
                    number_of(many.len(), "profile"),
                    named.join(", ")
                )
            }
        };
        Some(format!("{what} Import it like that?"))
    }

    /// How many would be written.
    pub fn taken(&self) -> usize {
        self.profiles.iter().filter(|profile| profile.choice != Choice::Skip).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_goes_elsewhere_by_a_choice_of_its_own_only() {
        let mut profile = Proposed {
            name: "p".into(),
            place: String::new(),
            details: vec![Detail { text: "a".into(), is_danger: false }],
            is_conflict: true,
            moves_key: true,
            beside_moves_key: Some(true),
            opens: None,
            is_known: false,
            choice: Choice::Skip,
        };
        let mut seen = Vec::new();
        for _ in 0..6 {
            seen.push(profile.word());
            profile.next();
        }
        assert_eq!(seen, ["skip", "replace, no key", "replace + key", "beside, no key", "beside + key", "skip"]);
        // The copy has no key that could go elsewhere, or is there already.
        let beside = |profile: &Proposed| profile.choices().split_off(3);
        profile.beside_moves_key = Some(false);
        assert_eq!(beside(&profile), [Choice::Rename { key: false }]);
        profile.choice = Choice::Rename { key: false };
        assert_eq!(profile.word(), "add beside");
        profile.beside_moves_key = None;
        assert_eq!(beside(&profile), []);
        (profile.is_conflict, profile.moves_key, profile.choice) = (false, false, Choice::Take { key: false });
        assert_eq!(profile.choices(), [Choice::Skip, Choice::Take { key: false }]);
        let mut list = ImportList {
            ticket: 1,
            file: "f".into(),
            profiles: vec![profile],
            skipped: vec!["x".into()],
            list: ListState { selected: 1, top: 0 },
        };
        assert_eq!(list.rows().len(), 3);
        assert!(list.selected().is_some());
        list.list.selected = 2;
        assert!(list.selected().is_none());
    }

    #[test]
    fn a_question_about_many_fits_its_box() {
        let profile = |n: usize| Proposed {
            name: format!("p{n}"),
            place: String::new(),
            details: Vec::new(),
            is_conflict: true,
            moves_key: false,
            beside_moves_key: None,
            opens: (n > 0).then(|| format!("p{n}: production is read-only, and would not be.")),
            is_known: false,
            choice: Choice::Take { key: false },
        };
        let asked = |count| {
            let profiles = (0..=count).map(profile).collect();
            ImportList { ticket: 1, file: "f".into(), profiles, skipped: Vec::new(), list: ListState::default() }
                .opens()
        };
        assert_eq!(asked(0), None);
        assert!(asked(2).is_some_and(|text| text.contains("p2: production") && text.ends_with("Import it like that?")));
        let text = asked(30).unwrap_or_default();
        assert!(text.starts_with("30 profiles that are read-only become writable: p1, p2,"), "{text}");
        assert!(text.contains("p20 and 10 more. Import it") && text.len() < 400, "{text}");
    }
}
