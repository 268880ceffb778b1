//! Tests of fields that the schema names, so that their kind is known: a comparison with a value of
//! another kind is settled here, and numbers are brought into the field's range.

use super::super::columns::shortest;
use super::super::expression::{integer, quote};
use super::super::layout::Field;
use super::super::proto::data_type;
use super::super::server::Dialect;
use super::{Piece, refused};
use crate::provider::filter::{Check, Comparison, Literal, Test};
use crate::provider::{ProviderError, Result};

/// The test of a field that is neither JSON nor dynamic.
pub(super) fn piece(field: &Field, test: &Test, dialect: Dialect) -> Result<Piece> {
    let asked = Asked { name: &field.name, kind: field.kind, test, dialect };
    if test.check == Check::IsMissing {
        // A record has every field of the schema, be it null.
        return Ok(Piece::Always(false));
    }
    let piece = match (field.kind, &test.check) {
        (data_type::GEOMETRY | data_type::TEXT | data_type::TIMESTAMPTZ, _) => {
            let reason = format!("fields of the type {} are not compared here", data_type::name(field.kind));
            return Err(refused(test, reason));
        }
        (data_type::ARRAY, Check::Exists) => Piece::text(format!("array_length({}) != 0", field.name)),
        (data_type::ARRAY, Check::IsNull) => {
            Piece::text(format!("array_length({}) != 0", field.name)).guarded(field).not()
        }
        (data_type::ARRAY, _) => Asked { kind: field.element, ..asked }.elements()?,
        (_, Check::Exists) => Piece::Always(true),
        (_, Check::IsNull) => return Ok(Piece::Always(true).guarded(field).not()),
        _ => asked.single()?,
    };
    if field.kind == data_type::ARRAY && test.check == Check::IsNull {
        return Ok(piece);
    }
    Ok(piece.guarded(field))
}

impl Piece {
    /// False for null, and never unknown.
    fn guarded(self, field: &Field) -> Self {
        match self {
            Self::Always(true) if field.nullable => Self::Text(format!("{} is not null", field.name)),
            Self::Text(text) if field.nullable => Self::Text(format!("({} is not null and {text})", field.name)),
            settled => settled,
        }
    }
}

struct Asked<'a> {
    name: &'a str,
    /// The kind of the field, or of its elements.
    kind: i32,
    test: &'a Test,
    dialect: Dialect,
}

