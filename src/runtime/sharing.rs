//! Export and import for the store's task: the same steps as the commands, between the screen's data and
//! the store. Blocking.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::app::sharing::{Choice as Chosen, Detail, ExportFault, ImportList, Proposed};
use crate::profile::access::Rules;
use crate::profile::import::{Choice, Clash, ImportError, Item, Plan, State, Wish, read};
use crate::profile::model::{Profile, ProfileId, SecretSource};
use crate::profile::share::export;
use crate::profile::vault::{Opener, Operation, Recipient, Vault, VaultError, VaultState};
use crate::text::format::number_of;

/// A file that was read, and the store that it was compared with.
#[derive(Debug)]
pub struct Reading {
    /// Which it is.
    pub ticket: u64,
    plan: Plan,
    /// There was no store when it was read.
    absent: bool,
}

/// Why a file was not read.
#[derive(Debug)]
pub struct Unread {
    /// The sentence.
    pub why: String,
    /// Whether the key file is what is missing, or wrong.
    pub wants_key: bool,
}

impl Unread {
    fn of(error: &impl ToString) -> Self {
        Self { why: error.to_string(), wants_key: false }
    }

    fn of_key(error: &impl ToString) -> Self {
        Self { wants_key: true, ..Self::of(error) }
    }
}

/// Writes profiles to a new file; a sentence about what is in it and what is not.
///
/// # Errors
/// A recipient that cannot be used, a file that is there already.
pub fn write_export(
    vault: &Vault,
    ids: &[ProfileId],
    file: PathBuf,
    recipients: &[String],
) -> Result<String, ExportFault> {
    let recipients = recipients
        .iter()
        .map(|text| {
            Recipient::parse(text).map_err(|why| {
                ExportFault::Recipients(format!("a recipient cannot be used: {why}. Nothing was written."))
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    let known = vault.profiles().map_err(|error| ExportFault::Other(error.to_string()))?;
    let profiles: Vec<Profile> = known.into_iter().filter(|profile| ids.contains(&profile.id)).collect();
    let exported = export(&profiles, &recipients).map_err(|error| ExportFault::Other(error.to_string()))?;
    let shown = file.display().to_string();
    let mut options = std::fs::OpenOptions::new();
    let written = options.write(true).create_new(true).mode(0o600).open(&file);
    written.and_then(|mut file| file.write_all(&exported.bytes).and_then(|()| file.sync_all())).map_err(|cause| {
        ExportFault::File(match cause.kind() {
            std::io::ErrorKind::AlreadyExists => format!("{shown} is there already. Choose another file."),
            _ => format!("{shown} could not be written: {cause}. Choose another file."),
        })
    })?;
    let secrets = match recipients.len() {
        0 => "without secrets".to_owned(),
        n => format!("with {}, encrypted to {}", number_of(exported.secrets, "secret"), number_of(n, "recipient")),
    };
    let left = match exported.left.len() {
        0 => String::new(),
        1 => " 1 thing was left out; the file's head names it.".to_owned(),
        n => format!(" {n} things were left out; the file's head names them."),
    };
    let profiles = number_of(exported.count, "profile");
    Ok(format!("Exported {profiles} to {shown}, {secrets}.{left}"))
}

/// Reads a file and compares it with the store. `key` is the key file that was typed for it, `named` the one that the
/// program was started with.
///
/// # Errors
/// Why it cannot be read, or no key opens it.
pub fn read_import(
    vault: &Vault,
    ticket: u64,
    file: Option<PathBuf>,
    key: Option<&Path>,
    named: Option<&Path>,
    rules: Rules,
) -> Result<(Reading, ImportList), Unread> {
    let named = match key {
        None => named.and_then(|path| Opener::read(path).ok().flatten()),
        Some(path) => match Opener::read(path) {
            Ok(Some(opener)) => Some(opener),
            Ok(None) => {
                let why = "has a passphrase, which is not asked for here. Give a key without one.";
                return Err(Unread::of_key(&format!("{} {why}", path.display())));
            }
            Err(error) => return Err(Unread::of_key(&error)),
        },
    };
    let shown = file.as_ref().map_or_else(|| "the desktop tool".to_owned(), |path| path.display().to_string());
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let wish = Wish { path: file, format: None, store_secrets: false, else_keys: "type it into the profile (e)", home };
    let reading = read(&wish, &mut |bytes, path| vault.open_shared(bytes, path, named.as_ref()));
    let reading = reading.map_err(|error| match &error {
        ImportError::Store(VaultError::NotForYou { .. }) => Unread::of_key(&error),
        _ => Unread::of(&error),
    })?;
    let absent = vault.state() == VaultState::Absent;
    let store = if absent { None } else { Some(vault.read().map_err(|error| Unread::of(&error))?) };
    let plan = Plan::new(reading, store.as_ref(), rules).map_err(|error| Unread::of(&error))?;
    let list = ImportList {
        ticket,
        file: shown,
        profiles: plan.items.iter().map(proposed).collect(),
        skipped: plan.skipped.clone(),
        list: Default::default(),
    };
    Ok((Reading { ticket, plan, absent }, list))
}

/// The change of the store for what was chosen. What that opens for writing was agreed to on the screen.
///
/// # Errors
/// A profile that cannot be written as text, or why the store cannot be read.
pub fn operation(vault: &Vault, reading: &mut Reading, chosen: &[Chosen]) -> Result<Operation, String> {
    reading.plan.items.iter_mut().for_each(|item| item.may_open = true);
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
    let mut tell = |text: String, is_danger| details.push(Detail { text, is_danger });
    if let State::Clash(clash, known) = &item.state {
        let text = match clash {
            Clash::Identity => format!("is in the store as {}, otherwise:", known.name),
            Clash::Name => "another profile has that name:".to_owned(),
        };
        tell(text, false);
    }
    if let Some(moved) = &item.key_move {
        tell(moved.to_string(), true);
    } else if let Some(moved) = item.moved_by(&Choice::Rename { key: false }).filter(|_| item.is_conflict()) {
        tell(format!("added beside it: {moved}"), true);
    }
    item.dangers().into_iter().for_each(|danger| tell(danger, true));
    if !matches!(item.state, State::Same) {
        item.changes.iter().for_each(|change| tell(change.to_string(), false));
    }
    if let Some(there) = item.there() {
        tell(format!("was added beside it before, as {there}"), false);
    }
    let refused = item.proposal.refused.iter();
    refused.for_each(|r| tell(format!("not taken over: {} ({})", r.field, r.why), false));
    item.proposal.notes.iter().for_each(|note| tell(note.clone(), false));
    let is_new = matches!(item.state, State::New);
    Proposed {
        name: profile.name.clone(),
        place: format!("{} {}{}", profile.provider.name(), profile.address, key.unwrap_or_default()),
        details,
        is_conflict: item.is_conflict(),
        moves_key: item.key_move.is_some(),
        beside_moves_key: match &item.beside {
            Some(beside) => beside.there.is_none().then_some(beside.key_move.is_some()),
            None => None,
        },
        opens: item.opens(&Choice::Take { key: false }).map(str::to_owned),
        is_known: matches!(item.state, State::Same),
        // What nobody has to be asked about is taken; the rest waits for a choice.
        choice: if is_new && item.key_move.is_none() { Chosen::Take { key: false } } else { Chosen::Skip },
    }
}
