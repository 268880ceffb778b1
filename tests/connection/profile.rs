//! What a profile says about its connection: limits of its own, and a secret that ends.

use std::time::Duration;

use tokio::time::Instant;
use vector_inspector::connection::health::{HealthState, word};
use vector_inspector::connection::message::{ConnectionEventKind, Epoch};
use vector_inspector::provider::{ProviderError, Timeouts};

use crate::bench::{Bench, words};
use crate::scripted::{Act, Scripted, Token};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

fn limited(connect: u64, request: u64) -> Scripted {
    let server = Scripted::new();
    let timeouts = Timeouts { connect: Duration::from_secs(connect), request: Duration::from_secs(request) };
    server.limited(timeouts);
    server
}

fn with_token(token: Token) -> Scripted {
    let server = Scripted::new();
    server.with_token(token);
    server
}

#[tokio::test(start_paused = true)]
async fn the_profiles_request_timeout_wins_over_the_general_one() {
    for (allowed, takes) in [(120, 90), (5, 20)] {
        let server = limited(5, allowed);
        server.on_ask(Act::After(takes * SECOND));
        let mut bench = Bench::start(&server);
        bench.until_idle().await;
        let id = bench.ask(None);
        let (_, result, took) = bench.answer(id).await;
        assert_eq!(result.is_ok(), takes < allowed as u32, "{result:?}");
        assert!(took < Duration::from_secs(allowed) + SECOND, "{took:?}");
        let id = bench.ask(Some(2 * SECOND));
        assert!(bench.answer(id).await.2 < 3 * SECOND, "a question's own limit wins over the profile's");
    }
}

#[tokio::test(start_paused = true)]
async fn a_question_that_waits_for_the_first_connect_gets_the_profiles_limit() {
    let server = limited(50, 120);
    server.on_connect(Act::After(40 * SECOND));
    let mut bench = Bench::start(&server);
    // The general limit is 30 s, and the question is older than that when it can be put.
    let id = bench.ask(None);
    assert!(bench.answer(id).await.1.is_ok());
}

