//! `profiles ...`: saved connections, without a screen. Over the same vault as the screen's forms.

mod add;
mod export;
mod fields;
mod import;
mod route;
mod select;
mod show;
mod unlock;

use secrecy::SecretString;
use tokio::task::block_in_place;

use super::writing::Writing;
use super::{CliError, Context, Exit, Out, ping, prompt};
use crate::connection::SecretUse;
use crate::profile::access::{KnownLocks, Rules};
use crate::profile::exposure::{Exposure, INSECURE};
use crate::profile::model::{Profile, ProfileId, SecretSource};
use crate::profile::project::{self, ProjectError};
use crate::profile::secret::SecretError;
use crate::profile::spec::connect_spec_with;
use crate::profile::target::{self, Target, TargetError};
use crate::profile::vault::{Opener, Operation, Vault, VaultError, VaultState};
use crate::provider::ConnectSpec;
use crate::runtime::kept_secret::KeptSecret;
use crate::text::nearest;
pub(super) use fields::{environment, from_stdin};
pub(super) use select::Select;
pub(super) use unlock::{options, vault_for_saving};

/// List, make and change saved connections
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
    /// Print JSON for scripts
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// List all profiles, or those that all flags select
    List {
        #[command(flatten)]
        select: select::Select,
    },
    /// Show one profile; of its key only where it comes from
    Show {
        /// Its name
        name: String,
    },
    /// Save a connection; the first one makes the encrypted store
    Add(Box<add::Add>),
    /// Change fields of a profile; what is not given stays
    Edit(Box<add::Edit>),
    /// Give a profile another name
    Rename {
        /// Its name
        name: String,
        /// The new name
        new: String,
    },
    /// Copy a profile
    Duplicate {
        /// Its name
        name: String,
        /// Name of the copy
        new: String,
    },
    /// Remove a profile (the database stays as it is)
    Remove {
        /// Its name
        name: String,
        /// Do not ask at a terminal; without one it is wanted for a profile that keeps its database read-only
        #[arg(long)]
        yes: bool,
    },
    /// Write profiles to a file for other people, without secrets or encrypted to their keys
    Export(Box<export::Export>),
    /// Take profiles from a file: of `profiles export`, the desktop tool, docker compose, or .env
    Import(Box<import::Import>),
    /// Connect with a profile and say what happened; like ping
    Test {
        /// Its name
        name: String,
    },
    /// Change the passphrase of the store, or give a store with a key file one
    Passwd {
        /// Read the new passphrase from the first line of stdin
        #[arg(long)]
        new_passphrase_stdin: bool,
    },
    /// Print the public keys (age1...) of what opens your store: give one to whoever exports profiles for you
    Recipient {},
    /// Forget the key; commands keep none, so this only says whether the store wants one
    Lock {},
}

/// Does what the action says.
///
/// # Errors
/// Why the store could not be used.
pub async fn run(args: Args, context: &mut Context, out: &mut Out) -> Result<Exit, CliError> {
    match args.action {
        Action::List { select } => show::list(&unlock::vault(context)?, &select, args.json, context, out),
        Action::Show { name } => show::show(&unlock::vault(context)?, &name, args.json, context, out),
        Action::Add(add) => add.run(context, out),
        Action::Edit(edit) => edit.run(context, out),
        Action::Rename { name, new } => {
            let vault = unlock::vault(context)?;
            let told = format!("{name} is called {new} now.");
            let profile = Profile { name: new, ..own(&vault, &name, context)? };
            save(&vault, Operation::Update(Box::new(profile)), &told, out)
        }
        Action::Duplicate { name, new } => {
            let vault = unlock::vault(context)?;
            let profile = own(&vault, &name, context)?;
            let told = format!("saved {new}, a copy of {name}.");
            let exit = save(&vault, Operation::Duplicate { id: profile.id, name: new }, &told, out)?;
            if profile.secret.is_some_and(|secret| secret.for_a_copy().is_none()) {
                out.note(SecretSource::NOT_COPIED);
            }
            Ok(exit)
        }
        Action::Remove { name, yes } => {
            let vault = unlock::vault(context)?;
            let profile = own(&vault, &name, context)?;
            if let Some(question) = unlocked_by_removing(&profile, context)? {
                consent(yes, "nothing was removed", &question, out)?;
            } else if !yes && prompt::interactive() && !agrees_to_remove(&profile) {
                out.note("nothing was removed.");
                return Ok(Exit::Nothing);
            }
            save(&vault, Operation::Remove(profile.id), &format!("removed {name}."), out)
        }
        Action::Export(export) => export.run(args.json, context, out),
        Action::Import(import) => import.run(args.json, context, out),
        Action::Test { name } => {
            warn(&known(&name, &unlock::vault(context)?, context)?.0, out);
            ping::run(&ping::Args::of(name, args.json), context, out).await
        }
        Action::Passwd { new_passphrase_stdin } => {
            let vault = unlock::vault(context)?;
            let new = if new_passphrase_stdin { fields::from_stdin()? } else { unlock::new_passphrase(&vault, out)? };
            block_in_place(|| vault.change_passphrase(&new))?;
            out.note("the passphrase was changed. The old one opens nothing any more but old backups.");
            Ok(Exit::Done)
        }
        Action::Recipient {} => {
            let named = context.common.identity.as_deref().map(Opener::read).transpose()?.flatten();
            let keys = unlock::vault(context)?.own_recipients(named.as_ref())?;
            if args.json {
                out.json(&keys.into())?;
            } else {
                for key in keys {
                    out.line(&key)?;
                }
            }
            Ok(Exit::Done)
        }
        Action::Lock {} => {
            let vault = Vault::open(context.config_dir()?);
            out.note(match vault.state() {
                VaultState::Absent => "there is no store of profiles yet.",
                VaultState::Locked | VaultState::Unlocked => {
                    "no key is kept between commands: the store is closed until it is asked for again."
                }
            });
            Ok(Exit::Done)
        }
    }
}

