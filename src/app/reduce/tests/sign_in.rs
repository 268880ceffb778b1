//! Signing in to a cloud: the three steps, and answers that come too late.

use super::*;
use crate::app::effect::StoreRequest;
use crate::app::event::{SignInEvent, SignInSaid, StoreEvent};
use crate::app::overlay::Overlay;
use crate::app::overlay::sign_in::{Found, Row, ShownCode, SignIn, Step};
use crate::app::profiles::StoreState;
use crate::cloud::model::{Answers, Cloud, Updates};
use secrecy::ExposeSecret;

fn begun(cloud: Cloud) -> Program {
    let mut program = Program::with_targets(0);
    program.send(Event::Store(StoreEvent::State {
        state: StoreState::Unlocked,
        profiles: Vec::new(),
        open_at_start: Vec::new(),
    }));
    program.keys("0I");
    let down = Cloud::ALL.iter().position(|one| *one == cloud).unwrap();
    program.keys(&"<down>".repeat(down));
    program.keys("<enter>");
    program.effects.clear();
    program
}

fn sign_in(program: &Program) -> &SignIn {
    match program.state.overlays.last() {
        Some(Overlay::SignIn(sign_in)) => sign_in,
        other => panic!("{other:?}"),
    }
}

fn asked(program: &mut Program) -> (u64, Cloud, Answers) {
    let effects = std::mem::take(&mut program.effects);
    let found = effects.into_iter().find_map(|effect| match effect {
        Effect::SignIn { ticket, cloud, answers } => Some((ticket, cloud, *answers)),
        _ => None,
    });
    found.unwrap()
}

fn says(program: &mut Program, ticket: u64, said: SignInSaid) {
    program.send(Event::SignIn(SignInEvent { ticket, said }));
}

fn rows(names: &[&str]) -> Vec<Row> {
    names.iter().map(|name| Row::new(name, "https://h:443", "running")).collect()
}

fn found(names: &[&str]) -> SignInSaid {
    SignInSaid::Found { rows: rows(names), coming: Vec::new() }
}

fn step_found(program: &Program) -> &Found {
    match &sign_in(program).step {
        Step::Found(found) => found,
        other => panic!("{other:?}"),
    }
}

/// The rows that are to be saved, if any are.
fn saving(program: &Program) -> Option<Vec<usize>> {
    program.effects.iter().find_map(|effect| match effect {
        Effect::Store(StoreRequest::SaveSignedIn { chosen, .. }) => Some(chosen.clone()),
        _ => None,
    })
}

#[test]
fn what_is_filled_in_goes_to_the_cloud_and_what_is_chosen_to_the_store() {
    let mut program = begun(Cloud::Zilliz);
    program.keys("canary-key<enter>https://api.example.com<enter>");
    let (ticket, cloud, answers) = asked(&mut program);
    assert_eq!((cloud, answers.text("api")), (Cloud::Zilliz, "https://api.example.com"));
    assert_eq!(answers.key("key").unwrap().secret.expose_secret(), "canary-key");
    assert!(!format!("{answers:?} {:?}", program.state).contains("canary"));
    // While it is asked nothing is typed into the form.
    program.keys("x");
    says(&mut program, ticket, found(&["a", "b", "c"]));
    program.keys("j <enter>");
    let saved = program.effects.iter().find_map(|effect| match effect {
        Effect::Store(StoreRequest::SaveSignedIn { ticket, chosen }) => Some((*ticket, chosen.clone())),
        _ => None,
    });
    assert_eq!(saved, Some((ticket, vec![0, 2])), "b was unchosen");
    says(&mut program, ticket, SignInSaid::Ended { row: 0, result: Ok("saved as a".to_owned()) });
    says(&mut program, ticket, SignInSaid::Ended { row: 2, result: Err("c refused the key.".to_owned()) });
    says(&mut program, ticket, SignInSaid::Done);
    let Step::Found(found) = &sign_in(&program).step else { panic!() };
    assert_eq!((found.busy, found.rows[1].ended.is_none()), (false, true));
    // Again: only what was not saved.
    program.effects.clear();
    program.keys("<enter>");
    let again =
        |effect: &Effect| matches!(effect, Effect::Store(StoreRequest::SaveSignedIn { chosen, .. }) if *chosen == [2]);
    assert!(program.effects.iter().any(again), "{:?}", program.effects);
}

