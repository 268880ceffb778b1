//! The ways to the key of the store, in a fixed order. What the user gave and what does not work is
//! an error at once; nothing that was given is passed over in silence.

use std::ffi::OsString;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::super::secret;
use super::identity::{self, IdentityFile, Key};
use super::{Result, Vault, VaultError, VaultState, age_file, private};

/// How long a command may take to print a key or passphrase.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(60);
/// How often a prompt is asked before a wrong passphrase is an error.
const ATTEMPTS: u32 = 3;

/// Where the key may come from. They are tried in the order of the fields; after them come the key
/// file beside the store and the prompt. `Debug` shows no secret.
#[derive(Debug, Clone, Default)]
pub struct UnlockOptions {
    /// A file with an age key, bare or wrapped by a passphrase: `--identity FILE`, or the variable
    /// `VECTOR_INSPECTOR_IDENTITY`.
    pub identity: Option<PathBuf>,
    /// The key itself: `VECTOR_INSPECTOR_KEY`.
    pub key: Option<SecretString>,
    /// A command (argv, no shell) that prints the key: `VECTOR_INSPECTOR_KEY_COMMAND`.
    pub key_command: Option<Vec<String>>,
    /// A file descriptor to read the passphrase from: `VECTOR_INSPECTOR_PASSPHRASE_FD`.
    pub passphrase_fd: Option<u32>,
    /// A private file with the passphrase: `VECTOR_INSPECTOR_PASSPHRASE_FILE`.
    pub passphrase_file: Option<PathBuf>,
    /// A command that prints the passphrase: `VECTOR_INSPECTOR_PASSPHRASE_COMMAND`.
    pub passphrase_command: Option<Vec<String>>,
    /// The identity path of `config.toml`; tried after the key file beside the store.
    pub configured_identity: Option<PathBuf>,
}

impl UnlockOptions {
    /// What the environment says; a flag is put over it by the caller.
    ///
    /// # Errors
    /// [`VaultError::BadVariable`] for a value that cannot be used.
    pub fn from_env() -> Result<Self> {
        Self::from_lookup(|name| std::env::var_os(name))
    }

    /// The same from any list of variables. An empty value counts as none.
    ///
    /// # Errors
    /// [`VaultError::BadVariable`] for a value that cannot be used.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<OsString>) -> Result<Self> {
        let raw = |name| lookup(name).filter(|value| !value.is_empty());
        let text = |variable| {
            raw(variable)
                .map(|value| {
                    value.into_string().map_err(|_| VaultError::BadVariable { variable, why: "it is not valid UTF-8" })
                })
                .transpose()
        };
        let command = |variable| -> Result<Option<Vec<String>>> {
            let Some(line) = text(variable)? else { return Ok(None) };
            let words = secret::split_words(&line)
                .ok_or(VaultError::BadVariable { variable, why: "a quote in it is not closed" })?;
            Ok(Some(words).filter(|words| !words.is_empty()))
        };
        let fd = "VECTOR_INSPECTOR_PASSPHRASE_FD";
        Ok(Self {
            identity: raw("VECTOR_INSPECTOR_IDENTITY").map(PathBuf::from),
            key: text("VECTOR_INSPECTOR_KEY")?.map(SecretString::from),
            key_command: command("VECTOR_INSPECTOR_KEY_COMMAND")?,
            passphrase_fd: text(fd)?
                .map(|n| {
                    let why = "it is not the number of a file descriptor";
                    n.trim().parse().map_err(|_| VaultError::BadVariable { variable: fd, why })
                })
                .transpose()?,
            passphrase_file: raw("VECTOR_INSPECTOR_PASSPHRASE_FILE").map(PathBuf::from),
            passphrase_command: command("VECTOR_INSPECTOR_PASSPHRASE_COMMAND")?,
            configured_identity: None,
        })
    }
}

/// What a prompt is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// The file that the passphrase opens.
    pub path: PathBuf,
    /// 1 for the first time, 2 after a wrong passphrase, and so on.
    pub attempt: u32,
}

/// Asks the user for the passphrase; `None` when they would rather not.
pub type Prompt<'a> = dyn FnMut(&Ask) -> Option<SecretString> + 'a;

