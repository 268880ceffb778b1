//! Our filter language to SQL.
//!
//! A field is a JSON value: the one in the payload of an own table, or a column turned into what is
//! read of it. Columns of the usual types are asked as they are, so that their indexes serve.
//! Each test is true or false, never null, whatever the row holds. Values travel as parameters.

use super::PRODUCT;
use super::catalog::Column;
use super::fields::{self, Native};
use super::names::quote;
use super::numbers::{Ask, of_floats, of_integers};
use super::sql::Sql;
use super::table::{PAYLOAD, TEXT, Table};
use crate::provider::Result;
use crate::provider::filter::{Check, Comparison, Expr, Filter, Literal, Test, no_text, refuse};

/// What is asked about: an SQL expression, and what it holds where it is not null.
enum Subject<'a> {
    /// A `jsonb`; `floats` if its numbers are floats, however they are written.
    Json { sql: String, floats: bool },
    /// A column of a usual type.
    Native(Native, String, &'a Column),
}

/// Why a filter with a NUL in it is refused.
const NO_NUL: &str = "its texts hold no NUL character";

/// The condition for a filter.
///
/// # Errors
/// `Unsupported`, with the place, for what this table cannot be asked.
pub(super) fn condition(filter: &Filter, table: &Table, sql: &mut Sql) -> Result<String> {
    of(filter.root(), table, sql)
}

fn of(expr: &Expr, table: &Table, sql: &mut Sql) -> Result<String> {
    let mut each = |parts: &[Expr], word: &str| -> Result<String> {
        let parts: Vec<String> = parts.iter().map(|part| of(part, table, sql)).collect::<Result<_>>()?;
        Ok(format!("({})", parts.join(word)))
    };
    match expr {
        Expr::And(parts) => each(parts, " AND "),
        Expr::Or(parts) => each(parts, " OR "),
        Expr::Not(inner) => Ok(format!("(NOT {})", of(inner, table, sql)?)),
        Expr::Text(test) if !table.own => Err(no_text(PRODUCT, test)),
        Expr::Text(test) => {
            if test.part.contains('\0') {
                return Err(refuse(PRODUCT, test.span, NO_NUL));
            }
            let text = format!("t.{}", quote(TEXT));
            let part = sql.text(test.part.as_str());
            Ok(format!("({text} IS NOT NULL AND pg_catalog.strpos({text} COLLATE \"C\", {part}) > 0)"))
        }
        Expr::Test(test) => {
            check_texts(test)?;
            Ok(match subject(test, table, sql) {
                // no record has that field
                None => constant(matches!(test.check, Check::IsNull | Check::IsMissing)),
                // a column is there in every record
                Some(_) if test.check == Check::IsMissing && !table.own && test.path.0.len() == 1 => constant(false),
                Some(subject) => subject.test(&test.check, sql),
            })
        }
    }
}

/// PostgreSQL's texts hold no NUL, and it takes none as a parameter.
fn check_texts(test: &Test) -> Result<()> {
    let holds_nul = |literal: &Literal| matches!(literal, Literal::Text(text) if text.contains('\0'));
    let literals = match &test.check {
        Check::Compare(_, literal) | Check::Contains(literal) => std::slice::from_ref(literal),
        Check::In(list) | Check::NotIn(list) => list.as_slice(),
        Check::Between(low, _) if holds_nul(low) => std::slice::from_ref(low),
        Check::Between(_, high) => std::slice::from_ref(high),
        Check::Exists | Check::IsNull | Check::IsMissing => &[],
    };
    if literals.iter().any(holds_nul) || test.path.0.iter().any(|key| key.contains('\0')) {
        return Err(refuse(PRODUCT, test.span, NO_NUL));
    }
    Ok(())
}

/// The field, `None` if no record of the table can have it.
fn subject<'a>(test: &Test, table: &'a Table, sql: &mut Sql) -> Option<Subject<'a>> {
    let (first, inner) = test.path.0.split_first()?;
    let mut path = |start: String, keys: &[String]| {
        keys.iter().fold(start, |outer, key| format!("({outer} -> {}::pg_catalog.text)", sql.text(key.as_str())))
    };
    if table.own {
        let payload = format!("t.{}", quote(PAYLOAD));
        return Some(Subject::Json { sql: path(payload, &test.path.0), floats: false });
    }
    let column = table.payload().find(|column| column.name == *first)?;
    let native = Native::of(column).filter(|_| inner.is_empty());
    Some(match native {
        Some(native) => Subject::Native(native, native.sql(column), column),
        None => Subject::Json { sql: path(fields::as_jsonb(column), inner), floats: fields::has_floats(column) },
    })
}

fn constant(holds: bool) -> String {
    holds.to_string()
}

