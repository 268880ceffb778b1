//! Our filter language as a condition of the engine (DataFusion).
//!
//! Tests of columns of whole numbers, texts and truth values become comparisons, so that the table's
//! indexes serve. Everything else becomes a call of our own function (`selects`), which the
//! engine runs on the rows as it reads them and which evaluates our language itself. So no filter is
//! refused but one of a column whose bytes mean nothing until they are read (JSON, blobs). Each
//! condition is true or false, never null.

use lancedb::arrow::arrow_schema::{DataType, FieldRef};
use lancedb::datafusion::common::ScalarValue;
use lancedb::expr::{DfExpr, col, contains, expr_to_sql_string, lit};
use serde_json::json;

use super::super::PRODUCT;
use super::schema::{Layout, PAYLOAD, TEXT};
use super::selects::{Source, call};
use super::values::is_json;
use crate::provider::filter::{Check, Comparison, Expr, Filter, Literal, Test, no_text, refuse};
use crate::provider::model::{Payload, Record, RecordId};
use crate::provider::{ProviderError, Result};

/// What a filter becomes.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Plan {
    /// It selects every record.
    All,
    /// It selects none.
    Never,
    /// It selects where this holds.
    Where(DfExpr),
}

impl Plan {
    fn of(holds: bool) -> Self {
        if holds { Self::All } else { Self::Never }
    }

    /// The condition to ask for with others, `None` for all; `Err` where nothing is to be asked.
    pub(super) fn condition(self) -> std::result::Result<Option<DfExpr>, Nothing> {
        match self {
            Self::All => Ok(None),
            Self::Never => Err(Nothing),
            Self::Where(expr) => Ok(Some(expr)),
        }
    }
}

/// No record is selected, whatever the table holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Nothing;

/// The plan of a filter that may be absent.
///
/// # Errors
/// `FilterRefused`, with the place.
pub(super) fn plan(filter: Option<&Filter>, layout: &Layout) -> Result<Plan> {
    let Some(filter) = filter else { return Ok(Plan::All) };
    if layout.own {
        let sources = vec![(PAYLOAD.to_owned(), Source::Payload), (TEXT.to_owned(), Source::Text)];
        return Ok(Plan::Where(call(filter.clone(), sources)));
    }
    of(filter.root(), layout)
}

/// The condition for people.
pub(super) fn shown(plan: &Plan) -> Result<String> {
    match plan {
        Plan::All => Ok("true".to_owned()),
        Plan::Never => Ok("false".to_owned()),
        Plan::Where(expr) => expr_to_sql_string(expr)
            .map_err(|error| ProviderError::Unsupported { product: PRODUCT, reason: error.to_string() }),
    }
}

fn of(expr: &Expr, layout: &Layout) -> Result<Plan> {
    match expr {
        Expr::And(parts) => join(parts, layout, &Plan::Never, DfExpr::and),
        Expr::Or(parts) => join(parts, layout, &Plan::All, DfExpr::or),
        Expr::Not(inner) => Ok(match of(inner, layout)? {
            Plan::All => Plan::Never,
            Plan::Never => Plan::All,
            Plan::Where(expr) => Plan::Where(!expr),
        }),
        Expr::Text(test) => Err(no_text(PRODUCT, test)),
        Expr::Test(test) => one(test, layout),
    }
}

/// Joins the parts; one that is `decides` decides for all.
fn join(parts: &[Expr], layout: &Layout, decides: &Plan, by: fn(DfExpr, DfExpr) -> DfExpr) -> Result<Plan> {
    let plans: Vec<Plan> = parts.iter().map(|part| of(part, layout)).collect::<Result<_>>()?;
    if plans.contains(decides) {
        return Ok(decides.clone());
    }
    let conditions = plans.into_iter().filter_map(|plan| if let Plan::Where(expr) = plan { Some(expr) } else { None });
    let other = if *decides == Plan::All { Plan::Never } else { Plan::All };
    Ok(conditions.reduce(by).map_or(other, Plan::Where))
}

fn one(test: &Test, layout: &Layout) -> Result<Plan> {
    let name = test.path.0.first().map(String::as_str).unwrap_or_default();
    let Some(field) = layout.fields.iter().find(|field| field.name() == name) else {
        return Ok(Plan::of(holds(test, None)));
    };
    if is_json(field) || field.metadata().keys().any(|key| key.contains("blob")) {
        return Err(refuse(
            PRODUCT,
            test.span,
            format!("the column {name:?} is stored in a form that it does not compare"),
        ));
    }
    let whole = test.path.0.len() == 1;
    let native = match (whole, &test.check) {
        (true, Check::IsMissing) => Some(Plan::Never),
        (true, check) => native(field, check, test),
        (false, _) => None,
    };
    Ok(native.unwrap_or_else(|| {
        let filter = Filter::from(Expr::Test(test.clone()));
        let source = Source::Field(FieldRef::clone(field));
        Plan::Where(call(filter, vec![(name.to_owned(), source)]))
    }))
}

