//! The four states of panes: empty, loading, error, data.

use crate::cells::{drawn, snapshot, text};
use crate::world::World;
use vector_inspector::app::event::{Event, Notice};
use vector_inspector::app::geometry::Frame;
use vector_inspector::app::job::{Job, JobEvent, JobId, JobPlace, JobReport, JobRequest};
use vector_inspector::app::state::Focus;
use vector_inspector::app::view::View;
use vector_inspector::app::view::job::JobView;
use vector_inspector::connection::health::HealthState;
use vector_inspector::connection::message::ConnectionId;
use vector_inspector::jobs::model::Progress;
use vector_inspector::provider::model::Vectors;
use vector_inspector::provider::{Access, Lock, ProviderError, Support};
use vector_inspector::text::format::exact_float;

fn gone() -> ProviderError {
    ProviderError::NoSuchCollection { collection: "articles".into() }
}

#[test]
fn records_are_loading() {
    let mut world = World::usual(100, 30);
    world.open_collection("articles");
    insta::assert_snapshot!(snapshot(&world.state));
}

#[test]
fn records_of_an_empty_collection_name_the_keys_that_help() {
    let mut world = World::usual(100, 30);
    world.records.clear();
    world.open_collection("articles");
    world.answer_all();
    insta::assert_snapshot!(snapshot(&world.state));
}

#[test]
fn records_that_failed_say_why_and_how_to_retry() {
    let mut world = World::usual(100, 30);
    world.open_collection("articles");
    while !world.asked.is_empty() {
        world.refuse(gone());
    }
    insta::assert_snapshot!(snapshot(&world.state));
}

#[test]
fn a_lost_connection_leaves_its_records_in_sight() {
    let mut world = World::browsing(100, 30);
    let cause = "vectors.example.com:6334 refused the connection: nothing listens there. Is the server running, and is the port right?";
    world.health(0, HealthState::Failed { cause: "refused", retry_in_s: Some(7) }, None, Some(cause));
    let shown = text(&drawn(&world.state));
    assert!(shown.contains("Attention is all you") && shown.contains("nothing listens there"), "{shown}");
    insta::assert_snapshot!(snapshot(&world.state));
}

#[test]
fn a_connection_that_is_not_let_in_says_why_and_not_what_its_last_question_heard() {
    let mut world = World::browsing(100, 30);
    world.keys("r");
    while !world.asked.is_empty() {
        world.refuse(ProviderError::Unauthorized { address: "db:6334".into(), cause: "the token has ended".into() });
    }
    let provider = ProviderError::SignInRefused { address: "idp:443".into(), cause: "invalid_grant".into() };
    world.health(0, HealthState::Unauthorized, None, Some(&provider.to_string()));
    let shown = text(&drawn(&world.state));
    assert!(shown.contains("identity provider idp:443") && shown.contains("refused the sign-in"), "{shown}");
    assert!(!shown.contains("db:6334 refused the key"), "{shown}");
}

#[test]
fn a_connection_that_checks_no_certificate_is_marked_wherever_it_is_named() {
    for (width, height) in [(80, 24), (120, 40)] {
        let mut world = World::browsing(width, height);
        world.state.connections[0].insecure = true;
        let shown = text(&drawn(&world.state));
        let lines: Vec<&str> = shown.lines().collect();
        let pane = lines.iter().find(|line| line.contains("articles") && line.contains('┏'));
        assert!(lines[1].contains("!TLS"), "the tab: {shown}");
        assert!(pane.is_some_and(|line| line.contains("!TLS")), "the pane: {shown}");
    }
}

#[test]
fn the_way_to_the_server_stands_in_the_overview_and_the_details() {
    let mut world = World::usual(120, 40);
    world.state.profiles.list[2].way = "the SSH server bastion".to_owned();
    world.open_profile(2);
    let shown = text(&drawn(&world.state));
    assert!(shown.contains("reached by") && shown.contains("the SSH server bastion"), "{shown}");
    world.keys("H");
    let shown = text(&drawn(&world.state));
    assert!(shown.contains("reached by    the SSH server bastion"), "{shown}");
}

