//! The last steps: connect as the profile says, with its key; ask who answers and what there is to see.

use std::time::{Duration, Instant};

use super::blame::blame;
use super::model::{Cause, Step, StepKind};
use super::version::{older, oldest};
use crate::provider::{self, ConnectSpec, Provider, ProviderError};

/// What a PostgreSQL without pgvector says behind its version.
const WITHOUT_EXTENSION: &str = "without pgvector";

/// Opens the database within the limits of its profile.
pub(super) async fn connect(spec: &ConnectSpec) -> Result<Box<dyn Provider>, ProviderError> {
    // The provider keeps the limit itself and names the step that took too long; this is for one that does not.
    within("connecting", spec.timeouts.connect + Duration::from_secs(1), provider::connect(spec)).await
}

/// Lets the answer to a ping tell the version.
pub(super) async fn version(spec: &ConnectSpec, provider: &dyn Provider) -> Result<Step, Step> {
    let tried = "ask who answers";
    let started = Instant::now();
    let server = within("the ping", spec.timeouts.request, provider.ping())
        .await
        .map_err(|error| blame(&error, spec, StepKind::Version, tried))?;
    let took = started.elapsed().as_secs_f64() * 1000.0;
    let found = format!("{} {} in {took:.1} ms", server.product, server.version);
    match oldest(spec.kind, &server.product).filter(|wanted| older(&server.version, wanted)) {
        Some(wanted) => Err(Step::fail(
            StepKind::Version,
            tried,
            format!("{found}; what is asked here came with version {wanted}"),
            Cause::ServerTooOld,
            format!("Update the server to version {wanted} or later."),
        )),
        None if server.version.contains(WITHOUT_EXTENSION) => Ok(Step::warn(
            StepKind::Version,
            tried,
            found,
            Cause::ExtensionMissing,
            "Run CREATE EXTENSION vector in this database; without it there is no column of vectors to show.",
        )),
        None => Ok(Step::ok(StepKind::Version, tried, found)),
    }
}

/// Lists the collections.
pub(super) async fn permission(spec: &ConnectSpec, provider: &dyn Provider) -> Result<Step, Step> {
    let tried = "list the collections";
    let listed = within("the list of collections", spec.timeouts.request, provider.collections()).await;
    match listed {
        Ok(collections) => Ok(Step::ok(StepKind::Permission, tried, format!("{} can be listed", collections.len()))),
        Err(error) => Err(blame(&error, spec, StepKind::Permission, tried)),
    }
}

async fn within<T>(
    what: &str,
    limit: Duration,
    answer: impl Future<Output = Result<T, ProviderError>>,
) -> Result<T, ProviderError> {
    let late = || ProviderError::TimedOut { what: what.to_owned(), after: limit };
    tokio::time::timeout(limit, answer).await.unwrap_or_else(|_| Err(late()))
}
