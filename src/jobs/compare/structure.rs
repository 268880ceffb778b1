//! Compares what two collections are, by what their makers tell of them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::jobs::copy::{SOURCE_JSON, SOURCE_TEXT};
use crate::jobs::model::comparison::{Item, Structure, Verdict};
use crate::jobs::model::noted::SOURCE_ID;
use crate::provider::model::{CollectionInfo, PayloadField, VectorSpec};

/// Which vector of the first side is compared with which of the second: those of one name, and where each
/// side has one only, these.
pub fn pairs(a: &CollectionInfo, b: &CollectionInfo) -> Vec<(String, String)> {
    let (of_a, of_b) = (&a.summary.vectors, &b.summary.vectors);
    if let ([one], [other]) = (of_a.as_slice(), of_b.as_slice()) {
        return vec![(one.name.clone(), other.name.clone())];
    }
    let both = of_a.iter().filter(|one| of_b.iter().any(|other| other.name == one.name));
    both.map(|one| (one.name.clone(), one.name.clone())).collect()
}

/// What is known of two collections beside what their makers tell.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known {
    /// Both are of one maker: its words mean the same.
    pub same_maker: bool,
    /// The first, the second side is compared by the notes of a copy: its notes are no fields of its own.
    pub noted: (bool, bool),
}

/// Compares two collections.
pub fn structure(a: &CollectionInfo, b: &CollectionInfo, pairs: &[(String, String)], known: Known) -> Structure {
    let mut items = Items { all: Vec::new(), known };
    let spec = |info: &CollectionInfo, name: &str| info.summary.vectors.iter().find(|v| v.name == name).cloned();
    for (of_a, of_b) in pairs {
        if let (Some(one), Some(other)) = (spec(a, of_a), spec(b, of_b)) {
            items.vector(&one, &other);
        }
    }
    for one in a.summary.vectors.iter().filter(|one| !pairs.iter().any(|(name, _)| *name == one.name)) {
        items.add(vector(&one.name), "vector", json!(one.kind.name()), Value::Null, Verdict::Differs);
    }
    for other in b.summary.vectors.iter().filter(|other| !pairs.iter().any(|(_, name)| *name == other.name)) {
        items.add(vector(&other.name), "vector", Value::Null, json!(other.kind.name()), Verdict::Differs);
    }
    items.fields(&a.fields, &b.fields);
    items.known("collection", "records", count(a), count(b));
    items.known("collection", "aliases", a.details.get("aliases").cloned(), b.details.get("aliases").cloned());
    Structure { items: items.all }
}

fn vector(name: &str) -> String {
    if name.is_empty() { "vector".to_owned() } else { format!("vector {name:?}") }
}

fn count(info: &CollectionInfo) -> Option<Value> {
    info.summary.count.filter(|count| count.exact).map(|count| json!(count.value))
}

struct Items {
    all: Vec<Item>,
    known: Known,
}

impl Items {
    fn add(&mut self, of: impl Into<String>, what: &str, a: Value, b: Value, verdict: Verdict) {
        self.all.push(Item { of: of.into(), what: what.to_owned(), a, b, verdict, reason: None });
    }

    fn cannot(&mut self, of: impl Into<String>, what: &str, a: Value, b: Value, reason: &str) {
        let (of, what, reason) = (of.into(), what.to_owned(), Some(reason.to_owned()));
        self.all.push(Item { of, what, a, b, verdict: Verdict::NotComparable, reason });
    }

    /// An item that makers tell of or not.
    fn known(&mut self, of: &str, what: &str, a: Option<Value>, b: Option<Value>) {
        match (a, b) {
            (Some(a), Some(b)) => {
                let verdict = if a == b { Verdict::Equal } else { Verdict::Differs };
                self.add(of, what, a, b, verdict);
            }
            (None, None) => self.cannot(of, what, Value::Null, Value::Null, "neither side tells"),
            (a, b) => {
                let reason = if a.is_none() { "the first side does not tell" } else { "the second side does not tell" };
                self.cannot(of, what, a.unwrap_or_default(), b.unwrap_or_default(), reason);
            }
        }
    }

    fn vector(&mut self, a: &VectorSpec, b: &VectorSpec) {
        let of = vector(&b.name);
        let name = (a.name != b.name).then(|| (json!(a.name), json!(b.name)));
        if let Some((one, other)) = name {
            self.cannot(
                of.clone(),
                "name",
                one,
                other,
                "each side has one vector only: they are compared, whatever their names",
            );
        }
        self.known(&of, "kind", Some(json!(a.kind.name())), Some(json!(b.kind.name())));
        if a.dimension.is_some() || b.dimension.is_some() {
            self.known(&of, "dimension", a.dimension.map(|n| json!(n)), b.dimension.map(|n| json!(n)));
        }
        let metric = |spec: &VectorSpec| spec.metric.map(|metric| json!(metric.name()));
        if a.metric.is_some() || b.metric.is_some() {
            self.known(&of, "metric", metric(a), metric(b));
        }
        self.index(&of, a.index.as_deref(), b.index.as_deref());
        if a.embedder.is_some() || b.embedder.is_some() {
            let model = |spec: &VectorSpec| spec.embedder.clone().map_or(Value::Null, Value::from);
            let verdict = if a.embedder == b.embedder { Verdict::Equal } else { Verdict::Differs };
            self.add(of, "model", model(a), model(b), verdict);
        }
    }

