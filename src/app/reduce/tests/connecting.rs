//! Connections, tabs, panes: opening, switching, closing, losing.

use super::*;
use crate::app::event::Unopened;
use crate::app::overlay::Overlay;
use crate::app::panes::PaneId;
use crate::app::state::Focus;

fn shown(program: &Program) -> String {
    program.state.active_connection().map_or(String::new(), |c| c.label.clone())
}

#[test]
fn three_targets_are_three_tabs_and_the_first_is_in_front() {
    let program = Program::with_targets(3);
    assert_eq!(program.state.tabs.len(), 3);
    assert_eq!(shown(&program), "a");
    let opened = program.effects.iter().filter(|e| matches!(e, Effect::Open { .. })).count();
    assert_eq!(opened, 3);
}

#[test]
fn numbers_brackets_and_the_picker_switch_and_each_keeps_its_place() {
    let mut program = Program::connected(3, &[("docs", 300), ("more", 10)]);
    program.keys("1j<enter>");
    program.serve_pages(300);
    program.keys("jjjjj");
    program.keys("2");
    program.keys("jj<enter>");
    program.serve_pages(10);
    program.keys("jj3");
    assert_eq!(shown(&program), "c");
    program.keys("[");
    assert_eq!(
        (shown(&program).as_str(), program.table().collection.as_str(), program.table().list.selected),
        ("b", "more", 2)
    );
    program.keys("[");
    assert_eq!(
        (shown(&program).as_str(), program.table().collection.as_str(), program.table().list.selected),
        ("a", "docs", 5)
    );
    program.keys("<ctrl-p>b<enter>");
    assert_eq!((shown(&program).as_str(), program.table().list.selected), ("b", 2));
    program.keys("]]");
    assert_eq!(shown(&program), "a");
}

#[test]
fn two_connections_stand_side_by_side() {
    let mut program = Program::connected(2, &[("docs", 30)]);
    program.keys("1j<enter>");
    program.serve_pages(30);
    program.keys("|b / docs<enter>");
    program.serve_pages(30);
    let tab = program.state.active_tab().unwrap();
    let panes: Vec<PaneId> = tab.tree.ids();
    let labels: Vec<_> = panes
        .iter()
        .map(|id| program.state.panes[id].connection.and_then(|c| program.state.connection(c)).unwrap().label.as_str())
        .collect();
    assert_eq!(labels, ["a", "b"]);
    assert!(panes.iter().all(|id| matches!(program.state.panes[id].view(), View::Records(v) if !v.window.is_fresh())));
    program.keys("x");
    assert_eq!(program.state.active_tab().unwrap().tree.ids().len(), 1);
    assert_eq!(program.state.connections.len(), 2, "closing a pane closes no connection");
}

#[test]
fn closing_a_connection_cancels_its_questions_and_keeps_the_others() {
    let mut program = Program::connected(2, &[("docs", 30)]);
    program.keys("1j<enter>");
    let id = program.ids()[0];
    program.keys("C");
    assert!(
        program
            .effects
            .iter()
            .any(|e| matches!(e, Effect::Send { connection, command: Command::Close } if *connection == id))
    );
    assert!(program.state.pending.is_empty());
    assert_eq!(program.state.connections.len(), 1);
    assert_eq!(shown(&program), "b");
    program.keys("C");
    assert_eq!(program.state.tabs.len(), 1, "there is always a tab");
}

#[test]
fn what_an_earlier_life_answers_is_ignored_and_the_new_life_is_asked_again() {
    let mut program = Program::connected(1, &[("docs", 30)]);
    let id = program.ids()[0];
    program.keys("j<enter>");
    let (_, old, _) = program.take_questions().remove(0);
    program.connect(id, 2);
    let late = Page { records: vec![record(9)], next: None };
    program.says(id, 1, ConnectionEventKind::Answer { id: old, result: Ok(Answer::Page(late)), took: Duration::ZERO });
    assert!(program.table().window.is_fresh());
    let asked: Vec<_> = program.take_questions().into_iter().map(|(.., q)| q).collect();
    assert!(asked.contains(&Question::Collections), "{asked:?}");
    assert!(asked.iter().any(|q| matches!(q, Question::Page { .. })), "{asked:?}");
}

#[test]
fn a_lost_connection_is_told_once_and_its_return_too() {
    let mut program = Program::connected(1, &[]);
    let id = program.ids()[0];
    let ill = Health {
        state: HealthState::Failed { cause: "refused", retry_in_s: Some(3) },
        latency: None,
        error: Some("nothing listens there.".into()),
    };
    program.says(id, 1, ConnectionEventKind::Health(ill.clone()));
    assert!(program.notice().contains("nothing listens"));
    program.says(id, 1, ConnectionEventKind::Health(ill));
    let told = program.state.log.newest_first().filter(|n| n.notice.text.contains("nothing listens")).count();
    assert_eq!(told, 1);
    program.connect(id, 2);
    assert!(program.state.log.newest_first().any(|n| n.notice.text.contains("is back")));
}

