//! Who answers at the port, and whether both sides agree on TLS. Sends no credential.

use std::time::{SystemTime, UNIX_EPOCH};

use super::blame::{blame, halves};
use super::model::{Cause, Step, StepKind};
use crate::provider::transport::{self, Answerer, Server, Speaks};
use crate::provider::{ConnectSpec, Protocol, ProviderError, ProviderKind};

/// A certificate that ends sooner than this, in seconds, is warned of.
const SOON: u64 = 14 * 24 * 60 * 60;

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
    let Some(error) = wrong else {
        let silent = found.speaks == Speaks::Nothing;
        let suspicion = silent.then(|| silence(spec, server, tried));
        return Ok(Language { tls, protocol: (!silent).then_some(right), suspicion });
    };
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
        Speaks::Proxy(_)
        | Speaks::Gateway(_)
        | Speaks::Cut
        | Speaks::Other(_)
        | Speaks::Http(_)
        | Speaks::Http2
        | Speaks::Nothing
        | Speaks::Unknown => step,
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
        Speaks::Proxy(_) => "HTTP, as a proxy".to_owned(),
        Speaks::Gateway(_) => "HTTP, as a gateway".to_owned(),
        Speaks::Cut => "HTTP, but stops in the middle of its answer".to_owned(),
        Speaks::Other(who) => format!("as {who}"),
        Speaks::Nothing => "nothing that we asked for".to_owned(),
        Speaks::Unknown => "something unknown".to_owned(),
    };
    if found.speaks == Speaks::Of(ProviderKind::Pgvector) {
        // Whether under TLS is agreed on later, while connecting.
        return speaks;
    }
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
    let shake = async |offered| {
        let config = transport::tls_config(&spec.tls, offered).await?;
        transport::shake_hands(server, &config, spec.timeouts.connect).await
    };
    let shaken = match shake(offered).await {
        // Which language it speaks under TLS is the next step's affair.
        Err(ProviderError::Interrupted { cause, .. }) if cause.contains("NoApplicationProtocol") => shake(&[]).await,
        answer => answer,
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    match shaken {
        Err(error) => Err(blame(&error, spec, StepKind::Tls, &tried)),
        Ok(_) if spec.tls.insecure => Ok(Step::warn(
            StepKind::Tls,
            tried,
            "encrypted, but the certificate is not checked: the profile accepts any",
            Cause::CertificateNotChecked,
            "Give the profile the right CA file and take its insecure flag away.",
        )),
        Ok(Some(end)) if end < now + SOON => Ok(Step::warn(
            StepKind::Tls,
            tried,
            format!("the certificate is trusted and for this host, but ends on {}", transport::date(end)),
            Cause::CertificateEndsSoon,
            "Have the server's certificate renewed before that day.",
        )),
        Ok(Some(end)) => {
            let until = transport::date(end);
            Ok(Step::ok(StepKind::Tls, tried, format!("the certificate is trusted and for this host, until {until}")))
        }
        Ok(None) => Ok(Step::ok(StepKind::Tls, tried, "the certificate is trusted and for this host")),
    }
}

/// It takes connections and says nothing: a language of its own may begin otherwise, so only a suspicion.
fn silence(spec: &ConnectSpec, server: &Server, tried: &str) -> Step {
    let usual = spec.kind.default_port().map_or_else(String::new, |port| format!(" ({port} by default)"));
    Step::fail(
        StepKind::Protocol,
        tried,
        format!("{server} takes connections, but answers nothing or hangs up"),
        Cause::NoAnswer,
        format!("Correct host and port{usual}, or see the server's log."),
    )
}
