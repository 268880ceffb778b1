//! The doctor's box as it fills, the details of a connection, and the words of paused and flapping ones.

use std::time::Duration;

use vector_inspector::app::effect::Effect;
use vector_inspector::app::event::{Event, Examined};
use vector_inspector::connection::health::HealthState;
use vector_inspector::connection::message::{Command, ConnectionEvent, ConnectionEventKind, Epoch, PastError, Vitals};
use vector_inspector::doctor::model::{Cause, Step, StepKind};

use crate::cells::{drawn, text};
use crate::world::World;

fn screen(world: &World) -> String {
    text(&drawn(&world.state))
}

fn ticket(world: &mut World) -> u64 {
    let done = std::mem::take(&mut world.done);
    let asked = done.into_iter().find_map(|effect| match effect {
        Effect::Examine { ticket, .. } => Some(ticket),
        _ => None,
    });
    asked.expect("an examination")
}

fn steps() -> Vec<Step> {
    let mut steps = vec![
        Step::ok(StepKind::Name, "look up db.test", "db.test is 10.0.0.7"),
        Step::ok(StepKind::Route, "ask this machine", "leaves from 10.0.0.2"),
        Step::ok(StepKind::Port, "open port 6333", "10.0.0.7 took the connection in 1.2 ms"),
        Step::fail(
            StepKind::Tls,
            "ask the port who it is",
            "port 6333 wants TLS, and the address asks for plain text",
            Cause::PlainTextOnTlsPort,
            "Turn TLS on (https:// in the address).",
        ),
    ];
    let rest = [StepKind::Protocol, StepKind::Authentication, StepKind::Version, StepKind::Permission];
    steps.extend(rest.map(Step::skip));
    steps
}

#[test]
fn the_doctor_fills_step_by_step_and_ends_with_cause_and_mend() {
    for (width, height) in [(80, 24), (120, 40), (200, 50)] {
        let mut world = World::usual(width, height);
        world.keys("M");
        let asked = ticket(&mut world);
        let seen = screen(&world);
        assert!(seen.contains("Doctor: the way to prod") && seen.contains("permission"), "{seen}");
        world.event(Event::Examined(Examined { ticket: asked, steps: steps()[..2].to_vec(), ended: None }));
        let seen = screen(&world);
        assert!(seen.contains("db.test is 10.0.0.7") && !seen.contains("wants TLS"), "{seen}");
        // What an earlier one says changes nothing.
        let late = Examined { ticket: asked + 1_000, steps: steps(), ended: Some(Ok(())) };
        world.event(Event::Examined(late));
        assert_eq!(screen(&world), seen);
        world.event(Event::Examined(Examined { ticket: asked, steps: steps(), ended: Some(Ok(())) }));
        let seen = screen(&world);
        let told = [
            "wants TLS",
            "Turn TLS on",
            "tried to: ask the port",
            "not reached",
            "It ends at tls: plain-text-on-tls-port.",
        ];
        for part in told {
            assert!(seen.contains(part), "{width}x{height}: {part}\n{seen}");
        }
        world.keys("<esc>");
        assert!(!screen(&world).contains("Doctor:"));
    }
}

#[test]
fn the_report_can_be_copied_and_the_way_gone_again() {
    let mut world = World::usual(80, 24);
    world.keys("M");
    let first = ticket(&mut world);
    world.event(Event::Examined(Examined { ticket: first, steps: steps(), ended: Some(Ok(())) }));
    assert!(screen(&world).contains("y copy"), "{}", screen(&world));
    world.keys("y");
    let copied = std::mem::take(&mut world.done).into_iter().find_map(|effect| match effect {
        Effect::Copy { text, .. } => Some(text),
        _ => None,
    });
    let copied = copied.expect("a copy");
    for part in ["the way to prod", "(tried to: look up db.test)", "-> Turn TLS on", "It ends at tls"] {
        assert!(copied.contains(part), "{part}\n{copied}");
    }
    world.keys("r");
    let second = ticket(&mut world);
    assert_ne!(first, second);
    assert!(!screen(&world).contains("wants TLS"), "it begins anew: {}", screen(&world));
    world.event(Event::Examined(Examined { ticket: first, steps: steps(), ended: Some(Ok(())) }));
    assert!(!screen(&world).contains("wants TLS"), "an earlier one's news: {}", screen(&world));
}

