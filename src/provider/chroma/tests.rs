//! A Chroma server that misbehaves: what each fault is called, and that the token stays where it
//! belongs. The well-behaved one is in `tests/contract.rs`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use secrecy::SecretString;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::{Chroma, translation};
use crate::provider::model::{CollectionSpec, Metric};
use crate::provider::{Address, ConnectSpec, ErrorKind, Provider, ProviderError, ProviderKind};

const TOKEN: &str = "ck-s3cret-token";

/// What the fake sends back to a path: raw bytes, after which it hangs up.
type Script = fn(&str) -> Vec<u8>;

/// A server on a free port, and all that it was sent.
struct Fake {
    spec: ConnectSpec,
    heard: Arc<Mutex<Vec<String>>>,
}

async fn fake(script: Script) -> Fake {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let log = heard.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, script, log.clone()));
        }
    });
    let address = Address::Server { host: "127.0.0.1".to_owned(), port, tls: false };
    let mut spec = ConnectSpec::new(ProviderKind::Chroma, address);
    spec.secret = Some(SecretString::from(TOKEN));
    Fake { spec, heard }
}

async fn serve(mut stream: TcpStream, script: Script, log: Arc<Mutex<Vec<String>>>) {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let mut piece = [0; 4096];
        match stream.read(&mut piece).await {
            Ok(read) if read > 0 => head.extend_from_slice(&piece[..read]),
            Ok(_) | Err(_) => return,
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = head.split_whitespace().nth(1).unwrap_or_default().to_owned();
    log.lock().unwrap().push(head);
    let _ = stream.write_all(&script(&path)).await;
    let _ = stream.shutdown().await;
}

fn http(status: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}")
        .into_bytes()
}

