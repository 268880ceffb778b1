//! Opening a TCP connection, with TLS on it where the server wants it.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustls::client::ResolvesClientCert;
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, SignatureScheme};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::failure::{client_certificate, is_refused_handshake};
use super::{Server, certificate, failure};
use crate::provider::{ProviderError, Result};

/// An open transport, plain or under TLS.
pub trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// A transport under TLS.
type Secured = TlsStream<Box<dyn Duplex>>;

/// Idle time after which the kernel asks whether the peer is still there.
const TCP_KEEPALIVE: Duration = Duration::from_secs(15);

/// Connects to the server on its way within `limit` and, if `tls` is given, lets it prove who it is.
/// All addresses of the name are tried in turn.
///
/// # Errors
/// `UnknownHost`, `Refused`, `TimedOut`, `Certificate` (with the check that failed), `Interrupted`
/// when the peer hangs up during the handshake, `WrongProtocol` when it does not speak TLS, and what
/// may be wrong with proxies, tunnels and commands.
pub async fn open(server: &Server, tls: Option<&Arc<ClientConfig>>, limit: Duration) -> Result<Box<dyn Duplex>> {
    let deadline = Instant::now() + limit;
    match tls {
        Some(config) => Ok(Box::new(secured(server, config, deadline, limit).await?)),
        None => connect(server, deadline, limit).await,
    }
}

/// Shakes hands and hangs up; tells the last second of the server's certificate, since 1970, where it can be read.
///
/// # Errors
/// As [`open`].
pub async fn shake_hands(server: &Server, config: &Arc<ClientConfig>, limit: Duration) -> Result<Option<u64>> {
    let stream = secured(server, config, Instant::now() + limit, limit).await?;
    let (_, session) = stream.get_ref();
    Ok(session.peer_certificates().and_then(<[_]>::first).and_then(|shown| certificate::end(shown)))
}

/// The way to it, and TLS on it.
async fn secured(server: &Server, config: &Arc<ClientConfig>, deadline: Instant, limit: Duration) -> Result<Secured> {
    let stream = connect(server, deadline, limit).await?;
    match shaken(stream, server, Arc::clone(config), deadline, limit).await {
        Err(refusal) if is_refused_handshake(&refusal) => {
            // Rare, so it must not make each dial's future larger.
            Err(Box::pin(why_refused(server, config, deadline, limit)).await.unwrap_or(refusal))
        }
        answer => answer,
    }
}

/// TLS 1.2 has no word of its own for a client certificate that is missing or not liked: the same again, with
/// a look at whether one was asked for.
async fn why_refused(
    server: &Server,
    config: &Arc<ClientConfig>,
    deadline: Instant,
    limit: Duration,
) -> Option<ProviderError> {
    let watched =
        Arc::new(Watched { own: Arc::clone(&config.client_auth_cert_resolver), asked: AtomicBool::new(false) });
    let mut again = ClientConfig::clone(config);
    again.client_auth_cert_resolver = Arc::<Watched>::clone(&watched);
    let stream = connect(server, deadline, limit).await.ok()?;
    let _as_before = shaken(stream, server, Arc::new(again), deadline, limit).await;
    watched.asked.load(Ordering::Relaxed).then(|| client_certificate(server, watched.own.has_certs()))
}

/// The client certificate of a profile, and whether a server asked for it.
#[derive(Debug)]
struct Watched {
    own: Arc<dyn ResolvesClientCert>,
    asked: AtomicBool,
}

impl ResolvesClientCert for Watched {
    fn resolve(&self, issuers: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.asked.store(true, Ordering::Relaxed);
        self.own.resolve(issuers, schemes)
    }

    fn only_raw_public_keys(&self) -> bool {
        self.own.only_raw_public_keys()
    }

    fn has_certs(&self) -> bool {
        self.own.has_certs()
    }
}

/// Only the way to it, without TLS; shared with the probe.
pub(super) async fn connect(server: &Server, deadline: Instant, limit: Duration) -> Result<Box<dyn Duplex>> {
    server.way.dial(server, deadline, limit).await
}

/// TLS on an open transport.
pub(super) async fn under_tls(
    stream: Box<dyn Duplex>,
    server: &Server,
    config: Arc<ClientConfig>,
    deadline: Instant,
    limit: Duration,
) -> Result<Box<dyn Duplex>> {
    Ok(Box::new(shaken(stream, server, config, deadline, limit).await?))
}

async fn shaken(
    stream: Box<dyn Duplex>,
    server: &Server,
    config: Arc<ClientConfig>,
    deadline: Instant,
    limit: Duration,
) -> Result<Secured> {
    let name = server.tls_name()?;
    match timeout_at(deadline, TlsConnector::from(config).connect(name, stream)).await {
        Ok(Ok(stream)) => Ok(stream),
        Ok(Err(error)) => Err(failure(&error, server, limit)),
        Err(_) => Err(timed_out(server, limit)),
    }
}

/// TCP to that host and port; errors name `server`, which may be reached by another name.
pub(super) async fn tcp(
    host: &str,
    port: u16,
    server: &Server,
    deadline: Instant,
    limit: Duration,
) -> Result<TcpStream> {
    let addresses: Vec<SocketAddr> = match timeout_at(deadline, lookup_host((host, port))).await {
        Ok(Ok(found)) => found.collect(),
        // Every failure of the lookup has one cause for the user: the name leads nowhere.
        Ok(Err(_)) => Vec::new(),
        Err(_) => return Err(timed_out(server, limit)),
    };
    if addresses.is_empty() {
        return Err(ProviderError::UnknownHost { host: host.to_owned() });
    }
    let mut last = io::Error::from(io::ErrorKind::TimedOut);
    let mut left = u32::try_from(addresses.len()).unwrap_or(u32::MAX);
    for address in addresses {
        // A silent first address (IPv6 that leads nowhere) must leave time for the second.
        let share = deadline.saturating_duration_since(Instant::now()) / left;
        left -= 1;
        match timeout(share, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                prepare(&stream);
                return Ok(stream);
            }
            Ok(Err(error)) => last = error,
            Err(_) => last = io::Error::from(io::ErrorKind::TimedOut),
        }
    }
    Err(failure(&last, server, limit))
}

/// Small requests leave at once; a peer that vanished without a word is found by the kernel. Both
/// are improvements, not conditions: a system that refuses them still gets its connection.
fn prepare(stream: &TcpStream) {
    let keepalive = socket2::TcpKeepalive::new().with_time(TCP_KEEPALIVE).with_interval(TCP_KEEPALIVE / 3);
    let refused = [stream.set_nodelay(true), socket2::SockRef::from(stream).set_tcp_keepalive(&keepalive)];
    for error in refused.into_iter().filter_map(std::result::Result::err) {
        tracing::debug!(%error, "a socket option was refused");
    }
}

pub(super) fn timed_out(server: &Server, after: Duration) -> ProviderError {
    ProviderError::TimedOut { what: server.to_string(), after }
}
