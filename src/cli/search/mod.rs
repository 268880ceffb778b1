//! `search TARGET COLLECTION`: the nearest records of a vector or of a record, or those that a text finds; in
//! several collections at once in `several`.

mod several;

use super::open::open;
use super::records::Fields;
use super::table::Table;
use super::{CliError, Context, Exit, Json, Out, vectors};
use crate::provider::ids;
use crate::provider::model::{Hit, SearchQuery, SearchRequest, TextQuery, TextWay, Vector};

/// Search a collection by a vector, by text, or for records like one that is stored
#[derive(Debug, clap::Args)]
#[command(
    group(clap::ArgGroup::new("query").required(true).multiple(true).args(["like", "vector", "text"])),
    after_help = "With --json: one object a line, best first, {id, text, payload, vectors?, score, measure, metric}. \
measure says what the score is: cosine, dot, bm25 and hybrid are better when higher, euclidean and manhattan when lower. \
metric is the same word, or null for bm25 and hybrid, which are no distances: they compare the hits of one answer only.\n\
With --also or --also-exact and --json: one object, {query, k, match_by, lists: [{target, collection, exact, using, took_ms, error, hits: [hit and {rank, normalised}]}], items: [{id, ranks: [N or null]}], agreements: [{lists: [N, N], k, common, overlap, rbo, rbo_p, spearman, matched_by_text}]}; ranks count from 1, lists from 0. A record's vector (--like) is taken from the first \
collection, and the record itself is in no list.\n\
Exit code 1 when there is no hit, 5 when some of several collections were not searched."
)]
pub struct Args {
    /// The database: a profile name, URL, directory, or demo
    #[arg(value_name = "TARGET")]
    target: String,
    /// The collection
    #[arg(value_name = "COLLECTION")]
    collection: String,
    /// Search for records like the one with this id
    #[arg(long, value_name = "ID", allow_hyphen_values = true, conflicts_with_all = ["vector", "text"])]
    like: Option<String>,
    /// Search by this text, which the database itself reads; --by says how
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true, requires = "by")]
    text: Option<String>,
    /// How a text is searched: near-text (nearest to a vector that the database makes of it), bm25 (by its words), hybrid (both)
    #[arg(long, value_name = "WAY", value_parser = clap::builder::PossibleValuesParser::new(TextWay::NAMES), requires = "text")]
    by: Option<String>,
    /// With --by hybrid: how much nearness counts, from 0 (words only) to 1 (nearness only) [default: 0.75]
    #[arg(long, value_name = "NUMBER", value_parser = alpha, requires = "text")]
    alpha: Option<f32>,
    /// Search by this vector: JSON, @FILE, or - for stdin; with --by hybrid, the vector to be near to
    #[arg(long, value_name = "JSON|@FILE|-", allow_hyphen_values = true)]
    vector: Option<String>,
    /// The vector field, where there are several
    #[arg(long, value_name = "NAME")]
    using: Option<String>,
    /// Only among records that this selects, e.g. 'year >= 2017 and lang = "en"'
    #[arg(long, value_name = "FILTER")]
    filter: Option<String>,
    /// Print at most so many hits
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    top: u32,
    /// Search around the index, exactly
    #[arg(long)]
    exact: bool,
    /// Search this collection with the same query, too, and compare the lists; may be repeated
    #[arg(long, num_args = 2, value_names = ["TARGET", "COLLECTION"])]
    also: Vec<String>,
    /// The same, around its index, exactly: with the same collection, how far its index is from exact
    #[arg(long, num_args = 2, value_names = ["TARGET", "COLLECTION"])]
    also_exact: Vec<String>,
    /// Match the hits of several collections by this field of the payload instead of by id
    #[arg(long, value_name = "FIELD")]
    match_by: Option<String>,
    /// Print vectors too
    #[arg(long)]
    with_vectors: bool,
    #[command(flatten)]
    json: Json,
}