/// The way that opened the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnlockedBy {
    /// The key was in memory already.
    Memory,
    /// A key file that was named.
    Identity,
    /// A key from a variable or a command.
    Key,
    /// A passphrase from a descriptor, a file or a command.
    Passphrase,
    /// The key file beside the store, or the one that `config.toml` names.
    KeyFile,
    /// A passphrase that was typed.
    Prompt,
}

/// Goes through the ways; the key that comes back has opened the store.
pub(super) fn find_key(
    vault: &Vault,
    options: &UnlockOptions,
    mut prompt: Option<&mut Prompt<'_>>,
) -> Result<(Key, UnlockedBy)> {
    let store = Store::read(vault)?;

    // What wants a passphrase: a wrapped key that was named, the one beside the store, or the store.
    let mut wrapped = None;
    if let Some(path) = &options.identity {
        match identity::read_file(path)? {
            IdentityFile::Plain(keys) => {
                return Ok((store.check(Key::Identities(keys), &path.display().to_string())?, UnlockedBy::Identity));
            }
            IdentityFile::Wrapped(bytes) => wrapped = Some(Wrapped::Identity { path: path.clone(), bytes }),
        }
    }
    let named = wrapped.is_some();
    if !named {
        if let Some((keys, source)) = given_keys(options)? {
            return Ok((store.check(Key::Identities(keys), source)?, UnlockedBy::Key));
        }
        wrapped = store.wrapped()?;
    }
    if let Some(wrapped) = &wrapped
        && let Some(passphrase) = given_passphrase(options)?
    {
        return Ok((store.open(wrapped, &passphrase)?, UnlockedBy::Passphrase));
    }
    let mut last_problem = None;
    if !named {
        for path in [Some(vault.paths().key_file()), options.configured_identity.clone()].into_iter().flatten() {
            match key_file(&path) {
                None => {}
                Some(Ok(IdentityFile::Plain(keys))) => {
                    match store.check(Key::Identities(keys), &path.display().to_string()) {
                        Ok(key) => return Ok((key, UnlockedBy::KeyFile)),
                        Err(problem) => last_problem = Some(problem),
                    }
                }
                Some(Ok(IdentityFile::Wrapped(bytes))) => {
                    wrapped = wrapped.or(Some(Wrapped::Identity { path, bytes }));
                }
                Some(Err(problem)) => return Err(problem),
            }
        }
    }
    match (&wrapped, &mut prompt, last_problem) {
        (Some(wrapped), Some(prompt), _) => ask(&store, wrapped, *prompt).map(|key| (key, UnlockedBy::Prompt)),
        (_, _, Some(problem)) => Err(problem),
        (Some(_), None, None) => Err(VaultError::NobodyToAsk { dir: vault.paths().dir().to_owned() }),
        (None, _, None) => Err(VaultError::NoIdentity { path: vault.paths().store() }),
    }
}

/// Opens the store with a passphrase that was typed.
pub(super) fn with_passphrase(vault: &Vault, passphrase: &SecretString) -> Result<Key> {
    let store = Store::read(vault)?;
    match store.wrapped()? {
        Some(wrapped) => store.open(&wrapped, passphrase),
        None => Err(VaultError::NoIdentity { path: vault.paths().store() }),
    }
}

/// What a passphrase opens.
enum Wrapped {
    /// An identity file.
    Identity { path: PathBuf, bytes: Vec<u8> },
    /// The store itself: a single `age -p` file.
    Store,
}

/// The encrypted store, read once for an unlock.
struct Store<'a> {
    vault: &'a Vault,
    path: PathBuf,
    bytes: Vec<u8>,
    wants_passphrase: bool,
}

impl<'a> Store<'a> {
    fn read(vault: &'a Vault) -> Result<Self> {
        if vault.state() == VaultState::Absent {
            return Err(VaultError::Absent { dir: vault.paths().dir().to_owned() });
        }
        let path = vault.paths().store();
        let bytes = private::read_bounded(&path)?;
        let wants_passphrase = age_file::wants_passphrase(&bytes, &path)?;
        Ok(Self { vault, path, bytes, wants_passphrase })
    }

