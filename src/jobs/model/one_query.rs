//! One query for several collections, of one database or of several: with which vector field each of them
//! is asked, and why one is not.

use thiserror::Error;

use crate::provider::Capabilities;
use crate::provider::model::{Metric, SearchQuery, TextWay, Vector, VectorKind, VectorSpec};

/// Why a collection is not asked what others are asked.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Unfit {
    /// Its vectors have another dimension.
    #[error(
        "not searched: the vector has {given} numbers, those of {collection} have {wanted}. Such vectors are not comparable: choose a collection of the same model."
    )]
    Dimension {
        /// The collection.
        collection: String,
        /// Dimension of the query.
        given: usize,
        /// Dimensions of its fields, e.g. `384 or 768`.
        wanted: String,
    },
    /// It has no vectors of that kind.
    #[error("not searched: {collection} has no {kind} vectors. Search by a vector of the kind that it has.")]
    Kind {
        /// The collection.
        collection: String,
        /// Kind of the query.
        kind: &'static str,
    },
    /// It is not searched by text that way.
    #[error("not searched: {collection} is not searched by text: {reason}. Search by a vector or by a record.")]
    Text {
        /// The collection.
        collection: String,
        /// Why not.
        reason: &'static str,
    },
    /// It has no search around its index.
    #[error("not searched: {collection} is not searched exactly: {reason}. Search it through its index.")]
    Exact {
        /// The collection.
        collection: String,
        /// Why not.
        reason: &'static str,
    },
}

/// The kind of a vector and the number of its dimensions, where that is fixed.
pub fn shape(vector: &Vector) -> (VectorKind, Option<usize>) {
    match vector {
        Vector::Dense(values) => (VectorKind::Dense, Some(values.len())),
        Vector::Sparse { .. } => (VectorKind::Sparse, None),
        Vector::Multi(rows) => (VectorKind::Multi, rows.first().map(Vec::len)),
    }
}

/// The vector field that a query asks: the one of the preferred name if it fits, else the first that does.
/// `None` where the maker chooses by itself.
///
/// # Errors
/// Why none fits. A field of unknown dimension fits; so does a collection of which no field is known.
pub fn field_for(
    query: &SearchQuery,
    collection: &str,
    fields: &[VectorSpec],
    can: Option<&Capabilities>,
    preferred: Option<&str>,
) -> Result<Option<String>, Unfit> {
    let vector = match query {
        SearchQuery::Vector(vector) => vector,
        SearchQuery::Like(_) => return Ok(preferred.map(str::to_owned)),
        SearchQuery::Text(text) => {
            let support = can.map(|can| can.text_in(text.way, fields));
            if let Some(crate::provider::Support::No(reason)) = support {
                return Err(Unfit::Text { collection: collection.to_owned(), reason });
            }
            let embeds = fields.iter().find(|field| text.way != TextWay::Bm25 && field.embedder.is_some());
            return Ok(embeds.map(|field| field.name.clone()).filter(|name| !name.is_empty()));
        }
    };
    let (kind, dimension) = shape(vector);
    let of_kind: Vec<&VectorSpec> = fields.iter().filter(|field| field.kind == kind).collect();
    if fields.is_empty() {
        return Ok(preferred.map(str::to_owned));
    }
    if of_kind.is_empty() {
        return Err(Unfit::Kind { collection: collection.to_owned(), kind: kind.name() });
    }
    let fits = |field: &&&VectorSpec| match (field.dimension, dimension) {
        (Some(has), Some(given)) => has == given,
        _ => true,
    };
    let fitting = || of_kind.iter().filter(fits);
    let chosen = fitting().find(|field| Some(field.name.as_str()) == preferred).or_else(|| fitting().next());
    match chosen {
        Some(field) => Ok(Some(field.name.clone()).filter(|name| !name.is_empty())),
        None => {
            let mut wanted: Vec<String> =
                of_kind.iter().filter_map(|field| field.dimension).map(|d| d.to_string()).collect();
            wanted.dedup();
            let (collection, given) = (collection.to_owned(), dimension.unwrap_or(0));
            Err(Unfit::Dimension { collection, given, wanted: wanted.join(" or ") })
        }
    }
}

/// The metric of a field by its name (`None` for the first).
pub fn metric_of(fields: &[VectorSpec], name: Option<&str>) -> Option<Metric> {
    let field = match name {
        Some(name) => fields.iter().find(|field| field.name == name),
        None => fields.iter().find(|field| field.name.is_empty()).or_else(|| fields.first()),
    };
    field?.metric
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::Support;
    use crate::provider::model::TextQuery;

    fn field(name: &str, dimension: Option<usize>, kind: VectorKind) -> VectorSpec {
        let metric = Some(Metric::Cosine);
        VectorSpec { name: name.to_owned(), kind, dimension, metric, index: None, embedder: None }
    }

    fn dense(dimension: usize) -> SearchQuery {
        SearchQuery::Vector(Vector::Dense(vec![0.5; dimension]))
    }

    #[test]
    fn the_field_of_the_same_name_is_asked_where_it_fits() {
        let fields = [field("title", Some(4), VectorKind::Dense), field("body", Some(8), VectorKind::Dense)];
        let ask = |query: SearchQuery, preferred| field_for(&query, "docs", &fields, None, preferred);
        assert_eq!(ask(dense(8), Some("title")), Ok(Some("body".to_owned())), "the name alone does not do");
        assert_eq!(ask(dense(4), Some("title")), Ok(Some("title".to_owned())));
        let wrong = ask(dense(5), None).map_err(|error| error.to_string());
        assert!(wrong.is_err_and(|why| why.contains("has 5 numbers") && why.contains("4 or 8")));
        let sparse = SearchQuery::Vector(Vector::Sparse { indices: vec![1], values: vec![0.5] });
        assert!(matches!(ask(sparse, None), Err(Unfit::Kind { kind: "sparse", .. })));
    }

    #[test]
    fn what_is_not_known_is_left_to_the_database() {
        assert_eq!(field_for(&dense(3), "docs", &[], None, None), Ok(None));
        let unknown = [field("", None, VectorKind::Dense)];
        assert_eq!(field_for(&dense(3), "docs", &unknown, None, Some("body")), Ok(None), "the unnamed one");
    }

    #[test]
    fn a_text_is_asked_only_where_the_maker_reads_it() {
        let query = SearchQuery::Text(TextQuery::new("words", TextWay::Bm25));
        let refused = field_for(&query, "docs", &[], Some(&Capabilities::ALL), None);
        assert!(matches!(refused, Err(Unfit::Text { .. })));
        let can = Capabilities { bm25: Support::Yes, ..Capabilities::ALL };
        assert_eq!(field_for(&query, "docs", &[], Some(&can), None), Ok(None));
    }
}
