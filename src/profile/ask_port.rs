//! From `host:port` to a kind of database, by asking the port who it is. For [`super::target::Target::Ask`];
//! `runtime` and `cli` call it when they open the connection, never before the first frame.

use crate::provider::transport::{Server, Speaks, explain, under_way, who_is_there, wrong_protocol};
use crate::provider::{Address, ConnectSpec, Protocol, ProviderError, ProviderKind};

/// The spec with the kind (and, where the address left it open, TLS) of who answers there.
/// No credential is sent. Takes five seconds at most, where something is silent.
///
/// # Errors
/// What a TCP connection can end with, and [`ProviderError::WrongProtocol`] when no database that
/// this build opens answers, with what does and what to do.
pub async fn ask_port(spec: ConnectSpec, tls: Option<bool>) -> Result<ConnectSpec, ProviderError> {
    let mut spec = under_way(&spec).await?;
    let mut server = Server::of(&spec)?;
    server.tls = tls.unwrap_or(false);
    let found = who_is_there(&server).await?;
    let kind = match &found.speaks {
        Speaks::Of(kind) => *kind,
        // It did not say whose gRPC that is: who it is depends on the port that it is known for.
        Speaks::Http2 => by_port(server.port),
        // The probe knows best how to say that the gRPC port is wanted.
        Speaks::QdrantRest => {
            let seen = unknown(&server, "port of Qdrant's REST interface".to_owned());
            return Err(wrong_protocol(ProviderKind::Qdrant, &server, seen).await);
        }
        Speaks::Http(Some(product)) => {
            return Err(unknown(&server, format!("an HTTP server ({product}) answers there")));
        }
        Speaks::Http(None) => return Err(unknown(&server, "some HTTP server answers there".to_owned())),
        Speaks::Other(who) => return Err(unknown(&server, format!("{who} answers there"))),
        // Named by who knows all that may stand in the way.
        Speaks::Proxy(_) | Speaks::Gateway(_) => {
            let seen = unknown(&server, "something stands between".to_owned());
            return Err(explain(ProviderKind::Chroma, &server, &found, seen));
        }
        Speaks::Cut => {
            return Err(unknown(&server, "an HTTP server answers there, and stops in its middle".to_owned()));
        }
        Speaks::Nothing => return Err(unknown(&server, "it takes connections but says nothing".to_owned())),
        Speaks::Unknown => return Err(unknown(&server, "it answers in an unknown language".to_owned())),
    };
    // PostgreSQL agrees on TLS in its own protocol; its provider sees to that.
    if kind != ProviderKind::Pgvector && tls.is_some_and(|asked| asked != found.tls) {
        let seen = unknown(&server, "TLS and plain text are mixed up".to_owned());
        return Err(wrong_protocol(kind, &server, seen).await);
    }
    spec.kind = kind;
    spec.address = Address::Server { host: server.host, port: server.port, tls: found.tls };
    Ok(spec)
}

/// The maker of gRPC servers that is known for that port; Qdrant if none is.
fn by_port(port: u16) -> ProviderKind {
    ProviderKind::ALL
        .into_iter()
        .filter(|kind| kind.maker().server().is_some_and(|place| place.protocol == Protocol::Grpc))
        .find(|kind| kind.default_port() == Some(port))
        .unwrap_or(ProviderKind::Qdrant)
}

fn unknown(server: &Server, cause: String) -> ProviderError {
    ProviderError::WrongProtocol {
        address: server.to_string(),
        expected: "the language of a vector database that this build opens",
        cause,
        mend: format!("Correct host and port ({}).", ports()),
    }
}

