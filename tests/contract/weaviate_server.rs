//! What a real Weaviate does beyond the shared suite, with classes of other clients: words, references,
//! records that it refuses.

use serde_json::{Value, json};
use vector_inspector::provider::ProviderError;
use vector_inspector::provider::filter::Filter;
use vector_inspector::provider::model::{
    Hit, Measure, Metric, PageRequest, RecordId, SearchQuery, SearchRequest, TextQuery, TextWay, Vector,
};

use crate::bench::{Bench, record};

crate::cases!(
    texts_are_searched_by_their_words,
    words_and_a_vector_are_mixed_by_alpha,
    references_are_shown_and_written_back,
);

/// The variable with the server's address.
const URL: &str = "VECTOR_INSPECTOR_TEST_WEAVIATE_URL";

/// Asks the server as another client would.
async fn ask(path: &str, body: &Value) -> Value {
    let url = format!("{}/v1/{path}", std::env::var(URL).unwrap().trim_end_matches('/'));
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut request = client.post(url).json(body);
    if let Ok(key) = std::env::var(URL.replace("_URL", "_KEY")) {
        request = request.bearer_auth(key);
    }
    let answer = request.send().await.unwrap();
    let status = answer.status();
    let text = answer.text().await.unwrap();
    assert!(status.is_success(), "{path}: {status} {text}");
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

const TITLES: [&str; 4] = ["the red sea", "a red rose", "blue mountains", "sea of trees"];

/// A class with texts cut into words, and its records; their vectors stand in a circle.
async fn books(bench: &Bench) -> String {
    let name = bench.name();
    ask(
        "schema",
        &json!({ "class": name, "vectorizer": "none", "vectorIndexType": "hnsw",
            "vectorIndexConfig": { "distance": "cosine" }, "properties": [
                { "name": "title", "dataType": ["text"], "tokenization": "word" }, { "name": "n", "dataType": ["int"] } ] }),
    )
    .await;
    let circle = [[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]];
    let one = |n: usize| record(bench.id(n), circle[n].to_vec(), json!({ "title": TITLES[n], "n": n }));
    bench.put(&name, (0..4).map(one).collect()).await;
    name
}

fn ids(hits: &[Hit]) -> Vec<RecordId> {
    hits.iter().map(|hit| hit.record.id.clone()).collect()
}

fn by(query: TextQuery) -> SearchRequest {
    SearchRequest::new(SearchQuery::Text(query), 10)
}

async fn texts_are_searched_by_their_words(bench: &Bench) {
    let name = books(bench).await;
    let words = by(TextQuery::new("Red SEA \"quoted\"", TextWay::Bm25));
    let hits = bench.db.search(&name, &words).await.unwrap();
    assert_eq!(ids(&hits)[0], bench.id(0), "both words");
    assert_eq!(hits.len(), 3);
    assert!(hits.iter().all(|hit| hit.score.measure == Measure::Bm25 && hit.score.value > 0.0), "{hits:?}");
    assert!(hits.windows(2).all(|pair| pair[0].score.value >= pair[1].score.value), "{hits:?}");
    let filter = Some(Filter::parse("n = 3").unwrap());
    let request = SearchRequest { filter, with_vectors: true, ..words.clone() };
    let hits = bench.db.search(&name, &request).await.unwrap();
    assert_eq!(ids(&hits), [bench.id(3)]);
    assert!(hits[0].record.vectors.is_some() && hits[0].record.payload["title"] == TITLES[3]);
    let none = bench.db.search(&name, &by(TextQuery::new("zebra", TextWay::Bm25))).await.unwrap();
    assert!(none.is_empty());
    for way in [TextWay::Near, TextWay::Hybrid] {
        let error = bench.db.search(&name, &by(TextQuery::new("red", way))).await.unwrap_err();
        assert!(matches!(&error, ProviderError::Unsupported { reason, .. } if reason.contains("no model")), "{error}");
    }
}

async fn words_and_a_vector_are_mixed_by_alpha(bench: &Bench) {
    let name = books(bench).await;
    let vector = vec![-1.0, 0.1];
    let hybrid =
        |alpha| by(TextQuery { alpha, vector: Some(vector.clone()), ..TextQuery::new("red sea", TextWay::Hybrid) });
    let words = bench.db.search(&name, &hybrid(0.0)).await.unwrap();
    assert_eq!(ids(&words)[0], bench.id(0));
    assert!(words.iter().all(|hit| hit.score.measure == Measure::Hybrid), "{words:?}");
    let near = SearchRequest::new(SearchQuery::Vector(Vector::Dense(vector.clone())), 10);
    let nearest = bench.db.search(&name, &near).await.unwrap();
    assert_eq!((ids(&nearest)[0].clone(), nearest[0].score.measure.metric()), (bench.id(2), Some(Metric::Cosine)));
    let vectors_only = bench.db.search(&name, &hybrid(1.0)).await.unwrap();
    assert_eq!(ids(&vectors_only), ids(&nearest));
    let both = bench.db.search(&name, &hybrid(0.5)).await.unwrap();
    assert_eq!(both.len(), 4);
    assert!(both.windows(2).all(|pair| pair[0].score.value >= pair[1].score.value), "{both:?}");
}

async fn references_are_shown_and_written_back(bench: &Bench) {
    let name = books(bench).await;
    let property = json!({ "name": "sequel", "dataType": [name] });
    ask(&format!("schema/{name}/properties"), &property).await;
    let beacon = format!("weaviate://localhost/{name}/{}", bench.id(1));
    ask(&format!("objects/{name}/{}/references/sequel", bench.id(0)), &json!({ "beacon": beacon })).await;
    let page = bench.db.page(&name, &PageRequest { with_vectors: true, ..PageRequest::first(10) }).await.unwrap();
    let shown = &page.records[0].payload["sequel"][0];
    assert_eq!(shown["beacon"], beacon.as_str(), "{shown}");
    let fields = bench.db.describe(&name).await.unwrap().fields;
    assert!(fields.iter().any(|field| field.path == "sequel" && field.kind == name), "{fields:?}");
    bench.put(&name, page.records.clone()).await;
    let again = bench.db.get(&name, &[bench.id(0)], true).await.unwrap();
    assert_eq!(again, page.records[..1]);
    let request = PageRequest { filter: Some(Filter::parse("sequel exists").unwrap()), ..PageRequest::first(5) };
    let error = bench.db.page(&name, &request).await;
    assert!(matches!(error, Err(ProviderError::FilterRefused { .. })), "{error:?}");
}