#[test]
fn the_last_error_is_read_to_its_end_in_the_details() {
    let mut world = World::usual(80, 24);
    world.open_profile(2);
    let last = world.state.connections.len() - 1;
    let long =
        format!("db:1 answered with an error: {}the very end. See the server's log.", "word by word ".repeat(12));
    world.health(last, HealthState::Failed { cause: "server error", retry_in_s: None }, None, Some(&long));
    world.keys("H");
    let shown = text(&drawn(&world.state));
    assert!(shown.contains("the very end. See the server's") && shown.contains(" log."), "{shown}");
}

#[test]
fn the_banner_never_hides_the_selected_row() {
    let mut world = World::browsing(100, 30);
    world.health(0, HealthState::Unauthorized, None, Some("the key was refused. Give another one."));
    for _ in 0..40 {
        world.keys("j");
        let shown = text(&drawn(&world.state));
        assert!(shown.contains("▌ ") && shown.contains("the key was refused"), "{shown}");
    }
}

#[test]
fn a_record_in_its_three_faces() {
    let mut world = World::browsing(100, 30);
    world.keys("<enter>").answer_all();
    insta::assert_snapshot!("record_tree", snapshot(&world.state));
    world.keys("v");
    insta::assert_snapshot!("record_json", snapshot(&world.state));
    world.keys("v");
    insta::assert_snapshot!("record_vector", snapshot(&world.state));
}

#[test]
fn the_numbers_of_a_vector_are_exact_at_every_width() {
    // Shortest texts of awkward floats: as short as they may be, and longer than any column likes.
    let values = [0.1_f32, -0.060_887_34, f32::MIN_POSITIVE, -f32::MIN_POSITIVE, f32::MAX, 16_777_217.0, -0.0, 1e-7];
    let vector: Vec<f32> = values.iter().copied().cycle().take(64).collect();
    for width in [60, 80, 100, 120, 200] {
        let mut world = World::browsing(width, 40);
        for record in &mut world.records {
            record.vectors = Some(Vectors::unnamed(vector.clone()));
        }
        world.keys("<enter>").answer_all();
        world.keys("vv");
        let shown = text(&drawn(&world.state));
        for value in values {
            let whole = exact_float(value);
            assert!(shown.split_whitespace().any(|word| word == whole), "{width}: {whole}\n{shown}");
        }
    }
    // Too narrow for a single one: cut where it can be seen.
    let mut world = World::browsing(100, 40);
    world.records[0].vectors = Some(Vectors::unnamed(vector));
    world.keys("<enter>").answer_all();
    world.keys("vv");
    world.event(Event::Resize(40, 40));
    world.keys("b|<esc>");
    let shown = text(&drawn(&world.state));
    assert!(shown.contains(" -0.0608…"), "{shown}");
    assert!(!shown.contains("-0.0609"), "never rounded\n{shown}");
}

#[test]
fn old_records_stay_dimmed_while_another_question_is_under_way() {
    let mut world = World::browsing(100, 30);
    let before = text(&drawn(&world.state));
    let title = before.lines().find(|line| line.contains("title 3") || line.contains(" 3 ")).unwrap().to_owned();
    world.keys("/year >= 2017<enter>");
    let shown = snapshot(&world.state);
    assert!(text(&drawn(&world.state)).contains(title.split_whitespace().last().unwrap()), "{shown}");
    assert!(!shown.contains("1-25 of"), "the old position is not that of the new answer\n{shown}");
    insta::assert_snapshot!("records_of_the_filter_before", shown);
}

#[test]
fn hits_say_what_their_scores_mean() {
    let mut world = World::browsing(120, 30);
    world.keys("jjm").answer_all();
    insta::assert_snapshot!(snapshot(&world.state));
}

#[test]
fn all_about_a_collection() {
    let mut world = World::browsing(100, 30);
    world.keys("i").answer_all();
    insta::assert_snapshot!(snapshot(&world.state));
}

