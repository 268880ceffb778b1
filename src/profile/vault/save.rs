//! Saving: the lock between instances and the write that leaves a whole old or a whole new file,
//! whenever the process is killed.
//!
//! Order: lock, read the newest state, change it, encrypt, temporary file in the same directory
//! (exclusive, 0600), fsync, decrypt it back, link the old file into `backups`, rename, fsync the
//! directory. Nothing before the rename touches the store.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::document::{Document, Store};
use super::identity::Key;
use super::{Operation, Result, Vault, VaultError, age_file, private};

/// How often the lock is tried again. The standard library's lock waits without a bound.
const LOCK_POLL: Duration = Duration::from_millis(3);

/// Applies an operation to the newest state on disk.
pub(super) fn edit(vault: &Vault, key: &Key, operation: Operation) -> Result<Store> {
    let _lock = lock(vault)?;
    let mut document = vault.load(key)?;
    refuse_own_recipient(key, &document, &operation)?;
    document.apply(&operation)?;
    // Ten times folding a group must not push the last ten stores out.
    let document = write_store_with(vault, key, document, !operation.is_arrangement())?;
    Ok(document.store())
}

/// Encrypts the document and replaces the store by it. The caller holds the lock.
pub(super) fn write_store(vault: &Vault, key: &Key, document: Document) -> Result<Document> {
    write_store_with(vault, key, document, true)
}

fn write_store_with(vault: &Vault, key: &Key, mut document: Document, backup: bool) -> Result<Document> {
    let path = vault.paths().store();
    if let Key::Identities(keys) = key {
        let own: Vec<_> = keys.iter().map(age::x25519::Identity::to_public).collect();
        document.keep_recipient(&own);
    }
    let plaintext = document.to_text();
    let ciphertext = match key {
        Key::Identities(_) => age_file::encrypt_to(plaintext.as_bytes(), &document.recipients()?)?,
        Key::Passphrase(passphrase) => {
            age_file::encrypt_by_passphrase(plaintext.as_bytes(), passphrase, vault.work_factor())?
        }
    };
    let max = vault.settings.max_work_factor;
    let verify =
        |bytes: &[u8]| age_file::decrypt(bytes, key, &path, max).is_ok_and(|back| *back == plaintext.as_bytes());
    let folder = vault.paths().backups();
    replace(&path, &ciphertext, verify, backup.then_some((folder.as_path(), vault.settings.backups)))?;
    Ok(document)
}

/// Takes the lock, waiting a bounded time. Released when the file is dropped.
pub(super) fn lock(vault: &Vault) -> Result<File> {
    private::ensure_dir(vault.paths().dir())?;
    let path = vault.paths().lock();
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(&path)
        .map_err(|cause| VaultError::file("open", &path, &cause))?;
    let started = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => break,
            Err(TryLockError::WouldBlock) => {
                let waited = started.elapsed();
                if waited >= vault.settings.lock_wait {
                    return Err(VaultError::Busy { path, waited });
                }
                std::thread::sleep(LOCK_POLL);
            }
            Err(TryLockError::Error(cause)) => return Err(VaultError::file("lock", &path, &cause)),
        }
    }
    remove_leftovers(vault.paths().dir());
    Ok(file)
}

/// Replaces a file by other content: all of it or nothing. `verify` is given what was read back.
/// With a folder for backups the old file is kept there.
pub(super) fn replace(
    path: &Path,
    content: &[u8],
    verify: impl Fn(&[u8]) -> bool,
    backups: Option<(&Path, usize)>,
) -> Result<()> {
    // A store that is a link (a folder of dotfiles) stays one: its target is replaced.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let dir = target.parent().unwrap_or(Path::new("."));
    let temporary = Temporary::write(dir, content)?;
    if !fs::read(&temporary.path).is_ok_and(|bytes| verify(&bytes)) {
        return Err(VaultError::NotVerified);
    }
    if let Some((folder, keep)) = backups {
        back_up(&target, folder, keep)?;
    }
    temporary.rename(&target)?;
    private::sync_dir(dir)
}

/// A file under a passing name, removed again unless it was renamed.
struct Temporary {
    path: PathBuf,
}

impl Temporary {
    fn write(dir: &Path, content: &[u8]) -> Result<Self> {
        let path = dir.join(format!("{TEMPORARY}{}-{:016x}", std::process::id(), fastrand::u64(..)));
        let mut file = private::create_new(&path).map_err(|cause| VaultError::file("create", &path, &cause))?;
        let temporary = Self { path };
        file.write_all(content)
            .and_then(|()| file.sync_all())
            .map_err(|cause| VaultError::file("write", &temporary.path, &cause))?;
        Ok(temporary)
    }

    fn rename(self, target: &Path) -> Result<()> {
        fs::rename(&self.path, target).map_err(|cause| VaultError::file("replace", target, &cause))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // After the rename there is nothing of that name any more.
        let _ = fs::remove_file(&self.path);
    }
}

const TEMPORARY: &str = ".saving-";

/// Removes what a killed save left. Only under the lock: nobody else is saving then.
fn remove_leftovers(dir: &Path) {
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(TEMPORARY) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Links the file into the folder under a name with the time, and keeps the newest few.
pub(super) fn back_up(file: &Path, folder: &Path, keep: usize) -> Result<()> {
    if keep == 0 || !file.exists() {
        return Ok(());
    }
    private::ensure_dir(folder)?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let nanoseconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
    let copy = folder.join(format!("{nanoseconds:020}-{name}"));
    // The store is only ever replaced by rename, so a link is a copy that cannot be half written.
    match fs::hard_link(file, &copy) {
        Err(cause) if cause.kind() != ErrorKind::NotFound => {
            let bytes = fs::read(file).map_err(|cause| VaultError::file("read", file, &cause))?;
            let mut out = private::create_new(&copy).map_err(|cause| VaultError::file("create", &copy, &cause))?;
            out.write_all(&bytes)
                .and_then(|()| out.sync_all())
                .map_err(|cause| VaultError::file("write", &copy, &cause))?;
        }
        result => result.map_err(|cause| VaultError::file("back up", file, &cause))?,
    }
    let suffix = format!("-{name}");
    let mut kept: Vec<PathBuf> = fs::read_dir(folder)
        .map_err(|cause| VaultError::file("read", folder, &cause))?
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().ends_with(&suffix))
        .map(|entry| entry.path())
        .collect();
    kept.sort();
    let surplus = kept.len().saturating_sub(keep);
    for old in kept.iter().take(surplus) {
        let _ = fs::remove_file(old);
    }
    Ok(())
}

fn refuse_own_recipient(key: &Key, document: &Document, operation: &Operation) -> Result<()> {
    match (operation, key) {
        (Operation::AddRecipient { .. } | Operation::RemoveRecipient { .. }, Key::Passphrase(_)) => {
            Err(VaultError::NoRecipients)
        }
        (Operation::RemoveRecipient { name }, Key::Identities(keys)) => {
            let listed = document.store().recipients;
            let own = listed.get(name).is_some_and(|text| keys.iter().any(|key| key.to_public().to_string() == *text));
            let why = "it is the key that opened this store";
            if own { Err(VaultError::RecipientKept { name: name.clone(), why }) } else { Ok(()) }
        }
        _ => Ok(()),
    }
}
