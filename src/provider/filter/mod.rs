//! The one filter language, typed in the filter bar and given to `--filter`.

use thiserror::Error;

/// A filter that was parsed and can be translated to every maker's request.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {}

/// Why a text is no filter: what was expected, and where.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the filter is not understood at character {}: {message}", at + 1)]
pub struct FilterError {
    /// Place in the text, in characters from its start.
    pub at: usize,
    /// What is wrong and what was expected there, a sentence.
    pub message: String,
}

impl Filter {
    /// Reads a filter.
    ///
    /// # Errors
    /// The place and what was expected there.
    pub fn parse(_text: &str) -> Result<Self, FilterError> {
        Err(FilterError { at: 0, message: "no filter language yet.".to_owned() })
    }
}
