//! Long work on the databases of open connections: lends them from the connections' tasks, runs the
//! jobs of `crate::jobs`, and tells the loop what they say.

use std::collections::HashMap;
use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::mpsc::Sender;
use tokio::task::{AbortHandle, spawn_blocking};

use super::whole;
use crate::app::event::Event;
use crate::app::job::{JobEvent, JobId, JobPlace, JobReport, JobRequest};
use crate::connection::Registry;
use crate::jobs::align::{AlignOptions, align_agreed};
use crate::jobs::compare::{CompareOptions, ContentOptions, compare, pass_over};
use crate::jobs::copy::several::Several;
use crate::jobs::copy::{self, CopyError, Folder, Words};
use crate::jobs::model::plan::{Plan, Wishes};
use crate::jobs::model::wishes;
use crate::jobs::queries::Queries;
use crate::jobs::recall::{self, RecallOptions};
use crate::jobs::{Control, Meter, Side};

/// Hits of each search of a comparison or an index check.
const TOP: usize = 10;
/// Its queries: vectors of records, the same ones each time.
const SAMPLE: Queries = Queries::Sampled { count: 100, seed: 1 };
/// Searches that prove a copy.
pub(super) const QUERIES: usize = 20;
/// Differences that are opened field by field.
const OPENED: usize = 200;

/// A comparison from the screen looks at everything.
fn comparison() -> CompareOptions {
    CompareOptions {
        structure: true,
        contents: Some(ContentOptions { list: OPENED, ..ContentOptions::default() }),
        retrieval: Some((SAMPLE, TOP)),
        using: None,
    }
}

/// The jobs of the screen. Dropping it ends them.
pub struct Jobs {
    events: Sender<Event>,
    /// Where copies keep their journals.
    state_dir: PathBuf,
    running: HashMap<JobId, (Control, AbortHandle)>,
}

impl Jobs {
    /// None yet; they will tell into this channel, and keep their journals in that directory.
    pub fn new(events: Sender<Event>, state_dir: PathBuf) -> Self {
        Self { events, state_dir, running: HashMap::new() }
    }

    /// Starts a job; what is wrong at once comes back as an event, too.
    pub fn start(&mut self, registry: &Registry, id: JobId, request: JobRequest) -> Option<Event> {
        match self.try_start(registry, id, request) {
            Ok(()) => None,
            Err(why) => Some(Event::Job(JobEvent::Finished { id, result: Err(why) })),
        }
    }

    fn try_start(&mut self, registry: &Registry, id: JobId, request: JobRequest) -> Result<(), String> {
        let title = request.title();
        match request {
            JobRequest::Compare { a, b } => {
                let (a, b) = (side(registry, &a)?, side(registry, &b)?);
                self.run(id, title, async move |control, mut meter| {
                    let options = comparison();
                    let done = compare(&a, &b, &options, &control, &mut meter, &mut pass_over).await;
                    done.map(|report| JobReport::Comparison(Box::new(report))).map_err(|error| error.to_string())
                });
            }
            JobRequest::Align { a, b, agreed, delete } => {
                let (a, b) = (side(registry, &a)?, side(registry, &b)?);
                self.run(id, title, async move |control, mut meter| {
                    let contents = ContentOptions { list: OPENED, ..ContentOptions::default() };
                    let options = AlignOptions { delete_extra: delete, contents };
                    let done = align_agreed(&a, &b, agreed, &options, &control, &mut meter).await;
                    done.map(|report| JobReport::Aligned(Box::new(report))).map_err(|error| error.to_string())
                });
            }
            JobRequest::Recall { place } => {
                let side = side(registry, &place)?;
                self.run(id, title, async move |control, mut meter| {
                    let options = RecallOptions { using: None, top: TOP, queries: SAMPLE };
                    let done = recall::check(&side, &options, &control, &mut meter).await;
                    done.map(|report| JobReport::Recall(Box::new(report))).map_err(|error| error.to_string())
                });
            }
            JobRequest::PlanCopy { from, to, filter, options } => {
                let (source, target) = (side(registry, &from)?, side(registry, &to)?);
                let mut wishes = Wishes { filter, queries: QUERIES, ..Wishes::default() };
                wishes::read(&options, &mut wishes)?;
                self.run(id, title, async move |control, mut meter| {
                    let words = Words { from: from.word, to: to.word };
                    let plan = copy::plan(&source, &target, words, wishes, &control, &mut meter).await;
                    let plan = plan.map_err(|error| error.to_string())?;
                    Ok(JobReport::Plan { text: copy::report::plan(&plan), plan: Box::new(plan) })
                });
            }
            JobRequest::Copy { from, to, plan } => {
                let (ends, state_dir) = ([side(registry, &from)?, side(registry, &to)?], self.state_dir.clone());
                self.copy(id, title, ends, move || Ok(Begun::one((Folder::create(&state_dir, &plan)?, *plan))));
            }
            JobRequest::ResumeCopy { copy, from, to } => {
                let (ends, state_dir) = ([side(registry, &from)?, side(registry, &to)?], self.state_dir.clone());
                self.copy(id, title, ends, move || match Several::open(&state_dir, &copy)? {
                    Some(several) => Ok(Begun::All(several)),
                    None => Folder::open(&state_dir, &copy).map(Begun::one),
                });
            }
            JobRequest::PlanCopyAll { from, to, backup, options } => {
                let ends = [side(registry, &from)?, side(registry, &to)?];
                let words = Words { from: from.word, to: to.word };
                let mut wishes = Wishes { queries: QUERIES, ..Wishes::default() };
                wishes::read(&options, &mut wishes)?;
                self.run(id, title, move |control, meter| whole::plan(ends, words, (wishes, backup), control, meter));
            }
            JobRequest::CopyAll { from, to, plans } => {
                let (ends, state_dir) = ([side(registry, &from)?, side(registry, &to)?], self.state_dir.clone());
                self.copy(id, title, ends, move || Several::create(&state_dir, &plans).map(Begun::All));
            }
            JobRequest::BackUp { place, dir } => {
                let source = side(registry, &place)?;
                self.run(id, title, move |control, meter| whole::back_up(source, place.word, dir, control, meter));
            }
        }
        Ok(())
    }

