//! Requests that are given up: the connection task cancels by dropping the future, at any moment.

use std::future::Future;
use std::task::Poll;
use std::time::Duration;

use futures::future::join_all;
use vector_inspector::provider::model::{PageRequest, SearchQuery, SearchRequest, Vector};

use crate::bench::{Bench, point};

crate::cases!(
    a_dropped_request_leaves_the_provider_usable,
    a_deadline_leaves_the_provider_usable,
    requests_run_at_the_same_time,
);

/// Polls a future some times, then drops it, wherever it is by then. A provider in memory may be done
/// at the first poll; one with a server behind it cannot.
async fn give_up<T>(future: impl Future<Output = T>, polls: usize) {
    let mut future = Box::pin(future);
    for _ in 0..polls {
        let ready = std::future::poll_fn(|context| Poll::Ready(future.as_mut().poll(context).is_ready())).await;
        if ready {
            return;
        }
        tokio::task::yield_now().await;
    }
}

fn search(top: usize) -> SearchRequest {
    SearchRequest::new(SearchQuery::Vector(Vector::Dense(point(1))), top)
}

async fn well(bench: &Bench, name: &str) {
    assert_eq!(bench.db.count(name, None).await.unwrap().value, 500);
    assert_eq!(bench.walk(name, 100, true).await.len(), 500);
    assert_eq!(bench.db.search(name, &search(3)).await.unwrap().len(), 3);
    bench.db.ping().await.unwrap();
}

async fn a_dropped_request_leaves_the_provider_usable(bench: &Bench) {
    let name = bench.filled(500).await;
    let page = PageRequest { with_vectors: true, ..PageRequest::first(500) };
    for polls in [1, 2, 3, 10, 50] {
        give_up(bench.db.page(&name, &page), polls).await;
        give_up(bench.db.search(&name, &search(100)), polls).await;
        give_up(bench.db.collections(), polls).await;
        give_up(bench.db.count(&name, None), polls).await;
    }
    well(bench, &name).await;
}

async fn a_deadline_leaves_the_provider_usable(bench: &Bench) {
    let name = bench.filled(500).await;
    let page = PageRequest { with_vectors: true, ..PageRequest::first(500) };
    for micros in [1, 200, 2_000] {
        let limit = Duration::from_micros(micros);
        // Whether it is met depends on the machine; that the provider is well afterwards does not.
        if let Ok(answer) = tokio::time::timeout(limit, bench.db.page(&name, &page)).await {
            assert_eq!(answer.unwrap().records.len(), 500);
        }
    }
    well(bench, &name).await;
}

async fn requests_run_at_the_same_time(bench: &Bench) {
    let name = bench.filled(60).await;
    let answers = join_all((0..24).map(|n| {
        let name = name.clone();
        async move {
            match n % 4 {
                0 => bench.db.count(&name, None).await.unwrap().value,
                1 => bench.db.page(&name, &PageRequest::first(60)).await.unwrap().records.len() as u64,
                2 => bench.db.search(&name, &search(60)).await.unwrap().len() as u64,
                _ => bench.walk(&name, 9, true).await.len() as u64,
            }
        }
    }))
    .await;
    assert_eq!(answers, [60; 24]);
}
