//! Our filter language to Chroma's `where` and `where_document`.
//!
//! Nothing can be translated yet: every filter is refused, never dropped.

use serde::Serialize;
use serde_json::Value;

use crate::provider::filter::Filter;
use crate::provider::{ProviderError, Result};

/// The part of a request that selects records; nothing is sent for what is `None`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(super) struct Where {
    /// Condition on the metadata.
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    pub(super) metadata: Option<Value>,
    /// Condition on the text.
    #[serde(rename = "where_document", skip_serializing_if = "Option::is_none")]
    pub(super) document: Option<Value>,
}

/// The native condition for a filter.
///
/// # Errors
/// [`ProviderError::Unsupported`] for what Chroma has no condition for.
pub(super) fn translate(filter: Option<&Filter>) -> Result<Where> {
    match filter {
        None => Ok(Where::default()),
        Some(_) => Err(ProviderError::Unsupported {
            product: super::PRODUCT,
            reason: "filters are not translated to its conditions yet".to_owned(),
        }),
    }
}