#[test]
fn the_log_newest_first() {
    let mut world = World::browsing(100, 30);
    for n in 0..3 {
        world.state.now = Some(1_700_000_000 + n);
        world.event(Event::Notice(Notice::info(format!("line {n}"))));
    }
    world.event(Event::Notice(Notice::error("10.0.0.7:6334 did not answer within 5 s. ".repeat(4))));
    world.keys("L");
    insta::assert_snapshot!(snapshot(&world.state));
}

#[test]
fn the_sidebar_shows_every_kind_of_health() {
    let mut world = World::usual(120, 40);
    let states = [
        HealthState::Slow,
        HealthState::Reconnecting { attempt: 3, retry_in_s: 4 },
        HealthState::Unauthorized,
        HealthState::Failed { cause: "refused", retry_in_s: None },
        HealthState::Active { what: "page of articles".into(), running: 2 },
        HealthState::Connecting,
        HealthState::Closed,
    ];
    for (i, state) in states.into_iter().enumerate() {
        world.open_ad_hoc(&format!("db{i}"), "127.0.0.1:6334");
        world.health(i + 1, state, Some(1800), Some("it broke. Mend it."));
    }
    world.keys("0");
    insta::assert_snapshot!(snapshot(&world.state));
}

#[test]
fn the_footer_shows_notices_sequences_and_jobs() {
    let mut world = World::browsing(120, 24);
    world.event(Event::Notice(Notice::error("10.0.0.7:6334 did not answer within 5 s. Check the address. ".repeat(3))));
    let last = |world: &World| text(&drawn(&world.state)).lines().last().unwrap().to_owned();
    assert!(last(&world).contains("✗ 10.0.0.7:6334") && last(&world).ends_with("L log"), "{}", last(&world));
    world.keys("g");
    assert!(last(&world).contains("g ...  g first"), "{}", last(&world));
    world.keys("g<esc>");
    let progress = Progress { done: 610, rate: 1234.0, ..Progress::start("copying", "records", Some(1000)) };
    world.event(Event::Job(JobEvent::Progress { id: JobId(1), title: "copy articles".into(), progress }));
    assert!(last(&world).contains("copy articles ▓▓▓▓▓▓░░░░ 61 % 1.2 k/s"), "{}", last(&world));
}

#[test]
fn the_footer_follows_the_users_own_keys() {
    use vector_inspector::keymap::{Keymap, UserBinding};
    let mut world = World::browsing(120, 24);
    let own = UserBinding { layer: "records".into(), keys: "F".into(), action: "filter".into(), line: 1 };
    world.state.keymap = Keymap::with_user(&[own]).0;
    let shown = text(&drawn(&world.state));
    assert!(shown.lines().last().unwrap().contains("F filter"), "{shown}");
    assert!(shown.contains("F no filter"), "the filter line names it too\n{shown}");
}

#[test]
fn what_a_filter_passes_over_is_said_beside_it_at_every_width() {
    for width in [80, 120, 200] {
        let mut world = World::browsing(width, 24);
        let capabilities = world.state.connections[0].capabilities.as_mut().unwrap();
        capabilities.order_in_arrays = Support::No("its < and > pass over arrays");
        let says = |world: &World| text(&drawn(&world.state)).contains("pass over arrays");
        world.keys("/n = 5<enter>");
        world.answer_all();
        assert!(!says(&world), "no order is asked for");
        world.keys("/<ctrl-u>n > 5 and title contains \"a text that is much longer than the line\"<enter>");
        world.answer_all();
        assert!(says(&world), "{width}: {}", text(&drawn(&world.state)));
    }
}

fn screen(world: &World) -> String {
    text(&drawn(&world.state))
}

