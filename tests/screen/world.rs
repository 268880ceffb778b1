//! States made as a user and some databases would make them: by keys and answers, through the
//! reducer.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;
use vector_inspector::app::effect::{AdHoc, OpenRequest, OpenSource};
use vector_inspector::app::event::Event;
use vector_inspector::app::profiles::{ProfileSummary, StoreState};
use vector_inspector::app::reduce::{reduce, start};
use vector_inspector::app::state::AppState;
use vector_inspector::connection::health::{Health, HealthState};
use vector_inspector::connection::message::{
    Answer, Command, ConnectionEvent, ConnectionEventKind, ConnectionId, Epoch, Question, RequestId,
};
use vector_inspector::keymap::typed_keys;
use vector_inspector::profile::model::{Environment, ProfileId};
use vector_inspector::provider::model::{
    CollectionInfo, CollectionState, CollectionSummary, Count, Cursor, Hit, Metric, Page, PayloadField, Record, Score,
    Vector, VectorKind, VectorSpec, Vectors,
};
use vector_inspector::provider::{Access, Capabilities, Lock, ProviderError, ProviderKind, ServerInfo};

use vector_inspector::app::effect::Effect;
use vector_inspector::app::event::StoreEvent;

/// A program under test.
pub struct World {
    pub state: AppState,
    /// Questions that wait for an answer.
    pub asked: Vec<(ConnectionId, RequestId, Question)>,
    /// Everything else that was to be done.
    pub done: Vec<Effect>,
    /// What collections hold.
    pub records: Vec<Record>,
    /// What those of some connections hold instead, which also filter and search.
    pub others: BTreeMap<ConnectionId, Other>,
}

/// A database that is not like the usual one.
pub struct Other {
    pub records: Vec<Record>,
    pub metric: Metric,
}

impl World {
    /// A program that has just started, with some profiles.
    pub fn new(width: u16, height: u16) -> Self {
        let mut state = AppState { size: (width, height), ..AppState::default() };
        let effects = start(&mut state, Vec::new(), Vec::new());
        let mut world =
            Self { state, asked: Vec::new(), done: Vec::new(), records: articles(250), others: BTreeMap::new() };
        world.carry_out(effects);
        world
    }

    /// The usual one: prod, stage and pg in the group work; prod is open and connected.
    pub fn usual(width: u16, height: u16) -> Self {
        let mut world = Self::new(width, height);
        world.store(StoreState::Unlocked, profiles());
        world.open_profile(0);
        world.connected(0, "qdrant", "1.18.3");
        world.answer_all();
        world
    }

    /// The usual one with the records of `articles` in sight.
    pub fn browsing(width: u16, height: u16) -> Self {
        let mut world = Self::usual(width, height);
        world.open_collection("articles");
        world.answer_all();
        world
    }

    pub fn event(&mut self, event: Event) {
        let effects = reduce(&mut self.state, event);
        self.carry_out(effects);
    }

