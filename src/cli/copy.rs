//! `copy FROM F_COLL TO T_COLL`: a collection into another database, with proof; `--resume` goes on with one that
//! was stopped, `--list` shows all. `copy FROM TO --all` is in `several`.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::json;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::open::{Resolved, resolve};
use super::progress::Shown;
use super::several;
use super::table::Table;
use super::writing::Writing;
use super::{CliError, Context, Exit, Out};
use crate::jobs::copy::several::Several;
use crate::jobs::copy::{self, CopyError, Folder, Words, report};
use crate::jobs::model::copied::{Copied, CopyState, Verdict};
use crate::jobs::model::plan::{Plan, Verify, Wishes};
use crate::jobs::model::wishes::{proof, wish};
use crate::jobs::{Control, Side};
use crate::provider::Address;
use crate::text::format;

/// Copy a collection into another database: a plan first, then a journal, then a proof
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The plan says what is kept, moved, changed or lost; nothing is written before it is accepted. The target is made, or \
must be empty. Nothing is ever deleted. docs/copying.md has the whole story.\nWith --all or --collection several collections \
are copied under their names, with one consent: copy FROM TO --all. With --json that is {id, collections, well, of}, one \
report or {collection, error} for each; with --dry-run an array of plans.\nWith --json: one object, {id, folder, \
from, to, verdict, counts, source_changed, batches, bytes, seconds, resumed, resent, checks, differences, different}; with \
--dry-run the plan; with --list an array of {id, from, to, listed, done, verdict, running, fault}.\nExit code 0 when all \
that was to be proved holds, 1 when the filter selects nothing, 5 when the copy is not verified, has rejects, or was stopped and \
can be resumed; 3 or 4 where a database stopped it.")]
pub struct Args {
    /// The database to copy from: a profile name, URL, directory, or demo
    #[arg(value_name = "FROM", required_unless_present_any = ["resume", "list", "forget"])]
    from: Option<String>,
    /// The collection to copy
    #[arg(value_name = "F_COLL", required_unless_present_any = ["resume", "list", "forget"])]
    from_collection: Option<String>,
    /// The database to copy into
    #[arg(value_name = "TO", required_unless_present_any = ["resume", "list", "forget", "all", "collection"])]
    to: Option<String>,
    /// The collection to make or to fill; the name of the source without it
    #[arg(value_name = "T_COLL")]
    to_collection: Option<String>,
    /// Copy every collection: copy FROM TO --all
    #[arg(long, conflicts_with_all = ["resume", "list", "collection", "id_map"])]
    all: bool,
    /// Copy these collections: copy FROM TO --collection A --collection B
    #[arg(long, value_name = "NAME", conflicts_with_all = ["resume", "list", "id_map"])]
    collection: Vec<String>,
    /// Stop after the plan; write nothing
    #[arg(long, conflicts_with_all = ["resume", "list"])]
    dry_run: bool,
    /// Go on with a copy that was stopped: its name or its directory
    #[arg(long, value_name = "COPY", conflicts_with_all = ["from", "list"])]
    resume: Option<String>,
    /// List all copies with their state
    #[arg(long, conflicts_with = "from")]
    list: bool,
    /// Take a copy off the list: only the directory of its journal is removed
    #[arg(long, value_name = "COPY", conflicts_with_all = ["from", "list", "resume", "all", "collection", "dry_run"])]
    forget: Option<String>,
    /// What is proved at the end; full without it
    #[arg(long, value_name = "WHAT", value_parser = ["full", "counts", "none"])]
    verify: Option<String>,
    /// Searches that both sides are asked for the proof
    #[arg(long, value_name = "N", default_value_t = 20)]
    queries: usize,
    /// Only records that this selects
    #[arg(long, value_name = "FILTER")]
    filter: Option<String>,
    /// Where the database refuses the filter, read all records and filter them here
    #[arg(long, requires = "filter")]
    client_filter: bool,
    /// Only these fields of the payload, with commas between
    #[arg(long, value_name = "FIELDS", value_delimiter = ',')]
    fields: Vec<String>,
    /// Not these fields of the payload
    #[arg(long, value_name = "FIELDS", value_delimiter = ',')]
    without: Vec<String>,
    /// Give a field another name; may be repeated
    #[arg(long, value_name = "OLD=NEW")]
    rename: Vec<String>,
    /// Give every record this field, a value in JSON; may be repeated
    #[arg(long, value_name = "FIELD=JSON")]
    set: Vec<String>,
    /// Only these vectors, with commas between; FROM=TO gives one another name
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    vectors: Vec<String>,
    /// The metric of the new collection: cosine, dot, euclidean or manhattan; that of the source without it. Of several
    /// collections only those get it whose own is not known or not to be had
    #[arg(long, value_name = "METRIC")]
    metric: Option<String>,
    /// Add to a collection that has records, if it has none of the ids
    #[arg(long)]
    into_existing: bool,
    /// Bring back the ids, texts and values that an earlier copy has put into _source_id, _source_text, _source_json
    #[arg(long)]
    restore: bool,
    /// Write which id became which into this file, one JSON object a line
    #[arg(long, value_name = "FILE")]
    id_map: Option<PathBuf>,
    /// At most so many records a second
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    rate: Option<u64>,
    /// At most so many records in one write; by bytes and answers without it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    batch: Option<u64>,
    /// Stop after so many refused records (1000, or the first 50 if none was accepted)
    #[arg(long, value_name = "N")]
    max_rejects: Option<u64>,
    #[command(flatten)]
    writing: Writing,
    /// Print JSON for scripts
    #[arg(long)]
    json: bool,
}

