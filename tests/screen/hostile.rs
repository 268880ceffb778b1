//! Text that wants to take over the terminal, and characters that want to break the table.

use crate::cells::{drawn, text};
use crate::world::World;
use ratatui::buffer::Buffer;
use serde_json::json;
use vector_inspector::app::event::{Event, Notice};
use vector_inspector::provider::model::RecordId;

const EVIL: &str = "a\u{1b}[31mred\u{1b}]0;title\u{7}\u{202e}txt.exe\u{200b}\r\n\u{9b}2Jb\u{0}\u{feff}\u{e0041}";

fn assert_harmless(world: &World, place: &str) {
    let buffer = drawn(&world.state);
    for cell in buffer.content() {
        for c in cell.symbol().chars() {
            let bidi = matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}');
            assert!(!c.is_control() && !bidi, "{place}: {c:?}");
        }
    }
    // What was taken away is seen: dropped silently, the text would be another one.
    let sign = if world.state.settings.ascii { "a\\e[31mred" } else { "a␛[31mred" };
    let shown = text(&buffer);
    let body: Vec<String> = shown.lines().skip(2).map(|line| line.chars().skip(32).collect()).collect();
    assert!(body.iter().any(|line| line.contains(sign)), "{place}\n{shown}");
}

fn evil_world() -> World {
    let mut world = World::usual(120, 30);
    for record in &mut world.records {
        record.id = RecordId::Text(format!("{EVIL}{}", record.id));
        record.payload.insert(EVIL.into(), json!({EVIL: EVIL, "list": [EVIL]}));
        record.text = Some(EVIL.into());
        record.vectors.as_mut().unwrap().0[0].0 = EVIL.into();
    }
    world
}

#[test]
fn nothing_that_a_terminal_obeys_reaches_the_buffer() {
    for ascii in [false, true] {
        let mut world = evil_world();
        world.state.settings.ascii = ascii;
        let connection = &mut world.state.connections[0];
        connection.label = EVIL.into();
        connection.address = EVIL.into();
        connection.health.error = Some(EVIL.into());
        connection.server.as_mut().unwrap().version = EVIL.into();
        for collection in connection.collections.value.iter_mut().flatten() {
            collection.name = format!("{EVIL}{}", collection.name);
        }
        for profile in &mut world.state.profiles.list {
            profile.name = EVIL.into();
            profile.group = EVIL.into();
            profile.address = EVIL.into();
        }
        assert_harmless(&world, "welcome");
        let name = world.state.connections[0].collections.value.as_ref().unwrap()[0].name.clone();
        world.open_collection(&name);
        world.answer_all();
        world.keys("v").answer_all();
        assert_harmless(&world, "records");
        for keys in ["<enter>", "v", "v", "<esc>i", "<esc>m", "<esc><ctrl-p>", "<esc>H", "<esc>c"] {
            world.keys(keys).answer_all();
            assert_harmless(&world, keys);
        }
        world.event(Event::Notice(Notice::error(EVIL)));
        assert_harmless(&world, "notice");
        world.keys("<esc>L");
        assert_harmless(&world, "log");
        world.keys("<esc>");
        world.keys("<esc>/");
        world.event(Event::Paste(EVIL.into()));
        assert_harmless(&world, "prompt");
    }
}

#[test]
fn wide_and_combining_characters_keep_the_columns() {
    let mut world = World::usual(100, 30);
    let titles = [
        "plain",
        "日本語のとても長い題名がここにあります そしてまだまだ続きます",
        "e\u{301}e\u{301}e\u{301}",
        "क्षत्रिय",
        "한국어 제목",
        "👩‍👩‍👧‍👦 family",
        "ﷺ",
        "z̷̢̛͙̗̱̪̟̙̀̏̄͘a̶l̵g̴o̸",
    ];
    for (i, record) in world.records.iter_mut().enumerate() {
        record.payload = json!({"title": titles[i % titles.len()], "year": 2017}).as_object().unwrap().clone();
    }
    world.open_collection("articles");
    world.answer_all();
    let buffer = drawn(&world.state);
    let columns: Vec<u16> = (5..20)
        .map(|y| {
            (0..buffer.area.width - 3)
                .find(|x| (0..4).map(|i| buffer[(x + i, y)].symbol()).collect::<String>() == "2017")
        })
        .map(|x| x.unwrap_or_else(|| panic!("a year is gone\n{}", text(&buffer))))
        .collect();
    assert!(columns.windows(2).all(|pair| pair[0] == pair[1]), "{columns:?}\n{}", text(&buffer));
}

#[test]
fn a_box_over_a_wide_character_keeps_its_border() {
    let mut world = World::usual(100, 30);
    for record in &mut world.records {
        record.payload = json!({"title": "界".repeat(60)}).as_object().unwrap().clone();
    }
    world.open_collection("articles");
    world.answer_all();
    world.keys("b");
    let wide = |buffer: &Buffer, x, y| vector_inspector::text::columns(buffer[(x, y)].symbol()) == 2;
    // The box of help begins at column 10.
    assert!(wide(&drawn(&world.state), 9, 10), "{}", text(&drawn(&world.state)));
    world.keys("?");
    let buffer = drawn(&world.state);
    assert_eq!(buffer[(10, 10)].symbol(), "┃");
    for y in 0..buffer.area.height {
        for x in 1..buffer.area.width {
            assert!(!wide(&buffer, x - 1, y) || buffer[(x, y)].symbol() == " ", "column {x} row {y}");
        }
    }
}
