//! A table as a collection: its key, its vectors, and where the payload comes from.
//!
//! **Own tables** are those that `create_collection` makes, or whoever makes the same: a key column
//! `id`, `payload jsonb`, `text text`, and else only vector columns. Their payload is the object in
//! `payload`, their text is `text`, the column `embedding` is the unnamed vector. In any
//! **other table** each column that is neither key nor vector is a field of the payload, and a lone
//! vector column is the unnamed vector.

use super::catalog::{Column, Index, Relation};
use super::key::Key;
use super::names::{TableName, quote};
use super::vectors::Form;
use crate::provider::model::{Metric, VectorKind, VectorSpec};

/// The column of the unnamed vector in own tables.
pub(super) const UNNAMED: &str = "embedding";
/// The fixed columns of own tables.
pub(super) const ID: &str = "id";
/// See [`ID`].
pub(super) const PAYLOAD: &str = "payload";
/// See [`ID`].
pub(super) const TEXT: &str = "text";
/// Shorter bit strings are flags, unless an index is built on them.
const FEWEST_BITS: i32 = 8;
/// What a column's comment begins with when it tells the metric.
pub(super) const METRIC_COMMENT: &str = "metric: ";

/// A table that is a collection.
#[derive(Debug, Clone)]
pub(super) struct Table {
    /// Its name.
    pub(super) name: TableName,
    /// Its key, `None` where nothing tells its rows apart.
    pub(super) key: Option<Key>,
    /// Its vectors, at least one.
    pub(super) vectors: Vec<VectorColumn>,
    /// Whether it is laid out as we make them.
    pub(super) own: bool,
    /// All that the catalog says.
    pub(super) relation: Relation,
}

/// A column with vectors.
#[derive(Debug, Clone)]
pub(super) struct VectorColumn {
    /// Its name in the data model, `""` for the unnamed vector.
    pub(super) name: String,
    /// Its name in the table.
    pub(super) column: String,
    /// How its values are written.
    pub(super) form: Form,
    /// Its type as SQL, without dimension.
    pub(super) cast: String,
    /// Its dimension, where the column has one.
    pub(super) dimension: Option<usize>,
    /// The metric of its index, else the one that its comment tells.
    pub(super) metric: Option<Metric>,
    /// Its index.
    pub(super) index: Option<VectorIndex>,
}

/// An index for nearest neighbours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct VectorIndex {
    /// Its name.
    pub(super) name: String,
    /// `hnsw`, `ivfflat`, or another method's name.
    pub(super) method: String,
    /// Method, parameters and what is special about it, for people.
    pub(super) words: String,
    /// What it is built on where that is no column but the column as another type: that type, with
    /// its dimension.
    pub(super) halved: Option<usize>,
    /// Whether it can be used.
    pub(super) valid: bool,
}

impl Table {
    /// The collection that a table is, `None` if it has no vectors.
    pub(super) fn of(relation: Relation) -> Option<Self> {
        let mut vectors: Vec<VectorColumn> =
            relation.columns.iter().filter_map(|column| VectorColumn::of(column, &relation)).collect();
        if vectors.is_empty() {
            return None;
        }
        let key = Key::of(&relation);
        let own = is_own(&relation, key.as_ref(), &vectors);
        match vectors.as_mut_slice() {
            [only] if !own => only.name.clear(),
            several => {
                for vector in several.iter_mut().filter(|vector| own && vector.column == UNNAMED) {
                    vector.name.clear();
                }
            }
        }
        Some(Self { name: relation.name(), key, vectors, own, relation })
    }

    /// The columns that are fields of the payload, in a table that is not our own.
    pub(super) fn payload(&self) -> impl Iterator<Item = &Column> {
        let is_key = |column: &Column| self.key.as_ref().is_some_and(|key| key.has(&column.name));
        let is_vector = |column: &Column| self.vectors.iter().any(|vector| vector.column == column.name);
        self.relation.columns.iter().filter(move |column| !self.own && !is_key(column) && !is_vector(column))
    }

    /// The vector that a request means: the named one, by either name, or the first.
    pub(super) fn vector(&self, using: Option<&str>) -> Option<&VectorColumn> {
        match using {
            None => self.vectors.iter().find(|vector| vector.name.is_empty()).or(self.vectors.first()),
            Some(name) => self
                .vectors
                .iter()
                .find(|vector| vector.name == name)
                .or_else(|| self.vectors.iter().find(|vector| vector.column == name)),
        }
    }

    /// The table in SQL, under the short name that all columns are written with.
    pub(super) fn from(&self) -> String {
        format!("{} AS t", self.name.sql())
    }
}

fn is_own(relation: &Relation, key: Option<&Key>, vectors: &[VectorColumn]) -> bool {
    let has = |name: &str, kind: &str| {
        let column = relation.columns.iter().find(|column| column.name == name);
        column.is_some_and(|column| column.kind == kind && column.home == "pg_catalog" && !column.generated)
    };
    let keyed = key.is_some_and(|key| key.columns.len() == 1 && key.has(ID));
    keyed && has(PAYLOAD, "jsonb") && has(TEXT, "text") && relation.columns.len() == vectors.len() + 3
}

