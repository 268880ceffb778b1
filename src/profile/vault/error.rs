//! Why the store of profiles did not do what it was asked: one variant per cause, each a sentence
//! with what happened, why, and what to do. No variant ever holds a secret or a line of the store.

use std::path::{Path, PathBuf};
use std::time::Duration;

use thiserror::Error;

use super::super::secret::SecretError;

/// A failure of the store of profiles.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum VaultError {
    /// There is no store yet.
    #[error("there is no store of profiles in {} yet. Save a connection to make one.", dir.display())]
    Absent {
        /// The directory of the store.
        dir: PathBuf,
    },
    /// A store is there already, so none is made.
    #[error("{} is a store of profiles already; it was left as it is. Unlock it, or move it away first.", path.display())]
    AlreadyThere {
        /// The store.
        path: PathBuf,
    },
    /// The key is not in memory.
    #[error("the store of profiles is locked. Unlock it first.")]
    Locked,
    /// The store is locked and there is no terminal to ask for the passphrase.
    #[error(
        "the store of profiles in {} is locked and there is nobody to ask. Give its key with --identity FILE or VECTOR_INSPECTOR_IDENTITY, VECTOR_INSPECTOR_KEY or VECTOR_INSPECTOR_KEY_COMMAND, or its passphrase with VECTOR_INSPECTOR_PASSPHRASE_FD, VECTOR_INSPECTOR_PASSPHRASE_FILE or VECTOR_INSPECTOR_PASSPHRASE_COMMAND, or put a key file identity.txt beside it.",
        dir.display()
    )]
    NobodyToAsk {
        /// The directory of the store.
        dir: PathBuf,
    },
    /// The user gave no passphrase.
    #[error("no passphrase was given, so the store of profiles stays locked.")]
    Cancelled,
    /// A passphrase of no characters.
    #[error("the passphrase is empty. Give one of several words.")]
    EmptyPassphrase,
    /// The passphrase does not open the file, or the file is damaged; age cannot tell which.
    #[error(
        "{} could not be opened: the passphrase is wrong, or the file is damaged. Type it again; if you are sure of it, give the recovery key in VECTOR_INSPECTOR_KEY or with --identity FILE.",
        path.display()
    )]
    WrongPassphrase {
        /// The file.
        path: PathBuf,
    },
    /// The key does not open the store.
    #[error(
        "{} is not encrypted to the key from {source_name}. Give the key that it was made with, or its recovery key.",
        path.display()
    )]
    WrongKey {
        /// The store.
        path: PathBuf,
        /// Where the key came from, e.g. `identity.txt`.
        source_name: String,
    },
    /// No key and no wrapped key stands beside the store.
    #[error(
        "there is no key beside {}: identity.age and identity.txt are missing. Put one back, or give the key or the recovery key with --identity FILE.",
        path.display()
    )]
    NoIdentity {
        /// The store.
        path: PathBuf,
    },
    /// A file that should hold a key does not.
    #[error(
        "{source_name} holds no age key (a line that starts with AGE-SECRET-KEY-1). Check that it is the right one."
    )]
    NotAKey {
        /// Where it came from: a file name or the name of a variable.
        source_name: String,
    },
    /// Others can read a file that must be private.
    #[error(
        "{} can be read by others (mode {mode:03o}), so it was not used. Run: chmod 600 {}",
        path.display(), path.display()
    )]
    NotPrivate {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file is empty.
    #[error("{} is empty; it was left as it is. {}", path.display(), mend(path))]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The file is no age file at all.
    #[error("{} is not an age file; it was left as it is. {}", path.display(), mend(path))]
    NotAge {
        /// The file.
        path: PathBuf,
    },
    /// The file is an age file, but cut short or altered.
    #[error("{} is damaged ({cause}); it was left as it is. {}", path.display(), mend(path))]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Which check failed.
        cause: &'static str,
    },
    /// The file wants more work for its passphrase than is sensible.
    #[error(
        "{} asks for a scrypt work factor of {required}, more than the {allowed} that are allowed here: it is damaged, or made to exhaust this machine. Make it anew with a lower work factor.",
        path.display()
    )]
    TooMuchWork {
        /// The file.
        path: PathBuf,
        /// The factor in the file.
        required: u8,
        /// The highest that is accepted.
        allowed: u8,
    },
    /// The file is too large to be a store.
    #[error("{} has {size} bytes, more than a store can have ({limit}). Check that it is the right file.", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size in bytes.
        size: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// The decrypted text is not TOML.
    #[error("the store {} was decrypted, but line {line} of it is not valid TOML. Decrypt it with age, correct the line, encrypt it again.", path.display())]
    NotToml {
        /// The store.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// A key of the document has the wrong type.
    #[error("in the store {}, {what} should be {expected}. Decrypt it with age, correct it, encrypt it again.", path.display())]
    BadDocument {
        /// The store.
        path: PathBuf,
        /// The place.
        what: String,
        /// What was expected there.
        expected: &'static str,
    },
    /// One profile cannot be understood.
    #[error(
        "the profile {profile:?} has a field {field} that should be {expected}. Correct it, or remove the profile."
    )]
    BadProfile {
        /// Name of the profile, or its place when it has none.
        profile: String,
        /// The field.
        field: String,
        /// What was expected there.
        expected: String,
    },
    /// A newer version of the program wrote the store.
    #[error(
        "the store of profiles has schema {found}; this version knows up to {known} and opens it read-only. Update vector-inspector to change it."
    )]
    NewerSchema {
        /// The schema of the store.
        found: i64,
        /// The newest that this version writes.
        known: i64,
    },
    /// A recipient inside the store is no age recipient.
    #[error(
        "the recipient {name:?} in the store is not an age recipient (age1...). Correct or remove it: nothing was saved, since that key's owner would be locked out."
    )]
    BadRecipient {
        /// Its name in the store.
        name: String,
    },
    /// A recipient cannot be added or removed.
    #[error("the recipient {name:?} stays as it is: {why}.")]
    RecipientKept {
        /// Its name in the store.
        name: String,
        /// The reason.
        why: &'static str,
    },
    /// A store with one passphrase and no key has no recipients.
    #[error(
        "this store is a single file with a passphrase, which cannot have recipients. Make a store with a key to share it."
    )]
    NoRecipients,
    /// No profile of that name.
    #[error("there is no profile {name:?}.{}", suggestion(near))]
    UnknownProfile {
        /// The name that was asked for.
        name: String,
        /// Names like it, nearest first.
        near: Vec<String>,
    },
    /// The profile to change is not there any more.
    #[error("the profile {name:?} is not in the store any more: another instance removed it. Save it as a new one.")]
    ProfileGone {
        /// Its name.
        name: String,
    },
    /// The group to rename is not there any more.
    #[error(
        "no profile of the store is in the group {path:?} any more: another instance moved them. Nothing was renamed."
    )]
    GroupGone {
        /// Its path.
        path: String,
    },
    /// Another instance saved between the look at what would change and the change.
    #[error(
        "the store was changed by another instance meanwhile, so nothing was imported. Import again to see what would change now."
    )]
    Changed,
    /// What an import would open for writing was agreed to by nobody.
    #[error(
        "an import opens no database for writing by itself, so nothing was imported. {why} Leave that profile out, or change it by itself first."
    )]
    Opens {
        /// Which profile, why it is read-only, what could be written to.
        why: String,
    },
    /// A shared file is encrypted to other keys.
    #[error("{} is encrypted to none of your keys. Give the key file that it was made for (for a command with --identity FILE), or have it made for the key that `vector-inspector profiles recipient` prints.", path.display())]
    NotForYou {
        /// The shared file.
        path: PathBuf,
    },
    /// A shared file has a passphrase instead of recipients.
    #[error("{} is encrypted by a passphrase, not to a key. Decrypt it with `age -d` into a private file, import that, and remove it.", path.display())]
    SharedByPassphrase {
        /// The shared file.
        path: PathBuf,
    },
    /// A private key of ssh that cannot open a file.
    #[error("the ssh key {} cannot be used: {why}.", path.display())]
    SshKey {
        /// The key file.
        path: PathBuf,
        /// The reason.
        why: &'static str,
    },
    /// The name is taken.
    #[error("there is a profile {name:?} already. Choose another name.")]
    NameTaken {
        /// The name.
        name: String,
    },
    /// The name cannot be used.
    #[error("{name:?} cannot be the name of a profile: {why}. Choose another name.")]
    BadName {
        /// The name.
        name: String,
        /// The reason.
        why: &'static str,
    },
    /// A path in the profile cannot be written as text.
    #[error("the {field} of the profile {profile:?} is not valid UTF-8, so it cannot be stored. Rename the file.")]
    NotText {
        /// Name of the profile.
        profile: String,
        /// The field.
        field: &'static str,
    },
    /// Another instance holds the lock.
    #[error("the store is locked by another instance since {} s ({}). Wait for it, or close it, and save again.", waited.as_secs(), path.display())]
    Busy {
        /// The lock file.
        path: PathBuf,
        /// How long we waited.
        waited: Duration,
    },
    /// What was written does not decrypt to what was meant; the old store is untouched.
    #[error(
        "the new store did not read back as it was written, so the old one was kept. Check the disk and try again."
    )]
    NotVerified,
    /// age refused to encrypt.
    #[error("the store could not be encrypted: {cause}. Nothing was saved.")]
    NotEncrypted {
        /// The reason.
        cause: &'static str,
    },
    /// A file operation failed.
    #[error("could not {action} {}: {cause}. Check the directory, its permissions and the free space.", path.display())]
    File {
        /// The verb, e.g. `read`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's words.
        cause: String,
    },
    /// A key or passphrase could not be taken from where it was said to be.
    #[error("the {what} could not be had: {cause}")]
    Source {
        /// `key` or `passphrase`.
        what: &'static str,
        /// Why.
        cause: SecretError,
    },
    /// A variable has a value that cannot be used.
    #[error("{variable} is not usable: {why}.")]
    BadVariable {
        /// Its name.
        variable: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
}

