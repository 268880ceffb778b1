//! Shared files: encrypted to other people's keys, and opened with one's own. The format is that of any
//! age file, so that `age` and `rage` open them, too.
//!
//! `share` and `import` are the only callers. Of ssh's keys only ed25519 is taken: the library for RSA
//! has a known weakness in its timing that has no fix.

use std::io::ErrorKind;
use std::path::Path;

use age::ssh;
use age::x25519;
use zeroize::Zeroizing;

use super::identity::{self, Key};
use super::{Result, Vault, VaultError, VaultState, age_file, private};

/// Somebody to whom a file can be encrypted.
#[derive(Clone)]
pub struct Recipient(Kind);

#[derive(Clone)]
enum Kind {
    Age(x25519::Recipient),
    Ssh(ssh::Recipient),
}

impl std::fmt::Debug for Recipient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Kind::Age(key) => write!(f, "{key}"),
            Kind::Ssh(key) => write!(f, "{key}"),
        }
    }
}

impl Recipient {
    /// Reads `age1...` or `ssh-ed25519 AAAA... comment`.
    ///
    /// # Errors
    /// The reason, to be put behind the text that was given.
    pub fn parse(text: &str) -> std::result::Result<Self, &'static str> {
        let text = text.trim();
        match text.split_whitespace().next().unwrap_or_default() {
            "" => Err("it is empty"),
            "ssh-ed25519" => {
                text.parse().map(|key| Self(Kind::Ssh(key))).map_err(|_| "the key after its kind is damaged")
            }
            "ssh-rsa" => {
                Err("RSA is not taken: the library for it has a known weakness without a fix. Use an ssh-ed25519 key")
            }
            kind if kind.starts_with("ssh-") || kind.starts_with("sk-") || kind.starts_with("ecdsa-") => {
                Err("of ssh's keys only ssh-ed25519 is taken")
            }
            kind if kind.starts_with("AGE-SECRET-KEY-") => {
                Err("it is a secret key. Give the public one (age1...), and keep this one to yourself")
            }
            kind if kind.starts_with("age1") => {
                text.parse().map(|key| Self(Kind::Age(key))).map_err(|_| "it is damaged, or needs a plugin of age")
            }
            _ => Err("it begins neither with age1 nor with ssh-ed25519"),
        }
    }

    fn as_age(&self) -> &dyn age::Recipient {
        match &self.0 {
            Kind::Age(key) => key,
            Kind::Ssh(key) => key,
        }
    }
}

/// Encrypts a text to all of these, armored.
///
/// # Errors
/// [`VaultError::NotEncrypted`], also for no recipient at all.
pub fn encrypt(plaintext: &[u8], recipients: &[Recipient]) -> Result<Vec<u8>> {
    age_file::encrypt_to_all(plaintext, recipients.iter().map(Recipient::as_age))
}

/// A key of the user's own that may open a shared file: an age identity or a private key of ssh.
pub enum Opener {
    /// Bare age keys.
    Age(Vec<x25519::Identity>),
    /// A private key of ssh without a passphrase.
    Ssh(Box<ssh::Identity>),
}

impl Opener {
    /// Reads the key file; `None` for one that is wrapped by a passphrase, which opens the store only.
    ///
    /// # Errors
    /// [`VaultError`]: others can read it, it holds no key, or one that cannot be used.
    pub fn read(path: &Path) -> Result<Option<Self>> {
        let bytes = Zeroizing::new(private::read_bounded(path)?);
        if age_file::looks_like_age(&bytes) {
            return Ok(None);
        }
        private::require_private(path)?;
        let shown = path.display();
        let not_a_key = || VaultError::NotAKey { source_name: shown.to_string() };
        if !bytes.trim_ascii_start().starts_with(b"-----BEGIN") {
            let text = std::str::from_utf8(&bytes).map_err(|_| not_a_key())?;
            return Ok(Some(Self::Age(identity::parse(text, &shown)?)));
        }
        let key = ssh::Identity::from_buffer(bytes.as_slice(), None).map_err(|cause| match cause.kind() {
            ErrorKind::InvalidData | ErrorKind::Interrupted => not_a_key(),
            _ => VaultError::file("read", path, &cause),
        })?;
        let unusable = |why| VaultError::SshKey { path: path.to_owned(), why };
        if matches!(ssh::Recipient::try_from(key.clone()), Ok(ssh::Recipient::SshRsa(..))) {
            return Err(unusable("it is an RSA key; files are encrypted to ssh-ed25519 only"));
        }
        match &key {
            ssh::Identity::Unencrypted(_) => Ok(Some(Self::Ssh(Box::new(key)))),
            ssh::Identity::Encrypted(_) => {
                Err(unusable("it has a passphrase, which is not asked for here. Open the file with `age -d`"))
            }
            ssh::Identity::Unsupported(_) => Err(unusable("its kind is not known to age")),
        }
    }

