//! Reading through the LanceDB provider beside the library's own stream over the whole table: once with
//! each record's parts taken out of the columns, as the bare loops of other clients give them, and once with
//! the columns left as they are, of which no record can be made without doing the former.

use std::path::Path;

use futures::TryStreamExt;
use lancedb::arrow::SendableRecordBatchStream;
use lancedb::arrow::arrow_array::cast::AsArray;
use lancedb::arrow::arrow_array::types::{Float32Type, Int64Type};
use lancedb::arrow::arrow_array::{Array, RecordBatch};
use lancedb::query::{ExecutableQuery, QueryExecutionOptions};
use serde_json::{Map, Value};
use tokio::runtime::Runtime;
use vector_inspector::provider::{self, ConnectSpec, ProviderKind};

use crate::reading::{self, Read};
use crate::report::{Row, Verdict};

/// Id, payload, text and vector of a record.
type Stored = (i64, Map<String, Value>, Option<String>, Vec<f32>);

/// A new directory with the table, read by all in turn.
pub fn rows(runtime: &Runtime) -> Vec<Row> {
    let dir = tempfile::tempdir().unwrap();
    let name = reading::own_name();
    runtime.block_on(async {
        let spec = ConnectSpec::directory(ProviderKind::LanceDb, dir.path());
        let provider = provider::connect(&spec).await.unwrap();
        reading::fill(provider.as_ref(), &name, false).await;
        let columns = reading::in_turn(provider.as_ref(), &name, async || columns(dir.path(), &name).await).await;
        let rounds = reading::in_turn(provider.as_ref(), &name, async || records(dir.path(), &name).await).await;
        let mut untouched = reading::row(ProviderKind::LanceDb, &columns, "the columns of Arrow are left as they are");
        untouched.figure += " that makes no records";
        (untouched.limit, untouched.verdict) = (String::new(), Verdict::NoLimit);
        let note = "the bare loop is one stream over the whole table; it takes ids, vectors and payloads (as JSON) out \
                    of Arrow's columns";
        vec![untouched, reading::row(ProviderKind::LanceDb, &rounds, note)]
    })
}

async fn stream(dir: &Path, name: &str) -> SendableRecordBatchStream {
    let database = lancedb::connect(dir.to_str().unwrap()).execute().await.unwrap();
    let table = database.open_table(name).execute().await.unwrap();
    let mut options = QueryExecutionOptions::default();
    options.max_batch_length = 1000;
    table.query().execute_with_options(options).await.unwrap()
}

async fn columns(dir: &Path, name: &str) -> Read {
    let mut batches = stream(dir, name).await;
    let mut read = (0, 0);
    while let Some(batch) = batches.try_next().await.unwrap() {
        read.0 += batch.num_rows() as u64;
        read.1 += batch.column_by_name("vector").unwrap().as_fixed_size_list().values().len() as u64;
    }
    read
}

async fn records(dir: &Path, name: &str) -> Read {
    let mut batches = stream(dir, name).await;
    let mut read = (0, 0);
    while let Some(batch) = batches.try_next().await.unwrap() {
        let page = taken_out(&batch);
        read.0 += page.len() as u64;
        read.1 += page.iter().map(|record| record.3.len() as u64).sum::<u64>();
    }
    read
}

fn taken_out(batch: &RecordBatch) -> Vec<Stored> {
    let column = |name: &str| batch.column_by_name(name).unwrap();
    let ids = column("id").as_primitive::<Int64Type>();
    let (payloads, texts) = (column("payload").as_string::<i32>(), column("text").as_string::<i32>());
    let vectors = column("vector").as_fixed_size_list();
    let numbers = vectors.values().as_primitive::<Float32Type>().values();
    let size = vectors.value_length() as usize;
    let record = |row| {
        let from = vectors.value_offset(row) as usize;
        let payload = serde_json::from_str(payloads.value(row)).unwrap();
        let text = texts.is_valid(row).then(|| texts.value(row).to_owned());
        (ids.value(row), payload, text, numbers[from..from + size].to_vec())
    };
    (0..batch.num_rows()).map(record).collect()
}
