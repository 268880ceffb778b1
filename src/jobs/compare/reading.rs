//! Reads one side from beginning to end: a task asks for the next page while a thread works on the last.

use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

use super::shape::{Shaped, Shaper, Which};
use crate::jobs::{Control, JobError, Meter, Side};
use crate::provider::filter::Filter;
use crate::provider::model::{PageRequest, Record, Vector};

/// Records of the first page.
const FIRST: usize = 64;
/// Bytes that a page is to have, about.
const PAGE: usize = 1 << 20;
/// Bounds of a page's records.
const LIMITS: (usize, usize) = (16, 1_000);
/// Pages that wait to be worked on.
const AHEAD: usize = 2;

/// One reading of one side.
pub(super) struct Reading {
    pub side: Side,
    pub filter: Option<Filter>,
    pub with_vectors: bool,
    pub shaper: Shaper,
    pub control: Control,
    /// Told how many records were worked on.
    pub ticks: mpsc::UnboundedSender<Tick>,
}

/// Records of one side that were worked on.
pub(super) struct Tick {
    which: Which,
    records: u64,
}

impl Reading {
    /// Reads all, and gives each record to `step`, on a thread of its own.
    ///
    /// # Errors
    /// The provider's, that of `step`, or that the job was cancelled.
    pub(super) async fn fold<T: Send + 'static>(
        self,
        mut state: T,
        step: impl Fn(&mut T, &Shaper, Shaped) -> Result<(), JobError> + Send + 'static,
    ) -> Result<T, JobError> {
        let (pages, mut waiting) = mpsc::channel::<Vec<Record>>(AHEAD);
        let Self { side, filter, with_vectors, shaper, control, ticks } = self;
        let reader = AbortOnDropHandle::new(tokio::spawn(read(side, filter, with_vectors, control, pages)));
        let worker = tokio::task::spawn_blocking(move || {
            while let Some(records) = waiting.blocking_recv() {
                let tick = Tick { which: shaper.which, records: records.len() as u64 };
                for record in records {
                    step(&mut state, &shaper, shaper.shape(record))?;
                }
                // Who counts may be gone; the job then ends by itself.
                let _ = ticks.send(tick);
            }
            Ok(state)
        });
        let (read, worked) = (reader.await.map_err(broken)?, worker.await.map_err(broken)?);
        read?;
        worked
    }
}

/// How long the slower of both sides has to go: each has a rate of its own, and the faster one waits in the end.
struct Slower {
    since: Instant,
    totals: [Option<u64>; 2],
    done: [u64; 2],
    /// What was done at `since`.
    before: [u64; 2],
}

impl Slower {
    fn new(totals: [Option<u64>; 2]) -> Self {
        Self { since: Instant::now(), totals, done: [0; 2], before: [0; 2] }
    }

    fn add(&mut self, tick: &Tick) {
        self.done[usize::from(tick.which == Which::B)] += tick.records;
    }

    /// A pause is no part of a rate.
    fn paused(&mut self) {
        (self.since, self.before) = (Instant::now(), self.done);
    }

    fn left(&self) -> Option<Duration> {
        let passed = self.since.elapsed().as_secs_f64();
        let of = |at: usize| {
            let rest = self.totals[at]?.saturating_sub(self.done[at]);
            let done = self.done[at].checked_sub(self.before[at])?;
            #[expect(clippy::cast_precision_loss, reason = "an estimate for people")]
            let seconds = if rest == 0 { 0.0 } else { rest as f64 * passed / done as f64 };
            Duration::try_from_secs_f64(seconds).ok()
        };
        Some(of(0)?.max(of(1)?))
    }
}

/// Waits for work and tells the meter meanwhile.
pub(super) async fn metered<T>(
    work: impl Future<Output = T>,
    mut ticks: mpsc::UnboundedReceiver<Tick>,
    totals: [Option<u64>; 2],
    control: &Control,
    meter: &mut Meter,
) -> T {
    let mut work = std::pin::pin!(work);
    let mut held = false;
    let mut slower = Slower::new(totals);
    loop {
        tokio::select! {
            done = &mut work => return done,
            Some(tick) = ticks.recv() => {
                if std::mem::replace(&mut held, control.is_paused()) {
                    meter.paused();
                    slower.paused();
                }
                slower.add(&tick);
                meter.slowest(slower.left());
                meter.advance(tick.records);
            }
        }
    }
}

async fn read(
    side: Side,
    filter: Option<Filter>,
    with_vectors: bool,
    control: Control,
    pages: mpsc::Sender<Vec<Record>>,
) -> Result<(), JobError> {
    let mut request = PageRequest { filter, with_vectors, ..PageRequest::first(FIRST) };
    loop {
        control.checkpoint().await?;
        let asked = side.ask("a page of records", side.provider.page(&side.collection, &request));
        let page = control.unless_cancelled(asked).await?;
        request.limit = next_limit(&page.records, request.limit);
        request.cursor = page.next;
        // A receiver that is gone has an error of its own.
        if pages.send(page.records).await.is_err() || request.cursor.is_none() {
            return Ok(());
        }
    }
}

/// How many records fit into a page of the wanted size, judging by these.
fn next_limit(records: &[Record], limit: usize) -> usize {
    let step = records.len().div_ceil(8).max(1);
    let sample = || records.iter().step_by(step);
    let bytes: usize = sample().map(size).sum();
    let Some(each) = bytes.checked_div(sample().count()) else { return limit };
    (PAGE / each.max(1)).clamp(LIMITS.0, LIMITS.1)
}

/// Bytes of a record, about.
fn size(record: &Record) -> usize {
    let vector = |vector: &Vector| match vector {
        Vector::Dense(values) => values.len() * 4,
        Vector::Sparse { values, .. } => values.len() * 8,
        Vector::Multi(rows) => rows.iter().map(|row| row.len() * 4).sum(),
    };
    let vectors: usize = record.vectors.iter().flat_map(|vectors| &vectors.0).map(|(_, one)| vector(one)).sum();
    let payload: usize = record.payload.iter().map(|(key, value)| key.len() + value_size(value)).sum();
    64 + vectors + payload + record.text.as_ref().map_or(0, String::len)
}

fn value_size(value: &Value) -> usize {
    match value {
        Value::String(text) => 32 + text.len(),
        Value::Array(items) => items.iter().map(value_size).sum::<usize>() + 32,
        Value::Object(object) => object.iter().map(|(key, value)| key.len() + 64 + value_size(value)).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 32,
    }
}

/// A task that did not come to its end.
#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
pub(super) fn broken(error: tokio::task::JoinError) -> JobError {
    if error.is_cancelled() { JobError::Cancelled } else { JobError::Broken { cause: error.to_string() } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slower_side_tells_what_is_left() {
        let mut slower = Slower::new([Some(1_000), Some(1_000)]);
        slower.since = Instant::now().checked_sub(Duration::from_secs(10)).unwrap_or_else(Instant::now);
        slower.add(&Tick { which: Which::A, records: 1_000 });
        slower.add(&Tick { which: Which::B, records: 100 });
        let left = slower.left().map(|left| left.as_secs());
        assert!(left.is_some_and(|left| (89..=95).contains(&left)), "{left:?}: B has 900 at ten a second");
        slower.paused();
        assert_eq!(slower.left(), None, "nothing is known of the time after a pause");
        assert_eq!(Slower::new([None, Some(5)]).left(), None);
    }
}
