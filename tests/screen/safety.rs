//! Read-only connections and write windows, as they are seen and typed.

use std::time::Duration;

use vector_inspector::app::effect::Effect;
use vector_inspector::connection::health::HealthState;
use vector_inspector::connection::message::Command;
use vector_inspector::provider::{Access, Lock};

use crate::cells::{drawn, text};
use crate::world::World;

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