#[test]
fn a_long_name_leaves_room_for_the_cause() {
    let mut world = World::new(80, 24);
    let name = "a-very-long-name-of-a-profile-that-somebody-has-given-to-one-database";
    world.open_ad_hoc(name, "127.0.0.1:6334");
    let cause = "127.0.0.1:6334 refused the connection. Start the server.";
    world.health(0, HealthState::Failed { cause: "refused", retry_in_s: Some(4) }, None, Some(cause));
    let shown = screen(&world);
    assert!(shown.lines().last().unwrap().contains("refused the"), "{shown}");
    assert!(shown.lines().next().unwrap().contains("retry in 4 s"), "the title counts down: {shown}");
}

#[test]
fn who_is_paused_has_not_failed() {
    let mut world = World::usual(120, 40);
    world.health(0, HealthState::Paused, None, None);
    let shown = screen(&world);
    assert!(shown.contains("‖ Paused") && !shown.contains("✗ Paused"), "{shown}");
}

#[test]
fn a_favourite_keeps_its_star_while_it_is_open_and_an_empty_search_says_so() {
    let mut world = World::new(120, 40);
    let mut list = crate::world::profiles();
    list[0].favourite = true;
    world.store(vector_inspector::app::profiles::StoreState::Unlocked, list);
    world.open_profile(0);
    assert!(screen(&world).contains("1*"), "{}", screen(&world));
    world.keys("0/nothing like it<enter>");
    assert!(screen(&world).contains("nothing matches"), "{}", screen(&world));
}

#[test]
fn where_to_copy_to_shows_what_cannot_be_written_to() {
    let mut world = World::browsing(120, 40);
    world.open_ad_hoc("other", "127.0.0.1:6334");
    world.keys("1+");
    let shown = screen(&world);
    let line = |name: &str| shown.lines().skip(3).find(|line| line.contains(name)).unwrap_or_default().to_owned();
    assert!(shown.lines().any(|line| line.contains("1 ● prod") && line.contains(" RO ")), "{shown}");
    assert!(!line("2 ⠋ other").contains(" RO"), "{shown}");
}

/// What a plan says, one line for each thing.
const PLAN: &str = "copy stage ▸ articles (chroma 1.5.9)\n\
to   prod ▸ articles (qdrant 1.18.3), which is made\n\n\
records  528, about 389.8 KiB (756 B each); reading alone takes about 12 s\n\
vector   (unnamed): dense of 384 dimensions, cosine\n\
ids      become UUIDs, e.g. article-0001 → 6ba7b810-9dad-11d1; the target takes numbers and UUIDs only\n\
lost     the order of keys (none of 256 sampled): the target sorts the keys of a payload, and so does what is read back\n\
proof    counts, every id, every record's content, and searches on both sides\n";

/// The plan of a copy into `prod`, which is production, in sight.
fn planned(width: u16, height: u16, from: Option<ConnectionId>) -> World {
    let mut world = World::usual(width, height);
    let place = |connection, label: &str| JobPlace {
        connection,
        label: label.to_owned(),
        word: label.to_owned(),
        collection: String::new(),
    };
    let (id, to) = (JobId(77), world.id(0));
    let request = JobRequest::PlanCopyAll {
        from: place(from.unwrap_or(to), "stage"),
        to: place(to, "prod"),
        backup: None,
        options: String::new(),
    };
    world.state.jobs.push(Job::new(id, request.title(), Some(request)));
    world.state.active_pane_mut().unwrap().push(View::Job(JobView::new(id)));
    world.state.focus = Focus::Pane;
    let report = JobReport::Plans { plans: Vec::new(), text: PLAN.to_owned() };
    world.event(Event::Job(JobEvent::Finished { id, result: Ok(report) }));
    world
}

/// The words in the pane, with one blank between each two.
fn words_in_pane(world: &World) -> String {
    let side = Frame::of(&world.state).unwrap().sidebar.map_or(0, |area| usize::from(area.width));
    let shown = screen(world);
    let rows = shown.lines().skip(3).take(usize::from(world.state.size.1) - 5);
    let words: String = rows
        .map(|row| row.chars().skip(side).filter(|c| !"┃│█▌".contains(*c)).chain([' ']).collect::<String>())
        .collect();
    words.split_whitespace().collect::<Vec<&str>>().join(" ")
}

