//! The encrypted store of profiles.
//!
//! `runtime` and `cli` hold one [`Vault`] and call it on a blocking thread; nobody else touches its
//! files. Inside: `paths` (which files), `identity` (keys), `age_file` (bytes in and out of age),
//! `document` (the TOML inside), `save` (the lock and the atomic write), `unlock` (the ways to the
//! key), `create` (first run, passphrase), `strength` (how good a passphrase is).
//!
//! Two layers: the passphrase wraps a key (`identity.age`), the key opens the store
//! (`profiles.toml.age`). So a save never asks for the passphrase and takes no scrypt. A file made by
//! `age -p` is accepted in place of the two; then each read and save costs scrypt.

mod age_file;
mod create;
mod document;
mod error;
mod identity;
mod paths;
mod private;
mod save;
mod shared;
pub mod strength;
mod unlock;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use secrecy::SecretString;

use super::model::{Profile, ProfileId};
use document::Document;
use identity::Key;

pub use create::{Created, NewKey};
pub(in crate::profile) use document::fields;
pub use document::{GroupPlace, SCHEMA, Store, rfc3339, usable_name};
pub use error::VaultError;
pub use paths::VaultPaths;
pub use shared::{Opener, Recipient, encrypt, is_encrypted};
pub use strength::{Strength, strength};
pub use unlock::{Ask, Prompt, UnlockOptions, UnlockedBy};

/// The result of everything that a vault is asked.
pub type Result<T> = std::result::Result<T, VaultError>;

/// Whether there is a store and whether its key is in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VaultState {
    /// No store yet; [`Vault::create`] makes one.
    Absent,
    /// A store whose key is not in memory.
    Locked,
    /// The key is in memory.
    Unlocked,
}

/// A change of the store. It is applied to the newest state on disk, so that two instances lose
/// nothing.
#[derive(Debug, Clone)]
pub enum Operation {
    /// A new profile; its name and id must be free.
    Add(Box<Profile>),
    /// Another content (and maybe name) for the profile with this id.
    Update(Box<Profile>),
    /// A copy of a profile under another name, with an id of its own, and with what may be copied of its
    /// key ([`SecretSource::for_a_copy`](super::model::SecretSource::for_a_copy)).
    Duplicate {
        /// The profile to copy.
        id: ProfileId,
        /// The name of the copy.
        name: String,
    },
    /// Removes a profile.
    Remove(ProfileId),
    /// Another path for a group and for those inside it: all its profiles, in one save.
    RenameGroup {
        /// The path as it is.
        from: String,
        /// The new one.
        to: String,
    },
    /// Gives all profiles places in this order; keeps no backup, since nothing can be lost by it.
    ArrangeProfiles(Vec<ProfileId>),
    /// Order and folding of the groups; keeps no backup either.
    ArrangeGroups(Vec<GroupPlace>),
    /// Lets the owner of another age key open the store, e.g. a CI machine.
    AddRecipient {
        /// What it is called in the store.
        name: String,
        /// `age1...`
        recipient: String,
    },
    /// Takes that away again, for what is saved from now on.
    RemoveRecipient {
        /// What it is called in the store.
        name: String,
    },
    /// Many profiles in one save, all or none: one whose id is known takes the known one's place, any
    /// other is new. What is replaced was looked at before, so the store must still be as it was then.
    Import {
        /// The revision of the store that was looked at.
        rev: u64,
        /// The profiles.
        profiles: Vec<Profile>,
    },
}

impl Operation {
    /// Whether only the looks of the lists change.
    fn is_arrangement(&self) -> bool {
        matches!(self, Self::ArrangeProfiles(_) | Self::ArrangeGroups(_))
    }
}

/// Limits of a vault. The default is right outside tests.
#[derive(Debug, Clone)]
pub struct VaultSettings {
    /// Logarithm of scrypt's work for new passphrases; `None`: 18, or 17 with less than 2 GiB of memory.
    pub work_factor: Option<u8>,
    /// The most work that a file may ask for.
    pub max_work_factor: u8,
    /// How long to wait for another instance that saves.
    pub lock_wait: Duration,
    /// How many old stores are kept.
    pub backups: usize,
}

impl Default for VaultSettings {
    fn default() -> Self {
        Self { work_factor: None, max_work_factor: 20, lock_wait: Duration::from_secs(10), backups: 10 }
    }
}

/// The store of profiles in one directory. Its methods block: call them on a blocking thread.
///
/// It may be shared (`Arc<Vault>`); the key stays in memory from [`Vault::unlock`] until
/// [`Vault::lock`]. `Debug` shows no secret.
#[derive(Debug)]
pub struct Vault {
    paths: VaultPaths,
    settings: VaultSettings,
    key: Mutex<Option<Arc<Key>>>,
}

impl Vault {
    /// The store in that directory, whether there is one or not. Touches no file.
    pub fn open(dir: impl Into<PathBuf>) -> Self {
        Self::with_settings(dir, VaultSettings::default())
    }

    /// The same with other limits.
    pub fn with_settings(dir: impl Into<PathBuf>, settings: VaultSettings) -> Self {
        Self { paths: VaultPaths::new(dir), settings, key: Mutex::new(None) }
    }

