//! From a path to what is in it: reads the files, bounded, and finds out which reader is meant.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::{ImportError, Origin, Reading, compose, desktop, dotenv, shared};
use crate::profile::model::SecretSource;
use crate::profile::vault::{self, is_encrypted};

/// No list of connections is larger.
const LIMIT_MIB: u64 = 8;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// What `profiles export` writes.
    Shared,
    /// A file of the desktop tool.
    Desktop,
    /// A `docker compose` file.
    Compose,
    /// A `.env` file.
    Env,
}

impl Format {
    /// All, in the order of menus.
    pub const ALL: [Self; 4] = [Self::Shared, Self::Desktop, Self::Compose, Self::Env];
    /// Their names, in the same order.
    pub const NAMES: [&'static str; 4] = ["shared", "desktop", "docker-compose", "env"];

    /// The format of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().zip(Self::NAMES).find(|(_, known)| *known == name).map(|(format, _)| format)
    }

    /// Told by the file's name; of one that says nothing, by its first letters.
    fn of(path: &Path, bytes: &[u8]) -> Option<Self> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
        let start = bytes.trim_ascii_start();
        match () {
            () if is_encrypted(bytes) || ends(&[".toml", ".age"]) => Some(Self::Shared),
            () if ends(&[".json"]) || start.starts_with(b"{") => Some(Self::Desktop),
            () if ends(&[".yml", ".yaml"]) => Some(Self::Compose),
            () if name == ".env" || name.starts_with(".env.") || ends(&[".env"]) => Some(Self::Env),
            () if start.starts_with(b"# Profiles of vector-inspector") => Some(Self::Shared),
            () => None,
        }
    }
}

/// What is to be read.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// A file, or a folder in which compose and `.env` files are looked for; without one, the files of the
    /// desktop tool.
    pub path: Option<PathBuf>,
    /// What it is; `None` to find out.
    pub format: Option<Format>,
    /// Whether keys in plain text are taken into the store.
    pub store_secrets: bool,
    /// How a key in plain text is had after all, where it is not taken: the rest of a sentence.
    pub else_keys: &'static str,
    /// The user's home directory.
    pub home: Option<PathBuf>,
}

/// Opens an encrypted file.
pub type Decrypt<'a> = &'a mut dyn FnMut(&[u8], &Path) -> vault::Result<Zeroizing<Vec<u8>>>;

/// Reads what is wished.
///
/// # Errors
/// [`ImportError`]: no file, no known format, nothing in it, or a key that does not open it.
pub fn read(wish: &Wish, decrypt: Decrypt<'_>) -> Result<Reading, ImportError> {
    let mut reading = Reading::default();
    let paths = paths(wish)?;
    for path in &paths {
        reading.join(read_file(path, wish.format, decrypt)?);
    }
    if reading.proposals.is_empty() {
        let shown = paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ");
        return Err(ImportError::Nothing { path: shown, skipped: reading.skipped });
    }
    for proposal in &mut reading.proposals {
        let Some(key) = proposal.plain_key.take() else { continue };
        match (&proposal.profile.secret, wish.store_secrets) {
            (_, true) => proposal.profile.secret = Some(SecretSource::Stored(key)),
            (Some(_), false) => {}
            (None, false) => proposal
                .notes
                .push(format!("Its key is in the file in plain text and was not taken over; {}.", wish.else_keys)),
        }
    }
    Ok(reading)
}

fn paths(wish: &Wish) -> Result<Vec<PathBuf>, ImportError> {
    let Some(path) = &wish.path else {
        let home = wish.home.clone().unwrap_or_default();
        let known = [home.join(".vector-inspector/profiles.json"), home.join(".vector-viewer/connections.json")];
        let there: Vec<PathBuf> = known.into_iter().filter(|path| path.is_file()).collect();
        return if there.is_empty() { Err(ImportError::NoDesktopFile) } else { Ok(there) };
    };
    if !path.is_dir() {
        return Ok(vec![path.clone()]);
    }
    let names = ["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml", ".env"];
    let wanted =
        |path: &PathBuf| path.is_file() && wish.format.is_none_or(|format| Format::of(path, b"") == Some(format));
    let there: Vec<PathBuf> = names.iter().map(|name| path.join(name)).filter(wanted).collect();
    if there.is_empty() {
        return Err(ImportError::EmptyFolder { path: path.display().to_string() });
    }
    Ok(there)
}

fn read_file(path: &Path, format: Option<Format>, decrypt: Decrypt<'_>) -> Result<Reading, ImportError> {
    let shown = path.display().to_string();
    let bytes = read_bounded(path)?;
    let format = format.or_else(|| Format::of(path, &bytes));
    let format = format.ok_or_else(|| ImportError::UnknownFormat { path: shown.clone() })?;
    let bytes = if is_encrypted(&bytes) { decrypt(&bytes, path)? } else { bytes };
    let text = std::str::from_utf8(&bytes).map_err(|_| ImportError::Malformed {
        path: shown.clone(),
        what: "text",
        why: "it is not valid UTF-8".to_owned(),
    })?;
    let absolute = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = absolute.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy().into_owned();
    let id = absolute.display().to_string();
    let origin = Origin { shown: &shown, id: &id, project: &folder };
    match format {
        Format::Shared => shared::read(text, &shown),
        Format::Desktop => desktop::read(text, Origin { project: "", ..origin }),
        Format::Env => dotenv::read(text, origin),
        Format::Compose => {
            let beside = absolute.with_file_name(".env");
            let beside = if beside.is_file() { read_bounded(&beside)? } else { Zeroizing::new(Vec::new()) };
            let (variables, _) = dotenv::variables(&String::from_utf8_lossy(&beside));
            compose::read(text, origin, &|name| variables.get(name).cloned())
        }
    }
}

fn read_bounded(path: &Path) -> Result<Zeroizing<Vec<u8>>, ImportError> {
    let shown = || path.display().to_string();
    let failed = |cause: std::io::Error| ImportError::File { path: shown(), cause: cause.to_string() };
    let file = File::open(path).map_err(failed)?;
    let limit = LIMIT_MIB << 20;
    let mut bytes = Zeroizing::new(Vec::new());
    file.take(limit + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > limit {
        return Err(ImportError::TooLarge { path: shown(), limit: LIMIT_MIB });
    }
    Ok(bytes)
}
