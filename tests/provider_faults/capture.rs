//! A key goes to the server of the address and to nobody else: whatever redirects a server sends, whatever
//! index host it names. (Variables of the environment are in `tests/commands/route.rs`.)

use std::convert::Infallible;

use http_body_util::Empty;
use hyper::body::Bytes;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use vector_inspector::provider::{ProviderKind, connect};

use super::bench::{Heard, KEY, REST, Serving, ear, serve, spec};

/// An HTTP/1.1 server that sends everybody elsewhere.
async fn sends_away(status: u16, to: String, heard: &Heard) -> Serving {
    let heard = heard.clone();
    serve(move |mut stream| {
        let (to, heard) = (to.clone(), heard.clone());
        async move {
            loop {
                let mut head = Vec::new();
                while !head.windows(4).any(|end| end == b"\r\n\r\n") {
                    let mut part = [0_u8; 1024];
                    match stream.read(&mut part).await {
                        Ok(1..) => head.extend(part.into_iter().take_while(|byte| *byte != 0)),
                        Ok(0) | Err(_) => return,
                    }
                }
                heard.note(head);
                let answer = format!("HTTP/1.1 {status} Elsewhere\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n");
                if stream.write_all(answer.as_bytes()).await.is_err() {
                    return;
                }
            }
        }
    })
    .await
}

/// The same in HTTP/2, for gRPC.
async fn sends_away_in_http2(status: u16, to: String, heard: &Heard) -> Serving {
    let heard = heard.clone();
    serve(move |stream| {
        let (to, heard) = (to.clone(), heard.clone());
        async move {
            let answer = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
                heard.note(format!("{:?}", request.headers()).into_bytes());
                let response = hyper::Response::builder().status(status).header("location", &to);
                let response = response.body(Empty::<Bytes>::new()).unwrap();
                async move { Ok::<_, Infallible>(response) }
            });
            let _ = http2::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), answer).await;
        }
    })
    .await
}

#[tokio::test]
async fn no_redirect_leads_a_key_elsewhere() {
    let elsewhere = Heard::default();
    let other = ear(&elsewhere).await;
    for status in [301, 302, 307, 308] {
        for kind in REST.into_iter().chain([ProviderKind::Qdrant, ProviderKind::Milvus]) {
            for to in [format!("http://127.0.0.1:{}/x", other.port), format!("//localhost:{}/x", other.port)] {
                let asked = Heard::default();
                let server = if REST.contains(&kind) {
                    sends_away(status, to, &asked).await
                } else {
                    sends_away_in_http2(status, to, &asked).await
                };
                let error = connect(&spec(kind, "127.0.0.1", server.port, false)).await.err().expect("no database");
                assert!(asked.connections() > 0, "{kind:?} {status}: nobody asked: {error}");
                assert_eq!(elsewhere.connections(), 0, "{kind:?} {status}: {}", elsewhere.text());
                assert!(!format!("{error} {error:?}").contains(KEY), "{error}");
            }
        }
    }
}

/// Redis Cluster's way to say "elsewhere".
#[tokio::test]
async fn a_moved_of_redis_leads_nowhere() {
    let elsewhere = Heard::default();
    let other = ear(&elsewhere).await;
    for word in ["MOVED", "ASK"] {
        let answer = format!("-{word} 3999 127.0.0.1:{}\r\n", other.port);
        let server = serve(move |mut stream| {
            let answer = answer.clone();
            async move {
                let mut part = [0_u8; 4096];
                while let Ok(1..) = stream.read(&mut part).await {
                    // one answer for each of several commands, and some to spare
                    if stream.write_all(answer.repeat(8).as_bytes()).await.is_err() {
                        return;
                    }
                }
            }
        })
        .await;
        assert!(connect(&spec(ProviderKind::Redis, "127.0.0.1", server.port, false)).await.is_err());
        assert_eq!(elsewhere.connections(), 0, "{word}: {}", elsewhere.text());
    }
}
