//! `records TARGET COLLECTION`: pages, single records, and `count`.
//!
//! At most one page is in memory, however many records are asked for.

use std::time::Duration;

use serde_json::{Value, json};

use super::open::{Opened, open};
use super::table::Table;
use super::{CliError, Context, Exit, Out};
use crate::provider::ProviderError;
use crate::provider::filter::Filter;
use crate::provider::ids;
use crate::provider::model::{Count, Cursor, Page, PageRequest, Record, RecordId};
use crate::provider::sift::sift;
use crate::text::format;

/// Records of one request; with vectors, fewer.
const PAGE: usize = 256;
/// Records of one request that brings vectors along, which are most of the bytes.
const PAGE_WITH_VECTORS: usize = 64;
/// How long one call filters here, well below the limit of a request.
const PATIENCE: Duration = Duration::from_secs(2);
/// Columns of the table for payload fields; all are in `--json`.
const FIELDS: usize = 12;

/// Print records of a collection, or count them
#[derive(Debug, clap::Args)]
#[command(after_help = "\
With --json: one object a line, {id, text, payload, vectors?}; after the last one a line on stderr, \
{\"next_cursor\": TEXT or null}.\nAn id is a number (5), text in JSON quotes ('\"5\"'), or a bare word: a UUID \
where the database has UUIDs, else text.\nExit code 1 when no record was found, 5 when some of the ids were not.")]
pub struct Args {
    /// The database: a profile name, URL, directory, or demo
    #[arg(value_name = "TARGET")]
    target: String,
    /// The collection
    #[arg(value_name = "COLLECTION")]
    collection: String,
    #[command(subcommand)]
    action: Option<Action>,
    /// Only records that this selects, e.g. 'year >= 2017 and lang = "en"'
    #[arg(long, value_name = "FILTER", global = true)]
    filter: Option<String>,
    /// Where the database refuses the filter, read all records and filter them here; stderr says how many
    #[arg(long, global = true, requires = "filter")]
    client_filter: bool,
    /// Print the request that the filter becomes at this database, and read nothing
    #[arg(long, requires = "filter", conflicts_with_all = ["json", "client_filter"])]
    explain: bool,
    /// Print at most so many records
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..))]
    limit: u64,
    /// Print all records from here to the end of the collection
    #[arg(long, conflicts_with_all = ["limit", "id"])]
    all: bool,
    /// Go on where an earlier call ended
    #[arg(long, value_name = "CURSOR", conflicts_with = "id")]
    cursor: Option<String>,
    /// Only the record with this id; may be repeated
    #[arg(long, value_name = "ID", conflicts_with_all = ["limit", "filter"], allow_hyphen_values = true)]
    id: Vec<String>,
    /// Print vectors too
    #[arg(long)]
    with_vectors: bool,
    /// Print JSON for scripts
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Count the records, exactly
    #[command(after_help = "With --json: {\"count\": N, \"count_exact\": BOOL}.")]
    Count {},
}

/// Prints records, or their number.
///
/// # Errors
/// A target that cannot be opened, a collection that is not there, a filter that cannot be read.
pub async fn run(args: &Args, context: &mut Context, out: &mut Out) -> Result<Exit, CliError> {
    let filter = super::filter(args.filter.as_deref(), out)?;
    let opened = open(&args.target, context, out).await?;
    if let (true, Some(filter)) = (args.explain, &filter) {
        let asked = opened.provider.native_filter(&args.collection, filter);
        out.line(&opened.ask("the native filter", asked).await?)?;
        return Ok(Exit::Done);
    }
    if let Some(Action::Count {}) = args.action {
        return count(args, filter, &opened, out).await;
    }
    if args.id.is_empty() { pages(args, filter, &opened, out).await } else { by_id(args, &opened, out).await }
}

async fn count(args: &Args, filter: Option<Filter>, opened: &Opened, out: &mut Out) -> Result<Exit, CliError> {
    let mut reader = Reader::new(args, filter, opened);
    let count = reader.count(out).await?;
    if args.json {
        out.json_line(&json!({ "count": count.value, "count_exact": count.exact }))?;
    } else {
        out.line(&format!("{}{}", if count.exact { "" } else { "~" }, count.value))?;
    }
    Ok(Exit::Done)
}

