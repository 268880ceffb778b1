//! `search TARGET COLLECTION`: the nearest records of a vector or of a record.

use super::open::open;
use super::records::Fields;
use super::table::Table;
use super::{CliError, Context, Exit, Json, Out, vectors};
use crate::provider::ids;
use crate::provider::model::{Hit, SearchQuery, SearchRequest};

/// Search a collection by a vector, or for records like one that is stored
#[derive(Debug, clap::Args)]
#[command(
    group(clap::ArgGroup::new("query").required(true).args(["like", "vector"])),
    after_help = "With --json: one object a line, best first, {id, text, payload, vectors?, score, metric}; cosine and dot \
are better when higher, euclidean and manhattan when lower.\nExit code 1 when there is no hit."
)]
pub struct Args {
    /// The database: a profile name, URL, directory, or demo
    #[arg(value_name = "TARGET")]
    target: String,
    /// The collection
    #[arg(value_name = "COLLECTION")]
    collection: String,
    /// Search for records like the one with this id
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    like: Option<String>,
    /// Search by this vector: JSON, @FILE, or - for stdin
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
    let vector = args.vector.as_deref().map(vectors::read).transpose()?;
    let opened = open(&args.target, context, out).await?;
    let can = opened.provider.capabilities();
    super::note_passed_over(filter.as_ref(), can, out);
    let query = match (vector, args.like.as_deref()) {
        (Some(vector), _) => SearchQuery::Vector(vector),
        (None, Some(id)) => SearchQuery::Like(ids::parse(id, can)),
        (None, None) => return Err(CliError::Usage("give --vector or --like. See --help.".to_owned())),
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

fn table(hits: &[Hit], with_vectors: bool) -> Table {
    let fields = Fields::of(hits.iter().map(|hit| &hit.record), with_vectors);
    let metric = hits.first().map_or("score", |hit| hit.score.metric.name());
    let mut headings = vec![format!(">{metric}")];
    headings.extend(fields.headings());
    let mut table = Table::new(headings);
    for hit in hits {
        let mut cells = vec![format!("{:.4}", hit.score.value)];
        cells.extend(fields.cells(&hit.record));
        table.row(cells);
    }
    table
}
