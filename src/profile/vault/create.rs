//! The first save, and another passphrase.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use age::x25519;
use secrecy::{ExposeSecret, SecretString};

use super::document::{Document, Store};
use super::identity::{self, IdentityFile, Key};
use super::{Result, Vault, VaultError, age_file, private, save};

/// How the key of a new store is kept.
#[derive(Debug, Clone)]
pub enum NewKey {
    /// A new key, wrapped by this passphrase (`identity.age`).
    Passphrase(SecretString),
    /// A new key in a file that only the user can read (`identity.txt`): for machines that nobody
    /// sits at.
    KeyFile,
    /// A bare age key that the user has already. A link to it is put beside the store; the file
    /// itself is not touched.
    ExistingIdentity(PathBuf),
}

/// What a new store came with.
#[derive(Debug)]
pub struct Created {
    /// The store, empty.
    pub store: Store,
    /// A second key that opens it (`AGE-SECRET-KEY-1...`). Show it once, to be printed and locked
    /// away; it is kept nowhere.
    pub recovery_key: SecretString,
}

pub(super) fn create(vault: &Vault, with: NewKey) -> Result<(Created, Key)> {
    if let NewKey::Passphrase(passphrase) = &with
        && passphrase.expose_secret().is_empty()
    {
        return Err(VaultError::EmptyPassphrase);
    }
    let _lock = save::lock(vault)?;
    let store_path = vault.paths().store();
    if fs::symlink_metadata(&store_path).is_ok() {
        return Err(VaultError::AlreadyThere { path: store_path });
    }
    // The key first: a store whose key was lost by a kill could be opened by nobody. A key without
    // a store is harmless; it is set aside by the next attempt, since old backups may need it.
    let keys = match with {
        NewKey::Passphrase(passphrase) => {
            let keys = vec![x25519::Identity::generate()];
            set_aside(vault, &vault.paths().key_file())?;
            wrap(vault, &keys, &passphrase, true)?;
            keys
        }
        NewKey::KeyFile => {
            let keys = vec![x25519::Identity::generate()];
            set_aside(vault, &vault.paths().wrapped_identity())?;
            let path = vault.paths().key_file();
            set_aside(vault, &path)?;
            let text = identity::to_text(&keys);
            save::replace(&path, text.as_bytes(), |back| back == text.as_bytes(), None)?;
            keys
        }
        NewKey::ExistingIdentity(path) => link_existing(vault, &path)?,
    };
    let owner = keys.first().ok_or(VaultError::Locked)?.to_public();
    let recovery = x25519::Identity::generate();
    let mut document = Document::new(&store_path, &[("owner", owner), ("recovery", recovery.to_public())]);
    document.touch();
    let key = Key::Identities(keys);
    let document = save::write_store(vault, &key, document)?;
    Ok((Created { store: document.store(), recovery_key: recovery.to_string() }, key))
}

pub(super) fn change_passphrase(vault: &Vault, key: &Key, new: &SecretString) -> Result<Key> {
    if new.expose_secret().is_empty() {
        return Err(VaultError::EmptyPassphrase);
    }
    let _lock = save::lock(vault)?;
    match key {
        Key::Identities(keys) => {
            wrap(vault, keys, new, false)?;
            // Left behind, the bare key would open the store without the new passphrase.
            let bare = vault.paths().key_file();
            if fs::symlink_metadata(&bare).is_ok() {
                fs::remove_file(&bare).map_err(|cause| VaultError::file("remove", &bare, &cause))?;
                private::sync_dir(vault.paths().dir())?;
            }
            Ok(key.clone())
        }
        Key::Passphrase(_) => {
            let mut document = vault.load(key)?;
            document.touch();
            let key = Key::Passphrase(new.clone());
            save::write_store(vault, &key, document)?;
            Ok(key)
        }
    }
}

/// Writes `identity.age`. An old one is set aside at creation only: after a change of passphrase
/// the old passphrase must open nothing any more.
fn wrap(vault: &Vault, keys: &[x25519::Identity], passphrase: &SecretString, keep_old: bool) -> Result<()> {
    let path = vault.paths().wrapped_identity();
    if keep_old {
        set_aside(vault, &path)?;
    } else if fs::symlink_metadata(&path).is_ok_and(|m| m.is_symlink()) {
        // A link to a key of the user's own: the link goes, the user's file stays as it is.
        fs::remove_file(&path).map_err(|cause| VaultError::file("replace", &path, &cause))?;
    }
    let text = identity::to_text(keys);
    let wrapped = age_file::encrypt_by_passphrase(text.as_bytes(), passphrase, vault.work_factor())?;
    let key = Key::Passphrase(passphrase.clone());
    let max = vault.settings.max_work_factor.max(vault.work_factor());
    let verify = |bytes: &[u8]| age_file::decrypt(bytes, &key, &path, max).is_ok_and(|back| *back == text.as_bytes());
    save::replace(&path, &wrapped, verify, None)
}

/// Moves a key without a store into the backups.
fn set_aside(vault: &Vault, path: &Path) -> Result<()> {
    match fs::symlink_metadata(path) {
        Err(_) => return Ok(()),
        Ok(found) if found.is_symlink() => {}
        Ok(_) => save::back_up(path, &vault.paths().backups(), vault.settings.backups.max(1))?,
    }
    fs::remove_file(path).map_err(|cause| VaultError::file("set aside", path, &cause))
}

fn link_existing(vault: &Vault, path: &Path) -> Result<Vec<x25519::Identity>> {
    let path = fs::canonicalize(path).map_err(|cause| VaultError::file("read", path, &cause))?;
    let IdentityFile::Plain(keys) = identity::read_file(&path)? else {
        return Err(VaultError::NotAKey { source_name: path.display().to_string() });
    };
    let link = vault.paths().key_file();
    if path != fs::canonicalize(vault.paths().dir()).unwrap_or_default().join("identity.txt") {
        set_aside(vault, &link)?;
        symlink(&path, &link).map_err(|cause| VaultError::file("link", &link, &cause))?;
    }
    set_aside(vault, &vault.paths().wrapped_identity())?;
    Ok(keys)
}
