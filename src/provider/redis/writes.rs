//! Creating collections, writing and deleting records.

use redis::Cmd;

use super::documents;
use super::index::{Index, LONE, names};
use super::json_path;
use super::{Database, STEP, unsupported};
use crate::provider::model::{CollectionSpec, Metric, Record, RecordId, VectorKind, VectorSpec};
use crate::provider::{ProviderError, Result};

impl Database {
    /// Makes an index on JSON documents whose keys begin with `NAME:`. Documents that have such keys
    /// already are not taken in: a new collection is empty.
    pub(super) async fn create(&self, spec: &CollectionSpec) -> Result<()> {
        let command = self.new_index(spec).await?;
        match self.connection.ask(&command).await {
            Err(ProviderError::Server { cause, .. }) if cause.to_ascii_lowercase().contains("already exists") => {
                Err(exists(&spec.name))
            }
            answer => answer.map(drop),
        }
    }

    /// What makes the index, if it can be made here; asks, and writes nothing.
    pub(super) async fn new_index(&self, spec: &CollectionSpec) -> Result<Cmd> {
        if !self.search_engine {
            return Err(unsupported(
                "the server has no search engine, and a vector set begins with its first element (VADD): there is no \
                 empty one to create",
            ));
        }
        let prefix = format!("{}:", spec.name);
        let command = create(spec, &prefix)?;
        self.check_prefix(&spec.name, &prefix).await?;
        Ok(command)
    }

    /// An index takes every key that begins so: two collections must not share records.
    async fn check_prefix(&self, name: &str, prefix: &str) -> Result<()> {
        let list = self.connection.ask(&redis::cmd("FT._LIST")).await?;
        for other in names(&list).unwrap_or_default() {
            if other == name {
                return Err(exists(name));
            }
            let other = match self.resolve(&other).await {
                Err(ProviderError::NoSuchCollection { .. }) => continue,
                found => found?,
            };
            let shared =
                |theirs: &&String| !theirs.is_empty() && (theirs.starts_with(prefix) || prefix.starts_with(*theirs));
            if let Some(theirs) = other.prefixes.iter().find(shared) {
                return Err(ProviderError::BadRequest {
                    cause: format!(
                        "keys of {name:?} would begin with {prefix:?}, and those of {:?} begin with {theirs:?}: they would share records",
                        other.name
                    ),
                    mend: "Choose another name.".to_owned(),
                });
            }
        }
        Ok(())
    }

    /// Writes records and looks whether the index took them.
    pub(super) async fn write(&self, index: &Index, records: Vec<Record>) -> Result<()> {
        let mut keys = Vec::new();
        // All are checked before the first is sent.
        let mut commands = Vec::new();
        for record in records {
            keys.extend(index.key(&record.id));
            commands.push(documents::write(index, record)?);
        }
        let mut commands = commands.into_iter().peekable();
        while commands.peek().is_some() {
            self.connection.ask_all(commands.by_ref().take(STEP).flatten().collect()).await?;
        }
        let taken = self.members(index, &keys).await?.len();
        if taken < keys.len() {
            return Err(ProviderError::BadRequest {
                cause: format!(
                    "the index {:?} did not take {} of {} records: their keys are written, and a field is not of the kind that the index has it as",
                    index.name,
                    keys.len() - taken,
                    keys.len()
                ),
                mend: "Correct the records; the description of the collection has the last indexing error.".to_owned(),
            });
        }
        Ok(())
    }

    /// Deletes the keys of records; other keys of that name stay.
    pub(super) async fn remove(&self, index: &Index, ids: &[RecordId]) -> Result<()> {
        let keys: Vec<String> = ids.iter().filter_map(|id| index.key(id)).collect();
        for keys in self.members(index, &keys).await?.chunks(STEP) {
            let mut command = redis::cmd("UNLINK");
            command.arg(keys);
            self.connection.ask(&command).await?;
        }
        Ok(())
    }
}

/// `FT.CREATE` for a new collection.
fn create(spec: &CollectionSpec, prefix: &str) -> Result<Cmd> {
    let bad = |cause: String, mend: &str| ProviderError::BadRequest { cause, mend: mend.to_owned() };
    if spec.name.is_empty() || spec.name.contains('\0') {
        return Err(bad("a collection needs a name without a NUL".to_owned(), "Give it one."));
    }
    let mut command = redis::cmd("FT.CREATE");
    command.arg(&spec.name).arg("ON").arg("JSON").arg("PREFIX").arg(1).arg(prefix).arg("SKIPINITIALSCAN").arg("SCHEMA");
    if spec.vectors.is_empty() {
        return Err(bad("a collection needs a vector".to_owned(), "Give it one."));
    }
    for vector in &spec.vectors {
        let (attribute, metric, dimension) = checked(vector, spec.vectors.len())?;
        let path = json_path::write(&[attribute.to_owned()])
            .ok_or_else(|| unsupported(format!("a vector cannot be called {attribute:?}")))?;
        command.arg(path).arg("AS").arg(attribute).arg("VECTOR").arg("HNSW").arg(6);
        command.arg("TYPE").arg("FLOAT32").arg("DIM").arg(dimension).arg("DISTANCE_METRIC").arg(metric);
    }
    Ok(command)
}

/// The attribute, the metric and the dimension of a new vector field.
fn checked(vector: &VectorSpec, of: usize) -> Result<(&str, &'static str, usize)> {
    let attribute = match vector.name.as_str() {
        "" if of == 1 => LONE,
        "" => return Err(unsupported("each of several vectors needs a name")),
        name => name,
    };
    if vector.kind != VectorKind::Dense {
        return Err(unsupported(format!("it has no {} vectors", vector.kind.name())));
    }
    let metric = match vector.metric {
        None | Some(Metric::Cosine) => "COSINE",
        Some(Metric::Euclidean) => "L2",
        Some(Metric::Dot) => "IP",
        Some(Metric::Manhattan) => return Err(unsupported("its metrics are cosine, dot and euclidean")),
    };
    match vector.dimension {
        Some(dimension) if dimension > 0 => Ok((attribute, metric, dimension)),
        _ => Err(ProviderError::BadRequest {
            cause: format!("the vector {attribute:?} has no number of dimensions"),
            mend: "Give it one, at least 1.".to_owned(),
        }),
    }
}

fn exists(name: &str) -> ProviderError {
    ProviderError::BadRequest {
        cause: format!("there is a collection {name:?} already"),
        mend: "Choose another name, or drop it first.".to_owned(),
    }
}