/// Copies, goes on, or lists.
///
/// # Errors
/// An end that cannot be opened, a wish that cannot be, a copy that stopped.
pub async fn run(args: &Args, context: &mut Context, out: &mut Out) -> Result<Exit, CliError> {
    if args.list {
        return list(args, context, out);
    }
    if let Some(id) = &args.forget {
        copy::forget(&context.state_dir()?, id)?;
        out.note(&format!("{id} is off the list. What it has written at its target stays."));
        return Ok(Exit::Done);
    }
    match &args.resume {
        Some(id) => match Several::open(&context.state_dir()?, id)? {
            Some(copies) => resume_several(&copies, args, context, out).await,
            None => resume(id, args, context, out).await,
        },
        None if args.all || !args.collection.is_empty() => begin_several(args, context, out).await,
        None => begin(args, context, out).await,
    }
}

/// `copy FROM TO --all`: the second word is the target.
async fn begin_several(args: &Args, context: &mut Context, out: &mut Out) -> Result<Exit, CliError> {
    let (Some(from), Some(to), None) = (&args.from, &args.from_collection, &args.to) else {
        let usage = "with --all or --collection two databases are given and no more: copy FROM TO --all.";
        return Err(CliError::Usage(usage.to_owned()));
    };
    let ends = several::Ends { from, to, chosen: &args.collection, writing: &args.writing, dry_run: args.dry_run };
    several::begin(&ends, wishes(args)?, args.json, context, out).await
}

async fn resume_several(copies: &Several, args: &Args, context: &mut Context, out: &mut Out) -> Result<Exit, CliError> {
    let anew = |plan: &mut Plan| anew(args, plan);
    several::resume(copies, &args.writing, &anew, args.json, context, out).await
}

/// What a resume takes anew.
fn anew(args: &Args, plan: &mut Plan) {
    if let Some(verify) = verify(args) {
        plan.wishes.verify = verify;
    }
    plan.wishes.rate = args.rate.or(plan.wishes.rate);
    plan.wishes.max_rejects = args.max_rejects.or(plan.wishes.max_rejects);
}

async fn begin(args: &Args, context: &mut Context, out: &mut Out) -> Result<Exit, CliError> {
    let wishes = wishes(args)?;
    let text = |word: &Option<String>| word.clone().unwrap_or_default();
    let (from, to, source) = (text(&args.from), text(&args.to), text(&args.from_collection));
    let target = args.to_collection.clone().unwrap_or_else(|| source.clone());
    let (from, to) = ((resolve(&from, context, out).await?, from), (resolve(&to, context, out).await?, to));
    let words = Words { from: word(&from.1, &from.0.spec.address), to: word(&to.1, &to.0.spec.address) };
    let source = side(from.0, source).await?;
    let target = writable(to.0, target, args, context).await?;
    // Nothing is written yet: a signal may end the program as it does.
    let (shown, mut meter) = Shown::new();
    let planned = copy::plan(&source, &target, words, wishes, &Control::default(), &mut meter).await;
    drop(shown);
    let plan = planned?;
    if args.dry_run && args.json {
        out.json(&serde_json::to_value(&plan).unwrap_or_default())?;
    } else if !args.json {
        lines(&report::plan(&plan), out)?;
    }
    if let (Some(filter), 0, true) = (&plan.wishes.filter, plan.records, plan.records_exact) {
        return Err(CopyError::NothingSelected { name: source.name(), filter: filter.clone() }.into());
    }
    if args.dry_run {
        return Ok(Exit::Done);
    }
    out.flush()?;
    if !args.writing.yes && !args.writing.agreed("Copy like this?", out) {
        return Err(CliError::Usage(
            "nothing was written. Accept the plan with --yes, or type yes at a terminal.".to_owned(),
        ));
    }
    writable_map(args)?;
    let folder = Folder::create(&context.state_dir()?, &plan)?;
    carry_out(args, &folder, &plan, [source, target], out).await
}

