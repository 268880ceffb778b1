//! What was open comes back: tabs, panes, filters; profiles when the store is open; production read-only.

use super::*;
use crate::app::event::StoreEvent;
use crate::app::overlay::Overlay;
use crate::app::profiles::{ProfileSummary, StoreState};
use crate::app::session::saved::{SavedConnection, Session};
use crate::app::session::{Plan, snapshot};
use crate::app::sidebar::SidebarItem;
use crate::app::view::hits::HitsView;
use crate::app::view::info::InfoView;
use crate::app::view::record::RecordView;
use crate::connection::health::HealthState;
use crate::jobs::model::matching::MatchBy;
use crate::profile::model::{ProfileId, SecretSource};
use crate::provider::model::{RecordId, SearchQuery, SearchRequest};
use crate::provider::{Access, Lock};

const PROD: ProfileId = ProfileId(uuid::Uuid::from_u128(7));

fn production() -> ProfileSummary {
    ProfileSummary {
        id: PROD,
        name: "prod".into(),
        group: "work".into(),
        tags: Vec::new(),
        color: None,
        environment: Environment::Production,
        lock: Some(Lock::Environment("production")),
        insecure: false,
        kind: ProviderKind::Qdrant,
        address: "db.example.com:6334".into(),
        leads_to: Default::default(),
        notes: String::new(),
        favourite: false,
        last_used: None,
        key: Default::default(),
        of_project: false,
        way: String::new(),
    }
}

fn unlocked(profiles: Vec<ProfileSummary>) -> Event {
    Event::Store(StoreEvent::State { state: StoreState::Unlocked, profiles, open_at_start: vec!["other".into()] })
}

fn store(state: StoreState) -> Event {
    Event::Store(StoreEvent::State { state, profiles: Vec::new(), open_at_start: Vec::new() })
}

/// A program with an ad-hoc connection and production, split, filtered, with a write window open.
fn busy() -> Program {
    let mut program = Program::connected(1, &[("articles", 40), ("notes", 3)]);
    program.send(unlocked(vec![production()]));
    let ad_hoc = program.ids()[0];
    super::super::sidebar::open_collection(&mut program.state, ad_hoc, "articles", &mut Vec::new());
    program.keys("/year > 2001<enter>|<esc>");
    super::super::connections::open_profile(&mut program.state, PROD, &mut Vec::new());
    let prod = program.state.connections[1].id;
    program.connect(prod, 1);
    let open = Access { lock: Some(Lock::Environment("production")), window_s: Some(600) };
    program.says(prod, 1, ConnectionEventKind::Access(open));
    assert!(!program.state.connection(prod).unwrap().access.is_read_only());
    program
}

fn saved(program: &Program) -> Session {
    let session = snapshot(&program.state).unwrap();
    let text = serde_json::to_string(&session).unwrap();
    assert_eq!(serde_json::from_str::<Session>(&text).unwrap(), session);
    session
}

/// A start without targets after that session, as `runtime` makes it.
fn started(session: &Session, asking: bool) -> Program {
    let mut state = AppState { size: (120, 40), ..AppState::default() };
    let effects = start(&mut state, Vec::new(), Vec::new());
    let mut program = Program { state, effects };
    let again = |connection: &SavedConnection| matches!(connection, SavedConnection::Address(_)).then(|| ad_hoc("a"));
    let requests = session.connections.iter().map(again).collect();
    program.send(Event::SessionFound(Box::new(Plan::new(session.clone(), requests, asking))));
    program
}

#[test]
fn what_was_open_comes_back_and_production_is_read_only() {
    let before = busy();
    let session = saved(&before);
    assert_eq!(session.connections.len(), 2);

    let mut after = started(&session, false);
    assert_eq!(after.state.connections.len(), 1, "the address comes at once");
    assert!(matches!(after.state.active_pane().unwrap().view(), View::Records(_)));
    assert_eq!(snapshot(&after.state), None, "what is not open again yet is not lost");
    after.send(unlocked(vec![production()]));
    assert_eq!(after.state.connections.len(), 2);
    assert_eq!(saved(&after), session);
    let prod = &after.state.connections[1];
    assert!(prod.access.is_read_only() && prod.access.window_s.is_none(), "{:?}", prod.access);
    assert_eq!(prod.health.state, HealthState::Connecting);
    let labels: Vec<&str> = after.state.connections.iter().map(|c| c.label.as_str()).collect();
    assert_eq!(labels, ["a", "prod"], "and nothing that is only to be opened at other starts");

    let ids = after.ids();
    after.state.tab = 0;
    after.connect(ids[0], 1);
    let asked: Vec<_> = after.take_questions();
    let filtered = asked.iter().filter(|(_, _, question)| match question {
        Question::Page { collection, request } => collection == "articles" && request.filter.is_some(),
        _ => false,
    });
    assert_eq!(filtered.count(), 2, "both panes ask for what they showed: {asked:?}");
}

