//! Writing to the folder: through a Chroma server that is started on it for as long as the connection
//! lasts. The folder itself is still read here; only changes go to the server.

use std::time::Duration;

use super::program::Program;
use crate::provider::chroma::Chroma;
use crate::provider::model::{CollectionSpec, Record, RecordId};
use crate::provider::{Address, ConnectSpec, Provider, ProviderError, ProviderKind, Result};

/// How long a server may take to answer for the first time, beside the time to connect.
const START: Duration = Duration::from_secs(8);
/// How long to wait before it is asked again.
const AGAIN: Duration = Duration::from_millis(50);

/// A server on the folder, and the connection to it.
pub(super) struct Served {
    // Dropped first: nobody asks a server that is being stopped.
    chroma: Chroma,
    program: Program,
}

impl Served {
    /// Starts the server that the spec's options ask for and waits until it answers.
    ///
    /// # Errors
    /// Those of [`Program::start`], `HelperEnded` if it ends, `TimedOut` if it does not answer, and those
    /// of [`Chroma::connect`].
    pub(super) async fn start(spec: &ConnectSpec, dir: &std::path::Path) -> Result<Self> {
        let program = Program::start(spec.option("program"), dir)?;
        let address = Address::Server { host: "127.0.0.1".to_owned(), port: program.port, tls: false };
        let mut there = ConnectSpec::new(ProviderKind::Chroma, address);
        there.timeouts = spec.timeouts;
        for option in ["tenant", "database"] {
            if let Some(value) = spec.option(option) {
                there.options.insert(option.to_owned(), value.to_owned());
            }
        }
        let after = spec.timeouts.connect + START;
        let answers = async {
            loop {
                match Chroma::connect(&there).await {
                    // Not yet there.
                    Err(error @ (ProviderError::Refused { .. } | ProviderError::Interrupted { .. })) => {
                        tracing::debug!(%error, "a Chroma server is waited for");
                    }
                    answer => return answer,
                }
                if let Some(ended) = program.ended().await {
                    return Err(ended);
                }
                tokio::time::sleep(AGAIN).await;
            }
        };
        let late = || ProviderError::TimedOut {
            what: format!("the Chroma server that was started on {}", dir.display()),
            after,
        };
        let chroma = tokio::time::timeout(after, answers).await.unwrap_or_else(|_| Err(late()))?;
        // Whoever answers must be ours: the port was free a moment ago, no more.
        match program.ended().await {
            Some(ended) => Err(ended),
            None => Ok(Self { chroma, program }),
        }
    }

    /// The most records that the server takes in one write.
    pub(super) fn max_batch(&self) -> Option<usize> {
        self.chroma.capabilities().max_batch
    }

    /// Whether the server still runs and answers.
    pub(super) async fn ping(&self) -> Result<()> {
        self.told(self.chroma.ping().await).await.map(drop)
    }

    pub(super) async fn check_new(&self, spec: &CollectionSpec) -> Result<()> {
        self.told(self.chroma.check_new(spec).await).await
    }

    pub(super) async fn create_collection(&self, spec: &CollectionSpec) -> Result<()> {
        self.told(self.chroma.create_collection(spec).await).await
    }

    pub(super) async fn upsert(&self, collection: &str, records: Vec<Record>) -> Result<()> {
        self.told(self.chroma.upsert(collection, records).await).await
    }

    pub(super) async fn delete(&self, collection: &str, ids: &[RecordId]) -> Result<()> {
        self.told(self.chroma.delete(collection, ids).await).await
    }

    pub(super) async fn drop_collection(&self, collection: &str) -> Result<()> {
        self.told(self.chroma.drop_collection(collection).await).await
    }

    /// An answer, with the server's end as the reason where it has ended.
    async fn told<T>(&self, answer: Result<T>) -> Result<T> {
        match answer {
            Ok(answer) => Ok(answer),
            Err(error) => Err(self.program.explain(error).await),
        }
    }
}