/// The profiles that the flags select, in the order of the store, each with how to open it.
///
/// # Errors
/// Why the store could not be opened.
pub fn selected(select: &Select, context: &Context) -> Result<Vec<Selected>, CliError> {
    let vault = unlock::vault(context)?;
    let profiles = profiles(&vault, context)?;
    let chosen = profiles.into_iter().filter(|profile| select.selects(profile));
    Ok(chosen.map(|profile| (profile.clone(), spec_for(profile, &vault, context))).collect())
}

/// A profile, and how to open it, or why that cannot be said.
type Selected = (Profile, Result<ConnectSpec, CliError>);

fn spec_for(mut profile: Profile, vault: &Vault, context: &Context) -> Result<ConnectSpec, CliError> {
    let config = context.config()?;
    if context.keyless {
        profile.secret = None;
    }
    profile.connect_timeout_s.get_or_insert(config.connect_timeout.as_secs().max(1));
    profile.request_timeout_s.get_or_insert(config.request_timeout.as_secs().max(1));
    let kept = KeptSecret::default();
    let spec = block_in_place(|| {
        let spec = connect_spec_with(&profile, |source| have(source, &profile, &kept));
        kept.save_renewed(vault, profile.id);
        spec
    })?;
    if !context.known.is_learned() {
        profiles(vault, context)?;
    }
    spec.gate.set_lock(context.known.lock_of(&profile, context.rules()?));
    Ok(spec)
}

/// The profiles of the store as they are now; which of them and of the project's are read-only is known from then on.
fn profiles(vault: &Vault, context: &Context) -> Result<Vec<Profile>, CliError> {
    let reading = context.known.reading();
    let profiles = vault.profiles()?;
    context.known.learn(reading, &profiles, context.rules()?);
    learn_project(context)?;
    Ok(profiles)
}

/// Takes in which profiles of the project are read-only.
fn learn_project(context: &Context) -> Result<(), CliError> {
    // Whoever names a profile of a project that cannot be used is told so where it is opened.
    if let Ok(Some(project)) = context.project() {
        context.known.learn_project(&project.profiles, context.rules()?);
    }
    Ok(())
}

/// The read-only profiles as far as they are known: those of the project, and those of the store if it is open or can
/// be opened without asking anybody.
///
/// # Errors
/// A configuration that is wrong, a store that cannot be read.
pub fn known_locks(context: &Context) -> Result<&KnownLocks, CliError> {
    if !context.known.is_learned() {
        match unlock::vault_without_asking(context) {
            Some(vault) => drop(profiles(&vault, context)?),
            None => learn_project(context)?,
        }
    }
    Ok(&context.known)
}

/// The secret of a profile; one that is asked for each time is typed on the terminal.
fn have(source: &SecretSource, profile: &Profile, kept: &KeptSecret) -> Result<SecretString, SecretError> {
    match source {
        SecretSource::Ask if !prompt::interactive() => Err(SecretError::NoTerminal),
        SecretSource::Ask => {
            prompt::passphrase(&format!("Key of {} ({})", profile.name, profile.address)).ok_or(SecretError::NotTyped)
        }
        other => kept.have(other, None, SecretUse::Fresh).map(|(secret, _)| secret),
    }
}

/// Says on stderr that the server may be anybody.
fn warn_insecure(profile: &Profile, out: &mut Out) {
    if profile.tls.insecure {
        out.note(&format!("{}: {INSECURE}", profile.name));
    }
}

/// Says on stderr that the key travels, or would travel, where others can read it.
fn warn(profile: &Profile, out: &mut Out) {
    if let Some(warning) = Exposure::of(profile).warning() {
        out.note(&format!("{}: {warning}", profile.name));
    }
}