#[tokio::test(start_paused = true)]
async fn the_profiles_connect_timeout_wins_over_the_general_one() {
    let server = limited(120, 30);
    server.on_connect(Act::After(100 * SECOND));
    let mut bench = Bench::start(&server);
    bench.until_idle().await;
    assert_eq!(server.connects_at().len(), 1, "not ended before the profile's limit");
    let hanging = limited(1, 30);
    hanging.on_connect(Act::Hang);
    let mut bench = Bench::start(&hanging);
    let start = Instant::now();
    bench.until_failed().await;
    assert!(start.elapsed() <= 12 * SECOND, "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_token_that_expired_is_fetched_anew_and_nobody_is_told_that_it_was_refused() {
    let server = with_token(Token { keeps: true, ..Token::default() });
    let mut bench = Bench::start(&server);
    bench.until_idle().await;
    server.expire_token();
    let said = bench.pass(MINUTE).await;
    assert_eq!(server.fetched(), 2);
    assert!(words(&said).iter().all(|word| word != "key refused"), "{:?}", words(&said));
    assert_eq!(bench.handle.epoch(), Epoch(2), "another life, so that what failed is asked again");
    let id = bench.ask(None);
    assert!(bench.answer(id).await.1.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_question_that_meets_an_expired_token_brings_the_fresh_one_at_once() {
    let server = with_token(Token { keeps: true, ..Token::default() });
    let mut bench = Bench::start(&server);
    bench.until_idle().await;
    server.expire_token();
    let start = Instant::now();
    let id = bench.ask(None);
    assert!(matches!(bench.answer(id).await.1, Err(ProviderError::Unauthorized { .. })));
    bench.until_idle().await;
    assert!(start.elapsed() < SECOND, "{:?}", start.elapsed());
    assert_eq!(bench.handle.epoch(), Epoch(2));
}

#[tokio::test(start_paused = true)]
async fn a_kept_token_that_is_refused_while_reconnecting_is_fetched_once_anew() {
    let server = with_token(Token { keeps: true, ..Token::default() });
    let mut bench = Bench::start(&server);
    bench.until_idle().await;
    server.always(&Act::refuse());
    bench.until_failed().await;
    server.expire_token();
    server.always(&Act::Answer);
    bench.until_idle().await;
    assert_eq!(server.fetched(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_fresh_token_that_is_refused_too_is_told_and_not_tried_again() {
    let server = with_token(Token { keeps: true, stale: true, ..Token::default() });
    let mut bench = Bench::start(&server);
    bench.until_idle().await;
    server.expire_token();
    let health = bench.until(|health| health.state == HealthState::Unauthorized).await;
    assert_eq!(word(&health), "key refused");
    bench.pass(30 * MINUTE).await;
    assert_eq!((server.fetched(), server.connects_at().len()), (2, 2), "one attempt with a fresh one");
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_cannot_be_renewed_is_told_at_once() {
    let mut bench = Bench::idle().await;
    bench.server.always(&Act::forbid());
    bench.until(|health| health.state == HealthState::Unauthorized).await;
    assert_eq!(bench.server.connects_at().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_token_is_renewed_before_its_lifetime_ends_and_nothing_is_seen_of_it() {
    let server = with_token(Token { keeps: true, lifetime: Some(5 * MINUTE), ..Token::default() });
    let mut bench = Bench::start(&server);
    bench.until_idle().await;
    // A question under way when the link is replaced keeps the one that it was put to.
    server.on_ask(Act::After(40 * SECOND));
    bench.pass(4 * MINUTE + 10 * SECOND).await;
    let id = bench.ask(Some(MINUTE));
    assert!(bench.answer(id).await.1.is_ok());
    assert_eq!((server.fetched(), server.connects_at().len()), (2, 2));
    assert_eq!(bench.handle.epoch(), Epoch(1), "the same life");
    server.on_ask(Act::Answer);
    let said = bench.pass(60 * MINUTE).await;
    let healths = said.iter().filter(|kind| matches!(kind, ConnectionEventKind::Health(_))).count();
    assert!(healths <= 1, "{:?}", words(&said));
    assert!(server.fetched() >= 13, "{}", server.fetched());
    assert_eq!(server.open(), 1, "the links before were let go");
}

#[tokio::test(start_paused = true)]
async fn a_renewal_that_fails_leaves_the_link_that_is_still_good() {
    let server = with_token(Token { lifetime: Some(MINUTE), ..Token::default() });
    let mut bench = Bench::start(&server);
    bench.until_idle().await;
    server.on_connect(Act::refuse());
    bench.pass(10 * MINUTE).await;
    let id = bench.ask(None);
    assert!(bench.answer(id).await.1.is_ok());
    assert_eq!(bench.handle.epoch(), Epoch(1));
}

#[tokio::test(start_paused = true)]
async fn no_token_is_ever_older_than_its_lifetime_however_short() {
    for lifetime in [2 * SECOND, 4 * SECOND, 30 * SECOND, MINUTE, 15 * MINUTE] {
        let server = with_token(Token { keeps: true, lifetime: Some(lifetime), ..Token::default() });
        let mut bench = Bench::start(&server);
        bench.until_idle().await;
        bench.pass(10 * lifetime).await;
        let at = server.connects_at();
        assert!(at.len() >= 10, "{lifetime:?}: {}", at.len());
        for pair in at.windows(2) {
            let age = pair[1] - pair[0];
            assert!(age < lifetime, "fetched again after {age:?} of {lifetime:?}");
            assert!(age >= lifetime / 3, "not in a loop: {age:?} of {lifetime:?}");
        }
        assert_eq!(bench.handle.epoch(), Epoch(1), "the same life");
    }
}

#[tokio::test(start_paused = true)]
async fn a_renewal_that_fails_is_tried_again_before_the_token_ends() {
    let lifetime = 5 * MINUTE;
    let server = with_token(Token { keeps: true, lifetime: Some(lifetime), ..Token::default() });
    let mut bench = Bench::start(&server);
    bench.until_idle().await;
    server.on_connect(Act::refuse());
    bench.pass(lifetime).await;
    let at = server.connects_at();
    let tries: Vec<_> = at.iter().map(|tried| *tried - at[0]).collect();
    assert!(tries.len() >= 3 && tries[2] < lifetime, "{tries:?}");
    assert_eq!(bench.handle.epoch(), Epoch(1));
}
