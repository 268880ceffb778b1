//! Export and import for the store's task: the same steps as the commands, between the screen's data and
//! the store. Blocking.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use crate::app::sharing::{Choice as Chosen, ImportList, Proposed};
use crate::profile::import::{Choice, Clash, Item, Plan, State, Wish, read};
use crate::profile::model::{Profile, ProfileId, SecretSource};
use crate::profile::share::export;
use crate::profile::vault::{Opener, Operation, Recipient, Vault, VaultState};

/// A file that was read, and the store that it was compared with.
#[derive(Debug)]
pub struct Reading {
    /// Which it is.
    pub ticket: u64,
    plan: Plan,
    /// There was no store when it was read.
    absent: bool,
}

/// Writes profiles to a new file; a sentence about what is in it and what is not.
///
/// # Errors
/// A recipient that cannot be used, a file that is there already.
pub fn write_export(vault: &Vault, ids: &[ProfileId], file: PathBuf, recipients: &[String]) -> Result<String, String> {
    let recipients = recipients
        .iter()
        .map(|text| {
            Recipient::parse(text).map_err(|why| format!("a recipient cannot be used: {why}. Nothing was written."))
        })
        .collect::<Result<Vec<_>, _>>()?;
    let known = vault.profiles().map_err(|error| error.to_string())?;
    let profiles: Vec<Profile> = known.into_iter().filter(|profile| ids.contains(&profile.id)).collect();
    let exported = export(&profiles, &recipients).map_err(|error| error.to_string())?;
    let shown = file.display().to_string();
    let mut options = std::fs::OpenOptions::new();
    let written = options.write(true).create_new(true).mode(0o600).open(&file);
    written
        .and_then(|mut file| file.write_all(&exported.bytes).and_then(|()| file.sync_all()))
        .map_err(|cause| format!("{shown} could not be written: {cause}. Choose another file."))?;
    let secrets = match recipients.len() {
        0 => "without secrets".to_owned(),
        n => format!("with {} secrets, encrypted to {n} recipients", exported.secrets),
    };
    let left = match exported.left.len() {
        0 => String::new(),
        n => format!(" {n} things were left out; the file's head names them."),
    };
    let profiles = crate::text::format::many(exported.count, "profile");
    Ok(format!("Exported {profiles} to {shown}, {secrets}.{left}"))
}

/// Reads a file and compares it with the store.
///
/// # Errors
/// Why it cannot be read, or no key opens it.
pub fn read_import(
    vault: &Vault,
    ticket: u64,
    file: Option<PathBuf>,
    named: Option<&std::path::Path>,
) -> Result<(Reading, ImportList), String> {
    let named = named.and_then(|path| Opener::read(path).ok().flatten());
    let shown = file.as_ref().map_or_else(|| "the desktop tool".to_owned(), |path| path.display().to_string());
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let wish = Wish { path: file, format: None, store_secrets: false, home };
    let reading = read(&wish, &mut |bytes, path| vault.open_shared(bytes, path, named.as_ref()));
    let reading = reading.map_err(|error| error.to_string())?;
    let absent = vault.state() == VaultState::Absent;
    let store = if absent { None } else { Some(vault.read().map_err(|error| error.to_string())?) };
    let plan = Plan::new(reading, store.as_ref()).map_err(|error| error.to_string())?;
    let list = ImportList {
        ticket,
        file: shown,
        profiles: plan.items.iter().map(proposed).collect(),
        skipped: plan.skipped.clone(),
        list: Default::default(),
    };
    Ok((Reading { ticket, plan, absent }, list))
}

/// The change of the store for what was chosen.
///
/// # Errors
/// A profile that cannot be written as text, or why the store cannot be read.
pub fn operation(vault: &Vault, reading: &Reading, chosen: &[Chosen]) -> Result<Operation, String> {
    let choices: Vec<Choice> = chosen
        .iter()
        .map(|choice| match choice {
            Chosen::Skip => Choice::Skip,
            Chosen::Take { key } => Choice::Take { key: *key },
            Chosen::Rename { key } => Choice::Rename { key: *key },
        })
        .collect();
    let operation = if reading.absent {
        vault.read().and_then(|store| reading.plan.operation_for_new(&choices, store.rev))
    } else {
        reading.plan.operation(&choices)
    };
    operation.map_err(|error| error.to_string())
}

fn proposed(item: &Item) -> Proposed {
    let profile = &item.proposal.profile;
    let key = profile.secret.as_ref().map(|secret| format!(", key: {}", SecretSource::describe(secret)));
    let mut details = Vec::new();
    if let State::Clash(clash, known) = &item.state {
        details.push(match clash {
            Clash::Identity => format!("is in the store as {}, otherwise:", known.name),
            Clash::Name => "another profile has that name:".to_owned(),
        });
    }
    if let Some(moved) = &item.key_move {
        let text =
            format!("the key of {} ({}) would be sent to {} instead of {}", moved.of, moved.key, moved.to, moved.from);
        details.push(text);
    }
    if !matches!(item.state, State::Same) {
        let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "nothing".to_owned());
        details.extend(item.changes.iter().map(|c| format!("{}: {} -> {}", c.field, text(&c.from), text(&c.to))));
    }
    details.extend(item.proposal.refused.iter().map(|r| format!("not taken over: {} ({})", r.field, r.why)));
    details.extend(item.proposal.notes.iter().cloned());
    let is_new = matches!(item.state, State::New);
    Proposed {
        name: profile.name.clone(),
        place: format!("{} {}{}", profile.provider.name(), profile.address, key.unwrap_or_default()),
        details,
        is_conflict: item.is_conflict(),
        moves_key: item.key_move.is_some(),
        is_known: matches!(item.state, State::Same),
        // What nobody has to be asked about is taken; the rest waits for a choice.
        choice: if is_new && item.key_move.is_none() { Chosen::Take { key: false } } else { Chosen::Skip },
    }
}
