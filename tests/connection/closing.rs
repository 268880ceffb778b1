//! The end of a connection.

use std::time::Duration;

use vector_inspector::connection::Shared;
use vector_inspector::connection::health::HealthState;
use vector_inspector::connection::message::{Command, ConnectionEventKind};
use vector_inspector::connection::registry::EVENTS;
use vector_inspector::provider::ProviderError;

use crate::bench::Bench;
use crate::scripted::{Act, Scripted};

#[tokio::test(start_paused = true)]
async fn close_cancels_what_runs_and_what_waits_and_ends_with_closed() {
    let mut bench = Bench::idle().await;
    bench.server.on_ask(Act::Hang);
    let ids: Vec<_> = (0..20).map(|_| bench.ask(None)).collect();
    bench.server_until(|server| server.running() == 16).await;
    let unread = bench.ask(None);
    bench.send(Command::Close);
    for id in ids.into_iter().chain([unread]) {
        assert_eq!(bench.answer(id).await.1, Err(ProviderError::Cancelled));
    }
    bench.until(|health| health.state == HealthState::Closed).await;
    assert_eq!(bench.next().await.kind, ConnectionEventKind::Closed);
    assert_eq!((bench.server.open(), bench.server.running()), (0, 0), "the database is free at that moment");
    assert!(bench.events.recv().await.is_none(), "nothing follows");
    let refused = bench.handle.try_send(Command::CheckNow).unwrap_err();
    assert_eq!(refused.error, ProviderError::NotConnected);
}

#[tokio::test(start_paused = true)]
async fn close_does_not_wait_for_a_connect_or_a_ping() {
    let server = Scripted::new();
    server.on_connect(Act::Hang);
    let mut bench = Bench::start(&server);
    bench.server_until(|server| server.connects_at().len() == 1).await;
    bench.send(Command::Close);
    bench.until(|health| health.state == HealthState::Closed).await;
    assert_eq!(bench.next().await.kind, ConnectionEventKind::Closed);
}

#[tokio::test(start_paused = true)]
async fn dropping_the_handle_ends_the_task_without_a_word() {
    let mut bench = Bench::idle().await;
    bench.server.on_ask(Act::Hang);
    bench.ask(None);
    bench.server_until(|server| server.running() == 1).await;
    while bench.events.try_recv().is_ok() {}
    let Bench { server, handle, mut events, .. } = bench;
    drop(handle);
    assert_eq!(events.recv().await, None);
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!((server.open(), server.running()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_task_that_nobody_listens_to_ends() {
    let server = Scripted::new();
    let mut bench = Bench::start_with(&server, 7, Shared::alone(), EVENTS);
    bench.until_idle().await;
    bench.events.close();
    bench.server_until(|server| server.open() == 0).await;
}
