//! Long work: starting, holding and ending it, and what it says.

use super::{Out, resuming};
use crate::app::effect::Effect;
use crate::app::event::Notice;
use crate::app::job::{Job, JobEvent, JobId, JobPlace, JobReport, JobRequest};
use crate::app::overlay::Overlay;
use crate::app::overlay::picker::{Picker, PickerPurpose};
use crate::app::overlay::prompt::{Confirm, Confirmed, Prompt, PromptPurpose};
use crate::app::panes::PaneId;
use crate::app::state::{AppState, Focus};
use crate::app::view::View;
use crate::app::view::job::{JobRow, JobView, JobsView};
use crate::connection::message::ConnectionId;
use crate::jobs::model::plan::Wishes;
use crate::jobs::model::wishes;
use crate::text::format::{exact, many};

// ---- what the user wants ----

/// Asks what to compare the collection in focus with.
pub(super) fn ask_compare(state: &mut AppState, out: &mut Out) {
    pick(state, out, PickerPurpose::CompareWith);
}

/// Asks where to copy the collection in focus.
pub(super) fn ask_copy(state: &mut AppState, out: &mut Out) {
    pick(state, out, PickerPurpose::CopyTo);
}

fn pick(state: &mut AppState, out: &mut Out, purpose: impl Fn(PaneId) -> PickerPurpose) {
    super::browse::open_selected_collection(state, out);
    if let Some(pane) = state.active_pane().map(|pane| pane.id) {
        state.overlays.push(Overlay::Picker(Picker::new(purpose(pane))));
    }
}

/// Compares the index of the collection in focus with exact search.
pub(super) fn check_recall(state: &mut AppState, out: &mut Out) {
    super::browse::open_selected_collection(state, out);
    let Some(pane) = state.active_pane().map(|pane| pane.id) else { return };
    if let Some(place) = place_of(state, pane) {
        start(state, JobRequest::Recall { place }, out);
    }
}

/// The other collection was chosen.
pub(super) fn compare_with(state: &mut AppState, pane: PaneId, other: ConnectionId, name: &str, out: &mut Out) {
    if let (Some(a), Some(b)) = (place_of(state, pane), place(state, other, name)) {
        start(state, JobRequest::Compare { a, b }, out);
    }
}

/// The database to copy to was chosen: asks for the name of the collection there.
pub(super) fn ask_copy_name(state: &mut AppState, pane: PaneId, target: ConnectionId, name: Option<&str>) {
    let source = state.panes.get(&pane).and_then(|pane| pane.view().collection()).unwrap_or_default();
    let text = name.unwrap_or(source).to_owned();
    let there = state.connection(target).map_or_else(String::new, |there| there.label.clone());
    let prompt = Prompt::new(PromptPurpose::CopyName { pane, target }, &text).about(&format!("into {there}"));
    state.overlays.push(Overlay::Prompt(prompt));
}

/// The name was typed: what a copy would do is found out, nothing is written.
pub(super) fn plan_copy(
    state: &mut AppState,
    pane: PaneId,
    target: ConnectionId,
    name: &str,
    out: &mut Out,
) -> Result<(), String> {
    if name.is_empty() {
        return Err("the collection needs a name.".to_owned());
    }
    let (Some(from), Some(to)) = (place_of(state, pane), place(state, target, name)) else {
        return Err("one of the two connections was closed meanwhile.".to_owned());
    };
    if from == to {
        return Err("this is the collection itself. Choose another name or another database.".to_owned());
    }
    let filter = filter_of(state, pane);
    start(state, JobRequest::PlanCopy { from, to, filter, options: String::new() }, out);
    Ok(())
}

/// The plan in focus, if the job there makes one or has made one.
fn planned(state: &AppState) -> Option<&Job> {
    let job = in_focus(state).and_then(|id| state.job(id))?;
    let plans = matches!(job.request, Some(JobRequest::PlanCopy { .. } | JobRequest::PlanCopyAll { .. }));
    plans.then_some(job)
}