    /// The index in words: its kind, and parameters as `name=value`, by one name whatever the maker.
    fn index(&mut self, of: &str, a: Option<&str>, b: Option<&str>) {
        let (Some(a), Some(b)) = (a, b) else {
            return self.known(of, "index", a.map(Value::from), b.map(Value::from));
        };
        let ((kind_a, of_a), (kind_b, of_b)) = (parameters(a), parameters(b));
        self.of_index(of, "index", Some(json!(kind_a)), Some(json!(kind_b)));
        let names: BTreeSet<&String> = of_a.keys().chain(of_b.keys()).collect();
        for name in names {
            let value = |of: &BTreeMap<String, String>| of.get(name).map(|value| json!(value));
            self.of_index(of, &format!("index {name}"), value(&of_a), value(&of_b));
        }
    }

    /// An item of an index. Between makers another one is no difference: each builds its own, with its own usual
    /// values, and so does a copy into it.
    fn of_index(&mut self, of: &str, what: &str, a: Option<Value>, b: Option<Value>) {
        match (a, b) {
            (Some(a), Some(b)) if a != b && !self.known.same_maker => {
                self.cannot(of, what, a, b, "each maker has indexes of its own");
            }
            (a, b) => self.known(of, what, a, b),
        }
    }

    fn fields(&mut self, a: &[PayloadField], b: &[PayloadField]) {
        if a.is_empty() || b.is_empty() {
            if !(a.is_empty() && b.is_empty()) {
                let list = |fields: &[PayloadField]| json!(fields.iter().map(|field| &field.path).collect::<Vec<_>>());
                let reason = "one side tells of no fields; the records' own are compared with the contents";
                self.cannot("fields", "names", list(a), list(b), reason);
            }
            return;
        }
        let by_path = |fields: &[PayloadField]| -> BTreeMap<String, PayloadField> {
            fields.iter().map(|field| (field.path.clone(), field.clone())).collect()
        };
        let (mut a, mut b) = (by_path(a), by_path(b));
        let (noted_a, noted_b) = self.known.noted;
        for (noted, fields) in [(noted_a, &mut a), (noted_b, &mut b)] {
            if noted {
                fields.retain(|path, _| ![SOURCE_ID, SOURCE_TEXT, SOURCE_JSON].contains(&path.as_str()));
            }
        }
        let paths: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
        for path in paths {
            let (one, other, of) = (a.get(path), b.get(path), format!("field {path:?}"));
            let (Some(one), Some(other)) = (one, other) else {
                let kind = |field: Option<&PayloadField>| field.map_or(Value::Null, |field| json!(field.kind));
                if one.is_none() && noted_a || other.is_none() && noted_b {
                    // Which notes is not said: one that has noted ids only keeps no such field in them.
                    let reason =
                        "the side that does not list it is a copy with notes; the contents are compared by them";
                    self.cannot(of, "type", kind(one), kind(other), reason);
                    continue;
                }
                self.add(of, "type", kind(one), kind(other), Verdict::Differs);
                continue;
            };
            let (kind_a, kind_b) = (json!(one.kind), json!(other.kind));
            match (family(&one.kind), family(&other.kind)) {
                _ if one.kind == other.kind => self.add(&of, "type", kind_a, kind_b, Verdict::Equal),
                _ if self.known.same_maker => self.add(&of, "type", kind_a, kind_b, Verdict::Differs),
                (Some(one), Some(other)) if one == other => self.add(&of, "type", kind_a, kind_b, Verdict::Equal),
                (Some(_), Some(_)) => self.add(&of, "type", kind_a, kind_b, Verdict::Differs),
                _ => self.cannot(&of, "type", kind_a, kind_b, "the makers' words for types are not the same"),
            }
            let indexed = |field: &PayloadField| json!(field.indexed.is_some());
            self.known(&of, "indexed", Some(indexed(one)), Some(indexed(other)));
        }
    }
}

/// The words of an index: those without `=` are its kind, the others its parameters.
fn parameters(words: &str) -> (String, BTreeMap<String, String>) {
    let (mut kind, mut all) = (Vec::new(), BTreeMap::new());
    for word in words.split_whitespace() {
        match word.split_once('=') {
            Some((name, value)) => {
                let name = match name.to_lowercase().replace('_', "").as_str() {
                    "efconstruct" | "efconstruction" => "ef_construction".to_owned(),
                    "maxconnections" => "m".to_owned(),
                    _ => name.to_lowercase(),
                };
                all.insert(name, value.trim_end_matches(',').to_owned());
            }
            None => kind.push(word.to_lowercase()),
        }
    }
    (kind.join(" "), all)
}

/// What a maker's word for a type means, as far as all makers mean the same by it.
fn family(kind: &str) -> Option<&'static str> {
    let kind = kind.to_lowercase();
    let any = |words: &[&str]| words.contains(&kind.as_str());
    if any(&["integer", "int", "int64", "int32", "bigint", "long", "int8", "int4"]) {
        Some("integer")
    } else if any(&["float", "double", "double precision", "float8", "number", "numeric", "real"]) {
        Some("float")
    } else if any(&["bool", "boolean"]) {
        Some("boolean")
    } else if any(&["keyword", "text", "string", "varchar", "str", "tag", "character varying"]) {
        Some("text")
    } else {
        None
    }
}

#[cfg(test)]
#[path = "structure_tests.rs"]
mod tests;
