//! Who is there? Asked when an answer made no sense, to name the cause and the mend.
//!
//! At most a few short exchanges, without credentials, and never longer than five seconds: a GET
//! of the root in plain text, a TLS hello, and one or two questions more to tell one maker from
//! another ([`super::recognise`]).

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, timeout};

use super::dial::connect;
use super::{Duplex, Server, answer, client_config, open, recognise};
use crate::provider::{ProviderError, ProviderKind, TlsSpec};

/// Longest wait for one exchange of the probe.
pub(super) const PATIENCE: Duration = Duration::from_millis(700);
/// Most bytes read of one answer.
const MOST: usize = 4096;
/// The first words of a client of HTTP/2, with empty settings: a server answers with its own.
const HTTP2_HELLO: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

/// What answers at a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answerer {
    /// Whether it speaks under TLS.
    pub tls: bool,
    /// What it speaks.
    pub speaks: Speaks,
    /// It did not let us in without a key (401, 403), so that much of what it is stays hidden.
    pub wants_key: bool,
}

/// A language that a server speaks, as far as we can tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Speaks {
    /// Qdrant's REST interface (usually port 6333).
    QdrantRest,
    /// The language of that kind of database.
    Of(ProviderKind),
    /// HTTP/2, as gRPC servers do; not known whose.
    Http2,
    /// Some other HTTP server, with the name that it gives itself, if any.
    Http(Option<String>),
    /// A proxy that answers in the server's place, with the line that shows it.
    Proxy(String),
    /// A gateway whose server does not answer, with the status that it gives.
    Gateway(String),
    /// HTTP, but the answer ended in its middle.
    Cut,
    /// Something that says of itself what it is, and is none of ours.
    Other(&'static str),
    /// It took our bytes and said nothing, or hung up.
    Nothing,
    /// It answered with something that we do not know.
    Unknown,
}

/// Asks the port who it is, in plain text and then under TLS. Sends no credential.
///
/// # Errors
/// Those of a TCP connection: `Refused`, `UnknownHost`, `TimedOut`, `Interrupted`.
pub async fn who_is_there(server: &Server) -> Result<Answerer, ProviderError> {
    let plain = connect(server, Instant::now() + PATIENCE, PATIENCE).await?;
    match ask(plain, server, "/").await {
        Reply::Bytes { bytes, ended } => {
            let speaks = Box::pin(recognise::maker(answer::name(&bytes), server, None)).await;
            let (speaks, wants_key) = (answer::between(speaks, &bytes, ended), answer::wants_key(&bytes));
            return Ok(Answerer { tls: false, speaks, wants_key });
        }
        Reply::HungUp if recognise::is_postgres(server).await => {
            return Ok(Answerer { tls: false, speaks: Speaks::Of(ProviderKind::Pgvector), wants_key: false });
        }
        Reply::HungUp | Reply::Silence | Reply::Tls => {}
    }
    let found = Box::pin(encrypted(server)).await?;
    let nobody = Answerer { tls: false, speaks: Speaks::Nothing, wants_key: false };
    Ok(found.unwrap_or(nobody))
}

/// Who speaks under TLS; `None` if it knows no TLS.
async fn encrypted(server: &Server) -> Result<Option<Answerer>, ProviderError> {
    let under_tls = |speaks, wants_key| Answerer { tls: true, speaks, wants_key };
    // Whoever it is need not prove it: no secret is told.
    let anyone = TlsSpec { insecure: true, ..TlsSpec::default() };
    let text = Arc::new(client_config(&anyone, &[b"http/1.1"])?);
    let mut shaken = false;
    match open(server, Some(&text), PATIENCE).await {
        Ok(stream) => {
            shaken = true;
            if let Reply::Bytes { bytes, ended } = ask(stream, server, "/").await {
                let speaks = recognise::maker(answer::name(&bytes), server, Some(&anyone)).await;
                let wants_key = answer::wants_key(&bytes);
                return Ok(Some(under_tls(answer::between(speaks, &bytes, ended), wants_key)));
            }
        }
        // It may refuse HTTP/1.1 under TLS, as some gRPC servers do; who says nothing to a hello says nothing to another.
        Err(ProviderError::TimedOut { .. }) => return Ok(None),
        Err(error) => shaken |= is_tls(&error),
    }
    let binary = Arc::new(client_config(&anyone, &[b"h2"])?);
    match open(server, Some(&binary), PATIENCE).await {
        Ok(stream) => match say(stream, HTTP2_HELLO).await {
            Reply::Bytes { bytes, .. } => {
                let speaks = recognise::maker(answer::name(&bytes), server, Some(&anyone)).await;
                Ok(Some(under_tls(speaks, false)))
            }
            Reply::HungUp | Reply::Silence | Reply::Tls => Ok(Some(under_tls(Speaks::Nothing, false))),
        },
        Err(error) => Ok((shaken || is_tls(&error)).then(|| under_tls(Speaks::Nothing, false))),
    }
}

/// Whether a handshake failed with words of TLS itself.
fn is_tls(error: &ProviderError) -> bool {
    match error {
        // It wants a certificate of ours: so it speaks TLS.
        ProviderError::Certificate { .. } | ProviderError::ClientCertificate { .. } => true,
        ProviderError::WrongProtocol { expected, .. } => expected.starts_with("TLS 1.2"),
        ProviderError::Interrupted { cause, .. } => cause.contains("received fatal alert"),
        _ => false,
    }
}

/// What came back.
pub(super) enum Reply {
    /// The beginning of an answer, and whether the other side ended it there.
    Bytes {
        /// What came.
        bytes: Vec<u8>,
        /// Whether no more would have come.
        ended: bool,
    },
    /// It wants a TLS hello first.
    Tls,
    /// The end of the connection, without a word.
    HungUp,
    /// Nothing, as long as we waited.
    Silence,
}

/// One GET in HTTP/1.1, and the beginning of whatever comes back.
pub(super) async fn ask(stream: Box<dyn Duplex>, server: &Server, path: &str) -> Reply {
    // No blank behind `Host:`: Redis takes each line for a command, and one that is called `host:` for
    // an attack, of which it writes into its log.
    let request = format!("GET {path} HTTP/1.1\r\nHost:{server}\r\nAccept: */*\r\nConnection: close\r\n\r\n");
    say(stream, request.as_bytes()).await
}

/// Says that, and waits for the beginning of an answer.
pub(super) async fn say(mut stream: Box<dyn Duplex>, words: &[u8]) -> Reply {
    let mut bytes = Vec::new();
    let exchange = async {
        stream.write_all(words).await?;
        let mut part = [0_u8; 1024];
        while bytes.len() < MOST && !answer::is_enough(&bytes) {
            match stream.read(&mut part).await? {
                0 => return Ok(true),
                n => bytes.extend_from_slice(part.get(..n).unwrap_or_default()),
            }
        }
        std::io::Result::Ok(false)
    };
    // Too slow, or reset after its first words: what arrived until then is all we need.
    let (in_time, ended) = match timeout(PATIENCE, exchange).await {
        Ok(end) => (true, end.unwrap_or(true)),
        Err(_) => (false, false),
    };
    match bytes.as_slice() {
        [] if in_time => Reply::HungUp,
        [] => Reply::Silence,
        // A TLS alert record: "your hello made no sense to me".
        [0x15, 0x03, ..] => Reply::Tls,
        answered if answer::wants_tls(answered) => Reply::Tls,
        _ => Reply::Bytes { bytes, ended },
    }
}