/// Why no options can be given.
pub(super) fn no_plan(state: &AppState) -> Option<&'static str> {
    match planned(state) {
        None => Some("only the plan of a copy has options"),
        Some(job) if job.is_running() => Some("the plan is still being made"),
        Some(_) => None,
    }
}

/// Asks how the copy whose plan is in sight is to be made.
pub(super) fn ask_options(state: &mut AppState) {
    let (id, options) = match planned(state).map(|job| (job.id, &job.request)) {
        Some((id, Some(JobRequest::PlanCopy { options, .. } | JobRequest::PlanCopyAll { options, .. }))) => {
            (id, options.clone())
        }
        _ => return,
    };
    state.overlays.push(Overlay::Prompt(Prompt::new(PromptPurpose::CopyOptions(id), &options)));
}

/// The options were typed: another plan is made, in place of the one in sight.
pub(super) fn plan_anew(state: &mut AppState, plan: JobId, text: &str, out: &mut Out) -> Result<(), String> {
    wishes::read(text, &mut Wishes::default())?;
    let Some(mut request) = state.job(plan).and_then(|job| job.request.clone()) else { return Ok(()) };
    match &mut request {
        JobRequest::PlanCopy { options, .. } | JobRequest::PlanCopyAll { options, .. } => text.clone_into(options),
        _ => return Ok(()),
    }
    // In place of the plan; a list of jobs stays below.
    if let Some(pane) = state.active_pane_mut()
        && matches!(pane.view(), View::Job(_))
    {
        pane.back();
    }
    start(state, request, out);
    Ok(())
}

/// Why there is no copy whose rate could be limited.
pub(super) fn not_copying(state: &AppState) -> Option<&'static str> {
    let job = in_focus(state).and_then(|id| state.job(id)).filter(|job| job.is_running() && job.writes_a_copy());
    job.is_none().then_some("only a running copy has a rate: it is shown in its pane, or selected in the list of jobs")
}

/// Asks how fast the copy in focus may write.
pub(super) fn ask_rate(state: &mut AppState) {
    if let Some(id) = in_focus(state) {
        state.overlays.push(Overlay::Prompt(Prompt::new(PromptPurpose::Rate(id), "")));
    }
}

/// The rate was typed; nothing lifts the limit.
pub(super) fn limit(state: &mut AppState, id: JobId, text: &str, out: &mut Out) -> Result<(), String> {
    if !state.job(id).is_some_and(Job::is_running) {
        return Err("this copy has ended meanwhile.".to_owned());
    }
    let mut wished = Wishes::default();
    if !text.is_empty() {
        wishes::wish("rate", text, &mut wished)?;
    }
    let rate = wished.rate;
    out.push(Effect::LimitJob { id, rate });
    state.notice = Some(Notice::success(match rate {
        Some(rate) => format!("the copy writes at most {} records a second.", exact(rate)),
        None => "the copy writes as fast as it can.".to_owned(),
    }));
    Ok(())
}

/// Shows all jobs of this session, and looks which copies the state directory has.
pub(super) fn show_all(state: &mut AppState, out: &mut Out) {
    out.push(Effect::ListCopies);
    if let Some(pane) = state.active_pane_mut()
        && !matches!(pane.view(), View::Jobs(_))
    {
        pane.push(View::Jobs(JobsView::default()));
        state.focus = Focus::Pane;
    }
}

/// Starts a job and shows it.
pub(super) fn start(state: &mut AppState, request: JobRequest, out: &mut Out) {
    let id = JobId(state.fresh_id());
    state.jobs.push(Job::new(id, request.title(), Some(request.clone())));
    out.push(Effect::StartJob { id, request: Box::new(request) });
    if let Some(pane) = state.active_pane_mut() {
        pane.push(View::Job(JobView::new(id)));
        state.focus = Focus::Pane;
    }
}

