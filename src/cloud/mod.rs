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
pub use model::{Answers, Cloud, Field, FieldKind, Found, Key, Offer};

/// What a person is to know while it goes on.
#[derive(Debug, Clone, Copy)]
pub enum Told<'a> {
    /// This code is to be typed on another screen before it goes on.
    Code(&'a Code),
    /// From here on secrets go there: the identity provider that the server has named.
    SignsInAt {
        /// Its `host:port`.
        provider: &'a str,
        /// The server.
        server: &'a str,
        /// What it is shown, if it is a secret that was filled in.
        shown: Option<&'a str>,
    },
}

impl Told<'_> {
    /// The second, as a sentence without its point; `None` for a code, which each place shows in its own way.
    pub fn text(&self) -> Option<String> {
        match self {
            Told::Code(_) => None,
            Told::SignsInAt { provider, server, shown: Some(what) } => {
                Some(format!("the {what} goes to {provider}, the identity provider that {server} names"))
            }
            Told::SignsInAt { provider, server, shown: None } => {
                Some(format!("signing in at {provider}, the identity provider that {server} names"))
            }
        }
    }
}

/// Finds what is there for what was filled in. `tell` is called with what a person is to know, or to do, before it
/// goes on.
///
/// # Errors
/// A field that is missing or wrong; what the maker's control plane or identity provider says.
pub async fn find(cloud: Cloud, answers: &Answers, tell: &(dyn Fn(Told<'_>) + Send + Sync)) -> Result<Found> {
    match cloud {
        Cloud::Qdrant => qdrant::find(answers).await,
        Cloud::Chroma => chroma::find(answers).await.map(Found::from),
        Cloud::Pinecone => pinecone::find(answers).await.map(Found::from),
        Cloud::Weaviate => weaviate::find(answers, tell).await.map(Found::from),
        Cloud::Zilliz => zilliz::find(answers).await,
        Cloud::Postgres => postgres::find(answers).map(Found::from),
    }
}

/// A field that is missing or wrong.
fn bad(cause: impl Into<String>, mend: &str) -> ProviderError {
    ProviderError::BadRequest { cause: cause.into(), mend: mend.to_owned() }
}
