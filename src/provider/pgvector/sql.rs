//! A statement under construction: its text, and the values that it is sent with.

use bytes::BytesMut;
use futures::TryStreamExt;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, Error, Row};

/// A statement with its parameters. Values never become part of the text.
#[derive(Debug, Default)]
pub(super) struct Sql {
    /// The text, with `$1`, `$2` and so on for the values.
    pub(super) text: String,
    values: Vec<Value>,
}

/// A parameter.
#[derive(Debug)]
enum Value {
    Text(String),
    Texts(Vec<Option<String>>),
    Integer(i64),
    Float(f64),
    Floats(Vec<f32>),
}

impl Value {
    fn kind(&self) -> Type {
        match self {
            Self::Text(_) => Type::TEXT,
            Self::Texts(_) => Type::TEXT_ARRAY,
            Self::Integer(_) => Type::INT8,
            Self::Float(_) => Type::FLOAT8,
            Self::Floats(_) => Type::FLOAT4_ARRAY,
        }
    }

    fn shown(&self) -> String {
        match self {
            // in the quotes of JSON, so that each stays in its line
            Self::Text(value) => serde_json::Value::from(value.as_str()).to_string(),
            Self::Texts(values) => format!("{} texts", values.len()),
            Self::Integer(value) => value.to_string(),
            Self::Float(value) => format!("{value:?}"),
            Self::Floats(values) => format!("{} numbers", values.len()),
        }
    }
}

impl ToSql for Value {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Text(value) => value.to_sql(kind, out),
            Self::Texts(value) => value.to_sql(kind, out),
            Self::Integer(value) => value.to_sql(kind, out),
            Self::Float(value) => value.to_sql(kind, out),
            Self::Floats(value) => value.to_sql(kind, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        // each value is sent as its own type
        true
    }

    to_sql_checked!();
}

impl Sql {
    /// A statement without parameters.
    pub(super) fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), values: Vec::new() }
    }

    /// The statement for people: its text, and below it each value as a comment.
    pub(super) fn shown(&self) -> String {
        let mut shown = self.text.clone();
        for (place, value) in self.values.iter().enumerate() {
            shown.push_str(&format!("\n-- ${} = {}", place + 1, value.shown()));
        }
        shown
    }

    /// Sends it and waits for all rows: one round trip.
    ///
    /// # Errors
    /// Those of the driver.
    pub(super) async fn run(self, client: &Client) -> Result<Vec<Row>, Error> {
        let values: Vec<(Value, Type)> = self.values.into_iter().map(with_kind).collect();
        client.query_typed_raw(&self.text, values).await?.try_collect().await
    }

    fn bind(&mut self, value: Value) -> String {
        self.values.push(value);
        format!("${}", self.values.len())
    }

    /// A text; gives back its place in the statement, `$n`.
    pub(super) fn text(&mut self, value: impl Into<String>) -> String {
        self.bind(Value::Text(value.into()))
    }

    /// Texts, some of which may be null.
    pub(super) fn texts(&mut self, values: Vec<Option<String>>) -> String {
        self.bind(Value::Texts(values))
    }

    /// A whole number.
    pub(super) fn integer(&mut self, value: i64) -> String {
        self.bind(Value::Integer(value))
    }

    /// A float.
    pub(super) fn float(&mut self, value: f64) -> String {
        self.bind(Value::Float(value))
    }

    /// Floats of 32 bits.
    pub(super) fn floats(&mut self, values: Vec<f32>) -> String {
        self.bind(Value::Floats(values))
    }

    /// How many values there are.
    #[cfg(test)]
    pub(super) fn count(&self) -> usize {
        self.values.len()
    }
}

fn with_kind(value: Value) -> (Value, Type) {
    let kind = value.kind();
    (value, kind)
}