/// A test of a column as a comparison; `None` if the engine would answer it otherwise than we.
fn native(field: &FieldRef, check: &Check, test: &Test) -> Option<Plan> {
    let name = field.name().as_str();
    let range = integer_range(field.data_type());
    let text = matches!(field.data_type(), DataType::Utf8 | DataType::LargeUtf8);
    if range.is_none() && !text && *field.data_type() != DataType::Boolean {
        return None;
    }
    let present = || Plan::Where(col(name).is_not_null());
    match check {
        Check::IsNull => return Some(Plan::Where(col(name).is_null())),
        Check::Exists => return Some(present()),
        _ => {}
    }
    if let Some(range) = range {
        return Some(integers(field, range, check));
    }
    if text {
        return Some(texts(name, *field.data_type() == DataType::LargeUtf8, check));
    }
    Some(match [true, false].map(|flag| holds(test, Some((name, flag)))) {
        [true, true] => present(),
        [false, false] => Plan::Never,
        [flag, _] => Plan::Where(col(name).is_not_null().and(col(name).eq(lit(flag)))),
    })
}

/// Whether a test holds for a record with nothing but one truth value in it.
fn holds(test: &Test, value: Option<(&str, bool)>) -> bool {
    let payload: Payload = value.into_iter().map(|(name, flag)| (name.to_owned(), json!(flag))).collect();
    let record = Record { id: RecordId::Integer(0), vectors: None, payload, text: None };
    Filter::from(Expr::Test(test.clone())).selects(&record)
}

/// The numbers that a column of whole numbers can hold.
pub(super) fn integer_range(kind: &DataType) -> Option<(i128, i128)> {
    Some(match kind {
        DataType::Int8 => (i8::MIN.into(), i8::MAX.into()),
        DataType::Int16 => (i16::MIN.into(), i16::MAX.into()),
        DataType::Int32 => (i32::MIN.into(), i32::MAX.into()),
        DataType::Int64 => (i64::MIN.into(), i64::MAX.into()),
        DataType::UInt8 => (0, u8::MAX.into()),
        DataType::UInt16 => (0, u16::MAX.into()),
        DataType::UInt32 => (0, u32::MAX.into()),
        DataType::UInt64 => (0, u64::MAX.into()),
        _ => return None,
    })
}

/// A number as a literal of the column's type, `None` if it does not fit.
pub(super) fn integer(kind: &DataType, number: i128) -> Option<ScalarValue> {
    Some(match kind {
        DataType::Int8 => ScalarValue::Int8(Some(number.try_into().ok()?)),
        DataType::Int16 => ScalarValue::Int16(Some(number.try_into().ok()?)),
        DataType::Int32 => ScalarValue::Int32(Some(number.try_into().ok()?)),
        DataType::Int64 => ScalarValue::Int64(Some(number.try_into().ok()?)),
        DataType::UInt8 => ScalarValue::UInt8(Some(number.try_into().ok()?)),
        DataType::UInt16 => ScalarValue::UInt16(Some(number.try_into().ok()?)),
        DataType::UInt32 => ScalarValue::UInt32(Some(number.try_into().ok()?)),
        DataType::UInt64 => ScalarValue::UInt64(Some(number.try_into().ok()?)),
        _ => return None,
    })
}

/// The whole numbers that satisfy a comparison, both ends included; `None` if there is none.
fn span(comparison: Comparison, literal: &Literal) -> Option<(i128, i128)> {
    // saturates far outside of any column
    #[allow(clippy::cast_possible_truncation)]
    let (floor, ceil) = match literal {
        Literal::Integer(n) => (*n, *n),
        Literal::Float(f) => (f.floor() as i128, f.ceil() as i128),
        Literal::Text(_) | Literal::Bool(_) => return None,
    };
    Some(match comparison {
        Comparison::Equal | Comparison::NotEqual if floor == ceil => (floor, floor),
        Comparison::Equal | Comparison::NotEqual => return None,
        Comparison::Less => (i128::MIN, ceil.saturating_sub(1)),
        Comparison::AtMost => (i128::MIN, floor),
        Comparison::Greater => (floor.saturating_add(1), i128::MAX),
        Comparison::AtLeast => (ceil, i128::MAX),
    })
}

