//! Columns of every kind of vector, and the indexes on them.

use std::sync::Mutex;
use std::time::Duration;

use serde_json::json;
use vector_inspector::provider::filter::Filter;
use vector_inspector::provider::model::{
    CollectionSpec, Hit, Metric, Record, SearchQuery, SearchRequest, Vector, VectorKind, Vectors,
};
use vector_inspector::provider::{Provider, connect};

use super::{Schema, session, spec};
use crate::bench::{Bench, DIMENSION, object, point};

crate::cases!(
    every_kind_of_vector_is_read_written_and_searched,
    an_index_on_half_precision_is_used_and_named,
    an_exact_search_goes_around_the_index_and_others_do_not,
    a_filtered_search_through_an_index_finds_enough,
    a_column_without_dimensions_is_described_by_its_values,
    many_vectors_are_the_first_answer_of_a_session,
    an_index_is_built_once_the_records_are_there,
);

fn dense(values: &[f32]) -> Vector {
    Vector::Dense(values.to_vec())
}

async fn every_kind_of_vector_is_read_written_and_searched(bench: &Bench) {
    let schema = Schema::new(bench).await;
    schema
        .run(
            "CREATE TABLE S.t (id int PRIMARY KEY, single public.vector(2), half public.halfvec(2),
               places public.sparsevec(100000), bits bit(10), flag bit(1), note text);
             CREATE INDEX ON S.t USING hnsw (single public.vector_l1_ops) WITH (m = 8, ef_construction = 20);
             CREATE INDEX ON S.t USING ivfflat (half public.halfvec_ip_ops) WITH (lists = 1);
             CREATE INDEX ON S.t USING hnsw (places public.sparsevec_cosine_ops);
             CREATE INDEX ON S.t USING hnsw (bits public.bit_hamming_ops)",
        )
        .await;
    let name = schema.collection("t");
    let described = bench.db.describe(&name).await.unwrap();
    let fields: Vec<_> =
        described.summary.vectors.iter().map(|v| (v.name.as_str(), v.kind, v.dimension, v.metric)).collect();
    assert_eq!(
        fields,
        [
            ("single", VectorKind::Dense, Some(2), Some(Metric::Manhattan)),
            ("half", VectorKind::Dense, Some(2), Some(Metric::Dot)),
            ("places", VectorKind::Sparse, Some(100_000), Some(Metric::Cosine)),
            ("bits", VectorKind::Dense, Some(10), Some(Metric::Manhattan)),
        ]
    );
    assert_eq!(described.summary.vectors[0].index.as_deref(), Some("hnsw m=8 ef_construction=20"));
    assert!(described.fields.iter().any(|field| field.path == "flag"), "one bit is a flag");
    let sparse =
        |indices: &[u32], values: &[f32]| Vector::Sparse { indices: indices.to_vec(), values: values.to_vec() };
    let bits = |text: &str| Vector::Dense(text.chars().map(|c| if c == '1' { 1.0 } else { 0.0 }).collect());
    let row = |id: u64, single, half, places, bits| Record {
        id: id.into(),
        vectors: Some(Vectors(
            [("single", single), ("half", half), ("places", places), ("bits", bits)]
                .map(|(name, vector): (&str, Vector)| (name.to_owned(), vector))
                .to_vec(),
        )),
        payload: object(json!({ "flag": "1", "note": "n" })),
        text: None,
    };
    let one = row(1, dense(&[0.1, -0.0]), dense(&[0.5, -2.0]), sparse(&[0, 99_999], &[0.25, 3.0]), bits("1010101010"));
    let two = row(2, dense(&[5.0, 7.0]), dense(&[4.0, 1.0]), sparse(&[5], &[1.0]), bits("1111111111"));
    bench.db.upsert(&name, vec![one.clone(), two.clone()]).await.unwrap();
    assert_eq!(bench.walk(&name, 1, true).await, [one, two]);
    let near = async |using: &str, vector: Vector| -> Vec<(String, f32)> {
        let request =
            SearchRequest { using: Some(using.to_owned()), ..SearchRequest::new(SearchQuery::Vector(vector), 2) };
        let hits = bench.db.search(&name, &request).await.unwrap();
        hits.iter().map(|hit| (hit.record.id.to_string(), hit.score.value)).collect()
    };
    let named = |hits: [(&str, f32); 2]| hits.map(|(id, score)| (id.to_owned(), score)).to_vec();
    assert_eq!(near("single", dense(&[5.0, 6.0])).await, named([("2", 1.0), ("1", 10.9)]));
    assert_eq!(near("half", dense(&[1.0, 1.0])).await, named([("2", 5.0), ("1", -1.5)]));
    assert_eq!(near("places", sparse(&[5], &[2.0])).await, named([("2", 1.0), ("1", 0.0)]));
    assert_eq!(near("bits", bits("1010101011")).await, named([("1", 1.0), ("2", 4.0)]));
    let like =
        SearchRequest { using: Some("bits".to_owned()), ..SearchRequest::new(SearchQuery::Like(1_u64.into()), 2) };
    assert_eq!(bench.db.search(&name, &like).await.unwrap().len(), 1);
    for (using, vector, why) in [
        ("bits", dense(&[0.5; 10]), "zeros and ones"),
        ("bits", bits("101"), "different bit lengths"),
        ("single", sparse(&[1], &[1.0]), "not sparse"),
        ("places", sparse(&[100_000], &[1.0]), "beyond"),
        ("nothing", dense(&[1.0]), "single, half, places, bits"),
    ] {
        let request =
            SearchRequest { using: Some(using.to_owned()), ..SearchRequest::new(SearchQuery::Vector(vector), 2) };
        let error = bench.db.search(&name, &request).await.unwrap_err().to_string();
        assert!(error.contains(why), "{using}: {error}");
    }
}

