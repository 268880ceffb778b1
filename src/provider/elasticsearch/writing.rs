//! Creating indexes, writing and deleting documents.

use reqwest::Method;
use serde_json::{Value, json};

use super::connection::Product;
use super::mapping::LONE;
use super::{Elasticsearch, documents, unsupported};
use crate::provider::model::{CollectionSpec, Metric, Record, RecordId, VectorKind, VectorSpec};
use crate::provider::{ProviderError, Result};

/// The most bytes of one bulk request; servers take 100 MB unless told otherwise.
const MOST_BYTES: usize = 8 << 20;
/// The most records of one bulk request.
const MOST_RECORDS: usize = 1_000;
/// The longest name of an index, in bytes.
const MOST_NAME: usize = 255;
/// The most dimensions: of `dense_vector` (fewer before 8.11), of `knn_vector`.
const MOST_DIMENSIONS: usize = 4_096;
const MOST_DIMENSIONS_OPEN: usize = 16_000;

impl Elasticsearch {
    /// Makes an index.
    pub(super) async fn create(&self, spec: &CollectionSpec) -> Result<()> {
        let (name, body) = new_index(&self.product, spec)?;
        match self.http.ask("new index", Method::PUT, &[name], &[], Some(&body)).await? {
            Ok(_) => Ok(()),
            Err(refusal) => Err(refusal.error()),
        }
    }

    /// Writes documents in place of those with their ids.
    pub(super) async fn write(&self, collection: &str, records: Vec<Record>) -> Result<()> {
        let index = self.resolve(collection).await?;
        let mut batches = Batches::default();
        // All are checked before the first is sent.
        for record in records {
            let (id, document) = documents::document(&index, record)?;
            batches.add(&json!({ "index": { "_id": id } }), Some(&document));
        }
        self.send(&index.name, batches).await
    }

    /// Deletes documents.
    pub(super) async fn remove(&self, collection: &str, ids: &[RecordId]) -> Result<()> {
        let index = self.resolve(collection).await?;
        let mut batches = Batches::default();
        for id in ids {
            if let RecordId::Text(id) = id {
                batches.add(&json!({ "delete": { "_id": id } }), None);
            }
        }
        self.send(&index.name, batches).await
    }

    async fn send(&self, index: &str, batches: Batches) -> Result<()> {
        for lines in batches.0 {
            let answer = self.http.bulk(&[index, "_bulk"], lines.bytes).await?;
            let answer = answer.map_err(|refusal| self.refused(index, refusal))?;
            self.check_items(&answer, lines.count)?;
        }
        Ok(())
    }

    /// A bulk request succeeds as a whole when single documents of it fail.
    fn check_items(&self, answer: &Value, count: usize) -> Result<()> {
        let items = answer.get("items").and_then(Value::as_array);
        let items = items.filter(|items| items.len() == count);
        let items = items.ok_or_else(|| self.http.bad_answer("a write without an answer for each record"))?;
        let outcomes = items.iter().filter_map(|item| item.as_object()?.iter().next());
        // A document to be deleted that is not there is no error: status 404 without `error`.
        let failed: Vec<&Value> = outcomes.filter_map(|(_, outcome)| outcome.get("error").map(|_| outcome)).collect();
        let Some(first) = failed.first() else { return Ok(()) };
        let id = first.get("_id").and_then(Value::as_str).unwrap_or_default();
        let reason = first.pointer("/error/reason").and_then(Value::as_str).unwrap_or("no reason given");
        let deeper = first.pointer("/error/caused_by/reason").and_then(Value::as_str);
        let said = self.http.clean(&deeper.map_or_else(|| reason.to_owned(), |deeper| format!("{reason}: {deeper}")));
        let cause = format!("{} of {count} records failed, the first of them {id:?}: {said}", failed.len());
        match first.get("status").and_then(Value::as_u64) {
            Some(status) if status == 429 || status >= 500 => Err(self.http.failed(&cause)),
            _ => Err(ProviderError::BadRequest {
                cause,
                mend: "The others are written. Correct what it names.".to_owned(),
            }),
        }
    }
}

/// Lines of `_bulk`, in pieces.
#[derive(Default)]
struct Batches(Vec<Lines>);

#[derive(Default)]
struct Lines {
    bytes: Vec<u8>,
    count: usize,
}

