//! The plain configuration file `config.toml`: looks, keys, limits; no hosts and no secrets.
//!
//! Read once at the start, by the screen and the commands. [`options`] is the one table of what may
//! stand in it; `docs/configuration.md` explains the same options for people. The bindings under
//! `[keys.<layer>]` are handed on as text: `keymap` knows chords and actions.

mod error;
pub mod options;
mod read;

use std::path::{Path, PathBuf};
use std::time::Duration;

pub use error::ConfigError;

pub use crate::app::settings::ThemeName;
use crate::profile::model::Environment;
use crate::text::Glyphs;

/// Largest file that is read as configuration, in bytes.
const LARGEST: u64 = 1024 * 1024;

/// How text is copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ClipboardMode {
    /// By the escape sequence OSC 52: the terminal copies, also over SSH.
    #[default]
    Osc52,
    /// Not at all.
    Off,
}

impl ClipboardMode {
    /// All, in the order of menus.
    pub const ALL: [Self; 2] = [Self::Osc52, Self::Off];

    /// The word in the file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Osc52 => "osc52",
            Self::Off => "off",
        }
    }

    /// The mode of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|m| m.name() == name)
    }
}

/// Whether what was open is opened again at a start without targets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Restore {
    /// It is.
    #[default]
    Always,
    /// The user is asked.
    Ask,
    /// It is not, and nothing is kept for it.
    Never,
}

impl Restore {
    /// All, in the order of menus.
    pub const ALL: [Self; 3] = [Self::Always, Self::Ask, Self::Never];

    /// The word in the file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Ask => "ask",
            Self::Never => "never",
        }
    }

    /// The choice of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|choice| choice.name() == name)
    }
}

/// One line under `[keys.<layer>]`, unchecked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyBinding {
    /// The layer, e.g. `records`.
    pub layer: String,
    /// The chord as written, e.g. `ctrl-p`.
    pub chord: String,
    /// The action as written, e.g. `quick_connect`.
    pub action: String,
    /// Where it stands in the file, counted from 1.
    pub line: usize,
}

/// All settings, with their defaults where the file says nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Colors; `None` if the file names none: then `NO_COLOR` decides between dark and mono.
    pub theme: Option<ThemeName>,
    /// What lines and symbols are drawn with.
    pub glyphs: Glyphs,
    /// Whether clicks and the wheel go to the program and not to the terminal.
    pub mouse: bool,
    /// Records in one page.
    pub page_size: usize,
    /// Width of the sidebar in columns; `None` goes by the width of the screen.
    pub sidebar_width: Option<u16>,
    /// Age identity that opens the store of profiles.
    pub identity: Option<PathBuf>,
    /// Longest time to connect, where the profile says nothing.
    pub connect_timeout: Duration,
    /// Longest time for one answer, where the profile says nothing.
    pub request_timeout: Duration,
    /// Profiles of this environment and those nearer to production are read-only.
    pub read_only_from: Environment,
    /// Whether what was open is opened again.
    pub restore: Restore,
    /// How text is copied.
    pub clipboard: ClipboardMode,
    /// Frames a second at most.
    pub max_fps: u16,
    /// Key bindings in the order of the file.
    pub keys: Vec<KeyBinding>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            theme: None,
            glyphs: Glyphs::Unicode,
            mouse: true,
            page_size: 100,
            sidebar_width: None,
            identity: None,
            connect_timeout: Duration::from_secs(5),
            request_timeout: Duration::from_secs(30),
            read_only_from: Environment::Production,
            restore: Restore::Always,
            clipboard: ClipboardMode::Osc52,
            max_fps: 60,
            keys: Vec::new(),
        }
    }
}

impl Config {
    /// Reads the file; the defaults if there is none.
    ///
    /// # Errors
    /// When the file cannot be read, is no TOML, or holds something else than the documented
    /// options. The line is named.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let unreadable = |source| ConfigError::Unreadable { path: path.into(), source };
        match std::fs::metadata(path) {
            Ok(found) if found.is_dir() => return Err(unreadable(std::io::ErrorKind::IsADirectory.into())),
            Ok(found) if found.len() > LARGEST => return Err(ConfigError::TooLarge { path: path.into() }),
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(unreadable(error)),
        }
        let text = std::fs::read_to_string(path).map_err(unreadable)?;
        Self::parse(&text, path)
    }

    /// Reads the text of a file; `path` is for messages and for paths relative to it.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        read::read(text, path)
    }
}
