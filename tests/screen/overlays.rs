//! What lies over the panes.

use crate::cells::{drawn, snapshot, text};
use crate::world::{World, profiles};
use vector_inspector::app::event::{Event, StoreEvent};
use vector_inspector::app::overlay::Overlay;
use vector_inspector::app::overlay::form::{FIELDS, FieldValue, Form, TestState};
use vector_inspector::app::overlay::prompt::{Confirm, Confirmed};
use vector_inspector::app::profiles::{ProfileFields, StoreState};
use vector_inspector::profile::model::ProfileId;
use vector_inspector::provider::{Capabilities, Support};

#[test]
fn help_is_searched() {
    let mut world = World::browsing(100, 30);
    world.keys("?");
    insta::assert_snapshot!("help", snapshot(&world.state));
    world.keys("vector");
    insta::assert_snapshot!("help_searched", snapshot(&world.state));
}

#[test]
fn the_palette_greys_out_and_says_why() {
    let mut world = World::browsing(100, 30);
    world.keys(":");
    insta::assert_snapshot!("palette", snapshot(&world.state));
    world.keys("vector field");
    assert!(text(&drawn(&world.state)).contains("not now: only a search"), "{}", text(&drawn(&world.state)));
}

#[test]
fn quick_connect_lists_what_there_is() {
    let mut world = World::browsing(100, 30);
    world.keys("<ctrl-p>");
    insta::assert_snapshot!("picker", snapshot(&world.state));
    world.keys("http://db:6334");
    insta::assert_snapshot!("picker_typed", snapshot(&world.state));
}

#[test]
fn a_new_profile() {
    for (width, height) in [(80, 24), (120, 40)] {
        let mut world = World::usual(width, height);
        world.keys("N");
        world.keys("staging<tab><tab>https://db.example.com:6334");
        insta::assert_snapshot!(format!("form_{width}x{height}"), snapshot(&world.state));
    }
}

#[test]
fn a_form_shows_no_secret() {
    let mut world = World::usual(100, 36);
    let mut fields = ProfileFields { id: Some(ProfileId(uuid::Uuid::from_u128(1))), ..Default::default() };
    for (name, value) in [("name", "prod"), ("provider", "qdrant"), ("secret_source", "stored")] {
        fields.values.insert(name, value.into());
    }
    let mut form = Form::new(&fields);
    form.focus = FIELDS.iter().position(|f| f.name == "secret").unwrap();
    form.test = TestState::Bad("db.example.com:6334 did not let us in: the key was refused. Check the key.".into());
    let at = form.focus;
    world.state.overlays = vec![Overlay::Form(Box::new(form.clone()))];
    assert!(text(&drawn(&world.state)).contains("stored (unchanged)"));
    if let FieldValue::Secret(secret) = &mut form.values[at] {
        secret.paste("canary-5");
    }
    world.state.overlays = vec![Overlay::Form(Box::new(form))];
    let shown = text(&drawn(&world.state));
    assert!(shown.contains("••••••••") && !shown.contains("canary"), "{shown}");
    insta::assert_snapshot!(snapshot(&world.state));
}

#[test]
fn every_field_can_be_focused_and_is_in_sight() {
    for (width, height) in [(40, 10), (80, 24), (120, 40)] {
        let mut world = World::usual(width, height);
        world.keys("N");
        for _ in 0..FIELDS.len() {
            world.keys("<tab>");
            let Some(Overlay::Form(form)) = world.state.overlays.last() else { panic!("no form") };
            let label = FIELDS[form.focus].label;
            let shown = text(&drawn(&world.state));
            assert!(shown.lines().any(|l| l.contains(&format!("▌ {label}"))), "{label}\n{shown}");
        }
    }
}

#[test]
fn prompts_and_their_errors() {
    let mut world = World::browsing(100, 30);
    world.keys("/year >= 2017");
    insta::assert_snapshot!("prompt_filter", snapshot(&world.state));
    if let Some(Overlay::Prompt(prompt)) = world.state.overlays.last_mut() {
        prompt.error = Some("the filter is not understood at character 4: a comparison was expected.".into());
    }
    assert!(text(&drawn(&world.state)).contains("✗ the filter is not understood at character 4"));
}

#[test]
fn a_text_to_search_by_shows_its_ways_and_why_one_is_missing() {
    let mut world = World::browsing(100, 30);
    world.keys("T");
    assert!(text(&drawn(&world.state)).contains("search by text: this program searches it by vectors"));
    let can = Capabilities { near_text: Support::Yes, bm25: Support::Yes, hybrid: Support::Yes, ..Capabilities::ALL };
    world.state.connections.iter_mut().for_each(|connection| connection.capabilities = Some(can.clone()));
    world.keys("Tred sea");
    insta::assert_snapshot!("prompt_by_text", snapshot(&world.state));
    for (width, height) in [(36, 12), (20, 6), (1, 1)] {
        world.state.size = (width, height);
        drawn(&world.state);
    }
}

