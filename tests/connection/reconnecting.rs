//! Loss of a connection, and its return.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;
use vector_inspector::connection::health::{HealthState, word};
use vector_inspector::connection::message::{Command, ConnectionEventKind, ConnectionId, Epoch};
use vector_inspector::connection::registry::{CONNECTS_AT_ONCE, EVENTS};
use vector_inspector::connection::{Registry, Settings, Shared};
use vector_inspector::provider::ProviderError;

use crate::bench::{Bench, answers, words};
use crate::scripted::{Act, Scripted};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test(start_paused = true)]
async fn a_first_connect_that_is_refused_is_failed_at_once_with_its_cause() {
    let server = Scripted::new();
    server.on_connect(Act::refuse());
    let mut bench = Bench::start(&server);
    let start = Instant::now();
    let health = bench.until_failed().await;
    assert!(start.elapsed() < SECOND);
    assert_eq!(word(&health), "refused");
    assert!(health.error.unwrap().contains("Start the server"));
    server.on_connect(Act::Answer);
    let health = bench.until_idle().await;
    assert_eq!(health.error, None, "well again by itself");
    assert!(bench.handle.epoch() == Epoch(1));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_falls_silent_is_red_within_30_seconds_and_idle_when_it_returns() {
    for seed in 0..50 {
        let server = Scripted::new();
        let mut bench = Bench::start_with(&server, seed, Shared::alone(), EVENTS);
        bench.until_idle().await;
        bench.pass(Duration::from_millis(seed * 731)).await;
        server.always(&Act::Hang);
        let silent = Instant::now();
        let health = bench.until_failed().await;
        assert!(silent.elapsed() <= 30 * SECOND, "seed {seed}: {:?}", silent.elapsed());
        assert_eq!(word(&health), "no answer");
        server.always(&Act::Answer);
        bench.until_idle().await;
        assert_eq!(bench.handle.epoch(), Epoch(2));
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_dies_is_red_within_two_seconds_of_the_first_failed_question() {
    let mut bench = Bench::idle().await;
    bench.server.always(&Act::refuse());
    let start = Instant::now();
    bench.ask(None);
    bench.until_failed().await;
    assert!(start.elapsed() <= 2 * SECOND, "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_failing_connection_stays_red_while_it_retries() {
    let mut bench = Bench::idle().await;
    bench.server.always(&Act::refuse());
    bench.until_failed().await;
    let said = bench.pass(10 * MINUTE).await;
    assert!(bench.server.connects_at().len() > 10);
    assert!(words(&said).iter().all(|word| word == "refused"), "{:?}", words(&said));
}

#[tokio::test(start_paused = true)]
async fn one_failed_ping_is_a_warning_and_a_good_one_after_it_is_idle_in_the_same_life() {
    let mut bench = Bench::idle().await;
    bench.server.on_ping(Act::refuse());
    let warned = bench.until(|health| matches!(health.state, HealthState::Reconnecting { .. })).await;
    assert_eq!(word(&warned), "retry in 1 s (1)");
    bench.server.on_ping(Act::Answer);
    bench.until_idle().await;
    assert_eq!(bench.handle.epoch(), Epoch(1));
}

#[tokio::test(start_paused = true)]
async fn what_runs_when_the_connection_is_lost_is_answered_once_and_its_late_answer_ignored() {
    let mut bench = Bench::idle().await;
    bench.server.on_ask(Act::After(2 * MINUTE));
    let id = bench.ask(Some(10 * MINUTE));
    bench.server_until(|server| server.running() == 1).await;
    bench.server.on_ping(Act::refuse());
    let (epoch, result, _) = bench.answer(id).await;
    assert_eq!(epoch, Epoch(1));
    assert!(matches!(result, Err(ProviderError::Refused { .. })), "{result:?}");
    bench.server.on_ping(Act::Answer);
    bench.until_idle().await;
    assert_eq!(bench.handle.epoch(), Epoch(2));
    assert_eq!(answers(&bench.pass(20 * MINUTE).await), 0);
}

#[tokio::test(start_paused = true)]
async fn a_refused_key_or_certificate_is_never_tried_again_without_the_user() {
    let certificate =
        ProviderError::Certificate { address: "scripted:1".to_owned(), cause: "it has expired".to_owned() };
    for (act, expected) in [(Act::forbid(), "key refused"), (Act::Fail(certificate), "certificate not accepted")] {
        let server = Scripted::new();
        server.on_connect(act);
        let mut bench = Bench::start(&server);
        let said = bench.pass(30 * MINUTE).await;
        assert_eq!(words(&said), ["connecting", expected]);
        assert_eq!(server.connects_at().len(), 1);
        bench.send(Command::CheckNow);
        assert_eq!(words(&bench.pass(30 * MINUTE).await), ["connecting", expected]);
        assert_eq!(server.connects_at().len(), 2);
        server.on_connect(Act::Answer);
        bench.send(Command::CheckNow);
        bench.until_idle().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_withdrawn_later_is_red_at_the_next_ping_and_ends_the_attempts() {
    let mut bench = Bench::idle().await;
    bench.server.always(&Act::forbid());
    bench.until(|health| health.state == HealthState::Unauthorized).await;
    bench.pass(30 * MINUTE).await;
    assert_eq!(bench.server.connects_at().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn one_forbidden_question_is_not_the_end_of_the_connection() {
    let mut bench = Bench::idle().await;
    bench.server.on_ask(Act::forbid());
    let id = bench.ask(None);
    assert!(matches!(bench.answer(id).await.1, Err(ProviderError::Unauthorized { .. })));
    bench.server.on_ask(Act::Answer);
    let id = bench.ask(None);
    assert!(bench.answer(id).await.1.is_ok());
    assert_eq!(bench.server.connects_at().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_thousand_outages_of_ten_minutes_take_at_most_45_attempts_each() {
    let outage = |seed| {
        let server = Scripted::new();
        server.always(&Act::refuse());
        Bench::start_with(&server, seed, Shared::alone(), EVENTS)
    };
    let outages: Vec<_> = (0..1_000).map(outage).collect();
    tokio::time::sleep(10 * MINUTE).await;
    let attempts = || outages.iter().map(|bench| bench.server.connects_at().len());
    assert!(attempts().all(|attempts| attempts >= 20), "one of them gave up");
    let most = attempts().max().unwrap();
    assert!(most <= 45, "{most} attempts");
}

#[tokio::test(start_paused = true)]
async fn a_panic_while_connecting_is_a_failure_like_others() {
    let server = Scripted::new();
    server.on_connect(Act::Panic);
    let mut bench = Bench::start(&server);
    assert_eq!(word(&bench.until_failed().await), "internal fault");
    server.on_connect(Act::Answer);
    bench.until_idle().await;
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_the_loop_itself_is_survived() {
    let mut bench = Bench::idle().await;
    bench.server.on_drop(Act::Panic);
    bench.server.on_ping(Act::refuse());
    bench.until(|health| word(health) == "internal fault").await;
    bench.server.on_drop(Act::Answer);
    bench.server.on_ping(Act::Answer);
    bench.until_idle().await;
    let id = bench.ask(None);
    assert!(bench.answer(id).await.1.is_ok());
}

#[tokio::test(start_paused = true)]
async fn an_idle_connection_says_nothing() {
    let mut bench = Bench::idle().await;
    // What may be written is told once, beside the health.
    bench.pass(Duration::from_secs(1)).await;
    assert_eq!(bench.pass(60 * MINUTE).await, []);
    assert!(bench.server.pings_at().len() >= 240, "it did ping");
}

#[tokio::test(start_paused = true)]
async fn a_ping_that_takes_long_is_slow_and_says_how_long() {
    let mut bench = Bench::idle().await;
    bench.server.on_ping(Act::After(Duration::from_millis(1_800)));
    let slow = bench.until(|health| health.state == HealthState::Slow).await;
    assert_eq!(word(&slow), "slow: 1.8 s");
    bench.server.on_ping(Act::After(Duration::from_millis(12)));
    assert_eq!(word(&bench.until_idle().await), "12 ms");
}

#[tokio::test(start_paused = true)]
async fn waking_from_sleep_checks_at_once_but_never_a_refused_key() {
    let (wakes, woke) = watch::channel(0);
    let server = Scripted::new();
    let mut bench = Bench::start_with(&server, 7, Shared::new(woke.clone()), EVENTS);
    bench.until_idle().await;
    let before = server.pings_at().len();
    wakes.send_modify(|count| *count += 1);
    let start = Instant::now();
    bench.server_until(|server| server.pings_at().len() > before).await;
    assert!(start.elapsed() <= 2 * SECOND);

    let refusing = Scripted::new();
    refusing.on_connect(Act::forbid());
    let mut bench = Bench::start_with(&refusing, 7, Shared::new(woke), EVENTS);
    bench.until(|health| health.state == HealthState::Unauthorized).await;
    wakes.send_modify(|count| *count += 1);
    bench.pass(MINUTE).await;
    assert_eq!(refusing.connects_at().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn only_a_few_connects_are_under_way_at_once_over_all_connections() {
    let server = Scripted::new();
    server.on_connect(Act::After(SECOND));
    let (mut registry, mut events) = Registry::new();
    for id in 0..20 {
        registry.open(ConnectionId(id), server.clone(), Settings::default());
    }
    let mut connected = 0;
    while connected < 20 {
        let event = tokio::time::timeout(MINUTE, events.recv()).await.unwrap().unwrap();
        connected += usize::from(matches!(event.kind, ConnectionEventKind::Connected { .. }));
    }
    assert_eq!(server.most_connecting(), CONNECTS_AT_ONCE);
    assert_eq!(registry.len(), 20);
    let unknown = registry.send(ConnectionId(99), Command::CheckNow).unwrap_err();
    assert_eq!(unknown.error, ProviderError::NotConnected);
}

#[tokio::test(start_paused = true)]
async fn a_connect_that_hangs_is_ended_and_tried_again() {
    let server = Scripted::new();
    server.on_connect(Act::Hang);
    let mut bench = Bench::start(&server);
    let start = Instant::now();
    assert_eq!(word(&bench.until_failed().await), "no answer");
    assert!(start.elapsed() <= 20 * SECOND);
    server.on_connect(Act::Answer);
    bench.until_idle().await;
}

#[tokio::test(start_paused = true)]
async fn a_retry_is_counted_down_in_whole_seconds() {
    let server = Scripted::new();
    server.on_connect(Act::refuse());
    let mut bench = Bench::start(&server);
    let mut last = None;
    for _ in 0..100 {
        let health = bench.until(|health| matches!(health.state, HealthState::Failed { .. })).await;
        let HealthState::Failed { retry_in_s: Some(left), .. } = health.state else { panic!("{health:?}") };
        match last {
            None | Some(0) => {}
            Some(last) => assert_eq!(left, last - 1),
        }
        last = Some(left);
    }
}
