//! From who answers at a port to the error that it means for who was expected there.

use super::Server;
use super::probe::{Answerer, Speaks, who_is_there};
use super::server::asking_for;
use crate::provider::{Protocol, ProviderError, ProviderKind};

/// What to do where a proxy answers in the server's place.
pub(super) const PAST_THE_PROXY: &str =
    "Let the proxy pass this host on (an exception, or CONNECT), or go around it: another port, a tunnel.";

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

/// The error for a server of the kind `expected` where `found` answers: names the cause and the mend; `seen` itself
/// where the right kind answers after all.
pub fn explain(expected: ProviderKind, server: &Server, found: &Answerer, seen: ProviderError) -> ProviderError {
    let right = speaks_right(expected, found);
    let port = server.port;
    // PostgreSQL agrees on TLS in its own greeting: its port is never the wrong one for that.
    let wanted = if expected == ProviderKind::Pgvector { found.tls } else { server.tls };
    let (cause, mend) = match (&found.speaks, found.tls, wanted) {
        (_, true, false) if right || !matches!(found.speaks, Speaks::QdrantRest | Speaks::Of(_)) => (
            format!("port {port} wants TLS, and the address asks for plain text"),
            format!("Turn TLS on ({}).", asking_for(expected, true)),
        ),
        (speaks, false, true)
            if (right && *speaks != Speaks::Nothing) || matches!(speaks, Speaks::Unknown | Speaks::Cut) =>
        {
            (
                format!("port {port} speaks plain text, and the address asks for TLS"),
                format!("Turn TLS off ({}), or give the server's TLS port.", asking_for(expected, false)),
            )
        }
        // Half an answer tells nothing more than what was seen.
        (Speaks::Cut, ..) => return seen,
        _ if right => return seen,
        (Speaks::QdrantRest, ..) if expected == ProviderKind::Qdrant => {
            // Qdrant's gRPC port stands beside its REST port, by default one higher.
            let grpc = port.checked_add(1).unwrap_or(6334);
            (
                format!("port {port} is Qdrant's REST port"),
                format!("Give its gRPC port, usually {grpc} here (6334 by default)."),
            )
        }
        (Speaks::QdrantRest, ..) => (
            format!("port {port} is Qdrant's REST port"),
            "Choose Qdrant as the kind of database, with its gRPC port (6334 by default).".to_owned(),
        ),
        (Speaks::Of(kind), ..) => {
            let title = kind.maker().title;
            (format!("a {title} server answers at port {port}"), format!("Choose {title} as the kind of database."))
        }
        (Speaks::Http2, ..) => (
            format!("port {port} speaks HTTP/2, as gRPC servers do"),
            "Choose the kind of database that lives there (Qdrant's gRPC port is 6334), or correct the port."
                .to_owned(),
        ),
        (Speaks::Proxy(line), ..) => {
            (format!("a proxy answers in the server's place ({line})"), PAST_THE_PROXY.to_owned())
        }
        (Speaks::Gateway(line), ..) => {
            let cause = format!("a gateway answers there, and the server behind it does not ({line})");
            return ProviderError::Server { address: server.to_string(), cause };
        }
        (Speaks::Http(product), ..) => (
            match product {
                Some(product) => format!("an HTTP server ({product}) answers at port {port}"),
                None => format!("some other HTTP server answers at port {port}"),
            },
            correct_port(expected),
        ),
        (Speaks::Other(who), ..) => (format!("{who} answers at port {port}"), correct_port(expected)),
        (Speaks::Nothing, ..) => {
            (format!("port {port} takes connections but does not answer in that language"), correct_port(expected))
        }
        (Speaks::Unknown, ..) => (format!("something else answers at port {port}"), correct_port(expected)),
    };
    ProviderError::WrongProtocol { address: server.to_string(), expected: language(expected), cause, mend }
}