#[test]
fn a_few_letters_find_a_cloud_as_in_the_other_pickers() {
    let mut program = Program::with_targets(0);
    program.keys("0Izill");
    assert_eq!(sign_in(&program).len(), 1);
    // One letter too many chooses nothing, and can be taken back.
    program.keys("zzz<enter>");
    assert!(matches!(sign_in(&program).step, Step::Choose(_)) && sign_in(&program).is_empty());
    program.keys("<backspace><backspace><backspace><enter>");
    match &sign_in(&program).step {
        Step::Fill(fill) => assert_eq!(fill.cloud, Cloud::Zilliz),
        other => panic!("{other:?}"),
    }
    // Pasted, and by what the title says; j and q are letters here.
    program.keys("<esc>");
    program.send(Event::Paste("PINE".to_owned()));
    assert_eq!(sign_in(&program).len(), 1);
    program.keys("jq");
    assert!(sign_in(&program).is_empty());
}

#[test]
fn a_refusal_stays_with_the_form_and_an_answer_to_an_earlier_question_changes_nothing() {
    let mut program = begun(Cloud::Pinecone);
    program.keys("k<enter><enter>");
    let (first, ..) = asked(&mut program);
    program.keys("<esc>");
    assert!(program.effects.iter().any(|effect| matches!(effect, Effect::EndSignIn)));
    says(&mut program, first, found(&["late"]));
    let Step::Fill(fill) = &sign_in(&program).step else { panic!("a late answer changed the step") };
    assert!(!fill.busy);
    program.keys("<ctrl-s>");
    let (second, ..) = asked(&mut program);
    says(&mut program, second, SignInSaid::NotFound("api refused the key: no.".to_owned()));
    let Step::Fill(fill) = &sign_in(&program).step else { panic!() };
    assert_eq!(fill.error.as_deref(), Some("api refused the key: no."));
    // Out again, step by step.
    program.keys("<esc>");
    assert!(matches!(sign_in(&program).step, Step::Choose(_)));
    program.keys("<esc>");
    assert!(program.state.overlays.is_empty());
}