    /// Whether it can open the store, too: an age key can.
    pub fn may_open_a_store(&self) -> bool {
        matches!(self, Self::Age(_))
    }
}

impl std::fmt::Debug for Opener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Opener([REDACTED])")
    }
}

impl Vault {
    /// The public keys of what opens the store: what others encrypt a file to that is for its owner. Those of the
    /// named key where there is no store yet.
    ///
    /// # Errors
    /// [`VaultError::Absent`], [`VaultError::Locked`]; [`VaultError::NoRecipients`] for a store that is a single file
    /// with a passphrase.
    pub fn own_recipients(&self, named: Option<&Opener>) -> Result<Vec<String>> {
        let public = |keys: &[x25519::Identity]| keys.iter().map(|key| key.to_public().to_string()).collect();
        match (self.state(), named) {
            (VaultState::Absent, Some(Opener::Age(keys))) => Ok(public(keys)),
            _ => match self.key_for_store()?.as_ref() {
                Key::Identities(keys) => Ok(public(keys)),
                Key::Passphrase(_) => Err(VaultError::NoRecipients),
            },
        }
    }

    /// The plain text of a shared file, opened with the key that was named or with the store's own.
    ///
    /// # Errors
    /// [`VaultError::WrongKey`] if none of them opens it; [`VaultError::Damaged`] for a file that is
    /// cut short or altered.
    pub fn open_shared(&self, bytes: &[u8], path: &Path, named: Option<&Opener>) -> Result<Zeroizing<Vec<u8>>> {
        if age_file::wants_passphrase(bytes, path)? {
            return Err(VaultError::SharedByPassphrase { path: path.to_owned() });
        }
        let own = self.key().ok();
        let mut keys: Vec<&dyn age::Identity> = Vec::new();
        match named {
            Some(Opener::Age(list)) => keys.extend(list.iter().map(|key| key as &dyn age::Identity)),
            Some(Opener::Ssh(key)) => keys.push(key.as_ref()),
            None => {}
        }
        if let Some(Key::Identities(list)) = own.as_deref() {
            keys.extend(list.iter().map(|key| key as &dyn age::Identity));
        }
        age_file::decrypt_shared(bytes, &keys, path)
    }
}

/// Whether these bytes are an age file.
pub fn is_encrypted(bytes: &[u8]) -> bool {
    age_file::looks_like_age(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_encrypted_to_safely_is_a_recipient() {
        let key = x25519::Identity::generate().to_public().to_string();
        assert!(Recipient::parse(&format!(" {key} ")).is_ok());
        let ed = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHsKLqeplhpW+uObz5dvMgjz1OxfM/XXUB+VHtZ6isGN alice@rust";
        assert!(Recipient::parse(ed).is_ok());
        for (text, part) in [
            ("ssh-rsa AAAAB3NzaC1yc2E bob", "RSA is not taken"),
            ("ecdsa-sha2-nistp256 AAAA", "only ssh-ed25519"),
            ("sk-ssh-ed25519@openssh.com AAAA", "only ssh-ed25519"),
            ("ssh-ed25519 AAAA", "damaged"),
            ("age1yubikey1qqq", "plugin"),
            ("AGE-SECRET-KEY-1QQQ", "secret key"),
            ("bob", "neither"),
            ("", "empty"),
        ] {
            let why = Recipient::parse(text).map(|_| ()).map_err(str::to_owned);
            assert!(why.as_ref().is_err_and(|why| why.contains(part)), "{text}: {why:?}");
        }
    }
}
