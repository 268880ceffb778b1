//! What two sides cannot keep alike, by what their makers' capabilities declare.

use crate::jobs::model::comparison::{Declared, LAST_PLACE, Tolerances, VectorTolerance};
use crate::jobs::short::short_numbers;
use crate::provider::model::{CollectionInfo, Metric, VectorKind};
use crate::provider::{Capabilities, Support};

/// The tolerances of two collections, by the vectors' names on the second side; `pairs` says which of the
/// first is compared with which of the second.
pub fn declared(
    a: (&Capabilities, &CollectionInfo),
    b: (&Capabilities, &CollectionInfo),
    pairs: &[(String, String)],
) -> Tolerances {
    let mut tolerances = Tolerances::default();
    for (of_a, of_b) in pairs {
        vector(&mut tolerances, a, of_a, of_b);
        vector(&mut tolerances, b, of_b, of_b);
    }
    let either = |of: fn(&Capabilities) -> &Support| no(of(a.0)).or(no(of(b.0)));
    let mut declare = |about: &str, overlooks: &str, reason: &str| {
        let (about, overlooks, reason) = (about.to_owned(), overlooks.to_owned(), reason.to_owned());
        tolerances.declared.push(Declared { about, overlooks, reason });
    };
    if let Some(reason) = either(|can| &can.exact_floats) {
        declare("floats in payloads", "an error of 4e-16 of the value", reason);
    }
    if let Some(reason) = either(|can| &can.whole_floats) {
        declare("floats in payloads", "1.0 is as 1", reason);
    }
    if let Some(reason) = either(|can| &can.negative_zeros) {
        declare("floats in payloads", "-0.0 is as 0.0", reason);
    }
    if let Some(reason) = either(|can| &can.exact_integers) {
        declare("integers in payloads", "an integer is as the nearest 64-bit float", reason);
    }
    if let Some(reason) = either(|can| &can.null_values) {
        declare("null in payloads", "null and an empty array are as a missing field", reason);
    }
    // An id of a kind that one side does not have can only be there as a text.
    let integer_ids = one_sided(&a.0.integer_ids, &b.0.integer_ids);
    if let Some(reason) = integer_ids {
        declare("ids", "a whole number is as its text", reason);
    }
    let uuid_ids = one_sided(&a.0.uuid_ids, &b.0.uuid_ids);
    if let Some(reason) = uuid_ids {
        declare("ids", "a UUID is as its text", reason);
    }
    tolerances.floats = either(|can| &can.exact_floats).map(|_| LAST_PLACE);
    tolerances.whole_floats = either(|can| &can.whole_floats).is_some();
    tolerances.negative_zeros = either(|can| &can.negative_zeros).is_some();
    tolerances.integers_as_floats = either(|can| &can.exact_integers).is_some();
    tolerances.nulls = either(|can| &can.null_values).is_some();
    (tolerances.integer_ids, tolerances.uuid_ids) = (integer_ids.is_some(), uuid_ids.is_some());
    tolerances
}

fn no(support: &Support) -> Option<&'static str> {
    match support {
        Support::Yes => None,
        Support::No(reason) => Some(reason),
    }
}

/// The reason of the side that cannot, where the other one can.
fn one_sided(a: &Support, b: &Support) -> Option<&'static str> {
    if a.is_yes() == b.is_yes() { None } else { no(a).or(no(b)) }
}

/// Adds what one side declares of one of its vectors.
fn vector(tolerances: &mut Tolerances, (can, info): (&Capabilities, &CollectionInfo), own: &str, name: &str) {
    let Some(spec) = info.summary.vectors.iter().find(|spec| spec.name == own) else { return };
    let mut add = |tolerance: VectorTolerance, overlooks: &str, reason: &str| {
        let before = tolerances.vectors.get(name).copied();
        let new = before.filter(|before| before.unit_length && tolerance.unit_length);
        if new.is_none() {
            tolerances.vectors.insert(name.to_owned(), before.unwrap_or_default().and(tolerance));
        }
        let about = if name.is_empty() { "vector".to_owned() } else { format!("vector {name:?}") };
        let declared = Declared { about, overlooks: overlooks.to_owned(), reason: reason.to_owned() };
        if !tolerances.declared.contains(&declared) {
            tolerances.declared.push(declared);
        }
    };
    if let (Some(Metric::Cosine), VectorKind::Dense | VectorKind::Multi, Some(reason)) =
        (spec.metric, spec.kind, no(&can.cosine_vectors))
    {
        match can.cosine_lengths.is_yes() {
            true => add(VectorTolerance::RESCALED, "1e-6 of each number", reason),
            false => add(VectorTolerance::UNIT, "the length, and 1e-6 in each number at the length 1", reason),
        }
    }
    if let Some(short) = short_numbers(&info.details, own) {
        add(short.tolerance(), short.overlooks(), &format!("one side keeps {}", short.name()));
    }
}
