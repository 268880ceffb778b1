//! Files that only their owner may read: checks, bounded reads, private creation.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use super::VaultError;

/// More than thousands of profiles need; keeps a wrong file from filling the memory.
const LIMIT: u64 = 16 << 20;

/// The whole file; an empty or huge one is an error of its own.
pub(super) fn read_bounded(path: &Path) -> Result<Vec<u8>, VaultError> {
    let file = File::open(path).map_err(|cause| VaultError::file("read", path, &cause))?;
    let mut bytes = Vec::new();
    file.take(LIMIT + 1).read_to_end(&mut bytes).map_err(|cause| VaultError::file("read", path, &cause))?;
    if bytes.is_empty() {
        return Err(VaultError::Empty { path: path.to_owned() });
    }
    if bytes.len() as u64 > LIMIT {
        let size = fs::metadata(path).map_or(LIMIT + 1, |m| m.len());
        return Err(VaultError::TooLarge { path: path.to_owned(), size, limit: LIMIT });
    }
    Ok(bytes)
}

/// Refuses a file that holds a bare key and can be read by others than its owner.
pub(super) fn require_private(path: &Path) -> Result<(), VaultError> {
    let mode = fs::metadata(path).map_err(|cause| VaultError::file("read", path, &cause))?.permissions().mode();
    if mode & 0o077 == 0 { Ok(()) } else { Err(VaultError::NotPrivate { path: path.to_owned(), mode: mode & 0o777 }) }
}

/// Makes the directory with mode 0700, or takes the rights of others from one that is there.
pub(super) fn ensure_dir(path: &Path) -> Result<(), VaultError> {
    match fs::metadata(path) {
        Ok(found) => {
            let mode = found.permissions().mode() & 0o777;
            if mode & 0o077 != 0 {
                fs::set_permissions(path, fs::Permissions::from_mode(mode & 0o700))
                    .map_err(|cause| VaultError::file("protect", path, &cause))?;
            }
            Ok(())
        }
        Err(cause) if cause.kind() == ErrorKind::NotFound => DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(|cause| VaultError::file("create", path, &cause)),
        Err(cause) => Err(VaultError::file("read", path, &cause)),
    }
}

/// A new file with mode 0600; an error when it is there already.
pub(super) fn create_new(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

/// Makes a rename or a new name in the directory durable.
pub(super) fn sync_dir(path: &Path) -> Result<(), VaultError> {
    File::open(path).and_then(|dir| dir.sync_all()).map_err(|cause| VaultError::file("sync", path, &cause))
}