#[test]
fn the_passphrase_is_dots() {
    let mut world = World::new(80, 24);
    world.store(StoreState::Locked, Vec::new());
    world.keys("Ucanary");
    let shown = text(&drawn(&world.state));
    assert!(shown.contains("••••••") && !shown.contains("canary"), "{shown}");
    world.event(Event::Store(StoreEvent::UnlockFailed("the passphrase is wrong. Try again.".into())));
    insta::assert_snapshot!(snapshot(&world.state));
}

#[test]
fn a_new_passphrase_has_its_strength_beside_it_and_the_form_says_that_it_waits() {
    for (width, height) in [(80, 24), (120, 40)] {
        let mut world = World::new(width, height);
        world.store(StoreState::Absent, Vec::new());
        world.keys("Nstaging<tab><tab>db:6334<ctrl-s>");
        let shown = |world: &World| text(&drawn(&world.state));
        assert!(shown(&world).contains("waits for the passphrase"), "{}", shown(&world));
        assert!(!shown(&world).contains("saving"), "{}", shown(&world));
        world.keys("canary");
        assert!(shown(&world).contains("▓▓░░░░ weak: easily guessed"), "{}", shown(&world));
        world.keys(" copper museum");
        assert!(shown(&world).contains("▓▓▓▓░░ fair"), "{}", shown(&world));
        world.keys(" orchid tavern");
        assert!(shown(&world).contains("▓▓▓▓▓▓ strong"), "{}", shown(&world));
        assert!(!shown(&world).contains("canary"));
        insta::assert_snapshot!(format!("new_store_{width}x{height}"), snapshot(&world.state));
        world.keys("<tab>");
        assert!(shown(&world).contains("identity.txt: whoever can read that file can read the profiles"));
        world.keys("<tab>~/key.txt");
        assert!(shown(&world).contains("~/key.txt"));
    }
}

#[test]
fn a_recovery_key_is_in_sight_whole_and_goes_with_esc_only() {
    let key = format!("AGE-SECRET-KEY-1{}", "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L".repeat(2).split_at(58).0);
    for (width, height) in [(40, 24), (80, 24), (120, 40), (200, 50)] {
        let mut world = World::new(width, height);
        let saved = StoreEvent::Saved { text: "Saved.".into(), recovery_key: Some(key.clone().into()), made: None };
        world.event(Event::Store(saved));
        world.keys("<enter><enter>");
        let shown = text(&drawn(&world.state));
        let inside: String = shown
            .lines()
            .filter_map(|line| {
                line.split(['┃', '│']).map(|part| part.trim_matches([' ', '▌', '█'])).find(|part| {
                    part.len() > 8 && part.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-')
                })
            })
            .collect();
        assert_eq!(inside, key, "{width}x{height}\n{shown}");
        // On the narrowest the last line is a scroll away.
        assert!(width < 80 || shown.contains("esc."), "{shown}");
        world.keys("<esc>");
        assert!(world.state.overlays.is_empty());
    }
}

#[test]
fn what_is_wrong_with_a_passphrase_is_told_whole_at_80_columns() {
    let mut world = World::new(80, 24);
    world.store(StoreState::Locked, Vec::new());
    world.keys("Uwrong<enter>");
    let why = "/home/somebody/.config/vector-inspector/identity.age could not be opened: the passphrase is wrong, or the \
               file is damaged. Type it again; if you are sure of it, give the recovery key in VECTOR_INSPECTOR_KEY or \
               with --identity FILE.";
    world.event(Event::Store(StoreEvent::UnlockFailed(why.into())));
    let shown = text(&drawn(&world.state));
    assert!(shown.contains("--identity FILE.") && !shown.contains('…'), "{shown}");
}

#[test]
fn a_text_that_is_cut_has_one_ellipsis() {
    for width in 60..140 {
        let world = World::usual(width, 30);
        let shown = text(&drawn(&world.state));
        assert!(!shown.contains("……"), "{width}\n{shown}");
    }
}

#[test]
fn questions_and_texts() {
    let mut world = World::browsing(80, 24);
    world.state.overlays.push(Overlay::Confirm(Confirm {
        text: "Delete the profile \"lab\" (qdrant https://10.0.0.7:6334)? The database itself is not touched.".into(),
        yes: Confirmed::DeleteProfile(profiles()[2].id),
    }));
    insta::assert_snapshot!("confirm", snapshot(&world.state));
    world.keys("nH");
    insta::assert_snapshot!("details", snapshot(&world.state));
    world.keys("<esc>c");
    insta::assert_snapshot!("columns", snapshot(&world.state));
}
