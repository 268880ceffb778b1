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
use super::recognise;
use super::{Duplex, Server, client_config, open};
use crate::provider::{Protocol, ProviderError, ProviderKind, TlsSpec};

/// Longest wait for one exchange of the probe.
pub(super) const PATIENCE: Duration = Duration::from_millis(700);
/// Most bytes read of one answer.
const MOST: usize = 4096;

/// What answers at a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answerer {
    /// Whether it speaks under TLS.
    pub tls: bool,
    /// What it speaks.
    pub speaks: Speaks,
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
        Reply::Bytes(bytes) => {
            let speaks = recognise::maker(name(&bytes), server, None).await;
            return Ok(Answerer { tls: false, speaks });
        }
        Reply::HungUp if recognise::is_postgres(server).await => {
            return Ok(Answerer { tls: false, speaks: Speaks::Of(ProviderKind::Pgvector) });
        }
        Reply::HungUp | Reply::Silence | Reply::Tls => {}
    }
    // Whoever it is need not prove it: no secret is told.
    let anyone = TlsSpec { insecure: true, ..TlsSpec::default() };
    let config = Arc::new(client_config(&anyone, &[b"h2", b"http/1.1"])?);
    let Ok(stream) = open(server, Some(&config), PATIENCE).await else {
        return Ok(Answerer { tls: false, speaks: Speaks::Nothing });
    };
    drop(stream);
    let config = Arc::new(client_config(&anyone, &[b"http/1.1"])?);
    let speaks = match open(server, Some(&config), PATIENCE).await {
        Ok(stream) => match ask(stream, server, "/").await {
            Reply::Bytes(bytes) => name(&bytes),
            Reply::Tls => Speaks::Unknown,
            Reply::HungUp | Reply::Silence => Speaks::Http2,
        },
        // It speaks TLS but refuses HTTP/1.1 under it: a gRPC server.
        Err(_) => Speaks::Http2,
    };
    let speaks = recognise::maker(speaks, server, Some(&anyone)).await;
    Ok(Answerer { tls: true, speaks })
}

/// The error for a server that answered wrongly: asks who is there and names the cause and the
/// mend. `seen` is what the driver made of the answer; it is told when the port turns out to be of
/// the right kind after all.
pub async fn wrong_protocol(expected: ProviderKind, server: &Server, seen: ProviderError) -> ProviderError {
    match who_is_there(server).await {
        Ok(answerer) => explain(expected, server, &answerer, seen),
        // It is gone meanwhile: what we saw first says more.
        Err(_) => seen,
    }
}

fn explain(expected: ProviderKind, server: &Server, found: &Answerer, seen: ProviderError) -> ProviderError {
    let right = speaks_right(expected, &found.speaks);
    let port = server.port;
    let (cause, mend) = match (&found.speaks, found.tls, server.tls) {
        (_, true, false) if right || !matches!(found.speaks, Speaks::QdrantRest | Speaks::Of(_)) => (
            format!("port {port} wants TLS, and the address asks for plain text"),
            "Turn TLS on (https:// in the address).".to_owned(),
        ),
        (speaks, false, true) if right || *speaks == Speaks::Unknown => (
            format!("port {port} speaks plain text, and the address asks for TLS"),
            "Turn TLS off (http:// in the address), or give the server's TLS port.".to_owned(),
        ),
        _ if right => return seen,
        (Speaks::QdrantRest, ..) if expected == ProviderKind::Qdrant => {
            // Qdrant's gRPC port stands beside its REST port, by default one higher.
            let grpc = port.checked_add(1).unwrap_or(6334);
            (
                format!("port {port} is Qdrant's REST port"),
                format!("Give its gRPC port, usually {grpc} here (6334 by default)."),
            )
        }
        (Speaks::QdrantRest, ..) => {
            (format!("port {port} is Qdrant's REST port"), "Choose Qdrant as the kind of database.".to_owned())
        }
        (Speaks::Of(kind), ..) => {
            let title = kind.maker().title;
            (format!("a {title} server answers at port {port}"), format!("Choose {title} as the kind of database."))
        }
        (Speaks::Http2, ..) => (
            format!("port {port} speaks HTTP/2, as gRPC servers do"),
            "Choose the kind of database that lives there (Qdrant's gRPC port is 6334), or correct the port."
                .to_owned(),
        ),
        (Speaks::Http(product), ..) => (
            match product {
                Some(product) => format!("an HTTP server ({product}) answers at port {port}"),
                None => format!("some other HTTP server answers at port {port}"),
            },
            correct_port(expected),
        ),
        (Speaks::Nothing, ..) => {
            (format!("port {port} takes connections but does not answer in that language"), correct_port(expected))
        }
        (Speaks::Unknown, ..) => (format!("something else answers at port {port}"), correct_port(expected)),
    };
    ProviderError::WrongProtocol { address: server.to_string(), expected: language(expected), cause, mend }
}

/// Whether who answers may be a server of that kind.
fn speaks_right(kind: ProviderKind, speaks: &Speaks) -> bool {
    match (kind.maker().server().map(|server| server.protocol), speaks) {
        (Some(_), Speaks::Of(found)) => *found == kind,
        (Some(Protocol::Grpc), Speaks::Http2) => true,
        // Chroma would have been recognised.
        (Some(Protocol::Http), Speaks::Http(_)) => kind != ProviderKind::Chroma,
        (Some(Protocol::Own), Speaks::Nothing | Speaks::Unknown) => true,
        _ => false,
    }
}