impl Batches {
    fn add(&mut self, action: &Value, document: Option<&Value>) {
        let mut text = format!("{action}\n");
        if let Some(document) = document {
            text += &format!("{document}\n");
        }
        let room = |lines: &Lines| lines.count < MOST_RECORDS && lines.bytes.len() + text.len() <= MOST_BYTES;
        if !self.0.last().is_some_and(room) {
            self.0.push(Lines::default());
        }
        if let Some(lines) = self.0.last_mut() {
            lines.bytes.extend_from_slice(text.as_bytes());
            lines.count += 1;
        }
    }
}

/// The name and the body of a new index, if it can be made here.
///
/// # Errors
/// A name that no index can have, vectors that the product does not have.
pub(super) fn new_index<'a>(product: &Product, spec: &'a CollectionSpec) -> Result<(&'a str, Value)> {
    let body = create(product, spec)?;
    // As the servers have it in `MetadataCreateIndexService.validateIndexOrAliasName`.
    let possible = |name: &&str| name.len() <= MOST_NAME && name.to_lowercase() == **name;
    let name = super::checked(&spec.name).filter(possible).ok_or_else(|| ProviderError::BadRequest {
        cause: format!("no index can be called {:?}", spec.name),
        mend: "Take at most 255 lower-case letters, digits, - and _, and begin with a letter or a digit.".to_owned(),
    })?;
    Ok((name, body))
}

/// The body that creates an index. Texts become `keyword`, numbers `double`, so that a later record
/// with a fraction is not cut, and filters are exact.
fn create(product: &Product, spec: &CollectionSpec) -> Result<Value> {
    if spec.vectors.is_empty() {
        return Err(ProviderError::BadRequest {
            cause: "a collection needs a vector".to_owned(),
            mend: "Give it one.".to_owned(),
        });
    }
    let mut properties = serde_json::Map::new();
    for vector in &spec.vectors {
        let name = match vector.name.as_str() {
            "" if spec.vectors.len() == 1 => LONE,
            "" => return Err(unsupported("each of several vectors needs a name")),
            name if name.contains('.') => return Err(unsupported(format!("a vector cannot be called {name:?}"))),
            name => name,
        };
        properties.insert(name.to_owned(), field(product, name, vector)?);
    }
    let template = |kind: &str, mapping: Value| json!({ kind: { "match_mapping_type": kind, "mapping": mapping } });
    let mappings = json!({
        "dynamic_templates": [
            template("string", json!({ "type": "keyword", "ignore_above": 8191 })),
            template("long", json!({ "type": "double" })),
            template("double", json!({ "type": "double" })),
        ],
        "date_detection": false,
        "properties": properties,
    });
    Ok(match product.open {
        true => json!({ "settings": { "index": { "knn": true } }, "mappings": mappings }),
        false => json!({ "mappings": mappings }),
    })
}

fn field(product: &Product, name: &str, vector: &VectorSpec) -> Result<Value> {
    if vector.kind != VectorKind::Dense {
        return Err(unsupported(format!("here it makes no {} vectors", vector.kind.name())));
    }
    let dimension = vector.dimension.filter(|dimension| *dimension > 0).ok_or_else(|| ProviderError::BadRequest {
        cause: format!("the vector {name:?} has no number of dimensions"),
        mend: "Give it one, at least 1.".to_owned(),
    })?;
    let (elastic, open) = match vector.metric {
        None | Some(Metric::Cosine) => ("cosine", "cosinesimil"),
        Some(Metric::Dot) => ("max_inner_product", "innerproduct"),
        Some(Metric::Euclidean) => ("l2_norm", "l2"),
        Some(Metric::Manhattan) => return Err(unsupported("its metrics are cosine, dot and euclidean")),
    };
    let most = if product.open { MOST_DIMENSIONS_OPEN } else { MOST_DIMENSIONS };
    if dimension > most {
        return Err(ProviderError::BadRequest {
            cause: format!(
                "the vector {name:?} has {dimension} dimensions, and an index of {} {most} at most",
                product.name()
            ),
            mend: "Copy such vectors into another database.".to_owned(),
        });
    }
    // Versions 7 pass over the similarity; those from 8.0 on know which there are.
    if vector.metric == Some(Metric::Dot) && !product.open && product.is_from(8, 0) && !product.is_from(8, 11) {
        return Err(unsupported("before 8.11 it has no index that compares vectors of any length by dot"));
    }
    Ok(if product.open {
        let method = json!({ "name": "hnsw", "engine": "lucene", "space_type": open });
        json!({ "type": "knn_vector", "dimension": dimension, "method": method })
    } else {
        json!({ "type": "dense_vector", "dims": dimension, "index": true, "similarity": elastic })
    })
}
