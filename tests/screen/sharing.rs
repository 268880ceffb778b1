//! Export and import on the screen; profiles of a project; what was used last.

use vector_inspector::app::effect::{Effect, StoreRequest};
use vector_inspector::app::event::{Event, StoreEvent};
use vector_inspector::app::profiles::{ProfileSummary, StoreState};
use vector_inspector::app::sharing::{Choice, Detail, ExportFault, ImportList, Proposed};

use crate::cells::{drawn, text};
use crate::world::{World, profiles};

fn screen(world: &World) -> String {
    text(&drawn(&world.state))
}

fn requests(world: &mut World) -> Vec<StoreRequest> {
    let request = |effect| match effect {
        Effect::Store(request) => Some(request),
        _ => None,
    };
    std::mem::take(&mut world.done).into_iter().filter_map(request).collect()
}

fn world(width: u16, height: u16, list: Vec<ProfileSummary>) -> World {
    let mut world = World::new(width, height);
    world.store(StoreState::Unlocked, list);
    requests(&mut world);
    world
}

fn proposed(name: &str, is_conflict: bool, moves_key: bool) -> Proposed {
    let detail = |text: &str| Detail { text: text.to_owned(), is_danger: false };
    let details = if is_conflict { vec![detail("notes: nothing -> \u{1b}[31mask Ada")] } else { Vec::new() };
    let choice = if is_conflict || moves_key { Choice::Skip } else { Choice::Take { key: false } };
    let place = "qdrant https://db.example.com:6334, key: env QDRANT_KEY".to_owned();
    let beside_moves_key = is_conflict.then_some(moves_key);
    Proposed {
        name: name.to_owned(),
        place,
        details,
        is_conflict,
        moves_key,
        beside_moves_key,
        opens: None,
        is_known: false,
        choice,
    }
}

fn import(ticket: u64) -> ImportList {
    ImportList {
        ticket,
        file: "team.toml".to_owned(),
        profiles: vec![proposed("fresh", false, false), proposed("prod", true, true), proposed("stage", true, false)],
        skipped: vec!["\"x\" is a directory of another machine, so it was left out.".to_owned()],
        list: Default::default(),
    }
}

#[test]
fn a_group_is_exported_after_its_file_and_its_recipients_were_named() {
    let mut world = world(120, 40, profiles());
    world.keys("0gg:export prof<enter>");
    assert!(screen(&world).contains("Export to the file"), "{}", screen(&world));
    assert!(screen(&world).contains("exports the group") && screen(&world).contains("1 profile"), "{}", screen(&world));
    world.keys("~/team.age<enter>");
    assert!(screen(&world).contains("ncrypted to"), "{}", screen(&world));
    world.keys("age1abc, ssh-ed25519 AAAA me<enter>");
    match requests(&mut world).as_slice() {
        [StoreRequest::Export { profiles, file, recipients }] => {
            assert_eq!((profiles.len(), file.as_str()), (1, "~/team.age"), "the group under the cursor has one");
            assert_eq!(recipients, &["age1abc", "ssh-ed25519 AAAA me"]);
        }
        other => panic!("{other:?}"),
    }
    // Without recipients it goes without secrets; that is the store's part.
    world.keys(":export prof<enter><enter><enter>");
    assert!(
        matches!(requests(&mut world).as_slice(), [StoreRequest::Export { recipients, file, .. }] if recipients.is_empty() && file == "profiles.toml")
    );
}

