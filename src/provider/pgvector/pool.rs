//! A few sessions, lent out one request each.
//!
//! A request has its session for itself, since cancelling at the server ends whatever the session is
//! at. A request that is dropped half-way (its task was cancelled, its deadline passed) leaves a lease
//! that was not given back: the server is asked to end the statement, and the session is closed.

use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_postgres::Client;

use super::connection::Backend;
use crate::provider::{ProviderError, Result};

/// Sessions of one database.
pub(super) struct Pool {
    backend: Arc<Backend>,
    idle: Arc<Mutex<Vec<Arc<Client>>>>,
    places: Arc<Semaphore>,
}

impl Pool {
    /// At most so many sessions; none is opened yet.
    pub(super) fn new(backend: Arc<Backend>, most: usize) -> Self {
        Self { backend, idle: Arc::default(), places: Arc::new(Semaphore::new(most)) }
    }

    /// A session, opened if none is idle. Waits while all are lent out.
    ///
    /// # Errors
    /// Those of a connect.
    pub(super) async fn lease(&self) -> Result<Lease> {
        let permit = Arc::clone(&self.places).acquire_owned().await.map_err(|_| ProviderError::NotConnected)?;
        let client = match self.take_idle() {
            Some(client) => client,
            None => Arc::new(self.backend.open().await?),
        };
        let (backend, idle) = (Arc::clone(&self.backend), Arc::clone(&self.idle));
        Ok(Lease { client, backend, idle, permit: Some(permit), answered: false })
    }

    fn take_idle(&self) -> Option<Arc<Client>> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|client| !client.is_closed());
        idle.pop()
    }
}

/// A session that belongs to one request until [`Lease::give_back`].
pub(super) struct Lease {
    client: Arc<Client>,
    backend: Arc<Backend>,
    idle: Arc<Mutex<Vec<Arc<Client>>>>,
    permit: Option<OwnedSemaphorePermit>,
    answered: bool,
}

impl Lease {
    /// The session has answered all that it was asked; the next request may have it.
    pub(super) fn give_back(mut self) {
        self.answered = true;
        if !self.client.is_closed() {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&self.client));
        }
    }

    /// Begins a transaction; `settings` hold until its end. [`Lease::finish`] ends it, a lease that is
    /// dropped before takes its session along.
    ///
    /// # Errors
    /// Those of the server.
    pub(super) async fn begin(&self, mode: &str, settings: &str) -> Result<()> {
        let begun = self.client.batch_execute(&format!("BEGIN {mode}; {settings}")).await;
        if begun.is_err() {
            self.end("ROLLBACK").await?;
        }
        begun.map_err(|error| self.backend.failed(&error))
    }

    /// Ends the transaction: commits if all went well, and tells what came out of it.
    ///
    /// # Errors
    /// That of the transaction, or of its end.
    pub(super) async fn finish<T>(&self, outcome: Result<T>) -> Result<T> {
        match outcome {
            Ok(value) => self.end("COMMIT").await.map(|()| value),
            Err(error) => {
                // what failed first says more than a rollback that fails too
                let _ = self.end("ROLLBACK").await;
                Err(error)
            }
        }
    }

    async fn end(&self, word: &str) -> Result<()> {
        self.client.batch_execute(word).await.map_err(|error| self.backend.failed(&error))
    }
}

impl Deref for Lease {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if self.answered || self.client.is_closed() {
            return;
        }
        // Without a runtime the program ends, and with it the connection.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let (client, backend, permit) = (Arc::clone(&self.client), Arc::clone(&self.backend), self.permit.take());
        runtime.spawn(async move {
            backend.cancel(client.cancel_token()).await;
            drop(client);
            drop(permit);
        });
    }
}
