//! A copy to every other maker that is given and back again: verified, and in the end the same as in the
//! beginning. Ids and payloads are as awkward as the maker takes them.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;
use vector_inspector::jobs::copy::{Folder, Words, plan, run};
use vector_inspector::jobs::model::copied::{Copied, Verdict};
use vector_inspector::jobs::model::plan::{Plan, Wishes};
use vector_inspector::jobs::{Control, Meter, Side};
use vector_inspector::provider::ProviderError;
use vector_inspector::provider::model::{
    CollectionSpec, Metric, PageRequest, Record, RecordId, Vector, VectorKind, VectorSpec, Vectors,
};

use crate::bench::{Bench, object};
use crate::makers::{Maker, Standing};

crate::cases!(
    a_copy_to_every_other_maker_and_back_is_the_same,
    a_copy_of_named_vectors_is_verified needs named_vectors,
    a_copy_under_cosine_is_verified,
);

/// Who is copied to, where it is given or built in.
const OTHERS: [&str; 6] =
    ["qdrant_embedded", "chroma_server", "pgvector_server", "milvus_lite", "lancedb", "qdrant_server"];

/// Records of each copy, unless told otherwise.
fn many() -> usize {
    let told = std::env::var("VECTOR_INSPECTOR_TEST_COPY_RECORDS").ok();
    told.map_or(300, |text| text.parse().expect("a number of records"))
}

const DIMENSION: usize = 8;

/// Ids that are easily taken for each other, as far as the maker has their kinds.
fn awkward_ids(bench: &Bench) -> Vec<RecordId> {
    let can = bench.db.capabilities();
    let uuid = Uuid::parse_str("550e8400-e29b-41d4-a716-446655440000").unwrap();
    if can.text_ids.is_yes() {
        let spellings = [
            "1",
            "01",
            "550e8400-e29b-41d4-a716-446655440000",
            "550E8400-E29B-41D4-A716-446655440000",
            "550e8400e29b41d4a716446655440000",
            "urn:uuid:550e8400-e29b-41d4-a716-446655440000",
            "\u{fc}",
            "u\u{308}",
            "integer:1",
            " 1",
            "null",
            "日本語 'quoted\"",
            "",
        ];
        let taken = |text: &&str| can.any_text_ids.is_yes() || text.is_ascii();
        return spellings.into_iter().filter(taken).map(RecordId::from).collect();
    }
    let mut ids = vec![RecordId::Uuid(uuid), RecordId::Uuid(Uuid::nil()), RecordId::Uuid(Uuid::max())];
    if can.integer_ids.is_yes() {
        ids.extend([0, 1, (1 << 53) + 1, i64::MAX as u64, i64::MAX as u64 + 1, u64::MAX].map(RecordId::from));
    }
    ids
}

/// A payload with everything that the maker keeps as it is.
fn payload(bench: &Bench, n: usize) -> Value {
    let can = bench.db.capabilities();
    let mut payload =
        json!({ "n": n, "title": format!("Nummer {n} – 番号"), "tenth": 0.1, "even": n.is_multiple_of(2) });
    let mut add = |key: &str, value: Value| payload[key] = value;
    if can.array_payload.is_yes() {
        add("tags", json!(["b", "a", "ü"]));
    }
    if can.nested_payload.is_yes() && n.is_multiple_of(3) {
        add("author", json!({ "name": "Ada", "born": { "year": 1815 }, "lists": [{ "a": [1, 2] }] }));
    }
    if can.null_values.is_yes() && n.is_multiple_of(5) {
        add("nothing", Value::Null);
        add("mixed", json!([1, "a", 2.5, null, [], {}]));
        add("empty", json!([]));
    }
    if can.exact_integers.is_yes() {
        add("large", json!(i64::MAX - n as i64));
    }
    if can.unsigned_integers.is_yes() && n.is_multiple_of(7) {
        add("unsigned", json!(u64::MAX - n as u64));
    }
    if can.whole_floats.is_yes() {
        add("whole", json!(1.0));
    }
    if can.any_keys.is_yes() && can.reserved_keys.is_yes() && n.is_multiple_of(11) {
        add("Schlüssel 鍵.x", json!(1));
        add("$dollar", json!("x"));
    }
    payload
}

