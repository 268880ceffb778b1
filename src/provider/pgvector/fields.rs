//! Columns as fields of a payload: what is read of them, and how they are asked.
//!
//! The server turns a row into JSON. Two of its types would lose digits in that: a `numeric` becomes a
//! number only where a float or a whole number of 64 bits is exactly it, else a text; floats
//! are read as floats, also where they are whole. Arrays of numerics are arrays of texts.

use serde_json::Value;

use super::catalog::Column;
use super::names::quote;
use super::numbers::{Ask, of_floats, of_integers};
use super::sql::Sql;
use crate::provider::filter::{Comparison, Literal};

/// A type whose columns are asked as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Native {
    /// Whole numbers of 16, 32 or 64 bits.
    Integer,
    /// Floats of 32 or 64 bits.
    Float,
    /// Texts.
    Text,
    /// Truth values.
    Bool,
}

/// Floats that JSON has no number for; they are read as texts.
const NO_NUMBERS: &str = "('NaN'::pg_catalog.float8, 'Infinity'::pg_catalog.float8, '-Infinity'::pg_catalog.float8)";

impl Native {
    /// The kind of a column, `None` if it is asked as JSON.
    pub(super) fn of(column: &Column) -> Option<Self> {
        if column.home != "pg_catalog" {
            return None;
        }
        match column.kind.as_str() {
            "int2" | "int4" | "int8" => Some(Self::Integer),
            "float4" | "float8" => Some(Self::Float),
            "text" | "varchar" => Some(Self::Text),
            "bool" => Some(Self::Bool),
            _ => None,
        }
    }

    /// The value to compare with.
    pub(super) fn sql(self, column: &Column) -> String {
        let name = format!("t.{}", quote(&column.name));
        // 0.1 of 32 bits is read as 0.1, not as 0.10000000149
        if column.kind == "float4" { format!("{name}::pg_catalog.text::pg_catalog.float8") } else { name }
    }

    /// The text that a value is read as, where it is one.
    pub(super) fn text(self, value: &str) -> Option<String> {
        match self {
            Self::Text => Some(format!("({value} COLLATE \"C\")")),
            Self::Float => Some(format!("(CASE WHEN {value} IN {NO_NUMBERS} THEN {value}::pg_catalog.text END)")),
            Self::Integer | Self::Bool => None,
        }
    }

    /// A comparison, anything but `!=`; `None` if it never holds.
    pub(super) fn compares(
        self,
        value: &str,
        column: &Column,
        comparison: Comparison,
        literal: &Literal,
        sql: &mut Sql,
    ) -> Option<String> {
        let sign = comparison.sign();
        match (self, literal) {
            (Self::Bool, Literal::Bool(flag)) if !comparison.orders() => Some(format!("{value} = {flag}")),
            (Self::Text, Literal::Text(text)) => {
                // an index helps only without another collation, which equality mostly does not need
                let plain = !comparison.orders() && !column.loose;
                let left = if plain { value.to_owned() } else { self.text(value)? };
                Some(format!("{left} {sign} {}", sql.text(text.as_str())))
            }
            (Self::Float, Literal::Text(text)) => {
                let left = self.text(value)?;
                Some(format!("({left} COLLATE \"C\" {sign} {}) IS TRUE", sql.text(text.as_str())))
            }
            (Self::Integer, _) => match of_integers(comparison, literal)? {
                Ask::Compare(sign, bound) => Some(match i64::try_from(bound) {
                    Ok(bound) => format!("{value} {sign} {}", sql.integer(bound)),
                    Err(_) => holds_beyond(sign, bound)?.to_owned(),
                }),
                Ask::Never => None,
            },
            (Self::Float, _) => match of_floats(comparison, literal)? {
                Ask::Compare(sign, bound) => {
                    Some(format!("({value} {sign} {} AND {value} NOT IN {NO_NUMBERS})", sql.float(bound)))
                }
                Ask::Never => None,
            },
            (Self::Text | Self::Bool, _) => None,
        }
    }
}

/// A comparison of whole numbers of 64 bits with one outside of them.
fn holds_beyond(sign: &str, bound: i128) -> Option<&'static str> {
    let holds = match sign {
        "<" | "<=" => bound > 0,
        ">" | ">=" => bound < 0,
        _ => false,
    };
    holds.then_some("true")
}

/// The column as it is read, as an SQL expression.
pub(super) fn as_read(column: &Column) -> String {
    let name = format!("t.{}", quote(&column.name));
    match (column.home.as_str(), column.kind.as_str()) {
        ("pg_catalog", "numeric") => format!(
            "CASE WHEN pg_catalog.scale({name}) = 0 AND {name} BETWEEN -9223372036854775808 AND 18446744073709551615 \
             THEN pg_catalog.to_jsonb({name}) \
             WHEN ({name} = 0 OR pg_catalog.abs({name}) BETWEEN 1e-300 AND 1e300) \
             AND {name} = {name}::pg_catalog.float8::pg_catalog.text::pg_catalog.numeric \
             THEN pg_catalog.to_jsonb({name}) ELSE pg_catalog.to_jsonb({name}::pg_catalog.text) END"
        ),
        ("pg_catalog", "_numeric") => format!("{name}::pg_catalog.text[]"),
        _ => name,
    }
}

/// The column as `jsonb`.
pub(super) fn as_jsonb(column: &Column) -> String {
    format!("pg_catalog.to_jsonb({})", as_read(column))
}

/// Whether all numbers in it are floats, however they are written.
pub(super) fn has_floats(column: &Column) -> bool {
    column.home == "pg_catalog" && matches!(column.kind.as_str(), "float4" | "float8" | "_float4" | "_float8")
}

/// Makes floats of the numbers in a column of floats: PostgreSQL writes 5.0 as 5.
pub(super) fn restore_floats(value: &mut Value) {
    match value {
        Value::Number(number) if !number.is_f64() => {
            if let Some(float) = number.as_f64().and_then(serde_json::Number::from_f64) {
                *number = float;
            }
        }
        Value::Array(values) => values.iter_mut().for_each(restore_floats),
        _ => {}
    }
}
