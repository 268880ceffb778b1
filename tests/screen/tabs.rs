//! The line of tabs and the sidebar: whose each of their names is, also where they are narrow and without color.

use vector_inspector::app::geometry::{Frame, tab_areas};
use vector_inspector::app::profiles::StoreState;
use vector_inspector::config::ThemeName;
use vector_inspector::connection::health::HealthState;

use crate::cells::{drawn, text};
use crate::world::{World, profiles};

/// Columns of the sidebar.
fn side(world: &World) -> usize {
    Frame::of(&world.state).unwrap().sidebar.map_or(0, |area| usize::from(area.width))
}

/// The line of tabs, without the sidebar before it.
fn line(world: &World) -> String {
    text(&drawn(&world.state)).lines().nth(1).unwrap().chars().skip(side(world)).collect()
}

/// The lines of the sidebar.
fn sidebar(world: &World) -> Vec<String> {
    text(&drawn(&world.state)).lines().skip(2).map(|line| line.chars().take(side(world)).collect()).collect()
}

/// As many connections, with these names.
fn opened(width: u16, names: &[&str]) -> World {
    let mut world = World::new(width, 40);
    for name in names {
        world.open_ad_hoc(name, "127.0.0.1:6334");
    }
    world
}

#[test]
fn a_tab_is_named_after_what_its_focused_pane_shows() {
    let mut world = World::new(120, 30);
    world.open_ad_hoc("demo1", "127.0.0.1:6334");
    world.store(StoreState::Unlocked, profiles());
    world.open_profile(0);
    world.keys("1oprod<enter>");
    assert_eq!(world.state.active_connection().unwrap().label, "prod");
    assert!(!line(&world).contains("demo1"), "{}", line(&world));
    assert_eq!(line(&world).matches("prod").count(), 2, "{}", line(&world));
    world.keys("1");
    assert!(line(&world).contains("1 ") && line(&world).contains("demo1"), "{}", line(&world));
}

#[test]
fn names_that_begin_alike_stay_apart_in_narrow_tabs() {
    let names = ["chroma-eu-1", "chroma-eu-2", "chroma-us-east", "qdrant:6334", "qdrant:6335", "a"];
    for width in [120, 80] {
        let mut world = World::new(width, 30);
        for name in names {
            world.open_ad_hoc(name, "127.0.0.1:6334");
        }
        let shown = line(&world);
        let tabs: Vec<String> = shown.split_whitespace().map(|word| word.trim_matches('…').to_owned()).collect();
        let said: Vec<&String> = tabs.iter().filter(|word| word.chars().any(char::is_alphanumeric)).collect();
        let distinct: std::collections::BTreeSet<&&String> = said.iter().collect();
        assert_eq!(distinct.len(), said.len(), "{width}: {shown}");
        for end in ["eu-1", "eu-2", "us-", "6334", "6335"] {
            assert!(shown.contains(end), "{end} at {width}: {shown}");
        }
    }
}

#[test]
fn production_is_marked_without_color() {
    let mut world = World::usual(120, 30);
    world.open_ad_hoc("other", "127.0.0.1:6334");
    world.state.settings.theme = ThemeName::Mono;
    assert!(line(&world).contains("!prod") && !line(&world).contains("!other"), "{}", line(&world));
}

#[test]
fn a_beginning_that_names_share_goes_only_where_they_would_look_the_same() {
    for width in [80, 120, 200] {
        let shown =
            line(&opened(width, &["pgvector-analytics-staging", "prod", "prodchroma", "milvus-lite-for-tests"]));
        for begin in ["pgve", "prod ", "prodc", "milv"] {
            assert!(shown.contains(begin), "{begin} at {width}: {shown}");
        }
        assert!(!shown.contains("…g") && !shown.contains("…r"), "{width}: {shown}");
    }
}

#[test]
fn names_are_whole_where_the_line_has_room_for_them() {
    let names = ["pgvector-analytics-staging", "prod", "milvus-lite-for-everybody"];
    for (width, shown) in [(120, &names[..2]), (120, &names[1..]), (200, &names[..])] {
        let line = line(&opened(width, shown));
        assert!(shown.iter().all(|name| line.contains(name)) && !line.contains('…'), "{width}: {line}");
    }
}

#[test]
fn the_sidebar_grows_with_the_screen_until_it_is_given_a_width() {
    let wide = |width| side(&World::new(width, 40));
    assert_eq!([80, 100, 120, 160, 200].map(wide), [28, 30, 32, 35, 38]);
    let mut world = World::new(200, 40);
    world.keys("0>");
    let own = side(&world);
    assert!(own > 38, "{own}");
    world.event(vector_inspector::app::event::Event::Resize(120, 40));
    assert_eq!(side(&world), own, "it stays as the user wants it");
}

#[test]
fn a_cut_is_marked_in_the_narrowest_tab_and_no_number_stands_for_a_name() {
    let names: Vec<String> = (1..=13).map(|n| format!("weaviate-test-{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    for (width, count) in [(80, 3), (80, 5), (80, 13), (120, 13), (200, 13)] {
        let world = opened(width, &names[..count]);
        let shown = text(&drawn(&world.state)).lines().nth(1).unwrap().to_owned();
        for area in tab_areas(&world.state, Frame::of(&world.state).unwrap().tabs) {
            let tab: String = shown.chars().skip(usize::from(area.x)).take(usize::from(area.width)).collect();
            let name = tab.split_once('⠋').unwrap_or_else(|| panic!("{tab:?} has no glyph: {shown}")).1.trim();
            assert!(name.is_empty() || name.contains('…') || names.contains(&name), "{name:?} at {width}: {shown}");
        }
    }
}

#[test]
fn long_names_that_begin_alike_stay_apart_in_the_sidebar_and_a_latency_is_whole_or_not_there() {
    for (width, height) in [(80, 24), (120, 40), (200, 50)] {
        let mut world = World::new(width, height);
        let mut list = profiles();
        for (n, profile) in list.iter_mut().take(3).enumerate() {
            profile.name = format!("chroma-production-eu-west-{}", n + 1);
            profile.group = "work".to_owned();
            profile.lock = profiles()[0].lock;
        }
        world.store(StoreState::Unlocked, list);
        for n in 0..2 {
            world.open_profile(n);
            world.connected(n, "chroma", "1.5.9");
            world.health(n, HealthState::Idle, Some(200), None);
        }
        let rows = sidebar(&world);
        for n in 1..=3 {
            let row = rows.iter().find(|row| row.contains(&format!("west-{n}")));
            let row = row.unwrap_or_else(|| panic!("{n} at {width}: {rows:#?}"));
            assert!(row.contains(" RO"), "{row}");
            assert!(row.contains("200 ms") || !row.contains("20"), "{row}");
        }
    }
}
