//! Connections that the user paused, that come and go, and whose details somebody looks at.

use std::time::Duration;

use vector_inspector::connection::health::{Health, HealthState, Role, role, word};
use vector_inspector::connection::message::{Command, ConnectionEventKind, Epoch, Vitals};
use vector_inspector::connection::{Settings, Shared};
use vector_inspector::provider::ProviderError;

use crate::bench::{Bench, words};
use crate::scripted::{Act, Scripted};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test(start_paused = true)]
async fn a_paused_connection_is_neither_pinged_nor_connected_and_comes_back_by_hand() {
    let mut bench = Bench::idle().await;
    bench.send(Command::Pause);
    let health = bench.until(|health| health.state == HealthState::Paused).await;
    assert_eq!((word(&health).as_str(), role(&health.state)), ("paused", Role::Dim));
    let (pings, connects) = (bench.server.pings_at().len(), bench.server.connects_at().len());
    assert_eq!(bench.pass(60 * MINUTE).await, []);
    assert_eq!((bench.server.pings_at().len(), bench.server.connects_at().len()), (pings, connects));
    assert_eq!(bench.server.open(), 0, "it has let go of the database");
    let id = bench.ask(None);
    assert_eq!(bench.answer(id).await.1, Err(ProviderError::NotConnected));
    bench.send(Command::CheckNow);
    bench.until_idle().await;
    assert_eq!(bench.handle.epoch(), Epoch(2));
}

#[tokio::test(start_paused = true)]
async fn one_that_begins_paused_dials_nobody_before_it_is_told_to() {
    let server = Scripted::new();
    let settings = Settings { paused: true, seed: Some(7), ..Settings::default() };
    let mut bench = Bench::start_as(&server, settings, Shared::alone(), 64);
    bench.until(|health| health.state == HealthState::Paused).await;
    assert_eq!(words(&bench.pass(10 * MINUTE).await), Vec::<String>::new());
    assert_eq!(server.connects_at().len(), 0);
    bench.send(Command::CheckNow);
    bench.until_idle().await;
    assert_eq!(server.connects_at().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_runs_when_it_is_paused_is_answered_and_an_attempt_is_ended() {
    let mut bench = Bench::idle().await;
    bench.server.on_ask(Act::Hang);
    let id = bench.ask(None);
    bench.server_until(|server| server.running() == 1).await;
    bench.send(Command::Pause);
    assert_eq!(bench.answer(id).await.1, Err(ProviderError::NotConnected));
    bench.server_until(|server| server.running() == 0).await;

    bench.server.on_connect(Act::Hang);
    bench.send(Command::CheckNow);
    bench.until(|health| health.state == HealthState::Connecting).await;
    bench.send(Command::Pause);
    bench.until(|health| health.state == HealthState::Paused).await;
    assert_eq!(words(&bench.pass(10 * MINUTE).await), Vec::<String>::new());
}

/// Loses the connection, and finds it again.
async fn lose(bench: &mut Bench) {
    bench.server.on_ping(Act::refuse());
    bench.until(|health| matches!(health.state, HealthState::Failed { .. })).await;
    bench.server.on_ping(Act::Answer);
    bench.until(|health| matches!(health.state, HealthState::Idle | HealthState::Flapping { .. })).await;
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_comes_and_goes_is_called_flapping_until_it_holds() {
    let mut bench = Bench::idle().await;
    lose(&mut bench).await;
    lose(&mut bench).await;
    bench.server.on_ping(Act::refuse());
    bench.until_failed().await;
    bench.server.on_ping(Act::Answer);
    let health = bench.until(|health| matches!(health.state, HealthState::Flapping { .. })).await;
    assert_eq!(word(&health), "flapping: lost 3 times in 5 min");
    assert_eq!(role(&health.state), Role::Warn);
    lose(&mut bench).await;
    let id = bench.ask(None);
    assert!(bench.answer(id).await.1.is_ok(), "it is up all the same");
    // It holds: after five minutes it is well again, by itself.
    let health = bench.until_idle().await;
    assert_eq!(health.error, None);
}

#[tokio::test(start_paused = true)]
async fn outages_too_short_to_turn_anything_red_are_flapping_too() {
    let mut bench = Bench::idle().await;
    for round in 1..=3 {
        bench.server.on_ping(Act::refuse());
        // Two pings in a row fail; it is one loss.
        bench.until(|health| matches!(health.state, HealthState::Reconnecting { attempt: 2, .. })).await;
        bench.server.on_ping(Act::Answer);
        let well = |health: &Health| matches!(health.state, HealthState::Idle | HealthState::Flapping { .. });
        let health = bench.until(well).await;
        assert_eq!(word(&health).contains("flapping: lost 3 times"), round == 3, "{round}: {}", word(&health));
    }
}

#[tokio::test(start_paused = true)]
async fn losses_that_lie_far_apart_are_no_flapping() {
    let mut bench = Bench::idle().await;
    for _ in 0..6 {
        lose(&mut bench).await;
        let said = words(&bench.pass(6 * MINUTE).await);
        assert!(said.iter().all(|word| !word.starts_with("flapping")), "{said:?}");
    }
}

async fn vitals(bench: &mut Bench) -> Vitals {
    loop {
        if let ConnectionEventKind::Vitals(vitals) = bench.next().await.kind {
            return *vitals;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn details_are_told_while_somebody_looks_and_never_otherwise() {
    let mut bench = Bench::idle().await;
    bench.pass(10 * MINUTE).await;
    bench.send(Command::Watch(true));
    let now = vitals(&mut bench).await;
    assert!(now.up.unwrap() >= 10 * MINUTE && now.latencies.len() > 30, "{now:?}");
    assert_eq!((now.connects, now.attempts, now.losses, now.last_error), (1, 0, 0, None));
    let later = vitals(&mut bench).await;
    assert!(later.up.unwrap() > now.up.unwrap(), "with the next ping");
    assert!(later.latencies.len() <= 60);

    let certificate = ProviderError::Interrupted { address: "db:1".to_owned(), cause: "sending: reset".to_owned() };
    bench.server.always(&Act::Fail(certificate));
    bench.until_failed().await;
    bench.pass(MINUTE).await;
    bench.server.always(&Act::Answer);
    bench.until(|health| health.state == HealthState::Idle).await;
    let back = loop {
        let told = vitals(&mut bench).await;
        if told.up.is_some() && told.connects == 2 {
            break told;
        }
    };
    let last = back.last_error.unwrap();
    assert_eq!(last.chain, ["connection broke", "sending", "reset"]);
    assert!(last.sentence.contains("broke in mid-answer"), "{}", last.sentence);
    assert_eq!((back.attempts, back.losses), (0, 1));

    bench.send(Command::Watch(false));
    bench.pass(SECOND).await;
    assert_eq!(bench.pass(60 * MINUTE).await, []);
}
