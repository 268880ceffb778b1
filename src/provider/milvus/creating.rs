//! What a new collection is made of, and what no server of that version makes: checked before anything is asked. Pure.

use super::PRODUCT;
use super::layout::{OWN_KEY, OWN_VECTOR};
use super::proto::{CollectionSchema, FieldSchema, KeyValuePair, data_type};
use super::server::Dialect;
use crate::provider::model::{CollectionSpec, Metric, VectorKind, VectorSpec};
use crate::provider::{ProviderError, Result};

/// Longest key, in bytes: the most that Milvus allows.
const LONGEST_KEY: &str = "65535";
/// Longest name of a collection of Milvus Lite, in bytes. Servers have a setting for theirs, and tell it themselves.
const LONGEST_OF_LITE: usize = 255;

/// The field of a vector: the unnamed one has a name of ours.
pub(super) fn field_name(vector: &VectorSpec) -> &str {
    if vector.name.is_empty() { OWN_VECTOR } else { &vector.name }
}

/// The schema of a new collection: a text key, the vectors, and any other fields.
///
/// # Errors
/// Names and vectors that such a server does not have.
pub(super) fn schema(spec: &CollectionSpec, dialect: Dialect) -> Result<CollectionSchema> {
    check_name(&spec.name, dialect)?;
    let mut fields = vec![FieldSchema {
        name: OWN_KEY.to_owned(),
        is_primary_key: true,
        data_type: data_type::VARCHAR,
        type_params: vec![KeyValuePair::new("max_length", LONGEST_KEY)],
        ..FieldSchema::default()
    }];
    let can = dialect.capabilities();
    let mut dense = 0;
    for vector in &spec.vectors {
        let field = FieldSchema { name: field_name(vector).to_owned(), ..FieldSchema::default() };
        check_field(&field.name, dialect)?;
        if fields.iter().any(|other| other.name == field.name) {
            return Err(impossible(format!("there are two fields {:?}", field.name)));
        }
        fields.push(match vector.kind {
            VectorKind::Dense => {
                metric_word(vector)?;
                dense += 1;
                if dense > 1 {
                    can.named_vectors.require(PRODUCT)?;
                }
                let dimension = vector.dimension.filter(|dimension| *dimension > 0);
                let dimension = dimension.ok_or_else(|| impossible(format!("{:?} has no dimension", field.name)))?;
                let fewest = dialect.fewest_dimensions();
                if dimension < fewest {
                    let cause =
                        format!("{:?} has {dimension} dimension, and Milvus takes {fewest} and more", field.name);
                    return Err(impossible(cause));
                }
                FieldSchema {
                    data_type: data_type::FLOAT_VECTOR,
                    type_params: vec![KeyValuePair::new("dim", dimension.to_string())],
                    ..field
                }
            }
            VectorKind::Sparse if vector.metric.is_none_or(|metric| metric == Metric::Dot) => {
                can.sparse_vectors.require(PRODUCT)?;
                FieldSchema { data_type: data_type::SPARSE_FLOAT_VECTOR, ..field }
            }
            VectorKind::Sparse => return Err(unsupported("sparse vectors are compared by their product (dot)")),
            VectorKind::Multi => return Err(unsupported("its lists of vectors are not supported here")),
        });
    }
    if fields.len() == 1 {
        return Err(impossible("a collection of Milvus has at least one vector field".to_owned()));
    }
    Ok(CollectionSchema { name: spec.name.clone(), fields, enable_dynamic_field: true, ..CollectionSchema::default() })
}

/// The metric of a dense vector, as Milvus calls it.
///
/// # Errors
/// One that it has not.
pub(super) fn metric_word(vector: &VectorSpec) -> Result<&'static str> {
    match vector.metric {
        Some(Metric::Cosine) | None => Ok("COSINE"),
        Some(Metric::Dot) => Ok("IP"),
        Some(Metric::Euclidean) => Ok("L2"),
        Some(Metric::Manhattan) => Err(unsupported("it has no manhattan distance")),
    }
}

/// Refuses names that the server refuses, by its sources: `validateCollectionNameOrAlias` in
/// `internal/proxy/util.go`, of which some versions take a `$` and blanks at the ends; Milvus Lite's
/// `_validate_filesystem_name`.
fn check_name(name: &str, dialect: Dialect) -> Result<()> {
    if name.contains('/') {
        return Err(unsupported("partitions are made with Milvus' own tools; names of collections have no /"));
    }
    let (possible, mend) = if dialect.is_lite() {
        let is_path = matches!(name, "" | "." | "..") || name.contains(['\\', '\0']);
        let mend = "Milvus Lite makes a directory of it: 1 to 255 bytes, no \\, and neither . nor .. alone.";
        (!is_path && name.len() <= LONGEST_OF_LITE, mend)
    } else {
        (is_word(name.trim(), &['_', '$']), "Take letters without accents, digits and _, and begin with a letter or _.")
    };
    if possible {
        return Ok(());
    }
    let cause = format!("no collection of Milvus can be called {name:?}");
    Err(ProviderError::BadRequest { cause, mend: mend.to_owned() })
}