/// Enter: opens the job under the cursor of the list, or goes on with the copy there; in a job, does what its report
/// offers.
pub(super) fn enter(state: &mut AppState, out: &mut Out) {
    let row = match state.active_pane().map(|pane| pane.view()) {
        Some(View::Job(view)) => return accept(state, view.id, out),
        Some(View::Jobs(view)) => state.job_rows().get(view.list.selected).map(|row| match row {
            JobRow::Job(job) => Ok(job.id),
            JobRow::Copy(copy) => Err(copy.id.clone()),
        }),
        _ => None,
    };
    match row {
        Some(Ok(id)) => {
            if let Some(pane) = state.active_pane_mut() {
                pane.push(View::Job(JobView::new(id)));
            }
        }
        Some(Err(copy)) => resuming::begin(state, &copy, out),
        None => {}
    }
}

/// What a job offers that has ended: a plan is accepted, a copy that was stopped goes on, what was compared is made
/// alike.
fn accept(state: &mut AppState, id: JobId, out: &mut Out) {
    match state.job(id).map(|job| (&job.ended, job.copy.clone())) {
        Some((Some(Err(_)), Some(copy))) => resuming::begin(state, &copy, out),
        Some((Some(Ok(JobReport::Whole { well, of, .. })), Some(copy))) if well < of => {
            resuming::begin(state, &copy, out);
        }
        Some((Some(Ok(JobReport::Comparison(_))), _)) => ask_align(state, id),
        _ => accept_plan(state, id),
    }
}

/// A plan that is shown is accepted: asks once more, as for everything that writes.
fn accept_plan(state: &mut AppState, id: JobId) {
    let Some(job) = state.job(id) else { return };
    let (what, from, to) = match (&job.ended, &job.request) {
        (Some(Ok(JobReport::Plan { plan, .. })), Some(JobRequest::PlanCopy { from, to, .. })) => {
            (format!("{} records", exact(plan.records)), from, to.clone())
        }
        (Some(Ok(JobReport::Plans { plans, .. })), Some(JobRequest::PlanCopyAll { from, to, .. })) => {
            let records = plans.iter().map(|plan| plan.records).sum();
            (format!("{} collections, {} records,", plans.len(), exact(records)), from, to.clone())
        }
        _ => return,
    };
    let text = format!("Copy {what} from {} to {}?", from.name(), to.name());
    match writable(state, to.connection, &to.label) {
        Ok(()) => state.overlays.push(Overlay::Confirm(Confirm { text, yes: Confirmed::Copy(id) })),
        Err(why) => state.notify(Notice::error(why)),
    }
}

/// Whether that database can be written to now; a sentence why not.
pub(super) fn writable(state: &AppState, target: ConnectionId, label: &str) -> Result<(), String> {
    let Some(target) = state.connection(target) else {
        return Err(format!("{label} was closed meanwhile."));
    };
    target.unwritable().map_or(Ok(()), Err)
}

/// The database that keys mean which are about writing: what the job in focus writes to, or would.
pub(super) fn target_in_focus(state: &AppState) -> Option<ConnectionId> {
    let job = state.job(in_focus(state)?)?;
    Some(job.request.as_ref()?.target()?.connection)
}

/// A comparison that found differences: asks for the name of what is to be written to, as nothing else is so easily
/// mixed up as its two sides.
fn ask_align(state: &mut AppState, id: JobId) {
    let Some((_, b, (upserts, deletes))) = compared(state, id) else { return };
    if upserts + deletes == 0 {
        return;
    }
    match writable(state, b.connection, &b.label) {
        Ok(()) => {
            let (name, there) = (&b.collection, b.name());
            let records = |count| many(count, "record", "records");
            let writes = match upserts {
                0 => format!("Nothing is missing or different in {there}."),
                some => format!("Type \"{name}\" to write {} to {there}.", records(some)),
            };
            let deletes = match deletes {
                0 => String::new(),
                some => format!(" Type \"{name} delete\" to also delete {} that only it has.", records(some)),
            };
            let prompt = Prompt::new(PromptPurpose::Align(id), "").about(&(writes + &deletes));
            state.overlays.push(Overlay::Prompt(prompt));
        }
        Err(why) => state.notify(Notice::error(why)),
    }
}

