//! What a maker says to a filter that it has no request for.

use super::ast::{Span, TextTest};
use crate::provider::ProviderError;

/// The error for a piece of a filter that `product` cannot be asked. `reason` is a clause.
pub fn refuse(product: &'static str, span: Span, reason: impl AsRef<str>) -> ProviderError {
    ProviderError::FilterRefused { product, span, reason: reason.as_ref().to_owned() }
}

/// The refusal of `$text` by a maker whose records have no text apart from the payload.
pub fn no_text(product: &'static str, test: &TextTest) -> ProviderError {
    refuse(product, test.span, "its records have no text apart from the payload; name the field that holds it")
}
