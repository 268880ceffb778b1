//! Whole databases from the screen: copying all collections, backing up.

use super::Program;
use super::jobs::{plan, started};
use super::resuming::stopped;
use crate::app::effect::Effect;
use crate::app::event::{Event, Severity};
use crate::app::job::{JobEvent, JobId, JobReport, JobRequest};
use crate::app::overlay::Overlay;
use crate::app::overlay::picker::PickerItem;
use crate::connection::message::ConnectionEventKind;
use crate::provider::{Access, Lock, ProviderKind};

/// Two databases are open, and the plans of copying all of the first into the second are shown.
fn planned() -> (Program, JobId) {
    let mut program = Program::connected(2, &[("docs", 3), ("notes", 5)]);
    program.effects.clear();
    program.keys("A");
    let Some(Overlay::Picker(picker)) = program.state.overlays.last() else { panic!("no picker") };
    let [a, b] = program.ids()[..] else { panic!("two connections") };
    assert_eq!(picker.rows(&program.state), [PickerItem::Connection(b)], "the database itself is no choice");
    program.keys("<enter>");
    let (id, request) = started(&mut program);
    let JobRequest::PlanCopyAll { from, to, backup, .. } = request else { panic!("{request:?}") };
    assert_eq!((from.connection, to.connection, backup), (a, b, None));
    assert_eq!((from.collection.as_str(), to.collection.as_str()), ("", ""));
    let report = JobReport::Plans { plans: vec![plan(), plan()], text: "in all 2 collections".into() };
    program.send(Event::Job(JobEvent::Finished { id, result: Ok(report) }));
    (program, id)
}

#[test]
fn all_collections_are_copied_after_their_plans_were_accepted_and_confirmed() {
    let (mut program, _) = planned();
    assert!(program.effects.is_empty(), "{:?}", program.effects);
    program.keys("<enter>");
    let Some(Overlay::Confirm(confirm)) = program.state.overlays.last() else { panic!("nobody was asked") };
    assert!(confirm.text.contains("2 collections, 6 records"), "{}", confirm.text);
    program.keys("n");
    assert!(program.effects.is_empty(), "no is no");
    program.keys("<enter>y");
    let (_, request) = started(&mut program);
    let JobRequest::CopyAll { plans, to, .. } = &request else { panic!("{request:?}") };
    assert_eq!((plans.len(), request.written()), (2, Some(to.connection)));
}

#[test]
fn plans_into_a_read_only_database_are_not_accepted() {
    let (mut program, _) = planned();
    let b = program.ids()[1];
    program.says(b, 1, ConnectionEventKind::Access(Access::locked(Some(Lock::Environment("production")))));
    program.keys("<enter>");
    assert!(program.state.overlays.is_empty() && program.effects.is_empty());
    assert!(program.notice().contains("production is read-only. Open a write window"), "{}", program.notice());
}

#[test]
fn a_backup_is_brought_back_with_its_checksums_and_not_backed_up() {
    let mut program = Program::connected(2, &[("docs", 3)]);
    program.state.connections[0].kind = ProviderKind::ParquetBackup;
    program.state.connections[0].address = "/backups/monday".into();
    program.effects.clear();
    program.keys("A<enter>");
    let (_, request) = started(&mut program);
    let JobRequest::PlanCopyAll { backup, .. } = request else { panic!("{request:?}") };
    assert_eq!(backup.as_deref(), Some("/backups/monday"));
    program.keys("F");
    assert!(program.state.overlays.is_empty());
    assert!(program.notice().contains("is a backup already"), "{}", program.notice());
}

#[test]
fn a_backup_needs_a_directory_and_writes_to_no_database() {
    let mut program = Program::connected(1, &[("docs", 3)]);
    program.effects.clear();
    program.keys("F<enter>");
    let Some(Overlay::Prompt(prompt)) = program.state.overlays.last() else { panic!("no prompt") };
    assert!(prompt.error.as_deref().is_some_and(|error| error.contains("needs a directory")));
    program.keys("~/b<enter>");
    let (id, request) = started(&mut program);
    assert!(matches!(&request, JobRequest::BackUp { dir, .. } if dir == "~/b"), "{request:?}");
    assert_eq!(request.written(), None);
    let report = JobReport::Whole { well: 1, of: 2, done: "backed up and verified", text: String::new() };
    assert_eq!((report.severity(), report.sentence().starts_with("1 of 2")), (Severity::Error, true));
    program.send(Event::Job(JobEvent::Finished { id, result: Ok(report) }));
    assert!(program.notice().contains("1 of 2 collections are backed up"), "{}", program.notice());
}

#[test]
fn copies_of_which_one_is_not_well_go_on_with_enter() {
    let (mut program, _) = planned();
    program.keys("<enter>y");
    let (id, _) = started(&mut program);
    let word = "qdrant://127.0.0.1:6334";
    program.send(Event::Job(JobEvent::Copying { id, copy: "all".into() }));
    let report = JobReport::Whole { well: 1, of: 2, done: "copied and verified", text: "docs: stopped: full".into() };
    program.send(Event::Job(JobEvent::Finished { id, result: Ok(report) }));
    program.send(Event::Job(JobEvent::Copies(Ok(vec![stopped("all", word, word)]))));
    program.effects.clear();
    program.keys("<enter>");
    let goes_on = program.effects.iter().any(|effect| matches!(effect, Effect::FindEnds { copy, .. } if copy == "all"));
    assert!(goes_on, "{:?}", program.effects);
}