#[test]
fn a_code_is_shown_and_only_the_fields_of_the_chosen_way_are_there() {
    let mut program = begun(Cloud::Weaviate);
    let visible = |program: &Program| match &sign_in(program).step {
        Step::Fill(fill) => fill.visible().iter().map(|at| fill.cloud.fields()[*at].name).collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    assert_eq!(visible(&program), ["url", "way", "key", "ca-file"]);
    program.keys("https://h<enter><right><right>");
    assert_eq!(visible(&program), ["url", "way", "client-secret", "client-id", "scopes", "ca-file"]);
    program.keys("<ctrl-s>");
    let (ticket, _, answers) = asked(&mut program);
    assert_eq!((answers.text("way"), answers.keys.is_empty()), ("device", true));
    let page = "https://idp/device".to_owned();
    let code = ShownCode { page, whole: None, code: "AB-CD".to_owned() };
    says(&mut program, ticket, SignInSaid::Code(code.clone()));
    let Step::Fill(fill) = &sign_in(&program).step else { panic!() };
    assert_eq!(fill.code, Some(code.clone()));
    let copied = |program: &mut Program| {
        program.keys("y");
        std::mem::take(&mut program.effects).into_iter().find_map(|effect| match effect {
            Effect::Copy { text, .. } => Some(text),
            _ => None,
        })
    };
    assert_eq!(copied(&mut program).as_deref(), Some("https://idp/device"));
    let whole = Some("https://idp/device?user_code=AB-CD".to_owned());
    says(&mut program, ticket, SignInSaid::Code(ShownCode { whole: whole.clone(), ..code }));
    assert_eq!(copied(&mut program), whole, "with the code in it, where the provider gives that");
}

#[test]
fn esc_from_what_was_found_leads_back_to_what_was_filled_in() {
    let mut program = begun(Cloud::Zilliz);
    program.keys("canary-key<enter>https://api.example.com<enter>");
    let (ticket, ..) = asked(&mut program);
    says(&mut program, ticket, found(&["a"]));
    program.keys("<enter>");
    says(&mut program, ticket, SignInSaid::Ended { row: 0, result: Err("a did not answer.".to_owned()) });
    says(&mut program, ticket, SignInSaid::Done);
    program.keys("<esc><ctrl-s>");
    let (_, _, answers) = asked(&mut program);
    assert_eq!(answers.text("api"), "https://api.example.com");
    assert_eq!(answers.key("key").unwrap().secret.expose_secret(), "canary-key");
}

#[test]
fn esc_while_it_is_saved_stops_that_and_keeps_what_was_found() {
    let mut program = begun(Cloud::Pinecone);
    program.keys("k<ctrl-s>");
    let (ticket, ..) = asked(&mut program);
    says(&mut program, ticket, found(&["a", "b"]));
    program.keys("<enter>");
    assert_eq!(saving(&program), Some(vec![0, 1]));
    program.effects.clear();
    program.keys("<esc>");
    assert!(program.effects.iter().any(|effect| matches!(effect, Effect::StopSaving)), "{:?}", program.effects);
    assert!(!program.effects.iter().any(|effect| matches!(effect, Effect::EndSignIn)));
    // One had been saved in that moment.
    says(&mut program, ticket, SignInSaid::Ended { row: 1, result: Ok("saved as b".to_owned()) });
    assert!(!step_found(&program).busy && step_found(&program).error.as_deref().unwrap().starts_with("stopped"));
    program.effects.clear();
    program.keys("<enter>");
    assert_eq!(saving(&program), Some(vec![0]), "the same sign-in goes on");
}

#[test]
fn a_key_that_would_be_lost_is_chosen_by_the_user_only() {
    let mut program = begun(Cloud::Qdrant);
    program.keys("<ctrl-s>");
    let (ticket, ..) = asked(&mut program);
    let replaces = |name: &str| Some(Updates { name: name.to_owned(), replaces_key: true });
    let mut rows = rows(&["a", "b"]);
    rows[0] = rows[0].clone().updating(replaces("mine"));
    says(&mut program, ticket, SignInSaid::Found { rows, coming: Vec::new() });
    program.keys("<enter>");
    assert_eq!(saving(&program), Some(vec![1]));
    // The store was locked until now: what it holds is told before anything is saved.
    says(&mut program, ticket, SignInSaid::Updates(vec![replaces("mine"), replaces("yours")]));
    assert!(!step_found(&program).busy && step_found(&program).rows.iter().all(|row| !row.chosen));
    program.effects.clear();
    program.keys("j <enter>");
    assert_eq!(saving(&program), Some(vec![1]));
    // And what is gone meanwhile is said.
    says(&mut program, ticket, SignInSaid::NotSaved("it is gone.".to_owned()));
    assert_eq!((step_found(&program).busy, step_found(&program).error.as_deref()), (false, Some("it is gone.")));
}

#[test]
fn what_is_still_being_made_is_said_where_nothing_else_is_there() {
    let mut program = begun(Cloud::Zilliz);
    program.keys("k<ctrl-s>");
    let (ticket, ..) = asked(&mut program);
    says(&mut program, ticket, SignInSaid::Found { rows: Vec::new(), coming: vec!["new one".to_owned()] });
    let Step::Fill(fill) = &sign_in(&program).step else { panic!() };
    assert!(fill.error.as_deref().unwrap().contains("1 more is still being made: new one"), "{:?}", fill.error);
}

#[test]
fn a_store_that_is_not_made_saves_nothing_and_says_so_in_the_list() {
    let mut program = Program::with_targets(0);
    program.send(Event::Store(StoreEvent::State {
        state: StoreState::Absent,
        profiles: Vec::new(),
        open_at_start: Vec::new(),
    }));
    program.keys("0I<enter><ctrl-s>");
    let (ticket, ..) = asked(&mut program);
    says(&mut program, ticket, found(&["a"]));
    program.keys("<enter>");
    assert!(matches!(program.state.overlays.last(), Some(Overlay::Secret(_))), "the store is made first");
    program.keys("<esc>");
    let Step::Found(found) = &sign_in(&program).step else { panic!() };
    assert!(!found.busy && found.error.as_deref().unwrap().starts_with("Not saved"), "{found:?}");
}
