//! Paging through 50,000 records while another writer inserts and deletes others.

use std::collections::HashMap;

use serde_json::json;
use tokio::sync::watch;
use vector_inspector::provider::model::{Metric, PageRequest, Record};

use crate::bench::{Bench, DIMENSION, point, record};

crate::cases!(each_record_comes_once_while_others_are_written_and_deleted);

/// Records that stay. Their numbers are even.
const STAY: usize = 50_000;
/// Records that are there at the start and deleted on the way; odd numbers between the others.
const LEAVE: usize = 2_500;
/// What the other writer inserts, and deletes, at a time.
const AT_ONCE: usize = 25;
/// Records of a page.
const PAGE: usize = 1_000;
/// How often the other writer may write and delete for each page.
const STEPS_A_PAGE: usize = 4;

/// The odd number of the other record `k`: all over the range, none twice.
fn other(k: usize) -> usize {
    (k * 7_919 % STAY) * 2 + 1
}

fn records(bench: &Bench, numbers: impl Iterator<Item = usize>) -> Vec<Record> {
    numbers.map(|n| record(bench.id(n), point(n % 1_000), json!({ "n": n }))).collect()
}

async fn each_record_comes_once_while_others_are_written_and_deleted(bench: &Bench) {
    let name = bench.empty(DIMENSION, Metric::Euclidean).await;
    // Those that leave stand between those that stay, also in the order of writing.
    let mut leaving = 0..LEAVE;
    for first in (0..STAY).step_by(PAGE) {
        let some = leaving.by_ref().take(LEAVE * PAGE / STAY).map(other);
        let all = (first..first + PAGE).map(|n| n * 2).chain(some).collect::<Vec<_>>();
        bench.put(&name, records(bench, all.into_iter())).await;
    }

    let (steps, mut stepped) = watch::channel(0_usize);
    let (pages, mut paged) = watch::channel(0_usize);
    let writer = {
        let (bench, name) = (bench.clone(), name.clone());
        tokio::spawn(async move {
            for step in 0.. {
                let new = LEAVE + step * AT_ONCE..LEAVE + (step + 1) * AT_ONCE;
                // At its own pace, but no more than some steps for each page; the reader hangs up at the end.
                let goes_on = paged.wait_for(|pages| step < (pages + 1) * STEPS_A_PAGE).await.is_ok();
                if !goes_on || new.end > STAY {
                    return;
                }
                bench.put(&name, records(&bench, new.map(other))).await;
                // Oldest first: those from the start, then its own.
                let gone: Vec<_> = (step * AT_ONCE..(step + 1) * AT_ONCE).map(|k| bench.id(other(k))).collect();
                bench.db.delete(&name, &gone).await.expect("delete");
                steps.send_replace(step + 1);
            }
        })
    };

    let mut seen: HashMap<String, u32> = HashMap::new();
    let mut stayed = 0;
    let mut request = PageRequest::first(PAGE);
    loop {
        let page = bench.db.page(&name, &request).await.expect("page");
        for record in page.records {
            stayed += usize::from(record.payload["n"].as_u64().unwrap().is_multiple_of(2));
            *seen.entry(record.id.to_string()).or_default() += 1;
        }
        // Before the writer is let on: it can always make a step more than these.
        let before = *stepped.borrow_and_update();
        pages.send_modify(|pages| *pages += 1);
        request.cursor = page.next;
        if request.cursor.is_none() {
            break;
        }
        // Something is written and deleted between any two pages, however slow the writer is; it ends only
        // when it has no numbers left.
        let _ = stepped.wait_for(|step| *step > before).await;
    }
    let read = *pages.borrow();
    drop(pages);
    writer.await.expect("the other writer");
    assert!(read >= STAY / PAGE, "{read} pages");
    let twice: Vec<_> = seen.iter().filter(|(_, times)| **times > 1).take(5).collect();
    assert!(twice.is_empty(), "came more than once: {twice:?}");
    assert_eq!(stayed, STAY, "of the records that stayed");
}
