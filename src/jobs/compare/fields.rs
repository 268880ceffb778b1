//! Two records that differ, field by field.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::shape::Shaper;
use crate::jobs::canon;
use crate::jobs::model::comparison::{FieldDifference, VectorTolerance};
use crate::provider::model::{Payload, Record, Vector};

/// Most fields that are listed of one record.
const FIELDS: usize = 50;
/// Most places that are listed of one vector.
const PLACES: usize = 3;

/// The fields in which they differ, sorted by path; as many as people can look at.
pub(super) fn compare(a: &Record, b: &Record, shaper: &Shaper) -> Vec<FieldDifference> {
    let mut fields = Fields { shaper, found: Vec::new() };
    fields.objects("payload", &a.payload, &b.payload);
    if a.text != b.text {
        let value = |text: &Option<String>| text.as_deref().map(Value::from);
        let note = a.text.as_deref().zip(b.text.as_deref()).and_then(|(a, b)| first_difference(a, b));
        fields.add("text".to_owned(), value(&a.text), value(&b.text), note);
    }
    let names = |record: &Record| record.vectors.iter().flat_map(|v| &v.0).map(|(name, _)| name.clone()).collect();
    let mut all: BTreeSet<String> = names(a);
    all.extend::<BTreeSet<String>>(names(b));
    for name in all {
        let of = |record: &Record| record.vectors.as_ref().and_then(|vectors| vectors.get(&name)).cloned();
        fields.vectors(&name, of(a), of(b));
    }
    fields.found
}

struct Fields<'a> {
    shaper: &'a Shaper,
    found: Vec<FieldDifference>,
}

impl Fields<'_> {
    fn add(&mut self, path: String, a: Option<Value>, b: Option<Value>, note: Option<String>) {
        let missing = match (&a, &b) {
            (None, Some(_)) => Some('a'),
            (Some(_), None) => Some('b'),
            _ => None,
        };
        if self.found.len() < FIELDS {
            let (a, b) = (a.unwrap_or_default(), b.unwrap_or_default());
            self.found.push(FieldDifference { path, a, b, missing, note });
        }
    }

    fn same(&self, a: &Value, b: &Value) -> bool {
        let bytes = |value: &Value| {
            let (mut bytes, mut soft) = (Vec::new(), Vec::new());
            canon::write_value(value, self.shaper.rules(true), &mut bytes, &mut soft);
            (bytes, soft)
        };
        let ((a, soft_a), (b, soft_b)) = (bytes(a), bytes(b));
        a == b && soft_a.iter().zip(&soft_b).all(|(x, y)| self.shaper.tolerances.allows_floats(*x, *y))
    }

    fn objects(&mut self, path: &str, a: &Payload, b: &Payload) {
        let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
        for key in keys {
            let path = format!("{path}.{key}");
            match (a.get(key), b.get(key)) {
                (Some(a), Some(b)) => self.values(&path, a, b),
                (a, b) => {
                    let nothing = |value: Option<&Value>| value.is_none_or(|value| self.is_nothing(value));
                    if !(nothing(a) && nothing(b)) {
                        self.add(path, a.cloned(), b.cloned(), None);
                    }
                }
            }
        }
    }

    /// Whether that is as a missing key.
    fn is_nothing(&self, value: &Value) -> bool {
        let empty = match value {
            Value::Null => true,
            Value::Array(items) => items.is_empty(),
            _ => false,
        };
        empty && self.shaper.tolerances.nulls
    }

    fn values(&mut self, path: &str, a: &Value, b: &Value) {
        match (a, b) {
            (Value::Object(a), Value::Object(b)) => self.objects(path, a, b),
            (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
                for (at, (a, b)) in a.iter().zip(b).enumerate() {
                    self.values(&format!("{path}[{at}]"), a, b);
                }
            }
            _ if self.same(a, b) || self.is_nothing(a) && self.is_nothing(b) => {}
            (Value::String(one), Value::String(other)) => {
                self.add(path.to_owned(), Some(a.clone()), Some(b.clone()), first_difference(one, other));
            }
            _ => self.add(path.to_owned(), Some(a.clone()), Some(b.clone()), None),
        }
    }

    fn vectors(&mut self, name: &str, a: Option<Vector>, b: Option<Vector>) {
        let path = if name.is_empty() { "vector".to_owned() } else { format!("vector {name:?}") };
        let tolerance = self.shaper.tolerances.vectors.get(name).copied();
        let (Some(a), Some(b)) = (&a, &b) else {
            return self.add(path, a.as_ref().map(words), b.as_ref().map(words), None);
        };
        if words(a) != words(b) {
            return self.add(path, Some(words(a)), Some(words(b)), None);
        }
        match (a, b) {
            (Vector::Dense(a), Vector::Dense(b)) => self.numbers(&path, a, b, tolerance),
            (Vector::Multi(a), Vector::Multi(b)) => {
                for (at, (a, b)) in a.iter().zip(b).enumerate() {
                    self.numbers(&format!("{path}[{at}]"), a, b, tolerance);
                }
            }
            _ => {
                let bytes = |vector: &Vector| {
                    let mut bytes = Vec::new();
                    canon::write_vector(vector, false, &mut bytes);
                    bytes
                };
                if bytes(a) != bytes(b) {
                    self.add(path, Some(a.to_json()), Some(b.to_json()), None);
                }
            }
        }
    }

    fn numbers(&mut self, path: &str, a: &[f32], b: &[f32], tolerance: Option<VectorTolerance>) {
        let same_bits = |a: &[f32], b: &[f32]| a.iter().zip(b).all(|(x, y)| x.to_bits() == y.to_bits());
        if a.len() == b.len() && tolerance.map_or_else(|| same_bits(a, b), |tolerance| tolerance.allows(a, b)) {
            return;
        }
        let mut places: Vec<(usize, f32, f32)> = a
            .iter()
            .zip(b)
            .enumerate()
            .map(|(at, (x, y))| (at, *x, *y))
            .filter(|(_, x, y)| x.to_bits() != y.to_bits())
            .collect();
        if a.len() != b.len() {
            return self.add(
                path.to_owned(),
                Some(json!(a.len())),
                Some(json!(b.len())),
                Some("numbers in it".to_owned()),
            );
        }
        let note = format!("{} of {} numbers differ", places.len(), a.len());
        places.sort_by(|(_, x, y), (_, v, w)| (v - w).abs().total_cmp(&(x - y).abs()));
        for (at, x, y) in places.into_iter().take(PLACES) {
            let number = |value: f32| Vector::Dense(vec![value]).to_json().get(0).cloned();
            self.add(format!("{path}[{at}]"), number(x), number(y), Some(note.clone()));
        }
    }
}

