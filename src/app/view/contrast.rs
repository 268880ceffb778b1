//! Where two records differ, field by field: what linked record views mark.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::tree;
use crate::provider::model::{Record, Vector};

/// The path of a record's own text in the tree.
const TEXT: &str = "text";

/// Where a record differs from another one.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Contrast {
    /// Places of the tree whose values differ, and all places above them.
    pub differing: BTreeSet<String>,
    /// Places that the other record does not have.
    pub only_here: BTreeSet<String>,
    /// Fields of the first level, the text and vectors that differ or are here or there only.
    pub fields: usize,
    /// Names of fields that only the other record has.
    pub only_there: Vec<String>,
    /// How vectors differ, by their names; only those that do.
    pub vectors: BTreeMap<String, VectorDifference>,
}

/// How a vector differs from another one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum VectorDifference {
    /// So many numbers differ, by at most so much.
    Values(usize, f32),
    /// They have another kind, other places or another number of dimensions.
    Shape,
    /// The other record does not have it.
    OnlyHere,
}

/// What is known about a place of the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// Its value differs, or one below it.
    Differs,
    /// The other record has no such place.
    OnlyHere,
}

impl Contrast {
    /// Of a record to another one.
    pub fn of(here: &Record, there: &Record) -> Self {
        let mut contrast = Self::default();
        if here.text != there.text {
            contrast.fields += 1;
            match (&here.text, &there.text) {
                (Some(_), None) => drop(contrast.only_here.insert(TEXT.to_owned())),
                (None, Some(_)) => contrast.only_there.push(TEXT.to_owned()),
                _ => drop(contrast.differing.insert(TEXT.to_owned())),
            }
        }
        for (key, value) in &here.payload {
            if contrast.walk("", key, value, there.payload.get(key)) {
                contrast.fields += 1;
            }
        }
        let missing = there.payload.keys().filter(|key| !here.payload.contains_key(*key));
        contrast.only_there.extend(missing.cloned());
        contrast.fields += there.payload.keys().filter(|key| !here.payload.contains_key(*key)).count();
        contrast.compare_vectors(here, there);
        contrast
    }

    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.fields == 0
    }

    /// The mark of a place of the tree.
    pub fn mark(&self, path: &str) -> Option<Mark> {
        if self.only_here.contains(path) {
            return Some(Mark::OnlyHere);
        }
        self.differing.contains(path).then_some(Mark::Differs)
    }

    /// Compares a value and what is below it; whether anything differs.
    fn walk(&mut self, above: &str, key: &str, here: &Value, there: Option<&Value>) -> bool {
        let path = tree::path(above, key);
        let Some(there) = there else {
            self.only(&path, here);
            return true;
        };
        if here == there {
            return false;
        }
        match (here, there) {
            (Value::Object(a), Value::Object(b)) => {
                for (key, value) in a {
                    self.walk(&path, key, value, b.get(key));
                }
            }
            (Value::Array(a), Value::Array(b)) => {
                for (i, value) in a.iter().enumerate() {
                    self.walk(&path, &format!("[{i}]"), value, b.get(i));
                }
            }
            _ => {}
        }
        self.differing.insert(path);
        true
    }

    /// A place and all below it are here only.
    fn only(&mut self, path: &str, here: &Value) {
        match here {
            Value::Object(map) => map.iter().for_each(|(key, value)| self.only(&tree::path(path, key), value)),
            Value::Array(items) => {
                for (i, value) in items.iter().enumerate() {
                    self.only(&tree::path(path, &format!("[{i}]")), value);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
        self.only_here.insert(path.to_owned());
    }

    /// Vectors are compared only where both records were read with them.
    fn compare_vectors(&mut self, here: &Record, there: &Record) {
        let (Some(here), Some(there)) = (&here.vectors, &there.vectors) else { return };
        let single = here.0.len() == 1 && there.0.len() == 1;
        for (name, vector) in &here.0 {
            // Makers call a lone vector differently: it is the same one.
            let other = there.get(name).or_else(|| there.0.first().filter(|_| single).map(|(_, vector)| vector));
            let difference = other.map_or(Some(VectorDifference::OnlyHere), |other| difference(vector, other));
            if let Some(difference) = difference {
                self.vectors.insert(name.clone(), difference);
                self.fields += 1;
            }
        }
        if !single {
            self.fields += there.0.iter().filter(|(name, _)| here.get(name).is_none()).count();
        }
    }
}

/// How two vectors differ; `None` if they are equal to the last bit.
fn difference(a: &Vector, b: &Vector) -> Option<VectorDifference> {
    let (a, b): (Vec<f32>, Vec<f32>) = match (a, b) {
        (Vector::Dense(a), Vector::Dense(b)) if a.len() == b.len() => (a.clone(), b.clone()),
        (Vector::Sparse { indices: i, values: a }, Vector::Sparse { indices: j, values: b }) if i == j => {
            (a.clone(), b.clone())
        }
        (Vector::Multi(a), Vector::Multi(b))
            if a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.len() == b.len()) =>
        {
            (a.concat(), b.concat())
        }
        _ => return Some(VectorDifference::Shape),
    };
    let differing = a.iter().zip(&b).filter(|(a, b)| a.to_bits() != b.to_bits());
    let (count, most) = differing.fold((0, 0.0_f32), |(count, most), (a, b)| (count + 1, most.max((a - b).abs())));
    (count > 0).then_some(VectorDifference::Values(count, most))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::provider::model::Vectors;
    use serde_json::json;

    fn record(payload: Value, text: Option<&str>, vector: &[f32]) -> Record {
        let payload = payload.as_object().unwrap().clone();
        let vectors = Some(Vectors::unnamed(vector.to_vec()));
        Record { id: 1_u64.into(), vectors, payload, text: text.map(str::to_owned) }
    }

    fn keys(paths: &BTreeSet<String>) -> Vec<&str> {
        paths.iter().map(|path| path.rsplit(':').next().unwrap()).collect()
    }

    #[test]
    fn equal_records_have_no_contrast() {
        let a = record(json!({"a": {"b": [1, {"c": null}]}}), Some("t"), &[1.0]);
        assert!(Contrast::of(&a, &a).is_empty());
    }

    #[test]
    fn a_place_that_differs_marks_all_above_it() {
        let a = record(json!({"a": {"b": [1, 2], "same": 1}, "n": 1, "mine": [1]}), None, &[1.0, 2.0]);
        let b = record(json!({"a": {"b": [1, 3], "same": 1}, "n": "1", "theirs": 0}), Some("t"), &[1.0, 2.5]);
        let contrast = Contrast::of(&a, &b);
        assert_eq!(keys(&contrast.differing), ["a", "b", "[1]", "n"]);
        assert_eq!(keys(&contrast.only_here), ["mine", "[0]"]);
        assert_eq!(contrast.only_there, ["text", "theirs"]);
        assert_eq!(contrast.vectors[""], VectorDifference::Values(1, 0.5));
        assert_eq!(contrast.fields, 6, "a, n, mine, theirs, text, the vector");
        let back = Contrast::of(&b, &a);
        assert_eq!((back.fields, back.mark("text")), (6, Some(Mark::OnlyHere)));
    }

    #[test]
    fn a_lone_vector_is_the_same_whatever_its_name() {
        let a = record(json!({}), None, &[1.0]);
        let mut b = a.clone();
        b.vectors = Some(Vectors(vec![("embedding".to_owned(), Vector::Dense(vec![1.0]))]));
        assert!(Contrast::of(&a, &b).is_empty());
        b.vectors = Some(Vectors(vec![("embedding".to_owned(), Vector::Dense(vec![1.0, 2.0]))]));
        assert_eq!(Contrast::of(&a, &b).vectors[""], VectorDifference::Shape);
        b.vectors = None;
        assert!(Contrast::of(&a, &b).is_empty(), "not read is not different");
    }
}
