//! Records to Weaviate's objects: checked before anything is sent, because Weaviate drops or changes some
//! values in silence, and cannot take back half a batch. Pure: `writes` sends.
//!
//! A field that the class has no property for gets one, made from the values that are to be written.
//! Weaviate would make one by itself, too, but would cut its texts into words and take some for dates.

use std::collections::HashMap;

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::schema::{Class, Element, Kind, Property};
use super::translation::dimension;
use super::unsupported;
use crate::provider::model::{CollectionSpec, Metric, Record, RecordId, Vector, VectorKind, VectorSpec};
use crate::provider::{ProviderError, Result};

/// Longest names of Weaviate: classes, properties, vectors.
const LONGEST: [usize; 3] = [255, 231, 230];
/// Names of properties that Weaviate keeps for itself.
const RESERVED: [&str; 3] = ["id", "_id", "_additional"];
/// Whole numbers beyond this change when they are stored as 64-bit floats.
const EXACT: u64 = 1 << 53;

/// What is to be sent.
#[derive(Debug)]
pub(super) struct Plan {
    /// Properties to be made first.
    pub(super) properties: Vec<Value>,
    /// Objects, the last of each id.
    pub(super) objects: Vec<Value>,
}

/// Whether a class can have that name and keep it.
pub(super) fn is_class_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase()) && is_word(name, LONGEST[0])
}

