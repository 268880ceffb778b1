//! Groups in the sidebar: order, looking for some, what is done to all of one; colors on the screen.

use vector_inspector::app::effect::{Effect, StoreRequest};
use vector_inspector::app::event::{Event, StoreEvent};
use vector_inspector::app::geometry::Frame;
use vector_inspector::app::profiles::{ProfileSummary, StoreState};
use vector_inspector::app::sidebar::SidebarItem;
use vector_inspector::connection::message::Command;
use vector_inspector::profile::model::{Environment, ProfileId};

use crate::cells::{drawn, text};
use crate::world::{World, profiles};

fn screen(world: &World) -> String {
    text(&drawn(&world.state))
}

/// The names in the sidebar, groups with a slash behind them.
fn rows(world: &World) -> Vec<String> {
    let name = |item: &SidebarItem| match item {
        SidebarItem::Group { path, .. } => Some(format!("{path}/")),
        SidebarItem::Profile(id) => world.state.profiles.list.iter().find(|p| p.id == *id).map(|p| p.name.clone()),
        SidebarItem::Connection(id) => world.state.connection(*id).map(|c| c.label.clone()),
        SidebarItem::Demo => Some("demo".to_owned()),
        SidebarItem::Collection { .. } | SidebarItem::CollectionsNote { .. } | SidebarItem::Store(_) => None,
    };
    world.state.sidebar.rows(&world.state).iter().filter_map(|row| name(&row.item)).collect()
}

/// Puts the cursor on the row with that name, by keys.
fn go_to(world: &mut World, name: &str) {
    world.keys("0gg");
    for _ in 0..200 {
        let here = match world.state.sidebar.item(&world.state, world.state.sidebar.list.selected) {
            Some(SidebarItem::Group { path, .. }) => path == name,
            Some(SidebarItem::Profile(id)) => world.state.profiles.list.iter().any(|p| p.id == id && p.name == name),
            Some(SidebarItem::Connection(id)) => world.state.connection(id).is_some_and(|c| c.label == name),
            _ => false,
        };
        if here {
            return;
        }
        world.keys("j");
    }
    panic!("{name} is not in the sidebar: {:?}", rows(world));
}

fn requests(world: &mut World) -> Vec<StoreRequest> {
    let request = |effect| match effect {
        Effect::Store(request) => Some(request),
        _ => None,
    };
    std::mem::take(&mut world.done).into_iter().filter_map(request).collect()
}

fn closed(width: u16, height: u16) -> World {
    let mut world = World::new(width, height);
    world.store(StoreState::Unlocked, profiles());
    requests(&mut world);
    world
}

#[test]
fn profiles_and_groups_are_moved_by_key_and_the_order_is_saved() {
    let mut world = closed(80, 24);
    assert_eq!(rows(&world), ["personal/", "notes", "work/", "prod", "stage", "work/research/", "lab", "demo"]);
    go_to(&mut world, "prod");
    world.keys("J");
    assert_eq!(rows(&world)[2..5], ["work/", "stage", "prod"]);
    let id = |n: u128| ProfileId(uuid::Uuid::from_u128(n));
    let saved = requests(&mut world);
    assert!(matches!(&saved[..], [StoreRequest::ArrangeProfiles(order)] if *order == [id(2), id(1), id(3), id(4)]));
    world.keys("J");
    assert!(requests(&mut world).is_empty(), "it is the last of its group");
    world.keys("K");
    assert_eq!(rows(&world)[2..5], ["work/", "prod", "stage"], "the cursor went along");

    requests(&mut world);
    go_to(&mut world, "work");
    world.keys("K");
    assert_eq!(rows(&world), ["work/", "prod", "stage", "work/research/", "lab", "personal/", "notes", "demo"]);
    let saved = requests(&mut world);
    let wanted = ["work", "work/research", "personal"].map(|path| (path.to_owned(), false));
    assert!(matches!(&saved[..], [StoreRequest::ArrangeGroups(groups)] if *groups == wanted), "{saved:?}");
}

#[test]
fn a_folded_group_is_saved_and_comes_back_folded() {
    let mut world = closed(80, 24);
    go_to(&mut world, "work");
    world.keys("<space>");
    assert_eq!(rows(&world), ["personal/", "notes", "work/", "demo"]);
    let saved = requests(&mut world);
    let [StoreRequest::ArrangeGroups(groups)] = &saved[..] else { panic!("{saved:?}") };
    assert!(groups.contains(&("work".to_owned(), true)), "{groups:?}");
    let mut again = World::new(80, 24);
    again.event(Event::Store(StoreEvent::Groups(groups.clone())));
    again.store(StoreState::Unlocked, profiles());
    assert_eq!(rows(&again), ["personal/", "notes", "work/", "demo"]);
}

#[test]
fn a_store_that_cannot_be_written_to_takes_no_order() {
    let mut world = closed(80, 24);
    world.store(StoreState::ReadOnly("a newer version wrote it.".into()), profiles());
    go_to(&mut world, "prod");
    world.keys("J");
    assert!(screen(&world).contains("not open for writing"), "{}", screen(&world));
    assert!(requests(&mut world).is_empty());
}

