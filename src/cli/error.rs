//! Why a command failed, with the exit code that it means.

use thiserror::Error;

use super::Exit;
use crate::jobs::JobError;
use crate::jobs::backup::BackupError;
use crate::jobs::copy::CopyError;
use crate::profile::destination::Moved;
use crate::profile::import::ImportError;
use crate::profile::project::ProjectError;
use crate::profile::secret::SecretError;
use crate::profile::share::ShareError;
use crate::profile::spec::SpecError;
use crate::profile::target::TargetError;
use crate::profile::vault::VaultError;
use crate::provider::{ErrorKind, Lock, ProviderError};

/// Why a command failed; printed as one sentence on stderr.
#[derive(Debug, Error)]
pub enum CliError {
    /// The words of the command line do not fit together.
    #[error("{0}")]
    Usage(String),
    /// A target is none.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// A database did not do what it was asked.
    #[error("{}", at(target, source))]
    Provider {
        /// The target's label.
        target: String,
        /// Why.
        source: ProviderError,
    },
    /// What a command was to write to is read-only.
    #[error("{target}: {what} was refused: {lock}. {mend}")]
    ReadOnly {
        /// The target's label.
        target: String,
        /// What was to be done.
        what: String,
        /// Why it is read-only.
        lock: Lock,
        /// What helps, a sentence.
        mend: String,
    },
    /// The store of profiles did not do what it was asked.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// Profiles could not be exported.
    #[error(transparent)]
    Share(#[from] ShareError),
    /// A file could not be imported.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// The file of a project is not used.
    #[error(transparent)]
    Project(Box<ProjectError>),
    /// A profile cannot be opened as it is.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// A copy was not begun, or stopped.
    #[error(transparent)]
    Copy(CopyError),
    /// A copy stopped, and can go on.
    #[error(transparent)]
    Stopped(CopyError),
    /// A backup was not begun, or stopped.
    #[error(transparent)]
    Backup(Box<BackupError>),
    /// A new passphrase is wanted and there is no terminal to ask on.
    #[error(
        "there is no terminal to ask for the passphrase of the store in {dir}. For a store without one, give --key-file or --identity FILE to `profiles add`; for `profiles passwd`, --new-passphrase-stdin."
    )]
    NoTerminal {
        /// Directory of the store.
        dir: String,
    },
    /// A change of a profile would send a secret elsewhere.
    #[error(
        "{profile}: {moved}, so nothing was changed. Give the secret of the new place along with it (--secret-stdin, --secret-env ..., --proxy-secret), or allow it with --move-key."
    )]
    KeyMoved {
        /// The profile.
        profile: String,
        /// Which secret, from where to where.
        moved: Moved,
    },
    /// Reading an argument's file or stdin failed.
    #[error("{what} could not be read: {cause}. Check that it is there, not empty, and that you may read it.")]
    Input {
        /// What was to be read.
        what: String,
        /// The system's words.
        cause: String,
    },
    /// A job did not end well.
    #[error(transparent)]
    Job(JobError),
    /// Writing a file that the user named failed.
    #[error("{path} could not be written: {cause}. Check that its directory is there and that you may write to it.")]
    FileOutput {
        /// The file.
        path: String,
        /// The system's words.
        cause: String,
    },
    /// Writing to stdout failed.
    #[error("the output could not be written: {0}. Is the disk full?")]
    Output(#[from] std::io::Error),
    /// A fault of this program's environment.
    #[error("{0}")]
    Environment(String),
}

/// The error after the target's name, unless it begins with that name by itself.
pub fn at(target: &str, error: &ProviderError) -> String {
    let text = error.to_string();
    if text.starts_with(target) { text } else { format!("{target}: {text}") }
}

impl From<ProjectError> for CliError {
    fn from(error: ProjectError) -> Self {
        Self::Project(Box::new(error))
    }
}

impl From<BackupError> for CliError {
    fn from(error: BackupError) -> Self {
        Self::Backup(Box::new(error))
    }
}

fn of_backup(error: &BackupError) -> Exit {
    match error {
        BackupError::Job(JobError::Provider { source, .. }) => Exit::of(source.kind()),
        // The files that are whole stay, and the same command goes on.
        BackupError::Job(_) | BackupError::File { .. } => Exit::Partly,
        _ => Exit::Usage,
    }
}

impl CliError {
    /// A provider's error at that target.
    pub fn provider(target: &str, source: ProviderError) -> Self {
        Self::Provider { target: target.to_owned(), source }
    }

    /// The exit code that it means.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Usage(_) | Self::Target(_) | Self::Input { .. } | Self::Output(_) | Self::Environment(_) => {
                Exit::Usage
            }
            Self::Copy(CopyError::Job(JobError::Provider { source, .. })) => Exit::of(source.kind()),
            Self::Stopped(CopyError::Job(JobError::Provider { source, .. })) => Exit::of(source.kind()),
            // What was written stays, and it can be resumed.
            Self::Stopped(_) | Self::Copy(CopyError::Job(_) | CopyError::Rejects { .. }) => Exit::Partly,
            Self::Copy(CopyError::NothingSelected { .. }) => Exit::Nothing,
            Self::Copy(_) => Exit::Usage,
            Self::Backup(error) => of_backup(error),
            Self::FileOutput { .. } | Self::KeyMoved { .. } => Exit::Usage,
            Self::Job(JobError::Broken { .. }) => Exit::Unreachable,
            Self::Job(_) => Exit::Usage,
            Self::NoTerminal { .. }
            | Self::Vault(VaultError::NobodyToAsk { .. } | VaultError::Cancelled)
            | Self::Spec(SpecError::Secret { cause: SecretError::NoTerminal | SecretError::NotTyped, .. }) => {
                Exit::Locked
            }
            Self::Spec(SpecError::Secret { cause: SecretError::SignIn(cause), .. }) => Exit::of(cause.kind()),
            Self::Vault(error) if error.is_about_the_key() => Exit::Authentication,
            Self::Share(ShareError::Store(error)) | Self::Import(ImportError::Store(error))
                if error.is_about_the_key() =>
            {
                Exit::Authentication
            }
            Self::Vault(_) | Self::Spec(_) | Self::Share(_) | Self::Import(_) | Self::Project(_) => Exit::Usage,
            Self::Provider { source: ProviderError::NoSuchRecord { .. }, .. } => Exit::Nothing,
            Self::ReadOnly { .. } => Exit::of(ErrorKind::Request),
            Self::Provider { source: ProviderError::NotADatabase { .. }, .. } => Exit::of(ErrorKind::Request),
            Self::Provider { source, .. } => Exit::of(source.kind()),
        }
    }

    /// Whether the reader of stdout has gone away (`| head`): no fault, and nothing to say.
    pub fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == std::io::ErrorKind::BrokenPipe)
    }
}
