//! Open connections whose profiles are changed: what is stricter holds at once, what is looser only where it is meant.

use super::profiles::{profile, state};
use super::*;
use crate::app::overlay::Overlay;
use crate::app::profiles::{ProfileSummary, StoreState};
use crate::connection::message::LeadsTo;
use crate::profile::model::KeyFacts;
use crate::provider::{Access, Lock};

const PRODUCTION: Lock = Lock::Environment("production");

/// Production, at the first place.
fn prod() -> ProfileSummary {
    ProfileSummary {
        environment: Environment::Production,
        lock: Some(PRODUCTION),
        address: "https://prod.example.com:6334".into(),
        leads_to: LeadsTo(1),
        ..profile("prod")
    }
}

/// The same profile, led to staging and writable.
fn moved(prod: &ProfileSummary) -> ProfileSummary {
    ProfileSummary {
        environment: Environment::Staging,
        lock: None,
        address: "https://staging.example.com:6334".into(),
        leads_to: LeadsTo(2),
        ..prod.clone()
    }
}

fn knows(program: &mut Program, profile: &ProfileSummary) {
    program.send(state(StoreState::Unlocked, vec![profile.clone()]));
}

/// The profile is open, and connected.
fn opened(profile: &ProfileSummary) -> (Program, ConnectionId) {
    let mut state = AppState { size: (120, 40), ..AppState::default() };
    let effects = start(&mut state, Vec::new(), vec![(0, profile.name.clone())]);
    let mut program = Program { state, effects };
    knows(&mut program, profile);
    let id = program.ids()[0];
    program.says(id, 1, ConnectionEventKind::LeadsTo(profile.leads_to));
    program.connect(id, 1);
    program.says(id, 1, ConnectionEventKind::Access(Access::locked(profile.lock)));
    program.effects.clear();
    (program, id)
}

/// The locks that were set since the last look.
fn locks(program: &mut Program) -> Vec<Option<Lock>> {
    let effects = std::mem::take(&mut program.effects);
    let lock = |effect| match effect {
        Effect::Send { command: Command::SetLock(lock), .. } => Some(lock),
        _ => None,
    };
    effects.into_iter().filter_map(lock).collect()
}

/// The prompt for a key: its place, whether nothing is typed, whether something is wrong.
fn prompt(program: &Program) -> Option<(&str, bool, bool)> {
    match program.state.overlays.last() {
        Some(Overlay::Key(prompt)) => Some((prompt.place.as_str(), prompt.field.is_empty(), prompt.error.is_some())),
        _ => None,
    }
}

#[test]
fn a_profile_that_was_led_elsewhere_does_not_unlock_what_still_talks_to_the_old_place() {
    let prod = prod();
    let (mut program, id) = opened(&prod);
    let staging = moved(&prod);
    knows(&mut program, &staging);
    knows(&mut program, &staging);
    assert!(locks(&mut program).is_empty(), "it still talks to production");
    let shown = program.state.connection(id).unwrap();
    assert_eq!((shown.environment, &shown.address), (Environment::Production, &prod.address));
    // An attempt that had read the profile before it was changed comes to its end.
    program.says(id, 2, ConnectionEventKind::LeadsTo(prod.leads_to));
    program.connect(id, 2);
    assert!(locks(&mut program).is_empty());
    // And one that has read it since.
    program.says(id, 3, ConnectionEventKind::LeadsTo(staging.leads_to));
    program.connect(id, 3);
    assert_eq!(locks(&mut program), [None]);
    let shown = program.state.connection(id).unwrap();
    assert_eq!((shown.environment, &shown.address), (Environment::Staging, &staging.address));
}

#[test]
fn a_profile_that_was_led_elsewhere_before_the_first_connect_stands_unlocks_nothing_either() {
    let prod = prod();
    let mut state = AppState { size: (120, 40), ..AppState::default() };
    let effects = start(&mut state, Vec::new(), vec![(0, "prod".to_owned())]);
    let mut program = Program { state, effects };
    knows(&mut program, &prod);
    program.effects.clear();
    knows(&mut program, &moved(&prod));
    assert!(locks(&mut program).is_empty(), "the attempt that is under way may have read the old profile");
}

#[test]
fn what_is_stricter_holds_at_once_wherever_the_profile_leads_and_what_is_looser_where_it_leads_to_the_same() {
    let prod = prod();
    let (mut program, id) = opened(&prod);
    let strict = ProfileSummary { lock: Some(Lock::Profile), ..moved(&prod) };
    knows(&mut program, &strict);
    assert_eq!(locks(&mut program), [Some(Lock::Profile)]);
    program.says(id, 1, ConnectionEventKind::Access(Access::locked(Some(Lock::Profile))));
    let free = ProfileSummary { environment: Environment::Dev, lock: None, ..prod };
    knows(&mut program, &free);
    assert_eq!(locks(&mut program), [None]);
}

#[test]
fn the_prompt_for_a_key_names_the_place_that_the_key_would_go_to_and_forgets_what_was_typed_for_another() {
    let asks = ProfileSummary { key: KeyFacts { asked: true, plain: false }, ..prod() };
    let (mut program, id) = opened(&asks);
    let health = Health { state: HealthState::Unauthorized, latency: None, error: Some("refused".into()) };
    program.says(id, 1, ConnectionEventKind::Health(health));
    program.keys("canary");
    assert_eq!(
        prompt(&program).map(|(place, empty, _)| (place, empty)),
        Some(("prod (https://prod.example.com:6334)", false))
    );
    // Only another name: what was typed stays.
    let renamed = ProfileSummary { name: "old".into(), ..asks.clone() };
    knows(&mut program, &renamed);
    assert_eq!(
        prompt(&program).map(|(place, empty, _)| (place, empty)),
        Some(("old (https://prod.example.com:6334)", false))
    );
    program.effects.clear();
    knows(&mut program, &moved(&asks));
    assert_eq!(prompt(&program), Some(("prod (https://staging.example.com:6334)", true, false)));
    let looks = |effect: &Effect| matches!(effect, Effect::Send { command: Command::CheckNow, .. });
    assert!(program.effects.iter().any(looks), "it hears of the new place before a key comes");
    // Asked for later, it is the same place.
    program.keys("<esc>");
    super::super::asked_keys::ask(&mut program.state, id);
    assert_eq!(prompt(&program).map(|(place, ..)| place), Some("prod (https://staging.example.com:6334)"));
    // One that has its key from elsewhere by now is not asked for.
    knows(&mut program, &ProfileSummary { key: KeyFacts::default(), ..moved(&asks) });
    assert_eq!(prompt(&program), None);
}