    fn carry_out(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Send { connection, command: Command::Ask { id, question, .. } } => {
                    self.asked.push((connection, id, question));
                }
                other => self.done.push(other),
            }
        }
    }

    /// Types keys as in `"jj<enter>"`.
    pub fn keys(&mut self, keys: &str) -> &mut Self {
        for chord in typed_keys(keys).unwrap() {
            self.event(Event::Key(chord));
        }
        self
    }

    pub fn store(&mut self, state: StoreState, profiles: Vec<ProfileSummary>) {
        self.event(Event::Store(StoreEvent::State { state, profiles, open_at_start: Vec::new() }));
    }

    /// Opens profile `n` as choosing it in quick connect does.
    pub fn open_profile(&mut self, n: usize) {
        let p = self.state.profiles.list[n].clone();
        let request = OpenRequest {
            label: p.name.clone(),
            kind: p.kind,
            address: p.address.clone(),
            environment: p.environment,
            lock: p.lock,
            insecure: p.insecure,
            key: p.key,
            color: p.color.clone(),
            source: OpenSource::Profile(p.id),
        };
        self.event(Event::TargetResolved { text: p.name, result: Ok(Box::new(request)) });
    }

    pub fn open_ad_hoc(&mut self, label: &str, address: &str) {
        use vector_inspector::provider::{Address, ConnectSpec};
        let spec = ConnectSpec::new(
            ProviderKind::Qdrant,
            Address::Server { host: "127.0.0.1".into(), port: 6334, tls: false },
        );
        let request = OpenRequest {
            label: label.into(),
            kind: ProviderKind::Qdrant,
            address: address.into(),
            environment: Environment::Dev,
            lock: None,
            insecure: false,
            key: Default::default(),
            color: None,
            source: OpenSource::AdHoc(Box::new(AdHoc { spec, ask: None, secret: None })),
        };
        self.event(Event::TargetResolved { text: label.into(), result: Ok(Box::new(request)) });
    }

    pub fn id(&self, n: usize) -> ConnectionId {
        self.state.connections[n].id
    }

    fn say(&mut self, n: usize, epoch: u64, kind: ConnectionEventKind) {
        let connection = self.id(n);
        self.event(Event::Connection(Box::new(ConnectionEvent { connection, epoch: Epoch(epoch), kind })));
    }

    /// Connection `n` is up.
    pub fn connected(&mut self, n: usize, product: &str, version: &str) {
        self.say(
            n,
            1,
            ConnectionEventKind::Connected {
                server: ServerInfo { product: product.into(), version: version.into() },
                capabilities: Capabilities::ALL.into(),
            },
        );
        self.health(n, HealthState::Idle, Some(12), None);
    }

    /// The gate of connection `n` says what may be written.
    pub fn access(&mut self, n: usize, access: Access) {
        let epoch = self.state.connections[n].epoch.0;
        self.say(n, epoch, ConnectionEventKind::Access(access));
    }

    pub fn health(&mut self, n: usize, state: HealthState, ms: Option<u64>, error: Option<&str>) {
        let epoch = self.state.connections[n].epoch.0;
        let health = Health { state, latency: ms.map(Duration::from_millis), error: error.map(str::to_owned) };
        self.say(n, epoch, ConnectionEventKind::Health(health));
    }

    /// Selects a collection in the sidebar and opens it.
    pub fn open_collection(&mut self, name: &str) {
        use vector_inspector::app::sidebar::SidebarItem;
        let rows = self.state.sidebar.rows(&self.state);
        let at = rows
            .iter()
            .position(|row| matches!(&row.item, SidebarItem::Collection { name: n, .. } if n == name))
            .unwrap();
        self.keys("0");
        self.state.sidebar.list.selected = at;
        self.keys("<enter>");
    }

    /// Answers the oldest question with an error.
    pub fn refuse(&mut self, error: ProviderError) {
        let (connection, id, _) = self.asked.remove(0);
        self.reply(connection, id, Err(error));
    }

    /// Answers all questions, also those that answers raise.
    pub fn answer_all(&mut self) {
        for _ in 0..50 {
            if self.asked.is_empty() {
                return;
            }
            self.answer_some(1);
        }
        panic!("the program never stops asking");
    }

    /// Answers so many questions, the oldest first.
    pub fn answer_some(&mut self, count: usize) {
        for _ in 0..count {
            let (connection, id, question) = self.asked.remove(0);
            let answer = match self.others.get(&connection) {
                Some(other) => other.answer(&question).unwrap_or_else(|| self.answer(&question)),
                None => self.answer(&question),
            };
            self.reply(connection, id, Ok(answer));
        }
    }

    fn reply(&mut self, connection: ConnectionId, id: RequestId, result: Result<Answer, ProviderError>) {
        let n = self.state.connections.iter().position(|c| c.id == connection).unwrap();
        let epoch = self.state.connections[n].epoch.0;
        self.say(n, epoch, ConnectionEventKind::Answer { id, result, took: Duration::from_millis(9) });
    }

    fn answer(&self, question: &Question) -> Answer {
        match question {
            Question::Collections => Answer::Collections(collections()),
            Question::Describe { collection } => Answer::Describe(Box::new(describe(collection))),
            Question::Count { .. } => Answer::Count(Count { value: self.records.len() as u64, exact: true }),
            Question::Sift { .. } => Answer::Sift { page: Page { records: Vec::new(), next: None }, read: 0 },
            Question::NativeFilter { .. } => Answer::NativeFilter("{}".to_owned()),
            Question::Page { request, .. } => {
                let at: usize = request.cursor.as_ref().map_or(0, |c| c.0.parse().unwrap());
                let end = (at + request.limit).min(self.records.len());
                let mut records = self.records[at..end].to_vec();
                if !request.with_vectors {
                    records.iter_mut().for_each(|r| r.vectors = None);
                }
                Answer::Page(Page { records, next: (end < self.records.len()).then(|| Cursor(end.to_string())) })
            }
            Question::Get { ids, .. } => {
                Answer::Get(self.records.iter().filter(|r| ids.contains(&r.id)).cloned().collect())
            }
            Question::Search { request, .. } => Answer::Search(
                self.records
                    .iter()
                    .take(request.top)
                    .enumerate()
                    .map(|(i, record)| Hit {
                        record: Record { vectors: None, ..record.clone() },
                        score: Score::new(0.9731 - i as f32 * 0.0412, Metric::Cosine),
                    })
                    .collect(),
            ),
        }
    }
}

