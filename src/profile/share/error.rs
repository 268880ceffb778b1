//! Why profiles could not be shared.

use thiserror::Error;

use crate::profile::vault::VaultError;

/// Why an export did not happen.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ShareError {
    /// A recipient cannot be used.
    #[error("the recipient {shown:?} cannot be used: {why}. Nothing was written.")]
    Recipient {
        /// What was given, shortened; a secret key is not repeated.
        shown: String,
        /// The reason.
        why: &'static str,
    },
    /// Secrets need recipients.
    #[error(
        "secrets are exported in encrypted form only: give --recipient age1... or ssh-ed25519 ..., or --recipients-file FILE."
    )]
    NoRecipients,
    /// A file of recipients has none.
    #[error("{path} names no recipient: one in a line, age1... or ssh-ed25519 ....")]
    EmptyRecipientsFile {
        /// The file.
        path: String,
    },
    /// Nothing is left to be shared.
    #[error("none of the chosen profiles can be shared: {why}")]
    Nothing {
        /// Why each was left out.
        why: String,
    },
    /// The flags select none.
    #[error("no profile is like that, so nothing was exported. List them with: vector-inspector profiles list")]
    NoneChosen,
    /// A profile cannot be written, or the text not encrypted.
    #[error(transparent)]
    Store(#[from] VaultError),
}