/// The same for fields: `validateFieldName` in `internal/proxy/util.go`; `RESERVED_FIELD_NAMES` of Milvus Lite, which
/// takes all other names.
fn check_field(name: &str, dialect: Dialect) -> Result<()> {
    let possible = if dialect.is_lite() {
        let words = ["iso", "interval"];
        !dialect.reserved().contains(&name) && !words.iter().any(|word| word.eq_ignore_ascii_case(name))
    } else {
        is_word(name.trim(), &['_'])
    };
    if possible { Ok(()) } else { Err(impossible(format!("no vector of Milvus can be called {name:?}"))) }
}

fn is_word(name: &str, others: &[char]) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || others.contains(&c))
}

fn impossible(cause: String) -> ProviderError {
    ProviderError::BadRequest { cause, mend: "Correct the fields of the new collection.".to_owned() }
}

fn unsupported(reason: &str) -> ProviderError {
    ProviderError::Unsupported { product: PRODUCT, reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::*;

    const VERSIONS: [&str; 3] = ["v2.3.5", "v2.6.1", "milvus_lite-3.2.2"];

    fn on(version: &str, spec: &CollectionSpec) -> Result<CollectionSchema> {
        schema(spec, Dialect::of(version).0)
    }

    fn named(name: &str) -> CollectionSpec {
        CollectionSpec::dense(name, 3, Metric::Dot)
    }

    #[test]
    fn a_new_collection_has_a_text_key_and_takes_any_fields() {
        for version in VERSIONS {
            let schema = on(version, &named("docs")).unwrap();
            let names: Vec<&str> = schema.fields.iter().map(|field| field.name.as_str()).collect();
            assert_eq!((names.as_slice(), schema.enable_dynamic_field), (["_id", "_vector"].as_slice(), true));
        }
    }

    #[test]
    fn what_milvus_has_not_is_refused_before_anything_is_made() {
        for version in VERSIONS {
            let refused = |spec: &CollectionSpec| on(version, spec).unwrap_err().to_string();
            assert!(refused(&CollectionSpec::dense("docs", 3, Metric::Manhattan)).contains("manhattan"));
            assert!(refused(&CollectionSpec::dense("docs", 0, Metric::Dot)).contains("no dimension"));
            let mut multi = named("docs");
            multi.vectors[0].kind = VectorKind::Multi;
            assert!(refused(&multi).contains("lists of vectors"));
            multi.vectors.clear();
            assert!(refused(&multi).contains("at least one vector"));
            let mut key = named("docs");
            key.vectors[0].name = OWN_KEY.to_owned();
            assert!(refused(&key).contains("two fields"));
        }
    }

    #[test]
    fn what_one_version_lacks_is_refused_by_that_one_only() {
        let [old, new, lite] = VERSIONS;
        let mut two = named("docs");
        two.vectors.push(VectorSpec { name: "b".to_owned(), ..two.vectors[0].clone() });
        assert!(on(old, &two).is_err() && on(new, &two).is_ok() && on(lite, &two).is_err());
        two.vectors[1].kind = VectorKind::Sparse;
        assert!(on(old, &two).is_err() && on(new, &two).is_ok() && on(lite, &two).is_ok());
        let one = CollectionSpec::dense("docs", 1, Metric::Dot);
        assert!(on(old, &one).is_ok() && on(new, &one).is_err() && on(lite, &one).is_ok());
    }

    #[test]
    fn names_are_refused_as_the_servers_refuse_them() {
        for version in ["v2.3.5", "v2.6.1"] {
            for name in ["", "a/b", "a-b", "1a", "ü", "a b"] {
                assert!(on(version, &named(name)).is_err(), "{version}: {name:?}");
            }
            assert!(on(version, &named("_a1")).is_ok(), "{version}");
        }
        for name in ["", ".", "..", "a\\b", "a/b", &"x".repeat(256)] {
            assert!(on("milvus_lite-3.2.2", &named(name)).is_err(), "{name:?}");
        }
        for name in ["a-b", "1a", "ü b"] {
            assert!(on("milvus_lite-3.2.2", &named(name)).is_ok(), "{name:?}");
        }
        let vector = |version: &str, name: &str| {
            let mut spec = named("docs");
            spec.vectors[0].name = name.to_owned();
            on(version, &spec).is_ok()
        };
        assert!(vector("v2.6.1", "title") && !vector("v2.6.1", "my-title"));
        assert!(vector("milvus_lite-3.2.2", "my-title") && !vector("milvus_lite-3.2.2", "ISO"));
    }
}