#[test]
fn nothing_is_asked_of_a_connection_that_is_down() {
    let mut program = Program::connected(1, &[("docs", 30)]);
    let id = program.ids()[0];
    let down = Health { state: HealthState::Reconnecting { attempt: 1, retry_in_s: 2 }, latency: None, error: None };
    program.says(id, 1, ConnectionEventKind::Health(down));
    program.keys("j<enter>");
    assert!(program.take_questions().is_empty());
    program.connect(id, 2);
    assert!(
        program.take_questions().iter().any(|(.., q)| matches!(q, Question::Page { .. })),
        "it is asked when it is back"
    );
}

#[test]
fn a_typed_url_that_is_no_name_is_resolved() {
    let mut program = Program::with_targets(0);
    program.keys("<ctrl-p>chroma://127.0.0.1:8000<enter>");
    assert!(
        program.effects.iter().any(|e| matches!(e, Effect::ResolveTarget(text) if text == "chroma://127.0.0.1:8000"))
    );
}

#[test]
fn a_typed_directory_without_a_database_is_made_one_when_that_is_wanted() {
    let unopened = |makeable: Option<&str>| Event::TargetResolved {
        text: "~/new".to_owned(),
        result: Err(Unopened { why: "it does not exist.".to_owned(), makeable: makeable.map(ToOwned::to_owned) }),
    };
    let made = |program: &Program| {
        program.effects.iter().any(|e| matches!(e, Effect::MakeDatabase(path) if path == "/home/me/new"))
    };
    let mut program = Program::with_targets(0);
    program.send(unopened(None));
    assert!(program.state.overlays.is_empty());
    assert_eq!(program.state.notice.as_ref().unwrap().text, "~/new: it does not exist.");
    program.send(unopened(Some("/home/me/new")));
    program.keys("n");
    assert!(program.state.overlays.is_empty() && !made(&program));
    program.send(unopened(Some("/home/me/new")));
    program.keys("y");
    assert!(program.state.overlays.is_empty() && made(&program));
}

#[test]
fn the_end_of_a_check_that_was_asked_for_is_told_whichever_it_is() {
    let mut program = Program::connected(1, &[]);
    let id = program.ids()[0];
    let said = |program: &mut Program, state: HealthState| {
        program.says(id, 1, ConnectionEventKind::Health(Health { state, latency: None, error: None }));
    };
    said(&mut program, HealthState::Paused);
    program.keys("!");
    assert!(program.notice().starts_with("checking"), "{}", program.notice());
    said(&mut program, HealthState::Connecting);
    assert!(program.notice().starts_with("checking"), "{}", program.notice());
    said(&mut program, HealthState::Idle);
    assert!(program.notice().ends_with("is back."), "{}", program.notice());
    program.state.notice = None;
    said(&mut program, HealthState::Active { what: "count".to_owned(), running: 1 });
    assert!(program.state.notice.is_none(), "once");
}

#[test]
fn leaving_asks_only_while_something_runs() {
    let mut program = Program::connected(1, &[("docs", 30)]);
    program.keys("j<enter>");
    program.keys("q");
    assert!(matches!(program.state.overlays.last(), Some(Overlay::Confirm(_))));
    program.keys("n");
    program.serve_pages(30);
    program.keys("q");
    assert!(program.effects.iter().any(|e| matches!(e, Effect::Quit)));
}

#[test]
fn help_lists_the_keys_of_the_place_and_enter_runs_one() {
    let mut program = Program::connected(1, &[]);
    program.keys("?zoom<down><enter>");
    assert!(program.state.overlays.is_empty());
    assert!(program.state.active_tab().unwrap().zoomed);
}

#[test]
fn a_disabled_action_says_why() {
    let mut program = Program::with_targets(0);
    program.keys("9");
    assert!(program.notice().contains("not so many"), "{}", program.notice());
}

#[test]
fn the_mouse_selects_opens_and_scrolls() {
    use crate::app::event::{Mouse, MouseKind};
    let mut program = Program::connected(1, &[("docs", 300)]);
    let at = |kind, x, y| Event::Mouse(Mouse { kind, x, y });
    // Row 0 of the sidebar is the connection, row 1 its collection; the border and the title are above.
    program.send(at(MouseKind::DoublePress, 5, 3));
    program.serve_pages(300);
    assert_eq!(program.table().collection, "docs");
    let area = crate::app::geometry::Frame::of(&program.state).unwrap().panes[0].1;
    program.send(at(MouseKind::Press, area.x + 4, area.y + 1 + 2 + 6));
    assert_eq!(program.table().list.selected, 6);
    program.send(at(MouseKind::ScrollDown, area.x + 4, area.y + 9));
    assert_eq!(program.table().list.selected, 9);
    assert_eq!(program.state.focus, Focus::Pane);
}

#[test]
fn no_size_and_no_key_makes_it_panic() {
    let mut program = Program::connected(2, &[("docs", 300)]);
    for size in [(0, 0), (1, 1), (5, 3), (40, 10), (79, 24), (80, 24), (300, 100)] {
        program.send(Event::Resize(size.0, size.1));
        program.keys("12j<enter>|<esc>_<esc>jjkkG<esc>gg<pagedown><pageup>hlzxzb b?<esc>:<esc>c<esc>i<esc>L<esc>tX");
        program.effects.clear();
    }
}

