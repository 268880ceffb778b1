//! Long work on the databases of open connections: lends them from the connections' tasks, runs the
//! jobs of `crate::jobs`, and tells the loop what they say.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;

use tokio::sync::mpsc::Sender;

use crate::app::event::Event;
use crate::app::job::{JobEvent, JobId, JobPlace, JobReport, JobRequest};
use crate::connection::Registry;
use crate::jobs::{Control, Meter, Side};

/// The jobs of the screen. Dropping it ends them.
pub struct Jobs {
    events: Sender<Event>,
    running: HashMap<JobId, Control>,
}

impl Jobs {
    /// None yet; they will tell into this channel.
    pub fn new(events: Sender<Event>) -> Self {
        Self { events, running: HashMap::new() }
    }

    /// Starts a job; what is wrong at once comes back as an event, too.
    pub fn start(&mut self, registry: &Registry, id: JobId, request: JobRequest) -> Option<Event> {
        match self.try_start(registry, id, request) {
            Ok(()) => None,
            Err(why) => Some(Event::Job(JobEvent::Finished { id, result: Err(why) })),
        }
    }

    fn try_start(&mut self, _registry: &Registry, _id: JobId, request: JobRequest) -> Result<(), String> {
        match request {
            JobRequest::Compare { .. } | JobRequest::Recall { .. } | JobRequest::PlanCopy { .. } => {
                Err("soon".to_owned())
            }
        }
    }

    /// Runs one in a task of its own.
    fn run<F>(&mut self, id: JobId, title: String, work: impl FnOnce(Control, Meter) -> F)
    where
        F: Future<Output = Result<JobReport, String>> + Send + 'static,
    {
        self.running.retain(|_, control| !control.is_ended());
        let control = Control::default();
        let told = self.events.clone();
        let meter = Meter::new(Arc::new(move |progress| {
            // A report that does not fit is dropped: the next one tells more.
            let _ = told.try_send(Event::Job(JobEvent::Progress { id, title: title.clone(), progress }));
        }));
        let work = work(control.clone(), meter);
        let (events, ended) = (self.events.clone(), control.clone());
        self.running.insert(id, control);
        tokio::spawn(async move {
            let result = match tokio::spawn(work).await {
                Ok(result) => result,
                Err(fault) => {
                    Err(format!("the job broke off: {fault}. This is a fault of the program; the log has more."))
                }
            };
            ended.end();
            // This one must arrive, or the job would seem to run for ever.
            let _ = events.send(Event::Job(JobEvent::Finished { id, result })).await;
        });
    }

    /// Holds a job, or lets it go on.
    pub fn pause(&self, id: JobId, paused: bool) {
        if let Some(control) = self.running.get(&id) {
            control.pause(paused);
        }
    }

    /// Ends a job at its next checkpoint.
    pub fn cancel(&self, id: JobId) {
        if let Some(control) = self.running.get(&id) {
            control.cancel();
        }
    }
}

impl Drop for Jobs {
    fn drop(&mut self) {
        for control in self.running.values() {
            control.cancel();
        }
    }
}

/// The place with its database, lent from the connection's task.
fn side(registry: &Registry, place: &JobPlace) -> Result<Side, String> {
    let handle = registry.get(place.connection);
    let lent = handle.map(crate::connection::ConnectionHandle::lend);
    match lent {
        Some(Ok(lent)) => Ok(Side {
            label: place.label.clone(),
            request: lent.request_limit(),
            provider: Arc::new(lent),
            collection: place.collection.clone(),
        }),
        Some(Err(error)) => Err(format!("{}: {error}", place.label)),
        None => Err(format!("{} was closed meanwhile.", place.label)),
    }
}
