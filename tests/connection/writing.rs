//! Write windows: what the task tells of them, and what ends them.

use std::time::Duration;

use vector_inspector::connection::health::HealthState;
use vector_inspector::connection::message::{Command, ConnectionEventKind};
use vector_inspector::provider::model::{CollectionSpec, Metric};
use vector_inspector::provider::{Access, Lock, ProviderError};

use crate::bench::Bench;
use crate::scripted::{Act, Scripted, Token};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const PRODUCTION: Lock = Lock::Environment("production");

fn production() -> Scripted {
    let server = Scripted::new();
    server.gate().set_lock(Some(PRODUCTION));
    server
}

async fn idle(server: &Scripted) -> Bench {
    let mut bench = Bench::start(server);
    bench.until_idle().await;
    bench
}

fn accesses(said: &[ConnectionEventKind]) -> Vec<Access> {
    let access = |kind: &ConnectionEventKind| match kind {
        ConnectionEventKind::Access(access) => Some(*access),
        _ => None,
    };
    said.iter().filter_map(access).collect()
}

/// Whether a write gets through to the server.
async fn writes(server: &Scripted) -> bool {
    let name = format!("c{}", fastrand::u64(..));
    let made = server.provider().await.unwrap().create_collection(&CollectionSpec::dense(&name, 2, Metric::Dot)).await;
    match made {
        Ok(()) => true,
        Err(ProviderError::ReadOnly { .. }) => false,
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_window_counts_down_every_second_and_ends_by_itself() {
    let server = production();
    let mut bench = idle(&server).await;
    assert_eq!(accesses(&bench.pass(SECOND).await), [], "it was told before the health");
    assert_eq!(server.gate().access(), Access::locked(Some(PRODUCTION)));
    assert!(!writes(&server).await);
    bench.send(Command::OpenWindow(15 * MINUTE));
    let said = accesses(&bench.pass(SECOND).await);
    assert_eq!(said.first(), Some(&Access { lock: Some(PRODUCTION), window_s: Some(900) }));
    assert!(writes(&server).await);
    let said = accesses(&bench.pass(14 * MINUTE).await);
    assert!((839..=841).contains(&said.len()), "one for each second: {}", said.len());
    assert!(said.iter().all(|access| !access.is_read_only()));
    let said = accesses(&bench.pass(MINUTE).await);
    assert_eq!(said.last(), Some(&Access::locked(Some(PRODUCTION))));
    assert!(!writes(&server).await);
    assert_eq!(accesses(&bench.pass(10 * MINUTE).await), [], "nothing more to tell");
}

#[tokio::test(start_paused = true)]
async fn a_disconnect_ends_the_window_and_the_next_life_is_read_only() {
    let server = production();
    let mut bench = idle(&server).await;
    bench.send(Command::OpenWindow(60 * MINUTE));
    bench.pass(SECOND).await;
    assert!(writes(&server).await);
    server.always(&Act::refuse());
    bench.until_failed().await;
    assert!(server.gate().access().is_read_only());
    server.always(&Act::Answer);
    bench.until_idle().await;
    assert!(!writes(&server).await);
}

#[tokio::test(start_paused = true)]
async fn one_ping_to_which_nobody_is_there_ends_the_window_and_one_that_is_late_does_not() {
    let server = production();
    let mut bench = idle(&server).await;
    bench.send(Command::OpenWindow(60 * MINUTE));
    bench.pass(SECOND).await;
    server.on_ping(Act::Hang);
    bench.until(|health| matches!(health.state, HealthState::Reconnecting { .. })).await;
    server.on_ping(Act::Answer);
    bench.until_idle().await;
    assert!(writes(&server).await, "who is late is still there");
    server.on_ping(Act::refuse());
    bench.until(|health| matches!(health.state, HealthState::Reconnecting { attempt: 1, .. })).await;
    assert!(server.gate().access().is_read_only());
    bench.send(Command::OpenWindow(60 * MINUTE));
    server.on_ping(Act::Answer);
    bench.until_idle().await;
    assert!(!writes(&server).await, "nor does one open while it is not there");
}

#[tokio::test(start_paused = true)]
async fn closing_the_window_or_the_connection_ends_it() {
    let server = production();
    let mut bench = idle(&server).await;
    for end in [Command::CloseWindow, Command::Close] {
        bench.send(Command::OpenWindow(60 * MINUTE));
        bench.pass(SECOND).await;
        assert!(!server.gate().access().is_read_only());
        bench.send(end);
        bench.pass(SECOND).await;
        assert!(server.gate().access().is_read_only());
    }
}

#[tokio::test(start_paused = true)]
async fn no_window_opens_while_there_is_no_connection() {
    let server = production();
    server.on_connect(Act::refuse());
    let mut bench = Bench::start(&server);
    bench.until_failed().await;
    bench.send(Command::OpenWindow(60 * MINUTE));
    server.on_connect(Act::Answer);
    bench.until_idle().await;
    assert!(server.gate().access().is_read_only());
}

#[tokio::test(start_paused = true)]
async fn a_fresh_secret_is_no_disconnect_and_leaves_the_window_open() {
    let server = production();
    server.with_token(Token { lifetime: Some(2 * MINUTE), ..Token::default() });
    let mut bench = idle(&server).await;
    bench.send(Command::OpenWindow(60 * MINUTE));
    bench.pass(10 * MINUTE).await;
    assert!(server.fetched() >= 4, "{}", server.fetched());
    assert!(!server.gate().access().is_read_only());
}

#[tokio::test(start_paused = true)]
async fn a_run_or_a_profile_that_is_read_only_stays_so_whatever_is_asked() {
    for lock in [Lock::Run, Lock::Profile] {
        let server = Scripted::new();
        server.gate().set_lock(Some(lock));
        let mut bench = idle(&server).await;
        bench.send(Command::OpenWindow(60 * MINUTE));
        assert!(accesses(&bench.pass(MINUTE).await).iter().all(|access| access.is_read_only()));
        assert_eq!(server.gate().access(), Access::locked(Some(lock)));
        assert!(!writes(&server).await);
    }
}

#[tokio::test(start_paused = true)]
async fn a_lock_that_is_set_while_the_first_connect_is_under_way_holds_when_it_stands() {
    let server = Scripted::new();
    server.on_connect(Act::After(10 * SECOND));
    let mut bench = Bench::start(&server);
    bench.pass(SECOND).await;
    // What was set is told at once: who sends the next one goes by that.
    for lock in [None, Some(Lock::Profile)] {
        bench.send(Command::SetLock(lock));
        assert_eq!(accesses(&bench.pass(SECOND).await), [Access::locked(lock)]);
    }
    bench.until_idle().await;
    assert_eq!(server.gate().access(), Access::locked(Some(Lock::Profile)));
    assert!(!writes(&server).await);
    // The next attempt reads the profile anew: what was set before it began is no news any more.
    server.always(&Act::refuse());
    bench.until_failed().await;
    server.gate().set_lock(None);
    server.always(&Act::Answer);
    bench.until_idle().await;
    assert_eq!(server.gate().access().lock, None);
}

#[tokio::test(start_paused = true)]
async fn a_changed_profile_locks_and_frees_an_open_connection() {
    let server = Scripted::new();
    let mut bench = idle(&server).await;
    assert!(writes(&server).await);
    bench.send(Command::SetLock(Some(Lock::Profile)));
    assert_eq!(accesses(&bench.pass(SECOND).await), [Access::locked(Some(Lock::Profile))]);
    assert!(!writes(&server).await);
    bench.send(Command::SetLock(None));
    assert_eq!(accesses(&bench.pass(SECOND).await), [Access::locked(None)]);
    assert!(writes(&server).await);
}
