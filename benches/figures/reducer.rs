//! Events a second through the reducer, without terminal and databases.

use std::hint::black_box;
use std::time::{Duration, Instant};

use vector_inspector::app::effect::{AdHoc, Effect, OpenRequest, OpenSource};
use vector_inspector::app::event::Event;
use vector_inspector::app::reduce::{reduce, start};
use vector_inspector::app::state::AppState;
use vector_inspector::connection::health::{Health, HealthState};
use vector_inspector::connection::message::{
    Answer, Command, ConnectionEvent, ConnectionEventKind, ConnectionId, Epoch, Question, RequestId,
};
use vector_inspector::keymap::{Chord, Key};
use vector_inspector::profile::model::Environment;
use vector_inspector::provider::model::{CollectionSummary, Count, Page, Record};
use vector_inspector::provider::{Address, Capabilities, ConnectSpec, ProviderKind, ServerInfo};

use crate::report::{Row, Sorted, Verdict};

const LIMIT: &str = ">= 1,000,000/s";
const CONNECTIONS: u64 = 8;
const COLLECTIONS: usize = 12;
/// Records of the tables, all loaded: the reducer asks for nothing.
const RECORDS: u64 = 400;
const EVENTS: usize = 200_000;
const ROUNDS: usize = 9;

pub fn rows() -> Vec<Row> {
    vec![
        measure(
            "reducer, eight connections: keys, health, ticks mixed",
            mixed,
            "of 16: 8 cursor moves, 2 pages, 2 changes of connection, 3 healths, 1 tick",
        ),
        measure("reducer, eight connections: cursor moves only", moves, "j and k in a table"),
        measure("reducer, eight connections: health only", healths, "latency of one connection after the other"),
    ]
}

fn measure(figure: &str, event: fn(usize, &[ConnectionId]) -> Event, what: &str) -> Row {
    let mut state = eight_connections();
    let ids: Vec<ConnectionId> = state.connections.iter().map(|connection| connection.id).collect();
    let rates = (0..ROUNDS).map(|_| {
        let events: Vec<Event> = (0..EVENTS).map(|i| event(i, &ids)).collect();
        let started = Instant::now();
        for event in events {
            black_box(reduce(&mut state, event));
        }
        EVENTS as f64 / started.elapsed().as_secs_f64() / 1e6
    });
    let rates = Sorted::new(rates.collect());
    Row::new(
        figure,
        LIMIT,
        format!("{:.2} million/s", rates.median()),
        Verdict::of(rates.median() >= 1.0),
        format!("median of {ROUNDS} x {EVENTS}, {} million/s; {what}", rates.range(2)),
    )
}

fn mixed(i: usize, ids: &[ConnectionId]) -> Event {
    match i % 16 {
        0 | 2 | 4 | 6 => moves(0, ids),
        8 | 10 | 12 | 14 => moves(1, ids),
        1 => Event::Key(Chord::plain(Key::PageDown)),
        9 => Event::Key(Chord::plain(Key::PageUp)),
        3 => Event::Key(Chord::char(char::from(b'1' + (i / 16 % 8) as u8))),
        11 => Event::Key(Chord::char('1')),
        15 => Event::Tick,
        _ => healths(i, ids),
    }
}

fn moves(i: usize, _: &[ConnectionId]) -> Event {
    Event::Key(Chord::char(if i.is_multiple_of(2) { 'j' } else { 'k' }))
}

fn healths(i: usize, ids: &[ConnectionId]) -> Event {
    let latency = Some(Duration::from_millis((i % 50) as u64));
    let health = Health { state: HealthState::Idle, latency, error: None };
    says(ids[i % ids.len()], ConnectionEventKind::Health(health))
}

/// Eight connections that are up, each with its collections listed and a table open, at 120x40.
fn eight_connections() -> AppState {
    let mut state = AppState { size: (120, 40), ..AppState::default() };
    let targets = (0..CONNECTIONS).map(target).collect();
    let mut effects = start(&mut state, targets, Vec::new());
    let ids: Vec<ConnectionId> = state.connections.iter().map(|connection| connection.id).collect();
    for id in ids {
        let server = ServerInfo { product: "qdrant".to_owned(), version: "1.18.3".to_owned() };
        let up = ConnectionEventKind::Connected { server, capabilities: Capabilities::ALL.into() };
        effects.extend(reduce(&mut state, says(id, up)));
        effects.extend(reduce(&mut state, healths(0, &[id])));
    }
    answer_all(&mut state, effects);
    for number in 0..CONNECTIONS {
        let number = char::from(b'1' + number as u8);
        let keys = [Chord::char(number), Chord::char('j'), Chord::plain(Key::Enter)];
        let effects = keys.into_iter().flat_map(|key| reduce(&mut state, Event::Key(key))).collect();
        answer_all(&mut state, effects);
    }
    assert!(state.pending.is_empty() && state.tabs.len() == CONNECTIONS as usize, "not all is loaded");
    state
}

fn target(i: u64) -> OpenRequest {
    let address = Address::Server { host: "127.0.0.1".to_owned(), port: 6334, tls: false };
    let spec = ConnectSpec::new(ProviderKind::Qdrant, address);
    OpenRequest {
        label: format!("connection {i}"),
        kind: ProviderKind::Qdrant,
        address: "http://127.0.0.1:6334".to_owned(),
        environment: Environment::Dev,
        lock: None,
        insecure: false,
        color: None,
        key: Default::default(),
        source: OpenSource::AdHoc(Box::new(AdHoc { spec, ask: None, secret: None })),
    }
}

fn says(connection: ConnectionId, kind: ConnectionEventKind) -> Event {
    Event::Connection(Box::new(ConnectionEvent { connection, epoch: Epoch(1), kind }))
}

/// Answers every question until none is left.
fn answer_all(state: &mut AppState, effects: Vec<Effect>) {
    let mut effects = std::collections::VecDeque::from(effects);
    while let Some(effect) = effects.pop_front() {
        if let Effect::Send { connection, command: Command::Ask { id, question, .. } } = effect {
            effects.extend(reduce(state, answer(connection, id, &question)));
        }
    }
}

fn answer(connection: ConnectionId, id: RequestId, question: &Question) -> Event {
    let answer = match question {
        Question::Collections => Answer::Collections((0..COLLECTIONS).map(collection).collect()),
        Question::Page { .. } => Answer::Page(Page { records: (0..RECORDS).map(record).collect(), next: None }),
        Question::Count { .. } => Answer::Count(Count { value: RECORDS, exact: true }),
        other => panic!("nobody asked for this: {other:?}"),
    };
    says(connection, ConnectionEventKind::Answer { id, result: Ok(answer), took: Duration::from_millis(1) })
}

fn collection(i: usize) -> CollectionSummary {
    CollectionSummary {
        name: format!("collection {i}"),
        count: Some(Count { value: RECORDS, exact: true }),
        vectors: Vec::new(),
    }
}

fn record(n: u64) -> Record {
    let payload = serde_json::json!({ "title": format!("title {n}"), "n": n });
    Record { id: n.into(), vectors: None, payload: payload.as_object().unwrap().clone(), text: None }
}