fn vector(n: usize, dimension: usize) -> Vec<f32> {
    (0..dimension).map(|i| ((n * 31 + i * 7) % 997) as f32 / 97.0 - 3.0).collect()
}

pub fn field(name: &str, dimension: usize, metric: Metric) -> VectorSpec {
    let metric = Some(metric);
    VectorSpec {
        name: name.to_owned(),
        kind: VectorKind::Dense,
        dimension: Some(dimension),
        metric,
        index: None,
        embedder: None,
    }
}

/// A collection of the maker with so many records.
pub async fn filled(bench: &Bench, fields: &[VectorSpec], count: usize) -> String {
    let name = bench.name();
    bench.db.create_collection(&CollectionSpec { name: name.clone(), vectors: fields.to_vec() }).await.unwrap();
    let awkward = awkward_ids(bench);
    let can = bench.db.capabilities();
    let record = |n: usize| Record {
        id: awkward.get(n).cloned().unwrap_or_else(|| match awkward[0] {
            RecordId::Text(_) => RecordId::Text(format!("record {n}")),
            _ => bench.id(n + 1_000),
        }),
        vectors: Some(Vectors(
            fields.iter().map(|f| (f.name.clone(), Vector::Dense(vector(n, f.dimension.unwrap())))).collect(),
        )),
        payload: object(payload(bench, n)),
        text: (can.record_text.is_yes() && n.is_multiple_of(2)).then(|| format!("the text of {n}")),
    };
    let (first, rest): (Vec<_>, Vec<_>) = (0..count).map(record).partition(|record| record.id == RecordId::from(""));
    bench.put(&name, rest).await;
    // Not every maker with texts as ids takes the empty one.
    for record in first {
        let _ = bench.db.upsert(&name, vec![record]).await;
    }
    name
}

/// Records by id: payload, text, and the bits of each vector.
pub type All = BTreeMap<RecordId, (String, Option<String>, Vec<(String, Vec<u32>)>)>;

/// All records by id, with payloads as text with sorted keys, to the letter, and vectors to the bit.
pub async fn all(bench: &Bench, collection: &str) -> All {
    let mut found = BTreeMap::new();
    let mut request = PageRequest { with_vectors: true, ..PageRequest::first(500) };
    loop {
        let page = bench.db.page(collection, &request).await.unwrap();
        for record in page.records {
            let mut payload = Value::Object(record.payload);
            payload.sort_all_objects();
            let vectors = record.vectors.unwrap().0.into_iter().map(|(name, vector)| match vector {
                Vector::Dense(values) => (name, values.into_iter().map(f32::to_bits).collect()),
                other => panic!("{other:?}"),
            });
            found.insert(record.id, (payload.to_string(), record.text, vectors.collect()));
        }
        match page.next {
            Some(next) => request.cursor = Some(next),
            None => return found,
        }
    }
}

pub fn side(bench: &Bench, collection: &str) -> Side {
    let (label, provider) = (bench.maker.to_owned(), bench.db.clone());
    Side { label, provider, collection: collection.to_owned(), request: Duration::from_secs(60) }
}

pub async fn copy(from: (&Bench, &str), to: (&Bench, &str), wishes: Wishes) -> (Plan, Copied) {
    let (source, target) = (side(from.0, from.1), side(to.0, to.1));
    let (control, state) = (Control::default(), tempfile::tempdir().unwrap());
    let words = Words { from: from.0.maker.to_owned(), to: to.0.maker.to_owned() };
    let plan = plan(&source, &target, words, wishes, &control, &mut Meter::silent()).await.expect("a plan");
    let gone = to.0.db.describe(to.1).await;
    assert!(matches!(gone, Err(ProviderError::NoSuchCollection { .. })), "the plan made {gone:?}");
    let folder = Folder::create(state.path(), &plan).unwrap();
    let copied = run(&folder, &plan, &source, &target, &control, &mut Meter::silent()).await.expect("a copy");
    (plan, copied)
}

