//! Who answers at the port, and whether both sides agree on TLS. Sends no credential.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use super::blame::{blame, halves};
use super::model::{Cause, Step, StepKind};
use crate::provider::transport::{self, Answerer, Server, Speaks};
use crate::provider::{ConnectSpec, Protocol, ProviderError, ProviderKind};

/// Longest wait for a proxy's first words.
const PATIENCE: Duration = Duration::from_millis(1_500);

/// What an HTTP answer has that only a proxy writes, in small letters.
const PROXY_MARKS: [&str; 8] = [
    "proxy authentication required",
    "proxy-authenticate:",
    "x-squid-error:",
    "server: squid",
    "server: zscaler",
    "proxy-agent:",
    "server: bluecoat",
    "via: 1.1 ",
];

/// What is known of the port after it was asked.
pub(super) struct Language {
    /// How the step `tls` ended, where that is known before connecting: PostgreSQL agrees on it in its own greeting.
    pub tls: Option<Step>,
    /// How the step `protocol` ended, where who answers is known for sure.
    pub protocol: Option<Step>,
    /// What seems wrong with who answers: counts if the connect fails as well.
    pub suspicion: Option<Step>,
}

/// Asks the port who it is, and shakes hands under TLS as the profile wants it.
pub(super) async fn language(spec: &ConnectSpec, server: &Server) -> Result<Language, Step> {
    let tried = "ask the port who it is, without a key";
    let found = match transport::who_is_there(server).await {
        Ok(found) => found,
        Err(error) => return Err(blame(&error, spec, StepKind::Protocol, tried)),
    };
    let speaks = words(&found);
    // An answer that is none of ours: "as it should be" comes back as it went in.
    let expected = transport::explain(spec.kind, server, &found, ProviderError::Cancelled);
    let wrong = (expected != ProviderError::Cancelled).then_some(expected);
    if let Some(error) = &wrong {
        let step = blame(error, spec, StepKind::Protocol, tried);
        let step = Step { found: format!("it speaks {speaks}; {}", halves(error).0), ..step };
        if step.kind == StepKind::Tls && spec.kind != ProviderKind::Pgvector {
            return Err(step);
        }
    }
    let tls = if spec.kind == ProviderKind::Pgvector { None } else { Some(encryption(spec, server).await?) };
    let right = Step::ok(StepKind::Protocol, tried, format!("it speaks {speaks}"));
    let Some(error) = wrong else { return Ok(Language { tls, protocol: Some(right), suspicion: None }) };
    let step = blame(&error, spec, StepKind::Protocol, tried);
    let rest_wanted = spec.kind.maker().server().is_some_and(|place| place.protocol == Protocol::Http);
    let step = match &found.speaks {
        Speaks::Of(_) | Speaks::QdrantRest => return Ok(Language { tls, protocol: Some(step), suspicion: None }),
        Speaks::Http2 if rest_wanted => Step::fail(
            StepKind::Protocol,
            tried,
            format!("it speaks {speaks}, and {} wants REST", spec.kind.maker().title),
            Cause::GrpcPortForRest,
            spec.kind.default_port().map_or_else(
                || "Give the REST port.".to_owned(),
                |port| format!("Give the server's REST port ({port} by default), not its gRPC port."),
            ),
        ),
        Speaks::Http(_) => match proxy(spec, server, found.tls).await {
            Some(said) => Step::fail(
                StepKind::Protocol,
                tried,
                format!("a proxy answers in the server's place: {said}"),
                Cause::ProxyInTheWay,
                "Let the proxy pass this host on (an exception, or CONNECT), or go around it: another port, a tunnel.",
            ),
            None => step,
        },
        Speaks::Http2 | Speaks::Nothing | Speaks::Unknown => step,
    };
    Ok(Language { tls, protocol: None, suspicion: Some(step) })
}

fn words(found: &Answerer) -> String {
    let speaks = match &found.speaks {
        Speaks::QdrantRest => "Qdrant's REST interface".to_owned(),
        Speaks::Of(kind) => kind.maker().server().map_or("something unknown", |place| place.language).to_owned(),
        Speaks::Http2 => "HTTP/2, as gRPC servers do".to_owned(),
        Speaks::Http(Some(product)) => format!("HTTP ({product})"),
        Speaks::Http(None) => "HTTP".to_owned(),
        Speaks::Nothing => "nothing that we asked for".to_owned(),
        Speaks::Unknown => "something unknown".to_owned(),
    };
    format!("{speaks}, {}", if found.tls { "under TLS" } else { "in plain text" })
}

/// The handshake as the profile wants it.
async fn encryption(spec: &ConnectSpec, server: &Server) -> Result<Step, Step> {
    if !server.tls {
        return Ok(Step::ok(StepKind::Tls, "read the address", "it asks for plain text"));
    }
    let tried = format!("shake hands with {server}");
    let protocol = spec.kind.maker().server().map(|place| place.protocol);
    let offered: &'static [&'static [u8]] = match protocol {
        Some(Protocol::Grpc) => &[b"h2"],
        Some(Protocol::Http) => &[b"http/1.1"],
        Some(Protocol::Own) | None => &[],
    };
    let shaken = async {
        let config = transport::tls_config(&spec.tls, offered).await?;
        transport::open(server, Some(&config), spec.timeouts.connect).await.map(drop)
    };
    match shaken.await {
        Err(error) => Err(blame(&error, spec, StepKind::Tls, &tried)),
        Ok(()) if spec.tls.insecure => Ok(Step::warn(
            StepKind::Tls,
            tried,
            "encrypted, but the certificate is not checked: the profile accepts any",
            Cause::CertificateNotChecked,
            "Give the profile the right CA file and take its insecure flag away.",
        )),
        Ok(()) => Ok(Step::ok(StepKind::Tls, tried, "the certificate is trusted and for this host")),
    }
}

/// The words of a proxy, if one answers a plain GET of the root.
async fn proxy(spec: &ConnectSpec, server: &Server, tls: bool) -> Option<String> {
    let asked = async {
        let config = if tls { Some(transport::tls_config(&spec.tls, &[b"http/1.1"]).await.ok()?) } else { None };
        let mut stream = transport::open(server, config.as_ref(), PATIENCE).await.ok()?;
        let request = format!("GET / HTTP/1.1\r\nHost: {server}\r\nAccept: */*\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut head = vec![0_u8; 2048];
        let length = stream.read(&mut head).await.ok()?;
        head.truncate(length);
        Some(String::from_utf8_lossy(&head).into_owned())
    };
    let answer = timeout(PATIENCE, asked).await.ok().flatten()?;
    let head = answer.split("\r\n\r\n").next().unwrap_or_default();
    let line = head.lines().find(|line| PROXY_MARKS.iter().any(|mark| line.to_ascii_lowercase().contains(mark)))?;
    Some(line.chars().filter(|c| !c.is_control()).take(80).collect())
}