/// The name was typed: what was compared is made alike.
pub(super) fn align(state: &mut AppState, id: JobId, text: &str, out: &mut Out) -> Result<(), String> {
    let Some((a, b, agreed)) = compared(state, id) else {
        return Err("this comparison is not there any more.".to_owned());
    };
    let delete = match text.strip_prefix(b.collection.as_str()) {
        Some("") => false,
        Some(more) if more.starts_with(' ') && more.trim() == "delete" => true,
        _ => {
            let name = &b.collection;
            return Err(format!("type \"{name}\" to write to {}, or \"{name} delete\".", b.name()));
        }
    };
    if agreed.0 == 0 && !delete {
        return Err(format!("there is only something to delete: {} delete does that.", b.collection));
    }
    writable(state, b.connection, &b.label)?;
    start(state, JobRequest::Align { a, b, agreed, delete }, out);
    Ok(())
}

/// The sides of a comparison that ended, and how many records would be written and deleted.
fn compared(state: &AppState, id: JobId) -> Option<(JobPlace, JobPlace, (u64, u64))> {
    let job = state.job(id)?;
    match (&job.ended, &job.request) {
        (Some(Ok(JobReport::Comparison(report))), Some(JobRequest::Compare { a, b })) if report.can_be_aligned() => {
            Some((a.clone(), b.clone(), report.contents.as_ref()?.writes()))
        }
        _ => None,
    }
}

/// Yes: the copy begins.
pub(super) fn copy(state: &mut AppState, plan: JobId, out: &mut Out) {
    let Some(job) = state.job(plan) else { return };
    let request = match (&job.ended, &job.request) {
        (Some(Ok(JobReport::Plan { plan, .. })), Some(JobRequest::PlanCopy { from, to, .. })) => {
            JobRequest::Copy { from: from.clone(), to: to.clone(), plan: plan.clone() }
        }
        (Some(Ok(JobReport::Plans { plans, .. })), Some(JobRequest::PlanCopyAll { from, to, .. })) => {
            JobRequest::CopyAll { from: from.clone(), to: to.clone(), plans: plans.clone() }
        }
        _ => return,
    };
    // In place of its plan: one step back leads to where the copy was asked for.
    if let Some(pane) = state.active_pane_mut() {
        pane.back();
    }
    start(state, request, out);
}

/// Space: holds the job in focus, or lets it go on.
pub(super) fn toggle_pause(state: &mut AppState, out: &mut Out) {
    let Some(id) = in_focus(state) else { return };
    let Some(job) = state.jobs.iter_mut().find(|job| job.id == id && job.can_be_held()) else { return };
    job.paused = !job.paused;
    out.push(Effect::PauseJob { id, paused: job.paused });
}

/// ctrl-c: ends the job in focus; whether there was one.
pub(super) fn cancel(state: &mut AppState, out: &mut Out) -> bool {
    let Some(id) = in_focus(state) else { return false };
    let runs = state.jobs.iter().any(|job| job.id == id && job.can_be_held());
    if runs {
        out.push(Effect::CancelJob(id));
    }
    runs
}

/// The running jobs that work on one of these connections.
pub(super) fn those_on<'a>(state: &'a AppState, connections: &'a [ConnectionId]) -> impl Iterator<Item = &'a Job> {
    let is_meant = |request: &JobRequest| request.connections().iter().any(|one| connections.contains(one));
    state.running_jobs().filter(move |job| job.request.as_ref().is_some_and(is_meant))
}

