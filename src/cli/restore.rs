//! `restore DIR TARGET`: the checksums of a backup first, then its collections into a database, with the plan and
//! the proof of a copy.

use std::path::PathBuf;

use super::copy::stop_on_signals;
use super::progress::Shown;
use super::several::{self, Ends};
use super::writing::Writing;
use super::{CliError, Context, Exit, Out};
use crate::jobs::Control;
use crate::jobs::backup::{Proved, check};
use crate::jobs::model::plan::Wishes;
use crate::jobs::model::wishes::{proof, wish};
use crate::text::format;

/// Bring a backup back into a database: checksums first, then a plan, then a proof
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Every file of the backup is compared with its checksum before anything else. Then it is a copy of all collections, with \
its plan, its consent, its journal and its proof: docs/backup.md, docs/copying.md. What was stopped goes on with \
`copy --resume NAME`.\nWith --json: {id, collections, well, of}, as of copy --all; with --check {dir, files, bytes, proved}, where proved is null if that is not known.")]
pub struct Args {
    /// The directory of the backup
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// The database to bring it into: a profile name, URL or directory
    #[arg(value_name = "TARGET", required_unless_present = "check")]
    target: Option<String>,
    /// Only these collections; may be repeated
    #[arg(long, value_name = "NAME")]
    collection: Vec<String>,
    /// Compare the checksums, and no more
    #[arg(long, conflicts_with_all = ["target", "collection", "dry_run", "metric"])]
    check: bool,
    /// Stop after the plan; write nothing
    #[arg(long)]
    dry_run: bool,
    /// The metric of new collections whose own is not known: cosine, dot, euclidean or manhattan
    #[arg(long, value_name = "METRIC")]
    metric: Option<String>,
    /// What is proved at the end; full without it
    #[arg(long, value_name = "WHAT", value_parser = ["full", "counts", "none"])]
    verify: Option<String>,
    /// Searches that both sides are asked for the proof
    #[arg(long, value_name = "N", default_value_t = 20)]
    queries: usize,
    /// Add to collections that have records, if they have none of the ids
    #[arg(long)]
    into_existing: bool,
    /// At most so many records a second
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    rate: Option<u64>,
    #[command(flatten)]
    writing: Writing,
    /// Print JSON for scripts
    #[arg(long)]
    json: bool,
}

/// Checks, plans, copies.
///
/// # Errors
/// A file that is not as it was written: nothing was written then. Else as a copy.
pub async fn run(args: &Args, context: &mut Context, out: &mut Out) -> Result<Exit, CliError> {
    let (files, bytes) = compared(args).await?;
    let known = Proved::read(&args.dir);
    let proved = known.as_ref().map(Proved::holds);
    if let Some(doubt) = known.as_ref().and_then(Proved::doubt) {
        out.note(&doubt);
    }
    let dir = args.dir.display().to_string();
    let Some(target) = args.target.as_ref().filter(|_| !args.check) else {
        if args.json {
            out.json(&serde_json::json!({ "dir": dir, "files": files, "bytes": bytes, "proved": proved }))?;
        } else {
            out.line(&format!(
                "{}, {}: all are as they were written",
                format::number_of(files, "file"),
                format::bytes(bytes)
            ))?;
        }
        return Ok(Exit::Done);
    };
    if !args.json {
        out.line(&format!(
            "{}, {}: all are as they were written\n",
            format::number_of(files, "file"),
            format::bytes(bytes)
        ))?;
    }
    let dir = match std::path::absolute(&args.dir) {
        Ok(path) => path.display().to_string(),
        Err(_) => dir,
    };
    let mut wishes = Wishes {
        into_existing: args.into_existing,
        rate: args.rate,
        verify: args.verify.as_deref().and_then(proof).unwrap_or_default(),
        queries: args.queries,
        ..Wishes::default()
    };
    if let Some(metric) = &args.metric {
        wish("metric", metric, &mut wishes).map_err(|why| CliError::Usage(format!("--{why}")))?;
    }
    let (chosen, writing) = (args.collection.as_slice(), &args.writing);
    let ends = Ends { from: &dir, to: target, chosen, writing, dry_run: args.dry_run };
    several::begin(&ends, wishes, args.json, context, out).await
}

/// Compares all checksums, with a bar.
async fn compared(args: &Args) -> Result<(usize, u64), CliError> {
    let (shown, mut meter) = Shown::new();
    let control = Control::default();
    let _stop = stop_on_signals(&control)?;
    let checked = check(&args.dir, &control, &mut meter).await;
    drop(shown);
    Ok(checked?)
}
