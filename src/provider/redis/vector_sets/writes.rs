//! Writing and deleting elements of a vector set.

use redis::Cmd;
use serde_json::Value as Json;

use super::super::{Database, STEP, unsupported};
use super::VectorSet;
use super::reads::blob;
use crate::provider::model::{Record, RecordId};
use crate::provider::{ProviderError, Result};

impl Database {
    /// Adds elements or replaces them with their attributes.
    pub(in super::super) async fn write_set(&self, set: &VectorSet, records: Vec<Record>) -> Result<()> {
        // All are checked before the first is sent.
        let commands = records.iter().map(|record| write(set, record)).collect::<Result<Vec<_>>>()?;
        let mut commands = commands.into_iter().peekable();
        while commands.peek().is_some() {
            self.connection.ask_all(commands.by_ref().take(STEP).flatten().collect()).await?;
        }
        Ok(())
    }

    /// Removes elements. With its last one a set is gone: Redis has no empty ones.
    pub(in super::super) async fn remove_set(&self, set: &VectorSet, ids: &[RecordId]) -> Result<()> {
        for ids in ids.chunks(STEP) {
            let names = ids.iter().filter_map(|id| match id {
                RecordId::Text(name) => Some(name.as_bytes()),
                RecordId::Integer(_) | RecordId::Uuid(_) => None,
            });
            self.connection.ask_all(names.map(|name| set.about("VREM", name)).collect()).await?;
        }
        Ok(())
    }

    /// Deletes the key.
    pub(in super::super) async fn drop_set(&self, set: &VectorSet) -> Result<()> {
        let mut command = redis::cmd("UNLINK");
        command.arg(&set.key);
        self.connection.ask(&command).await.map(drop)
    }
}

/// The commands that write one record.
fn write(set: &VectorSet, record: &Record) -> Result<Vec<Cmd>> {
    let id = &record.id;
    let RecordId::Text(name) = id else {
        return Err(unsupported(format!("names of elements are texts, and the id {id} is none")));
    };
    if record.text.is_some() {
        return Err(unsupported(format!("it has no text apart from the payload (record {id})")));
    }
    let vectors = record.vectors.as_ref().map_or(&[][..], |vectors| &vectors.0);
    let [(unnamed, vector)] = vectors else {
        return Err(ProviderError::BadRequest {
            cause: format!("record {id} has {} vectors, and an element of a vector set has one", vectors.len()),
            mend: "Give it one.".to_owned(),
        });
    };
    if !unnamed.is_empty() {
        return Err(ProviderError::BadRequest {
            cause: format!("the collection has no vector {unnamed:?} (record {id})"),
            mend: "Correct the record.".to_owned(),
        });
    }
    let mut add = redis::cmd("VADD");
    add.arg(&set.key);
    if set.projected_from.is_some() {
        add.arg("REDUCE").arg(set.dimension);
    }
    add.arg("FP32").arg(blob(set.check(vector)?)).arg(name).arg(set.quantisation.option());
    // Without them the server compares its defaults with what the set has.
    if let Some(links) = set.links {
        add.arg("M").arg(links);
    }
    if record.payload.is_empty() {
        // An empty SETATTR would leave an attribute without text at a new element (seen on 8.6).
        let mut clear = set.about("VSETATTR", name.as_bytes());
        clear.arg("");
        return Ok(vec![redis::cmd("MULTI"), add, clear, redis::cmd("EXEC")]);
    }
    add.arg("SETATTR").arg(Json::Object(record.payload.clone()).to_string());
    Ok(vec![add])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::super::tests::info;
    use super::*;
    use crate::provider::model::{Payload, Vector, Vectors};

    fn record(id: RecordId, values: Vec<f32>, payload: Json) -> Record {
        let payload: Payload = payload.as_object().unwrap().clone();
        Record { id, vectors: Some(Vectors::unnamed(values)), payload, text: None }
    }

    fn words(commands: &[Cmd]) -> String {
        let packed: Vec<u8> = commands.iter().flat_map(Cmd::get_packed_command).collect();
        String::from_utf8_lossy(&packed).replace("\r\n", " ")
    }

    #[test]
    fn an_element_is_added_as_its_set_keeps_numbers() {
        let set = VectorSet::read("v", "k", &info("bin", 5)).unwrap();
        let sent = words(&write(&set, &record("a".into(), vec![1.0; 5], json!({ "n": 1.0 }))).unwrap());
        for part in ["VADD $1 k ", "REDUCE $1 3 ", "BIN ", "M $2 16 ", "SETATTR $9 {\"n\":1.0}"] {
            assert!(sent.contains(part), "{part} in {sent}");
        }
        let sent = words(&write(&set, &record("a".into(), vec![1.0; 5], json!({}))).unwrap());
        assert!(sent.contains("MULTI") && sent.contains("VSETATTR") && !sent.contains(" SETATTR"), "{sent}");
    }

    #[test]
    fn what_an_element_cannot_be_is_refused() {
        let set = VectorSet::read("v", "k", &info("int8", 0)).unwrap();
        let with = |record: Record| write(&set, &record).unwrap_err().to_string();
        assert!(with(record(7_u64.into(), vec![1.0; 3], json!({}))).contains("texts"));
        assert!(with(record("a".into(), vec![1.0; 4], json!({}))).contains("4 dimensions"));
        assert!(with(record("a".into(), vec![1.0, f32::NAN, 0.0], json!({}))).contains("finite"));
        let named = Vectors(vec![("x".to_owned(), Vector::Dense(vec![1.0; 3]))]);
        assert!(with(Record { vectors: Some(named), ..record("a".into(), vec![], json!({})) }).contains("\"x\""));
        assert!(with(Record { vectors: None, ..record("a".into(), vec![], json!({})) }).contains("0 vectors"));
    }
}
