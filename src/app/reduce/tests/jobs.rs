//! Comparing, checking and copying from the screen: what is asked for, held, ended, accepted.

use super::{Program, ad_hoc};
use crate::app::effect::{Effect, OpenRequest};
use crate::app::event::{Event, Severity};
use crate::app::job::{JobEvent, JobId, JobReport, JobRequest};
use crate::app::overlay::Overlay;
use crate::app::overlay::picker::PickerItem;
use crate::app::overlay::prompt::PromptPurpose;
use crate::app::reduce::{reduce, start};
use crate::app::state::AppState;
use crate::app::view::View;
use crate::connection::message::{Command, ConnectionEventKind, Question};
use crate::jobs::model::comparison::{Compared, Comparison, Contents, Item, Structure, Verdict};
use crate::jobs::model::plan::{Estimate, Holds, IdPlan, IdPolicy, Place, Plan, Target, TextPlan, Wishes};
use crate::provider::{Access, Lock};

/// Two databases are open, the collection `docs` of the first is in the focused pane.
fn opened() -> Program {
    let mut program = Program::connected(2, &[("docs", 3), ("notes", 5)]);
    program.keys("j<enter>");
    program.serve_pages(3);
    program.effects.clear();
    program
}

/// The job that was asked for last.
pub(super) fn started(program: &mut Program) -> (JobId, JobRequest) {
    let found = program.effects.iter().rev().find_map(|effect| match effect {
        Effect::StartJob { id, request } => Some((*id, (**request).clone())),
        _ => None,
    });
    program.effects.clear();
    found.unwrap()
}

pub(super) fn plan() -> Plan {
    let place = |collection: &str| Place {
        label: "a".into(),
        target: "qdrant://127.0.0.1:6334".into(),
        product: "qdrant".into(),
        version: "1".into(),
        collection: collection.into(),
    };
    Plan {
        from: place("docs"),
        to: place("copies"),
        target: Target::New,
        records: 3,
        records_exact: true,
        vectors: Vec::new(),
        ids: IdPlan { policy: IdPolicy::Kept, why: "they can stay".into(), example: None },
        text: TextPlan::Kept,
        holds: Holds {
            nested: true,
            arrays: true,
            nulls: true,
            unsigned: true,
            exact_integers: true,
            exact_floats: true,
            whole_floats: true,
            negative_zeros: true,
            any_keys: true,
            reserved_keys: true,
        },
        changes: Vec::new(),
        estimate: Estimate::default(),
        wishes: Wishes::default(),
    }
}

/// Asks to copy `docs` of a to `copies` of b, and has the plan.
fn planned(program: &mut Program) -> JobId {
    program.keys("+");
    let b = program.ids()[1];
    program.keys("b");
    program.keys("<enter>");
    let Some(Overlay::Prompt(prompt)) = program.state.overlays.last() else { panic!("no prompt for the name") };
    assert_eq!(prompt.field.text(), "docs", "the source's name is offered");
    program.keys("<ctrl-u>copies<enter>");
    let (id, request) = started(program);
    let JobRequest::PlanCopy { to, .. } = &request else { panic!("{request:?}") };
    assert_eq!((to.connection, to.collection.as_str()), (b, "copies"));
    assert_eq!(to.word, "qdrant://127.0.0.1:6334");
    let report = JobReport::Plan { plan: Box::new(plan()), text: "copy a\nlost     vectors: none".into() };
    program.send(Event::Job(JobEvent::Finished { id, result: Ok(report) }));
    id
}

#[test]
fn a_comparison_offers_what_stands_beside_first_and_never_the_collection_itself() {
    let mut program = opened();
    program.keys("|notes<enter>");
    program.serve_pages(5);
    program.keys("<tab><tab>");
    program.effects.clear();
    program.keys("=");
    let Some(Overlay::Picker(picker)) = program.state.overlays.last() else { panic!("no picker") };
    let rows = picker.rows(&program.state);
    let a = program.ids()[0];
    let collection = |name: &str| PickerItem::Collection { connection: a, name: name.into() };
    assert_eq!(rows[0], collection("notes"), "{rows:?}");
    assert!(!rows.contains(&collection("docs")), "{rows:?}");
    program.keys("<enter>");
    let (_, request) = started(&mut program);
    let JobRequest::Compare { a, b } = request else { panic!("{request:?}") };
    assert_eq!((a.collection.as_str(), b.collection.as_str()), ("docs", "notes"));
}

