//! No size of a terminal and no state makes drawing panic.

use crate::cells::drawn_at;
use crate::world::World;
use proptest::prelude::*;
use vector_inspector::app::settings::ThemeName;

const SCREENS: &[&str] = &[
    "",
    "v",
    "<enter>",
    "<enter>v",
    "<enter>vv",
    "i",
    "m",
    "L",
    "?",
    ":",
    "<ctrl-p>",
    "N",
    "/abc",
    "H",
    "c",
    "q",
    "|",
    "_",
    "|_<esc>z",
    "b",
    "0",
    "g",
    "t",
    "G",
    "s[1,2",
    "S",
    "U",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_size_any_screen(
        width in 0_u16..=200,
        height in 0_u16..=60,
        screen in 0..SCREENS.len(),
        (told_width, told_height) in (0_u16..=200, 0_u16..=60),
        theme in 0..ThemeName::ALL.len(),
        ascii: bool,
        same: bool,
    ) {
        let mut world = World::browsing(100, 30);
        world.state.settings.theme = ThemeName::ALL[theme];
        world.state.settings.ascii = ascii;
        world.keys(SCREENS[screen]);
        world.answer_all();
        // The terminal may have changed its size before the state hears of it.
        let told = if same { (width, height) } else { (told_width, told_height) };
        world.event(vector_inspector::app::event::Event::Resize(told.0, told.1));
        drawn_at(&world.state, (width, height));
    }
}

#[test]
fn the_corners_of_sizes() {
    for keys in SCREENS {
        let mut world = World::browsing(100, 30);
        world.keys(keys);
        world.answer_all();
        for size in [(0, 0), (1, 1), (200, 1), (1, 60), (39, 60), (40, 9), (40, 10), (41, 11)] {
            world.state.size = size;
            drawn_at(&world.state, size);
        }
    }
}

#[test]
fn a_huge_record_is_drawn_by_its_beginning() {
    use serde_json::json;
    let mut world = World::usual(200, 50);
    let long = "word ".repeat(400_000);
    for record in world.records.iter_mut().take(3) {
        record.payload = json!({"title": long, "list": (0..20_000).collect::<Vec<_>>()}).as_object().unwrap().clone();
    }
    world.open_collection("articles");
    world.answer_all();
    let table = crate::cells::text(&drawn_at(&world.state, (200, 50)));
    assert!(table.contains("word word") && table.contains("[0, 1, 2, 3"), "{table}");
    for face in ["<enter>", "v", "v"] {
        world.keys(face).answer_all();
        let shown = crate::cells::text(&drawn_at(&world.state, (200, 50)));
        assert!(shown.lines().count() == 50);
    }
}
