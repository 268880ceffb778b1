//! What a table is: which column is the id, which are vectors, which are the payload.

use lancedb::arrow::arrow_schema::{DataType, Field, FieldRef, SchemaRef};

use crate::provider::model::{Metric, VectorKind, VectorSpec};

/// Marks a column of a table that was made here: `payload` and `text`, or a vector's metric.
pub(super) const ROLE: &str = "vector-inspector:role";
/// The metric that a vector column was made for.
pub(super) const METRIC: &str = "vector-inspector:metric";
/// The mark of a key that Lance itself has, which nothing enforces.
const PRIMARY_KEY: &str = "lance-schema:unenforced-primary-key";
/// Columns of tables that were made here.
pub(super) const ID: &str = "id";
pub(super) const PAYLOAD: &str = "payload";
pub(super) const TEXT: &str = "text";
pub(super) const UNNAMED: &str = "vector";
/// Lance's own number of each row.
pub(super) const ROW_ID: &str = "_rowid";
/// Names of columns that are looked at for a key, the first first, in any case.
const KEY_NAMES: [&str; 5] = ["id", "_id", "uuid", "key", "pk"];

/// What identifies a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Id {
    /// A column of whole numbers or texts.
    Column(FieldRef),
    /// The number of the row.
    Row,
}

/// A column of vectors.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct VectorColumn {
    /// The column.
    pub column: String,
    /// Its name here: empty for the unnamed one of a table that was made here.
    pub name: String,
    /// Dense, or several in one.
    pub kind: VectorKind,
    /// Numbers of each vector.
    pub dimension: usize,
    /// What each number is.
    pub element: DataType,
    /// The metric that it was made for, where that is known without an index.
    pub metric: Option<Metric>,
}

/// A table, as it is seen here.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Layout {
    /// All columns, as the table has them.
    pub schema: SchemaRef,
    /// What identifies a record.
    pub id: Id,
    /// Whether the table was made here: its payload is JSON in one column, its text in another.
    pub own: bool,
    /// Its vectors.
    pub vectors: Vec<VectorColumn>,
    /// Columns whose values are fields of the payload; empty for a table that was made here.
    pub fields: Vec<FieldRef>,
}

impl Layout {
    /// The layout with that id.
    pub(super) fn new(schema: SchemaRef, id: Id) -> Self {
        let own = is_own(&schema);
        let vectors: Vec<VectorColumn> = schema.fields().iter().filter_map(|field| vector(field, own)).collect();
        let is_id = |field: &Field| matches!(&id, Id::Column(key) if key.name() == field.name());
        let fields = schema
            .fields()
            .iter()
            .filter(|field| !own && !is_id(field) && !vectors.iter().any(|vector| vector.column == *field.name()));
        let fields = fields.cloned().collect();
        Self { schema, id, own, vectors, fields }
    }

    /// The vector of that name; without one, the first.
    pub(super) fn vector(&self, name: Option<&str>) -> Option<&VectorColumn> {
        match name {
            Some(name) => self.vectors.iter().find(|vector| vector.name == name),
            None => self.vectors.first(),
        }
    }

    /// The columns to read for records.
    pub(super) fn columns(&self, with_vectors: bool) -> Vec<String> {
        let mut columns = Vec::new();
        if let Id::Column(field) = &self.id {
            columns.push(field.name().clone());
        }
        if self.own {
            columns.extend([PAYLOAD, TEXT].map(str::to_owned));
        }
        columns.extend(self.fields.iter().map(|field| field.name().clone()));
        if with_vectors {
            columns.extend(self.vectors.iter().map(|vector| vector.column.clone()));
        }
        columns
    }

    /// About how many bytes a record takes in memory.
    pub(super) fn record_size(&self, with_vectors: bool) -> usize {
        let vectors = self.vectors.iter().map(|vector| vector.dimension * 4 + 32).sum::<usize>();
        512 + 64 * self.fields.len() + if with_vectors { vectors } else { 0 }
    }
}

/// Whether the table was made here.
pub(super) fn is_own(schema: &SchemaRef) -> bool {
    let marked = |name: &str| {
        let field = schema.field_with_name(name).ok();
        field.is_some_and(|field| *field.data_type() == DataType::Utf8 && field.metadata().contains_key(ROLE))
    };
    marked(PAYLOAD) && marked(TEXT) && schema.field_with_name(ID).is_ok_and(can_be_key)
}

