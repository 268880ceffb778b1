//! Reads one side from beginning to end: a task asks for the next page while a thread works on the last.

use serde_json::Value;
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

use super::shape::{Shaped, Shaper};
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
    pub ticks: mpsc::UnboundedSender<u64>,
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
                let read = records.len() as u64;
                for record in records {
                    step(&mut state, &shaper, shaper.shape(record))?;
                }
                // Who counts may be gone; the job then ends by itself.
                let _ = ticks.send(read);
            }
            Ok(state)
        });
        let (read, worked) = (reader.await.map_err(broken)?, worker.await.map_err(broken)?);
        read?;
        worked
    }
}

/// Waits for work and tells the meter meanwhile.
pub(super) async fn metered<T>(
    work: impl Future<Output = T>,
    mut ticks: mpsc::UnboundedReceiver<u64>,
    control: &Control,
    meter: &mut Meter,
) -> T {
    let mut work = std::pin::pin!(work);
    let mut held = false;
    loop {
        tokio::select! {
            done = &mut work => return done,
            Some(units) = ticks.recv() => {
                if std::mem::replace(&mut held, control.is_paused()) {
                    meter.paused();
                }
                meter.advance(units);
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
