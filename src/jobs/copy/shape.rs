//! What becomes of a record on its way: selected and renamed fields, its text, values that the target cannot
//! hold, its vectors, its id. Pure; the same function makes what is written and what is expected at the end.

use serde_json::{Map, Value};

use super::ids;
use crate::jobs::model::noted::{SOURCE_ID, noted_id, tag};
use crate::jobs::model::plan::{Holds, IdPolicy, Plan, TextPlan};
use crate::provider::model::{Payload, Record, RecordId, Vectors};

/// The field that keeps a text for which the target has no place.
pub const SOURCE_TEXT: &str = "_source_text";
/// The field that keeps, as JSON, the fields whose values the target cannot hold.
pub const SOURCE_JSON: &str = "_source_json";

/// The record as it is to be at the target.
///
/// # Errors
/// Why there is no such record, a clause; it is a reject.
pub fn shaped(plan: &Plan, record: Record) -> Result<Record, String> {
    let Record { id, vectors, mut payload, mut text } = record;
    let restored = if plan.wishes.restore { restore(&mut payload, &mut text)? } else { None };
    let mut payload = selected(plan, payload)?;
    if plan.text == TextPlan::Field
        && let Some(text) = text.take()
    {
        add(&mut payload, SOURCE_TEXT, Value::String(text))?;
    }
    let target_id = match plan.ids.policy {
        IdPolicy::Restored => restored.unwrap_or_else(|| id.clone()),
        policy => ids::mapped(policy, &plan.from.product, &id).unwrap_or_else(|| id.clone()),
    };
    move_out(&plan.holds, &mut payload)?;
    if matches!(plan.ids.policy, IdPolicy::Uuid | IdPolicy::UuidText) {
        add(&mut payload, SOURCE_ID, Value::String(tag(&id)))?;
    }
    let vectors = vectors.unwrap_or_default().0;
    let vectors = vectors.into_iter().filter_map(|(name, vector)| {
        let planned = plan.vectors.iter().find(|planned| planned.from == name)?;
        Some((planned.to.clone(), vector))
    });
    Ok(Record { id: target_id, vectors: Some(Vectors(vectors.collect())), payload, text })
}

/// Takes out of the payload what an earlier copy has put into it.
fn restore(payload: &mut Payload, text: &mut Option<String>) -> Result<Option<RecordId>, String> {
    let id = noted_id(payload);
    if id.is_some() {
        payload.shift_remove(SOURCE_ID);
    }
    if let Some(Value::String(json)) = payload.get(SOURCE_JSON) {
        let fields: Map<String, Value> = serde_json::from_str(json)
            .map_err(|error| format!("its field {SOURCE_JSON} is no JSON object: {error}"))?;
        payload.shift_remove(SOURCE_JSON);
        for (key, value) in fields {
            add(payload, &key, value)?;
        }
    }
    if text.is_none()
        && let Some(Value::String(kept)) = payload.get(SOURCE_TEXT)
    {
        *text = Some(kept.clone());
        payload.shift_remove(SOURCE_TEXT);
    }
    Ok(id)
}

fn add(payload: &mut Payload, key: &str, value: Value) -> Result<(), String> {
    match payload.entry(key) {
        serde_json::map::Entry::Vacant(place) => {
            place.insert(value);
            Ok(())
        }
        serde_json::map::Entry::Occupied(_) => Err(format!("it has a field {key:?} already")),
    }
}

/// The fields that are wished, under their new names, and those that every record gets.
fn selected(plan: &Plan, payload: Payload) -> Result<Payload, String> {
    let wishes = &plan.wishes;
    if wishes.only.is_empty() && wishes.without.is_empty() && wishes.rename.is_empty() && wishes.set.is_empty() {
        return Ok(payload);
    }
    let mut made = Payload::new();
    for (key, value) in payload {
        let is_wished = wishes.only.is_empty() || wishes.only.contains(&key);
        if !is_wished || wishes.without.contains(&key) {
            continue;
        }
        let renamed = wishes.rename.iter().find(|(old, _)| *old == key).map_or(key, |(_, new)| new.clone());
        add(&mut made, &renamed, value)?;
    }
    for (key, value) in &wishes.set {
        made.insert(key.clone(), value.clone());
    }
    Ok(made)
}

/// Moves the fields that the target cannot hold into [`SOURCE_JSON`].
fn move_out(holds: &Holds, payload: &mut Payload) -> Result<(), String> {
    let misfits: Vec<String> =
        payload.iter().filter(|(key, value)| misfit(holds, key, value).is_some()).map(|(key, _)| key.clone()).collect();
    if misfits.is_empty() {
        return Ok(());
    }
    let mut moved = Map::new();
    for key in misfits {
        if let Some(value) = payload.shift_remove(&key) {
            moved.insert(key, value);
        }
    }
    add(payload, SOURCE_JSON, Value::String(Value::Object(moved).to_string()))
}

/// Why a field of a payload cannot be held as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Misfit {
    /// An object, or an array in an array.
    Nested,
    /// An array.
    Array,
    /// `null`, an empty or a mixed array.
    Null,
    /// An integer above 2^63 - 1.
    Unsigned,
    /// An integer beyond 2^53.
    Integer,
    /// The key.
    Key,
}

/// What is in the way of that field, if anything.
pub fn misfit(holds: &Holds, key: &str, value: &Value) -> Option<Misfit> {
    let name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let plain = key.starts_with(|c: char| c.is_ascii_lowercase() || c == '_') && key.chars().all(name);
    if !holds.any_keys && !plain || !holds.reserved_keys && (key.is_empty() || key.starts_with('$')) {
        return Some(Misfit::Key);
    }
    in_value(holds, value, false)
}

fn in_value(holds: &Holds, value: &Value, in_array: bool) -> Option<Misfit> {
    match value {
        Value::Null => (!holds.nulls).then_some(Misfit::Null),
        Value::Bool(_) | Value::String(_) => None,
        Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (None, Some(_)) if !holds.unsigned => Some(Misfit::Unsigned),
            (Some(n), _) if !holds.exact_integers && n.unsigned_abs() > 1 << 53 => Some(Misfit::Integer),
            (None, Some(_)) if !holds.exact_integers => Some(Misfit::Integer),
            _ => None,
        },
        Value::Object(_) if !holds.nested => Some(Misfit::Nested),
        Value::Object(fields) if fields.is_empty() && !holds.nulls => Some(Misfit::Null),
        Value::Object(fields) => fields.iter().find_map(|(key, value)| match misfit(holds, key, value) {
            Some(misfit) => Some(misfit),
            None => in_value(holds, value, false),
        }),
        Value::Array(_) if !holds.arrays => Some(Misfit::Array),
        Value::Array(_) if in_array && !holds.nested => Some(Misfit::Nested),
        Value::Array(values) => {
            let several = values.iter().any(|value| values.first().is_some_and(|first| kind(first) != kind(value)));
            if !holds.nulls && (values.is_empty() || several) {
                return Some(Misfit::Null);
            }
            values.iter().find_map(|value| in_value(holds, value, true))
        }
    }
}

/// The kind of an element, as makers tell them apart that have arrays of one kind.
fn kind(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Number(number) if number.is_f64() => 2,
        Value::Number(_) => 3,
        Value::String(_) => 4,
        Value::Array(_) => 5,
        Value::Object(_) => 6,
    }
}

#[cfg(test)]
#[path = "shape_tests.rs"]
mod tests;