#[test]
fn a_connection_that_failed_names_the_doctor() {
    let mut world = World::usual(80, 24);
    let why = "db:1 refused the connection: nothing listens there.";
    assert!(!screen(&world).contains("find out why"), "{}", screen(&world));
    world.health(0, HealthState::Failed { cause: "refused", retry_in_s: None }, None, Some(why));
    let seen = screen(&world);
    assert!(seen.contains("M  find out why, step by step"), "the pane: {seen}");
    // A key takes the notice away that stands in the place of the hints.
    world.keys("j");
    let seen = screen(&world);
    assert!(seen.lines().any(|line| !line.contains('┃') && line.contains("M find out why")), "the hints: {seen}");
}

#[test]
fn an_examination_that_cannot_begin_says_why() {
    let mut world = World::usual(120, 40);
    world.keys("M");
    let asked = ticket(&mut world);
    let why = Err("the profile was deleted from the store. Correct the profile.".to_owned());
    world.event(Event::Examined(Examined { ticket: asked, steps: Vec::new(), ended: Some(why) }));
    assert!(screen(&world).contains("the profile was deleted from the store"), "{}", screen(&world));
}

fn say(world: &mut World, kind: ConnectionEventKind) {
    let connection = world.id(0);
    world.event(Event::Connection(Box::new(ConnectionEvent { connection, epoch: Epoch(1), kind })));
}

#[test]
fn details_show_pings_uptime_attempts_and_the_last_error_with_its_reasons() {
    let mut world = World::browsing(120, 40);
    let watched = |world: &mut World| {
        let done = std::mem::take(&mut world.done);
        done.into_iter().find_map(|effect| match effect {
            Effect::Send { command: Command::Watch(on), .. } => Some(on),
            _ => None,
        })
    };
    watched(&mut world);
    world.keys("H");
    assert_eq!(watched(&mut world), Some(true), "its task is told that somebody looks");
    let latencies = [12, 14, 11, 90, 13].map(Duration::from_millis).to_vec();
    let error = PastError {
        sentence: "the connection to db:1 broke in mid-answer (sending: reset).".to_owned(),
        chain: vec!["connection broke".to_owned(), "sending".to_owned(), "reset".to_owned()],
        ago: Duration::from_secs(240),
    };
    let vitals = Vitals {
        latencies,
        up: Some(Duration::from_secs(11_100)),
        connects: 3,
        attempts: 2,
        losses: 1,
        last_error: Some(error),
    };
    say(&mut world, ConnectionEventKind::Vitals(Box::new(vitals)));
    let seen = screen(&world);
    let parts = [
        "11 ms to 90 ms",
        "█",
        "3 h 5 min",
        "2 since it was up",
        "4 min ago, over now",
        "connection broke",
        "< sending",
        "< reset",
    ];
    for part in parts {
        assert!(seen.contains(part), "{part}\n{seen}");
    }
    world.keys("<esc>");
    assert_eq!(watched(&mut world), Some(false));
}

#[test]
fn a_paused_connection_and_a_flapping_one_are_called_that() {
    let mut world = World::browsing(120, 40);
    world.done.clear();
    world.keys("p");
    let sent = std::mem::take(&mut world.done);
    assert!(matches!(&sent[..], [Effect::Send { command: Command::Pause, .. }]), "{sent:?}");
    world.health(0, HealthState::Paused, None, None);
    let seen = screen(&world);
    assert!(seen.contains("‖ prod") && seen.contains("paused") && seen.contains("It is paused"), "{seen}");
    world.keys("p");
    let sent = std::mem::take(&mut world.done);
    assert!(matches!(&sent[..], [Effect::Send { command: Command::CheckNow, .. }]), "{sent:?}");
    world.health(0, HealthState::Flapping { lost: 4, minutes: 5 }, Some(12), None);
    let seen = screen(&world);
    assert!(seen.contains("≈ prod") && seen.contains("flapping: lost 4 times in 5 min"), "{seen}");
}
