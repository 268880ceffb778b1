//! Files that `share` writes: `[[profile]]` tables with the fields of the store. Nothing in them is trusted:
//! commands, paths and options of another machine are not taken over, and said.

use std::collections::HashSet;

use toml_edit::{DocumentMut, Item, Table};

use super::{ImportError, Proposal, Reading, Refused, Speaks};
use crate::profile::share::fields;
use crate::profile::share::rules::{Rule, rule};
use crate::profile::vault::{SCHEMA, usable_name};

/// The most profiles in one file.
const MOST: usize = 10_000;
/// The longest name; a longer one is no name.
const LONGEST_NAME: usize = 200;

/// Reads the file.
///
/// # Errors
/// [`ImportError::Malformed`] with the line, [`ImportError::NewerSchema`].
pub fn read(text: &str, path: &str) -> Result<Reading, ImportError> {
    let document = parse(text, path)?;
    let mut reading = Reading::default();
    let (mut names, mut ids) = (HashSet::new(), HashSet::new());
    for (index, table) in tables(&document).enumerate() {
        if index == MOST {
            reading.skipped.push(format!("Only the first {MOST} profiles were read."));
            break;
        }
        match proposal(table, index) {
            Ok(found) if !names.insert(found.profile.name.clone()) || !ids.insert(found.profile.id) => {
                let name = &found.profile.name;
                reading.skipped.push(format!("The file has the profile {name:?}, or its id, twice; the first counts."));
            }
            Ok(found) => reading.proposals.push(found),
            Err(why) => reading.skipped.push(why),
        }
    }
    Ok(reading)
}

/// The document, if it is one of ours.
///
/// # Errors
/// As [`read`].
pub fn parse(text: &str, path: &str) -> Result<DocumentMut, ImportError> {
    let malformed = |why: String| ImportError::Malformed { path: path.to_owned(), what: "file of profiles", why };
    // The parser's message quotes the line, which may hold a secret: only its number is told.
    let document: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| {
        let at = error.span().map_or(0, |span| span.start).min(text.len());
        let before = text.as_bytes().get(..at).unwrap_or_default();
        malformed(format!("line {} is not TOML", 1 + before.iter().filter(|byte| **byte == b'\n').count()))
    })?;
    let schema = document.get("schema").map_or(Some(1), Item::as_integer);
    match schema {
        Some(schema) if schema > SCHEMA => {
            return Err(ImportError::NewerSchema { path: path.to_owned(), found: schema, known: SCHEMA });
        }
        Some(1..) => {}
        _ => return Err(malformed("its schema is no number from 1".to_owned())),
    }
    if document.get("profile").is_some_and(|item| !item.is_array_of_tables()) {
        return Err(malformed("profile is no list of [[profile]] tables".to_owned()));
    }
    Ok(document)
}

/// The tables of profiles in a document.
pub fn tables(document: &DocumentMut) -> impl Iterator<Item = &Table> {
    document.get("profile").and_then(Item::as_array_of_tables).into_iter().flat_map(|tables| tables.iter())
}

fn proposal(table: &Table, index: usize) -> Result<Proposal, String> {
    let (table, refused) = without_what_is_refused(table);
    let profile = fields::profile_of(&table, index).map_err(|error| error.to_string())?;
    usable_name(&profile.name).map_err(|error| error.to_string())?;
    if profile.name.chars().count() > LONGEST_NAME {
        return Err(format!("Profile number {} has a name of more than {LONGEST_NAME} characters.", index + 1));
    }
    if profile.provider.is_embedded() {
        let name = &profile.name;
        return Err(format!("{name:?} is a directory of another machine, so it was left out."));
    }
    crate::profile::address::profile_address(profile.provider, &profile.address)
        .map_err(|error| format!("{:?}: {error}", profile.name))?;
    let (speaks, said) = (Speaks::Profile, fields::paths(&table));
    Ok(Proposal { profile, speaks, said, notes: Vec::new(), refused, plain_key: None })
}

