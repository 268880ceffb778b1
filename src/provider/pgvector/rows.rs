//! What is selected of a table, and a row of it as a record.

use serde_json::Value;
use tokio_postgres::Row;

use super::connection::Backend;
use super::fields;
use super::json;
use super::key::Key;
use super::names::quote;
use super::table::{PAYLOAD, TEXT, Table};
use super::vectors::Raw;
use crate::provider::Result;
use crate::provider::model::{Payload, Record, RecordId, Vectors};

/// The columns of a question for records, and how a row of its answer is read.
pub(super) struct Projection<'a> {
    table: &'a Table,
    key: &'a Key,
    with_vectors: bool,
}

impl<'a> Projection<'a> {
    /// Records of that table.
    pub(super) fn new(table: &'a Table, key: &'a Key, with_vectors: bool) -> Self {
        Self { table, key, with_vectors }
    }

    /// What stands between `SELECT` and `FROM`.
    pub(super) fn sql(&self) -> String {
        let mut columns = self.key.selected();
        if self.table.own {
            columns.push(format!("t.{}::pg_catalog.text", quote(PAYLOAD)));
            columns.push(format!("t.{}", quote(TEXT)));
        } else {
            columns.push(self.payload_object());
        }
        if self.with_vectors {
            columns.extend(self.table.vectors.iter().map(super::table::VectorColumn::sql));
        }
        columns.join(", ")
    }

    /// All columns of the payload as one JSON object, made by the server.
    fn payload_object(&self) -> String {
        let columns: Vec<String> = self
            .table
            .payload()
            .map(|column| format!("{} AS {}", fields::as_read(column), quote(&column.name)))
            .collect();
        if columns.is_empty() {
            return "'{}'::pg_catalog.text".to_owned();
        }
        format!("(SELECT pg_catalog.row_to_json(p)::pg_catalog.text FROM (SELECT {}) AS p)", columns.join(", "))
    }

    /// How many columns are selected.
    pub(super) fn width(&self) -> usize {
        let vectors = if self.with_vectors { self.table.vectors.len() } else { 0 };
        self.key.columns.len() + if self.table.own { 2 } else { 1 } + vectors
    }

    /// The words of a row's key.
    ///
    /// # Errors
    /// `BadAnswer`.
    pub(super) fn key_words(&self, backend: &Backend, row: &Row) -> Result<Vec<String>> {
        let word = |place| row.try_get::<_, String>(place).map_err(|error| backend.failed(&error));
        (0..self.key.columns.len()).map(word).collect()
    }

    /// A row as a record.
    ///
    /// # Errors
    /// `BadAnswer` with what is wrong with it.
    pub(super) fn record(&self, backend: &Backend, row: &Row) -> Result<Record> {
        let id = self.id(backend, row)?;
        let mut place = self.key.columns.len();
        let document: Option<&str> = get(backend, row, place)?;
        let payload = self.payload(document).map_err(|cause| {
            backend.bad_answer(format!("the payload of record {id} in {}: {cause}", self.table.name.shown()))
        })?;
        place += 1;
        let mut text = None;
        if self.table.own {
            text = get::<Option<String>>(backend, row, place)?;
            place += 1;
        }
        let vectors = self.with_vectors.then(|| self.vectors(backend, row, place)).transpose()?;
        Ok(Record { id, vectors, payload, text })
    }

    fn id(&self, backend: &Backend, row: &Row) -> Result<RecordId> {
        let words = (0..self.key.columns.len()).map(|place| get(backend, row, place)).collect::<Result<Vec<&str>>>()?;
        self.key.id(&words).map_err(|cause| backend.bad_answer(cause))
    }

    fn payload(&self, document: Option<&str>) -> std::result::Result<Payload, String> {
        let Some(document) = document else { return Ok(Payload::new()) };
        let value = json::read(document)?;
        if self.table.own {
            return Ok(match value {
                Value::Object(payload) => payload,
                // somebody else wrote a payload that is no object
                other => Payload::from_iter([(PAYLOAD.to_owned(), other)]),
            });
        }
        let Value::Object(mut payload) = value else { return Err("no object".to_owned()) };
        for column in self.table.payload().filter(|column| fields::has_floats(column)) {
            if let Some(value) = payload.get_mut(&column.name) {
                fields::restore_floats(value);
            }
        }
        Ok(payload)
    }

    fn vectors(&self, backend: &Backend, row: &Row, first: usize) -> Result<Vectors> {
        let mut found = Vec::with_capacity(self.table.vectors.len());
        for (number, column) in self.table.vectors.iter().enumerate() {
            let Some(Raw(bytes)) = get::<Option<Raw<'_>>>(backend, row, first + number)? else { continue };
            let vector = column.form.read(bytes).map_err(|cause| backend.bad_answer(cause))?;
            found.push((column.name.clone(), vector));
        }
        Ok(Vectors(found))
    }
}

fn get<'a, T: tokio_postgres::types::FromSql<'a>>(backend: &Backend, row: &'a Row, place: usize) -> Result<T> {
    row.try_get(place).map_err(|error| backend.failed(&error))
}
