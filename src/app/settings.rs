//! What the user set in `config.toml`, as far as the screen cares.

use crate::profile::model::Environment;

/// A color theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ThemeName {
    /// The terminal's own 16 colors on dark.
    #[default]
    Dark,
    /// The terminal's own 16 colors on light.
    Light,
    /// 24-bit colors.
    TrueColor,
    /// No color: bold, dim, reverse, underline only. Chosen by `NO_COLOR`.
    Mono,
}

impl ThemeName {
    /// All, in the order in which the key goes through them.
    pub const ALL: [Self; 4] = [Self::Dark, Self::Light, Self::TrueColor, Self::Mono];

    /// The word in `config.toml`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Light => "light",
            Self::TrueColor => "truecolor",
            Self::Mono => "mono",
        }
    }

    /// The theme of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.name() == name)
    }

    /// The next one.
    pub fn next(self) -> Self {
        let at = Self::ALL.iter().position(|theme| *theme == self).unwrap_or(0);
        Self::ALL[(at + 1) % Self::ALL.len()]
    }
}

/// Settings of the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Colors.
    pub theme: ThemeName,
    /// Only ASCII glyphs.
    pub ascii: bool,
    /// Records asked for at once.
    pub page_size: usize,
    /// Hits asked for at once.
    pub top: usize,
    /// This environment and those nearer to production are read-only.
    pub read_only_from: Environment,
}

impl Default for Settings {
    fn default() -> Self {
        let read_only_from = Environment::Production;
        Self { theme: ThemeName::default(), ascii: false, page_size: 100, top: 20, read_only_from }
    }
}
