//! Signing in to the makers' clouds: what each asks for, how what one has there is found, and which
//! profiles follow from it.
//!
//! `model` is plain data that the screen's form uses. One file for each maker asks its control plane
//! over `provider::transport` and proposes profiles; nothing is saved here. The addresses of the
//! control planes are fields like others, so that tests and private deployments can name their own.

mod chroma;
pub mod model;
mod pinecone;
mod plane;
mod postgres;
mod qdrant;
mod weaviate;
mod zilliz;

use crate::profile::oidc::device::Code;
use crate::provider::{ProviderError, Result};
pub use model::{Answers, Cloud, Field, FieldKind, Key, Offer};

/// Finds what is there for what was filled in. `show` is called where a person must type a code on
/// another screen before it goes on.
///
/// # Errors
/// A field that is missing or wrong; what the maker's control plane or identity provider says.
pub async fn find(cloud: Cloud, answers: &Answers, show: &(dyn Fn(&Code) + Send + Sync)) -> Result<Vec<Offer>> {
    match cloud {
        Cloud::Qdrant => qdrant::find(answers).await,
        Cloud::Chroma => chroma::find(answers).await,
        Cloud::Pinecone => pinecone::find(answers).await,
        Cloud::Weaviate => weaviate::find(answers, show).await,
        Cloud::Zilliz => zilliz::find(answers).await,
        Cloud::Postgres => postgres::find(answers),
    }
}

/// A field that is missing or wrong.
fn bad(cause: impl Into<String>, mend: &str) -> ProviderError {
    ProviderError::BadRequest { cause: cause.into(), mend: mend.to_owned() }
}
