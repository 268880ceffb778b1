//! `collections TARGET`: the list, and `show NAME`: all that can be told about one.

use serde_json::{Value, json};

use super::open::open;
use super::table::Table;
use super::{CliError, Context, Exit, Out};
use crate::provider::model::{CollectionInfo, CollectionState, CollectionSummary, Count, VectorSpec};

/// List the collections of a database, or show one
#[derive(Debug, clap::Args)]
#[command(
    after_help = "With --json: an array of {name, count, count_exact, vectors: [{name, kind, dimension, metric}]}."
)]
pub struct Args {
    /// The database: a profile name, URL, directory, or demo
    #[arg(value_name = "TARGET")]
    target: String,
    #[command(subcommand)]
    action: Option<Action>,
    /// Print JSON for scripts
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Show all that the database tells about one collection
    #[command(after_help = "\
With --json: one object {name, count, count_exact, vectors: [{name, kind, dimension, metric, index, embedder}], state, \
state_detail, fields: [{path, kind, indexed}], details}; details is the maker's own description.")]
    Show {
        /// The collection
        #[arg(value_name = "NAME")]
        name: String,
    },
}

/// Lists, or shows one.
///
/// # Errors
/// A target that cannot be opened, a collection that is not there.
pub async fn run(args: &Args, context: &mut Context, out: &mut Out) -> Result<Exit, CliError> {
    let opened = open(&args.target, context, out).await?;
    match &args.action {
        None => {
            let collections = opened.ask("the list of collections", opened.provider.collections()).await?;
            if args.json {
                out.json(&Value::Array(collections.iter().map(summary_json).collect()))?;
            } else if collections.is_empty() {
                out.note("there are no collections.");
            } else {
                out.table(&list(&collections))?;
            }
        }
        Some(Action::Show { name }) => {
            let info = opened.ask("the description", opened.provider.describe(name)).await?;
            if args.json {
                out.json(&info_json(&info))?;
            } else {
                show(&info, out)?;
            }
        }
    }
    Ok(Exit::Done)
}

fn summary_json(summary: &CollectionSummary) -> Value {
    let vectors: Vec<Value> = summary.vectors.iter().map(vector_json).collect();
    json!({
        "name": summary.name,
        "count": summary.count.map(|count| count.value),
        "count_exact": summary.count.map(|count| count.exact),
        "vectors": vectors,
    })
}

fn vector_json(vector: &VectorSpec) -> Value {
    json!({
        "name": vector.name,
        "kind": vector.kind.name(),
        "dimension": vector.dimension,
        "metric": vector.metric.map(|metric| metric.name()),
    })
}

fn info_json(info: &CollectionInfo) -> Value {
    let mut value = summary_json(&info.summary);
    let (state, detail) = state(&info.state);
    let vectors = info.summary.vectors.iter().map(|vector| {
        let mut value = vector_json(vector);
        value["index"] = json!(vector.index);
        value["embedder"] = json!(vector.embedder);
        value
    });
    let fields = info.fields.iter().map(|f| json!({ "path": f.path, "kind": f.kind, "indexed": f.indexed }));
    value["vectors"] = Value::Array(vectors.collect());
    value["state"] = json!(state);
    value["state_detail"] = json!(detail);
    value["fields"] = Value::Array(fields.collect());
    value["details"] = info.details.clone();
    value
}

fn state(state: &CollectionState) -> (&'static str, Option<&str>) {
    match state {
        CollectionState::Ready => ("ready", None),
        CollectionState::Busy(detail) => ("busy", Some(detail)),
        CollectionState::Degraded(detail) => ("degraded", Some(detail)),
        CollectionState::Unknown => ("unknown", None),
    }
}

/// `1204`, `~1204` for an estimate, `?` where nobody knows.
fn count_text(count: Option<Count>) -> String {
    match count {
        Some(Count { value, exact: true }) => value.to_string(),
        Some(Count { value, exact: false }) => format!("~{value}"),
        None => "?".to_owned(),
    }
}

/// `text dense 384 cosine`, with what is not known left out.
fn vector_text(vector: &VectorSpec) -> String {
    let dimension = vector.dimension.map(|dimension| dimension.to_string());
    let metric = vector.metric.map(|metric| metric.name());
    let words = [Some(vector.name.as_str()), Some(vector.kind.name()), dimension.as_deref(), metric];
    words.into_iter().flatten().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

fn list(collections: &[CollectionSummary]) -> Table {
    let mut table = Table::new(["name", ">count", "vectors"]);
    for collection in collections {
        let vectors: Vec<String> = collection.vectors.iter().map(vector_text).collect();
        table.row([&collection.name, &count_text(collection.count), &vectors.join("; ")]);
    }
    table
}

fn show(info: &CollectionInfo, out: &mut Out) -> Result<(), CliError> {
    let (state, detail) = state(&info.state);
    out.line(&format!("name     {}", info.summary.name))?;
    out.line(&format!("records  {}", count_text(info.summary.count)))?;
    out.line(&format!("state    {state}{}", detail.map(|detail| format!(": {detail}")).unwrap_or_default()))?;
    out.line("")?;
    let mut vectors = Table::new(["vector", "kind", ">dimension", "metric", "index"]);
    for vector in &info.summary.vectors {
        let name = if vector.name.is_empty() { "(unnamed)" } else { &vector.name };
        let dimension = vector.dimension.map(|dimension| dimension.to_string()).unwrap_or_default();
        let metric = vector.metric.map(|metric| metric.name()).unwrap_or_default();
        vectors.row([name, vector.kind.name(), &dimension, metric, vector.index.as_deref().unwrap_or_default()]);
    }
    out.table(&vectors)?;
    if !info.fields.is_empty() {
        out.line("")?;
        let mut fields = Table::new(["field", "type", ">indexed"]);
        for field in &info.fields {
            let indexed = field.indexed.map(|indexed| indexed.to_string()).unwrap_or_default();
            fields.row([&field.path, &field.kind, &indexed]);
        }
        out.table(&fields)?;
    }
    Ok(())
}