async fn resume(id: &str, args: &Args, context: &mut Context, out: &mut Out) -> Result<Exit, CliError> {
    let (folder, mut plan) = Folder::open(&context.state_dir()?, id)?;
    anew(args, &mut plan);
    if let Some(copied) = folder.proved(plan.wishes.verify) {
        let id = &folder.id;
        out.note(&format!("{id} is finished and verified; there is nothing to go on with. `compare` proves it anew."));
        return end(args, &folder, &plan, &copied, out);
    }
    writable_map(args)?;
    let source = side(resolve(&plan.from.target, context, out).await?, plan.from.collection.clone()).await?;
    let target =
        writable(resolve(&plan.to.target, context, out).await?, plan.to.collection.clone(), args, context).await?;
    carry_out(args, &folder, &plan, [source, target], out).await
}

async fn carry_out(
    args: &Args,
    folder: &Folder,
    plan: &Plan,
    [source, target]: [Side; 2],
    out: &mut Out,
) -> Result<Exit, CliError> {
    let control = Control::default();
    let (shown, mut meter) = Shown::new();
    let _stop = stop_on_signals(&control)?;
    let copied = copy::run(folder, plan, &source, &target, &control, &mut meter).await;
    drop(shown);
    let copied = match copied {
        Ok(copied) => copied,
        Err(error) if folder.can_go_on(&error) => {
            out.note(&format!("go on with: vector-inspector copy --resume {}", folder.id));
            return Err(CliError::Stopped(error));
        }
        Err(error) => return Err(error.into()),
    };
    end(args, folder, plan, &copied, out)
}

/// Makes the file for the map of ids, so that a copy does not find at its end that it cannot be written.
fn writable_map(args: &Args) -> Result<(), CliError> {
    let Some(path) = &args.id_map else { return Ok(()) };
    let failed =
        |error: std::io::Error| CliError::FileOutput { path: path.display().to_string(), cause: error.to_string() };
    std::fs::OpenOptions::new().append(true).create(true).open(path).map(drop).map_err(failed)
}

/// Tells how it went; the report first, whatever becomes of the map of ids.
fn end(args: &Args, folder: &Folder, plan: &Plan, copied: &Copied, out: &mut Out) -> Result<Exit, CliError> {
    print(copied, args.json, out)?;
    if let Some(path) = &args.id_map {
        let many = copy::export_ids(folder, plan, path).map_err(|error| match error {
            CopyError::File { path: at, cause } if at == path.display().to_string() => {
                CliError::FileOutput { path: at, cause }
            }
            error => error.into(),
        })?;
        out.note(&format!("{} in {}.", format::many(many, "id is", "ids are"), path.display()));
    }
    Ok(if copied.verdict == Verdict::NotVerified { Exit::Partly } else { Exit::Done })
}

fn print(copied: &Copied, json: bool, out: &mut Out) -> Result<(), CliError> {
    if json {
        return Ok(out.json(&serde_json::to_value(copied).unwrap_or_default())?);
    }
    lines(&report::text(copied), out)
}

/// Prints some lines.
pub(super) fn lines(text: &str, out: &mut Out) -> Result<(), CliError> {
    for line in text.lines() {
        out.line(line)?;
    }
    Ok(())
}

fn list(args: &Args, context: &Context, out: &mut Out) -> Result<Exit, CliError> {
    let mut copies = Folder::list(&context.state_dir()?)?;
    copies.extend(Several::list(&context.state_dir()?, &copies));
    if args.json {
        out.json(&json!(copies))?;
        return Ok(Exit::Done);
    }
    let mut table = Table::new(["copy", "from", "to", ">done", ">of", "state"]);
    for copy in &copies {
        let of = copy.listed.map_or_else(String::new, format::exact);
        table.row([copy.id.clone(), copy.from.clone(), copy.to.clone(), format::exact(copy.done), of, state(copy)]);
    }
    out.table(&table)?;
    Ok(Exit::Done)
}