    /// Where its files are.
    pub fn paths(&self) -> &VaultPaths {
        &self.paths
    }

    /// Whether there is a store and whether its key is in memory.
    pub fn state(&self) -> VaultState {
        if std::fs::symlink_metadata(self.paths.store()).is_err() {
            VaultState::Absent
        } else if self.key().is_ok() {
            VaultState::Unlocked
        } else {
            VaultState::Locked
        }
    }

    /// Finds the key and keeps it in memory; at once when it is there already. The order of the ways
    /// is that of [`UnlockOptions`]; `prompt` is asked last, up to three times.
    ///
    /// # Errors
    /// [`VaultError::NobodyToAsk`] when only a prompt would help and there is none (exit code 78);
    /// else why the way that was given did not work.
    pub fn unlock(&self, options: &UnlockOptions, prompt: Option<&mut Prompt<'_>>) -> Result<UnlockedBy> {
        if self.state() == VaultState::Unlocked {
            return Ok(UnlockedBy::Memory);
        }
        let (key, by) = unlock::find_key(self, options, prompt)?;
        self.keep(key);
        Ok(by)
    }

    /// Unlocks with a passphrase that the user typed into a form.
    ///
    /// # Errors
    /// [`VaultError::WrongPassphrase`] (or a damaged file: age cannot tell), or why a file could not
    /// be read.
    pub fn unlock_with_passphrase(&self, passphrase: &SecretString) -> Result<()> {
        let key = unlock::with_passphrase(self, passphrase)?;
        self.keep(key);
        Ok(())
    }

    /// Forgets the key.
    pub fn lock(&self) {
        *self.key.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Everything in the store as it is on disk now.
    ///
    /// # Errors
    /// [`VaultError::Absent`], [`VaultError::Locked`], or why the file could not be understood.
    pub fn read(&self) -> Result<Store> {
        let key = self.key_for_store()?;
        Ok(self.load(&key)?.store())
    }

    /// All profiles that can be understood, in the order of the store; none when there is no store
    /// yet. [`Vault::read`] also tells which could not be understood.
    ///
    /// # Errors
    /// As [`Vault::read`], but for a store that does not exist.
    pub fn profiles(&self) -> Result<Vec<Profile>> {
        if self.state() == VaultState::Absent { Ok(Vec::new()) } else { Ok(self.read()?.profiles) }
    }

    /// The profile of that name.
    ///
    /// # Errors
    /// [`VaultError::UnknownProfile`] with the nearest names; else as [`Vault::read`].
    pub fn profile(&self, name: &str) -> Result<Profile> {
        self.read()?.get(name).cloned()
    }

    /// Applies a change to the newest state on disk and saves it: all of it or nothing.
    ///
    /// # Errors
    /// Why the change is not possible, or the store could not be read or written. The store on disk
    /// is then as it was.
    pub fn edit(&self, operation: Operation) -> Result<Store> {
        let key = self.key_for_store()?;
        save::edit(self, &key, operation)
    }

    /// Makes the first store, with no profiles, and unlocks it. The recovery key in the answer is
    /// shown to the user once and kept nowhere.
    ///
    /// # Errors
    /// [`VaultError::AlreadyThere`], [`VaultError::EmptyPassphrase`], or why the files could not be
    /// read or written.
    pub fn create(&self, with: NewKey) -> Result<Created> {
        let (created, key) = create::create(self, with)?;
        self.keep(key);
        Ok(created)
    }

    /// Sets another passphrase: only the key is wrapped anew, the store stays as it is (but for a
    /// single `age -p` file, which is itself encrypted anew). A key file is replaced by a wrapped key.
    ///
    /// # Errors
    /// [`VaultError::Locked`], [`VaultError::EmptyPassphrase`], or why the files could not be written.
    pub fn change_passphrase(&self, new: &SecretString) -> Result<()> {
        let key = self.key_for_store()?;
        let key = create::change_passphrase(self, &key, new)?;
        self.keep(key);
        Ok(())
    }

    fn keep(&self, key: Key) {
        *self.key.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(key));
    }

    fn key(&self) -> Result<Arc<Key>> {
        self.key.lock().unwrap_or_else(PoisonError::into_inner).clone().ok_or(VaultError::Locked)
    }

    fn key_for_store(&self) -> Result<Arc<Key>> {
        match self.state() {
            VaultState::Absent => Err(VaultError::Absent { dir: self.paths.dir().to_owned() }),
            VaultState::Locked => Err(VaultError::Locked),
            VaultState::Unlocked => self.key(),
        }
    }

    /// Reads, decrypts and parses the store.
    fn load(&self, key: &Key) -> Result<Document> {
        let path = self.paths.store();
        self.decode(&private::read_bounded(&path)?, key, &path)
    }

    fn decode(&self, ciphertext: &[u8], key: &Key, path: &Path) -> Result<Document> {
        let plaintext = age_file::decrypt(ciphertext, key, path, self.settings.max_work_factor)?;
        Document::parse(&plaintext, path)
    }

    fn work_factor(&self) -> u8 {
        self.settings.work_factor.unwrap_or_else(identity::default_work_factor)
    }
}
