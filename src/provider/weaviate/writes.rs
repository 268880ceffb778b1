//! What is written: classes, properties, objects.

use std::collections::HashMap;

use serde_json::{Value, json};
use uuid::Uuid;

use super::reads::of_tenant;
use super::{Place, Weaviate, missing, unsupported, writing};
use crate::provider::model::{CollectionSpec, Record};
use crate::provider::{ProviderError, Result};

/// Objects in one request.
const BATCH: usize = 250;
/// Ids in one request to delete; the server takes 10,000 unless it is told otherwise.
const DELETED: usize = 1_000;
/// How many of a batch's errors are told.
const TOLD: usize = 3;

impl Weaviate {
    /// Makes a class.
    pub(super) async fn create(&self, spec: &CollectionSpec) -> Result<()> {
        let body = writing::class(spec)?;
        self.http.post("new collection", &["schema"], &body).await?;
        Ok(())
    }

    /// Drops a class, or one tenant of it.
    pub(super) async fn drop_place(&self, name: &str) -> Result<()> {
        let place = self.resolve(name).await?;
        let class = &place.class.name;
        match (&place.tenant, name.contains('/')) {
            (Some(tenant), true) => {
                let body = json!([tenant]);
                let dropped = self.http.delete("drop", &["schema", class, "tenants"], None, Some(&body)).await?;
                dropped.map(drop).ok_or_else(|| missing(name))
            }
            (Some(tenant), false) => Err(unsupported(format!(
                "to drop {class:?} would delete the objects of all tenants, and the profile shows those of {tenant:?} only"
            ))),
            (None, _) => {
                let dropped = self.http.delete("drop", &["schema", class], None, None).await?;
                dropped.map(drop).ok_or_else(|| missing(name))
            }
        }
    }

    /// Inserts or replaces records. All are checked before the first is sent.
    pub(super) async fn write(&self, name: &str, records: Vec<Record>) -> Result<()> {
        let place = self.objects_of(name).await?;
        if records.is_empty() {
            return Ok(());
        }
        let vectors = records.iter().any(|record| record.vectors.as_ref().is_some_and(|vectors| !vectors.0.is_empty()));
        let stored = if vectors { self.dimensions(&place).await? } else { HashMap::new() };
        let plan = writing::plan(&place.class, place.tenant.as_deref(), records, &stored)?;
        for property in &plan.properties {
            self.http
                .post("new property", &["schema", &place.class.name, "properties"], property)
                .await?
                .ok_or_else(|| missing(name))?;
        }
        let all = plan.objects.len();
        for (turn, batch) in plan.objects.chunks(BATCH).enumerate() {
            self.send(&place, batch, turn * BATCH, all).await?;
        }
        Ok(())
    }

    async fn send(&self, place: &Place, batch: &[Value], before: usize, all: usize) -> Result<()> {
        let body = json!({ "objects": batch });
        let answer = self.http.post("write", &["batch", "objects"], &body).await;
        let answer = answer.map_err(|error| of_tenant(place, error))?.ok_or_else(|| missing(&place.name))?;
        let results: Vec<Value> = answer.parse()?;
        if results.len() != batch.len() {
            return Err(self.http.bad_answer(format!("{} results for {} objects", results.len(), batch.len())));
        }
        let failed: Vec<String> = results.iter().filter_map(failure).collect();
        if failed.is_empty() {
            return Ok(());
        }
        if failed.iter().all(|words| words.contains("tenant not found")) {
            return Err(missing(&place.name));
        }
        let told = failed.iter().take(TOLD).cloned().collect::<Vec<_>>().join("; ");
        let more = if failed.len() > TOLD { format!("; and {} more", failed.len() - TOLD) } else { String::new() };
        let written = before + batch.len() - failed.len();
        let said = format!("{} of {all} records: {told}{more}. {written} were written", failed.len());
        Err(self.http.refused("write", &said))
    }

    /// Deletes objects by their ids.
    pub(super) async fn delete_ids(&self, name: &str, ids: &[Uuid]) -> Result<()> {
        let place = self.objects_of(name).await?;
        for ids in ids.chunks(DELETED) {
            let ids: Vec<String> = ids.iter().map(Uuid::to_string).collect();
            let condition = json!({ "operator": "ContainsAny", "path": ["id"], "valueTextArray": ids });
            let body = json!({ "match": { "class": place.class.name, "where": condition }, "output": "minimal" });
            let answer = self.http.delete("delete", &["batch", "objects"], place.tenant.as_deref(), Some(&body)).await;
            let answer = answer.map_err(|error| of_tenant(&place, error))?.ok_or_else(|| missing(name))?;
            self.check_deleted(&answer.parse()?)?;
        }
        Ok(())
    }

    fn check_deleted(&self, answer: &Value) -> Result<()> {
        let results = answer.get("results").ok_or_else(|| self.http.bad_answer("a delete without results"))?;
        let failed = results.get("failed").and_then(Value::as_u64).unwrap_or_default();
        if failed == 0 {
            return Ok(());
        }
        let objects = results.get("objects").and_then(Value::as_array);
        let words: Vec<_> = objects.into_iter().flatten().filter_map(|object| errors(object.get("errors")?)).collect();
        Err(ProviderError::Server {
            address: self.http.address(),
            cause: format!("{failed} records were not deleted: {}", words.join("; ")),
        })
    }
}

/// Why an object of a batch was not written, after its id.
fn failure(object: &Value) -> Option<String> {
    let result = object.get("result")?;
    let words = result.get("errors").and_then(errors);
    if words.is_none() && result.get("status").and_then(Value::as_str) != Some("FAILED") {
        return None;
    }
    let id = object.get("id").and_then(Value::as_str).unwrap_or("an object");
    Some(format!("{id}: {}", words.unwrap_or_else(|| "no reason was given".to_owned())))
}

/// The words of `{"error": [{"message": text}]}`.
fn errors(errors: &Value) -> Option<String> {
    let list = errors.get("error")?.as_array().filter(|list| !list.is_empty())?;
    let words: Vec<_> = list.iter().filter_map(|error| error.get("message").and_then(Value::as_str)).collect();
    Some(words.join(", "))
}
