//! `compare A A_COLL B B_COLL`: what two collections have in common, and what not.

mod apply;
mod files;
mod report;
mod show;

use super::progress::Shown;
use super::writing::Writing;
use super::{CliError, Context, Exit, Out, queries, sides};
use crate::jobs::Control;
use crate::jobs::align::{Writes, fitting};
use crate::jobs::compare::{CompareOptions, ContentOptions, Depth, compare};
use crate::jobs::model::comparison::{Difference, Outcome, Retrieval};
use crate::provider::filter::Filter;

/// Compare two collections of any two databases: structure, ids, contents, what searches find
#[derive(Debug, clap::Args)]
#[command(after_help = "\
What the makers cannot keep alike (such as the length of vectors where the metric is cosine) is no difference; the \
report lists it. docs/comparing.md says what is compared and how.\n\
With --json: one object {a, b, vectors, structure: {items}, contents: {records_a, records_b, equal, equal_by_tolerance, \
missing, extra, kind_changed, changed, repeated, moved, filter, fields, fields_unseen, tolerances, differences}, retrieval: \
{vector, top, queries, seed, measures, ways, left_out}, seconds}; parts that were not asked for are null. Missing is what B does not have, extra what A \
does not have.\n\
Exit code 0 when nothing differs, 1 when something does or a mean is below --fail-under.\n\
--apply makes B like A: what is missing or different in B is written there from A, after a question (or --yes), and \
records are compared again. What only B has stays, unless --delete-extra is given. The writes are those that \
--plan-sync lists; comparing without --apply is the dry run. With --json the object has one more member, aligned: {upserts, deletes, \
upserted, deleted, left, gone, refused, refusals, stopped, after}, or null where there was nothing to do. Exit code 0 when B's records \
are A's afterwards, 5 when not.")]
pub struct Args {
    /// The first database: a profile name, URL, directory, or demo
    #[arg(value_name = "A")]
    a: String,
    /// Its collection
    #[arg(value_name = "A_COLL")]
    a_collection: String,
    /// The second database; may be the first one again
    #[arg(value_name = "B")]
    b: String,
    /// Its collection
    #[arg(value_name = "B_COLL")]
    b_collection: String,
    /// Compare only these, separated by commas; content includes ids [default: all]
    #[arg(long, value_name = "PARTS", value_delimiter = ',', value_enum)]
    only: Vec<Piece>,
    /// Only records that this selects, on both sides
    #[arg(long, value_name = "FILTER")]
    filter: Option<String>,
    /// Of payloads, compare only these fields, separated by commas
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    fields: Vec<String>,
    /// The vector that is searched, by A's name, where there are several
    #[arg(long, value_name = "NAME")]
    using: Option<String>,
    #[command(flatten)]
    queries: queries::QueryArgs,
    /// End with code 1 when the mean of a search comparison is below this, 0 to 1
    #[arg(long, value_name = "X", value_parser = queries::part)]
    fail_under: Option<f64>,
    /// Open so many of the records that differ, field by field; the others are counted
    #[arg(long, value_name = "N", default_value_t = 20)]
    list: usize,
    /// Only open this record on both sides, field by field
    #[arg(long, value_name = "ID", allow_hyphen_values = true, conflicts_with_all = ["only", "differences", "plan_sync", "fail_under"])]
    show: Option<String>,
    /// Write every difference to this file, opened, one JSON object a line
    #[arg(long, value_name = "FILE")]
    differences: Option<std::path::PathBuf>,
    /// Write to this file what would make B like A, one JSON object a line; nothing is written to a database
    #[arg(long, value_name = "FILE")]
    plan_sync: Option<std::path::PathBuf>,
    /// Make B like A: write what is missing or different there, and compare again
    #[arg(long, conflicts_with_all = ["show", "fields"])]
    apply: bool,
    /// With --apply, delete what only B has
    #[arg(long, requires = "apply")]
    delete_extra: bool,
    #[command(flatten)]
    writing: Writing,
    #[command(flatten)]
    json: super::Json,
}

/// A part of the comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Piece {
    /// Dimensions, metrics, indexes, fields, counts
    Structure,
    /// Which records are there
    Ids,
    /// Ids, payloads and vectors
    Content,
    /// What searches find
    Retrieval,
}