#[test]
fn what_was_paused_is_paused_again_and_nothing_is_asked_of_it() {
    let mut before = busy();
    let paused = Health { state: HealthState::Paused, latency: None, error: None };
    let prod = before.ids()[1];
    before.says(prod, 1, ConnectionEventKind::Health(paused.clone()));
    let session = saved(&before);
    assert_eq!(session.paused, [1]);

    let mut after = started(&session, false);
    after.send(unlocked(vec![production()]));
    let prod = after.ids()[1];
    assert_eq!(after.state.connection(prod).unwrap().health.state, HealthState::Paused);
    let told: Vec<&Effect> = after
        .effects
        .iter()
        .filter(|effect| match effect {
            Effect::Open { connection, .. } | Effect::Send { connection, .. } => *connection == prod,
            _ => false,
        })
        .collect();
    let [Effect::Open { paused: true, .. }, rest @ ..] = &told[..] else { panic!("{told:?}") };
    assert!(rest.iter().all(|effect| matches!(effect, Effect::Send { command: Command::Watch(_), .. })), "{rest:?}");
    assert_eq!(saved(&after), session, "and so at the start after that one");
}

#[test]
fn what_lay_over_a_table_comes_back_in_linked_panes_and_is_asked_for() {
    let mut before = Program::connected(1, &[("articles", 40)]);
    let connection = before.ids()[0];
    super::super::sidebar::open_collection(&mut before.state, connection, "articles", &mut Vec::new());
    before.keys("|<esc>");
    let panes = before.state.active_tab().unwrap().tree.ids();
    let like = SearchRequest::new(SearchQuery::Like(RecordId::Integer(i128::from(u64::MAX))), 10);
    let record = RecordId::Text("é/1".into());
    let left = before.state.panes.get_mut(&panes[0]).unwrap();
    left.push(View::Info(Box::new(InfoView::new("articles"))));
    let right = before.state.panes.get_mut(&panes[1]).unwrap();
    right.exact = true;
    right.push(View::Hits(Box::new(HitsView::new("articles", "like it".into(), like))));
    right.push(View::Record(Box::new(RecordView::new("articles", record.clone(), None))));
    before.state.links.link(&panes);
    before.state.links.of_mut(panes[0]).unwrap().match_by(MatchBy::Field("title".into()));

    let session = saved(&before);
    let mut after = started(&session, false);
    assert_eq!(saved(&after), session);
    let panes = after.state.active_tab().unwrap().tree.ids();
    assert_eq!(after.state.links.of(panes[1]).unwrap().by, MatchBy::Field("title".into()));
    let ids = after.ids();
    assert!(after.take_questions().is_empty(), "nothing is asked of a connection that is not up");
    after.connect(ids[0], 1);
    let asked: Vec<Question> = after.take_questions().into_iter().map(|(_, _, question)| question).collect();
    let describes = |q: &Question| matches!(q, Question::Describe { collection } if collection == "articles");
    let gets = |q: &Question| matches!(q, Question::Get { ids, .. } if *ids == [record.clone()]);
    assert!(asked.iter().any(describes) && asked.iter().any(gets), "{asked:?}");
    // Below the record is what it was found by, which is asked for when it comes in sight.
    after.state.panes.get_mut(&panes[1]).unwrap().back();
    after.send(Event::Resize(120, 40));
    let asked: Vec<Question> = after.take_questions().into_iter().map(|(_, _, question)| question).collect();
    let searches = |q: &Question| matches!(q, Question::Search { request, .. } if request.exact && matches!(request.query, SearchQuery::Like(_)));
    assert!(asked.iter().any(searches), "{asked:?}");
    after.send(Event::Resize(120, 40));
    assert!(after.take_questions().is_empty(), "and only once");
}

#[test]
fn a_view_that_only_a_later_version_knows_is_left_out() {
    let text = r#"{"version":1,"connections":["demo"],"tabs":[{"tree":{"pane":{"connection":0,"collection":"y",
        "over":[{"view":"plot","of":"y"},{"view":"record","collection":"y","id":{"integer":"x"}},{"view":"log"}]}}}]}"#;
    let session: Session = serde_json::from_str(text).unwrap();
    let mut state = AppState { size: (120, 40), ..AppState::default() };
    start(&mut state, Vec::new(), Vec::new());
    let requests = vec![Some(OpenRequest::demo())];
    reduce(&mut state, Event::SessionFound(Box::new(Plan::new(session, requests, false))));
    let pane = state.active_pane().unwrap();
    assert_eq!(pane.views().count(), 2, "the table and the log: {:?}", pane.view());
    assert!(matches!(pane.view(), View::Log(_)));
}

