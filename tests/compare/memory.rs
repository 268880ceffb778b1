//! Memory does not grow with the collection: measured in processes of their own.

use std::process::Command;

use vector_inspector::jobs::compare::{ContentOptions, contents, pass_over};
use vector_inspector::jobs::model::comparison::Tolerances;
use vector_inspector::jobs::{Control, Meter};
use vector_inspector::provider::model::Record;

use crate::made::{Made, Rows, numbered};

/// Names the number of records, and whether all differ, for the child.
const ASKED: &str = "VECTOR_INSPECTOR_TEST_COMPARE_RECORDS";

/// Peak of resident memory of a process that compares so many records, in KiB.
fn peak(records: &str) -> u64 {
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["memory::the_process_that_is_measured", "--exact", "--ignored", "--nocapture"])
        .env(ASKED, records)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&child.stderr).into_owned();
    let found = text.lines().find_map(|line| line.strip_prefix("peak ")?.parse().ok());
    found.unwrap_or_else(|| panic!("{text}\n{}", String::from_utf8_lossy(&child.stdout)))
}

#[test]
fn a_million_equal_records_take_no_more_memory_than_fifty_thousand() {
    let (small, large) = (peak("50000"), peak("1000000"));
    eprintln!("peak of 50,000 records {small} KiB, of 1,000,000 {large} KiB");
    assert!(large < small + 8 * 1024, "{small} KiB became {large} KiB");
}

#[test]
fn records_that_all_differ_take_bounded_memory_too() {
    // Measured: 57 MiB at 80,000 records, 66 at 160,000, 73 at 320,000, 80 to 88 at 640,000 and at 1,280,000: it
    // levels off. Above 160,000 a quarter kilobyte kept of each record would be 117 MiB more.
    let (small, large) = (peak("160000 different"), peak("640000 different"));
    eprintln!("peak of 160,000 records that differ {small} KiB, of 640,000 {large} KiB");
    assert!(large < small + 40 * 1024, "{small} KiB became {large} KiB");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run by the others, in a process of its own"]
async fn the_process_that_is_measured() {
    fn other(n: u64) -> Record {
        let mut other = numbered(n);
        other.payload.insert("n".to_owned(), serde_json::json!("another"));
        other
    }
    let asked = std::env::var(ASKED).expect("the others name the number");
    let (count, different) = asked.split_once(' ').map_or((asked.as_str(), false), |(count, _)| (count, true));
    let count: u64 = count.parse().unwrap();
    let a = Made::new(Rows::Generated(count, numbered)).side("a");
    let b = Made::new(Rows::Generated(count, if different { other } else { numbered })).side("b");
    // Vectors with a tolerance are what has to be kept.
    let mut tolerances = Tolerances::default();
    tolerances.vectors.insert(String::new(), vector_inspector::jobs::model::comparison::VectorTolerance::UNIT);
    let options = ContentOptions { tolerances, ..ContentOptions::default() };
    let found = contents(&a, &b, &options, &Control::default(), &mut Meter::silent(), &mut pass_over).await.unwrap();
    assert_eq!((found.equal, found.changed), if different { (0, count) } else { (count, 0) });
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    eprintln!("peak {}", peak.trim().trim_end_matches(" kB"));
}