impl Subject<'_> {
    /// The whole test, true or false.
    fn test(&self, check: &Check, sql: &mut Sql) -> String {
        match self {
            Self::Native(_, value, _) => match check {
                Check::IsNull => format!("({value} IS NULL)"),
                Check::IsMissing => constant(false),
                Check::Exists => format!("({value} IS NOT NULL)"),
                check => format!("({} AND {value} IS NOT NULL)", self.satisfies(check, sql)),
            },
            Self::Json { sql: value, floats } => match check {
                Check::IsNull => nothing(value),
                Check::IsMissing => format!("({value} IS NULL)"),
                Check::Exists => format!("(NOT {})", nothing(value)),
                Check::Contains(Literal::Text(part)) => {
                    let elements = Self::elements(value, *floats, check, sql);
                    let part = sql.text(part.as_str());
                    format!(
                        "(CASE pg_catalog.jsonb_typeof({value}) WHEN 'string' \
                         THEN pg_catalog.strpos({value} #>> '{{}}', {part}) > 0 ELSE {elements} END)"
                    )
                }
                check => Self::elements(value, *floats, check, sql),
            },
        }
    }

    /// Whether one of the elements satisfies it; a value that is no array is its own only element.
    fn elements(value: &str, floats: bool, check: &Check, sql: &mut Sql) -> String {
        let element = Self::Json { sql: "e.v".to_owned(), floats };
        let satisfied = element.satisfies(check, sql);
        format!(
            "EXISTS (SELECT 1 FROM pg_catalog.jsonb_array_elements(CASE pg_catalog.jsonb_typeof({value}) \
             WHEN 'array' THEN {value} ELSE pg_catalog.jsonb_build_array({value}) END) AS e(v) \
             WHERE e.v <> 'null'::pg_catalog.jsonb AND {satisfied})"
        )
    }

    /// Whether one value that is not null satisfies it.
    fn satisfies(&self, check: &Check, sql: &mut Sql) -> String {
        match check {
            Check::Compare(Comparison::NotEqual, literal) => self.none(std::slice::from_ref(literal), sql),
            Check::Compare(comparison, literal) => self.compares(*comparison, literal, sql),
            Check::In(list) => self.any(list, sql),
            Check::NotIn(list) => self.none(list, sql),
            Check::Between(low, high) => {
                let low = self.compares(Comparison::AtLeast, low, sql);
                format!("({low} AND {})", self.compares(Comparison::AtMost, high, sql))
            }
            Check::Contains(Literal::Text(part)) => match self {
                Self::Json { .. } => self.any(&[Literal::Text(part.clone())], sql),
                Self::Native(native, value, _) => match native.text(value) {
                    Some(text) => format!("pg_catalog.strpos({text}, {}) > 0", sql.text(part.as_str())),
                    None => constant(false),
                },
            },
            Check::Contains(literal) => self.compares(Comparison::Equal, literal, sql),
            Check::Exists => constant(true),
            Check::IsNull | Check::IsMissing => constant(false),
        }
    }

    fn any(&self, list: &[Literal], sql: &mut Sql) -> String {
        let each: Vec<String> = list.iter().map(|literal| self.compares(Comparison::Equal, literal, sql)).collect();
        format!("({})", each.join(" OR "))
    }

    fn none(&self, list: &[Literal], sql: &mut Sql) -> String {
        format!("({} IS NOT TRUE)", self.any(list, sql))
    }

    /// A comparison with a literal, anything but `!=`.
    fn compares(&self, comparison: Comparison, literal: &Literal, sql: &mut Sql) -> String {
        match self {
            Self::Json { sql: value, floats } => json_compares(value, *floats, comparison, literal, sql),
            Self::Native(native, value, column) => {
                native.compares(value, column, comparison, literal, sql).unwrap_or_else(|| constant(false))
            }
        }
    }
}

/// Missing, null, or an array without elements.
fn nothing(value: &str) -> String {
    format!("({value} IS NULL OR {value} IN ('null'::pg_catalog.jsonb, '[]'::pg_catalog.jsonb))")
}

fn json_compares(value: &str, floats: bool, comparison: Comparison, literal: &Literal, sql: &mut Sql) -> String {
    let sign = comparison.sign();
    let of_type = |kind: &str, inner: String| {
        format!("(CASE pg_catalog.jsonb_typeof({value}) WHEN '{kind}' THEN {inner} ELSE false END)")
    };
    match literal {
        Literal::Bool(flag) if !comparison.orders() => format!("({value} = '{flag}'::pg_catalog.jsonb)"),
        Literal::Bool(_) => constant(false),
        Literal::Text(text) => {
            let text = sql.text(text.as_str());
            of_type("string", format!("({value} #>> '{{}}') COLLATE \"C\" {sign} {text}"))
        }
        Literal::Integer(_) | Literal::Float(_) => {
            let number = format!("{value}::pg_catalog.numeric");
            let float = asked_float(&to_float(&number), of_floats(comparison, literal), sql);
            if floats {
                return of_type("number", float);
            }
            let whole = match of_integers(comparison, literal) {
                Some(Ask::Compare(sign, bound)) => {
                    format!("{number} {sign} {}::pg_catalog.numeric", sql.text(bound.to_string()))
                }
                Some(Ask::Never) | None => constant(false),
            };
            // JSON without a point or an exponent is read as a whole number, as far as 64 bits go
            let inner = format!(
                "CASE WHEN pg_catalog.scale({number}) = 0 AND {number} BETWEEN -9223372036854775808 \
                 AND 18446744073709551615 THEN {whole} ELSE {float} END"
            );
            of_type("number", format!("({inner})"))
        }
    }
}

/// A numeric as the float that JSON's reader makes of it, null where that is none.
fn to_float(number: &str) -> String {
    format!(
        "(CASE WHEN pg_catalog.abs({number}) > 1.7976931348623157e308 THEN NULL \
         WHEN pg_catalog.abs({number}) < 2.4703282292062328e-324 THEN 0 ELSE {number}::pg_catalog.float8 END)"
    )
}

fn asked_float(value: &str, asked: Option<Ask<f64>>, sql: &mut Sql) -> String {
    match asked {
        Some(Ask::Compare(sign, bound)) => format!("{value} {sign} {}", sql.float(bound)),
        Some(Ask::Never) | None => constant(false),
    }
}

#[cfg(test)]
#[path = "filter_tests.rs"]
mod tests;
