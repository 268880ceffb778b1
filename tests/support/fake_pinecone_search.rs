//! The searches of the fake Pinecone. The model of an index with `embed` makes the vector `[3, 0]` of the
//! text `3 0`.

use serde_json::{Value, json};

use super::{Answer, Index, refusal, selects, unknown};

impl Index {
    pub fn query(&self, namespace: &str, body: &Value) -> Answer {
        let known = ["namespace", "topK", "filter", "includeValues", "includeMetadata", "vector", "sparseVector", "id"];
        if let Some(key) = unknown(body, &known) {
            return (400, refusal(&format!("unknown field {key}")));
        }
        let top = body["topK"].as_u64().unwrap_or(0) as usize;
        if !(1..=10_000).contains(&top) {
            return (400, refusal("topK must be between 1 and 10000"));
        }
        let asked = dense(&body["vector"]);
        let sparse = self.description["vector_type"] == "sparse";
        if !sparse && asked.len() as u64 != self.description["dimension"].as_u64().unwrap_or(0) {
            return (400, refusal("Query vector dimension does not match the dimension of the index"));
        }
        let metric = self.description["metric"].as_str().unwrap_or_default();
        let mut found = Vec::new();
        for (id, vector) in self.all(namespace) {
            match selects(&body["filter"], vector) {
                Ok(true) => {}
                Ok(false) => continue,
                Err(message) => return (400, refusal(&message)),
            }
            let score = if sparse {
                sparse_product(&body["sparseVector"], &vector["sparseValues"])
            } else {
                score(metric, &asked, &dense(&vector["values"]))
            };
            let mut hit = json!({ "id": id, "score": score as f32 });
            if body["includeMetadata"] == true && !vector["metadata"].is_null() {
                hit["metadata"] = vector["metadata"].clone();
            }
            if body["includeValues"] == true {
                hit["values"] = vector["values"].clone();
                hit["sparseValues"] = vector["sparseValues"].clone();
            }
            found.push((score, hit));
        }
        found.sort_by(|a, b| if metric == "euclidean" { a.0.total_cmp(&b.0) } else { b.0.total_cmp(&a.0) });
        let matches: Vec<Value> = found.into_iter().take(top).map(|(_, hit)| hit).collect();
        (200, json!({ "matches": matches, "namespace": namespace }))
    }

    /// `POST /records/namespaces/{namespace}/search`, of an index with a model of its own.
    pub fn search_records(&self, namespace: &str, body: &Value) -> Answer {
        let asked = &body["query"];
        let wrong = unknown(body, &["query", "fields", "rerank"])
            .or_else(|| unknown(asked, &["top_k", "filter", "inputs", "vector", "id", "match_terms"]));
        if let Some(key) = wrong {
            return (400, refusal(&format!("unknown field {key}")));
        }
        if self.description["embed"]["model"].is_null() {
            return (400, refusal("Integrated inference is not configured for this index"));
        }
        let Some(text) = asked["inputs"]["text"].as_str() else { return (400, refusal("inputs.text is missing")) };
        let vector: Vec<f64> = text.split(' ').filter_map(|word| word.parse().ok()).collect();
        let mut query = json!({ "topK": asked["top_k"], "vector": vector, "includeMetadata": true });
        if !asked["filter"].is_null() {
            query["filter"] = asked["filter"].clone();
        }
        let (status, answer) = self.query(namespace, &query);
        if status != 200 {
            return (status, answer);
        }
        let hit = |hit: &Value| json!({ "_id": hit["id"], "_score": hit["score"], "fields": hit.get("metadata").cloned().unwrap_or(json!({})) });
        let hits: Vec<Value> = answer["matches"].as_array().into_iter().flatten().map(hit).collect();
        (200, json!({ "result": { "hits": hits }, "usage": { "embed_total_tokens": 3, "read_units": 1 } }))
    }
}

fn score(metric: &str, a: &[f64], b: &[f64]) -> f64 {
    let pairs = || a.iter().zip(b);
    let dot: f64 = pairs().map(|(x, y)| x * y).sum();
    match metric {
        "euclidean" => pairs().map(|(x, y)| (x - y).powi(2)).sum(),
        "cosine" => {
            let norm = |v: &[f64]| v.iter().map(|x| x * x).sum::<f64>().sqrt();
            dot / (norm(a) * norm(b))
        }
        _ => dot,
    }
}

fn sparse_product(a: &Value, b: &Value) -> f64 {
    let pairs = |vector: &Value| -> Vec<(u64, f64)> {
        let indices = vector["indices"].as_array().cloned().unwrap_or_default();
        indices.iter().filter_map(Value::as_u64).zip(dense(&vector["values"])).collect()
    };
    let b = pairs(b);
    pairs(a).iter().map(|(at, x)| b.iter().filter(|(other, _)| other == at).map(|(_, y)| x * y).sum::<f64>()).sum()
}

fn dense(list: &Value) -> Vec<f64> {
    list.as_array().into_iter().flatten().filter_map(Value::as_f64).collect()
}
