//! Two collections of one command, each in an open database; one database that both name is opened once.

use std::sync::Arc;

use super::open::{Opened, Resolved, open, resolve};
use super::writing::Writing;
use super::{CliError, Context, Out};
use crate::jobs::Side;

impl Opened {
    /// A collection of this database, for a job.
    pub fn side(self, collection: &str) -> Side {
        let (label, request) = (self.label, self.request);
        Side { label, provider: Arc::from(self.provider), collection: collection.to_owned(), request }
    }
}

/// Opens two collections. An embedded directory can be open once only, so the same word twice is one database.
///
/// # Errors
/// A target that cannot be opened.
pub async fn two(
    (target_a, collection_a): (&str, &str),
    (target_b, collection_b): (&str, &str),
    context: &mut Context,
    out: &mut Out,
) -> Result<(Side, Side), CliError> {
    let a = open(target_a, context, out).await?.side(collection_a);
    let b = match target_a == target_b {
        true => Side { collection: collection_b.to_owned(), ..a.clone() },
        false => open(target_b, context, out).await?.side(collection_b),
    };
    Ok((a, b))
}

/// As [`two`], and the second one is to be written to: refused at once where that cannot be.
///
/// # Errors
/// A target that cannot be opened, or is read-only.
pub async fn two_to_write(
    (target_a, collection_a): (&str, &str),
    (target_b, collection_b): (&str, &str),
    writing: &Writing,
    context: &mut Context,
    out: &mut Out,
) -> Result<(Side, Side), CliError> {
    // First what says what is known: the store is open after the name of a profile.
    let first = match target_a == target_b {
        true => None,
        false => Some(resolve(target_a, context, out).await?),
    };
    let second = resolve(target_b, context, out).await?;
    writing.require(&second, collection_b, &format!("writing to {collection_b:?}"), context)?;
    let Some(first) = first else {
        let b = connected(second).await?.side(collection_b);
        return Ok((Side { collection: collection_a.to_owned(), ..b.clone() }, b));
    };
    let a = connected(first).await?.side(collection_a);
    Ok((a, connected(second).await?.side(collection_b)))
}

async fn connected(resolved: Resolved) -> Result<Opened, CliError> {
    let label = resolved.label.clone();
    resolved.connect().await.map_err(|error| CliError::provider(&label, error))
}
