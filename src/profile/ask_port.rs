//! From `host:port` to a kind of database, by asking the port who it is. For [`super::target::Target::Ask`];
//! `runtime` and `cli` call it when they open the connection, never before the first frame.

use crate::provider::transport::{Server, Speaks, who_is_there, wrong_protocol};
use crate::provider::{Address, ConnectSpec, ProviderError, ProviderKind};

/// The spec with the kind (and, where the address left it open, TLS) of who answers there.
/// No credential is sent. Takes two seconds at most.
///
/// # Errors
/// What a TCP connection can end with, and [`ProviderError::WrongProtocol`] when no database that
/// this build opens answers, with what does and what to do.
pub async fn ask_port(mut spec: ConnectSpec, tls: Option<bool>) -> Result<ConnectSpec, ProviderError> {
    let mut server = Server::of(&spec)?;
    server.tls = tls.unwrap_or(false);
    let found = who_is_there(&server).await?;
    let kind = match &found.speaks {
        Speaks::Http2 => ProviderKind::Qdrant,
        Speaks::Chroma => ProviderKind::Chroma,
        // The probe knows best how to say that the gRPC port is wanted.
        Speaks::QdrantRest => {
            let seen = unknown(&server, "port of Qdrant's REST interface".to_owned());
            return Err(wrong_protocol(ProviderKind::Qdrant, &server, seen).await);
        }
        Speaks::Http(Some(product)) => {
            return Err(unknown(&server, format!("an HTTP server ({product}) answers there")));
        }
        Speaks::Http(None) => return Err(unknown(&server, "some HTTP server answers there".to_owned())),
        Speaks::Nothing => return Err(unknown(&server, "it takes connections but says nothing".to_owned())),
        Speaks::Unknown => return Err(unknown(&server, "it answers in an unknown language".to_owned())),
    };
    if tls.is_some_and(|asked| asked != found.tls) {
        let seen = unknown(&server, "TLS and plain text are mixed up".to_owned());
        return Err(wrong_protocol(kind, &server, seen).await);
    }
    spec.kind = kind;
    spec.address = Address::Server { host: server.host, port: server.port, tls: found.tls };
    Ok(spec)
}

fn unknown(server: &Server, cause: String) -> ProviderError {
    ProviderError::WrongProtocol {
        address: server.to_string(),
        expected: "the language of a vector database that this build opens",
        cause,
        mend: "Correct host and port (Qdrant listens on 6334, Chroma on 8000 by default).".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    /// A port whose owner gives every connection this answer.
    async fn port_that_says(answer: &'static [u8]) -> ConnectSpec {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = [0; 512];
                let _ = stream.read(&mut request).await;
                let _ = stream.write_all(answer).await;
            }
        });
        ConnectSpec::new(ProviderKind::Qdrant, Address::Server { host: "127.0.0.1".into(), port, tls: false })
    }

    #[tokio::test]
    async fn a_web_server_is_named_as_one() {
        let spec = port_that_says(b"HTTP/1.1 200 OK\r\nserver: nginx\r\ncontent-length: 0\r\n\r\n").await;
        let error = ask_port(spec, None).await.unwrap_err();
        assert!(matches!(error, ProviderError::WrongProtocol { .. }), "{error}");
        assert!(error.to_string().contains("HTTP server"), "{error}");
    }

    #[tokio::test]
    async fn the_rest_port_of_qdrant_is_told_from_the_right_one() {
        let answer = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 60\r\n\r\n\
            {\"title\":\"qdrant - vector search engine\",\"version\":\"1.18.0\"}";
        let error = ask_port(port_that_says(answer).await, None).await.unwrap_err();
        assert!(error.to_string().contains("REST port"), "{error}");
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
