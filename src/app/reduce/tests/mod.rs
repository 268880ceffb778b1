//! The reducer, driven by typed keys and by answers as a connection would give them.

#![allow(clippy::unwrap_used, clippy::panic)]

mod asked_keys;
mod browsing;
mod by_text;
mod connecting;
mod filters;
mod following;
mod jobs;
mod linking;
mod opening;
mod profiles;
mod resuming;
mod session;
mod sign_in;
mod whole;

use std::time::Duration;

use super::{reduce, start};
use crate::app::effect::{AdHoc, Effect, OpenRequest, OpenSource};
use crate::app::event::Event;
use crate::app::state::AppState;
use crate::app::view::View;
use crate::app::view::records::RecordsView;
use crate::connection::health::{Health, HealthState};
use crate::connection::message::{
    Answer, Command, ConnectionEvent, ConnectionEventKind, ConnectionId, Epoch, Question, RequestId,
};
use crate::keymap::typed_keys;
use crate::profile::model::Environment;
use crate::provider::model::{CollectionSummary, Count, Cursor, Page, Record};
use crate::provider::{Address, Capabilities, ConnectSpec, ProviderError, ProviderKind, ServerInfo};

/// A program without terminal and databases: what the reducer wants done is collected.
pub(super) struct Program {
    pub state: AppState,
    pub effects: Vec<Effect>,
}

impl Program {
    /// A program that was started with so many ad-hoc targets named a, b, c ..., at 120x40.
    pub fn with_targets(count: usize) -> Self {
        let mut state = AppState { size: (120, 40), ..AppState::default() };
        let targets = (0..count).map(|i| ad_hoc(&"abcdefgh"[i..=i])).collect();
        let effects = start(&mut state, targets, Vec::new());
        Self { state, effects }
    }

    /// The same, with every connection up and its collections listed.
    pub fn connected(count: usize, collections: &[(&str, u64)]) -> Self {
        let mut program = Self::with_targets(count);
        for id in program.ids() {
            program.connect(id, 1);
            program.list(id, collections);
        }
        program
    }

    pub fn ids(&self) -> Vec<ConnectionId> {
        self.state.connections.iter().map(|c| c.id).collect()
    }

    pub fn send(&mut self, event: Event) {
        self.effects.extend(reduce(&mut self.state, event));
    }

    /// Types keys: `"jj<enter>"`.
    pub fn keys(&mut self, keys: &str) {
        for chord in typed_keys(keys).unwrap() {
            self.send(Event::Key(chord));
        }
    }

    pub fn says(&mut self, connection: ConnectionId, epoch: u64, kind: ConnectionEventKind) {
        self.send(Event::Connection(Box::new(ConnectionEvent { connection, epoch: Epoch(epoch), kind })));
    }

    pub fn connect(&mut self, id: ConnectionId, epoch: u64) {
        self.connect_with(id, epoch, Capabilities::ALL);
    }

    pub fn connect_with(&mut self, id: ConnectionId, epoch: u64, can: Capabilities) {
        let server = ServerInfo { product: "qdrant".into(), version: "1.18.3".into() };
        self.says(id, epoch, ConnectionEventKind::Connected { server, capabilities: can.into() });
        let health = Health { state: HealthState::Idle, latency: Some(Duration::from_millis(2)), error: None };
        self.says(id, epoch, ConnectionEventKind::Health(health));
    }

    /// The questions that were asked and not taken yet, with what they were asked of.
    pub fn take_questions(&mut self) -> Vec<(ConnectionId, RequestId, Question)> {
        let (questions, rest) = std::mem::take(&mut self.effects)
            .into_iter()
            .partition::<Vec<_>, _>(|effect| matches!(effect, Effect::Send { command: Command::Ask { .. }, .. }));
        self.effects = rest;
        questions
            .into_iter()
            .map(|effect| match effect {
                Effect::Send { connection, command: Command::Ask { id, question, .. } } => (connection, id, question),
                other => panic!("{other:?}"),
            })
            .collect()
    }

    pub fn answer(&mut self, connection: ConnectionId, id: RequestId, result: Result<Answer, ProviderError>) {
        let epoch = self.state.connection(connection).map_or(0, |c| c.epoch.0);
        self.says(connection, epoch, ConnectionEventKind::Answer { id, result, took: Duration::from_millis(3) });
    }

    /// Answers the list of collections.
    pub fn list(&mut self, id: ConnectionId, collections: &[(&str, u64)]) {
        for (connection, request, question) in self.take_questions() {
            assert_eq!((connection, &question), (id, &Question::Collections));
            let list = collections
                .iter()
                .map(|(name, count)| CollectionSummary {
                    name: (*name).to_owned(),
                    count: Some(Count { value: *count, exact: true }),
                    vectors: Vec::new(),
                })
                .collect();
            self.answer(connection, request, Ok(Answer::Collections(list)));
        }
    }

    /// Answers pages of a collection whose ids count from 0, until nothing is asked any more.
    pub fn serve_pages(&mut self, len: u64) {
        loop {
            let questions = self.take_questions();
            if questions.is_empty() {
                return;
            }
            for (connection, id, question) in questions {
                let Question::Page { request, .. } = question else { panic!("{question:?}") };
                let from: u64 = request.cursor.map_or(0, |cursor| cursor.0.parse().unwrap());
                let to = (from + request.limit as u64).min(len);
                let next = (to < len).then(|| Cursor(to.to_string()));
                let page = Page { records: (from..to).map(record).collect(), next };
                self.answer(connection, id, Ok(Answer::Page(page)));
            }
        }
    }

    /// The table in the focused pane.
    pub fn table(&self) -> &RecordsView {
        match self.state.active_pane().unwrap().view() {
            View::Records(view) => view,
            other => panic!("{other:?}"),
        }
    }

    pub fn notice(&self) -> &str {
        self.state.notice.as_ref().map_or("", |notice| notice.text.as_str())
    }
}

pub(super) fn ad_hoc(label: &str) -> OpenRequest {
    let address = Address::Server { host: "127.0.0.1".into(), port: 6334, tls: false };
    let spec = ConnectSpec::new(ProviderKind::Qdrant, address);
    OpenRequest {
        label: label.to_owned(),
        kind: ProviderKind::Qdrant,
        address: "http://127.0.0.1:6334".into(),
        environment: Environment::Dev,
        lock: None,
        insecure: false,
        key: Default::default(),
        color: None,
        source: OpenSource::AdHoc(Box::new(AdHoc { spec, ask: None, secret: None })),
    }
}

fn record(n: u64) -> Record {
    let payload = serde_json::json!({ "title": format!("title {n}"), "n": n });
    Record { id: n.into(), vectors: None, payload: payload.as_object().unwrap().clone(), text: None }
}
