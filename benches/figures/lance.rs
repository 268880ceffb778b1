//! Reading through the LanceDB provider beside the library's own stream over the whole table.

use std::path::Path;

use futures::TryStreamExt;
use lancedb::arrow::arrow_array::cast::AsArray;
use lancedb::query::{ExecutableQuery, QueryExecutionOptions};
use tokio::runtime::Runtime;
use vector_inspector::provider::{self, ConnectSpec, ProviderKind};

use crate::reading::{self, Read};
use crate::report::Row;

/// A new directory with the table, read by both in turn.
pub fn row(runtime: &Runtime) -> Row {
    let dir = tempfile::tempdir().unwrap();
    let name = reading::own_name();
    runtime.block_on(async {
        let spec = ConnectSpec::directory(ProviderKind::LanceDb, dir.path());
        let provider = provider::connect(&spec).await.unwrap();
        reading::fill(provider.as_ref(), &name, false).await;
        let rounds = reading::in_turn(provider.as_ref(), &name, async || bare(dir.path(), &name).await).await;
        reading::row(
            ProviderKind::LanceDb,
            &rounds,
            "the bare loop is one stream of Arrow batches over the whole table",
        )
    })
}

async fn bare(dir: &Path, name: &str) -> Read {
    let database = lancedb::connect(dir.to_str().unwrap()).execute().await.unwrap();
    let table = database.open_table(name).execute().await.unwrap();
    let mut options = QueryExecutionOptions::default();
    options.max_batch_length = 1000;
    let mut batches = table.query().execute_with_options(options).await.unwrap();
    let mut read = (0, 0);
    while let Some(batch) = batches.try_next().await.unwrap() {
        read.0 += batch.num_rows() as u64;
        read.1 += batch.column_by_name("vector").unwrap().as_fixed_size_list().values().len() as u64;
    }
    read
}
