//! Copies that the state directory has: listed with the jobs, and gone on with.

use super::{Program, ad_hoc};
use crate::app::effect::{Effect, OpenRequest, OpenSource};
use crate::app::event::Event;
use crate::app::job::{JobEvent, JobRequest};
use crate::app::overlay::Overlay;
use crate::app::view::job::JobRow;
use crate::connection::message::ConnectionEventKind;
use crate::jobs::model::copied::{CopyState, Verdict};
use crate::jobs::model::plan::Place;
use crate::provider::{Access, Address, Lock};

/// A copy of `docs` to `copies` that was stopped at 10 of 30.
pub(super) fn stopped(id: &str, from: &str, to: &str) -> CopyState {
    let place = |label: &str, target: &str, collection: &str| Place {
        label: label.into(),
        target: target.into(),
        product: "qdrant".into(),
        version: "1".into(),
        collection: collection.into(),
    };
    let (from, to) = (place("a", from, "docs"), place("b", to, "copies"));
    CopyState {
        id: id.into(),
        from: from.name(),
        to: to.name(),
        listed: Some(30),
        done: 10,
        verdict: None,
        running: false,
        fault: None,
        folder: "/state/copies/x".into(),
        ends: Some((from, to)),
    }
}

/// Two databases are open, and the list of jobs with these copies is on the screen.
fn listing(copies: Vec<CopyState>) -> Program {
    let mut program = Program::connected(2, &[("docs", 3)]);
    program.keys("j<enter>");
    program.serve_pages(3);
    program.effects.clear();
    program.keys("B");
    assert!(program.effects.iter().any(|effect| matches!(effect, Effect::ListCopies)), "{:?}", program.effects);
    program.send(Event::Job(JobEvent::Copies(Ok(copies))));
    program.effects.clear();
    program
}

/// What opens that URL.
fn request(word: &str) -> Result<Box<OpenRequest>, String> {
    let mut request = ad_hoc(word);
    if let (OpenSource::AdHoc(ad_hoc), Some((_, port))) = (&mut request.source, word.rsplit_once(':')) {
        ad_hoc.spec.address = Address::Server { host: "127.0.0.1".into(), port: port.parse().unwrap(), tls: false };
    }
    Ok(Box::new(request))
}

/// Presses enter on the first row and answers with what opens both ends.
fn enter(program: &mut Program) {
    program.keys("<enter>");
    let found = program.effects.iter().find_map(|effect| match effect {
        Effect::FindEnds { copy, from, to } => Some((copy.clone(), from.clone(), to.clone())),
        _ => None,
    });
    let (copy, from, to) = found.unwrap();
    program.effects.clear();
    program.send(Event::Job(JobEvent::Ends { copy, from: request(&from), to: request(&to) }));
}

#[test]
fn a_copy_that_was_stopped_goes_on_where_both_ends_are_open() {
    let mut program = listing(Vec::new());
    let words: Vec<String> = program.state.connections.iter().map(|c| c.target_word()).collect();
    program.send(Event::Job(JobEvent::Copies(Ok(vec![stopped("x", &words[0], &words[1])]))));
    enter(&mut program);
    let Some(Overlay::Confirm(confirm)) = program.state.overlays.last() else { panic!("nobody was asked") };
    assert!(confirm.text.contains("10 of 30"), "{}", confirm.text);
    program.keys("y");
    let started = program.effects.iter().find_map(|effect| match effect {
        Effect::StartJob { id, request } => Some((*id, (**request).clone())),
        _ => None,
    });
    let (id, JobRequest::ResumeCopy { copy, from, to }) = started.unwrap() else { panic!("another job") };
    assert_eq!((copy.as_str(), from.collection.as_str(), to.collection.as_str()), ("x", "docs", "copies"));

    // While the job runs it stands for the copy, and when it has ended what is on the disk is looked at anew.
    assert_eq!(program.state.job_rows().len(), 2);
    program.send(Event::Job(JobEvent::Copying { id, copy: "x".into() }));
    assert!(matches!(program.state.job_rows().as_slice(), [JobRow::Job(_)]));
    program.effects.clear();
    program.send(Event::Job(JobEvent::Finished { id, result: Err("it broke off.".into()) }));
    assert!(program.effects.iter().any(|effect| matches!(effect, Effect::ListCopies)));
    // Enter on the job that broke off goes on, too.
    enter(&mut program);
    assert!(matches!(program.state.overlays.last(), Some(Overlay::Confirm(_))));
}

#[test]
fn what_is_not_open_is_opened_first_and_a_failure_is_said() {
    let mut program = listing(vec![stopped("x", "qdrant://127.0.0.1:6334", "chroma://127.0.0.1:8000")]);
    enter(&mut program);
    let opened = program.state.connections.last().unwrap().id;
    assert!(program.effects.iter().any(|effect| matches!(effect, Effect::Open { .. })), "{:?}", program.effects);
    assert!(program.state.overlays.is_empty() && program.state.resuming.is_some(), "asked before it is connected");
    let at = program.state.connections.len() - 1;
    program.keys(&format!("{}C", at + 1));
    assert!(program.state.connection(opened).is_none());
    assert!(program.state.resuming.is_none() && program.notice().contains("does not go on"), "{}", program.notice());
}

#[test]
fn a_read_only_target_is_not_written_to() {
    let mut program = listing(Vec::new());
    let words: Vec<String> = program.state.connections.iter().map(|c| c.target_word()).collect();
    program.send(Event::Job(JobEvent::Copies(Ok(vec![stopped("x", &words[0], &words[1])]))));
    for id in program.ids() {
        let lock = Lock::Environment("production");
        program.says(id, 1, ConnectionEventKind::Access(Access::locked(Some(lock))));
    }
    program.keys("<enter>");
    program.effects.clear();
    let (from, to) = (request(&words[0]), request(&words[1]));
    program.send(Event::Job(JobEvent::Ends { copy: "x".into(), from, to }));
    assert!(program.state.overlays.is_empty());
    assert!(program.notice().contains("production is read-only. Open a write window"), "{}", program.notice());
}

#[test]
fn what_has_ended_or_runs_elsewhere_is_told_and_not_begun_again() {
    let word = "qdrant://127.0.0.1:6334";
    let ended = CopyState { verdict: Some(Verdict::Verified), ..stopped("x", word, word) };
    let running = CopyState { running: true, ..stopped("x", word, word) };
    let damaged = CopyState { fault: Some("plan.json is damaged".into()), ends: None, ..stopped("x", word, word) };
    let journal = "journal.jsonl is damaged: line 3. It cannot go on; copy anew, and remove /state/copies/x";
    let known = CopyState { fault: Some(journal.into()), ..stopped("x", word, word) };
    for (copy, says) in [
        (ended, "/state/copies/x"),
        (running, "is running"),
        (damaged, "is damaged"),
        (known, "remove /state/copies/x"),
    ] {
        let mut program = listing(vec![copy]);
        program.keys("<enter>");
        assert!(program.effects.is_empty(), "{:?}", program.effects);
        assert!(program.notice().contains(says), "{}", program.notice());
    }
}