impl VectorColumn {
    fn of(column: &Column, relation: &Relation) -> Option<Self> {
        let is_extension = relation.extension.as_deref() == Some(column.home.as_str());
        let form = match column.kind.as_str() {
            "vector" if is_extension => Form::Single,
            "halfvec" if is_extension => Form::Half,
            "sparsevec" if is_extension => Form::Sparse,
            "bit" if column.home == "pg_catalog" => Form::Bits,
            _ => return None,
        };
        let index = index_of(column, relation);
        if form == Form::Bits && index.is_none() && column.modifier < FEWEST_BITS {
            return None;
        }
        let told = column.comment.as_deref().and_then(|comment| comment.strip_prefix(METRIC_COMMENT));
        let metric = match &index {
            Some((index, _)) => metric_of_class(&index.class),
            None => told.and_then(metric_of_word),
        };
        Some(Self {
            name: column.name.clone(),
            column: column.name.clone(),
            form,
            cast: column.cast(),
            dimension: usize::try_from(column.modifier).ok().filter(|dimension| *dimension > 0),
            metric,
            index: index.map(|(_, index)| index),
        })
    }

    /// The column in SQL.
    pub(super) fn sql(&self) -> String {
        format!("t.{}", quote(&self.column))
    }

    /// What it is in the data model.
    pub(super) fn spec(&self) -> VectorSpec {
        VectorSpec {
            name: self.name.clone(),
            kind: if self.form == Form::Sparse { VectorKind::Sparse } else { VectorKind::Dense },
            dimension: self.dimension,
            metric: self.metric,
            index: self.index.as_ref().map(|index| index.words.clone()),
            embedder: None,
        }
    }
}

/// The key that an index has on a column.
struct Indexed {
    class: String,
}

/// The index for nearest neighbours on a column: a usable one before others, one on the column
/// itself before one on the column as another type.
fn index_of(column: &Column, relation: &Relation) -> Option<(Indexed, VectorIndex)> {
    let found = relation.indexes.iter().filter_map(|index| {
        let [key] = index.keys.as_slice() else { return None };
        if metric_of_class(&key.class).is_none() && !key.class.ends_with("_jaccard_ops") {
            return None;
        }
        let halved = if key.column == 0 { Some(halved(&key.expression, &column.name)?) } else { None };
        if key.column != 0 && key.column != column.number {
            return None;
        }
        let words = words(index, halved.is_some());
        let (name, method) = (index.name.clone(), index.method.clone());
        let valid = index.valid && !index.partial;
        Some((Indexed { class: key.class.clone() }, VectorIndex { name, method, words, halved, valid }))
    });
    found.min_by_key(|(_, index)| (!index.valid, index.halved.is_some()))
}

/// The dimension of `(column)::halfvec(n)`, the usual form for vectors too long for an index.
fn halved(expression: &str, column: &str) -> Option<usize> {
    let plain: String = expression.chars().filter(|c| !matches!(c, '(' | ')' | ' ')).collect();
    let (indexed, kind) = plain.split_once("::")?;
    let kind = kind.rsplit('.').next()?;
    let name = indexed.strip_prefix('"').and_then(|name| name.strip_suffix('"')).unwrap_or(indexed);
    (name == column).then_some(kind)?.strip_prefix("halfvec")?.parse().ok()
}

fn words(index: &Index, halved: bool) -> String {
    let mut words = index.method.clone();
    for option in index.options.iter().flatten() {
        words.push(' ');
        words.push_str(option);
    }
    for (holds, word) in [(halved, "as halfvec"), (index.partial, "partial"), (!index.valid, "not usable")] {
        if holds {
            words.push_str(", ");
            words.push_str(word);
        }
    }
    words
}

fn metric_of_class(class: &str) -> Option<Metric> {
    let (_, measure) = class.split_once('_')?;
    match measure {
        "cosine_ops" => Some(Metric::Cosine),
        "ip_ops" => Some(Metric::Dot),
        "l2_ops" => Some(Metric::Euclidean),
        // the number of bits that differ is the Manhattan distance of zeros and ones
        "l1_ops" | "hamming_ops" => Some(Metric::Manhattan),
        _ => None,
    }
}

fn metric_of_word(word: &str) -> Option<Metric> {
    [Metric::Cosine, Metric::Dot, Metric::Euclidean, Metric::Manhattan].into_iter().find(|metric| metric.name() == word)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("((embedding)::halfvec(3072))", "embedding", Some(3072))]
    #[case("((embedding)::public.halfvec(8))", "embedding", Some(8))]
    #[case("((\"the vector\")::halfvec(3))", "the vector", None)]
    #[case("((\"Vector\")::halfvec(3))", "Vector", Some(3))]
    #[case("((embedding)::bit(3))", "embedding", None)]
    #[case("lower(embedding)", "embedding", None)]
    fn an_index_on_half_of_the_column_is_known(
        #[case] expression: &str,
        #[case] column: &str,
        #[case] dimension: Option<usize>,
    ) {
        assert_eq!(halved(expression, column), dimension);
    }

    #[rstest]
    #[case("vector_cosine_ops", Some(Metric::Cosine))]
    #[case("halfvec_ip_ops", Some(Metric::Dot))]
    #[case("vector_l2_ops", Some(Metric::Euclidean))]
    #[case("sparsevec_l1_ops", Some(Metric::Manhattan))]
    #[case("bit_hamming_ops", Some(Metric::Manhattan))]
    #[case("bit_jaccard_ops", None)]
    #[case("int4_ops", None)]
    fn an_operator_class_tells_the_metric(#[case] class: &str, #[case] metric: Option<Metric>) {
        assert_eq!(metric_of_class(class), metric);
    }
}