    /// Copies, or goes on: what is done already is known to what `begin` opens.
    fn copy(
        &mut self,
        id: JobId,
        title: String,
        ends: [Side; 2],
        begin: impl FnOnce() -> Result<Begun, CopyError> + Send + 'static,
    ) {
        let (events, state_dir) = (self.events.clone(), self.state_dir.clone());
        self.run(id, title, async move |control, meter| {
            let begun = spawn_blocking(begin).await.map_err(|fault| fault.to_string())?;
            let begun = begun.map_err(|error| error.to_string())?;
            let copy = match &begun {
                Begun::One(one) => one.0.id.clone(),
                Begun::All(several) => several.id.clone(),
            };
            let _ = events.send(Event::Job(JobEvent::Copying { id, copy })).await;
            match begun {
                Begun::One(one) => copy_one(*one, ends, control, meter).await,
                Begun::All(several) => whole::copy(several, state_dir, ends, control, meter).await,
            }
        });
    }

    /// Looks which copies the state directory has.
    pub fn list_copies(&self) {
        let (events, state_dir) = (self.events.clone(), self.state_dir.clone());
        tokio::spawn(async move {
            let list = move || {
                let mut copies = Folder::list(&state_dir)?;
                copies.extend(Several::list(&state_dir, &copies));
                Ok::<_, CopyError>(copies)
            };
            let copies = match spawn_blocking(list).await {
                Ok(listed) => listed.map_err(|error| error.to_string()),
                Err(fault) => Err(fault.to_string()),
            };
            let _ = events.send(Event::Job(JobEvent::Copies(copies))).await;
        });
    }

    /// Runs one in a task of its own.
    fn run<W, F>(&mut self, id: JobId, title: String, work: W)
    where
        W: FnOnce(Control, Meter) -> F,
        F: Future<Output = Result<JobReport, String>> + Send + 'static,
    {
        self.running.retain(|_, (_, task)| !task.is_finished());
        let control = Control::default();
        let told = self.events.clone();
        let meter = Meter::new(Arc::new(move |progress| {
            // A report that does not fit is dropped: the next one tells more.
            let _ = told.try_send(Event::Job(JobEvent::Progress { id, title: title.clone(), progress }));
        }));
        let work = work(control.clone(), meter);
        let events = self.events.clone();
        let task = tokio::spawn(async move {
            let result = match tokio::spawn(work).await {
                Ok(result) => result,
                Err(fault) => {
                    Err(format!("the job broke off: {fault}. This is a fault of the program; the log has more."))
                }
            };
            // This one must arrive, or the job would seem to run for ever.
            let _ = events.send(Event::Job(JobEvent::Finished { id, result })).await;
        });
        self.running.insert(id, (control, task.abort_handle()));
    }

    /// Holds a job, or lets it go on.
    pub fn pause(&self, id: JobId, paused: bool) {
        if let Some((control, _)) = self.running.get(&id) {
            control.pause(paused);
        }
    }

    /// Lets a copy write at most so many records a second, or as fast as it can.
    pub fn limit(&self, id: JobId, rate: Option<u64>) {
        if let Some((control, _)) = self.running.get(&id) {
            control.limit(rate);
        }
    }

    /// Ends a job at its next checkpoint.
    pub fn cancel(&self, id: JobId) {
        if let Some((control, _)) = self.running.get(&id) {
            control.cancel();
        }
    }
}

impl Drop for Jobs {
    fn drop(&mut self) {
        for (control, _) in self.running.values() {
            control.cancel();
        }
    }
}

/// What a copy works on.
enum Begun {
    One(Box<(Folder, Plan)>),
    All(Several),
}

impl Begun {
    fn one(opened: (Folder, Plan)) -> Self {
        Self::One(Box::new(opened))
    }
}

async fn copy_one(
    (folder, plan): (Folder, Plan),
    [source, target]: [Side; 2],
    control: Control,
    mut meter: Meter,
) -> Result<JobReport, String> {
    match copy::run(&folder, &plan, &source, &target, &control, &mut meter).await {
        Ok(copied) => Ok(JobReport::Copied { text: copy::report::text(&copied), copied: Box::new(copied) }),
        Err(error) if folder.can_go_on(&error) => Err(format!("{error} {}", goes_on(&folder.id))),
        Err(error) => Err(error.to_string()),
    }
}

/// How a copy of that name goes on.
pub(super) fn goes_on(copy: &str) -> String {
    format!("Go on with enter, here or in the list of jobs, or with: vector-inspector copy --resume {copy}")
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