async fn pages(args: &Args, filter: Option<Filter>, opened: &Opened, out: &mut Out) -> Result<Exit, CliError> {
    let most = if args.with_vectors { PAGE_WITH_VECTORS } else { PAGE };
    let mut left = if args.all { None } else { Some(usize::try_from(args.limit).unwrap_or(usize::MAX)) };
    let mut cursor = args.cursor.clone().map(Cursor);
    let mut printer = Printer::new(args);
    let mut reader = Reader::new(args, filter, opened);
    loop {
        let limit = left.map_or(most, |left| left.min(most));
        let page = reader.page(cursor.take(), limit, out).await?;
        left = left.map(|left| left.saturating_sub(page.records.len()));
        printer.print(&page.records, out)?;
        cursor = page.next;
        if cursor.is_none() || left == Some(0) {
            break;
        }
    }
    printer.end(cursor.as_ref(), out);
    Ok(if printer.printed == 0 { Exit::Nothing } else { Exit::Done })
}

async fn by_id(args: &Args, opened: &Opened, out: &mut Out) -> Result<Exit, CliError> {
    let can = opened.provider.capabilities();
    let wanted: Vec<RecordId> = args.id.iter().map(|word| ids::parse(word, can)).collect();
    let asked = opened.provider.get(&args.collection, &wanted, args.with_vectors);
    let records = opened.ask("the records", asked).await?;
    Printer::new(args).print(&records, out)?;
    let missing: Vec<String> =
        wanted.iter().filter(|id| !records.iter().any(|r| r.id == **id)).map(RecordId::to_string).collect();
    if !missing.is_empty() {
        let given = format!("not found in {:?}: {}", args.collection, missing.join(", "));
        out.note(&format!("{given}. Check the id and its kind ('\"5\"' is not 5)."));
    }
    Ok(match (records.is_empty(), missing.is_empty()) {
        (_, true) => Exit::Done,
        (true, false) => Exit::Nothing,
        (false, false) => Exit::Partly,
    })
}

/// Reads records that the filter selects: the database filters, or this program, where the database
/// refuses and the user said so.
struct Reader<'a> {
    args: &'a Args,
    filter: Option<Filter>,
    opened: &'a Opened,
    here: bool,
    answered: bool,
}

impl<'a> Reader<'a> {
    fn new(args: &'a Args, filter: Option<Filter>, opened: &'a Opened) -> Self {
        Self { args, filter, opened, here: false, answered: false }
    }

    async fn page(&mut self, cursor: Option<Cursor>, limit: usize, out: &mut Out) -> Result<Page, CliError> {
        let (db, collection) = (self.opened.provider.as_ref(), self.args.collection.as_str());
        let with_vectors = self.args.with_vectors;
        let request = PageRequest { limit, cursor, filter: self.filter.clone(), with_vectors };
        if !self.here {
            match self.opened.answer("a page", db.page(collection, &request)).await {
                Err(error @ ProviderError::FilterRefused { .. }) => self.refused(error, out).await?,
                answer => return self.by_the_database(answer, out),
            }
        }
        let sifted = self.opened.ask("a page, filtered here", sift(db, collection, &request, PATIENCE)).await?;
        Ok(sifted.page)
    }

    async fn count(&mut self, out: &mut Out) -> Result<Count, CliError> {
        let (db, collection) = (self.opened.provider.as_ref(), self.args.collection.as_str());
        match self.opened.answer("the count", db.count(collection, self.filter.as_ref())).await {
            Err(error @ ProviderError::FilterRefused { .. }) => self.refused(error, out).await?,
            answer => return self.by_the_database(answer, out),
        }
        let (mut value, mut cursor) = (0, None);
        loop {
            let request = PageRequest { cursor, filter: self.filter.clone(), ..PageRequest::first(PAGE) };
            let asked = sift(db, collection, &request, PATIENCE);
            let page = self.opened.ask("a page, filtered here", asked).await?.page;
            value += page.records.len() as u64;
            cursor = page.next;
            if cursor.is_none() {
                return Ok(Count { value, exact: true });
            }
        }
    }