/// Columns that may be the key, the likeliest first; `true` where the table itself says so.
pub(super) fn key_candidates(schema: &SchemaRef) -> Vec<(FieldRef, bool)> {
    let fields = || schema.fields().iter().filter(|field| can_be_key(field));
    let mut found: Vec<(FieldRef, bool)> = Vec::new();
    let declared: Vec<&FieldRef> =
        schema.fields().iter().filter(|field| field.metadata().get(PRIMARY_KEY).is_some_and(|v| v == "true")).collect();
    if let [field] = declared.as_slice()
        && can_be_key(field)
    {
        found.push((FieldRef::clone(field), true));
    }
    if is_own(schema) {
        found.extend(fields().filter(|field| field.name() == ID).map(|field| (field.clone(), true)));
    }
    for name in KEY_NAMES {
        found.extend(fields().filter(|field| field.name().eq_ignore_ascii_case(name)).map(|f| (f.clone(), false)));
    }
    found
}

/// Whether ids can be read of it: whole numbers and texts.
fn can_be_key(field: &Field) -> bool {
    field.data_type().is_integer() || matches!(field.data_type(), DataType::Utf8 | DataType::LargeUtf8)
}

fn vector(field: &Field, own: bool) -> Option<VectorColumn> {
    let (inner, dimension, kind) = match field.data_type() {
        DataType::FixedSizeList(inner, dimension) => (inner, *dimension, VectorKind::Dense),
        DataType::List(inner) | DataType::LargeList(inner) => match inner.data_type() {
            DataType::FixedSizeList(inner, dimension) => (inner, *dimension, VectorKind::Multi),
            _ => return None,
        },
        _ => return None,
    };
    let element = inner.data_type().clone();
    if !matches!(element, DataType::Float16 | DataType::Float32 | DataType::Float64 | DataType::UInt8) {
        return None;
    }
    let name = if own && field.name() == UNNAMED { String::new() } else { field.name().clone() };
    Some(VectorColumn {
        column: field.name().clone(),
        name,
        kind,
        dimension: usize::try_from(dimension).unwrap_or_default(),
        element,
        metric: field.metadata().get(METRIC).and_then(|word| metric(word)),
    })
}

/// The metric of that name.
pub(super) fn metric(word: &str) -> Option<Metric> {
    [Metric::Cosine, Metric::Dot, Metric::Euclidean].into_iter().find(|metric| metric.name() == word)
}

impl VectorColumn {
    /// Whether distances between its vectors are those that this program has names for. Bytes are
    /// compared bit by bit.
    pub(super) fn is_searched(&self) -> bool {
        self.kind == VectorKind::Dense && self.element != DataType::UInt8
    }

    /// The description of it, with what is known of its index.
    pub(super) fn spec(&self, indexed: Option<(Metric, String)>) -> VectorSpec {
        let (metric, index) = indexed.unzip();
        let metric = metric.or(self.metric).or(self.is_searched().then_some(Metric::Euclidean));
        let (name, kind) = (self.name.clone(), self.kind);
        VectorSpec { name, kind, dimension: Some(self.dimension), metric, index, embedder: None }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::HashMap;
    use std::sync::Arc;

    use lancedb::arrow::arrow_schema::Schema;

    use super::*;

    fn list(of: DataType, size: i32) -> DataType {
        DataType::FixedSizeList(Arc::new(Field::new("item", of, true)), size)
    }

    #[test]
    fn vectors_and_keys_are_found_by_their_types() {
        let key = Field::new("_ID", DataType::Int32, false);
        let many = DataType::List(Arc::new(Field::new("item", list(DataType::Float32, 3), true)));
        let schema = Arc::new(Schema::new(vec![
            Field::new("vec", list(DataType::Float16, 8), true),
            Field::new("box", list(DataType::Int32, 4), true),
            key.clone(),
            Field::new("tokens", many, true),
            Field::new("bits", list(DataType::UInt8, 16), true),
        ]));
        let candidates = key_candidates(&schema);
        assert_eq!(candidates.len(), 1);
        assert!(candidates[0].0.name() == "_ID" && !candidates[0].1);
        let layout = Layout::new(schema, Id::Column(Arc::new(key)));
        let vectors: Vec<_> = layout.vectors.iter().map(|v| (v.name.as_str(), v.dimension, v.is_searched())).collect();
        assert_eq!(vectors, [("vec", 8, true), ("tokens", 3, false), ("bits", 16, false)]);
        assert_eq!(layout.fields.iter().map(|field| field.name().as_str()).collect::<Vec<_>>(), ["box"]);
        assert_eq!(layout.columns(false), ["_ID", "box"]);
    }

    #[test]
    fn a_key_that_the_table_names_goes_first() {
        let marked = HashMap::from([(PRIMARY_KEY.to_owned(), "true".to_owned())]);
        let schema = Arc::new(Schema::new(vec![
            Field::new("id", DataType::Utf8, false),
            Field::new("isbn", DataType::LargeUtf8, false).with_metadata(marked),
        ]));
        let names: Vec<_> = key_candidates(&schema).iter().map(|(f, said)| (f.name().clone(), *said)).collect();
        assert_eq!(names, [("isbn".to_owned(), true), ("id".to_owned(), false)]);
    }
}