/// The ports that makers' servers listen on unless told otherwise; without services of one address.
fn ports() -> String {
    let makers = ProviderKind::ALL.into_iter().map(ProviderKind::maker);
    let servers = makers.filter_map(|maker| maker.server().map(|place| (maker.title, place)));
    let here = servers.filter(|(_, place)| place.host.is_none());
    let listed: Vec<String> = here.map(|(title, place)| format!("{title} {}", place.port)).collect();
    format!("the usual ones are: {}", listed.join(", "))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    /// A port whose owner answers every connection so: what comes, as its first bytes, to what is said.
    async fn port(answer: fn(&[u8]) -> &'static [u8]) -> ConnectSpec {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = [0; 512];
                let length = stream.read(&mut request).await.unwrap_or_default();
                let _ = stream.write_all(answer(&request[..length])).await;
            }
        });
        ConnectSpec::new(ProviderKind::Qdrant, Address::Server { host: "127.0.0.1".into(), port, tls: false })
    }

    /// The kind that such a port is taken for.
    async fn kind_of(answer: fn(&[u8]) -> &'static [u8]) -> ProviderKind {
        ask_port(port(answer).await, None).await.unwrap().kind
    }

    /// The sentence about such a port.
    async fn refusal(answer: fn(&[u8]) -> &'static [u8]) -> String {
        let error = ask_port(port(answer).await, None).await.unwrap_err();
        assert!(matches!(error, ProviderError::WrongProtocol { .. }), "{error}");
        error.to_string()
    }

    #[tokio::test]
    async fn elasticsearch_is_known_by_its_root_and_by_its_refusal() {
        let root = |_: &[u8]| {
            &b"HTTP/1.1 200 OK\r\nX-elastic-product: Elasticsearch\r\ncontent-type: application/json\r\n\r\n\
               {\"name\":\"n\",\"version\":{\"number\":\"8.17.3\"},\"tagline\":\"You Know, for Search\"}"[..]
        };
        assert_eq!(kind_of(root).await, ProviderKind::Elasticsearch);
        let refusal = |_: &[u8]| {
            &b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"security\", charset=\"UTF-8\"\r\n\r\n\
               {\"error\":{\"type\":\"security_exception\",\"reason\":\
               \"missing authentication credentials for REST request [/]\"},\"status\":401}"[..]
        };
        assert_eq!(kind_of(refusal).await, ProviderKind::Elasticsearch);
    }

    #[tokio::test]
    async fn opensearch_is_known_by_its_root_and_by_its_realm() {
        let root = |_: &[u8]| {
            &b"HTTP/1.1 200 OK\r\n\r\n{\"version\":{\"distribution\":\"opensearch\"},\
               \"tagline\":\"The OpenSearch Project: https://opensearch.org/\"}"[..]
        };
        assert_eq!(kind_of(root).await, ProviderKind::Elasticsearch);
        let refusal = |_: &[u8]| {
            &b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"OpenSearch Security\"\r\n\r\nUnauthorized"[..]
        };
        assert_eq!(kind_of(refusal).await, ProviderKind::Elasticsearch);
    }

    #[tokio::test]
    async fn weaviate_is_known_by_the_documents_that_its_root_names() {
        let root = |_: &[u8]| {
            &b"HTTP/1.1 301 Moved Permanently\r\nLocation: /v1\r\n\r\n{\"links\":{\"href\":\"/v1\",\"name\":\"api v1\",\
               \"documentationHref\":\"https://weaviate.io/developers/weaviate/current/\"}}"[..]
        };
        assert_eq!(kind_of(root).await, ProviderKind::Weaviate);
    }

    #[tokio::test]
    async fn redis_that_wants_a_password_is_known() {
        let answer = |asked: &[u8]| {
            let whole_word = asked.split(u8::is_ascii_whitespace).any(|word| word.eq_ignore_ascii_case(b"host:"));
            assert!(!whole_word, "Redis takes that for an attack: {asked:?}");
            if asked.starts_with(b"PING") {
                &b"-NOAUTH Authentication required.\r\n"[..]
            } else {
                b"-NOAUTH Authentication required.\r\n-NOAUTH Authentication required.\r\n"
            }
        };
        assert_eq!(kind_of(answer).await, ProviderKind::Redis);
    }

    #[tokio::test]
    async fn a_pooler_in_front_of_postgresql_is_known() {
        let answer = |asked: &[u8]| match asked.first() {
            Some(0) => &b"N"[..],
            _ => b"E\0\0\0\x2fSFATAL\0C08P01\0Mbad packet header\0\0",
        };
        assert_eq!(kind_of(answer).await, ProviderKind::Pgvector);
    }

    #[tokio::test]
    async fn a_port_that_says_nothing_and_one_that_says_something_else_are_told_apart() {
        let hung_up = refusal(|_| b"").await;
        assert!(hung_up.contains("it takes connections but says nothing"), "{hung_up}");
        // Begins like PostgreSQL's yes, and like a line of Redis.
        let ssh = refusal(|_| b"SSH-2.0-OpenSSH_9.6\r\n").await;
        assert!(ssh.contains("an SSH server answers there"), "{ssh}");
        for greeting in ["S3CR3T 1.0\r\n", "+READY\r\n"] {
            let other = if greeting.starts_with('S') {
                refusal(|_| b"S3CR3T 1.0\r\n").await
            } else {
                refusal(|_| b"+READY\r\n").await
            };
            assert!(other.contains("unknown language"), "{greeting}: {other}");
            assert!(other.contains("Redis 6379") && other.contains("Weaviate 8080"), "{other}");
            assert!(!other.contains("Pinecone"), "it has no port of its own: {other}");
        }
    }

    #[tokio::test]
    async fn a_silent_port_is_named_as_one() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let address = Address::Server { host: "127.0.0.1".into(), port, tls: false };
        let error = ask_port(ConnectSpec::new(ProviderKind::Qdrant, address), None).await.unwrap_err();
        drop(listener);
        assert!(error.to_string().contains("it takes connections but says nothing"), "{error}");
    }

    #[tokio::test]
    async fn a_web_server_is_named_as_one() {
        let text = refusal(|_| b"HTTP/1.1 200 OK\r\nserver: nginx\r\ncontent-length: 0\r\n\r\n").await;
        assert!(text.contains("an HTTP server (nginx)"), "{text}");
    }

    #[tokio::test]
    async fn the_rest_port_of_qdrant_is_told_from_the_right_one() {
        let text = refusal(|_| {
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 60\r\n\r\n\
              {\"title\":\"qdrant - vector search engine\",\"version\":\"1.18.0\"}"
        })
        .await;
        assert!(text.contains("REST port"), "{text}");
    }

    #[tokio::test]
    async fn a_port_where_nobody_listens_is_refused() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let spec =
            ConnectSpec::new(ProviderKind::Qdrant, Address::Server { host: "127.0.0.1".into(), port, tls: false });
        assert!(matches!(ask_port(spec, None).await.unwrap_err(), ProviderError::Refused { .. }));
    }
}