/// Searches and prints the hits, best first.
///
/// # Errors
/// A target that cannot be opened, a query that does not fit the collection.
pub async fn run(args: &Args, context: &mut Context, out: &mut Out) -> Result<Exit, CliError> {
    let filter = super::filter(args.filter.as_deref(), out)?;
    // Read before connecting: a wrong vector needs no server to be wrong.
    let mut vector = args.vector.as_deref().map(vectors::read).transpose()?;
    let text = args.text.as_deref().map(|text| text_query(text, args, &mut vector)).transpose()?;
    if !args.also.is_empty() || !args.also_exact.is_empty() {
        let query = text.map(SearchQuery::Text).or(vector.map(SearchQuery::Vector));
        return several::run(args, query, filter, context, out).await;
    }
    if args.match_by.is_some() {
        return Err(CliError::Usage("--match-by compares several collections: give --also. See --help.".to_owned()));
    }
    let opened = open(&args.target, context, out).await?;
    let can = opened.provider.capabilities();
    super::note_passed_over(filter.as_ref(), can, out);
    let query = match (text, vector, args.like.as_deref()) {
        (Some(text), ..) => {
            let can = can.text(text.way).require("this database");
            can.map_err(|error| CliError::provider(&opened.label, error))?;
            SearchQuery::Text(text)
        }
        (None, Some(vector), _) => SearchQuery::Vector(vector),
        (None, None, Some(id)) => SearchQuery::Like(ids::parse(id, can)),
        (None, None, None) => return Err(CliError::Usage("give --vector, --text or --like. See --help.".to_owned())),
    };
    let top = usize::try_from(args.top).unwrap_or(usize::MAX);
    let request = SearchRequest {
        query,
        using: args.using.clone(),
        filter,
        top,
        with_vectors: args.with_vectors,
        exact: args.exact,
    };
    let hits = opened.ask("the search", opened.provider.search(&args.collection, &request)).await?;
    if args.json.json {
        for hit in &hits {
            out.json_line(&hit.to_json())?;
        }
    } else if hits.is_empty() {
        out.note("no record was found.");
    } else {
        out.table(&table(&hits, args.with_vectors))?;
    }
    Ok(if hits.is_empty() { Exit::Nothing } else { Exit::Done })
}

/// The text to search with; a hybrid search takes the vector too.
fn text_query(text: &str, args: &Args, vector: &mut Option<Vector>) -> Result<TextQuery, CliError> {
    let usage = |text: &str| CliError::Usage(format!("{text} See --help."));
    if text.trim().is_empty() {
        return Err(usage("--text is empty: give some words."));
    }
    let way = args.by.as_deref().and_then(TextWay::from_name).ok_or_else(|| usage("--text needs --by."))?;
    if way != TextWay::Hybrid && (args.alpha.is_some() || vector.is_some()) {
        return Err(usage("--alpha and --vector go with --text only where --by is hybrid."));
    }
    let vector = match vector.take() {
        None => None,
        Some(Vector::Dense(values)) => Some(values),
        Some(_) => return Err(usage("beside --text, --vector is one dense vector.")),
    };
    let alpha = args.alpha.unwrap_or(TextQuery::ALPHA);
    Ok(TextQuery { alpha, vector, ..TextQuery::new(text, way) })
}

/// A number from 0 to 1.
fn alpha(word: &str) -> Result<f32, String> {
    let number = word.parse::<f32>().ok().filter(|number| (0.0..=1.0).contains(number));
    number.ok_or_else(|| "it is no number from 0 (words only) to 1 (nearness only)".to_owned())
}

fn table(hits: &[Hit], with_vectors: bool) -> Table {
    let fields = Fields::of(hits.iter().map(|hit| &hit.record), with_vectors);
    let measure = hits.first().map_or("score", |hit| hit.score.measure.name());
    let mut headings = vec![format!(">{measure}")];
    headings.extend(fields.headings());
    let mut table = Table::new(headings);
    for hit in hits {
        let mut cells = vec![format!("{:.4}", hit.score.value)];
        cells.extend(fields.cells(&hit.record));
        table.row(cells);
    }
    table
}
