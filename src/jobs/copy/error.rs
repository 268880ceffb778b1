//! Why a copy was not begun, or stopped.

use thiserror::Error;

use crate::jobs::JobError;
use crate::jobs::patience::{After, after};
use crate::provider::ProviderError;

/// Why a copy was not begun, or stopped. What was written before stays; the journal knows how far it came.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum CopyError {
    /// The user ended it, or a database did not do what it was asked.
    #[error(transparent)]
    Job(#[from] JobError),
    /// Both ends are one collection.
    #[error("{name} is both ends of the copy. Give another collection to copy into.")]
    Itself {
        /// The collection.
        name: String,
    },
    /// A collection that is not there.
    #[error("{label} has no collection {name:?}. It has: {known}.")]
    NoCollection {
        /// The source.
        label: String,
        /// What was named.
        name: String,
        /// What there is.
        known: String,
    },
    /// Nothing is there.
    #[error("{label} has no collections; there is nothing to copy. Choose another database.")]
    Empty {
        /// The source.
        label: String,
    },
    /// Of several collections some cannot be copied.
    #[error("{count} of {of} collections cannot be copied; nothing was written. {each}")]
    Several {
        /// How many.
        count: usize,
        /// Of how many.
        of: usize,
        /// Each with why, sentences.
        each: String,
    },
    /// A wish that does not fit the two ends.
    #[error("the copy cannot be made like that: {cause}. {mend}")]
    Wish {
        /// Why.
        cause: String,
        /// What to do, a sentence.
        mend: String,
    },
    /// The filter selects nothing.
    #[error(
        "{name} has no record that the filter {filter} selects: nothing was copied, and nothing was made. Look at the names of the fields in it; ids are no fields."
    )]
    NothingSelected {
        /// The source.
        name: String,
        /// The filter.
        filter: String,
    },
    /// There are records where none may be.
    #[error(
        "{name} has {records} records, and a copy goes into a new or an empty collection; nothing was written. Give another name, or --into-existing to add to it."
    )]
    NotEmpty {
        /// The target.
        name: String,
        /// How many.
        records: u64,
    },
    /// An id is there already.
    #[error(
        "{name} has records with {count} of the ids already, e.g. {example}; nothing was written. Copy into another collection, or leave those records out with --filter."
    )]
    Collisions {
        /// The target.
        name: String,
        /// How many.
        count: u64,
        /// One of them.
        example: String,
    },
    /// The ids are not what the plan was made for.
    #[error(
        "the id {example} of {name} is of a kind that was not there when the plan was made; nothing was written. Make the copy anew."
    )]
    OtherIds {
        /// The source.
        name: String,
        /// The id.
        example: String,
    },
    /// Too many records were refused.
    #[error(
        "the copy stopped because {count} records were refused; the last one: {last}. {file} has all of them with the reasons. Mend the cause and resume, or allow more with --max-rejects."
    )]
    Rejects {
        /// How many.
        count: u64,
        /// Why the last one was.
        last: String,
        /// The file of rejects.
        file: String,
    },
    /// A file of the copy could not be read or written.
    #[error(
        "{path} could not be used for the copy: {cause}. Nothing is written without its journal; check the disk and the rights of the state directory."
    )]
    File {
        /// The file.
        path: String,
        /// The system's words.
        cause: String,
    },
    /// A file of the copy is not as it was written.
    #[error(
        "{path} is damaged: {cause}. The copy cannot be resumed from it; copy into a new collection instead, or with --into-existing after removing what was written."
    )]
    Damaged {
        /// The file.
        path: String,
        /// What is wrong.
        cause: String,
    },
    /// A collection of it is not there any more.
    #[error(
        "{label} has no collection {collection:?} any more: the copy {id} cannot go on. Make the copy anew, and take this one off the list with `copy --forget {id}`."
    )]
    Gone {
        /// The database.
        label: String,
        /// The collection.
        collection: String,
        /// The copy's name.
        id: String,
    },
    /// There is no copy of that name.
    #[error("there is no copy {id:?}. `copy --list` shows all there are.")]
    NoSuchCopy {
        /// Its name.
        id: String,
    },
    /// Another process works on it.
    #[error("the copy {id} is running in another process. Wait for that, or end it first.")]
    Running {
        /// Its name.
        id: String,
    },
}

impl CopyError {
    /// A wish that cannot be.
    pub(super) fn wish(cause: impl Into<String>, mend: impl Into<String>) -> Self {
        Self::Wish { cause: cause.into(), mend: mend.into() }
    }

    /// A file that failed.
    pub(super) fn file(path: &std::path::Path, error: &std::io::Error) -> Self {
        Self::File { path: path.display().to_string(), cause: error.to_string() }
    }

    /// Whether a copy that has not come to its first write would end the same way again. Where a key is refused, a
    /// certificate is not trusted or the target is read-only somebody mends that, and resumes.
    pub(super) fn is_final(&self) -> bool {
        match self {
            Self::Job(JobError::Provider { source, .. }) => {
                after(source) == After::Records || matches!(source, ProviderError::NoSuchCollection { .. })
            }
            Self::NothingSelected { .. } | Self::NotEmpty { .. } | Self::Collisions { .. } | Self::OtherIds { .. } => {
                true
            }
            _ => false,
        }
    }

    /// Whether a copy that has written something cannot go on from where it is.
    pub(super) fn is_lasting(&self) -> bool {
        matches!(self, Self::Damaged { .. } | Self::Gone { .. })
    }

    /// Whether the user ended it.
    pub fn is_cancelled(&self) -> bool {
        matches!(self, Self::Job(JobError::Cancelled))
    }
}
