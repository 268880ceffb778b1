//! Read-only connections and write windows, as they are seen and typed.

use std::time::Duration;

use vector_inspector::app::effect::Effect;
use vector_inspector::app::profiles::StoreState;
use vector_inspector::app::settings::ThemeName;
use vector_inspector::connection::health::HealthState;
use vector_inspector::connection::message::Command;
use vector_inspector::provider::{Access, Lock};

use crate::cells::{drawn, text};
use crate::world::{World, profiles};

const PRODUCTION: Lock = Lock::Environment("production");

/// Commands that were sent since the last look, but for questions.
fn commands(world: &mut World) -> Vec<Command> {
    let done = std::mem::take(&mut world.done);
    let command = |effect| match effect {
        Effect::Send { command, .. } => Some(command),
        _ => None,
    };
    done.into_iter().filter_map(command).collect()
}

fn screen(world: &World) -> String {
    text(&drawn(&world.state))
}

#[test]
fn a_window_is_opened_by_minutes_and_name_and_by_nothing_less() {
    let mut world = World::usual(80, 24);
    commands(&mut world);
    world.keys("W");
    assert!(screen(&world).contains("15 "), "{}", screen(&world));
    // The offered minutes alone, another name, no number, too long.
    for typed in ["<enter>", "stage<enter>", "<ctrl-u>prod<enter>", "<ctrl-u>241 prod<enter>", "<ctrl-u>0 prod<enter>"]
    {
        world.keys(typed);
        assert_eq!(commands(&mut world), [], "{typed}");
        assert!(!world.state.overlays.is_empty(), "the question stays after {typed}");
    }
    world.keys("<ctrl-u>5 prod<enter>");
    assert_eq!(commands(&mut world), [Command::OpenWindow(Duration::from_secs(300))]);
    assert!(world.state.overlays.is_empty());
}

#[test]
fn an_open_window_counts_down_in_sight_and_the_same_key_closes_it() {
    let mut world = World::usual(80, 24);
    assert!(screen(&world).contains("read-only"), "{}", screen(&world));
    commands(&mut world);
    world.access(0, Access { lock: Some(PRODUCTION), window_s: Some(872) });
    let seen = screen(&world);
    assert!(seen.lines().last().unwrap().contains("prod writable 14:32"), "{seen}");
    assert!(seen.lines().next().unwrap().contains("WRITABLE"), "{seen}");
    assert!(!seen.contains("is read-only") && seen.contains(" RW"), "{seen}");
    world.keys("W");
    assert_eq!(commands(&mut world), [Command::CloseWindow]);
    world.access(0, Access::locked(Some(PRODUCTION)));
    let seen = screen(&world);
    assert!(seen.contains("prod is read-only again") && !seen.contains("14:32"), "{seen}");
}

#[test]
fn what_no_window_opens_says_why() {
    let locks = [
        (Some(Lock::Run), "started with --read-only"),
        (Some(Lock::Profile), "its profile is read-only"),
        (None, "nothing is in the way"),
    ];
    for (lock, why) in locks {
        let mut world = World::usual(100, 30);
        world.access(0, Access::locked(lock));
        commands(&mut world);
        world.keys("W");
        assert!(screen(&world).contains(why), "{}", screen(&world));
        assert_eq!((commands(&mut world), world.state.overlays.len()), (Vec::new(), 0));
    }
    let mut world = World::usual(100, 30);
    world.health(0, HealthState::Failed { cause: "refused", retry_in_s: None }, None, Some("nobody there."));
    world.keys("W");
    assert!(screen(&world).contains("it is not connected"), "{}", screen(&world));
}

/// A production database with that name in that group.
fn production(
    (width, height): (u16, u16),
    group: &str,
    name: &str,
    state: HealthState,
    window_s: Option<u64>,
) -> World {
    let mut world = World::new(width, height);
    let mut list = profiles();
    list[0].group = group.to_owned();
    list[0].name = name.to_owned();
    world.store(StoreState::Unlocked, list);
    world.open_profile(0);
    world.connected(0, "qdrant", "1.18.3");
    world.health(0, state, Some(12), None);
    world.access(0, Access { lock: Some(PRODUCTION), window_s });
    world
}

