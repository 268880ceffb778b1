//! The statement that writes some records of one shape.

use std::collections::BTreeMap;

use super::catalog::Column;
use super::json;
use super::names::quote;
use super::reads::key_of;
use super::sql::Sql;
use super::table::{PAYLOAD, TEXT, Table};
use super::vectors::Form;
use crate::provider::model::Record;
use crate::provider::{ProviderError, Result};

/// Which columns of a table that is not our own are written; all others get their default.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Shape(Vec<String>);

impl Shape {
    /// The records by the columns that their payloads fill.
    ///
    /// # Errors
    /// `BadRequest` for the first record that the table has no place for.
    pub(super) fn of_all<'a>(table: &Table, records: &'a [Record]) -> Result<BTreeMap<Self, Vec<&'a Record>>> {
        let mut found: BTreeMap<Self, Vec<&'a Record>> = BTreeMap::new();
        for record in records {
            check(table, record)?;
            found.entry(Self::of(table, record)?).or_default().push(record);
        }
        Ok(found)
    }

    fn of(table: &Table, record: &Record) -> Result<Self> {
        if table.own {
            return Ok(Self(Vec::new()));
        }
        let columns: BTreeMap<&str, &Column> = table.payload().map(|column| (column.name.as_str(), column)).collect();
        let mut written = Vec::new();
        for name in record.payload.keys() {
            match columns.get(name.as_str()) {
                // the server computes it from the others
                Some(column) if column.generated => {}
                Some(_) => written.push(name.clone()),
                None => {
                    return Err(no_place(
                        record,
                        table,
                        &format!("it has no column for the field {name:?}"),
                        "Leave the field out, or add the column to the table.",
                    ));
                }
            }
        }
        written.sort();
        Ok(Self(written))
    }
}

fn no_place(record: &Record, table: &Table, why: &str, mend: &str) -> ProviderError {
    ProviderError::BadRequest {
        cause: format!("record {} cannot be stored in {}: {why}", record.id, table.name.shown()),
        mend: mend.to_owned(),
    }
}

/// Refuses what the table has no place for, so that nothing is lost in silence.
fn check(table: &Table, record: &Record) -> Result<()> {
    if record.text.is_some() && !table.own {
        let mend = "Move the text into a field of the payload that is a column.";
        return Err(no_place(record, table, "it has no place for a text beside the payload", mend));
    }
    let Some(vectors) = &record.vectors else {
        let mend = "Read the record with its vectors first.";
        return Err(no_place(record, table, "it came without its vectors, which would be deleted", mend));
    };
    for (name, _) in &vectors.0 {
        if table.vector(Some(name)).is_none() {
            let why = format!("it has no column for the vector {name:?}");
            return Err(no_place(record, table, &why, "Name the vector as the column is named."));
        }
    }
    Ok(())
}

/// Inserts these records, or replaces those with the same key.
///
/// # Errors
/// `BadRequest` for a value that its column cannot hold.
pub(super) fn insert(table: &Table, shape: &Shape, records: &[&Record]) -> Result<Sql> {
    let mut made = Made::default();
    made.keys(table, records)?;
    let keys = made.columns.len();
    if table.own {
        made.own(records)?;
    } else {
        made.fields(table, shape, records)?;
    }
    made.vectors(table, records)?;
    let written = made.columns.get(keys..).unwrap_or_default();
    let mut updates: Vec<String> = written.iter().map(|name| format!("{name} = EXCLUDED.{name}")).collect();
    if !table.own {
        let is_left = |column: &&Column| !column.generated && !shape.0.contains(&column.name);
        updates.extend(table.payload().filter(is_left).map(|column| format!("{} = DEFAULT", quote(&column.name))));
    }
    let mut sql = made.sql;
    sql.text = format!(
        "INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM ROWS FROM ({}) AS w({}){} \
         ON CONFLICT ({}) DO UPDATE SET {}",
        table.name.sql(),
        made.columns.join(", "),
        made.values.join(", "),
        made.lists.join(", "),
        (1..=made.lists.len()).map(|n| format!("c{n}")).collect::<Vec<_>>().join(", "),
        made.lateral,
        made.columns.get(..keys).unwrap_or_default().join(", "),
        updates.join(", ")
    );
    Ok(sql)
}

