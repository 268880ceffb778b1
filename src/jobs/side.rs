//! One of the databases of a job.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::JobError;
use crate::provider::{Provider, ProviderError};

/// One collection of one open database. Two sides may share a database.
#[derive(Clone)]
pub struct Side {
    /// What the database is called in output: a profile's name, an address.
    pub label: String,
    /// The database, behind its gate.
    pub provider: Arc<dyn Provider>,
    /// The collection.
    pub collection: String,
    /// Longest wait for one answer.
    pub request: Duration,
}

impl Side {
    /// Waits for an answer, no longer than the side's limit. `what` says what was asked, a few words.
    ///
    /// # Errors
    /// The provider's own error, or that time ran out, with the side's label.
    pub async fn ask<T>(
        &self,
        what: &str,
        answer: impl Future<Output = Result<T, ProviderError>>,
    ) -> Result<T, JobError> {
        let started = Instant::now();
        let answer = tokio::time::timeout(self.request, answer).await;
        answer
            .unwrap_or_else(|_| Err(ProviderError::TimedOut { what: what.to_owned(), after: started.elapsed() }))
            .map_err(|source| JobError::Provider { label: self.label.clone(), source })
    }

    /// Another collection of the same database.
    #[must_use]
    pub fn of(&self, collection: &str) -> Self {
        Self { collection: collection.to_owned(), ..self.clone() }
    }

    /// `label ▸ collection`, for people.
    pub fn name(&self) -> String {
        format!("{} ▸ {}", self.label, self.collection)
    }
}

impl fmt::Debug for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Side").field("label", &self.label).field("collection", &self.collection).finish_non_exhaustive()
    }
}