/// Whether who answers may be a server of that kind.
fn speaks_right(kind: ProviderKind, found: &Answerer) -> bool {
    match (kind.maker().server().map(|server| server.protocol), &found.speaks) {
        (Some(_), Speaks::Of(found)) => *found == kind,
        (Some(Protocol::Grpc), Speaks::Http2) => true,
        // Chroma would have been recognised, but where it shows nothing without a key.
        (Some(Protocol::Http), Speaks::Http(_)) => kind != ProviderKind::Chroma || found.wants_key,
        // A server with another greeting than usual; PostgreSQL would have been recognised.
        (Some(Protocol::Own), Speaks::Unknown) => kind != ProviderKind::Pgvector,
        (Some(Protocol::Own), Speaks::Nothing) => true,
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
    fn who_keeps_everybody_out_without_a_key_may_be_a_chroma() {
        let found = |wants_key| Answerer { tls: false, speaks: Speaks::Http(Some("nginx".to_owned())), wants_key };
        assert!(error(ProviderKind::Chroma, 8000, false, found(true)).contains("as seen"));
        assert!(error(ProviderKind::Chroma, 8000, false, found(false)).contains("an HTTP server (nginx) answers"));
        assert!(error(ProviderKind::Qdrant, 6334, false, found(true)).contains("an HTTP server (nginx) answers"));
    }

    #[test]
    fn the_rest_port_of_qdrant_leads_to_its_grpc_port() {
        let rest = Answerer { tls: false, speaks: Speaks::QdrantRest, wants_key: false };
        let text = error(ProviderKind::Qdrant, 6333, false, rest.clone());
        assert!(text.contains("port 6333 is Qdrant's REST port") && text.contains("6334"), "{text}");
        assert!(error(ProviderKind::Chroma, 6333, false, rest).contains("Choose Qdrant"));
    }

    #[test]
    fn tls_and_plain_text_are_told_apart_both_ways() {
        let grpc = |tls| Answerer { tls, speaks: Speaks::Http2, wants_key: false };
        assert!(error(ProviderKind::Qdrant, 6334, false, grpc(true)).contains("wants TLS"));
        assert!(error(ProviderKind::Qdrant, 6334, true, grpc(false)).contains("speaks plain text"));
        assert!(error(ProviderKind::Qdrant, 6334, true, grpc(true)).contains("as seen"));
    }

    #[test]
    fn each_maker_is_told_of_tls_in_its_own_words() {
        let redis = |tls| Answerer { tls, speaks: Speaks::Of(ProviderKind::Redis), wants_key: false };
        assert!(
            error(ProviderKind::Redis, 6379, false, redis(true)).contains("(rediss:// or https:// in the address)")
        );
        assert!(error(ProviderKind::Redis, 6379, true, redis(false)).contains("(redis:// or http:// in the address)"));
        let silent = Answerer { tls: false, speaks: Speaks::Nothing, wants_key: false };
        assert!(error(ProviderKind::Redis, 6379, true, silent).contains("as seen"), "it may speak an older TLS");
    }

    #[test]
    fn postgresql_agrees_on_tls_by_itself() {
        let found = |speaks| Answerer { tls: false, speaks, wants_key: false };
        for tls in [true, false] {
            assert!(
                error(ProviderKind::Pgvector, 5432, tls, found(Speaks::Of(ProviderKind::Pgvector))).contains("as seen")
            );
            let ssh = error(ProviderKind::Pgvector, 22, tls, found(Speaks::Other("an SSH server")));
            assert!(ssh.contains("an SSH server answers at port 22"), "{ssh}");
            let unknown = error(ProviderKind::Pgvector, 22, tls, found(Speaks::Unknown));
            assert!(unknown.contains("something else answers"), "{unknown}");
        }
    }

    #[test]
    fn what_stands_between_is_named_and_a_gateway_is_no_wrong_address() {
        for kind in [ProviderKind::Chroma, ProviderKind::Weaviate, ProviderKind::Elasticsearch, ProviderKind::Qdrant] {
            let proxy = Answerer { tls: false, speaks: Speaks::Proxy("Server: squid".to_owned()), wants_key: false };
            assert!(error(kind, 1, false, proxy).contains("a proxy answers in the server's place"), "{kind:?}");
            let gateway = Answerer {
                tls: false,
                speaks: Speaks::Gateway("HTTP/1.1 502 Bad Gateway".to_owned()),
                wants_key: false,
            };
            let text = error(kind, 1, false, gateway);
            assert!(text.contains("the server behind it does not") && !text.contains("Correct host"), "{text}");
            assert!(
                error(kind, 1, false, Answerer { tls: false, speaks: Speaks::Cut, wants_key: false })
                    .contains("as seen")
            );
        }
    }
}
