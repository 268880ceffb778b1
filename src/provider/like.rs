//! What a search asks with: a vector that was given, or that of a stored record. For makers that search
//! with one dense vector and have no request for "more like this".

use std::future::Future;

use super::model::{Record, RecordId, SearchQuery, Vector};
use super::{ProviderError, Result};

/// The vector to search with, and the record that must not be among the hits. `found` reads the record
/// with its vectors, `vector_of` takes the one that is meant.
///
/// # Errors
/// `Unsupported` for a vector that is not dense and for a text, `NoSuchRecord`, and those of the two functions.
pub(super) async fn query_vector<F>(
    product: &'static str,
    collection: &str,
    query: &SearchQuery,
    found: impl FnOnce(RecordId) -> F,
    vector_of: impl FnOnce(&Record) -> Result<Vec<f32>>,
) -> Result<(Vec<f32>, Option<RecordId>)>
where
    F: Future<Output = Result<Vec<Record>>> + Send,
{
    match query {
        SearchQuery::Vector(Vector::Dense(values)) => Ok((values.clone(), None)),
        SearchQuery::Vector(_) => {
            Err(ProviderError::Unsupported { product, reason: "it searches with one dense vector".to_owned() })
        }
        SearchQuery::Text(_) => Err(ProviderError::not_by_text(product)),
        SearchQuery::Like(like) => {
            let missing = || ProviderError::NoSuchRecord { collection: collection.to_owned(), id: like.to_string() };
            let records = found(like.clone()).await?;
            Ok((vector_of(records.first().ok_or_else(missing)?)?, Some(like.clone())))
        }
    }
}