/// `count` records on a spiral, with 8 dimensions.
async fn spiral(bench: &Bench, kind: &str, index: &str, count: usize) -> (Schema, String) {
    let schema = Schema::new(bench).await;
    schema
        .run(&format!(
            "CREATE TABLE S.t (id int PRIMARY KEY, n int, embedding {kind});
             INSERT INTO S.t SELECT n, n % 50, ARRAY[cos(n), sin(n), cos(n * 0.7), sin(n * 0.3), n / 1000.0, cos(n * 3),
               sin(n * 5), 1]::real[]::public.vector FROM generate_series(1, {count}) n;
             CREATE INDEX the_index ON S.t USING {index}; ANALYZE S.t"
        ))
        .await;
    let name = schema.collection("t");
    (schema, name)
}

fn near(vector: &[f32], top: usize, exact: bool) -> SearchRequest {
    SearchRequest { exact, ..SearchRequest::new(SearchQuery::Vector(dense(vector)), top) }
}

const PLACE: [f32; 8] = [0.5, 0.5, 0.5, 0.5, 2.0, 0.5, 0.5, 1.0];

/// How often the index was used, once the server has counted at least so many.
async fn scans(schema: &Schema, at_least: i64) -> i64 {
    let text = "SELECT coalesce(sum(idx_scan), 0)::int8 FROM pg_stat_user_indexes WHERE indexrelname = 'the_index' AND schemaname = $1";
    for _ in 0..100 {
        let found: i64 = schema.client.query_one(text, &[&schema.name]).await.unwrap().get(0);
        if found >= at_least {
            return found;
        }
        // the server's counters come late
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the index was not used {at_least} times");
}

fn ids(hits: &[Hit]) -> Vec<String> {
    hits.iter().map(|hit| hit.record.id.to_string()).collect()
}

async fn an_index_on_half_precision_is_used_and_named(bench: &Bench) {
    let index = "hnsw ((embedding::public.halfvec(8)) public.halfvec_l2_ops)";
    let (schema, name) = spiral(bench, "public.vector(8)", index, 5_000).await;
    let vector = bench.db.describe(&name).await.unwrap().summary.vectors.remove(0);
    assert_eq!(vector.metric, Some(Metric::Euclidean));
    assert_eq!(vector.index.as_deref(), Some("hnsw, as halfvec"));
    let hits = bench.db.search(&name, &near(&PLACE, 5, false)).await.unwrap();
    assert_eq!(hits.len(), 5);
    assert_eq!(scans(&schema, 1).await, 1);
}

async fn an_exact_search_goes_around_the_index_and_others_do_not(bench: &Bench) {
    let index = "hnsw (embedding public.vector_l2_ops)";
    let (schema, name) = spiral(bench, "public.vector(8)", index, 5_000).await;
    let exact = bench.db.search(&name, &near(&PLACE, 10, true)).await.unwrap();
    let literal = format!("{PLACE:?}");
    let table = format!("{}.t", super::quote(&schema.name));
    let rows = schema
        .client
        .query(
            &format!(
                "SELECT id::text, sqrt(sum((a - b) ^ 2)) AS d FROM {table},
                 unnest(embedding::real[], '{literal}'::public.vector::real[]) AS p(a, b) GROUP BY id ORDER BY d LIMIT 10"
            ),
            &[],
        )
        .await
        .unwrap();
    let true_ones: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(ids(&exact), true_ones);
    let through = bench.db.search(&name, &near(&PLACE, 10, false)).await.unwrap();
    let found = ids(&through).iter().filter(|id| true_ones.contains(id)).count();
    assert!(found >= 8, "{found} of 10 through the index");
    assert_eq!(scans(&schema, 1).await, 1, "only the second search used it");
}

async fn a_filtered_search_through_an_index_finds_enough(bench: &Bench) {
    let index = "hnsw (embedding public.vector_cosine_ops)";
    let (_schema, name) = spiral(bench, "public.vector(8)", index, 5_000).await;
    let mut spec = spec();
    spec.options.insert("ef_search".to_owned(), "10".to_owned());
    let tuned = connect(&spec).await.unwrap();
    let dbs: [&dyn Provider; 2] = [&*bench.db, &*tuned];
    for db in dbs {
        let request = SearchRequest { filter: Some(Filter::parse("n = 7").unwrap()), ..near(&PLACE, 60, false) };
        let hits = db.search(&name, &request).await.unwrap();
        assert_eq!(hits.len(), 60, "one record in fifty passes");
        assert!(hits.iter().all(|hit| hit.record.payload["n"] == json!(7)));
        assert!(hits.windows(2).all(|pair| pair[0].score.value >= pair[1].score.value), "best first");
        assert_eq!(db.search(&name, &near(&PLACE, 1_500, false)).await.unwrap().len(), 1_500);
    }
}

async fn a_column_without_dimensions_is_described_by_its_values(bench: &Bench) {
    let schema = Schema::new(bench).await;
    schema
        .run(
            "CREATE TABLE S.t (id int PRIMARY KEY, a public.vector, b public.sparsevec);
             COMMENT ON COLUMN S.t.a IS 'metric: euclidean';
             INSERT INTO S.t VALUES (1, NULL, NULL), (2, '[1,2,3]', '{1:1}/50')",
        )
        .await;
    let name = schema.collection("t");
    let vectors = bench.db.describe(&name).await.unwrap().summary.vectors;
    let seen: Vec<_> = vectors.iter().map(|vector| (vector.dimension, vector.metric)).collect();
    assert_eq!(seen, [(Some(3), Some(Metric::Euclidean)), (Some(50), None)]);
    let sparse = Vector::Sparse { indices: vec![0], values: vec![2.0] };
    let request = SearchRequest { using: Some("b".to_owned()), ..SearchRequest::new(SearchQuery::Vector(sparse), 5) };
    assert_eq!(ids(&bench.db.search(&name, &request).await.unwrap()), ["2"]);
}

/// The driver asks for a type that it does not know in the middle of the answer; with a large answer it waited
/// for its own question.
async fn many_vectors_are_the_first_answer_of_a_session(bench: &Bench) {
    let name = bench.empty(384, Metric::Dot).await;
    let record = |n: u64| Record {
        id: n.into(),
        vectors: Some(Vectors::unnamed(vec![0.5; 384])),
        payload: object(json!({ "n": n })),
        text: None,
    };
    bench.put(&name, (0..500).map(record).collect()).await;
    let fresh = connect(&spec()).await.unwrap();
    let ids: Vec<_> = (0..500_u64).map(Into::into).collect();
    let got = tokio::time::timeout(Duration::from_secs(60), fresh.get(&name, &ids, true)).await;
    assert_eq!(got.expect("it answers").unwrap().len(), 500);
}

async fn an_index_is_built_once_the_records_are_there(bench: &Bench) {
    let name = bench.name();
    let spec = CollectionSpec::dense(&name, DIMENSION, Metric::Euclidean);
    bench.db.create_collection_to_fill(&spec).await.unwrap();
    bench.put(&name, (0..2_000).map(|n| bench.record(n)).collect()).await;
    let index = async || bench.db.describe(&name).await.unwrap().summary.vectors[0].index.clone();
    assert_eq!(index().await, None, "rows are not put into an index one by one");
    let told = Mutex::new(Vec::new());
    bench.db.build_indexes(&spec, &|done, all| told.lock().unwrap().push((done, all))).await.unwrap();
    assert!(index().await.is_some_and(|index| index.starts_with("hnsw")));
    assert!(told.into_inner().unwrap().iter().all(|(done, all)| done <= all));
    // What is there is not built twice.
    bench.db.build_indexes(&spec, &|_, _| {}).await.unwrap();
    let text = "SELECT count(*) FROM pg_indexes WHERE tablename = $1 AND indexdef LIKE '%hnsw%'";
    let count: i64 = session().await.query_one(text, &[&name]).await.unwrap().get(0);
    assert_eq!(count, 1);
    let found = bench.db.search(&name, &SearchRequest::new(SearchQuery::Vector(dense(&point(7))), 1)).await.unwrap();
    assert_eq!(found[0].record.id, bench.id(7));
}
