//! Records as columns of a Parquet file: which columns there are, and what a record is in each.
//!
//! `id` is text beside `id_kind`, so that `1`, `"1"` and a UUID stay three ids; `payload` is JSON, which keeps each
//! 64-bit integer and each float to the bit; a vector is a list of floats, lists of lists where a record has several,
//! two lists where it is sparse. A list that is null is a vector that the record does not have.

use parquet::basic::{Compression, Encoding};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::{ColumnPath, Type};

use super::manifest::StoredVector;
use crate::provider::model::{Record, RecordId, Vector, VectorKind};

/// What is in a leaf column, in the order of the columns. Numbers are places in the list of vectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leaf {
    Id,
    IdKind,
    Text,
    Payload,
    Dense(usize),
    Multi(usize),
    Indices(usize),
    Values(usize),
}

/// The leaf columns of a collection with these vectors.
pub(super) fn leaves(vectors: &[StoredVector]) -> Vec<Leaf> {
    let mut leaves = vec![Leaf::Id, Leaf::IdKind, Leaf::Text, Leaf::Payload];
    for (at, vector) in vectors.iter().enumerate() {
        match vector.kind() {
            VectorKind::Dense => leaves.push(Leaf::Dense(at)),
            VectorKind::Multi => leaves.push(Leaf::Multi(at)),
            VectorKind::Sparse => leaves.extend([Leaf::Indices(at), Leaf::Values(at)]),
        }
    }
    leaves
}

/// The schema of the files.
pub(super) fn schema(vectors: &[StoredVector]) -> Result<Type, ParquetError> {
    let list = |name: &str, element: &str| {
        format!("  optional group {name} (LIST) {{ repeated group list {{ required {element} element; }} }}\n")
    };
    let mut text = "message records {\n  required binary id (STRING);\n  required binary id_kind (STRING);\n  \
                    optional binary text (STRING);\n  required binary payload (JSON);\n"
        .to_owned();
    for vector in vectors {
        let column = &vector.column;
        match vector.kind() {
            VectorKind::Dense => text += &list(column, "float"),
            VectorKind::Sparse => {
                text += &format!(
                    "  optional group {column}_indices (LIST) {{ repeated group list {{ required int32 element \
                     (INTEGER(32,false)); }} }}\n"
                );
                text += &list(&format!("{column}_values"), "float");
            }
            VectorKind::Multi => {
                text += &format!(
                    "  optional group {column} (LIST) {{ repeated group list {{ required group element (LIST) {{ \
                     repeated group list {{ required float element; }} }} }} }}\n"
                );
            }
        }
    }
    parse_message_type(&(text + "}"))
}