#[test]
fn a_job_is_held_and_ended_by_key_and_goes_on_when_its_pane_is_left() {
    let mut program = opened();
    program.keys("%");
    let (id, _) = started(&mut program);
    program.keys("<space>");
    assert!(matches!(program.effects.as_slice(), [Effect::PauseJob { paused: true, .. }]), "{:?}", program.effects);
    assert!(program.state.job(id).unwrap().paused);
    program.effects.clear();
    program.keys("<space><esc>");
    assert!(matches!(program.effects.as_slice(), [Effect::PauseJob { paused: false, .. }]), "{:?}", program.effects);
    assert_eq!(program.state.running_jobs().count(), 1, "leaving its pane ends no job");
    program.effects.clear();
    program.keys("B");
    program.effects.clear();
    program.keys("<ctrl-c>");
    assert!(matches!(program.effects.as_slice(), [Effect::CancelJob(ended)] if *ended == id), "{:?}", program.effects);
    program.send(Event::Job(JobEvent::Finished { id, result: Err("the job was cancelled.".into()) }));
    assert_eq!(program.state.running_jobs().count(), 0);
    assert!(program.notice().contains("was cancelled"));
    program.effects.clear();
    program.keys("<ctrl-c>");
    assert!(program.effects.is_empty(), "what has ended cannot be ended");
}

#[test]
fn nothing_is_copied_before_the_plan_is_accepted_and_confirmed() {
    let mut program = opened();
    planned(&mut program);
    assert!(program.effects.is_empty());
    program.keys("<enter>n");
    assert!(program.effects.is_empty(), "no is no");
    program.keys("<enter>y");
    let (id, request) = started(&mut program);
    let JobRequest::Copy { from, to, .. } = request else { panic!("{request:?}") };
    assert_eq!((from.collection.as_str(), to.collection.as_str()), ("docs", "copies"));
    assert!(matches!(program.state.active_pane().unwrap().view(), View::Job(view) if view.id == id));
    // Whatever became of it, the list of the target is read again.
    program.send(Event::Job(JobEvent::Finished { id, result: Err("it broke off.".into()) }));
    let questions = program.take_questions();
    assert!(questions.iter().any(|(c, _, q)| *c == to.connection && *q == Question::Collections), "{questions:?}");
}

#[test]
fn a_plan_into_a_read_only_database_is_not_accepted() {
    let mut program = opened();
    planned(&mut program);
    let b = program.ids()[1];
    let lock = Lock::Environment("production");
    program.says(b, 1, ConnectionEventKind::Access(Access::locked(Some(lock))));
    program.keys("<enter>");
    assert!(program.state.overlays.is_empty());
    assert!(program.notice().contains("production is read-only. Open a write window"), "{}", program.notice());
    assert!(program.effects.is_empty());
}

#[test]
fn a_plan_says_that_its_target_is_locked_and_w_there_opens_the_targets_window() {
    let mut program = opened();
    planned(&mut program);
    let job = |program: &Program| program.state.jobs[0].clone();
    let before = program.state.report_of(&job(&program)).len();
    let b = program.ids()[1];
    program.says(b, 1, ConnectionEventKind::Access(Access::locked(Some(Lock::Environment("production")))));
    let lines = program.state.report_of(&job(&program));
    let told = &lines[lines.len() - 2].text;
    assert_eq!(lines.len(), before + 1);
    assert!(told.contains("b cannot be written to: production is read-only"), "{told}");
    program.keys("W");
    let Some(Overlay::Prompt(prompt)) = program.state.overlays.last() else { panic!("{}", program.notice()) };
    assert_eq!(prompt.purpose, PromptPurpose::WriteWindow(b));
    assert_eq!(prompt.about.as_deref(), Some("e.g. 15 b"));
    program.effects.clear();
    program.keys("b<enter>");
    let [Effect::Send { connection, command: Command::OpenWindow(_) }] = program.effects[..] else {
        panic!("{:?}", program.effects)
    };
    assert_eq!(connection, b);
}

#[test]
fn where_no_window_opens_the_target_none_is_promised() {
    let mut program = opened();
    planned(&mut program);
    let b = program.ids()[1];
    program.says(b, 1, ConnectionEventKind::Access(Access::locked(Some(Lock::Run))));
    program.keys("<enter>");
    assert!(program.notice().contains("without --read-only"), "{}", program.notice());
    assert!(!program.notice().contains("window"), "{}", program.notice());
    program.keys("W");
    assert!(program.notice().contains("started with --read-only"), "{}", program.notice());
}

