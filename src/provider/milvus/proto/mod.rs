//! The part of Milvus' gRPC protocol that is spoken here, declared by hand: there is no generated
//! client on our tonic, and of some hundred requests about twenty are needed.
//!
//! Names and field numbers are those of the published definitions, `common.proto`, `schema.proto` and
//! `milvus.proto` of <https://github.com/milvus-io/milvus-proto> (as of August 2026); the same numbers
//! are in use since Milvus 2.3. What is not needed is left out: a decoder skips it. `schema` is what
//! collections and columns look like, `requests` are the questions and their answers.

mod requests;
mod schema;

pub(super) use requests::*;
pub(super) use schema::*;

/// A key and a value, both texts: parameters of indexes, fields, queries.
#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::provider::milvus) struct KeyValuePair {
    #[prost(string, tag = "1")]
    pub key: String,
    #[prost(string, tag = "2")]
    pub value: String,
}

impl KeyValuePair {
    pub(in crate::provider::milvus) fn new(key: &str, value: impl Into<String>) -> Self {
        Self { key: key.to_owned(), value: value.into() }
    }
}

/// The value of that key.
pub(in crate::provider::milvus) fn value_of<'a>(pairs: &'a [KeyValuePair], key: &str) -> Option<&'a str> {
    pairs.iter().find(|pair| pair.key == key).map(|pair| pair.value.as_str())
}

/// How a request went. Servers before 2.3 fill only `error_code`, later ones `code`, most both.
#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::provider::milvus) struct Status {
    #[prost(int32, tag = "1")]
    pub error_code: i32,
    #[prost(string, tag = "2")]
    pub reason: String,
    #[prost(int32, tag = "3")]
    pub code: i32,
}

/// An answer that carries a [`Status`].
pub(in crate::provider::milvus) trait Answer {
    fn status(&self) -> Option<&Status>;
}

impl Answer for Status {
    fn status(&self) -> Option<&Status> {
        Some(self)
    }
}
