//! The line of tabs: whose each of them is, also where it is narrow and without color.

use vector_inspector::app::profiles::StoreState;
use vector_inspector::config::ThemeName;

use crate::cells::{drawn, text};
use crate::world::{World, profiles};

/// The line of tabs, without the sidebar before it.
fn line(world: &World) -> String {
    let sidebar = usize::from(world.state.sidebar.width);
    text(&drawn(&world.state)).lines().nth(1).unwrap().chars().skip(sidebar).collect()
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