#[test]
fn an_export_that_was_not_written_keeps_what_was_typed() {
    let mut world = world(80, 24, profiles());
    let failed = |world: &mut World, fault| world.event(Event::Store(StoreEvent::ExportFailed(fault)));
    world.keys("0gg:export prof<enter>~/there.age<enter>age1abc, bob<enter>");
    requests(&mut world);
    failed(&mut world, ExportFault::Recipients("a recipient cannot be used: bob.".to_owned()));
    assert!(screen(&world).contains("age1abc, bob") && screen(&world).contains("cannot be used"), "{}", screen(&world));
    world.keys("<backspace><backspace><backspace><backspace><backspace><enter>");
    failed(&mut world, ExportFault::File("it is there.".to_owned()));
    assert!(screen(&world).contains("~/there.age") && screen(&world).contains("it is there."), "{}", screen(&world));
    world.keys("2<enter>");
    assert!(screen(&world).contains("age1abc"), "{}", screen(&world));
    requests(&mut world);
    world.keys("<enter>");
    match requests(&mut world).as_slice() {
        [StoreRequest::Export { profiles, file, recipients }] => {
            assert_eq!((profiles.len(), file.as_str()), (1, "~/there.age2"));
            assert_eq!(recipients, &["age1abc"]);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_encrypted_file_asks_for_the_key_that_opens_it() {
    let mut world = world(80, 24, profiles());
    world.keys(":import prof<enter>team.age<enter>");
    requests(&mut world);
    let wanted = |key: &str| {
        let (file, why) = ("team.age".to_owned(), "team.age is encrypted to none of your keys.".to_owned());
        Event::Store(StoreEvent::ImportKeyWanted { file, key: key.to_owned(), why })
    };
    world.event(wanted(""));
    assert!(screen(&world).contains("none of your keys"), "{}", screen(&world));
    world.keys("<enter>");
    assert!(requests(&mut world).is_empty() && screen(&world).contains("no key file"), "{}", screen(&world));
    world.keys("~/.ssh/id<enter>");
    match requests(&mut world).as_slice() {
        [StoreRequest::ReadImport { file, key, .. }] => {
            assert_eq!((file.as_str(), key.as_str()), ("team.age", "~/.ssh/id"))
        }
        other => panic!("{other:?}"),
    }
    // A wrong one can be corrected.
    world.event(wanted("~/.ssh/id"));
    world.keys("_ed25519<enter>");
    assert!(
        matches!(requests(&mut world).as_slice(), [StoreRequest::ReadImport { file, key, .. }] if file == "team.age" && key == "~/.ssh/id_ed25519")
    );
}

#[test]
fn where_a_key_would_go_is_readable_at_eighty_columns() {
    let mut world = world(80, 24, profiles());
    let mut list = import(1);
    let text = "the key of cleo-prod (stored) would be sent to https://search.elsewhere.example.org:6334 instead of https://db.example.com";
    list.profiles[1].details.insert(0, Detail { text: text.to_owned(), is_danger: true });
    world.event(Event::Store(StoreEvent::Import(Box::new(list))));
    assert!(!screen(&world).contains("elsewhere.example.org:6334"), "{}", screen(&world));
    world.keys("jj");
    assert!(screen(&world).contains("https://search.elsewhere.example.org:6334"), "{}", screen(&world));
    // The last row is reached, above the text.
    world.keys("G");
    assert!(screen(&world).contains("- \"x\" is a dir"), "{}", screen(&world));
}

#[test]
fn a_profile_of_the_project_is_opened_after_a_question_while_the_store_is_locked() {
    let mut list = profiles();
    list.truncate(1);
    list[0].of_project = true;
    list[0].group = "project shop".to_owned();
    let name = list[0].name.clone();
    let opened = |world: &mut World| {
        std::mem::take(&mut world.done).into_iter().filter(|effect| matches!(effect, Effect::Open { .. })).count()
    };
    let mut world = world(80, 24, list.clone());
    world.event(Event::Store(StoreEvent::State {
        state: StoreState::Locked,
        profiles: list,
        open_at_start: Vec::new(),
    }));
    world.keys(&format!("<ctrl-p>{name}<enter>"));
    assert!(opened(&mut world) == 0 && screen(&world).contains("is locked"), "{}", screen(&world));
    world.keys("n");
    assert!(opened(&mut world) == 0 && world.state.overlays.is_empty());
    world.keys(&format!("<ctrl-p>{name}<enter>y"));
    assert_eq!(opened(&mut world), 1);
}

#[test]
fn an_import_is_looked_at_chosen_and_applied() {
    for (width, height) in [(80, 24), (120, 40), (200, 50)] {
        let mut world = world(width, height, profiles());
        world.keys(":import prof<enter>team.toml<enter>");
        let ticket = match requests(&mut world).as_slice() {
            [StoreRequest::ReadImport { ticket, file, key }] if file == "team.toml" && key.is_empty() => *ticket,
            other => panic!("{other:?}"),
        };
        world.event(Event::Store(StoreEvent::Import(Box::new(import(ticket)))));
        let shown = screen(&world);
        for part in ["1 of 3 are taken", "fresh", "ask Ada", "another machine", "import"] {
            assert!(shown.contains(part), "{part} is not in\n{shown}");
        }
        // Down to prod: replace without its key, with it; stage: beside the known one.
        world.keys("j<space>");
        assert!(screen(&world).contains("replace, no key"), "{}", screen(&world));
        world.keys("<space>");
        assert!(screen(&world).contains("replace + key"), "{}", screen(&world));
        world.keys("jj<space><space>");
        assert!(screen(&world).contains("add beside") && screen(&world).contains("3 of 3"), "{}", screen(&world));
        world.keys("<enter>");
        match requests(&mut world).as_slice() {
            [StoreRequest::ApplyImport { ticket: of, choices }] => {
                assert_eq!(*of, ticket);
                let expected = [Choice::Take { key: false }, Choice::Take { key: true }, Choice::Rename { key: false }];
                assert_eq!(choices, &expected);
            }
            other => panic!("{other:?}"),
        }
        assert!(world.state.overlays.is_empty());
    }
}

#[test]
fn what_an_import_makes_writable_is_asked_and_enter_alone_is_no_yes() {
    let mut world = world(120, 40, profiles());
    let mut list = import(1);
    list.profiles[2].opens = Some("stage: production is read-only. Then its database can be written to.".to_owned());
    world.event(Event::Store(StoreEvent::Import(Box::new(list))));
    world.keys("jjj<space><enter>");
    assert!(screen(&world).contains("Open for writing?") && screen(&world).contains("stage: production"));
    world.keys("<enter>n");
    assert!(requests(&mut world).is_empty() && world.state.overlays.len() == 1, "what was chosen is still there");
    world.keys("<enter>y");
    assert!(
        matches!(requests(&mut world).as_slice(), [StoreRequest::ApplyImport { choices, .. }] if choices[2] == Choice::Take { key: false })
    );
    assert!(world.state.overlays.is_empty());
}

#[test]
fn an_import_with_nothing_chosen_stays_and_esc_leaves_it() {
    let mut world = world(120, 40, profiles());
    let mut list = import(1);
    list.profiles.remove(0);
    world.event(Event::Store(StoreEvent::Import(Box::new(list))));
    world.keys("<enter>");
    assert!(requests(&mut world).is_empty() && world.state.overlays.len() == 1);
    world.keys("<esc>");
    assert!(world.state.overlays.is_empty());
}

#[test]
fn a_profile_of_the_project_is_offered_and_not_changed_here() {
    let mut list = profiles();
    list.push(ProfileSummary {
        id: vector_inspector::profile::model::ProfileId(uuid::Uuid::from_u128(77)),
        name: "vectors".to_owned(),
        group: "project shop".to_owned(),
        of_project: true,
        way: String::new(),
        ..list[2].clone()
    });
    let mut world = world(120, 40, list);
    assert!(screen(&world).contains("project shop") && screen(&world).contains("vectors"), "{}", screen(&world));
    world.keys("0/shop<enter>");
    world.keys("gg");
    while !matches!(
        world.state.sidebar.item(&world.state, world.state.sidebar.list.selected),
        Some(vector_inspector::app::sidebar::SidebarItem::Profile(_))
    ) {
        world.keys("j");
    }
    for key in ["e", "R", "<delete>", "*"] {
        world.keys(key);
        assert!(requests(&mut world).is_empty() && world.state.overlays.is_empty(), "{key}");
        assert!(screen(&world).contains("project's file"), "{key}: {}", screen(&world));
    }
    world.keys("D");
    assert!(matches!(requests(&mut world).as_slice(), [StoreRequest::Fields { copy: true, .. }]));
    world.keys("<ctrl-p>vectors");
    assert!(screen(&world).contains("Quick connect") && screen(&world).contains("vectors"));
}

#[test]
fn quick_connect_has_what_was_used_last_right_after_the_favourites() {
    let mut list = profiles();
    list[3].last_used = Some(200);
    list[2].last_used = Some(100);
    list[1].favourite = true;
    let mut world = world(120, 40, list);
    world.keys("<ctrl-p>");
    let shown = screen(&world);
    let (_, picker) = shown.split_once("Quick connect").unwrap();
    let at = |name: &str| picker.find(name).unwrap_or_else(|| panic!("{name} is not in\n{picker}"));
    assert!(
        at("stage") < at("/home/me/notes")
            && at("/home/me/notes") < at("10.0.0.7")
            && at("10.0.0.7") < at("vectors.example"),
        "{picker}"
    );
}