#[test]
fn the_filter_of_the_table_is_that_of_the_copy() {
    let mut program = opened();
    program.keys("/n > 1<enter>");
    program.effects.clear();
    program.keys("+b<enter><ctrl-u>copies<enter>");
    let (_, request) = started(&mut program);
    assert!(matches!(request, JobRequest::PlanCopy { filter: Some(filter), .. } if filter == "n > 1"));
}

#[test]
fn a_closed_connection_ends_the_jobs_that_need_it_and_no_others() {
    let mut program = opened();
    program.keys("%");
    let (on_a, _) = started(&mut program);
    program.keys("<esc>2");
    program.keys("j<enter>");
    program.effects.clear();
    program.keys("%");
    started(&mut program);
    program.keys("1Cy");
    let ended: Vec<JobId> = program
        .effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::CancelJob(id) => Some(*id),
            _ => None,
        })
        .collect();
    assert_eq!(ended, [on_a]);
}

#[test]
fn a_copy_that_is_not_verified_is_an_error_and_a_plan_is_no_success() {
    let plan = JobReport::Plan { plan: Box::new(plan()), text: String::new() };
    assert_eq!(plan.severity(), Severity::Info);
    assert!(plan.sentence().contains("nothing is written"));
}

#[test]
fn the_word_of_a_connection_opens_it_again() {
    let request = OpenRequest { label: "x".into(), ..ad_hoc("x") };
    let mut state = AppState::default();
    start(&mut state, vec![request, OpenRequest::demo()], Vec::new());
    let words: Vec<String> = state.connections.iter().map(|c| c.target_word()).collect();
    assert_eq!(words, ["qdrant://127.0.0.1:6334", "demo"]);
    reduce(&mut state, Event::Tick);
}

/// Compares `docs` of a with `notes` of b, and has the report.
fn compared(program: &mut Program, contents: Contents) -> JobId {
    compared_with(program, contents, None)
}

/// The same with what the structures have in common.
fn compared_with(program: &mut Program, contents: Contents, structure: Option<Structure>) -> JobId {
    program.keys("=");
    program.keys("b notes<enter>");
    let (id, request) = started(program);
    let JobRequest::Compare { a, b } = request else { panic!("{request:?}") };
    assert_eq!((a.collection.as_str(), b.collection.as_str()), ("docs", "notes"));
    let side = |collection: &str| Compared { target: "a".into(), collection: collection.into() };
    let report = Comparison {
        a: side("docs"),
        b: side("notes"),
        vectors: Vec::new(),
        structure,
        contents: Some(contents),
        retrieval: None,
        seconds: 0.1,
    };
    program.send(Event::Job(JobEvent::Finished { id, result: Ok(JobReport::Comparison(Box::new(report))) }));
    id
}

#[test]
fn vectors_of_another_shape_are_not_offered_to_be_made_alike() {
    let item = |what: &str, verdict| Item {
        of: "vector".to_owned(),
        what: what.to_owned(),
        a: 384.into(),
        b: 64.into(),
        verdict,
        reason: None,
    };
    let offered = |item: Item| {
        let mut program = opened();
        let contents = Contents { missing: 4, ..Contents::default() };
        let id = compared_with(&mut program, contents, Some(Structure { items: vec![item] }));
        let lines = program.state.report_of(program.state.job(id).unwrap());
        program.keys("<enter>");
        let asked = matches!(program.state.overlays.last(), Some(Overlay::Prompt(_)));
        assert_eq!(
            lines.iter().any(|line| line.text.contains("makes B like A")),
            asked,
            "only what is done is offered"
        );
        asked
    };
    assert!(!offered(item("dimension", Verdict::Differs)) && !offered(item("kind", Verdict::Differs)));
    assert!(offered(item("dimension", Verdict::Equal)) && offered(item("metric", Verdict::Differs)));
}

#[test]
fn what_was_compared_is_made_alike_only_after_the_name_was_typed_and_with_the_numbers_that_were_seen() {
    let mut program = opened();
    compared(&mut program, Contents { missing: 4, changed: 2, extra: 3, ..Contents::default() });
    program.keys("<enter>docs<enter>");
    let Some(Overlay::Prompt(prompt)) = program.state.overlays.last() else { panic!("no prompt") };
    assert!(prompt.error.as_deref().unwrap_or_default().contains("type \"notes\""), "{:?}", prompt.error);
    program.keys("<ctrl-u>notes<enter>");
    let (_, request) = started(&mut program);
    let JobRequest::Align { b, agreed, delete, .. } = request else { panic!("{request:?}") };
    assert_eq!((b.collection.as_str(), agreed, delete), ("notes", (6, 3), false));
}