fn is_word(name: &str, longest: usize) -> bool {
    name.len() <= longest
        && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Objects from records. `stored` are the dimensions of the vectors that the class holds already.
///
/// # Errors
/// The first record that Weaviate would refuse, or store as something else than it is.
pub(super) fn plan(
    class: &Class,
    tenant: Option<&str>,
    records: Vec<Record>,
    stored: &HashMap<String, usize>,
) -> Result<Plan> {
    let mut known = class.properties.clone();
    let mut made: Vec<Property> = Vec::new();
    for record in &records {
        for (key, value) in &record.payload {
            if known.iter().any(|property| property.name == *key) {
                continue;
            }
            let guess = guess(key, value).map_err(|cause| wrong(record, key, &cause))?;
            match made.iter_mut().find(|property| property.name == *key) {
                None => made.extend(guess),
                Some(property) => {
                    if let Some(guess) = guess {
                        merge(property, guess).map_err(|cause| wrong(record, key, &cause))?;
                    }
                }
            }
        }
    }
    let properties = made.iter().map(description).collect();
    known.extend(made);
    let mut dimensions = stored.clone();
    let mut objects: Vec<Value> = Vec::new();
    let mut places: HashMap<Uuid, usize> = HashMap::new();
    for record in records {
        let RecordId::Uuid(id) = record.id else {
            return Err(unsupported(format!("its ids are UUIDs, and {} is none", record.id)));
        };
        if record.text.is_some() {
            return Err(unsupported("it has no place for a text beside the properties: put it into one of them"));
        }
        let mut properties = Map::new();
        for (key, value) in &record.payload {
            let property = known.iter().find(|property| property.name == *key);
            let property = property.ok_or_else(|| wrong(&record, key, NO_TYPE))?;
            let value = stored_as(value, property).map_err(|cause| wrong(&record, key, &cause))?;
            properties.insert(key.clone(), value);
        }
        let mut object = json!({ "class": class.name, "id": id, "properties": properties });
        if let Some(tenant) = tenant {
            object["tenant"] = tenant.into();
        }
        add_vectors(&mut object, &record, class, &mut dimensions)?;
        match places.get(&id) {
            Some(place) => objects[*place] = object,
            None => {
                places.insert(id, objects.len());
                objects.push(object);
            }
        }
    }
    Ok(Plan { properties, objects })
}

const NO_TYPE: &str = "no property of that name, and an empty array does not tell which type it should have";

/// The property that could hold that value; `None` where an empty array does not tell.
fn guess(key: &str, value: &Value) -> std::result::Result<Option<Property>, String> {
    if !is_word(key, LONGEST[1]) || key.starts_with(|c: char| c.is_ascii_uppercase()) || RESERVED.contains(&key) {
        return Err("names of properties are letters, digits and _, the first a small letter or _; \
                    id, _id and _additional are Weaviate's own"
            .to_owned());
    }
    let new = |element, array, nested| {
        let tokenization = (element == Element::Text).then(|| "field".to_owned());
        Property { name: key.to_owned(), kind: Kind { element, array }, filterable: true, tokenization, nested }
    };
    Ok(Some(match value {
        Value::Null => return Err(NO_NULL.to_owned()),
        Value::String(_) => new(Element::Text, false, Vec::new()),
        Value::Bool(_) => new(Element::Boolean, false, Vec::new()),
        Value::Number(n) => new(if n.is_f64() { Element::Number } else { Element::Int }, false, Vec::new()),
        Value::Object(inner) => {
            let mut nested = Vec::new();
            for (key, value) in inner {
                nested.push(guess(key, value)?.ok_or(NO_TYPE)?);
            }
            if nested.is_empty() {
                return Err("an object needs at least one field".to_owned());
            }
            new(Element::Object, false, nested)
        }
        Value::Array(list) => {
            let mut all: Option<Property> = None;
            for element in list {
                if element.is_array() {
                    return Err("it has no arrays of arrays".to_owned());
                }
                let mut one = guess(key, element)?.ok_or(NO_TYPE)?;
                one.kind.array = true;
                match &mut all {
                    None => all = Some(one),
                    Some(all) => merge(all, one)?,
                }
            }
            return Ok(all);
        }
    }))
}

const NO_NULL: &str = "it drops null; leave the field out";

/// Widens a new property so that it holds the other's values, too.
fn merge(property: &mut Property, other: Property) -> std::result::Result<(), String> {
    let both = (&property.kind.element, &other.kind.element);
    if property.kind.array != other.kind.array {
        return Err(format!("a property has one type: {} and {}", property.kind, other.kind));
    }
    match both {
        (Element::Int, Element::Number) => property.kind.element = Element::Number,
        (Element::Number, Element::Int) => {}
        (Element::Object, Element::Object) => {
            for inner in other.nested {
                match property.nested.iter_mut().find(|known| known.name == inner.name) {
                    None => property.nested.push(inner),
                    Some(known) => merge(known, inner)?,
                }
            }
        }
        (a, b) if a == b => {}
        _ => return Err(format!("a property has one type: {} and {}", property.kind, other.kind)),
    }
    Ok(())
}

fn description(property: &Property) -> Value {
    let mut body = json!({ "name": property.name, "dataType": [property.kind.to_string()] });
    if let Some(tokenization) = &property.tokenization {
        body["tokenization"] = tokenization.as_str().into();
    }
    if property.kind.element == Element::Object {
        body["nestedProperties"] = property.nested.iter().map(description).collect();
    }
    body
}

/// The value as it is sent: what comes back is equal to what was given.
fn stored_as(value: &Value, property: &Property) -> std::result::Result<Value, String> {
    if property.kind.array {
        let Value::Array(list) = value else {
            return Err(format!("the property has the type {}", property.kind));
        };
        let single = Property { kind: Kind { array: false, ..property.kind.clone() }, ..property.clone() };
        return list.iter().map(|element| stored_as(element, &single)).collect();
    }
    let other = || Err(format!("the property has the type {}", property.kind));
    match (&property.kind.element, value) {
        (_, Value::Null) => Err(NO_NULL.to_owned()),
        (Element::Text, Value::String(_)) | (Element::Boolean, Value::Bool(_)) => Ok(value.clone()),
        (Element::Int | Element::Number, Value::Number(number)) => {
            let exact = match (number.as_i64(), number.as_u64()) {
                (Some(n), _) => n.unsigned_abs() <= EXACT,
                (None, Some(_)) => false,
                (None, None) => true,
            };
            if !exact {
                return Err("integers are kept as 64-bit floats, exact to 2^53 only: write it as text".to_owned());
            }
            let whole = number.as_f64().is_some_and(|n| n.fract() == 0.0 && n.abs() <= 9_007_199_254_740_992.0);
            if property.kind.element == Element::Int && !whole {
                return Err("the property has the type int, and this is no whole number up to 2^53".to_owned());
            }
            #[allow(clippy::cast_possible_truncation)] // checked: whole, and at most 2^53
            Ok(match number.as_f64() {
                Some(n) if property.kind.element == Element::Int => json!(n as i64),
                _ => value.clone(),
            })
        }
        (Element::Uuid, Value::String(text)) => match Uuid::parse_str(text) {
            Ok(id) if id.to_string() == *text => Ok(value.clone()),
            _ => Err("the property has the type uuid: small letters, with hyphens".to_owned()),
        },
        (Element::Object, Value::Object(inner)) => {
            let mut object = Map::new();
            for (key, value) in inner {
                let known = property.nested.iter().find(|known| known.name == *key);
                let known = known.ok_or_else(|| format!("the object's type has no field {key:?}"))?;
                object.insert(key.clone(), stored_as(value, known)?);
            }
            Ok(Value::Object(object))
        }
        // An array of beacons; the server refuses what it does not like of these.
        (Element::Reference(_), Value::Array(_)) => Ok(value.clone()),
        (Element::Other(kind), Value::String(_)) if kind == "date" || kind.starts_with("blob") => Ok(value.clone()),
        (Element::Other(_), Value::Object(_)) => Ok(value.clone()),
        _ => other(),
    }
}

fn add_vectors(
    object: &mut Value,
    record: &Record,
    class: &Class,
    dimensions: &mut HashMap<String, usize>,
) -> Result<()> {
    for (name, vector) in record.vectors.iter().flat_map(|vectors| &vectors.0) {
        let refuse = |cause: String| ProviderError::BadRequest {
            cause: format!("record {}: {cause}", record.id),
            mend: "Write vectors of the kind and size that the collection has.".to_owned(),
        };
        let Some(field) = class.vectors.iter().find(|field| field.name == *name) else {
            let names: Vec<_> = class.vectors.iter().map(|field| format!("{:?}", field.name)).collect();
            return Err(refuse(format!("there is no vector {name:?}, only {}", names.join(", "))));
        };
        let fits = match vector {
            Vector::Sparse { .. } => return Err(unsupported("it stores no sparse vectors")),
            Vector::Dense(values) => field.kind == VectorKind::Dense && values.iter().all(|v| v.is_finite()),
            Vector::Multi(rows) => field.kind == VectorKind::Multi && rows.iter().flatten().all(|v| v.is_finite()),
        };
        if !fits {
            return Err(refuse(format!("the vector {name:?} is {} and has finite numbers", field.kind.name())));
        }
        let Some(size) = dimension(vector).filter(|size| *size > 0) else {
            return Err(refuse(format!("the vector {name:?} is empty")));
        };
        // Weaviate would keep the object and leave its vector out of the index.
        let due = *dimensions.entry(name.clone()).or_insert(size);
        let even = match vector {
            Vector::Multi(rows) => rows.iter().all(|row| row.len() == due),
            _ => size == due,
        };
        if !even {
            return Err(refuse(format!("the vector {name:?} has {size} dimensions, the others have {due}")));
        }
        if name.is_empty() {
            object["vector"] = vector.to_json();
        } else {
            object["vectors"][name.as_str()] = vector.to_json();
        }
    }
    Ok(())
}

/// The class that a new collection is.
///
/// # Errors
/// Names that Weaviate would change or refuse, vectors that it has not.
pub(super) fn class(spec: &CollectionSpec) -> Result<Value> {
    if !is_class_name(&spec.name) {
        let reason = "its collections are named with letters, digits and _, the first a capital letter";
        return Err(unsupported(format!("{reason}, and {:?} is not", spec.name)));
    }
    let mut class = json!({
        "class": spec.name,
        "vectorizer": "none",
        // without it nobody can ask whether a property has a value
        "invertedIndexConfig": { "indexNullState": true },
    });
    match spec.vectors.as_slice() {
        [] => {}
        [VectorSpec { name, kind: VectorKind::Dense, metric, .. }] if name.is_empty() => {
            class["vectorIndexType"] = "hnsw".into();
            class["vectorIndexConfig"] = json!({ "distance": distance(*metric) });
        }
        several => return with_named(class, several),
    }
    Ok(class)
}

fn with_named(mut class: Value, vectors: &[VectorSpec]) -> Result<Value> {
    let Some(object) = class.as_object_mut() else { return Ok(class) };
    object.remove("vectorizer");
    let mut named = Map::new();
    for vector in vectors {
        if !is_word(&vector.name, LONGEST[2]) {
            let reason = "beside other vectors each needs a name of letters, digits and _";
            return Err(unsupported(format!("{reason}, and {:?} is none", vector.name)));
        }
        let mut config = json!({ "distance": distance(vector.metric) });
        match vector.kind {
            VectorKind::Dense => {}
            VectorKind::Multi => config["multivector"] = json!({ "enabled": true }),
            VectorKind::Sparse => return Err(unsupported("it stores no sparse vectors")),
        }
        let described = json!({ "vectorizer": { "none": {} }, "vectorIndexType": "hnsw", "vectorIndexConfig": config });
        named.insert(vector.name.clone(), described);
    }
    object.insert("vectorConfig".to_owned(), Value::Object(named));
    Ok(class)
}

fn distance(metric: Option<Metric>) -> &'static str {
    match metric {
        None | Some(Metric::Cosine) => "cosine",
        Some(Metric::Dot) => "dot",
        Some(Metric::Euclidean) => "l2-squared",
        Some(Metric::Manhattan) => "manhattan",
    }
}

fn wrong(record: &Record, key: &str, cause: &str) -> ProviderError {
    unsupported(format!("the field {key:?} of record {} cannot be stored as it is: {cause}", record.id))
}
