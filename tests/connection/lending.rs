//! The database of a connection, lent to a job.

use std::time::Duration;

use vector_inspector::connection::message::{Command, ConnectionEventKind, Epoch};
use vector_inspector::provider::model::{CollectionSpec, Metric};
use vector_inspector::provider::{Lock, Provider, ProviderError};

use crate::bench::Bench;
use crate::scripted::{Act, Scripted};

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_not_up_lends_nothing() {
    let server = Scripted::new();
    server.on_connect(Act::refuse());
    let mut bench = Bench::start(&server);
    bench.until_failed().await;
    assert_eq!(bench.handle.lend().err(), Some(ProviderError::NotConnected));
}

#[tokio::test(start_paused = true)]
async fn what_was_lent_waits_for_a_reconnect_and_goes_on_with_the_new_link() {
    let mut bench = Bench::idle().await;
    let lent = bench.handle.lend().unwrap();
    assert!(lent.collections().await.is_ok());
    bench.server.always(&Act::refuse());
    bench.ask(None);
    bench.until_failed().await;
    let asking = tokio::spawn(async move { lent.collections().await });
    bench.server.always(&Act::Answer);
    bench.until_idle().await;
    assert_eq!(asking.await.unwrap(), Ok(Vec::new()));
    assert_eq!(bench.handle.epoch(), Epoch(2));
}

#[tokio::test(start_paused = true)]
async fn what_was_lent_ends_with_the_connection() {
    let mut bench = Bench::idle().await;
    let lent = bench.handle.lend().unwrap();
    bench.send(Command::Close);
    while bench.next().await.kind != ConnectionEventKind::Closed {}
    assert_eq!(lent.collections().await, Err(ProviderError::NotConnected));
}

#[tokio::test(start_paused = true)]
async fn what_was_lent_stands_behind_the_same_gate() {
    let server = Scripted::new();
    server.gate().set_lock(Some(Lock::Environment("production")));
    let mut bench = Bench::start(&server);
    bench.until_idle().await;
    let lent = bench.handle.lend().unwrap();
    let spec = CollectionSpec::dense("copies", 2, Metric::Dot);
    let refused = lent.create_collection(&spec).await;
    assert!(matches!(refused, Err(ProviderError::ReadOnly { .. })), "{refused:?}");
    bench.send(Command::OpenWindow(Duration::from_secs(60)));
    loop {
        if let ConnectionEventKind::Access(access) = bench.next().await.kind
            && access.window_s.is_some()
        {
            break;
        }
    }
    assert_eq!(lent.create_collection(&spec).await, Ok(()));
}
