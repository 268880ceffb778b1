//! `recall TARGET COLLECTION`: how much of the true neighbours the index finds.

use super::open::open;
use super::progress::Shown;
use super::{CliError, Context, Exit, Out, bars, queries};
use crate::jobs::model::recall::Recall;
use crate::jobs::recall::{RecallOptions, check};
use crate::jobs::{Control, JobError};
use crate::text::format;

/// Check an index: search through it and around it, and compare the hits
#[derive(Debug, clap::Args)]
#[command(after_help = "\
With --json: {target, collection, vector, index, top, queries, seed, recall: {what, mean, lowest, histogram}, \
index_ms, exact_ms}; histogram has the number of queries below 10 %, below 20 %, …, below 100 %, and at 100 %.\n\
A hit that is as near as the last of the true ones counts as one of them.\n\
Exit code 1 when the mean is below --fail-under.")]
pub struct Args {
    /// The database: a profile name, URL, directory, or demo
    #[arg(value_name = "TARGET")]
    target: String,
    /// The collection
    #[arg(value_name = "COLLECTION")]
    collection: String,
    /// The vector field, where there are several
    #[arg(long, value_name = "NAME")]
    using: Option<String>,
    #[command(flatten)]
    queries: queries::QueryArgs,
    /// End with code 1 when the mean recall is below this, 0 to 1
    #[arg(long, value_name = "X", value_parser = queries::part)]
    fail_under: Option<f64>,
    #[command(flatten)]
    json: super::Json,
}

/// Checks the index and prints what it finds.
///
/// # Errors
/// A target that cannot be opened, a database that cannot search exactly.
pub async fn run(args: &Args, context: &mut Context, out: &mut Out) -> Result<Exit, CliError> {
    let queries = args.queries.read()?;
    let side = open(&args.target, context, out).await?.side(&args.collection);
    let options = RecallOptions { using: args.using.clone(), top: args.queries.top(), queries };
    let (shown, mut meter) = Shown::new();
    let checked = check(&side, &options, &Control::default(), &mut meter).await;
    drop(shown);
    let recall = checked.map_err(CliError::from)?;
    if recall.queries == 0 {
        out.note(&format!("{} has no records with that vector: there is nothing to search with.", side.name()));
        return Ok(Exit::Nothing);
    }
    if args.json.json {
        let json = serde_json::to_value(&recall).map_err(|error| CliError::Environment(format!("{error}.")))?;
        out.json(&json)?;
    } else {
        print(&recall, out)?;
    }
    Ok(judge(recall.recall.mean, args.fail_under, "the mean recall", out))
}

/// Whether a value is below the limit of the user; says so.
pub(super) fn judge(mean: f64, limit: Option<f64>, what: &str, out: &mut Out) -> Exit {
    match limit.filter(|limit| mean < *limit) {
        Some(limit) => {
            out.note(&format!("{what} is {mean:.4}, below the limit of {limit}."));
            Exit::Nothing
        }
        None => Exit::Done,
    }
}

fn print(recall: &Recall, out: &mut Out) -> Result<(), CliError> {
    let vector = if recall.vector.is_empty() { "its vector".to_owned() } else { format!("vector {:?}", recall.vector) };
    out.line(&format!("{} ▸ {}: {vector}, {}", recall.target, recall.collection, {
        recall.index.as_deref().unwrap_or("the maker does not tell of its index")
    }))?;
    let way = &recall.recall;
    out.line(&format!(
        "recall@{}  {}  {}   lowest {}, {} queries",
        recall.top,
        bars::bar(way.mean, 20),
        format::share(way.mean),
        format::share(way.lowest),
        format::exact(recall.queries as u64),
    ))?;
    for row in bars::histogram(way) {
        out.line(&row)?;
    }
    out.line(&format!("through the index {:.2} ms, exact {:.2} ms a search", recall.index_ms, recall.exact_ms))?;
    Ok(())
}

impl From<JobError> for CliError {
    fn from(error: JobError) -> Self {
        match error {
            JobError::Provider { label, source } => Self::provider(&label, source),
            other => Self::Job(other),
        }
    }
}