#[test]
fn looking_for_profiles_goes_over_all_that_is_known_of_them() {
    let mut list = profiles();
    list[1].tags = vec!["nightly".into()];
    list[2].notes = "rebuilt every Monday".into();
    list[3].favourite = true;
    for (typed, found) in [
        ("nightly", &["work/", "stage"][..]),
        ("monday", &["work/", "work/research/", "lab"]),
        ("production", &["work/", "prod"]),
        ("favourite", &["personal/", "notes"]),
        ("chroma", &["work/", "stage"]),
        ("10.0.0.7", &["work/", "work/research/", "lab"]),
        ("wstg", &["work/", "stage"]),
        ("nowhere", &[]),
    ] {
        let mut world = closed(80, 24);
        world.store(StoreState::Unlocked, list.clone());
        world.keys("0/");
        world.keys(typed);
        assert_eq!(rows(&world), found, "{typed}, while it is typed");
        world.keys("<enter>");
        assert_eq!(rows(&world), found, "{typed}");
        // The title may have no room for all of it.
        let begun: String = typed.chars().take(8).collect();
        assert!(screen(&world).contains(&format!("Connections /{begun}")), "{}", screen(&world));
        world.keys("<esc>");
        assert_eq!(rows(&world).len(), 8, "esc shows all again");
    }
}

#[test]
fn what_is_found_in_a_folded_group_is_in_sight() {
    let mut world = closed(80, 24);
    go_to(&mut world, "work");
    world.keys("<space>/lab<enter>");
    assert_eq!(rows(&world), ["work/", "work/research/", "lab"]);
    assert_eq!(world.state.sidebar.list.selected, 2, "the cursor is on the first profile");
    world.keys("/<esc>");
    assert_eq!(rows(&world), ["personal/", "notes", "work/", "demo"]);
}

#[test]
fn the_picker_finds_by_notes_and_puts_favourites_first() {
    let mut list = profiles();
    list[2].notes = "rebuilt every Monday".into();
    list[3].favourite = true;
    let mut world = closed(100, 30);
    world.store(StoreState::Unlocked, list);
    world.keys("<ctrl-p>");
    let seen = screen(&world);
    assert!(seen.find("/home/me").unwrap() < seen.find("vectors.ex").unwrap(), "{seen}");
    world.keys("monday");
    let seen = screen(&world);
    assert!(seen.contains("10.0.0.7") && !seen.contains("stage.example.com"), "{seen}");
}

#[test]
fn a_group_is_opened_checked_and_closed_as_one() {
    let mut world = closed(80, 24);
    go_to(&mut world, "work");
    world.keys("O");
    let open: Vec<&str> = world.state.connections.iter().map(|c| c.label.as_str()).collect();
    assert_eq!(open, ["prod", "stage", "lab"], "those of the group inside it, too");
    world.done.clear();
    go_to(&mut world, "work");
    world.keys("P");
    let checks = world.done.iter().filter(|e| matches!(e, Effect::Send { command: Command::CheckNow, .. })).count();
    assert_eq!(checks, 3);
    go_to(&mut world, "work/research");
    world.keys("Q");
    let open: Vec<&str> = world.state.connections.iter().map(|c| c.label.as_str()).collect();
    assert_eq!(open, ["prod", "stage"]);
    assert!(screen(&world).contains("1 of work/research closed"), "{}", screen(&world));
}

#[test]
fn many_are_opened_only_after_a_question() {
    let mut world = closed(80, 24);
    let many = (0..12).map(|n| ProfileSummary {
        id: ProfileId(uuid::Uuid::from_u128(100 + n)),
        name: format!("p{n}"),
        group: "fleet".into(),
        environment: Environment::Dev,
        lock: None,
        ..profiles()[0].clone()
    });
    world.store(StoreState::Unlocked, many.collect());
    go_to(&mut world, "fleet");
    world.keys("O");
    assert!(screen(&world).contains("Open 12 connections of fleet?"), "{}", screen(&world));
    world.keys("n");
    assert!(world.state.connections.is_empty());
    world.keys("Oy");
    assert_eq!(world.state.connections.len(), 12);
}

#[test]
fn a_favourite_is_marked_by_key() {
    let mut world = closed(80, 24);
    go_to(&mut world, "stage");
    world.keys("*");
    let saved = requests(&mut world);
    let id = ProfileId(uuid::Uuid::from_u128(2));
    assert!(matches!(&saved[..], [StoreRequest::Favourite { id: of, on: true }] if *of == id), "{saved:?}");
    let mut list = profiles();
    list[1].favourite = true;
    world.store(StoreState::Unlocked, list);
    assert_eq!(rows(&world)[2..5], ["work/", "stage", "prod"], "favourites come first");
    assert!(screen(&world).contains("* ○ stage"), "{}", screen(&world));
}

#[test]
fn a_color_marks_tab_title_and_border_and_production_is_red_whatever_its_color() {
    use ratatui::style::Color;
    let mut world = World::new(80, 24);
    let mut list = profiles();
    list[0].color = Some("green".into());
    world.store(StoreState::Unlocked, list);
    for (n, color) in [(0, Color::LightRed), (3, Color::Magenta)] {
        world.open_profile(n);
        let buffer = drawn(&world.state);
        let side = Frame::of(&world.state).unwrap().sidebar.unwrap().width;
        assert_eq!(buffer[(side, 10)].fg, color, "the border of the pane");
        let name = world.state.profiles.list[n].name.clone();
        for (line, what) in [(0, "title"), (1, "tab")] {
            let cells: Vec<String> = (0..80).map(|x| buffer[(x, line)].symbol().to_owned()).collect();
            let at = (0..80).find(|x| cells[*x..].concat().starts_with(&name)).unwrap_or_else(|| panic!("{what}"));
            assert_eq!(buffer[(u16::try_from(at).unwrap(), line)].fg, color, "{what} of {name}");
        }
    }
}
