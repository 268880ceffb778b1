//! Why a job did not end well.

use thiserror::Error;

use crate::provider::ProviderError;

/// Why a job did not end well.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum JobError {
    /// The user ended it.
    #[error("the job was cancelled.")]
    Cancelled,
    /// A database did not do what it was asked.
    #[error("{}", at(label, source))]
    Provider {
        /// Which side.
        label: String,
        /// Why.
        source: ProviderError,
    },
    /// What does not fit into memory could not be kept on disk.
    #[error(
        "the temporary file of the job could not be used: {cause}. Make room on the disk, or set TMPDIR to a directory with room."
    )]
    TempFile {
        /// The system's words.
        cause: String,
    },
    /// There is no vector field to search.
    #[error("{side} has no such vector field. It has: {fields}. Give one of these with --using.")]
    NoVectorField {
        /// The collection.
        side: String,
        /// The names of its vector fields.
        fields: String,
    },
    /// The second side cannot be made like the first.
    #[error("{b} cannot be made like the other collection: {why}. Copy into a new collection instead.")]
    NotAlike {
        /// The second side.
        b: String,
        /// A clause.
        why: String,
    },
    /// The comparison that somebody agreed to does not hold any more.
    #[error("{a} or {b} was changed since they were compared: nothing was written. Compare them again.")]
    NotAsAgreed {
        /// The first side.
        a: String,
        /// The second side.
        b: String,
    },
    /// Who is told of the outcome could not take it.
    #[error("{cause}")]
    Told {
        /// A sentence.
        cause: String,
    },
    /// A fault of this program inside the job.
    #[error("an internal fault ended the job: {cause}. Please report it; the log has the details.")]
    Broken {
        /// The panic's message.
        cause: String,
    },
}

/// The error after the side's label, unless it begins with that by itself.
fn at(label: &str, source: &ProviderError) -> String {
    let text = source.to_string();
    if text.starts_with(label) { text } else { format!("{label}: {text}") }
}
