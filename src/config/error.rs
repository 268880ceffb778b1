//! What can be wrong with `config.toml`, as sentences.

use std::io;
use std::path::Path;

use thiserror::Error;

/// Why the configuration was refused. Nothing of it is used then.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file is there and cannot be read.
    #[error("cannot read the configuration {}: {source}; mend the file or move it away", .path.display())]
    Unreadable {
        /// The file.
        path: Box<Path>,
        /// Why.
        source: io::Error,
    },
    /// The file is too large to be a configuration.
    #[error("the configuration {} is larger than 1 MiB; it must be another file: move it away", .path.display())]
    TooLarge {
        /// The file.
        path: Box<Path>,
    },
    /// The file is no TOML.
    #[error("{} line {line}: not valid TOML: {reason}", .path.display())]
    Syntax {
        /// The file.
        path: Box<Path>,
        /// Counted from 1.
        line: usize,
        /// What the parser says.
        reason: String,
    },
    /// A key that means nothing.
    #[error("{} line {line}: there is no option `{key}`{}", .path.display(), suggestion(.nearest.as_deref()))]
    UnknownKey {
        /// The file.
        path: Box<Path>,
        /// Counted from 1.
        line: usize,
        /// The key.
        key: String,
        /// The option that was probably meant.
        nearest: Option<String>,
    },
    /// A value of another kind than the option takes.
    #[error("{} line {line}: `{key}` takes {wanted}, not {found}", .path.display())]
    WrongType {
        /// The file.
        path: Box<Path>,
        /// Counted from 1.
        line: usize,
        /// The option.
        key: String,
        /// What it takes.
        wanted: Box<str>,
        /// What stands there.
        found: Box<str>,
    },
    /// A value of the right kind that is not allowed.
    #[error("{} line {line}: `{key}` takes {wanted}, not {found}{}", .path.display(), suggestion(.nearest.as_deref()))]
    BadValue {
        /// The file.
        path: Box<Path>,
        /// Counted from 1.
        line: usize,
        /// The option.
        key: String,
        /// What it takes.
        wanted: Box<str>,
        /// What stands there.
        found: Box<str>,
        /// The word that was probably meant.
        nearest: Option<String>,
    },
}

impl ConfigError {
    /// The line in the file that it is about, counted from 1.
    pub fn line(&self) -> Option<usize> {
        match self {
            Self::Unreadable { .. } | Self::TooLarge { .. } => None,
            Self::Syntax { line, .. }
            | Self::UnknownKey { line, .. }
            | Self::WrongType { line, .. }
            | Self::BadValue { line, .. } => Some(*line),
        }
    }
}

fn suggestion(nearest: Option<&str>) -> String {
    nearest.map_or_else(|| "; docs/configuration.md lists all".to_owned(), |name| format!("; did you mean `{name}`?"))
}