/// A Chroma server with one collection.
fn well(path: &str) -> Vec<u8> {
    match path.strip_prefix("/api/v2/").unwrap_or_default() {
        "heartbeat" => http("200 OK", r#"{"nanosecond heartbeat":1}"#),
        "version" => http("200 OK", r#""1.0.0""#),
        "pre-flight-checks" => http("200 OK", r#"{"max_batch_size":7}"#),
        "tenants/default_tenant/databases/default_database" => http("200 OK", "{}"),
        rest if rest.ends_with("/collections/c") => {
            http("200 OK", r#"{"id":"00000000-0000-4000-8000-000000000001","name":"c"}"#)
        }
        _ => http("404 Not Found", r#"{"error":"NotFoundError","message":"nothing here"}"#),
    }
}

async fn refused(script: Script) -> ProviderError {
    let fake = fake(script).await;
    let error = Chroma::connect(&fake.spec).await.err().expect("an error");
    assert!(!format!("{error} {error:?}").contains(TOKEN), "{error}");
    error
}

#[tokio::test]
async fn the_token_is_sent_and_limits_are_read() {
    let fake = fake(well).await;
    let chroma = Chroma::connect(&fake.spec).await.unwrap();
    assert_eq!(chroma.capabilities().max_batch, Some(7));
    assert_eq!(chroma.ping().await.unwrap().version, "1.0.0");
    assert!(fake.heard.lock().unwrap().iter().all(|head| head.contains(&format!("x-chroma-token: {TOKEN}"))));
}

#[tokio::test]
async fn a_refused_token_is_unauthorized_and_never_repeated() {
    let error = refused(|path| match path {
        "/api/v2/heartbeat" => well(path),
        _ => http("403 Forbidden", r#"{"error":"ChromaError","message":"ck-s3cret-token is not known"}"#),
    })
    .await;
    let ProviderError::Unauthorized { cause, .. } = &error else { panic!("{error}") };
    assert_eq!(cause, "[key] is not known");
    assert_eq!(error.kind(), ErrorKind::Authentication);
}

#[tokio::test]
async fn a_token_that_no_header_can_hold_is_named_without_being_shown() {
    let mut fake = fake(well).await;
    fake.spec.secret = Some(SecretString::from("ck-s3cret-token\n"));
    let error = Chroma::connect(&fake.spec).await.err().unwrap();
    assert!(matches!(error, ProviderError::Unauthorized { .. }), "{error}");
    assert!(error.to_string().contains("line break") && !format!("{error:?}").contains(TOKEN), "{error}");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let error =
        refused(|_| b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/x\r\ncontent-length: 0\r\n\r\n".to_vec())
            .await;
    let ProviderError::WrongProtocol { cause, .. } = &error else { panic!("{error}") };
    assert!(cause.contains("http://127.0.0.1:1/x"), "{cause}");
}

#[tokio::test]
async fn a_missing_tenant_and_a_missing_database_are_told_apart() {
    let tenant = refused(|path| match path {
        "/api/v2/heartbeat" => well(path),
        _ => http("404 Not Found", r#"{"error":"NotFoundError","message":"no"}"#),
    })
    .await;
    assert!(tenant.to_string().contains("no tenant \"default_tenant\""), "{tenant}");
    let database = refused(|path| match path {
        "/api/v2/tenants/default_tenant" => http("200 OK", "{}"),
        "/api/v2/heartbeat" => well(path),
        _ => http("404 Not Found", r#"{"error":"NotFoundError","message":"no"}"#),
    })
    .await;
    assert!(database.to_string().contains("no database \"default_database\""), "{database}");
}

#[tokio::test]
async fn qdrants_rest_port_is_recognised() {
    let error = refused(|path| match path {
        "/" => http("200 OK", r#"{"title":"qdrant - vector search engine","version":"1.18.3"}"#),
        _ => http("404 Not Found", ""),
    })
    .await;
    assert_eq!(error.kind(), ErrorKind::Protocol);
    assert!(error.to_string().contains("Qdrant"), "{error}");
}

#[tokio::test]
async fn what_is_no_http_is_named_as_such() {
    let error = refused(|_| b"-ERR unknown command 'GET'\r\n".to_vec()).await;
    assert_eq!(error.kind(), ErrorKind::Protocol, "{error}");
}

#[tokio::test]
async fn an_old_server_without_v2_is_told_to_be_updated() {
    let error = refused(|_| http("410 Gone", r#"{"error":"Unimplemented","message":"use v1"}"#)).await;
    assert!(error.to_string().contains("Update the Chroma server"), "{error}");
}

#[tokio::test]
async fn nothing_listening_is_refused() {
    let port = TcpListener::bind(("127.0.0.1", 0)).await.unwrap().local_addr().unwrap().port();
    let address = Address::Server { host: "127.0.0.1".to_owned(), port, tls: false };
    let error = Chroma::connect(&ConnectSpec::new(ProviderKind::Chroma, address)).await.err().unwrap();
    assert_eq!(error, ProviderError::Refused { address: format!("127.0.0.1:{port}") });
}

#[tokio::test]
async fn a_server_that_never_answers_is_timed_out() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let address = Address::Server { host: "127.0.0.1".to_owned(), port, tls: false };
    let mut spec = ConnectSpec::new(ProviderKind::Chroma, address);
    spec.timeouts.connect = Duration::from_millis(200);
    let error = Chroma::connect(&spec).await.err().unwrap();
    assert!(matches!(error, ProviderError::TimedOut { .. }), "{error}");
}

/// Connects to a good server whose list of collections is that answer.
async fn listing(script: Script) -> ProviderError {
    let fake = fake(script).await;
    let chroma = Chroma::connect(&fake.spec).await.unwrap();
    chroma.collections().await.unwrap_err()
}

/// A collection as lists have it.
const ONE: &str = r#"{"id":"00000000-0000-4000-8000-000000000001","name":"c"}"#;

fn is_list(path: &str) -> bool {
    path.contains("/collections?")
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_interrupted() {
    let error = listing(|path| match path {
        _ if is_list(path) => b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n[{\"id\":".to_vec(),
        _ => well(path),
    })
    .await;
    assert!(matches!(error, ProviderError::Interrupted { .. }), "{error}");
}

#[tokio::test]
async fn an_answer_that_is_no_json_is_a_bad_answer() {
    let error = listing(|path| match path {
        _ if is_list(path) => http("200 OK", "<html>"),
        _ => well(path),
    })
    .await;
    assert!(matches!(error, ProviderError::BadAnswer { .. }), "{error}");
}

#[tokio::test]
async fn an_endless_answer_is_given_up_at_the_limit() {
    let error = listing(|path| match path {
        _ if is_list(path) => {
            let mut answer = b"HTTP/1.1 200 OK\r\n\r\n[".to_vec();
            answer.resize(answer.len() + crate::provider::transport::MAX_BODY + 1, b' ');
            answer
        }
        _ => well(path),
    })
    .await;
    assert!(matches!(&error, ProviderError::BadAnswer { cause, .. } if cause.contains("64 MiB")), "{error}");
}

#[tokio::test]
async fn an_error_inside_the_server_is_the_servers() {
    let error = listing(|path| match path {
        _ if is_list(path) => http("500 Internal Server Error", r#"{"error":"InternalError","message":"disk full"}"#),
        _ => well(path),
    })
    .await;
    assert!(matches!(&error, ProviderError::Server { cause, .. } if cause == "disk full"), "{error}");
}

#[tokio::test]
async fn a_list_that_never_ends_is_given_up() {
    let error = listing(|path| match path {
        _ if is_list(path) => http("200 OK", &format!("[{}]", vec![ONE; 100].join(","))),
        _ => well(path),
    })
    .await;
    assert!(matches!(&error, ProviderError::BadAnswer { cause, .. } if cause.contains("same collection")), "{error}");
}

#[tokio::test]
async fn a_list_whose_end_moved_back_is_no_error() {
    let fake = fake(|path| match path {
        _ if is_list(path) => http("200 OK", &format!("[{ONE}]")),
        _ if path.ends_with("/count") => http("200 OK", "3"),
        _ => well(path),
    })
    .await;
    let found = Chroma::connect(&fake.spec).await.unwrap().collections().await.unwrap();
    assert_eq!(found.into_iter().map(|collection| collection.name).collect::<Vec<_>>(), ["c"]);
}

#[test]
fn names_are_refused_as_every_server_refuses_them() {
    let of = |name: &str| translation::create(&CollectionSpec::dense(name, 2, Metric::Cosine));
    for name in ["", "ab", "a/b", "a b", "-abc", "abc.", "a..b", "127.0.0.1", "äbc", &"x".repeat(513)] {
        let error = of(name).unwrap_err();
        assert!(matches!(&error, ProviderError::BadRequest { .. }), "{name:?}: {error}");
    }
    for name in ["abc", "A.b-c_1", "1.2.3", "1.2.3.4.5", "256.0.0.1", &"x".repeat(512)] {
        assert!(of(name).is_ok(), "{name:?}");
    }
}