#[test]
fn extra_records_are_deleted_only_where_that_was_typed_too() {
    let mut program = opened();
    compared(&mut program, Contents { extra: 3, ..Contents::default() });
    program.keys("<enter>notes<enter>");
    assert!(program.effects.is_empty(), "{:?}", program.effects);
    program.keys("<ctrl-u>notes delete<enter>");
    let (_, request) = started(&mut program);
    assert!(matches!(request, JobRequest::Align { agreed: (0, 3), delete: true, .. }), "{request:?}");
}

#[test]
fn equal_collections_and_read_only_ones_are_not_made_alike() {
    let mut program = opened();
    compared(&mut program, Contents { equal: 3, ..Contents::default() });
    program.keys("<enter>");
    assert!(program.state.overlays.is_empty() && program.effects.is_empty());
    program.keys("<esc>");
    compared(&mut program, Contents { missing: 3, ..Contents::default() });
    let b = program.ids()[1];
    program.says(b, 1, ConnectionEventKind::Access(Access::locked(Some(Lock::Environment("production")))));
    program.keys("<enter>");
    assert!(program.state.overlays.is_empty());
    assert!(program.notice().contains("production is read-only. Open a write window"), "{}", program.notice());
}

#[test]
fn options_of_a_copy_make_another_plan_and_a_wrong_one_is_said_at_once() {
    let mut program = opened();
    planned(&mut program);
    program.keys("emetrik=dot<enter>");
    let Some(Overlay::Prompt(prompt)) = program.state.overlays.last() else { panic!("the prompt is gone") };
    assert!(prompt.error.as_ref().unwrap().contains("is no option of a copy"), "{:?}", prompt.error);
    program.effects.clear();
    program.keys("<ctrl-u>metric=dot rate=500<enter>");
    let (id, request) = started(&mut program);
    let JobRequest::PlanCopy { to, options, .. } = request else { panic!("{request:?}") };
    assert_eq!((to.collection.as_str(), options.as_str()), ("copies", "metric=dot rate=500"));
    let failed = Err("the plan needs something.".to_owned());
    program.send(Event::Job(JobEvent::Finished { id, result: failed }));
    program.keys("e");
    let Some(Overlay::Prompt(prompt)) = program.state.overlays.last() else {
        panic!("no way out of a plan that failed")
    };
    assert_eq!(prompt.field.text(), "metric=dot rate=500", "what was typed is there again");
}

#[test]
fn the_rate_of_a_running_copy_is_limited_by_key() {
    let mut program = opened();
    planned(&mut program);
    program.keys("R");
    assert!(program.state.overlays.is_empty(), "a plan has no rate");
    program.keys("<enter>y");
    let (id, _) = started(&mut program);
    program.effects.clear();
    program.keys("R500<enter>R<enter>");
    let limit = |effect: &Effect| match effect {
        Effect::LimitJob { id: job, rate } if *job == id => Some(*rate),
        _ => None,
    };
    let limits: Vec<_> = program.effects.iter().filter_map(limit).collect();
    assert_eq!(limits, [Some(500), None]);
    program.keys("R1,000<enter>");
    assert!(
        matches!(program.state.overlays.last(), Some(Overlay::Prompt(prompt)) if prompt.error.is_some()),
        "as in a plan"
    );
    program.keys("<esc>Rfast<enter>");
    assert!(matches!(program.state.overlays.last(), Some(Overlay::Prompt(prompt)) if prompt.error.is_some()));
}

#[test]
fn closing_a_connection_that_a_copy_works_on_is_asked_about() {
    let mut program = opened();
    planned(&mut program);
    program.keys("<enter>y");
    let (id, _) = started(&mut program);
    program.effects.clear();
    program.keys("C");
    let Some(Overlay::Confirm(question)) = program.state.overlays.last() else { panic!("it was not asked") };
    assert!(question.text.contains("can be gone on with"), "{}", question.text);
    program.keys("n");
    assert!(program.effects.is_empty() && program.state.connections.len() == 2);
    program.keys("Cy");
    assert!(program.effects.iter().any(|effect| matches!(effect, Effect::CancelJob(job) if *job == id)));
    assert_eq!(program.state.connections.len(), 1);
}

#[test]
fn options_that_are_given_in_the_list_of_jobs_leave_the_list_below() {
    let mut program = opened();
    planned(&mut program);
    program.keys("<esc>B");
    let views = |program: &Program| program.state.active_pane().unwrap().views().count();
    let before = views(&program);
    program.keys("erate=5<enter>");
    let (_, request) = started(&mut program);
    assert!(matches!(request, JobRequest::PlanCopy { options, .. } if options == "rate=5"));
    assert_eq!(views(&program), before + 1);
}