#[test]
fn a_plan_is_read_to_its_last_word_at_every_width() {
    for (width, height) in [(80, 24), (80, 12), (120, 40), (200, 50)] {
        let mut world = planned(width, height, None);
        let first = words_in_pane(&world);
        let mut seen = vec![first.clone()];
        for _ in 0..20 {
            world.keys("j");
            seen.push(words_in_pane(&world));
        }
        for line in PLAN.lines().chain(["prod cannot be written to: production is read-only. Open a write window"]) {
            let line = line.split_whitespace().collect::<Vec<&str>>().join(" ");
            assert!(seen.iter().any(|seen| seen.contains(&line)), "{line} at {width}x{height}: {seen:#?}");
        }
        assert!(!seen.iter().any(|seen| seen.contains('…')), "{width}x{height}: {seen:#?}");
        for keys in ["gg", "G"] {
            world.keys(keys);
            let mut seen = vec![words_in_pane(&world)];
            for _ in 0..20 {
                world.keys(if keys == "gg" { "<pagedown>" } else { "<pageup>" });
                seen.push(words_in_pane(&world));
            }
            for line in PLAN.lines() {
                let line = line.split_whitespace().collect::<Vec<&str>>().join(" ");
                assert!(seen.iter().any(|seen| seen.contains(&line)), "{line} by pages at {width}x{height}: {seen:#?}");
            }
        }
        world.keys("gg");
        assert_eq!(words_in_pane(&world), first);
    }
}

#[test]
fn a_plan_that_cannot_be_carried_out_offers_no_key_that_would() {
    for (width, height) in [(80, 24), (120, 40), (200, 50)] {
        let mut world = planned(width, height, None);
        world.keys("G");
        let locked = words_in_pane(&world);
        assert!(locked.contains("this plan cannot be carried out now; W opens a write window"), "{locked}");
        assert!(!locked.contains("enter copies"), "{locked}");
        let lock = Some(Lock::Environment("production"));
        world.access(0, Access { lock, window_s: Some(600) });
        let open = words_in_pane(&world);
        assert!(open.contains("enter copies by these plans") && !open.contains("cannot"), "{open}");
        world.access(0, Access::locked(Some(Lock::Run)));
        let run = words_in_pane(&world);
        assert!(run.contains("cannot be carried out now; ") && !run.contains("opens a write window"), "{run}");
        let mut closed = planned(width, height, Some(ConnectionId(4_711)));
        closed.keys("G");
        assert!(words_in_pane(&closed).contains("one of its connections was closed"), "{}", screen(&closed));
    }
}

#[test]
fn why_a_database_is_locked_is_read_whole_in_its_pane() {
    for (width, height) in [(80, 24), (120, 40)] {
        let mut world = World::usual(width, height);
        let profile = "chroma-production-eu-west-1";
        world.access(0, Access::locked(Some(Lock::SameDatabase { profile, environment: Some("production") })));
        let shown = words_in_pane(&world);
        let whole = format!("no: production is read-only: {profile:?} leads to the same database");
        assert!(shown.contains(&whole), "{shown}");
    }
}

#[test]
fn a_low_pane_of_a_failed_connection_names_both_keys() {
    for height in [24, 14, 11, 10] {
        let mut world = World::new(80, height);
        world.open_ad_hoc("db", "127.0.0.1:6334");
        let cause = "127.0.0.1:6334 refused the connection: nothing listens there. Is the server running, and is the port \
                     right? Start the server, or change the address of the profile to the one where it listens.";
        world.health(0, HealthState::Failed { cause: "refused", retry_in_s: Some(4) }, None, Some(cause));
        let shown = words_in_pane(&world);
        for part in ["The connection failed", "refused the connection", "try again", "find out why, step by step"] {
            assert!(shown.contains(part), "{part} at {height}: {shown}");
        }
    }
}