/// Characters of a text that are read at a glance: where two longer ones part is said.
const GLANCE: usize = 40;
/// Characters shown on both sides of where they part.
const AROUND: usize = 12;

/// Where two long texts part, with what stands there on both sides.
fn first_difference(a: &str, b: &str) -> Option<String> {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().max(b.len()) <= GLANCE {
        return None;
    }
    let at = a.iter().zip(&b).take_while(|(one, other)| one == other).count();
    let from = at.saturating_sub(AROUND);
    let part = |text: &[char]| {
        let part: String = text.iter().skip(from).take(at - from + AROUND).collect();
        let (before, after) = (if from > 0 { "…" } else { "" }, if text.len() > at + AROUND { "…" } else { "" });
        Value::from(format!("{before}{part}{after}")).to_string()
    };
    Some(format!("from character {}: {} / {}", at + 1, part(&a), part(&b)))
}

/// What a vector is, without its numbers.
fn words(vector: &Vector) -> Value {
    match vector {
        Vector::Dense(values) => json!(format!("dense of {}", values.len())),
        Vector::Sparse { values, .. } => json!(format!("sparse with {} places", values.len())),
        Vector::Multi(rows) => json!(format!("{} rows of {}", rows.len(), rows.first().map_or(0, Vec::len))),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn where_long_texts_part_is_told_and_short_ones_are_read() {
        assert_eq!(first_difference("a", "b"), None);
        let long = "The quick brown fox jumps over the lazy dog, and then again, ".repeat(4);
        let note = first_difference(&format!("{long}thé end of it all here"), &format!("{long}thé cat")).unwrap();
        assert_eq!(note, "from character 249: \"… again, thé end of it al…\" / \"… again, thé cat\"");
    }
}
