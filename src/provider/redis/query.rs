//! Questions to the search engine.
//!
//! Records are paged by their keys: the engine sorts all keys behind the last one of the page before
//! and gives the first of them. That costs one walk over the index's keys for each page (0.1 s for
//! 100,000 documents; a reader who goes on takes many pages from one walk), and needs neither an offset, which skips and repeats when somebody writes, nor a
//! cursor of the server, which can be read only once. `SCAN` knows no index and may repeat keys.

use std::collections::HashSet;

use redis::{Cmd, Value};

use super::filter::Selection;
use super::index::VectorField;
use super::reply::{array, bytes, field, number, text};

/// The engine's name of the column with a document's key.
const KEY: &str = "__key";
/// Our name of the column with the distance.
const DISTANCE: &str = "vi_distance";
/// Our name of the column with the number of documents.
const COUNT: &str = "vi_count";

/// A found document: its key, and its distance if it was searched for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub(super) key: Vec<u8>,
    pub(super) distance: Option<f32>,
}

/// The number of all documents.
pub(super) fn count_all(index: &str, limit: u64) -> Cmd {
    let mut command = redis::cmd("FT.SEARCH");
    command.arg(index).arg("*").arg("LIMIT").arg(0).arg(0).arg("TIMEOUT").arg(limit).arg("DIALECT").arg(2);
    command
}

/// Reads the answer of [`count_all`].
pub(super) fn read_total(answer: &Value) -> Option<u64> {
    number(array(answer)?.first()?)
}

/// The number of documents that a selection takes.
pub(super) fn count(index: &str, selection: &Selection, limit: u64) -> Cmd {
    let mut command = aggregate(index, "*", selection, None);
    command.arg("GROUPBY").arg(0).arg("REDUCE").arg("COUNT").arg(0).arg("AS").arg(COUNT);
    end(command, limit)
}

/// Reads the answer of [`count`].
pub(super) fn read_count(answer: &Value) -> Option<u64> {
    match array(answer)?.get(1) {
        None => Some(0),
        Some(row) => number(field(row, COUNT)?),
    }
}

/// The first `most` documents in the order of their keys, from this key on or from the first one.
pub(super) fn page(index: &str, selection: &Selection, from: Option<&str>, most: usize, limit: u64) -> Cmd {
    let from = from.map(|key| format!("@{KEY} >= \"{}\"", escaped_head(key)));
    let mut command = aggregate(index, "*", selection, from);
    command.arg("SORTBY").arg(2).arg(format!("@{KEY}")).arg("ASC").arg("MAX").arg(most);
    command.arg("LIMIT").arg(0).arg(most);
    end(command, limit)
}

/// The beginning of a key that can stand in an expression, where a NUL, a line break and a backslash
/// cannot. A comparison with it finds more keys than one with the whole key, and none less.
fn escaped_head(key: &str) -> String {
    key.split(['\0', '\n', '\\']).next().unwrap_or_default().replace('"', "\\\"")
}

/// What a search asks for.
pub(super) struct Nearest<'a> {
    /// Which vector.
    pub(super) field: &'a VectorField,
    /// The vector to search with, as Redis takes it.
    pub(super) blob: Vec<u8>,
    /// How many candidates the vector index gives.
    pub(super) candidates: usize,
    /// How many of them that are selected are wanted.
    pub(super) most: usize,
    /// Whether to compare with every document.
    pub(super) exact: bool,
}

/// The nearest documents, best first.
pub(super) fn search(index: &str, asked: &Nearest<'_>, selection: &Selection, limit: u64) -> Cmd {
    let attribute: String = asked.field.attribute.chars().fold(String::new(), |mut name, c| {
        if !c.is_alphanumeric() && c != '_' {
            name.push('\\');
        }
        name.push(c);
        name
    });
    // Only a search in a selection can be told to go around the graph. Nobody has this word.
    let (all, policy) = if asked.exact && !asked.field.flat {
        (format!("(-vi{})", uuid::Uuid::new_v4().simple()), " HYBRID_POLICY ADHOC_BF")
    } else {
        ("*".to_owned(), "")
    };
    let query = format!("{all}=>[KNN {} @{attribute} $q{policy} AS {DISTANCE}]", asked.candidates);
    let mut command = aggregate(index, &query, selection, None);
    command.arg("SORTBY").arg(2).arg(format!("@{DISTANCE}")).arg("ASC").arg("MAX").arg(asked.most);
    command.arg("LIMIT").arg(0).arg(asked.most).arg("PARAMS").arg(2).arg("q").arg(asked.blob.as_slice());
    end(command, limit)
}

/// Reads the answers of [`page`] and [`search`].
pub(super) fn read_rows(answer: &Value) -> Option<Vec<Row>> {
    let rows = array(answer)?.get(1..)?.iter();
    rows.map(|row| {
        let distance = field(row, DISTANCE).and_then(text).and_then(|distance| distance.parse().ok());
        Some(Row { key: bytes(field(row, KEY)?)?.to_vec(), distance })
    })
    .collect()
}

/// Which of these keys are documents of the index.
pub(super) fn members(index: &str, keys: &[String], limit: u64) -> Cmd {
    let mut command = redis::cmd("FT.SEARCH");
    command.arg(index).arg("*").arg("INKEYS").arg(keys.len()).arg(keys).arg("NOCONTENT");
    command.arg("LIMIT").arg(0).arg(keys.len()).arg("TIMEOUT").arg(limit).arg("DIALECT").arg(2);
    command
}

/// Reads the answer of [`members`].
pub(super) fn read_members(answer: &Value) -> Option<HashSet<Vec<u8>>> {
    array(answer)?.get(1..)?.iter().map(|key| bytes(key).map(<[u8]>::to_vec)).collect()
}

/// The beginning that all have in common: what is read of each document, and which are kept.
fn aggregate(index: &str, query: &str, selection: &Selection, also: Option<String>) -> Cmd {
    let mut command = redis::cmd("FT.AGGREGATE");
    command.arg(index).arg(query).arg("LOAD").arg(1 + 3 * selection.columns.len()).arg(format!("@{KEY}"));
    for (number, column) in selection.columns.iter().enumerate() {
        command.arg(column).arg("AS").arg(format!("vi_{number}"));
    }
    // The cheap one first: what it leaves out is not looked at again.
    for condition in also.iter().chain(&selection.condition) {
        command.arg("FILTER").arg(condition);
    }
    command
}

fn end(mut command: Cmd, limit: u64) -> Cmd {
    command.arg("TIMEOUT").arg(limit).arg("DIALECT").arg(2);
    command
}