#[test]
fn a_notice_goes_with_the_next_key_and_stays_in_the_log() {
    let mut program = Program::with_targets(0);
    program.keys("9");
    assert!(!program.notice().is_empty());
    program.keys("j");
    assert!(program.notice().is_empty());
}

#[test]
fn the_sidebar_follows_the_pane_in_focus() {
    let mut program = Program::connected(2, &[("docs", 30)]);
    program.keys("1j<enter>");
    program.serve_pages(30);
    program.keys("|b / docs<enter>");
    program.serve_pages(30);
    let on = |program: &Program| {
        let rows = program.state.sidebar.rows(&program.state);
        format!("{:?}", rows[program.state.sidebar.list.selected].item)
    };
    let (a, b) = (program.ids()[0], program.ids()[1]);
    assert!(on(&program).contains(&format!("{b:?}")), "{}", on(&program));
    program.keys("<backtab>");
    assert!(on(&program).contains(&format!("{a:?}")), "{}", on(&program));
}

#[test]
fn a_number_goes_to_a_pane_that_shows_that_connection_and_never_to_another_one() {
    let mut program = Program::connected(2, &[("docs", 3)]);
    let (a, b) = (program.ids()[0], program.ids()[1]);
    program.keys("1ob<enter>");
    assert_eq!(shown(&program), "b");
    let named = |program: &Program| {
        let names = program.state.tabs.iter().map(|tab| program.state.connection_in(tab).map(|c| c.label.clone()));
        names.collect::<Option<Vec<String>>>().unwrap()
    };
    assert_eq!(named(&program), ["b", "b"], "the tab that was opened for a is no longer called so");
    program.keys("1");
    assert_eq!((shown(&program).as_str(), program.state.active_pane().unwrap().connection), ("a", Some(a)));
    assert_eq!(named(&program), ["b", "b", "a"]);
    program.keys("2");
    assert_eq!((program.state.tab, program.state.active_pane().unwrap().connection), (1, Some(b)));
    // A collection of a, chosen in the sidebar, does not take the place of b.
    super::super::sidebar::open_collection(&mut program.state, a, "docs", &mut Vec::new());
    assert_eq!((program.state.tab, named(&program)), (2, vec!["b".into(), "b".into(), "a".into()]));
}

#[test]
fn a_tab_whose_connection_is_closed_is_the_next_ones() {
    let mut program = Program::connected(2, &[("docs", 3)]);
    let b = program.ids()[1];
    program.keys("1ob<enter>");
    super::super::connections::close(&mut program.state, b, &mut Vec::new());
    assert_eq!(program.state.tabs.len(), 1, "its own tab goes");
    assert!(program.state.active_connection().is_none());
    program.keys("1");
    assert_eq!((program.state.tabs.len(), shown(&program).as_str()), (1, "a"));
}

fn says(program: &mut Program, state: HealthState) {
    let id = program.ids()[0];
    let error = Some("refused. Start the server.".to_owned());
    program.says(id, 1, ConnectionEventKind::Health(Health { state, latency: None, error }));
}

#[test]
fn how_a_check_ended_is_told_also_where_it_failed_as_before() {
    let failed = |retry_in_s| HealthState::Failed { cause: "refused", retry_in_s };
    let mut program = Program::with_targets(1);
    says(&mut program, failed(Some(9)));
    program.keys("0!");
    assert!(program.notice().starts_with("checking a"), "{}", program.notice());
    says(&mut program, failed(Some(8)));
    assert!(program.notice().starts_with("checking a"), "a countdown that was under way is no end");
    says(&mut program, failed(Some(0)));
    says(&mut program, failed(Some(5)));
    assert_eq!(program.notice(), "a: refused. Start the server.");
    program.keys("j");
    let told = program.state.log.len();
    says(&mut program, failed(Some(0)));
    says(&mut program, failed(Some(7)));
    assert_eq!(program.state.log.len(), told, "what nobody asked for is not told again and again");
}

#[test]
fn a_paused_connection_is_not_read_again_and_keeps_its_list() {
    let mut program = Program::connected(1, &[("docs", 3)]);
    says(&mut program, HealthState::Paused);
    program.keys("0r");
    assert!(program.take_questions().is_empty());
    assert!(program.notice().contains("it is paused"), "{}", program.notice());
    assert!(program.state.connections[0].collections.value.is_some());
}

#[test]
fn a_picker_without_a_match_stays() {
    let mut program = Program::connected(1, &[("docs", 3)]);
    program.keys("1ozzz<enter>");
    let Some(Overlay::Picker(picker)) = program.state.overlays.last() else { panic!("it is gone") };
    assert_eq!(picker.query.text(), "zzz");
    program.keys("<ctrl-u>docs<enter>");
    assert_eq!(program.table().collection, "docs");
}
