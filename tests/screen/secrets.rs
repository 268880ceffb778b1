//! Keys that are asked for, keys in plain text, signing in to a cloud.

use crate::cells::{drawn, text};
use crate::world::World;
use vector_inspector::app::event::{Event, SignInEvent, SignInSaid};
use vector_inspector::app::overlay::Overlay;
use vector_inspector::app::overlay::sign_in::{Row, ShownCode};
use vector_inspector::connection::health::HealthState;
use vector_inspector::profile::model::KeyFacts;
use vector_inspector::provider::ProviderError;

/// A connection whose key is asked for, and travels in plain text.
fn asking(width: u16, height: u16) -> World {
    let mut world = World::usual(width, height);
    world.state.profiles.list[2].key = KeyFacts { asked: true, plain: true };
    world.open_profile(2);
    let state = HealthState::Failed { cause: ProviderError::KEY_NOT_TYPED, retry_in_s: None };
    let last = world.state.connections.len() - 1;
    world.health(last, state, None, Some(&ProviderError::KeyNotTyped.to_string()));
    world
}

#[test]
fn the_key_of_a_connection_is_asked_for_and_shown_as_dots() {
    for (width, height) in [(80, 24), (120, 40), (200, 50)] {
        let mut world = asking(width, height);
        world.keys("canary-key");
        let shown = text(&drawn(&world.state));
        assert!(shown.contains("Key of the connection") && shown.contains("••••••••••"), "{shown}");
        assert!(shown.contains("it travels unencrypted"), "the warning comes before the attempt: {shown}");
        assert!(!shown.contains("canary"), "{shown}");
        world.keys("<esc>");
        let shown = text(&drawn(&world.state));
        assert!(shown.contains("!KEY") && shown.contains("Its key is asked for each time"), "{shown}");
    }
}

#[test]
fn the_form_warns_while_the_address_is_typed() {
    for (width, height) in [(80, 24), (120, 40)] {
        let mut world = World::usual(width, height);
        world.keys("N");
        world.keys("p<tab><tab>http://db.example.com<tab><right>");
        let shown = text(&drawn(&world.state));
        assert!(shown.contains("the key would travel unencrypted to"), "{shown}");
        world.keys("<backtab>");
        world.keys("<ctrl-u>https://db.example.com");
        let shown = text(&drawn(&world.state));
        assert!(!shown.contains("unencrypted"), "{shown}");
    }
}

#[test]
fn a_cloud_is_chosen_filled_in_and_its_finds_are_saved() {
    for (width, height) in [(80, 24), (120, 40), (200, 50)] {
        let mut world = World::usual(width, height);
        world.keys("0I");
        let shown = text(&drawn(&world.state));
        assert!(shown.contains("Qdrant Cloud") && shown.contains("Supabase, Neon, RDS"), "{shown}");
        world.keys("<enter>");
        world.keys("<tab>canary-manage<tab>canary-key");
        let shown = text(&drawn(&world.state));
        assert!(shown.contains("manage key") && shown.contains("••••••••••"), "{shown}");
        assert!(shown.contains("A key of the database"), "the field in focus explains itself: {shown}");
        assert!(!shown.contains("canary"), "{shown}");
        world.keys("<ctrl-s>");
        assert!(text(&drawn(&world.state)).contains("looking what is there"));
        let Some(Overlay::SignIn(sign_in)) = world.state.overlays.last() else { panic!("it is gone") };
        let ticket = sign_in.ticket;
        let rows = vec![
            Row::new("search-prod", "https://a.cloud.qdrant.io:6334", "v1.15.4, healthy, gcp, europe-west3"),
            Row::new("search-dev", "https://b.cloud.qdrant.io:6334", "v1.14.0, suspended, aws, us-east-1"),
        ];
        let says = |world: &mut World, said| world.event(Event::SignIn(SignInEvent { ticket, said }));
        says(&mut world, SignInSaid::Found { rows, coming: vec!["new one".to_owned()] });
        let shown = text(&drawn(&world.state));
        assert!(shown.contains("[x] search-prod") && shown.contains("healthy"), "{shown}");
        assert!(shown.contains("1 more is still being made: new one"), "{shown}");
        assert!(shown.contains("space choose"), "{shown}");
        let top = shown.lines().find(|line| line.contains("Found: ")).unwrap();
        assert!(width > 80 || top.starts_with("┏━ Found"), "as wide as the form before: {shown}");
        world.keys("<enter>");
        assert!(text(&drawn(&world.state)).contains("esc cancel"));
        let why = "b.cloud.qdrant.io:6334 refused the key: the token has ended on the first of the month, as all tokens of \
                   this account do. Give the profile a valid API key or token with the right to read.";
        says(&mut world, SignInSaid::Ended { row: 0, result: Ok("saved as search-prod (qdrant 1.15.4)".to_owned()) });
        says(&mut world, SignInSaid::Ended { row: 1, result: Err(why.to_owned()) });
        says(&mut world, SignInSaid::Done);
        world.keys("j");
        let shown = text(&drawn(&world.state));
        assert!(shown.contains("saved as search") && shown.contains("not saved"), "{shown}");
        // Lines of the sidebar stand between those of the sentence.
        assert!(shown.contains("Give the profile") && shown.contains("read."), "all of why, and the mend: {shown}");
    }
}

#[test]
fn a_code_is_shown_with_its_address_on_a_line_of_its_own() {
    for (width, height) in [(80, 24), (120, 40)] {
        let mut world = World::usual(width, height);
        world.keys("0I<down><down><down><enter>https://h<enter><right><right><ctrl-s>");
        let Some(Overlay::SignIn(sign_in)) = world.state.overlays.last() else { panic!("it is gone") };
        let ticket = sign_in.ticket;
        let says = |world: &mut World, said| world.event(Event::SignIn(SignInEvent { ticket, said }));
        says(&mut world, SignInSaid::Told("signing in at idp:443, the identity provider that h:443 names".to_owned()));
        assert!(text(&drawn(&world.state)).contains("signing in at idp:443"));
        let page = "https://idp.example.com/realms/company/device".to_owned();
        let whole = Some(format!("{page}?user_code=WDJB-MJHT"));
        says(&mut world, SignInSaid::Code(ShownCode { page, whole, code: "WDJB-MJHT".to_owned() }));
        let shown = text(&drawn(&world.state));
        assert!(shown.contains("  https://idp.example.com/realms/company/device?user_code=WDJB-MJHT  "), "{shown}");
        assert!(shown.contains("y copies it") && shown.contains("esc cancel"), "{shown}");
    }
}