impl Asked<'_> {
    fn single(&self) -> Result<Piece> {
        match &self.test.check {
            Check::Compare(comparison, literal) => self.compare(*comparison, literal),
            Check::In(list) => self.any(list, |literal| self.compare(Comparison::Equal, literal)),
            Check::NotIn(list) => Ok(self.any(list, |literal| self.compare(Comparison::Equal, literal))?.not()),
            Check::Between(low, high) => {
                Ok(Piece::all(vec![self.compare(Comparison::AtLeast, low)?, self.compare(Comparison::AtMost, high)?]))
            }
            Check::Contains(Literal::Text(part)) if self.is_text() => {
                if part.is_empty() {
                    return Ok(Piece::Always(true));
                }
                let pattern = self.dialect.pattern(part).map_err(|reason| refused(self.test, reason))?;
                Ok(Piece::text(format!("{} like {}", self.name, quote(&pattern))))
            }
            Check::Contains(literal) => self.compare(Comparison::Equal, literal),
            Check::Exists | Check::IsNull | Check::IsMissing => Ok(Piece::Always(true)),
        }
    }

    /// One element satisfies it.
    fn elements(&self) -> Result<Piece> {
        let contains = |literal: &Literal| match self.compare(Comparison::Equal, literal)? {
            Piece::Always(holds) => Ok(Piece::Always(holds)),
            // what stands behind `name == `
            Piece::Text(text) => {
                let value = text.strip_prefix(&format!("{} == ", self.name)).unwrap_or_default().to_owned();
                Ok(Piece::text(format!("array_contains({}, {value})", self.name)))
            }
        };
        match &self.test.check {
            Check::Compare(Comparison::Equal, literal) | Check::Contains(literal) => contains(literal),
            Check::In(list) => self.any(list, contains),
            _ => Err(refused(self.test, "it compares no elements of an array but for equality")),
        }
    }

    fn any(&self, list: &[Literal], each: impl Fn(&Literal) -> Result<Piece>) -> Result<Piece> {
        Ok(Piece::any(list.iter().map(each).collect::<Result<_>>()?))
    }

    fn is_text(&self) -> bool {
        matches!(self.kind, data_type::VARCHAR | data_type::STRING)
    }

    fn compare(&self, comparison: Comparison, literal: &Literal) -> Result<Piece> {
        if comparison == Comparison::NotEqual {
            return Ok(self.compare(Comparison::Equal, literal)?.not());
        }
        match (self.kind, literal) {
            (data_type::BOOL, Literal::Bool(flag)) if comparison == Comparison::Equal => {
                Ok(self.sign(comparison, &flag.to_string()))
            }
            (data_type::VARCHAR | data_type::STRING, Literal::Text(text)) => Ok(self.sign(comparison, &quote(text))),
            (data_type::INT8 | data_type::INT16 | data_type::INT32 | data_type::INT64, _) if literal.is_number() => {
                Ok(self.whole(comparison, literal))
            }
            (data_type::FLOAT, _) if literal.is_number() => self.float(comparison, literal),
            (data_type::DOUBLE, _) if literal.is_number() => self.double(comparison, literal),
            // of another kind
            _ => Ok(Piece::Always(false)),
        }
    }

    fn sign(&self, comparison: Comparison, value: &str) -> Piece {
        let sign = if comparison == Comparison::Equal { "==" } else { comparison.sign() };
        Piece::text(format!("{} {sign} {value}", self.name))
    }

    /// Whole numbers are compared with whole numbers: exact up to the last bit.
    fn whole(&self, comparison: Comparison, literal: &Literal) -> Piece {
        let (low, high) = match self.kind {
            data_type::INT8 => (i128::from(i8::MIN), i128::from(i8::MAX)),
            data_type::INT16 => (i128::from(i16::MIN), i128::from(i16::MAX)),
            data_type::INT32 => (i128::from(i32::MIN), i128::from(i32::MAX)),
            _ => (i128::from(i64::MIN), i128::from(i64::MAX)),
        };
        // The largest whole number up to the literal, and whether it is the literal. Saturates far outside.
        #[allow(clippy::cast_possible_truncation)]
        let (floor, exact) = match literal {
            Literal::Integer(number) => (*number, true),
            Literal::Float(number) => (number.floor() as i128, number.fract() == 0.0),
            Literal::Text(_) | Literal::Bool(_) => return Piece::Always(false),
        };
        // As bounds that belong to the range.
        let (at_least, at_most) = match comparison {
            Comparison::Equal | Comparison::NotEqual if !exact => return Piece::Always(false),
            Comparison::Equal | Comparison::NotEqual => (floor, floor),
            Comparison::Less => (low, if exact { floor.saturating_sub(1) } else { floor }),
            Comparison::AtMost => (low, floor),
            Comparison::Greater => (floor.saturating_add(1), high),
            Comparison::AtLeast => (if exact { floor } else { floor.saturating_add(1) }, high),
        };
        if at_least > high || at_most < low || at_least > at_most {
            return Piece::Always(false);
        }
        let (at_least, at_most) = (at_least.max(low), at_most.min(high));
        // In the range of `i64` by now.
        let number = |number: i128| integer(i64::try_from(number).unwrap_or(i64::MAX));
        match (at_least == low, at_most == high) {
            (true, true) => Piece::Always(true),
            (true, false) if at_most == i128::from(i64::MIN) => {
                Piece::text(format!("{} < {}", self.name, number(at_most + 1)))
            }
            _ if at_least == at_most => self.sign(Comparison::Equal, &number(at_least)),
            (true, false) => self.sign(Comparison::AtMost, &number(at_most)),
            (false, _) => self.sign(Comparison::AtLeast, &number(at_least)),
        }
    }

    /// Floats of 32 bits are shown as their shortest decimals: 0.1 for what is 0.100000001.
    #[allow(clippy::cast_possible_truncation, clippy::float_cmp)] // compared with what it came from
    fn float(&self, comparison: Comparison, literal: &Literal) -> Result<Piece> {
        let number = self.number(literal)?;
        let short = number as f32;
        // Milvus rounds the literal to 32 bits, Milvus Lite widens the field to 64.
        let exact = shortest(short) == number && (!self.dialect.is_lite() || f64::from(short) == number);
        if !exact || short.is_infinite() {
            let reason = format!("{} has 32 bits, and {literal} is not exact in them", self.name);
            return Err(refused(self.test, reason));
        }
        Ok(self.sign(comparison, &format!("{short:?}")))
    }

    fn double(&self, comparison: Comparison, literal: &Literal) -> Result<Piece> {
        Ok(self.sign(comparison, &format!("{:?}", self.number(literal)?)))
    }

    /// The literal as the number that a float is compared with.
    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)] // compared with what it came from
    fn number(&self, literal: &Literal) -> Result<f64> {
        match literal {
            Literal::Integer(number) if *number as f64 as i128 == *number => Ok(*number as f64),
            Literal::Float(number) => Ok(*number + 0.0),
            _ => Err(self.inexact(literal)),
        }
    }

    fn inexact(&self, literal: &Literal) -> ProviderError {
        refused(self.test, format!("{} holds floats, and {literal} is none", self.name))
    }
}