fn state(copy: &CopyState) -> String {
    match (copy.verdict, &copy.fault) {
        _ if copy.running => "running".to_owned(),
        (_, Some(fault)) => fault.clone(),
        (Some(verdict), None) => verdict.words().to_owned(),
        (None, None) => "stopped; --resume goes on".to_owned(),
    }
}

/// The word that opens the same database again from any directory.
pub(super) fn word(given: &str, address: &Address) -> String {
    let Address::Directory(path) = address else { return given.to_owned() };
    match (std::fs::canonicalize(given), std::fs::canonicalize(path)) {
        (Ok(given), Ok(path)) if given == path => path.display().to_string(),
        _ => given.to_owned(),
    }
}

/// A collection of the database, opened.
pub(super) async fn side(resolved: Resolved, collection: String) -> Result<Side, CliError> {
    let label = resolved.label.clone();
    let opened = resolved.connect().await.map_err(|error| CliError::provider(&label, error))?;
    Ok(Side { label, provider: Arc::from(opened.provider), collection, request: opened.request })
}

/// The target, refused at once where it cannot be written to.
async fn writable(resolved: Resolved, collection: String, args: &Args, context: &Context) -> Result<Side, CliError> {
    if args.dry_run {
        // A plan writes nothing.
        args.writing.permit(&resolved, context)?;
    } else {
        args.writing.require(&resolved, &collection, &format!("copying into {collection:?}"), context)?;
    }
    side(resolved, collection).await
}

/// Ends the job cleanly at the first signal, and the program at the second that somebody sends; until it is dropped.
pub(super) fn stop_on_signals(control: &Control) -> Result<tokio_util::task::AbortOnDropHandle<()>, CliError> {
    let failed = |error: std::io::Error| CliError::Environment(format!("signals cannot be caught: {error}."));
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    // Not under `nohup`, which wants a closed terminal to change nothing.
    let mut hang_up = if hang_up_ends() { Some(signal(SignalKind::hangup()).map_err(failed)?) } else { None };
    let control = control.clone();
    Ok(tokio_util::task::AbortOnDropHandle::new(tokio::spawn(async move {
        loop {
            let hung_up = tokio::select! {
                _ = interrupt.recv() => false,
                _ = terminate.recv() => false,
                () = received(hang_up.as_mut()) => true,
            };
            if ends_at_once(&control, hung_up) {
                // What is not journalled is written again at the next run.
                std::process::exit(i32::from(Exit::Partly.code()));
            }
            control.cancel();
        }
    })))
}

/// Whether a signal ends the program at once. A terminal that is closed often sends its own twice, once by itself and
/// once by the shell: the second is no impatience of anybody.
fn ends_at_once(control: &Control, hung_up: bool) -> bool {
    !hung_up && control.is_cancelled()
}

/// Whether the end of the terminal ends this process; not known where the system does not tell, and then left alone.
fn hang_up_ends() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 0)
}

/// Waits for that signal; for ever without one.
async fn received(signal: Option<&mut Signal>) {
    match signal {
        Some(signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    }
}

/// What is proved, where it was said.
fn verify(args: &Args) -> Option<Verify> {
    args.verify.as_deref().and_then(proof)
}

fn wishes(args: &Args) -> Result<Wishes, CliError> {
    // What clap has read is taken as it is; texts go through the one parser of them.
    let mut wishes = Wishes {
        filter: args.filter.clone(),
        filter_here: args.client_filter,
        into_existing: args.into_existing,
        restore: args.restore,
        rate: args.rate,
        batch: args.batch.map(|most| usize::try_from(most).unwrap_or(usize::MAX)),
        max_rejects: args.max_rejects,
        verify: verify(args).unwrap_or_default(),
        queries: args.queries,
        ..Wishes::default()
    };
    for (name, values) in [
        ("fields", args.fields.as_slice()),
        ("without", args.without.as_slice()),
        ("rename", args.rename.as_slice()),
        ("set", args.set.as_slice()),
        ("vectors", args.vectors.as_slice()),
        ("metric", args.metric.as_slice()),
    ] {
        for value in values {
            wish(name, value, &mut wishes).map_err(|why| CliError::Usage(format!("--{why}")))?;
        }
    }
    Ok(wishes)
}

impl From<CopyError> for CliError {
    fn from(error: CopyError) -> Self {
        Self::Copy(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_hang_up_still_lets_the_job_end_cleanly_and_a_second_interrupt_does_not() {
        let control = Control::default();
        assert!(!ends_at_once(&control, false) && !ends_at_once(&control, true));
        control.cancel();
        assert!(ends_at_once(&control, false) && !ends_at_once(&control, true));
    }
}
