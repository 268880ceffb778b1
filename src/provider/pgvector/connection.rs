//! Opening a session: TCP and TLS of our own, the driver's handshake, the session's settings.

use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{CancelToken, Client, Connection, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::failure;
use super::settings::Settings;
use super::wire::Wire;
use crate::provider::transport::{client_config, open};
use crate::provider::{ProviderError, Result};

/// Most time that a request to cancel may take: it is one packet on a connection of its own.
const CANCEL_LIMIT: Duration = Duration::from_secs(5);

/// All that is needed to open sessions of one database, and to name what went wrong in them.
pub(super) struct Backend {
    /// Who connects to what.
    pub(super) settings: Settings,
    tls: Option<Arc<ClientConfig>>,
    connect_limit: Duration,
    request_limit: Duration,
}

impl Backend {
    /// Reads certificates; some milliseconds of blocking work.
    ///
    /// # Errors
    /// Those of [`client_config`].
    pub(super) fn new(settings: Settings, connect_limit: Duration, request_limit: Duration) -> Result<Self> {
        // No ALPN: with the classic handshake PostgreSQL has none to choose from.
        let tls = settings.server.tls.then(|| client_config(&settings.tls, &[]).map(Arc::new)).transpose()?;
        Ok(Self { settings, tls, connect_limit, request_limit })
    }

    /// Opens a session. Statements in it that take longer than the request limit are ended by the
    /// server.
    ///
    /// # Errors
    /// Every cause that a connect can have.
    pub(super) async fn open(&self) -> Result<Client> {
        let limit = self.connect_limit;
        let opening = tokio::time::timeout(limit, self.open_now()).await;
        opening
            .unwrap_or_else(|_| Err(ProviderError::TimedOut { what: self.settings.server.to_string(), after: limit }))
    }

    async fn open_now(&self) -> Result<Client> {
        let config = self.settings.config();
        let stream = Wire::new(open(&self.settings.server, None, self.connect_limit).await?);
        let client = match self.tls_connector()? {
            Some(connector) => {
                let (client, connection) =
                    config.connect_raw(stream, connector).await.map_err(|error| self.failed(&error))?;
                serve(connection);
                client
            }
            None => {
                let (client, connection) =
                    config.connect_raw(stream, NoTls).await.map_err(|error| self.failed(&error))?;
                serve(connection);
                client
            }
        };
        client.batch_execute(&self.session()).await.map_err(|error| self.failed(&error))?;
        Ok(client)
    }

    /// Values in the same words whatever the server's configuration says; times in UTC.
    fn session(&self) -> String {
        format!(
            "SET statement_timeout = {}; SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; \
             SET IntervalStyle = 'iso_8601'; SET bytea_output = 'hex'; SET extra_float_digits = 1; \
             SET standard_conforming_strings = on; SET client_min_messages = warning",
            self.request_limit.as_millis().clamp(1, 2_000_000_000)
        )
    }

    /// The handshake's TLS, `None` where it is plain text.
    fn tls_connector(&self) -> Result<Option<<MakeRustlsConnect as MakeTlsConnect<Wire>>::TlsConnect>> {
        let Some(tls) = &self.tls else { return Ok(None) };
        let host = self.settings.server.name();
        let mut maker = MakeRustlsConnect::new((**tls).clone());
        MakeTlsConnect::<Wire>::make_tls_connect(&mut maker, host).map(Some).map_err(|_| ProviderError::BadRequest {
            cause: format!("{host:?} is no valid host name"),
            mend: "Correct the host name in the address.".to_owned(),
        })
    }

    /// Asks the server to end what that session is at. It may be done already; nobody waits for it.
    pub(super) async fn cancel(&self, token: CancelToken) {
        let asking = async {
            let stream = Wire::new(open(&self.settings.server, None, CANCEL_LIMIT).await?);
            let sent = match self.tls_connector()? {
                Some(connector) => token.cancel_query_raw(stream, connector).await,
                None => token.cancel_query_raw(stream, NoTls).await,
            };
            sent.map_err(|error| self.failed(&error))
        };
        match tokio::time::timeout(CANCEL_LIMIT, asking).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(%error, "a statement could not be cancelled at the server"),
            Err(_) => tracing::debug!("a statement was not cancelled at the server in time"),
        }
    }

    /// What an error of the driver means.
    pub(super) fn failed(&self, error: &tokio_postgres::Error) -> ProviderError {
        failure::of(error, &self.settings.server, self.request_limit)
    }

    /// An answer that makes no sense.
    pub(super) fn bad_answer(&self, cause: impl Into<String>) -> ProviderError {
        ProviderError::BadAnswer { address: self.settings.server.to_string(), cause: cause.into() }
    }
}

/// Moves bytes until the client is dropped or the server hangs up.
fn serve<T>(connection: Connection<Wire, T>)
where
    T: tokio_postgres::tls::TlsStream + Unpin + Send + 'static,
{
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a session of PostgreSQL ended");
        }
    });
}
