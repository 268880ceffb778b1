//! Keys: what opens the store once it is in memory, and how one is read from a file or a variable.

use std::fmt;
use std::path::Path;

use age::x25519;
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::{VaultError, age_file, private};

/// What opens the store.
#[derive(Clone)]
pub(super) enum Key {
    /// X25519 keys; the first that fits is used.
    Identities(Vec<x25519::Identity>),
    /// The passphrase of a store that is a single `age -p` file.
    Passphrase(SecretString),
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Identities(_) => "Key::Identities([REDACTED])",
            Self::Passphrase(_) => "Key::Passphrase([REDACTED])",
        })
    }
}

/// What a file that holds a key looks like.
pub(super) enum IdentityFile {
    /// Keys as they are.
    Plain(Vec<x25519::Identity>),
    /// Wrapped by a passphrase: the bytes of the age file.
    Wrapped(Vec<u8>),
}

/// Reads a key file: bare keys only when nobody else can read it.
pub(super) fn read_file(path: &Path) -> Result<IdentityFile, VaultError> {
    let bytes = Zeroizing::new(private::read_bounded(path)?);
    if age_file::looks_like_age(&bytes) {
        return Ok(IdentityFile::Wrapped(bytes.to_vec()));
    }
    private::require_private(path)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| not_a_key(&path.display()))?;
    Ok(IdentityFile::Plain(parse(text, &path.display())?))
}

/// The keys in the text of an age identity file: one a line, with comments.
pub(super) fn parse(text: &str, source: &dyn fmt::Display) -> Result<Vec<x25519::Identity>, VaultError> {
    let mut keys = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        // The parser's own words could quote the line: only that it failed is told.
        keys.push(line.parse::<x25519::Identity>().map_err(|_| not_a_key(source))?);
    }
    if keys.is_empty() { Err(not_a_key(source)) } else { Ok(keys) }
}

/// Unwraps a wrapped key with its passphrase.
pub(super) fn unwrap(
    wrapped: &[u8],
    passphrase: &SecretString,
    path: &Path,
    max_work_factor: u8,
) -> Result<Vec<x25519::Identity>, VaultError> {
    if passphrase.expose_secret().is_empty() {
        return Err(VaultError::EmptyPassphrase);
    }
    if !age_file::wants_passphrase(wrapped, path)? {
        return Err(not_a_key(&path.display()));
    }
    let key = Key::Passphrase(passphrase.clone());
    let text = age_file::decrypt(wrapped, &key, path, max_work_factor)?;
    let text = std::str::from_utf8(&text).map_err(|_| not_a_key(&path.display()))?;
    parse(text, &path.display())
}

/// The text of an identity file with these keys.
pub(super) fn to_text(keys: &[x25519::Identity]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(128 + keys.len() * 80));
    text.push_str("# The key of the vector-inspector store beside this file. Whoever has it can read the profiles.\n");
    for key in keys {
        text.push_str(key.to_string().expose_secret());
        text.push('\n');
    }
    text
}

fn not_a_key(source: &dyn fmt::Display) -> VaultError {
    VaultError::NotAKey { source_name: source.to_string() }
}

/// The work factor for new passphrases: 18 (256 MiB, about a second), 17 where memory is short.
pub(super) fn default_work_factor() -> u8 {
    const SMALL: u64 = 2 << 30;
    if memory_bytes().is_some_and(|bytes| bytes < SMALL) { 17 } else { 18 }
}

/// Memory of this machine or of the container, whichever is less; `None` where it cannot be told.
fn memory_bytes() -> Option<u64> {
    let machine = std::fs::read_to_string("/proc/meminfo").ok().and_then(|text| {
        let line = text.lines().find(|line| line.starts_with("MemTotal:"))?;
        Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? * 1024)
    });
    let container = std::fs::read_to_string("/sys/fs/cgroup/memory.max").ok().and_then(|text| text.trim().parse().ok());
    match (machine, container) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}