fn language(kind: ProviderKind) -> &'static str {
    kind.maker().server().map_or("any network interface", |server| server.language)
}

fn correct_port(kind: ProviderKind) -> String {
    match kind.default_port() {
        Some(port) => format!("Correct host and port ({} listens on {port} by default).", kind.maker().title),
        None => "Give a directory instead.".to_owned(),
    }
}

/// What came back.
pub(super) enum Reply {
    /// The beginning of an answer.
    Bytes(Vec<u8>),
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
    let mut answer = Vec::new();
    let exchange = async {
        stream.write_all(words).await?;
        let mut part = [0_u8; 1024];
        while answer.len() < MOST && !redis_line(&answer) {
            match stream.read(&mut part).await? {
                0 => break,
                n => answer.extend_from_slice(part.get(..n).unwrap_or_default()),
            }
        }
        std::io::Result::Ok(())
    };
    // Too slow, or reset after its first words: what arrived until then is all we need.
    let in_time = timeout(PATIENCE, exchange).await.is_ok();
    match answer.as_slice() {
        [] if in_time => Reply::HungUp,
        [] => Reply::Silence,
        // A TLS alert record: "your hello made no sense to me".
        [0x15, 0x03, ..] => Reply::Tls,
        bytes if wants_tls(bytes) => Reply::Tls,
        _ => Reply::Bytes(answer),
    }
}

/// Web servers answer plain text on a TLS port in plain text.
fn wants_tls(answer: &[u8]) -> bool {
    let text = String::from_utf8_lossy(answer).to_ascii_lowercase();
    text.starts_with("http/1")
        && (text.contains("http request to an https") || text.contains("request was sent to https"))
}

/// What the first bytes of an answer to a GET of the root tell.
fn name(answer: &[u8]) -> Speaks {
    // A SETTINGS frame on stream 0: the server side of HTTP/2 speaks first.
    if matches!(answer, [_, _, _, 0x04, _, 0, 0, 0, 0, ..]) {
        return Speaks::Http2;
    }
    let text = String::from_utf8_lossy(answer);
    if !text.starts_with("HTTP/1.") {
        return Speaks::Unknown;
    }
    if text.contains("qdrant - vector search engine") || text.contains("\"title\":\"qdrant") {
        return Speaks::QdrantRest;
    }
    recognise::by_root(&text).map_or_else(|| Speaks::Http(header(&text, "server")), Speaks::Of)
}

/// A whole line as Redis answers: it keeps the connection open, so nobody need wait for the end.
fn redis_line(answer: &[u8]) -> bool {
    matches!(answer, [b'-' | b'+', .., b'\r', b'\n'])
}

fn header(answer: &str, wanted: &str) -> Option<String> {
    answer
        .lines()
        .skip(1)
        .take_while(|line| !line.trim().is_empty())
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
        .map(|(_, value)| value.trim().chars().filter(|c| !c.is_control()).take(40).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::*;

    fn error(expected: ProviderKind, port: u16, tls: bool, found: Answerer) -> String {
        let server = Server::new("h", port, tls);
        let seen = ProviderError::Interrupted { address: server.to_string(), cause: "as seen".to_owned() };
        explain(expected, &server, &found, seen).to_string()
    }

    #[test]
    fn the_rest_port_of_qdrant_leads_to_its_grpc_port() {
        let rest = Answerer { tls: false, speaks: Speaks::QdrantRest };
        let text = error(ProviderKind::Qdrant, 6333, false, rest.clone());
        assert!(text.contains("port 6333 is Qdrant's REST port") && text.contains("6334"), "{text}");
        assert!(error(ProviderKind::Chroma, 6333, false, rest).contains("Choose Qdrant"));
    }

    #[test]
    fn tls_and_plain_text_are_told_apart_both_ways() {
        let grpc = |tls| Answerer { tls, speaks: Speaks::Http2 };
        assert!(error(ProviderKind::Qdrant, 6334, false, grpc(true)).contains("wants TLS"));
        assert!(error(ProviderKind::Qdrant, 6334, true, grpc(false)).contains("speaks plain text"));
        assert!(error(ProviderKind::Qdrant, 6334, true, grpc(true)).contains("as seen"));
    }

    #[test]
    fn answers_are_recognised_by_their_first_bytes() {
        assert_eq!(name(&[0, 0, 18, 4, 0, 0, 0, 0, 0, 0]), Speaks::Http2);
        let qdrant = b"HTTP/1.1 200 OK\r\n\r\n{\"title\":\"qdrant - vector search engine\",\"version\":\"1.18.3\"}";
        assert_eq!(name(qdrant), Speaks::QdrantRest);
        assert_eq!(name(b"HTTP/1.1 404 x\r\nServer: nginx\r\n\r\n"), Speaks::Http(Some("nginx".to_owned())));
        assert_eq!(
            name(b"-ERR wrong number of arguments for 'get' command\r\n"),
            Speaks::Unknown,
            "until it is pinged"
        );
        assert_eq!(name(b"SSH-2.0-OpenSSH_9.6\r\n"), Speaks::Unknown);
        assert!(wants_tls(b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"));
    }
}
