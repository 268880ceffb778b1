//! Progress of long work, on its way to the jobs line.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use tokio::sync::mpsc::Sender;

use crate::app::event::Event;
use crate::app::job::{JobEvent, JobId};
use crate::jobs::model;

/// Reports progress to the event loop. Never waits: a report that does not fit is dropped, the
/// next one tells more.
#[derive(Clone)]
pub struct Progress {
    events: Sender<Event>,
    last: Arc<AtomicU64>,
}

/// A job that was started.
#[derive(Debug, Clone, Copy)]
pub struct Started {
    id: JobId,
    title: &'static str,
    at: Instant,
}

impl Progress {
    /// Reports into this channel.
    pub fn new(events: Sender<Event>) -> Self {
        // Far from the identities that the reducer gives out.
        Self { events, last: Arc::new(AtomicU64::new(1 << 62)) }
    }

    /// A new job.
    pub fn start(&self, title: &'static str) -> Started {
        Started { id: JobId(self.last.fetch_add(1, Ordering::Relaxed)), title, at: Instant::now() }
    }

    /// So much is done.
    pub fn report(&self, job: Started, done: u64, total: Option<u64>) {
        let seconds = job.at.elapsed().as_secs_f64().max(0.001);
        let rate = done as f64 / seconds;
        let progress = model::Progress { done, rate, ..model::Progress::start(job.title, "records", total) };
        let event = JobEvent::Progress { id: job.id, title: job.title.to_owned(), progress };
        let _ = self.events.try_send(Event::Job(event));
    }

    /// It is over; how it ended is said by whoever waits for it.
    pub fn end(&self, job: Started) {
        let events = self.events.clone();
        let id = job.id;
        // This one must arrive, or the jobs line stays.
        tokio::spawn(async move { events.send(Event::Job(JobEvent::Ended(id))).await });
    }
}