/// How the files are written: text compressed, vectors as they are, and pages so small that reading a few records
/// reads little else.
pub(super) fn properties() -> WriterProperties {
    let mut made = WriterProperties::builder()
        .set_created_by(concat!("vector-inspector ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_statistics_enabled(EnabledStatistics::None)
        .set_dictionary_enabled(false)
        .set_encoding(Encoding::PLAIN)
        .set_data_page_size_limit(256 * 1024)
        .set_data_page_row_count_limit(1_024);
    for column in ["id", "id_kind", "text", "payload"] {
        made = made.set_column_compression(ColumnPath::from(column), Compression::SNAPPY);
    }
    made.build()
}

/// The two texts of an id.
pub(super) fn id_texts(id: &RecordId) -> (String, &'static str) {
    let kind = match id {
        RecordId::Integer(_) => "integer",
        RecordId::Text(_) => "text",
        RecordId::Uuid(_) => "uuid",
    };
    (id.to_string(), kind)
}

/// The id that two texts are.
pub(super) fn id_of(text: &str, kind: &str) -> Option<RecordId> {
    match kind {
        "integer" => text.parse().ok().map(RecordId::Integer),
        "text" => Some(RecordId::Text(text.to_owned())),
        "uuid" => uuid::Uuid::parse_str(text).ok().map(RecordId::Uuid),
        _ => None,
    }
}

/// Values of a column with the levels that say where its lists begin and end.
#[derive(Debug)]
pub(super) struct Levels<T> {
    pub values: Vec<T>,
    pub defs: Vec<i16>,
    pub reps: Vec<i16>,
}

impl<T> Default for Levels<T> {
    fn default() -> Self {
        Self { values: Vec::new(), defs: Vec::new(), reps: Vec::new() }
    }
}

impl<T: Copy> Levels<T> {
    /// Adds a list, which may be missing.
    pub fn list(&mut self, items: Option<impl ExactSizeIterator<Item = T>>) {
        let Some(items) = items else { return self.level(0, 0) };
        if items.len() == 0 {
            return self.level(1, 0);
        }
        for (at, item) in items.enumerate() {
            self.level(2, i16::from(at > 0));
            self.values.push(item);
        }
    }

    /// Adds a list of lists, which may be missing.
    pub fn lists(&mut self, rows: Option<&[Vec<T>]>) {
        let Some(rows) = rows else { return self.level(0, 0) };
        if rows.is_empty() {
            return self.level(1, 0);
        }
        for (number, row) in rows.iter().enumerate() {
            let first = i16::from(number > 0);
            if row.is_empty() {
                self.level(2, first);
            }
            for (at, item) in row.iter().enumerate() {
                self.level(3, if at > 0 { 2 } else { first });
                self.values.push(*item);
            }
        }
    }

    fn level(&mut self, def: i16, rep: i16) {
        self.defs.push(def);
        self.reps.push(rep);
    }

    /// The lists again, `None` where the levels and the values do not belong together.
    pub fn into_list_of(self) -> Option<Vec<Option<Vec<T>>>> {
        let mut values = self.values.into_iter();
        let mut rows: Vec<Option<Vec<T>>> = Vec::new();
        for (def, rep) in self.defs.into_iter().zip(self.reps) {
            if rep == 0 {
                rows.push((def > 0).then(Vec::new));
            }
            if def == 2 {
                rows.last_mut()?.as_mut()?.push(values.next()?);
            }
        }
        values.next().is_none().then_some(rows)
    }

    /// The lists of lists again.
    pub fn into_lists_of(self) -> Option<Vec<Option<Vec<Vec<T>>>>> {
        let mut values = self.values.into_iter();
        let mut records: Vec<Option<Vec<Vec<T>>>> = Vec::new();
        for (def, rep) in self.defs.into_iter().zip(self.reps) {
            if rep == 0 {
                records.push((def > 0).then(Vec::new));
            }
            if rep < 2 && def >= 2 {
                records.last_mut()?.as_mut()?.push(Vec::new());
            }
            if def == 3 {
                records.last_mut()?.as_mut()?.last_mut()?.push(values.next()?);
            }
        }
        values.next().is_none().then_some(records)
    }
}

/// Why a record has no place in the columns, if it has none: a clause.
pub(super) fn misfit(record: &Record, vectors: &[StoredVector]) -> Option<String> {
    record.vectors.iter().flat_map(|all| &all.0).find_map(|(name, vector)| {
        let kind = match vector {
            Vector::Dense(_) => VectorKind::Dense,
            Vector::Sparse { .. } => VectorKind::Sparse,
            Vector::Multi(_) => VectorKind::Multi,
        };
        let known = vectors.iter().find(|known| known.name == *name).map(StoredVector::kind);
        (known != Some(kind)).then(|| match known {
            None => format!("it has a vector {name:?}, which the description of the collection does not have"),
            Some(known) => format!("its vector {name:?} is {}, not {}", kind.name(), known.name()),
        })
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn missing_and_empty_lists_are_two_things() {
        let lists = [Some(vec![1, 2]), None, Some(vec![]), Some(vec![3])];
        let mut levels = Levels::default();
        lists.iter().for_each(|list| levels.list(list.as_ref().map(|list| list.iter().copied())));
        assert_eq!(levels.into_list_of().unwrap(), lists);
        let lists =
            [Some(vec![vec![1], vec![], vec![2, 3]]), None, Some(vec![]), Some(vec![vec![]]), Some(vec![vec![4]])];
        let mut levels = Levels::default();
        lists.iter().for_each(|rows| levels.lists(rows.as_deref()));
        assert_eq!(levels.into_lists_of().unwrap(), lists);
    }

    #[test]
    fn ids_of_three_kinds_stay_apart() {
        let uuid = uuid::Uuid::from_u128(7);
        for id in [RecordId::Integer(-1), RecordId::Integer(i128::MAX), "1".into(), "".into(), RecordId::Uuid(uuid)] {
            let (text, kind) = id_texts(&id);
            assert_eq!(id_of(&text, kind), Some(id));
        }
        assert_eq!(id_of("x", "integer"), None);
    }
}
