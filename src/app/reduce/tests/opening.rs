//! What takes a lock from a database, or makes two groups one, is asked about first.

use super::profiles::{profile, state};
use super::*;
use crate::app::effect::StoreRequest;
use crate::app::event::StoreEvent;
use crate::app::overlay::Overlay;
use crate::app::profiles::{ProfileSummary, StoreState};
use crate::app::sidebar::SidebarItem;
use crate::provider::Lock;

fn requests(program: &mut Program) -> Vec<StoreRequest> {
    let request = |effect| match effect {
        Effect::Store(request) => Some(request),
        _ => None,
    };
    std::mem::take(&mut program.effects).into_iter().filter_map(request).collect()
}

fn question(program: &Program) -> Option<&str> {
    match program.state.overlays.last() {
        Some(Overlay::Confirm(confirm)) => Some(&confirm.text),
        _ => None,
    }
}

/// Unlocked, with these profiles, the cursor in the sidebar.
fn knowing(list: Vec<ProfileSummary>) -> Program {
    let mut app = AppState { size: (120, 40), ..AppState::default() };
    let effects = start(&mut app, Vec::new(), Vec::new());
    let mut program = Program { state: app, effects };
    program.send(state(StoreState::Unlocked, list));
    program.keys("0gg");
    requests(&mut program);
    program
}

/// Goes down to a row of the sidebar.
fn go_to(program: &mut Program, wanted: impl Fn(&SidebarItem) -> bool) {
    for _ in 0..20 {
        if super::super::sidebar::selected(&program.state).is_some_and(|item| wanted(&item)) {
            return;
        }
        program.keys("j");
    }
    panic!("it is not in the sidebar");
}

/// The form of a saved profile, after something was typed into a field of it and saved.
fn edited(environment: &str, read_only: &str, field: &str, typed: &str) -> Program {
    let known = profile("prod");
    let mut fields = crate::app::overlay::form::blank();
    let values = [("name", "prod"), ("address", "db:1"), ("environment", environment), ("read_only", read_only)];
    fields.values.extend(values.map(|(name, value)| (name, value.to_owned())));
    fields.id = Some(known.id);
    let mut program = knowing(vec![known]);
    program.send(Event::Store(StoreEvent::Fields(Box::new(fields))));
    let Some(Overlay::Form(form)) = program.state.overlays.last_mut() else { panic!("no form") };
    form.focus = form.index(field).unwrap();
    program.keys(&format!("{typed}<ctrl-s>"));
    program
}

#[test]
fn a_read_only_profile_is_led_elsewhere_after_a_question_that_enter_does_not_answer() {
    for (environment, read_only, field, typed) in
        [("production", "no", "address", "2"), ("dev", "yes", "address", "2"), ("dev", "yes", "ssh_host", "bastion")]
    {
        let mut program = edited(environment, read_only, field, typed);
        let asked = question(&program).unwrap_or_else(|| panic!("{environment} {field}: nothing was asked"));
        assert!(asked.contains("it no longer keeps qdrant db:1 read-only"), "{asked}");
        program.keys("<enter>");
        assert!(question(&program).is_some() && requests(&mut program).is_empty(), "enter alone is not enough");
        program.keys("y");
        assert!(matches!(requests(&mut program).as_slice(), [StoreRequest::Save(_)]));
    }
    for (environment, field) in [("dev", "address"), ("production", "notes"), ("production", "name")] {
        let mut program = edited(environment, "no", field, "2");
        assert_eq!(question(&program), None, "{environment} {field}");
        assert!(matches!(requests(&mut program).as_slice(), [StoreRequest::Save(_)]));
    }
}

#[test]
fn the_question_before_a_profile_goes_names_the_lock_that_goes_with_it() {
    let of_another = Lock::SameDatabase { profile: "frozen", environment: None };
    for (lock, said) in [
        (Some(Lock::Environment("production")), true),
        (Some(Lock::Profile), true),
        (Some(of_another), false),
        (None, false),
    ] {
        let known = ProfileSummary { lock, ..profile("prod") };
        let id = known.id;
        let mut program = knowing(vec![known]);
        go_to(&mut program, |item| *item == SidebarItem::Profile(id));
        program.keys("<delete>");
        let asked = question(&program).unwrap();
        assert_eq!(asked.contains("keeps that database read-only"), said, "{lock:?}: {asked}");
        program.keys("<enter>");
        assert!(requests(&mut program).is_empty(), "enter alone is not enough");
        program.keys("y");
        assert!(matches!(requests(&mut program).as_slice(), [StoreRequest::Delete(deleted)] if *deleted == id));
    }
}

#[test]
fn two_groups_become_one_after_a_second_enter_only() {
    let old = ProfileSummary { group: "archive/old".into(), ..profile("old") };
    let mut program = knowing(vec![profile("prod"), profile("stage"), old]);
    go_to(&mut program, |item| matches!(item, SidebarItem::Group { path, .. } if path == "work"));
    program.keys("R<ctrl-u>archive<enter>");
    let error = |program: &Program| match program.state.overlays.last() {
        Some(Overlay::Prompt(prompt)) => prompt.error.clone().unwrap_or_default(),
        other => panic!("{other:?}"),
    };
    let asked = error(&program);
    assert!(asked.contains("archive exists: its 1 profile and 2 profiles of work become one group"), "{asked}");
    // What is typed meanwhile is another question.
    program.keys("x<backspace><enter>");
    assert!(requests(&mut program).is_empty() && error(&program) == asked);
    program.keys("<enter>");
    let saved = requests(&mut program);
    assert!(
        matches!(&saved[..], [StoreRequest::RenameGroup { from, to }] if from == "work" && to == "archive"),
        "{saved:?}"
    );
}