/// Runs it with each other maker that is given; what that made is dropped, also after a panic.
async fn with_others<Fut: Future<Output = ()> + Send + 'static>(bench: &Bench, run: impl Fn(Bench, Bench) -> Fut) {
    for name in OTHERS.into_iter().filter(|name| *name != bench.maker) {
        let maker = Maker::all().into_iter().find(|maker| maker.name == name).unwrap();
        let given = maker.clone();
        let standing = tokio::task::spawn_blocking(move || given.standing()).await.unwrap();
        if !matches!(standing, Standing::Ready(..)) {
            continue;
        }
        let opened = maker.open().await.unwrap();
        let other = Bench::new(opened.provider.clone(), maker.name, "copy", maker.naming());
        let ended = tokio::spawn(run(bench.clone(), other.clone())).await;
        other.clear().await;
        if let Err(error) = ended {
            std::panic::resume_unwind(error.into_panic());
        }
    }
}

async fn a_copy_to_every_other_maker_and_back_is_the_same(bench: &Bench) {
    with_others(bench, |bench, other| async move {
        let first = filled(&bench, &[field("", DIMENSION, Metric::Euclidean)], many()).await;
        let there = other.name();
        let (plan, copied) =
            copy((&bench, &first), (&other, &there), Wishes { queries: 10, ..Wishes::default() }).await;
        assert_eq!(copied.verdict, Verdict::Verified, "to {}: {plan:#?} {copied:#?}", other.maker);
        let back = bench.name();
        let wishes = Wishes { queries: 10, restore: true, ..Wishes::default() };
        let moved = all(&other, &there).await;
        let wishes = if moved.values().any(|(payload, ..)| payload.contains("_source_id")) {
            wishes
        } else {
            // The ids were kept; other fields may have been moved all the same.
            Wishes { restore: false, ..wishes }
        };
        let restored = wishes.restore;
        let (plan, copied) = copy((&other, &there), (&bench, &back), wishes).await;
        assert_eq!(copied.verdict, Verdict::Verified, "back from {}: {plan:#?} {copied:#?}", other.maker);
        if restored || !moved.values().any(|(payload, ..)| payload.contains("_source_")) {
            let (mut before, after) = (all(&bench, &first).await, all(&bench, &back).await);
            assert!(before.len() >= many() - 1);
            for (id, record) in after {
                assert_eq!(before.remove(&id), Some(record), "{id:?} by way of {}", other.maker);
            }
            assert!(before.is_empty(), "lost by way of {}: {:?}", other.maker, before.keys());
        }
    })
    .await;
}

async fn a_copy_of_named_vectors_is_verified(bench: &Bench) {
    with_others(bench, |bench, other| async move {
        let fields = [field("headline", DIMENSION, Metric::Euclidean), field("abstract", 3, Metric::Dot)];
        let first = filled(&bench, &fields, 200).await;
        let can = other.db.capabilities().named_vectors.is_yes();
        let vectors = if can { Vec::new() } else { vec![("abstract".to_owned(), "abstract".to_owned())] };
        let there = other.name();
        let (plan, copied) = copy((&bench, &first), (&other, &there), Wishes { vectors, ..Wishes::default() }).await;
        assert_eq!(plan.vectors.len(), if can { 2 } else { 1 });
        assert_eq!(copied.verdict, Verdict::Verified, "to {}: {copied:#?}", other.maker);
    })
    .await;
}

async fn a_copy_under_cosine_is_verified(bench: &Bench) {
    with_others(bench, |bench, other| async move {
        let first = filled(&bench, &[field("", DIMENSION, Metric::Cosine)], 200).await;
        let there = other.name();
        let wishes = Wishes { queries: 10, ..Wishes::default() };
        let (_, copied) = copy((&bench, &first), (&other, &there), wishes).await;
        assert_eq!(copied.verdict, Verdict::Verified, "to {}: {copied:#?}", other.maker);
    })
    .await;
}