fn agrees_to_remove(profile: &Profile) -> bool {
    let Profile { name, provider, address, .. } = profile;
    let kind = provider.name();
    let answer =
        prompt::line(&format!("Remove the profile {name} ({kind} {address}), and its key if that is stored? [y/N]"));
    answer.is_some_and(|answer| matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// What becomes writable without a profile, to be asked before it is removed.
fn unlocked_by_removing(profile: &Profile, context: &Context) -> Result<Option<String>, CliError> {
    let rules = Rules { run: false, ..context.rules()? };
    let lock = rules.lock_of(profile).filter(|_| context.known.frees(profile, None, rules));
    let Profile { name, provider, address, .. } = profile;
    let kind = provider.name();
    Ok(lock.map(|lock| {
        format!(
            "{name}: {lock}. Without this profile {kind} {address} is no longer kept read-only: what else leads there can write to it."
        )
    }))
}

/// Consent to opening something for writing: a flag, or the whole word at a terminal.
fn consent(yes: bool, nothing: &str, question: &str, out: &mut Out) -> Result<(), CliError> {
    if yes || Writing::default().agreed(question, out) {
        return Ok(());
    }
    Err(CliError::Usage(format!("{nothing}. {question} Agree with --yes, or type yes at a terminal.")))
}

/// Saves, and says what was done.
fn save(vault: &Vault, operation: Operation, told: &str, out: &mut Out) -> Result<Exit, CliError> {
    block_in_place(|| vault.edit(operation))?;
    out.note(told);
    Ok(Exit::Done)
}

/// The profile of that name, of the store or of the project's file; and whether it is the project's.
fn known(name: &str, vault: &Vault, context: &Context) -> Result<(Profile, bool), CliError> {
    match find(vault, name, context) {
        Err(error @ CliError::Target(TargetError::NoProfile { .. })) => {
            let project = context.project()?;
            let found = project.as_ref().and_then(|project| project.get(name));
            found.map_or(Err(error), |profile| Ok((profile.clone(), true)))
        }
        result => result.map(|profile| (profile, false)),
    }
}

/// The profile of that name in the store, to be changed or given away.
///
/// # Errors
/// That there is none, and whether the project's file has one.
fn own(vault: &Vault, name: &str, context: &Context) -> Result<Profile, CliError> {
    match (find(vault, name, context), context.project()) {
        (Err(CliError::Target(TargetError::NoProfile { .. })), Ok(Some(project))) if project.get(name).is_some() => {
            Err(ProjectError::OfProject { path: project.path, profile: name.to_owned() }.into())
        }
        (result, _) => result,
    }
}

/// The profile of that name.
fn find(vault: &Vault, name: &str, context: &Context) -> Result<Profile, CliError> {
    let profiles = profiles(vault, context)?;
    let near = || nearest(name, profiles.iter().map(|profile| profile.name.as_str()));
    match profiles.iter().find(|profile| profile.name == name) {
        Some(profile) => Ok(profile.clone()),
        None if vault.state() == VaultState::Absent => Err(no_profile(name, Vec::new())),
        // The store knows why a profile that is there cannot be understood.
        None => match vault.profile(name) {
            Err(error @ VaultError::BadProfile { .. }) => Err(error.into()),
            _ => Err(no_profile(name, near())),
        },
    }
}

fn no_profile(name: &str, near: Vec<String>) -> CliError {
    TargetError::NoProfile { name: name.to_owned(), near }.into()
}

/// How to open the profile of that name: of the store, else of the project's file; where there is none, a
/// directory of that name.
///
/// # Errors
/// Why the store could not be opened, or that there is no such profile.
pub async fn spec_of(
    name: &str,
    context: &mut Context,
    out: &mut Out,
) -> Result<(ConnectSpec, Option<ProfileId>), CliError> {
    let vault = unlock::vault(context)?;
    let found = find(&vault, name, context);
    let is_missing = matches!(found, Err(CliError::Target(TargetError::NoProfile { .. })));
    let project = match context.project() {
        // Of no use where the store knows the name.
        Err(error) if is_missing => return Err(error),
        result => result.ok().flatten(),
    };
    let of_project = project.as_ref().and_then(|project| project.get(name));
    match (found, of_project) {
        (Ok(profile), Some(_)) => {
            out.note(&project::shadowed(name));
            spec_of_found(Ok(profile), name, &vault, context)
        }
        (Err(_), Some(profile)) if is_missing => {
            if let Some(warning) = project::warning(profile, &vault.profiles()?) {
                out.note(&warning);
            }
            spec_of_found(Ok(profile.clone()), name, &vault, context)
        }
        (found, _) => spec_of_found(found, name, &vault, context),
    }
}

fn spec_of_found(
    found: Result<Profile, CliError>,
    name: &str,
    vault: &Vault,
    context: &Context,
) -> Result<(ConnectSpec, Option<ProfileId>), CliError> {
    match found {
        Ok(profile) => {
            let id = profile.id;
            Ok((spec_for(profile, vault, context)?, Some(id)))
        }
        Err(CliError::Target(TargetError::NoProfile { .. })) if std::path::Path::new(name).is_dir() => {
            match target::directory(std::path::Path::new(name), &Context::env)? {
                Target::Spec { spec, .. } => Ok((context.with_general_limits(*spec)?, None)),
                Target::Demo | Target::Profile(_) | Target::Ask { .. } => Err(no_profile(name, Vec::new())),
            }
        }
        Err(error) => Err(error),
    }
}
