//! The whole screen at the sizes that matter.

use crate::cells::{bytes_between, drawn, snapshot, text};
use crate::world::World;
use vector_inspector::app::settings::{Settings, ThemeName};
use vector_inspector::app::state::AppState;

#[test]
fn records_at_three_sizes() {
    for (width, height) in [(80, 24), (120, 40), (200, 50)] {
        let world = World::browsing(width, height);
        insta::assert_snapshot!(format!("records_{width}x{height}"), snapshot(&world.state));
    }
}

#[test]
fn records_with_vectors() {
    let mut world = World::browsing(120, 40);
    world.keys("v").answer_all();
    let shown = text(&drawn(&world.state));
    assert!(shown.contains("‖1.0"), "vectors that were asked for are in sight\n{shown}");
    insta::assert_snapshot!(snapshot(&world.state));
}

#[test]
fn a_start_without_anything() {
    for (width, height) in [(80, 24), (120, 40)] {
        let world = World::new(width, height);
        insta::assert_snapshot!(format!("welcome_{width}x{height}"), snapshot(&world.state));
    }
}

#[test]
fn a_connection_without_a_collection() {
    let mut world = World::usual(120, 40);
    world.open_profile(1);
    insta::assert_snapshot!("connection_connecting", snapshot(&world.state));
    world.keys("1");
    insta::assert_snapshot!("connection_idle", snapshot(&world.state));
}

#[test]
fn too_small_screens_say_so() {
    let mut world = World::browsing(39, 9);
    let shown = text(&drawn(&world.state));
    assert!(shown.contains("too small: 39x9, wants 40x10"), "{shown}");
    world.state.size = (1, 1);
    assert_eq!(text(&drawn(&world.state)).chars().count(), 2);
}

#[test]
fn the_smallest_screen_that_is_drawn() {
    let world = World::browsing(40, 10);
    insta::assert_snapshot!(snapshot(&world.state));
}

#[test]
fn two_databases_side_by_side() {
    let mut world = World::browsing(160, 40);
    world.open_profile(3);
    world.connected(1, "qdrant-edge", "0.7.2");
    world.answer_all();
    world.keys("1|");
    world.state.overlays.clear();
    world.keys("<tab><tab>");
    world.answer_all();
    insta::assert_snapshot!(snapshot(&world.state));
}

#[test]
fn every_theme_marks_focus_selection_and_health() {
    for theme in ThemeName::ALL {
        let mut world = World::browsing(80, 24);
        world.state.settings.theme = theme;
        insta::assert_snapshot!(format!("theme_{}", theme.name()), snapshot(&world.state));
    }
}

#[test]
fn mono_has_no_color_and_still_shows_where_the_focus_is() {
    let mut world = World::browsing(80, 24);
    world.state.settings.theme = ThemeName::Mono;
    let in_pane = drawn(&world.state);
    for cell in in_pane.content() {
        use ratatui::style::Color;
        assert_eq!((cell.fg, cell.bg), (Color::Reset, Color::Reset));
    }
    world.keys("0");
    assert_ne!(text(&in_pane), text(&drawn(&world.state)), "the focus shows in characters alone");
}

#[test]
fn ascii_screens_are_ascii() {
    for keys in ["", "v", "?", ":", "<ctrl-p>", "<enter>", "<enter>v", "<enter>vv", "i", "m", "N", "H", "c", "L", "|"] {
        let mut world = World::usual(120, 40);
        world.state.settings.ascii = true;
        for record in &mut world.records {
            record.payload.insert("title".into(), "plain".into());
        }
        world.open_collection("articles");
        world.answer_all();
        world.keys(keys).answer_all();
        let shown = text(&drawn(&world.state));
        let odd: Vec<char> = shown.chars().filter(|c| !c.is_ascii()).collect();
        assert!(odd.is_empty(), "{keys}: {odd:?} in\n{shown}");
    }
    let shown = text(&drawn(&AppState { size: (120, 40), settings: ascii(), ..AppState::default() }));
    assert!(shown.is_ascii(), "{shown}");
}

fn ascii() -> Settings {
    Settings { ascii: true, ..Settings::default() }
}

#[test]
fn a_cursor_move_costs_few_bytes() {
    for (width, height, most) in [(80, 24, 400), (120, 40, 600)] {
        let mut world = World::browsing(width, height);
        world.keys("jj");
        let before = world.state.clone();
        world.keys("j");
        let bytes = bytes_between(&before, &world.state);
        assert!(bytes > 0 && bytes <= most, "{bytes} bytes at {width}x{height}");
    }
}

#[test]
fn connections_on_one_machine_are_told_apart_by_their_ports() {
    for (width, height) in [(80, 24), (120, 40)] {
        let mut world = World::new(width, height);
        for port in [16_333, 17_001, 17_006, 17_005] {
            world.open_ad_hoc(&format!("127.0.0.1:{port}"), "http://127.0.0.1");
        }
        let shown = text(&drawn(&world.state));
        let tabs = shown.lines().nth(1).unwrap();
        for port in ["6333", "7001", "7006", "7005"] {
            assert!(tabs.contains(port) && shown.matches(port).count() >= 2, "{port}\n{shown}");
        }
    }
}