impl VaultError {
    /// Whether the right key or passphrase is what is missing.
    pub fn is_about_the_key(&self) -> bool {
        matches!(
            self,
            Self::Locked
                | Self::NobodyToAsk { .. }
                | Self::Cancelled
                | Self::EmptyPassphrase
                | Self::WrongPassphrase { .. }
                | Self::WrongKey { .. }
                | Self::NoIdentity { .. }
                | Self::NotAKey { .. }
                | Self::NotPrivate { .. }
                | Self::Source { .. }
                | Self::NotForYou { .. }
                | Self::SharedByPassphrase { .. }
                | Self::SshKey { .. }
        )
    }

    pub(super) fn file(action: &'static str, path: &Path, cause: &std::io::Error) -> Self {
        Self::File { action, path: path.to_owned(), cause: cause.to_string() }
    }
}

fn suggestion(near: &[String]) -> String {
    match near {
        [] => " List them with: vector-inspector profiles list".to_owned(),
        [one] => format!(" Did you mean {one:?}?"),
        many => {
            let names: Vec<String> = many.iter().map(|name| format!("{name:?}")).collect();
            format!(" Did you mean one of {}?", names.join(", "))
        }
    }
}
/// The backups hold stores; of the key there is the recovery key.
fn mend(path: &Path) -> &'static str {
    let is = |test: fn(&str) -> bool| path.file_name().is_some_and(|name| test(&name.to_string_lossy()));
    if !is(|name| name.starts_with("identity") || name.ends_with("profiles.toml.age")) {
        return "Ask for the file again.";
    }
    if is(|name| name.starts_with("identity")) {
        "The store itself is well: give the recovery key in VECTOR_INSPECTOR_KEY or with --identity FILE, or put back a copy of this file."
    } else {
        "Take the newest copy from the backups folder."
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_key_is_mended_by_the_recovery_key_and_a_damaged_store_by_its_backups() {
        let of = |name: &str| VaultError::Empty { path: Path::new("/c").join(name) }.to_string();
        assert!(of("identity.age").contains("recovery key") && !of("identity.age").contains("backups"));
        assert!(of("profiles.toml.age").contains("backups"));
    }
}