    fn wrapped(&self) -> Result<Option<Wrapped>> {
        if self.wants_passphrase {
            return Ok(Some(Wrapped::Store));
        }
        let path = self.vault.paths().wrapped_identity();
        if std::fs::symlink_metadata(&path).is_err() {
            return Ok(None);
        }
        let bytes = private::read_bounded(&path)?;
        // Found out now rather than after the user has typed.
        if !age_file::wants_passphrase(&bytes, &path)? {
            return Err(VaultError::NotAKey { source_name: path.display().to_string() });
        }
        Ok(Some(Wrapped::Identity { path, bytes }))
    }

    fn open(&self, wrapped: &Wrapped, passphrase: &SecretString) -> Result<Key> {
        if passphrase.expose_secret().is_empty() {
            return Err(VaultError::EmptyPassphrase);
        }
        match wrapped {
            Wrapped::Identity { path, bytes } => {
                let keys = identity::unwrap(bytes, passphrase, path, self.vault.settings.max_work_factor)?;
                self.check(Key::Identities(keys), &path.display().to_string())
            }
            Wrapped::Store => self.check(Key::Passphrase(passphrase.clone()), "the passphrase"),
        }
    }

    /// Proves that the key opens the store; a store that has nothing to do with it is told apart
    /// from one that is damaged.
    fn check(&self, key: Key, source: &str) -> Result<Key> {
        match self.vault.decode(&self.bytes, &key, &self.path) {
            Ok(_) => Ok(key),
            Err(VaultError::WrongKey { path, .. }) => {
                Err(VaultError::WrongKey { path, source_name: source.to_owned() })
            }
            Err(other) => Err(other),
        }
    }
}

fn key_file(path: &Path) -> Option<Result<IdentityFile>> {
    std::fs::symlink_metadata(path).is_ok().then(|| identity::read_file(path))
}

fn given_keys(options: &UnlockOptions) -> Result<Option<(Vec<age::x25519::Identity>, &'static str)>> {
    if let Some(text) = &options.key {
        let source = "VECTOR_INSPECTOR_KEY";
        return Ok(Some((identity::parse(text.expose_secret(), &source)?, source)));
    }
    if let Some(argv) = &options.key_command {
        let source = "the key command";
        let text =
            secret::run_command(argv, COMMAND_TIMEOUT).map_err(|cause| VaultError::Source { what: "key", cause })?;
        return Ok(Some((identity::parse(text.expose_secret(), &source)?, source)));
    }
    Ok(None)
}

fn given_passphrase(options: &UnlockOptions) -> Result<Option<SecretString>> {
    let failed = |cause| VaultError::Source { what: "passphrase", cause };
    if let Some(number) = options.passphrase_fd {
        return read_descriptor(number).map(Some);
    }
    if let Some(path) = &options.passphrase_file {
        return secret::read_file(path).map(Some).map_err(failed);
    }
    if let Some(argv) = &options.passphrase_command {
        return secret::run_command(argv, COMMAND_TIMEOUT).map(Some).map_err(failed);
    }
    Ok(None)
}

/// The first line from a descriptor that the caller of this program opened.
fn read_descriptor(number: u32) -> Result<SecretString> {
    let failed = |cause| VaultError::Source { what: "passphrase", cause };
    // Without `unsafe` a bare number can only be opened by its name in the file system.
    let path = PathBuf::from(format!("/dev/fd/{number}"));
    let reader: Box<dyn Read> = if number == 0 {
        Box::new(std::io::stdin())
    } else {
        Box::new(std::fs::File::open(&path).map_err(|cause| VaultError::file("read", &path, &cause))?)
    };
    let source = format!("file descriptor {number}");
    secret::first_line(reader, &source).map_err(failed)
}

fn ask(store: &Store<'_>, wrapped: &Wrapped, prompt: &mut Prompt<'_>) -> Result<Key> {
    let path = match wrapped {
        Wrapped::Identity { path, .. } => path.clone(),
        Wrapped::Store => store.path.clone(),
    };
    let mut attempt = 1;
    loop {
        let passphrase = prompt(&Ask { path: path.clone(), attempt }).ok_or(VaultError::Cancelled)?;
        match store.open(wrapped, &passphrase) {
            Err(VaultError::WrongPassphrase { .. } | VaultError::EmptyPassphrase) if attempt < ATTEMPTS => attempt += 1,
            result => return result,
        }
    }
}
