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
}

/// The error after the side's label, unless it begins with that by itself.
fn at(label: &str, source: &ProviderError) -> String {
    let text = source.to_string();
    if text.starts_with(label) { text } else { format!("{label}: {text}") }
}
