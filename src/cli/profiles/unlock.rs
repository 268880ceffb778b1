//! The store, opened for a command: flags and variables first, then a prompt on the terminal.

use std::io::IsTerminal;

use secrecy::{ExposeSecret, SecretString};

use crate::cli::{CliError, Context, Out, prompt};
use crate::profile::vault::strength::strength;
use crate::profile::vault::{Ask, NewKey, UnlockOptions, Vault, VaultError, VaultState};

/// The ways to the key that this call was given.
///
/// # Errors
/// A variable or a configuration that cannot be used.
pub(in crate::cli) fn options(context: &Context) -> Result<UnlockOptions, CliError> {
    let mut options = UnlockOptions::from_env()?;
    if let Some(identity) = &context.common.identity {
        options.identity = Some(identity.clone());
    }
    options.configured_identity = context.config()?.identity;
    Ok(options)
}

/// The store, unlocked; an absent one stays absent.
///
/// # Errors
/// Why it could not be unlocked; exit code 78 when nobody can be asked.
pub(super) fn vault(context: &Context) -> Result<Vault, CliError> {
    let vault = Vault::open(context.config_dir()?);
    if vault.state() == VaultState::Absent {
        return Ok(vault);
    }
    vault_with(context, &options(context)?)
}

/// The same with other ways to the key.
///
/// # Errors
/// As [`vault`].
pub(super) fn vault_with(context: &Context, options: &UnlockOptions) -> Result<Vault, CliError> {
    let vault = Vault::open(context.config_dir()?);
    let mut ask = |ask: &Ask| {
        let again = if ask.attempt > 1 { "That was not it. " } else { "" };
        prompt::passphrase(&format!("{again}Passphrase of {}", ask.path.display()))
    };
    tokio::task::block_in_place(|| vault.unlock(options, if prompt::interactive() { Some(&mut ask) } else { None }))?;
    Ok(vault)
}

/// The store, if it can be unlocked without asking anybody: by a key file, a variable, the configuration.
pub(super) fn vault_without_asking(context: &Context) -> Option<Vault> {
    let vault = Vault::open(context.config_dir().ok()?);
    let options = options(context).ok().filter(|_| vault.state() != VaultState::Absent)?;
    tokio::task::block_in_place(|| vault.unlock(&options, None)).ok()?;
    Some(vault)
}

/// The store, made first where there is none.
///
/// # Errors
/// Why it could not be made or unlocked.
pub(in crate::cli) fn vault_for_saving(context: &Context, key_file: bool, out: &mut Out) -> Result<Vault, CliError> {
    let vault = vault(context)?;
    if vault.state() != VaultState::Absent {
        return Ok(vault);
    }
    let key = match (key_file, options(context)?.identity) {
        (true, _) => NewKey::KeyFile,
        (false, Some(identity)) => NewKey::ExistingIdentity(identity),
        (false, None) => NewKey::Passphrase(new_passphrase(&vault, out)?),
    };
    let created = tokio::task::block_in_place(|| vault.create(key))?;
    out.note(&format!("made the store of profiles in {}.", vault.paths().dir().display()));
    if std::io::stderr().is_terminal() {
        // The one place where a secret is shown, and only to a person: see `Created`.
        out.stderr_line("Recovery key; it is shown only now. Print it and lock it away:");
        out.stderr_line(created.recovery_key.expose_secret());
    }
    Ok(vault)
}

/// A passphrase typed twice; between the two it is said how good it is.
///
/// # Errors
/// Exit code 78 when there is no terminal, or nothing is typed any more.
pub(super) fn new_passphrase(vault: &Vault, out: &mut Out) -> Result<SecretString, CliError> {
    if !prompt::interactive() {
        return Err(CliError::NoTerminal { dir: vault.paths().dir().display().to_string() });
    }
    loop {
        let first = prompt::passphrase("New passphrase of the store").ok_or(VaultError::Cancelled)?;
        if first.expose_secret().is_empty() {
            return Err(VaultError::EmptyPassphrase.into());
        }
        let strength = strength(&first);
        out.note(&format!("strength: {} ({}).", strength.name(), strength.advice()));
        let second = prompt::passphrase("Again").ok_or(VaultError::Cancelled)?;
        if first.expose_secret() == second.expose_secret() {
            return Ok(first);
        }
        // An empty line, or ctrl-c, leaves.
        out.note("the two passphrases differ. Type it again, twice.");
    }
}
