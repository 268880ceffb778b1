//! LanceDB in an object store beyond the shared suite: what the store says of a wrong key or bucket, and
//! that short addresses lead there. `tests/run` starts moto, a fake of S3; a real store is named by the
//! variables.
#![cfg_attr(not(feature = "lancedb"), allow(dead_code))]

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use uuid::Uuid;
use vector_inspector::profile::target::{self, Target};
use vector_inspector::provider::model::PageRequest;
use vector_inspector::provider::{Address, ConnectSpec, Provider, ProviderError, connect};

use crate::bench::Bench;

/// The variable with the store and a bucket of it: `http://HOST:PORT/BUCKET`.
pub const URL: &str = "VECTOR_INSPECTOR_TEST_S3_URL";
/// The variable with `ID:SECRET`.
pub const KEY: &str = "VECTOR_INSPECTOR_TEST_S3_KEY";

crate::cases!(
    tables_are_seen_by_whoever_opens_the_folder_next,
    a_version_is_opened_as_it_was,
    a_bucket_that_is_not_there_is_said_so,
    a_store_that_is_not_there_refuses,
    a_refused_key_is_said_so_and_its_secret_does_not_travel,
);

fn variable(name: &str) -> Result<String, String> {
    std::env::var(name).map_err(|_| format!("{name} is not set"))
}

/// The spec of a folder that nobody else has.
pub fn spec() -> Result<ConnectSpec, String> {
    spec_of(&format!("contract-{}", Uuid::new_v4()))
}

fn spec_of(folder: &str) -> Result<ConnectSpec, String> {
    let url = variable(URL)?;
    let (endpoint, bucket) = url.rsplit_once('/').ok_or_else(|| format!("{URL} has no bucket"))?;
    let key = variable(KEY)?;
    let (id, secret) = key.split_once(':').ok_or_else(|| format!("{KEY} is not ID:SECRET"))?;
    let endpoint = endpoint.replace(':', "%3A").replace('/', "%2F");
    let word = format!("s3://{bucket}/{folder}?endpoint={endpoint}&account={id}&key_env={KEY}");
    match target::parse(&word, &|name| (name == KEY).then(|| secret.to_owned())) {
        Ok(Target::Spec { spec, .. }) => Ok(*spec),
        other => Err(format!("{word}: {other:?}")),
    }
}

async fn open(spec: &ConnectSpec) -> Arc<dyn Provider> {
    connect(spec).await.unwrap().into()
}

async fn tables_are_seen_by_whoever_opens_the_folder_next(bench: &Bench) {
    let spec = spec().unwrap();
    let (one, other) = (open(&spec).await, open(&spec).await);
    let name = bench.on(one.clone()).filled(30).await;
    let listed = other.collections().await.unwrap();
    assert_eq!(listed.iter().map(|c| c.name.as_str()).collect::<Vec<_>>(), [name.as_str()]);
    assert_eq!(other.count(&name, None).await.unwrap().value, 30);
    other.delete(&name, &[bench.id(3)]).await.unwrap();
    let page = one.page(&name, &PageRequest::first(100)).await.unwrap();
    assert_eq!(page.records.len(), 29);
    one.drop_collection(&name).await.unwrap();
    let gone = other.count(&name, None).await.unwrap_err();
    assert!(matches!(gone, ProviderError::NoSuchCollection { .. }), "{gone}");
}

async fn a_version_is_opened_as_it_was(bench: &Bench) {
    let mut spec = spec().unwrap();
    let now = open(&spec).await;
    let bench = bench.on(now.clone());
    let name = bench.filled(3).await;
    bench.put(&name, vec![bench.record(7)]).await;
    spec.options.insert("version".to_owned(), "1".to_owned());
    let then = open(&spec).await;
    assert!(then.count(&name, None).await.unwrap().value < now.count(&name, None).await.unwrap().value);
    now.drop_collection(&name).await.unwrap();
}

async fn a_bucket_that_is_not_there_is_said_so(_: &Bench) {
    let mut spec = spec().unwrap();
    spec.options.insert("folder".to_owned(), format!("no-such-bucket-{}/x", Uuid::new_v4()));
    let error = connect(&spec).await.err().unwrap();
    let text = error.to_string();
    assert!(matches!(error, ProviderError::BadRequest { .. } | ProviderError::Unauthorized { .. }), "{text}");
    assert!(text.contains("no-such-bucket") && !text.contains("source"), "{text}");
}

async fn a_store_that_is_not_there_refuses(_: &Bench) {
    let mut spec = spec().unwrap();
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    spec.address = Address::Server { host: "127.0.0.1".to_owned(), port: nobody, tls: false };
    let error = connect(&spec).await.err().unwrap();
    assert!(matches!(error, ProviderError::Refused { .. }), "{error}");
}

async fn a_refused_key_is_said_so_and_its_secret_does_not_travel(_: &Bench) {
    let store = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = store.local_addr().unwrap().port();
    let heads: Arc<Mutex<Vec<String>>> = Arc::default();
    let seen = Arc::clone(&heads);
    // A store that knows nobody; what it was asked is kept.
    let serving = tokio::spawn(async move {
        while let Ok((mut client, _)) = store.accept().await {
            let (mut head, mut piece) = (Vec::new(), [0; 4096]);
            while !head.windows(4).any(|end| end == b"\r\n\r\n") {
                match client.read(&mut piece).await {
                    Ok(read @ 1..) => head.extend_from_slice(&piece[..read]),
                    _ => break,
                }
            }
            seen.lock().unwrap().push(String::from_utf8_lossy(&head).into_owned());
            let answer = b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            let _ = client.write_all(answer).await;
        }
    });
    let mut spec = spec().unwrap();
    spec.address = Address::Server { host: "127.0.0.1".to_owned(), port, tls: false };
    spec.secret = Some("another-secret-canary".to_owned().into());
    let error = connect(&spec).await.err().unwrap();
    serving.abort();
    assert!(matches!(error, ProviderError::Unauthorized { .. }), "{error}");
    let heads = heads.lock().unwrap();
    assert!(!heads.is_empty());
    for head in heads.iter() {
        assert!(head.contains("AWS4-HMAC-SHA256 Credential="), "unsigned: {head}");
        assert!(!head.contains("canary") && !error.to_string().contains("canary"), "{head} {error}");
    }
}
