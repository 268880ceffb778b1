//! Profiles as a file for other people: TOML with the store's own fields, without secrets unless it is
//! encrypted. What was left out is told to whoever exports, and stands in the file as comments.

use toml_edit::{ArrayOfTables, DocumentMut, Item, value};
use zeroize::Zeroizing;

use super::ShareError;
use super::fields::{self, name};
use super::rules::{Rule, rule};
use crate::profile::model::Profile;
use crate::profile::vault::{Recipient, SCHEMA, encrypt};

/// A field, or a whole profile, that was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// The profile's name.
    pub profile: String,
    /// The field; `None` for the whole profile.
    pub field: Option<String>,
    /// Why.
    pub why: &'static str,
}

impl std::fmt::Display for Left {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.field {
            Some(field) => write!(f, "{}: {field} was left out: {}", self.profile, self.why),
            None => write!(f, "{} was left out: {}", self.profile, self.why),
        }
    }
}

/// An export.
#[derive(Debug)]
pub struct Exported {
    /// The file.
    pub bytes: Zeroizing<Vec<u8>>,
    /// How many profiles are in it.
    pub count: usize,
    /// How many secrets are in it.
    pub secrets: usize,
    /// What is not.
    pub left: Vec<Left>,
}

/// Makes the file: in plain text without secrets where there are no recipients, else with secrets and
/// encrypted to them.
///
/// # Errors
/// [`ShareError::Nothing`] if no profile is left; why it could not be written or encrypted.
pub fn export(profiles: &[Profile], recipients: &[Recipient]) -> Result<Exported, ShareError> {
    let with_secrets = !recipients.is_empty();
    let (mut tables, mut left, mut secrets) = (ArrayOfTables::new(), Vec::new(), 0);
    for profile in profiles {
        if profile.provider.is_embedded() {
            let why = "its database is a directory of this machine";
            left.push(Left { profile: profile.name.clone(), field: None, why });
            continue;
        }
        let mut table = fields::table_of(profile)?;
        for path in fields::paths(&table) {
            let Some(item) = fields::get(&table, &path) else { continue };
            let why = match rule(&table, &path, item) {
                Rule::Shared => continue,
                Rule::Secret if with_secrets => {
                    secrets += 1;
                    continue;
                }
                Rule::Secret => Some("it is a secret"),
                Rule::Personal => None,
                Rule::Kept(why) => Some(why),
            };
            left.extend(why.map(|why| Left { profile: profile.name.clone(), field: Some(name(&path)), why }));
            fields::remove(&mut table, &path);
        }
        tables.push(table);
    }
    let count = tables.len();
    if count == 0 {
        let why = left.iter().map(|left| format!("{left}.")).collect::<Vec<_>>().join(" ");
        return Err(if why.is_empty() { ShareError::NoneChosen } else { ShareError::Nothing { why } });
    }
    let mut document = DocumentMut::new();
    document.decor_mut().set_prefix(head(with_secrets, &left));
    document.insert("schema", value(SCHEMA));
    document.insert("profile", Item::ArrayOfTables(tables));
    let text = Zeroizing::new(document.to_string());
    let bytes = match with_secrets {
        true => Zeroizing::new(encrypt(text.as_bytes(), recipients)?),
        false => Zeroizing::new(text.as_bytes().to_vec()),
    };
    Ok(Exported { bytes, count, secrets, left })
}

/// The comment on top: what this is, and what is not in it.
fn head(with_secrets: bool, left: &[Left]) -> String {
    let what = if with_secrets { "with their secrets" } else { "without secrets" };
    let mut head =
        format!("# Profiles of vector-inspector, {what}. Read them with: vector-inspector profiles import FILE\n");
    for left in left {
        // A name is any text: a line break in it must not end the comment.
        let line: String = left.to_string().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        head.push_str(&format!("# {line}\n"));
    }
    head
}