impl Other {
    /// What it answers otherwise than the usual one.
    fn answer(&self, question: &Question) -> Option<Answer> {
        let plain = |record: &Record, vectors: bool| Record {
            vectors: record.vectors.clone().filter(|_| vectors),
            ..record.clone()
        };
        match question {
            Question::Page { request, .. } => {
                let all: Vec<&Record> =
                    self.records.iter().filter(|r| request.filter.as_ref().is_none_or(|f| f.selects(r))).collect();
                let at: usize = request.cursor.as_ref().map_or(0, |c| c.0.parse().unwrap());
                let end = (at + request.limit).min(all.len());
                let records = all[at..end].iter().map(|r| plain(r, request.with_vectors)).collect();
                Some(Answer::Page(Page { records, next: (end < all.len()).then(|| Cursor(end.to_string())) }))
            }
            Question::Get { ids, with_vectors, .. } => {
                let found = self.records.iter().filter(|r| ids.contains(&r.id));
                Some(Answer::Get(found.map(|r| plain(r, *with_vectors)).collect()))
            }
            Question::Search { request, .. } => {
                let hit = |(i, record): (usize, &Record)| Hit {
                    record: plain(record, false),
                    score: Score::new(0.1127 + i as f32 * 0.0531, self.metric),
                };
                Some(Answer::Search(self.records.iter().take(request.top).enumerate().map(hit).collect()))
            }
            _ => None,
        }
    }
}

pub fn profiles() -> Vec<ProfileSummary> {
    let profile = |n: u128, name: &str, group: &str, environment, kind, address: &str| ProfileSummary {
        id: ProfileId(Uuid::from_u128(n)),
        name: name.into(),
        group: group.into(),
        tags: Vec::new(),
        color: None,
        environment,
        lock: (environment == Environment::Production).then_some(Lock::Environment("production")),
        insecure: false,
        key: Default::default(),
        kind,
        address: address.into(),
        leads_to: Default::default(),
        notes: String::new(),
        favourite: false,
        last_used: None,
        of_project: false,
        way: String::new(),
    };
    vec![
        profile(1, "prod", "work", Environment::Production, ProviderKind::Qdrant, "https://vectors.example.com:6334"),
        profile(2, "stage", "work", Environment::Staging, ProviderKind::Chroma, "http://stage.example.com:8000"),
        ProfileSummary {
            insecure: true,
            ..profile(3, "lab", "work/research", Environment::Dev, ProviderKind::Qdrant, "https://10.0.0.7:6334")
        },
        ProfileSummary {
            color: Some("magenta".into()),
            ..profile(4, "notes", "personal", Environment::Dev, ProviderKind::QdrantEdge, "/home/me/notes.vectors")
        },
    ]
}

fn dense(name: &str) -> VectorSpec {
    VectorSpec {
        name: name.into(),
        kind: VectorKind::Dense,
        dimension: Some(16),
        metric: Some(Metric::Cosine),
        index: Some("hnsw m=16 ef_construct=100".into()),
        embedder: None,
    }
}

pub fn collections() -> Vec<CollectionSummary> {
    let collection = |name: &str, count| CollectionSummary { name: name.into(), count, vectors: vec![dense("")] };
    vec![
        collection("articles", Some(Count { value: 250, exact: true })),
        collection("images", Some(Count { value: 1_234_567, exact: true })),
        collection("sessions-2024-eu-west", Some(Count { value: 48_211, exact: false })),
        collection("scratch", None),
    ]
}

fn describe(name: &str) -> CollectionInfo {
    CollectionInfo {
        summary: CollectionSummary {
            name: name.into(),
            count: Some(Count { value: 250, exact: true }),
            vectors: vec![dense("")],
        },
        state: CollectionState::Ready,
        fields: vec![
            PayloadField { path: "lang".into(), kind: "keyword".into(), indexed: Some(250) },
            PayloadField { path: "year".into(), kind: "integer".into(), indexed: None },
        ],
        details: json!({"status": "green", "segments": 4, "config": {"on_disk": true, "wal": null}}),
    }
}

/// Records as they are in real life: long, missing, null, nested, of many scripts.
pub fn articles(count: u64) -> Vec<Record> {
    let titles = [
        "Attention is all you need",
        "Efficient estimation of word representations in vector space",
        "単語の分散表現について",
        "Billion-scale similarity search with GPUs",
        "Café, naïve, résumé: diacritics in retrieval",
        "",
        "Product quantization for nearest neighbor search",
    ];
    (0..count)
        .map(|n| {
            let title = titles[usize::try_from(n).unwrap() % titles.len()];
            let mut payload = json!({
                "title": title,
                "lang": if n % 7 == 2 { "ja" } else { "en" },
                "year": 1990 + n * 3 % 35,
                "score": ((n * 37) % 100) as f64 / 100.0,
            });
            let map = payload.as_object_mut().unwrap();
            if n % 5 == 3 {
                map.insert("lang".into(), Value::Null);
            }
            if n % 4 == 0 {
                map.insert("authors".into(), json!(["A. Vaswani", "N. Shazeer"]));
                map.insert(
                    "venue".into(),
                    json!({"name": "NeurIPS", "pages": {"from": 11, "to": 21}, "open": true, "doi": null, "tags": []}),
                );
            }
            Record {
                id: (n + 1).into(),
                vectors: Some(Vectors(vec![(
                    String::new(),
                    Vector::Dense((0..16).map(|i| ((n as f32 + 1.3) * (i as f32 + 0.7)).sin() / 2.83).collect()),
                )])),
                payload: map.clone(),
                text: None,
            }
        })
        .collect()
}
