//! The one filter language, typed in the filter bar and given to `--filter`.

/// A filter that was parsed and can be translated to every maker's request.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {}
