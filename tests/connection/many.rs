//! Many connections at once: outages and their ends, on paused time, with many seeds.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;
use vector_inspector::connection::Shared;
use vector_inspector::connection::message::Command;
use vector_inspector::connection::registry::{CONNECTS_A_SECOND, CONNECTS_AT_ONCE, EVENTS};
use vector_inspector::provider::ProviderError;

use crate::bench::Bench;
use crate::scripted::{Act, Scripted};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// The most that began within any second.
fn most_in_a_second(mut begun: Vec<Instant>) -> usize {
    begun.sort();
    let within = |at: usize| begun[at..].iter().take_while(|other| **other - begun[at] < SECOND).count();
    (0..begun.len()).map(within).max().unwrap_or(0)
}

/// All connections of a program, each to a server of its own.
fn connections(seed: u64, count: usize, shared: &Shared, server: impl Fn() -> Scripted) -> Vec<Bench> {
    (0..count as u64).map(|n| Bench::start_with(&server(), seed * 1_000 + n, shared.clone(), EVENTS)).collect()
}

fn connects(benches: &[Bench]) -> Vec<Instant> {
    benches.iter().flat_map(|bench| bench.server.connects_at()).collect()
}

/// A program with a hundred connections: opened at once, an outage of ten minutes, its end.
async fn a_hundred_in_an_outage(seed: u64) {
    let (wakes, woke) = watch::channel(0);
    let shared = Shared::new(woke);
    let mut benches = connections(seed, 100, &shared, Scripted::new);
    for bench in &mut benches {
        bench.until_idle().await;
    }
    let before = connects(&benches).len();
    assert_eq!(before, 100);
    for bench in &benches {
        bench.server.always(&Act::refuse());
    }
    tokio::time::sleep(10 * MINUTE).await;
    for bench in &benches {
        let attempts = bench.server.connects_at().len() - 1;
        assert!((10..=45).contains(&attempts), "seed {seed}: {attempts} attempts");
        bench.server.always(&Act::Answer);
    }
    // The network came back: all are looked at now.
    wakes.send_modify(|count| *count += 1);
    let mended = Instant::now();
    for bench in &mut benches {
        bench.until_idle().await;
    }
    assert!(mended.elapsed() <= 35 * SECOND, "seed {seed}: back after {:?}", mended.elapsed());
    let most = most_in_a_second(connects(&benches));
    assert!(most <= CONNECTS_A_SECOND, "seed {seed}: {most} connects in a second");
}

#[tokio::test(start_paused = true)]
async fn a_hundred_connections_begin_at_most_ten_connects_in_any_second() {
    for seed in 0..10 {
        a_hundred_in_an_outage(seed).await;
    }
}

/// The whole of it, a thousand times: outages at random times, of connections that share their turns.
#[tokio::test(start_paused = true)]
async fn a_thousand_seeds_of_outages_refused_keys_and_refused_certificates() {
    let certificate =
        ProviderError::Certificate { address: "scripted:1".to_owned(), cause: "it has expired".to_owned() };
    for batch in 0..10 {
        let shared = Shared::alone();
        let seeds = batch * 100..(batch + 1) * 100;
        let benches: Vec<(u64, Bench)> = seeds
            .map(|seed| {
                let server = Scripted::new();
                match seed % 4 {
                    0 => server.always(&Act::forbid()),
                    1 => server.always(&Act::Fail(certificate.clone())),
                    2 => server.on_connect(Act::Hang),
                    _ => server.always(&Act::refuse()),
                }
                (seed, Bench::start_with(&server, seed, shared.clone(), EVENTS))
            })
            .collect();
        tokio::time::sleep(10 * MINUTE).await;
        for (seed, bench) in &benches {
            let attempts = bench.server.connects_at().len();
            match seed % 4 {
                0 | 1 => assert_eq!(attempts, 1, "seed {seed}: tried again after a refusal"),
                _ => assert!((1..=45).contains(&attempts), "seed {seed}: {attempts} attempts"),
            }
        }
        let begun = benches.iter().flat_map(|(_, bench)| bench.server.connects_at()).collect();
        let most = most_in_a_second(begun);
        assert!(most <= CONNECTS_A_SECOND, "batch {batch}: {most} connects in a second");
        assert!(benches.iter().all(|(_, bench)| bench.server.most_connecting() <= CONNECTS_AT_ONCE));
    }
}

#[tokio::test(start_paused = true)]
async fn after_sleep_all_are_looked_at_within_two_seconds_and_not_in_the_same_moment() {
    let (wakes, woke) = watch::channel(0);
    let mut benches = connections(3, 50, &Shared::new(woke), Scripted::new);
    for bench in &mut benches {
        bench.until_idle().await;
    }
    // Long enough after the last ping that none is due by itself.
    tokio::time::sleep(SECOND).await;
    let (slept, before): (Instant, Vec<usize>) =
        (Instant::now(), benches.iter().map(|bench| bench.server.pings_at().len()).collect());
    wakes.send_modify(|count| *count += 1);
    tokio::time::sleep(2 * SECOND).await;
    let first: Vec<Instant> =
        benches.iter().zip(before).filter_map(|(bench, before)| bench.server.pings_at().get(before).copied()).collect();
    assert_eq!(first.len(), benches.len(), "all within two seconds");
    let spread = first.iter().max().unwrap().duration_since(*first.iter().min().unwrap());
    assert!(spread > SECOND, "they came within {spread:?}");
    let tenth = |n: u32| first.iter().filter(|at| **at - slept < n * SECOND / 10).count();
    assert!((1..=20).all(|n| tenth(n) - tenth(n - 1) <= 10), "too many in the same moment");
}

#[tokio::test(start_paused = true)]
async fn a_check_by_hand_takes_its_turn_like_the_others() {
    let shared = Shared::alone();
    let mut benches = connections(5, 30, &shared, Scripted::new);
    for bench in &mut benches {
        bench.until_idle().await;
        bench.send(Command::Pause);
    }
    tokio::time::sleep(SECOND).await;
    for bench in &benches {
        bench.send(Command::CheckNow);
    }
    for bench in &mut benches {
        bench.until_idle().await;
    }
    assert!(most_in_a_second(connects(&benches)) <= CONNECTS_A_SECOND);
}