#[test]
fn a_locked_store_is_waited_for_and_a_profile_that_is_gone_is_said() {
    let session = saved(&busy());
    let mut program = started(&session, false);
    program.send(store(StoreState::Locked));
    assert!(program.notice().contains("when the profiles are unlocked"), "{}", program.notice());
    assert!(program.state.session.is_some());
    program.send(unlocked(Vec::new()));
    assert!(program.state.log.newest_first().any(|line| line.notice.text.contains("cannot be opened again")));
    assert!(program.state.session.is_none());
    assert_eq!(program.state.tabs.len(), 1);
}

#[test]
fn the_user_may_be_asked_and_may_decline() {
    let session = saved(&busy());
    let mut program = started(&session, true);
    assert!(program.state.connections.is_empty());
    assert!(matches!(program.state.overlays.last(), Some(Overlay::Confirm(_))));
    program.keys("n");
    assert!(program.state.connections.is_empty() && program.state.session.is_none());
    assert!(snapshot(&program.state).is_some_and(|session| session.is_empty()));

    let mut program = started(&session, true);
    program.keys("y");
    assert_eq!(program.state.connections.len(), 1);
}

#[test]
fn no_secret_and_no_record_is_in_a_session() {
    let mut program = busy();
    let page = Page { records: vec![record(4_711)], next: None };
    for (connection, id, question) in program.take_questions() {
        if matches!(question, Question::Page { .. }) {
            program.answer(connection, id, Ok(Answer::Page(page.clone())));
        }
    }
    let OpenSource::AdHoc(source) = &mut program.state.connections[0].source else { panic!("no ad-hoc") };
    source.spec.secret = Some("c4n4ry".into());
    source.secret = Some(SecretSource::Stored("c4n4ry".into()));
    let text = serde_json::to_string(&saved(&program)).unwrap();
    assert!(!text.contains("c4n4ry") && !text.contains("4711"), "{text}");
    let OpenSource::AdHoc(source) = &mut program.state.connections[0].source else { panic!("no ad-hoc") };
    source.secret = Some(SecretSource::Env("QDRANT_KEY".into()));
    let text = serde_json::to_string(&saved(&program)).unwrap();
    assert!(text.contains("QDRANT_KEY") && !text.contains("c4n4ry"), "{text}");
}

#[test]
fn a_session_of_odd_numbers_is_opened_as_far_as_it_makes_sense() {
    let text = r#"{"version":1,"connections":["demo"],"tab":9,"tabs":[
        {"connection":7,"focus":5,"tree":{"pane":{"connection":3,"collection":"x"}}},
        {"tree":{"split":{"side":"below","percent":900,
            "first":{"pane":{"connection":0,"collection":"y","filter":"((("}},
            "second":{"pane":{}}}}}]}"#;
    let session: Session = serde_json::from_str(text).unwrap();
    let mut state = AppState { size: (120, 40), ..AppState::default() };
    start(&mut state, Vec::new(), Vec::new());
    let requests = vec![Some(OpenRequest::demo())];
    reduce(&mut state, Event::SessionFound(Box::new(Plan::new(session, requests, false))));
    assert_eq!((state.connections.len(), state.tabs.len(), state.tab), (1, 1, 0));
    let View::Records(view) = state.active_pane().unwrap().view() else { panic!("no records") };
    assert_eq!((view.collection.as_str(), view.filter.text.as_str()), ("y", ""));
}

#[test]
fn a_profile_of_the_project_is_not_opened_unasked_while_nobody_can_vouch_for_it() {
    let session = saved(&busy());
    let of_project = || ProfileSummary { of_project: true, ..production() };
    let locked = || {
        let profiles = vec![of_project()];
        Event::Store(StoreEvent::State { state: StoreState::Locked, profiles, open_at_start: Vec::new() })
    };
    let mut after = started(&session, false);
    after.send(locked());
    assert_eq!(after.ids().len(), 1, "it waits for the store");
    after.keys("0gg");
    while !matches!(super::super::sidebar::selected(&after.state), Some(SidebarItem::Profile(PROD))) {
        let before = after.state.sidebar.list.selected;
        after.keys("j");
        assert_ne!(after.state.sidebar.list.selected, before, "the profile is in the sidebar");
    }
    after.effects.clear();
    after.keys("M");
    assert!(
        !after.effects.iter().any(|effect| matches!(effect, Effect::Examine { .. })),
        "the doctor has its key, too"
    );
    after.send(unlocked(vec![of_project()]));
    assert_eq!(after.ids().len(), 2);
}
