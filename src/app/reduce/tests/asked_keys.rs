//! Keys that are asked for each time.

use super::*;
use crate::app::overlay::Overlay;
use crate::profile::model::KeyFacts;
use secrecy::ExposeSecret;

/// Connections whose keys are asked for, a, b, c ...
fn opened(count: usize) -> Program {
    let mut program = Program::with_targets(0);
    for i in 0..count {
        let key = KeyFacts { asked: true, plain: false };
        let request = OpenRequest { key, ..ad_hoc(&"abc"[i..=i]) };
        program.send(Event::TargetResolved { text: String::new(), result: Ok(Box::new(request)) });
    }
    program.effects.clear();
    program
}

fn says(program: &mut Program, id: ConnectionId, state: HealthState, error: Option<&str>) {
    let health = Health { state, latency: None, error: error.map(str::to_owned) };
    program.says(id, 0, ConnectionEventKind::Health(health));
}

fn not_typed() -> HealthState {
    HealthState::Failed { cause: ProviderError::KEY_NOT_TYPED, retry_in_s: None }
}

fn prompts(program: &Program) -> Vec<ConnectionId> {
    let of = |overlay: &Overlay| match overlay {
        Overlay::Key(prompt) => Some(prompt.connection),
        _ => None,
    };
    program.state.overlays.iter().filter_map(of).collect()
}

#[test]
fn the_key_is_asked_for_when_the_connection_is_opened_and_goes_to_it_alone() {
    let mut program = opened(1);
    let id = program.ids()[0];
    says(&mut program, id, not_typed(), Some("the key was not typed"));
    assert_eq!(prompts(&program), [id]);
    assert!(program.state.notice.is_none(), "asking is no failure: {}", program.notice());
    program.keys("<enter>");
    let Some(Overlay::Key(prompt)) = program.state.overlays.last() else { panic!("an empty key closes nothing") };
    assert!(prompt.error.as_deref().unwrap().contains("nothing was typed"));
    program.keys("canary-k<enter>");
    assert!(prompts(&program).is_empty());
    let effects = std::mem::take(&mut program.effects);
    let [Effect::GiveKey { connection, key }, Effect::Send { command: Command::CheckNow, .. }] = effects.as_slice()
    else {
        panic!("{effects:?}")
    };
    assert_eq!((*connection, key.expose_secret()), (id, "canary-k"));
    assert!(!format!("{effects:?} {:?}", program.state).contains("canary"), "it is nowhere else");
}

#[test]
fn a_refused_key_is_asked_for_again_with_the_reason_and_not_sent_again() {
    let mut program = opened(1);
    let id = program.ids()[0];
    says(&mut program, id, HealthState::Unauthorized, Some("db refused the key: wrong."));
    let Some(Overlay::Key(prompt)) = program.state.overlays.last() else { panic!("it is not asked for") };
    assert_eq!(prompt.error.as_deref(), Some("db refused the key: wrong."));
    program.keys("<esc>");
    assert!(prompts(&program).is_empty());
    // The same again, on a wish: the prompt, not the refused key.
    program.keys("0");
    program.effects.clear();
    program.keys("!");
    assert_eq!(prompts(&program), [id]);
    assert!(program.effects.is_empty(), "{:?}", program.effects);
    // Nobody asks for a key of a connection that has one from elsewhere.
    let mut other = Program::with_targets(1);
    let id = other.ids()[0];
    says(&mut other, id, HealthState::Unauthorized, Some("refused"));
    assert!(prompts(&other).is_empty());
}

#[test]
fn keys_of_several_are_asked_for_in_the_order_of_opening_and_never_under_the_hands() {
    let mut program = opened(3);
    let ids = program.ids();
    // Somebody is typing a name.
    program.keys("<ctrl-p>");
    let typing = program.state.overlays.len();
    for id in &ids {
        says(&mut program, *id, not_typed(), None);
        says(&mut program, *id, not_typed(), None);
    }
    assert!(!matches!(program.state.overlays.last(), Some(Overlay::Key(_))), "what is typed stays there");
    assert_eq!(program.state.overlays.len(), typing + 3, "one for each");
    program.keys("<esc>");
    let top = |program: &Program| prompts(program).last().copied();
    assert_eq!(top(&program), Some(ids[0]));
    super::super::connections::close(&mut program.state, ids[0], &mut Vec::new());
    assert_eq!(top(&program), Some(ids[1]), "a closed one is not asked for");
    program.keys("k<enter>");
    assert_eq!(prompts(&program), [ids[2]]);
}
