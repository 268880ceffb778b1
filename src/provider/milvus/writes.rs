//! The writing half: create, upsert, delete, drop.

use std::time::Duration;

use prost::Message;
use tokio::time::Instant;

use super::creating::{field_name, metric_word, schema};
use super::layout::Layout;
use super::proto::{
    CollectionRequest, CollectionSchema, CreateCollectionRequest, CreateIndexRequest, DeleteRequest, KeyValuePair,
    LoadCollectionRequest, MutationResult, Status, WriteRequest, consistency, load_state,
};
use super::{Milvus, expression, rows};
use crate::provider::model::{CollectionSpec, Record, RecordId, VectorKind};
use crate::provider::{ProviderError, Result};

/// A write of more bytes goes in halves: Milvus takes 64 MiB in one message, cloud servers less.
const LARGEST_WRITE: usize = 16 * 1024 * 1024;
/// Ids in one request.
const IDS_AT_ONCE: usize = 1_000;
/// How often a new collection is asked whether it is loaded.
const ASK_AGAIN: Duration = Duration::from_millis(20);

impl Milvus {
    /// Creates, indexes and loads; what was begun is taken back if a step fails.
    pub(super) async fn create(&self, spec: &CollectionSpec) -> Result<()> {
        let schema = self.new_schema(spec).await?;
        let question = CreateCollectionRequest {
            collection_name: spec.name.clone(),
            schema: schema.encode_to_vec(),
            shards_num: 1,
            consistency_level: consistency::STRONG,
        };
        let _: Status = self.connection.ask("CreateCollection", Some(&spec.name), question).await?;
        let made = self.make_ready(spec).await;
        if made.is_err() {
            // The first failure is the one to tell.
            let _ = self.discard(&spec.name).await;
        }
        made
    }

    /// The fields of a new collection, if it can be made here; asks, and writes nothing.
    pub(super) async fn new_schema(&self, spec: &CollectionSpec) -> Result<CollectionSchema> {
        let schema = schema(spec, self.dialect)?;
        // Milvus takes a second creation with the same fields for none.
        match self.schema(&spec.name).await {
            Err(ProviderError::NoSuchCollection { .. }) => Ok(schema),
            Ok(_) => Err(ProviderError::BadRequest {
                cause: format!("there is a collection {:?} already", spec.name),
                mend: "Choose another name, or drop the one that is there.".to_owned(),
            }),
            Err(error) => Err(error),
        }
    }

    async fn make_ready(&self, spec: &CollectionSpec) -> Result<()> {
        for vector in &spec.vectors {
            let (kind, metric) = match vector.kind {
                VectorKind::Sparse => ("SPARSE_INVERTED_INDEX", "IP"),
                _ => ("AUTOINDEX", metric_word(vector)?),
            };
            let field = field_name(vector).to_owned();
            let question = CreateIndexRequest {
                collection_name: spec.name.clone(),
                index_name: field.clone(),
                field_name: field,
                extra_params: vec![KeyValuePair::new("index_type", kind), KeyValuePair::new("metric_type", metric)],
            };
            let _: Status = self.connection.ask("CreateIndex", Some(&spec.name), question).await?;
        }
        let question = LoadCollectionRequest { collection_name: spec.name.clone(), replica_number: 1 };
        let _: Status = self.connection.ask("LoadCollection", Some(&spec.name), question).await?;
        let end = Instant::now() + self.patience;
        let layout = self.layout(&spec.name).await?;
        while self.load_state(&layout).await? != load_state::LOADED {
            if Instant::now() >= end {
                let what = format!("{}, asked to load the new collection,", self.connection.server);
                return Err(ProviderError::TimedOut { what, after: self.patience });
            }
            tokio::time::sleep(ASK_AGAIN).await;
        }
        Ok(())
    }

    pub(super) async fn put(&self, layout: &Layout, records: Vec<Record>) -> Result<()> {
        let records = rows::last_of_each(records);
        let mut waiting = vec![records.as_slice()];
        let mut ready = Vec::new();
        // All are checked before the first is sent.
        while let Some(records) = waiting.pop().filter(|records| !records.is_empty()) {
            let question = WriteRequest {
                collection_name: layout.collection.clone(),
                partition_name: layout.partition.clone().unwrap_or_default(),
                fields_data: rows::columns(layout, records, self.dialect.reserved())?,
                num_rows: u32::try_from(records.len()).unwrap_or(u32::MAX),
            };
            if records.len() > 1 && question.encoded_len() > LARGEST_WRITE {
                let (first, second) = records.split_at(records.len() / 2);
                waiting.extend([second, first]);
            } else {
                ready.push(question);
            }
        }
        for question in ready {
            let method = self.dialect.replacing_request();
            let answer: MutationResult = self.connection.ask(method, Some(&layout.collection), question).await?;
            if !answer.err_index.is_empty() {
                let cause = format!("it did not write {} of the records", answer.err_index.len());
                return Err(ProviderError::Server { address: self.connection.server.to_string(), cause });
            }
        }
        Ok(())
    }

    pub(super) async fn remove(&self, layout: &Layout, ids: &[RecordId]) -> Result<()> {
        // Milvus Lite deletes a key in every partition, whichever is named.
        let own = match layout.partition {
            Some(_) if self.dialect.is_lite() => {
                let found = self.fetch(layout, ids, false).await?;
                Some(found.into_iter().map(|record| record.id).collect::<Vec<_>>())
            }
            Some(_) | None => None,
        };
        for chunk in own.as_deref().unwrap_or(ids).chunks(IDS_AT_ONCE) {
            let Some(expr) = expression::one_of(&layout.key, chunk) else { continue };
            let (collection_name, partition) = (layout.collection.clone(), layout.partition.clone());
            let question = DeleteRequest { collection_name, partition_name: partition.unwrap_or_default(), expr };
            let _: MutationResult = self.connection.ask("Delete", Some(&layout.collection), question).await?;
        }
        Ok(())
    }

    pub(super) async fn discard(&self, collection: &str) -> Result<()> {
        let question = CollectionRequest { collection_name: collection.to_owned() };
        let _: Status = self.connection.ask("DropCollection", Some(collection), question).await?;
        Ok(())
    }
}