    /// An answer that the database selected itself; says once what it leaves out.
    fn by_the_database<T>(&mut self, answer: Result<T, ProviderError>, out: &mut Out) -> Result<T, CliError> {
        if answer.is_ok() && !std::mem::replace(&mut self.answered, true) {
            super::note_passed_over(self.filter.as_ref(), self.opened.provider.capabilities(), out);
        }
        answer.map_err(|error| self.opened.error(error))
    }

    /// Says what filtering here reads; an error unless the user asked for it.
    async fn refused(&mut self, error: ProviderError, out: &mut Out) -> Result<(), CliError> {
        let asked = self.opened.provider.count(&self.args.collection, None);
        let all = self.opened.ask("the count", asked).await?;
        let many = format!("all {} records of {:?}", format::exact(all.value), self.args.collection);
        if !self.args.client_filter {
            out.note(&format!("--client-filter reads {many} and filters them here."));
            return Err(self.opened.error(error));
        }
        out.note(&format!("{error} Filtering here: this reads {many}."));
        self.here = true;
        Ok(())
    }
}

/// Prints records page by page; a table keeps the columns of its first page.
struct Printer {
    json: bool,
    with_vectors: bool,
    fields: Option<Fields>,
    printed: usize,
}

impl Printer {
    fn new(args: &Args) -> Self {
        Self { json: args.json, with_vectors: args.with_vectors, fields: None, printed: 0 }
    }

    fn print(&mut self, records: &[Record], out: &mut Out) -> Result<(), CliError> {
        self.printed += records.len();
        if self.json {
            for record in records {
                out.json_line(&record.to_json())?;
            }
        } else if !records.is_empty() {
            let fields = self.fields.get_or_insert_with(|| Fields::of(records.iter(), self.with_vectors));
            let mut table = Table::new(fields.headings());
            for record in records {
                table.row(fields.cells(record));
            }
            out.table(&table)?;
        }
        // A reader of a long list sees each page as it comes.
        Ok(out.flush()?)
    }

    fn end(&self, next: Option<&Cursor>, out: &mut Out) {
        if self.json {
            out.stderr_line(&json!({ "next_cursor": next.map(|cursor| &cursor.0) }).to_string());
        } else if let Some(cursor) = next {
            out.note(&format!("more follow: --cursor {}", shell_word(&cursor.0)));
        } else if self.printed == 0 {
            out.note("no record was found.");
        }
    }
}

/// Quoted for a shell where that is needed.
fn shell_word(text: &str) -> String {
    let plain = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.:/=+,".contains(c));
    if plain { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

/// The columns of a table of records.
pub(super) struct Fields {
    text: bool,
    payload: Vec<String>,
    vectors: bool,
}

impl Fields {
    /// The columns for such records: id, text where there is one, payload fields in order of appearance.
    pub(super) fn of<'a>(records: impl Iterator<Item = &'a Record>, vectors: bool) -> Self {
        let mut fields = Self { text: false, payload: Vec::new(), vectors };
        for record in records {
            fields.text |= record.text.is_some();
            for name in record.payload.keys() {
                if fields.payload.len() < FIELDS && !fields.payload.contains(name) {
                    fields.payload.push(name.clone());
                }
            }
        }
        fields
    }

    /// Their headings.
    pub(super) fn headings(&self) -> Vec<String> {
        let mut headings = vec!["id".to_owned()];
        headings.extend(self.text.then(|| "text".to_owned()));
        headings.extend(self.payload.iter().cloned());
        headings.extend(self.vectors.then(|| "vectors".to_owned()));
        headings
    }

    /// The cells of one record; text without quotes, everything else as JSON.
    pub(super) fn cells(&self, record: &Record) -> Vec<String> {
        let mut cells = vec![record.id.to_string()];
        cells.extend(self.text.then(|| record.text.clone().unwrap_or_default()));
        cells.extend(self.payload.iter().map(|name| match record.payload.get(name) {
            None => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(value) => value.to_string(),
        }));
        let vectors = || record.vectors.as_ref().map(|vectors| vectors.to_json().to_string());
        cells.extend(self.vectors.then(|| vectors().unwrap_or_default()));
        cells
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_quoted_for_the_shell_where_needed() {
        assert_eq!(shell_word("abc-1=="), "abc-1==");
        assert_eq!(shell_word("{\"a\":'1'}"), "'{\"a\":'\\''1'\\''}'");
        assert_eq!(shell_word(""), "''");
    }
}
