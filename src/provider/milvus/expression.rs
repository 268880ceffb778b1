//! Pieces of Milvus' expressions: values, names, keys.

use super::layout::Key;
use crate::provider::model::RecordId;

/// A text in quotes. What stands for itself in every version stays as it is.
pub(super) fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// Whether a name can stand in an expression without quotes.
pub(super) fn is_plain(name: &str) -> bool {
    const WORDS: [&str; 17] = [
        "and",
        "or",
        "not",
        "in",
        "like",
        "exists",
        "is",
        "null",
        "true",
        "false",
        "iso",
        "interval",
        "json_contains",
        "array_contains",
        "array_length",
        "text_match",
        "phrase_match",
    ];
    let mut letters = name.chars();
    letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
        && !WORDS.contains(&name.to_ascii_lowercase().as_str())
}

/// The text of an id where keys are texts.
pub(super) fn text_key(id: &RecordId) -> Option<&str> {
    match id {
        RecordId::Text(text) => Some(text),
        RecordId::Integer(_) | RecordId::Uuid(_) => None,
    }
}

/// The number of an id where keys are numbers. As collections made here have texts for keys, numbers
/// are typed as texts; such a text is its number.
pub(super) fn integer_key(id: &RecordId) -> Option<i64> {
    match id {
        RecordId::Integer(number) => i64::try_from(*number).ok(),
        RecordId::Text(text) => text.parse::<i64>().ok().filter(|number| number.to_string() == *text),
        RecordId::Uuid(_) => None,
    }
}

/// The id as records of the collection have it, `None` if none can have it.
pub(super) fn normal(key: &Key, id: &RecordId) -> Option<RecordId> {
    if key.text { text_key(id).map(RecordId::from) } else { integer_key(id).map(RecordId::from) }
}

/// A whole number. There is no way to write the smallest one: Milvus reads the digits before the sign.
pub(super) fn integer(number: i64) -> String {
    if number == i64::MIN { format!("({} - 1)", i64::MIN + 1) } else { number.to_string() }
}

/// The id as a value of the key field, `None` if no record can have it.
fn value(key: &Key, id: &RecordId) -> Option<String> {
    if key.text { text_key(id).map(quote) } else { integer_key(id).map(integer) }
}

/// The records with these ids, `None` if no record can have one of them.
pub(super) fn one_of(key: &Key, ids: &[RecordId]) -> Option<String> {
    // In a list there is no place for a difference.
    let lowest = ids.iter().any(|id| is_smallest(key, id)).then(|| format!("{} < {}", key.field, i64::MIN + 1));
    let listed: Vec<String> = ids.iter().filter(|id| !is_smallest(key, id)).filter_map(|id| value(key, id)).collect();
    let list = (!listed.is_empty()).then(|| format!("{} in [{}]", key.field, listed.join(", ")));
    match (list, lowest) {
        (Some(list), Some(lowest)) => Some(format!("({list} or {lowest})")),
        (list, lowest) => list.or(lowest),
    }
}

fn is_smallest(key: &Key, id: &RecordId) -> bool {
    !key.text && integer_key(id) == Some(i64::MIN)
}

/// The records behind this id, in the order of the keys.
pub(super) fn behind(key: &Key, id: &RecordId) -> Option<String> {
    if is_smallest(key, id) {
        return Some(format!("{} >= {}", key.field, i64::MIN + 1));
    }
    Some(format!("{} > {}", key.field, value(key, id)?))
}

/// All records but that one.
pub(super) fn other_than(key: &Key, id: &RecordId) -> Option<String> {
    if is_smallest(key, id) {
        return Some(format!("{} >= {}", key.field, i64::MIN + 1));
    }
    Some(format!("{} != {}", key.field, value(key, id)?))
}

/// Holds for every record, or for none.
pub(super) fn constant(key: &Key, holds: bool) -> String {
    let field = &key.field;
    match (key.text, holds) {
        (true, true) => format!("{field} >= \"\""),
        (true, false) => format!("{field} < \"\""),
        (false, true) => format!("({field} >= 0 or {field} < 0)"),
        (false, false) => format!("({field} > 0 and {field} < 0)"),
    }
}

/// Both hold.
pub(super) fn both(a: Option<String>, b: Option<String>) -> Option<String> {
    match (a, b) {
        (Some(a), Some(b)) => Some(format!("({a}) and ({b})")),
        (a, b) => a.or(b),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::*;

    fn key(text: bool) -> Key {
        Key { field: "pk".to_owned(), text, automatic: false }
    }

    #[test]
    fn quotes_close_nothing() {
        assert_eq!(quote("a\"b\\c\nd"), "\"a\\\"b\\\\c\\nd\"");
        assert_eq!(quote("it's 日本"), "\"it's 日本\"");
    }

    #[test]
    fn ids_of_the_other_kind_are_of_no_record() {
        let ids = [RecordId::from("05"), RecordId::from(5_u64), RecordId::from(u64::MAX)];
        assert_eq!(one_of(&key(true), &ids).unwrap(), "pk in [\"05\"]");
        assert_eq!(one_of(&key(false), &ids).unwrap(), "pk in [5]");
        assert_eq!(one_of(&key(false), &ids[..1]), None);
        assert_eq!(one_of(&key(true), &ids[1..]), None);
    }

    #[test]
    fn the_smallest_number_is_asked_for_without_writing_it() {
        let smallest = RecordId::from(i64::MIN);
        assert_eq!(one_of(&key(false), std::slice::from_ref(&smallest)).unwrap(), "pk < -9223372036854775807");
        assert_eq!(behind(&key(false), &smallest).unwrap(), "pk >= -9223372036854775807");
        assert_eq!(behind(&key(false), &RecordId::from(-1_i64)).unwrap(), "pk > -1");
    }

    #[test]
    fn words_of_the_language_are_no_plain_names() {
        assert!(is_plain("year") && is_plain("_id2"));
        for name in ["", "2d", "a.b", "Like", "größe", "not"] {
            assert!(!is_plain(name), "{name}");
        }
    }
}