/// The parts of the statement.
#[derive(Default)]
struct Made {
    sql: Sql,
    /// Names of the columns, quoted.
    columns: Vec<String>,
    /// What each is filled with.
    values: Vec<String>,
    /// The arrays that the records travel in.
    lists: Vec<String>,
    lateral: String,
}

impl Made {
    /// One more array; gives back how its elements are named.
    fn list(&mut self, values: Vec<Option<String>>) -> String {
        let place = self.sql.texts(values);
        self.lists.push(format!("pg_catalog.unnest({place})"));
        format!("w.c{}", self.lists.len())
    }

    fn column(&mut self, name: &str, value: String) {
        self.columns.push(quote(name));
        self.values.push(value);
    }

    fn keys(&mut self, table: &Table, records: &[&Record]) -> Result<()> {
        let key = key_of(table)?;
        let mut lists: Vec<Vec<Option<String>>> = vec![Vec::with_capacity(records.len()); key.columns.len()];
        for record in records {
            let words = key.words(&record.id).ok_or_else(|| {
                no_place(record, table, "its key cannot have that id", "Give an id of the key's type.")
            })?;
            for (list, word) in lists.iter_mut().zip(words) {
                list.push(Some(word));
            }
        }
        for (column, list) in key.columns.iter().zip(lists) {
            let element = self.list(list);
            self.column(&column.name, format!("{element}::{}", column.cast));
        }
        Ok(())
    }

    fn own(&mut self, records: &[&Record]) -> Result<()> {
        let payloads = records.iter().map(|record| document(record, &record.payload)).collect::<Result<_>>()?;
        let element = self.list(payloads);
        self.column(PAYLOAD, format!("{element}::pg_catalog.jsonb"));
        let element = self.list(records.iter().map(|record| record.text.clone()).collect());
        self.column(TEXT, element);
        Ok(())
    }

    /// The server turns JSON into the columns' own types.
    fn fields(&mut self, table: &Table, shape: &Shape, records: &[&Record]) -> Result<()> {
        if shape.0.is_empty() {
            return Ok(());
        }
        let documents = records.iter().map(|record| document(record, &record.payload)).collect::<Result<_>>()?;
        let element = self.list(documents);
        self.lateral = format!(
            " CROSS JOIN LATERAL pg_catalog.json_populate_record(NULL::{}, {element}::pg_catalog.json) AS p",
            table.name.sql()
        );
        for name in &shape.0 {
            self.column(name, format!("p.{}", quote(name)));
        }
        Ok(())
    }

    fn vectors(&mut self, table: &Table, records: &[&Record]) -> Result<()> {
        for column in &table.vectors {
            let value = |record: &&Record| {
                let vectors = record.vectors.as_ref();
                let vector = vectors.and_then(|all| all.get(&column.name).or_else(|| all.get(&column.column)));
                let Some(vector) = vector else { return Ok(None) };
                column
                    .form
                    .write(vector, column.dimension)
                    .map(Some)
                    .map_err(|why| no_place(record, table, &why, "Give a vector of the kind of the column."))
            };
            let values = records.iter().map(value).collect::<Result<_>>()?;
            let element = self.list(values);
            // `bit` without a length would cut all but one off; its assignment checks the length
            let cast = if column.form == Form::Bits { "pg_catalog.varbit" } else { column.cast.as_str() };
            self.column(&column.column, format!("{element}::{cast}"));
        }
        Ok(())
    }
}

fn document(record: &Record, payload: &crate::provider::model::Payload) -> Result<Option<String>> {
    json::text(payload).map(Some).map_err(|cause| ProviderError::BadRequest {
        cause: format!("the payload of record {} cannot be written as JSON: {cause}", record.id),
        mend: "Correct the payload.".to_owned(),
    })
}