fn integers(field: &FieldRef, range: (i128, i128), check: &Check) -> Plan {
    let (name, kind) = (field.name().as_str(), field.data_type());
    let present = || col(name).is_not_null();
    let equal = |list: &[Literal]| -> Vec<DfExpr> {
        let numbers = list.iter().filter_map(|literal| span(Comparison::Equal, literal));
        numbers.filter_map(|(number, _)| integer(kind, number)).map(lit).collect()
    };
    let within = |low: i128, high: i128| {
        let (low, high) = (low.max(range.0), high.min(range.1));
        if low > high {
            return Plan::Never;
        }
        let bounds = [(low > range.0, low, true), (high < range.1, high, false)];
        let mut condition = present();
        for (_, bound, is_low) in bounds.into_iter().filter(|(needed, ..)| *needed) {
            let Some(bound) = integer(kind, bound).map(lit) else { return Plan::Never };
            condition = condition.and(if is_low { col(name).gt_eq(bound) } else { col(name).lt_eq(bound) });
        }
        Plan::Where(condition)
    };
    match check {
        Check::Compare(Comparison::NotEqual, literal) => {
            Plan::Where(none_of(name, equal(std::slice::from_ref(literal))))
        }
        Check::NotIn(list) => Plan::Where(none_of(name, equal(list))),
        Check::In(list) => any_of(name, equal(list)),
        Check::Compare(Comparison::Equal, literal) | Check::Contains(literal) => {
            any_of(name, equal(std::slice::from_ref(literal)))
        }
        Check::Compare(comparison, literal) => {
            span(*comparison, literal).map_or(Plan::Never, |(low, high)| within(low, high))
        }
        Check::Between(low, high) => match (span(Comparison::AtLeast, low), span(Comparison::AtMost, high)) {
            (Some((low, _)), Some((_, high))) => within(low, high),
            _ => Plan::Never,
        },
        Check::Exists | Check::IsNull | Check::IsMissing => Plan::Never, // answered before
    }
}

fn texts(name: &str, large: bool, check: &Check) -> Plan {
    // the engine compares values of one type only
    let lit = |text: &str| {
        let text = Some(text.to_owned());
        lit(if large { ScalarValue::LargeUtf8(text) } else { ScalarValue::Utf8(text) })
    };
    let present = || col(name).is_not_null();
    let equal = |list: &[Literal]| -> Vec<DfExpr> {
        let texts = list.iter().filter_map(|literal| if let Literal::Text(text) = literal { Some(text) } else { None });
        texts.map(|text| lit(text)).collect()
    };
    let order = |comparison: Comparison, literal: &Literal| {
        let Literal::Text(text) = literal else { return None };
        let (left, right) = (col(name), lit(text));
        // bytes of UTF-8 have the order of the characters
        Some(match comparison {
            Comparison::Less => left.lt(right),
            Comparison::AtMost => left.lt_eq(right),
            Comparison::Greater => left.gt(right),
            Comparison::AtLeast => left.gt_eq(right),
            Comparison::Equal => left.eq(right),
            Comparison::NotEqual => left.not_eq(right),
        })
    };
    let all = |conditions: Option<DfExpr>| conditions.map_or(Plan::Never, |c| Plan::Where(present().and(c)));
    match check {
        Check::Compare(Comparison::NotEqual, literal) => {
            Plan::Where(none_of(name, equal(std::slice::from_ref(literal))))
        }
        Check::NotIn(list) => Plan::Where(none_of(name, equal(list))),
        Check::In(list) => any_of(name, equal(list)),
        Check::Compare(Comparison::Equal, literal) => any_of(name, equal(std::slice::from_ref(literal))),
        Check::Compare(comparison, literal) => all(order(*comparison, literal)),
        Check::Between(low, high) => {
            let both = order(Comparison::AtLeast, low).zip(order(Comparison::AtMost, high));
            all(both.map(|(low, high)| low.and(high)))
        }
        Check::Contains(Literal::Text(part)) if part.is_empty() => Plan::Where(present()),
        Check::Contains(Literal::Text(part)) => all(Some(contains(col(name), lit(part)))),
        Check::Contains(_) | Check::Exists | Check::IsNull | Check::IsMissing => Plan::Never, // the last three: before
    }
}

fn any_of(name: &str, mut values: Vec<DfExpr>) -> Plan {
    let present = col(name).is_not_null();
    match values.len() {
        0 => Plan::Never,
        1 => Plan::Where(present.and(col(name).eq(values.remove(0)))),
        _ => Plan::Where(present.and(col(name).in_list(values, false))),
    }
}

fn none_of(name: &str, values: Vec<DfExpr>) -> DfExpr {
    let present = col(name).is_not_null();
    if values.is_empty() { present } else { present.and(col(name).in_list(values, true)) }
}