/// Compares and prints the report.
///
/// # Errors
/// A target that cannot be opened, a side that cannot be read, a file that cannot be written; with `--plan-sync` and
/// `--apply` two sides that cannot be alike.
pub async fn run(args: &Args, context: &mut Context, out: &mut Out) -> Result<Exit, CliError> {
    let filter = super::filter(args.filter.as_deref(), out)?;
    let options = options(args, filter)?;
    let mut files = files::Files::create(args.differences.as_deref(), args.plan_sync.as_deref())?;
    let (a, b) = (args.a.as_str(), args.b.as_str());
    let (a, b) = ((a, args.a_collection.as_str()), (b, args.b_collection.as_str()));
    let (a, b) = match args.apply {
        true => sides::two_to_write(a, b, &args.writing, context, out).await?,
        false => sides::two(a, b, context, out).await?,
    };
    if let Some(id) = &args.show {
        return show::run(id, &a, &b, options.contents.unwrap_or_default(), args.json.json, out).await;
    }
    if args.plan_sync.is_some() {
        // No list of writes would make them alike.
        fitting(&a, &b, &Control::default()).await?;
    }
    let (shown, mut meter) = Shown::new();
    let mut writes = args.apply.then(Writes::default);
    let mut each = |one: &Difference| {
        writes.as_mut().map_or(Ok(()), |writes| writes.note(one))?;
        files.write(one)
    };
    let compared = compare(&a, &b, &options, &Control::default(), &mut meter, &mut each).await;
    drop(shown);
    let report = compared?;
    files.finish(out)?;
    if let Some(writes) = writes {
        return apply::run(args, &report, (&a, &b), writes, options, out).await;
    }
    if args.json.json {
        let json = serde_json::to_value(&report).map_err(|error| CliError::Environment(format!("{error}.")))?;
        out.json(&json)?;
    } else {
        report::print(&report, out)?;
    }
    let judged = match report.retrieval.as_ref().map(Retrieval::lowest_mean) {
        Some(Some(mean)) => super::recall::judge(mean, args.fail_under, "the lowest mean of the searches", out),
        Some(None) if args.fail_under.is_some() => {
            out.note("no search was measured: --fail-under is not passed.");
            Exit::Nothing
        }
        Some(None) | None => Exit::Done,
    };
    Ok(match report.outcome() {
        Outcome::Equal | Outcome::Searched => judged,
        Outcome::Different | Outcome::Nothing(_) => Exit::Nothing,
    })
}

fn options(args: &Args, filter: Option<Filter>) -> Result<CompareOptions, CliError> {
    // Searches say nothing about what is to be written.
    let default = |piece| args.only.is_empty() && !(args.apply && piece == Piece::Retrieval);
    let wants = |piece| default(piece) || args.only.contains(&piece);
    if args.apply && !wants(Piece::Content) {
        return Err(CliError::Usage(
            "--apply needs content among --only: it writes whole records. See --help.".to_owned(),
        ));
    }
    let writes = args.differences.is_some() || args.plan_sync.is_some();
    if writes && !(wants(Piece::Ids) || wants(Piece::Content)) {
        let text = "--differences and --plan-sync need ids or content among --only. See --help.";
        return Err(CliError::Usage(text.to_owned()));
    }
    if args.fail_under.is_some() && !wants(Piece::Retrieval) {
        return Err(CliError::Usage("--fail-under needs retrieval among --only. See --help.".to_owned()));
    }
    let contents = ContentOptions {
        filter_a: filter.clone(),
        filter_b: filter,
        fields: (!args.fields.is_empty()).then(|| args.fields.clone()),
        depth: if wants(Piece::Content) { Depth::All } else { Depth::Ids },
        list: args.list,
        open_all: args.differences.is_some(),
        ..ContentOptions::default()
    };
    let retrieval = match wants(Piece::Retrieval) {
        true => Some((args.queries.read()?, args.queries.top())),
        false => None,
    };
    Ok(CompareOptions {
        structure: wants(Piece::Structure),
        contents: (wants(Piece::Ids) || wants(Piece::Content)).then_some(contents),
        retrieval,
        using: args.using.clone(),
    })
}