fn title(world: &World) -> String {
    screen(world).lines().next().unwrap().to_owned()
}

#[test]
fn the_title_says_at_every_width_that_it_is_production_and_whether_it_can_be_written_to() {
    let states = [
        (HealthState::Flapping { lost: 3, minutes: 5 }, "≈"),
        (HealthState::Failed { cause: "server error", retry_in_s: Some(12) }, "✗"),
        (HealthState::Reconnecting { attempt: 3, retry_in_s: 4 }, "↻"),
        (HealthState::Active { what: "page of articles".into(), running: 2 }, "●"),
        (HealthState::Idle, "●"),
    ];
    let places = [
        ("", "fl"),
        ("work/search/very/deep", "prod-eu-west-search-primary"),
        ("work", "a-name-of-fifty-five-characters-that-tells-all-about-it"),
    ];
    for size in [(40, 10), (80, 24), (100, 30), (120, 40), (200, 50)] {
        for (group, name) in places {
            for (state, glyph) in &states {
                for (window_s, word) in [(Some(600), "WRITABLE"), (None, "read-only")] {
                    let mut world = production(size, group, name, state.clone(), window_s);
                    world.state.connections[0].insecure = true;
                    world.state.connections[0].key.plain = size.0 > 40;
                    let title = title(&world);
                    let key = if size.0 > 40 { "key" } else { "" };
                    let (shown, word) = (title.to_lowercase(), word.to_lowercase());
                    for part in [*glyph, "production", word.as_str(), key] {
                        assert!(shown.contains(part), "{part} at {size:?}: {title}");
                    }
                    assert!(title.contains("insecure") || title.contains("!TLS"), "{size:?}: {title}");
                    // The name's first letters, too, where there is room for anything.
                    assert!(size.0 < 80 || title.contains(&name[..2]), "{size:?}: {title}");
                }
            }
        }
    }
}

#[test]
fn the_words_of_the_title_give_way_in_their_order() {
    let flapping = || HealthState::Flapping { lost: 3, minutes: 5 };
    let shown = title(&production((80, 24), "", "fl", flapping(), Some(600)));
    assert!(shown.starts_with(" fl ") && shown.ends_with("≈ flapping: lost 3 times in 5 min · production · WRITABLE"));
    let shown = title(&production((120, 40), "", "fl", flapping(), Some(600)));
    assert!(shown.starts_with(" vector-inspector   fl "), "the program's name has room: {shown}");
    let deep = "work/search/very/deep";
    let shown = title(&production((80, 24), deep, "prod-eu-west-search-primary", flapping(), None));
    assert!(shown.ends_with("≈ flapping · production · read-only"), "{shown}");
    assert!(shown.contains("…") && shown.contains("/prod-eu-west-search-primary "), "the groups are cut: {shown}");
    let failed = HealthState::Failed { cause: "refused", retry_in_s: None };
    let shown = title(&production((40, 10), deep, "prod-eu-west-search-primary", failed, None));
    assert_eq!(shown, " prod-e…rimary ✗ production · read-only");
}

#[test]
fn the_title_has_its_colors_in_every_theme() {
    use ratatui::style::Color;
    let mut world = World::usual(80, 24);
    world.state.settings.theme = ThemeName::TrueColor;
    let buffer = drawn(&world.state);
    let cells: Vec<&str> = (0..80).map(|x| buffer[(x, 0)].symbol()).collect();
    let at = (0..80).find(|x| cells[*x..].concat().starts_with("production")).unwrap();
    assert_eq!(buffer[(u16::try_from(at).unwrap(), 0)].fg, Color::Rgb(0xf4, 0x70, 0x67));
}
