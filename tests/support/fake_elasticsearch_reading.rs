//! Points in time and searches of the fake Elasticsearch.

use serde_json::{Value, json};

use super::*;

impl State {
    pub(super) fn point(&mut self, asked: &Asked, name: &str) -> Result<String, Refused> {
        if !parameters(asked, &["keep_alive"])?.contains_key("keep_alive") {
            return Err(bad("action_request_validation_exception", "[keep_alive] is not specified"));
        }
        let index = self.index(name)?;
        let documents = index.documents.values().cloned().collect();
        let point = Point { index: name.to_owned(), mapping: index.mapping.clone(), documents };
        Ok(self.keep(point))
    }

    pub(super) fn keep(&mut self, point: Point) -> String {
        self.names += 1;
        let id = format!("pit/{}==", self.names);
        self.points.insert(id.clone(), point);
        id
    }

    pub(super) fn close(&mut self, id: &Value) -> Result<(), Refused> {
        self.points.remove(id.as_str().unwrap_or_default()).map(drop).ok_or_else(no_context)
    }

    /// A search in a point in time, sorted.
    pub(super) fn page(&mut self, asked: &Asked) -> Outcome {
        whole_only(asked)?;
        let body = body(asked)?;
        only("search", &body, &["size", "pit", "sort", "query", "_source", "track_total_hits", "search_after"])?;
        let pit = only("pit", &body["pit"], &["id", "keep_alive"])?;
        let id = pit.get("id").and_then(Value::as_str).unwrap_or_default();
        let point = self.points.get(id).cloned().ok_or_else(no_context)?;
        let tie = self.product == Product::OpenSearch;
        let order = if tie { json!([{ "_doc": "asc" }, { "_id": "asc" }]) } else { json!([{ "_shard_doc": "asc" }]) };
        if body["sort"] != order {
            let reason = format!("No mapping found for {} in order to sort on, or no unique order", body["sort"]);
            return Err(bad("query_shard_exception", reason));
        }
        let first = match body.get("search_after") {
            None => 0,
            Some(Value::Array(after)) if after.len() == order.as_array().map_or(0, Vec::len) => {
                let last = after[0].as_u64().and_then(|n| usize::try_from(n).ok());
                last.ok_or_else(|| bad("parsing_exception", "search_after"))? + 1
            }
            Some(_) => {
                return Err(bad("illegal_argument_exception", "search_after has another number of values than sort"));
            }
        };
        let size = size(&body)?;
        let mut hits = Vec::new();
        let matches = query::Query::read(&point.mapping, &body["query"])?;
        for (n, document) in point.documents.iter().enumerate().skip(first) {
            if hits.len() == size {
                break;
            }
            if matches.selects(document) {
                let sort = if tie { json!([n, document.id]) } else { json!([n]) };
                let source = self.source(&point.mapping, document, &body["_source"])?;
                hits.push(json!({ "_index": point.index, "_id": document.id, "_score": null, "_source": source, "sort": sort }));
            }
        }
        // Another name each time; a page before is read again by the old one.
        let id = self.keep(point);
        Ok(
            json!({ "pit_id": id, "took": 1, "timed_out": false, "_shards": shards(), "hits": { "max_score": null, "hits": hits } }),
        )
    }

    /// A search for the best of an index.
    pub(super) fn search(&self, asked: &Asked, name: &str) -> Outcome {
        whole_only(asked)?;
        let body = body(asked)?;
        let known: &[&str] = match self.product {
            Product::Elasticsearch => &["size", "query", "knn", "_source"],
            Product::OpenSearch => &["size", "query", "_source"],
        };
        only("search", &body, known)?;
        let index = self.index(name)?;
        let best = query::best(&index.mapping, &body, index.documents.values())?;
        let hits = best.into_iter().take(size(&body)?).map(|(score, document)| {
            let source = self.source(&index.mapping, document, &body["_source"])?;
            Ok(json!({ "_index": name, "_id": document.id, "_score": score, "_source": source }))
        });
        let hits = hits.collect::<Result<Vec<Value>, Refused>>()?;
        Ok(json!({ "took": 1, "timed_out": false, "_shards": shards(), "hits": { "hits": hits } }))
    }
}