/// A connection is closed: what works on it ends.
pub(super) fn end_those_on(state: &AppState, connection: ConnectionId, out: &mut Out) {
    out.extend(those_on(state, &[connection]).map(|job| Effect::CancelJob(job.id)));
}

/// The job that keys mean: the one that is shown, or under the cursor of the list.
fn in_focus(state: &AppState) -> Option<JobId> {
    match state.active_pane()?.view() {
        View::Job(view) => Some(view.id),
        View::Jobs(_) => in_list(state),
        View::Records(_) | View::Record(_) | View::Hits(_) | View::Info(_) | View::Log(_) | View::Welcome => None,
    }
}

fn in_list(state: &AppState) -> Option<JobId> {
    match state.active_pane()?.view() {
        View::Jobs(view) => match state.job_rows().get(view.list.selected)? {
            JobRow::Job(job) => Some(job.id),
            JobRow::Copy(_) => None,
        },
        _ => None,
    }
}

fn place_of(state: &AppState, pane: PaneId) -> Option<JobPlace> {
    let pane = state.panes.get(&pane)?;
    place(state, pane.connection?, pane.view().collection()?)
}

/// A collection of a connection, or with `""` all of them.
pub(super) fn place(state: &AppState, connection: ConnectionId, collection: &str) -> Option<JobPlace> {
    let known = state.connection(connection)?;
    let (label, word) = (known.label.clone(), known.target_word());
    Some(JobPlace { connection, label, word, collection: collection.to_owned() })
}

/// The filter of the pane's table: a copy takes what is shown.
fn filter_of(state: &AppState, pane: PaneId) -> Option<String> {
    match state.panes.get(&pane)?.view() {
        View::Records(view) => view.filter.filter.as_ref().map(|_| view.filter.text.clone()),
        _ => None,
    }
}

// ---- what jobs say ----

pub(super) fn job_event(state: &mut AppState, event: JobEvent, out: &mut Out) {
    match event {
        JobEvent::Progress { id, title, progress } => match state.jobs.iter_mut().find(|job| job.id == id) {
            Some(job) => job.progress = progress,
            None => {
                let mut job = Job::new(id, title, None);
                job.progress = progress;
                state.jobs.push(job);
            }
        },
        JobEvent::Copying { id, copy } => {
            if let Some(job) = state.jobs.iter_mut().find(|job| job.id == id) {
                job.copy = Some(copy);
            }
        }
        JobEvent::Copies(result) => resuming::listed(state, result),
        JobEvent::Ends { copy, from, to } => resuming::ends(state, copy, from, to, out),
        JobEvent::Ended(id) => state.jobs.retain(|job| job.id != id),
        JobEvent::Finished { id, result } => finished(state, id, result, out),
    }
}

fn finished(state: &mut AppState, id: JobId, result: Result<JobReport, String>, out: &mut Out) {
    let Some(job) = state.jobs.iter_mut().find(|job| job.id == id) else { return };
    let notice = match &result {
        Ok(report) => Notice { severity: report.severity(), text: format!("{}: {}", job.title, report.sentence()) },
        Err(why) => Notice::error(format!("{}: {why}", job.title)),
    };
    let written = job.request.as_ref().and_then(JobRequest::written);
    if written.is_some() && !matches!(job.request, Some(JobRequest::Align { .. })) {
        out.push(Effect::ListCopies);
    }
    job.ended = Some(result);
    job.paused = false;
    state.notify(notice);
    // A collection may be new there, or have more records, also where the copy broke off.
    if let Some(connection) = written.filter(|id| super::questions::is_up(state, *id)) {
        super::browse::list_collections(state, connection, out);
    }
}

/// Lines of the job that is shown in a pane.
pub(super) fn lines_of(state: &AppState, id: JobId) -> usize {
    state.job(id).map_or(0, |job| state.report_of(job).len())
}
