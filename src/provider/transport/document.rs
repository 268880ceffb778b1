//! JSON documents with vectors in them, as several makers answer.
//!
//! A JSON value for each number of a vector costs more than all else that is read of a record. Here a list
//! of numbers stays a list of numbers until the caller knows whether it is a vector or a field of the
//! payload; nothing of either is changed.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// A value in a document.
#[derive(Debug, Clone, PartialEq)]
pub enum Field {
    /// A list that has numbers only, and is not empty.
    Numbers(Vec<Number>),
    /// Any other value.
    Other(Value),
}

/// The entries of a JSON object, in their order.
#[derive(Debug, Clone, PartialEq)]
pub struct Entries<T>(pub Vec<(String, T)>);

/// The fields of a JSON object, in their order.
pub type Document = Entries<Field>;

impl Field {
    /// The nearest `f32` of each number; `None` for what is no list of numbers. An empty one is one.
    #[allow(clippy::cast_possible_truncation)] // vectors are f32 everywhere
    pub fn floats(&self) -> Option<Vec<f32>> {
        match self {
            Self::Numbers(list) => list.iter().map(|number| number.as_f64().map(|number| number as f32)).collect(),
            Self::Other(Value::Array(list)) => {
                list.iter().map(|value| value.as_f64().map(|number| number as f32)).collect()
            }
            Self::Other(_) => None,
        }
    }

    /// The value as it was.
    pub fn into_value(self) -> Value {
        match self {
            Self::Numbers(list) => list.into_iter().map(Value::Number).collect(),
            Self::Other(value) => value,
        }
    }
}

impl Document {
    /// Takes the field of that name out: as in any object of ours, the last of several with one name.
    pub fn take(&mut self, name: &str) -> Option<Field> {
        let mut found = None;
        while let Some(place) = self.0.iter().position(|(key, _)| key == name) {
            found = Some(self.0.remove(place).1);
        }
        found
    }

    /// The object in the field of that name.
    pub fn object_mut(&mut self, name: &str) -> Option<&mut Map<String, Value>> {
        match self.0.iter_mut().rev().find(|(key, _)| key == name) {
            Some((_, Field::Other(Value::Object(object)))) => Some(object),
            _ => None,
        }
    }

    /// The fields that are left, as JSON.
    pub fn into_map(self) -> Map<String, Value> {
        self.0.into_iter().map(|(key, field)| (key, field.into_value())).collect()
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Entries<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct All<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for All<T> {
            type Value = Entries<T>;

            fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                to.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries<T>, A::Error> {
                let mut entries = Vec::with_capacity(map.size_hint().unwrap_or(0));
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_map(All(PhantomData))
    }
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Any)
    }
}

/// Reads a [`Field`].
struct Any;

/// An element of a list.
enum Element {
    Number(Number),
    Other(Value),
}

impl<'de> Visitor<'de> for Any {
    type Value = Field;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<Field, E> {
        Ok(Field::Other(Value::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Field, E> {
        Ok(Field::Other(Value::Bool(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Field, E> {
        Ok(Field::Other(Value::from(value)))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Field, E> {
        Ok(Field::Other(Value::from(value)))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Field, E> {
        Ok(Field::Other(Value::from(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Field, E> {
        Ok(Field::Other(Value::from(value)))
    }

    fn visit_string<E>(self, value: String) -> Result<Field, E> {
        Ok(Field::Other(Value::String(value)))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Field, A::Error> {
        let map = Map::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
        Ok(Field::Other(Value::Object(map)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Field, A::Error> {
        let mut numbers = Vec::new();
        while let Some(element) = list.next_element::<Element>()? {
            match element {
                Element::Number(number) => numbers.push(number),
                Element::Other(value) => {
                    let mut values: Vec<Value> = numbers.into_iter().map(Value::Number).collect();
                    values.push(value);
                    while let Some(value) = list.next_element()? {
                        values.push(value);
                    }
                    return Ok(Field::Other(Value::Array(values)));
                }
            }
        }
        Ok(if numbers.is_empty() { Field::Other(Value::Array(Vec::new())) } else { Field::Numbers(numbers) })
    }
}

impl<'de> Deserialize<'de> for Element {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct One;

        impl<'de> Visitor<'de> for One {
            type Value = Element;

            fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                Any.expecting(to)
            }

            fn visit_i64<E>(self, value: i64) -> Result<Element, E> {
                Ok(Element::Number(value.into()))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Element, E> {
                Ok(Element::Number(value.into()))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Element, E> {
                Ok(Number::from_f64(value).map_or(Element::Other(Value::Null), Element::Number))
            }

            fn visit_unit<E>(self) -> Result<Element, E> {
                Ok(Element::Other(Value::Null))
            }

            fn visit_bool<E>(self, value: bool) -> Result<Element, E> {
                Ok(Element::Other(Value::Bool(value)))
            }

            fn visit_str<E>(self, value: &str) -> Result<Element, E> {
                Ok(Element::Other(Value::from(value)))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Element, A::Error> {
                Any.visit_map(map).map(|field| Element::Other(field.into_value()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Element, A::Error> {
                Any.visit_seq(list).map(|field| Element::Other(field.into_value()))
            }
        }

        deserializer.deserialize_any(One)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use proptest::prelude::*;

    use super::*;

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            ".{0,5}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::vec(any::<i32>(), 0..6).prop_map(Value::from),
                prop::collection::vec((".{0,3}", inner), 0..5).prop_map(|all| Value::Object(all.into_iter().collect())),
            ]
        })
    }

    proptest! {
        /// Whatever it is, it comes back as any other reading of JSON gives it.
        #[test]
        fn nothing_is_changed(object in prop::collection::vec((".{0,3}", values()), 0..6)) {
            let object: Map<String, Value> = object.into_iter().collect();
            let text = Value::Object(object.clone()).to_string();
            let document: Document = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(Value::Object(document.into_map()).to_string(), text);
        }
    }

    #[test]
    fn lists_of_numbers_stay_such() {
        let text = r#"{"v":[0.1,-0.0,3,18446744073709551615],"e":[],"m":[1,"a",[2]],"v":[1.5],"s":"x","w":[1e-7,5]}"#;
        let mut document: Document = serde_json::from_str(text).unwrap();
        assert_eq!(document.take("v").unwrap().floats(), Some(vec![1.5]), "the last of one name");
        let field = document.take("w").unwrap();
        assert!(matches!(field, Field::Numbers(_)));
        assert_eq!(
            field.floats().unwrap().iter().map(|n| n.to_bits()).collect::<Vec<_>>(),
            [1e-7_f32, 5.0].map(f32::to_bits)
        );
        assert_eq!(field.into_value().to_string(), "[1e-7,5]");
        assert_eq!(document.take("e").unwrap().floats(), Some(Vec::new()));
        assert_eq!(document.take("m").unwrap().floats(), None);
        assert_eq!((document.take("none"), document.into_map().len()), (None, 1));
        for text in ["[1]", "5", "null", "{\"a\":"] {
            assert!(serde_json::from_str::<Document>(text).is_err(), "{text}");
        }
    }
}