/// The table without what must not come from another machine, and what that was.
pub fn without_what_is_refused(table: &Table) -> (Table, Vec<Refused>) {
    let (mut table, mut refused) = (table.clone(), Vec::new());
    for path in fields::paths(&table) {
        let Some(item) = fields::get(&table, &path) else { continue };
        let why = match rule(&table, &path, item) {
            // Of an embedded database the address is needed to say what it is.
            _ if path == ["address"] => continue,
            Rule::Shared | Rule::Secret => continue,
            Rule::Personal => None,
            Rule::Kept(why) => Some(why),
        };
        refused.extend(why.map(|why| Refused { field: fields::name(&path), why }));
        fields::remove(&mut table, &path);
    }
    (table, refused)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn one(fields: &str) -> Reading {
        let head = "[[profile]]\nname = \"p\"\nprovider = \"qdrant\"\naddress = \"db:6334\"\n";
        read(&format!("{head}{fields}"), "f").unwrap()
    }

    #[test]
    fn commands_paths_and_unknown_fields_are_refused_and_named() {
        for (fields, field) in [
            ("secret = { command = [\"rm\", \"-rf\", \"/\"] }", "secret"),
            ("secret = { file = \"/etc/shadow\" }", "secret"),
            ("secret = { env = \"VECTOR_INSPECTOR_KEY\" }", "secret"),
            ("[profile.tls]\nca_file = \"/tmp/evil.pem\"", "tls.ca_file"),
            ("[profile.options]\nprogram = \"/tmp/evil\"", "options.program"),
            ("before = [\"sh\", \"-c\", \"evil\"]", "before"),
            ("[profile.ssh]\nhost = \"evil\"", "ssh.host"),
            ("[[profile.step]]\ncommand = [\"evil\"]", "step"),
        ] {
            let reading = one(fields);
            let proposal = &reading.proposals[0];
            assert_eq!(proposal.refused.iter().map(|r| r.field.as_str()).collect::<Vec<_>>(), [field], "{fields}");
            assert!(proposal.profile.secret.is_none() && proposal.profile.options.is_empty());
            assert_eq!(proposal.profile.tls, Default::default());
        }
        let started = one("open_at_start = true\nfavourite = true");
        assert!(!started.proposals[0].profile.open_at_start && started.proposals[0].refused.is_empty());
    }

    #[test]
    fn what_is_no_profile_is_skipped_with_a_sentence() {
        let text = "[[profile]]\nname = \"a/b\"\nprovider = \"qdrant\"\naddress = \"h\"\n\
                    [[profile]]\nname = \"x\"\nprovider = \"oracle\"\naddress = \"h\"\n\
                    [[profile]]\nname = \"y\"\nprovider = \"lancedb\"\naddress = \"/etc\"\n\
                    [[profile]]\nname = \"z\"\nprovider = \"qdrant\"\naddress = \"key@h\"\n\
                    [[profile]]\nname = \"ok\"\nprovider = \"qdrant\"\naddress = \"h\"\n\
                    [[profile]]\nname = \"ok\"\nprovider = \"qdrant\"\naddress = \"h2\"\n";
        let reading = read(text, "f").unwrap();
        assert_eq!(reading.proposals.len(), 1);
        for (skipped, part) in
            reading.skipped.iter().zip(["path", "provider", "directory", "user information", "twice"])
        {
            assert!(skipped.contains(part), "{skipped}");
        }
        assert_eq!(reading.skipped.len(), 5);
        assert!(!reading.skipped.join(" ").contains("key@"));
    }

    #[test]
    fn a_file_that_is_none_says_the_line_and_not_its_text() {
        for (text, part) in [
            ("schema = 1\nsecret = sesame", "line 2"),
            ("schema = 99", "schema 99"),
            ("schema = \"sesame\"", "no number"),
            ("profile = \"sesame\"", "no list"),
        ] {
            let error = read(text, "f").unwrap_err().to_string();
            assert!(error.contains(part) && !error.contains("sesame"), "{error}");
        }
    }
}
