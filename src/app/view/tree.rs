//! A record's payload as lines of a tree.

use std::collections::BTreeSet;

use serde_json::Value;

use super::columns::value_text;

/// How a value is colored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueKind {
    /// Text.
    Text,
    /// A number.
    Number,
    /// True or false.
    Bool,
    /// Null.
    Null,
    /// An object or array: the value says how many.
    Nested,
}

/// One line of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeLine {
    /// How deep it is.
    pub depth: usize,
    /// Key, or index in brackets.
    pub key: String,
    /// Its place, for remembering what is collapsed: keys joined by a control character that no
    /// two different places share.
    pub path: String,
    /// The value's text; for objects and arrays their size.
    pub value: String,
    /// The kind of the value.
    pub kind: ValueKind,
    /// `Some(expanded)` for objects and arrays that have something in them.
    pub expanded: Option<bool>,
}

/// The path of a place below another one. The length before the key makes it unambiguous whatever the key
/// holds.
pub fn path(above: &str, key: &str) -> String {
    format!("{above}{}:{key}", key.len())
}

/// The lines of a payload, without what lies in collapsed places.
pub fn lines(payload: &serde_json::Map<String, Value>, collapsed: &BTreeSet<String>) -> Vec<TreeLine> {
    let mut out = Vec::new();
    for (key, value) in payload {
        push(&mut out, key.clone(), value, "", 0, collapsed);
    }
    out
}

fn push(out: &mut Vec<TreeLine>, key: String, value: &Value, above: &str, depth: usize, collapsed: &BTreeSet<String>) {
    let path = self::path(above, &key);
    let (text, kind, children) = match value {
        Value::Object(map) => (format!("{{{}}}", map.len()), ValueKind::Nested, map.len()),
        Value::Array(items) => (format!("[{}]", items.len()), ValueKind::Nested, items.len()),
        Value::String(text) => (text.clone(), ValueKind::Text, 0),
        Value::Number(_) => (value_text(value), ValueKind::Number, 0),
        Value::Bool(_) => (value_text(value), ValueKind::Bool, 0),
        Value::Null => ("null".to_owned(), ValueKind::Null, 0),
    };
    let expanded = (children > 0).then(|| !collapsed.contains(&path));
    out.push(TreeLine { depth, key, path: path.clone(), value: text, kind, expanded });
    if expanded == Some(true) {
        match value {
            Value::Object(map) => {
                for (key, value) in map {
                    push(out, key.clone(), value, &path, depth + 1, collapsed);
                }
            }
            Value::Array(items) => {
                for (i, value) in items.iter().enumerate() {
                    push(out, format!("[{i}]"), value, &path, depth + 1, collapsed);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn nested_values_are_lines_that_collapse() {
        let payload = json!({"a": {"b": [1, 2]}, "t": "x", "e": {}});
        let mut collapsed = BTreeSet::new();
        let all = lines(payload.as_object().unwrap(), &collapsed);
        let shown: Vec<_> = all.iter().map(|l| (l.depth, l.key.as_str(), l.value.as_str())).collect();
        assert_eq!(
            shown,
            [(0, "a", "{1}"), (1, "b", "[2]"), (2, "[0]", "1"), (2, "[1]", "2"), (0, "t", "x"), (0, "e", "{0}")]
        );
        assert_eq!(all[5].expanded, None);
        collapsed.insert(all[0].path.clone());
        assert_eq!(lines(payload.as_object().unwrap(), &collapsed).len(), 3);
    }

    #[test]
    fn no_two_places_share_a_path() {
        let payload = json!({"a": {"b": {"c": 1}}, "a1:b": {"c": 1}});
        let all = lines(payload.as_object().unwrap(), &BTreeSet::new());
        let paths: BTreeSet<_> = all.iter().map(|l| &l.path).collect();
        assert_eq!(paths.len(), all.len());
    }
}
