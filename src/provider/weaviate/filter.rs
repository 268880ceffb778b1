//! Our filter language to Weaviate's `where`. Pure: the class decides what each property can be asked.
//!
//! Seen on a server of 1.39: a missing property is not indexed, so that only `Not` of "is there" finds
//! all objects without it (also those from before the property was made); an empty text counts as
//! missing; `Like` does not look behind a line break, `date` compares moments and `word` compares
//! words, so none of them means what the language says. What needs them is refused.

use super::condition::{Condition, Operand};
use super::schema::{Class, Element, Property};
use super::{PRODUCT, elements};
use crate::provider::filter::{Check, Comparison, Expr, Filter, Literal, Span, Test, no_text, refuse};
use crate::provider::{ProviderError, Result};

/// The way of texts that leaves them whole.
const WHOLE: &str = "field";
/// Every whole number up to here is exact in a 64-bit float, as which Weaviate keeps them.
const EXACT: i128 = 1 << 53;

/// What a filter selects in a class. `negation` tells whether the server has `Not`.
///
/// # Errors
/// [`ProviderError::Unsupported`], with the place, for what Weaviate has no condition for.
pub(super) fn translate(filter: Option<&Filter>, class: &Class, negation: bool) -> Result<Condition> {
    filter.map_or(Ok(Condition::All), |filter| expression(filter.root(), class, negation))
}

fn expression(expr: &Expr, class: &Class, negation: bool) -> Result<Condition> {
    let each = |parts: &[Expr]| parts.iter().map(|part| expression(part, class, negation)).collect::<Result<Vec<_>>>();
    match expr {
        Expr::And(parts) => Ok(Condition::all(each(parts)?)),
        Expr::Or(parts) => Ok(Condition::any(each(parts)?)),
        Expr::Not(inner) => {
            let inner = expression(inner, class, negation)?;
            if !negation && inner.clone().not().negates() {
                return Err(refuse(PRODUCT, first_span(expr), NO_NEGATION));
            }
            Ok(inner.not())
        }
        Expr::Text(test) => Err(no_text(PRODUCT, test)),
        Expr::Test(test) => {
            let condition = of_test(test, class)?;
            if !negation && condition.negates() {
                return Err(refuse(PRODUCT, test.span, NO_NEGATION));
            }
            Ok(condition)
        }
    }
}

const NO_NEGATION: &str = "it can turn no condition round before version 1.33";

fn first_span(expr: &Expr) -> Span {
    match expr {
        Expr::And(parts) | Expr::Or(parts) => parts.first().map(first_span).unwrap_or_default(),
        Expr::Not(inner) => first_span(inner),
        Expr::Test(test) => test.span,
        Expr::Text(test) => test.span,
    }
}

fn of_test(test: &Test, class: &Class) -> Result<Condition> {
    let (first, inner) = match test.path.0.as_slice() {
        [first] => (first, false),
        [first, ..] => (first, true),
        [] => return Ok(Condition::Nothing),
    };
    let Some(property) = class.property(first) else { return Ok(absent(test)) };
    let refused = |reason: String| Err(refuse(PRODUCT, test.span, reason));
    match &property.kind.element {
        Element::Object | Element::Reference(_) | Element::Other(_) if inner => {
            return refused(format!("it cannot look into a property of the type {}", property.kind));
        }
        // A path leads through objects only.
        _ if inner => return Ok(absent(test)),
        Element::Object | Element::Reference(_) => {
            return refused(format!("it has no such condition for a property of the type {}", property.kind));
        }
        Element::Other(kind) if kind != "date" => {
            return refused(format!("it has no such condition for a property of the type {}", property.kind));
        }
        _ => {}
    }
    if !property.filterable {
        return refused(format!("its property {first:?} is not indexed for filters (indexFilterable)"));
    }
    Asked { class, property, test }.condition()
}

/// The test of a field that no object has.
fn absent(test: &Test) -> Condition {
    if matches!(test.check, Check::IsNull | Check::IsMissing) { Condition::All } else { Condition::Nothing }
}

pub(super) struct Asked<'a> {
    class: &'a Class,
    pub(super) property: &'a Property,
    test: &'a Test,
}

impl Asked<'_> {
    fn condition(&self) -> Result<Condition> {
        match &self.test.check {
            Check::Exists => self.exists(),
            Check::IsMissing if self.property.kind.array => {
                Err(self.refuse("it cannot tell an array without elements from a missing one"))
            }
            // It keeps no null.
            Check::IsNull | Check::IsMissing => self.exists().map(Condition::not),
            Check::Contains(Literal::Text(part)) if self.is_text() && !self.property.kind.array => {
                // Every text has an empty part.
                if part.is_empty() {
                    return self.exists();
                }
                Err(self.refuse("its Like does not look behind a line break, so that it would miss texts"))
            }
            Check::Compare(Comparison::Equal, literal) | Check::Contains(literal) => self.equal(literal),
            Check::In(list) => self.one_of(list),
            Check::Compare(Comparison::NotEqual, literal) => self.another(std::slice::from_ref(literal)),
            Check::NotIn(list) => self.another(list),
            Check::Compare(comparison, literal) => self.order(*comparison, literal),
            Check::Between(low, high) => {
                if self.property.kind.array && self.comparable(low) {
                    return self.element_between(low, high);
                }
                let ends = [self.order(Comparison::AtLeast, low)?, self.order(Comparison::AtMost, high)?];
                Ok(Condition::all(ends))
            }
        }
    }

    fn is_text(&self) -> bool {
        self.property.kind.element == Element::Text
    }

    pub(super) fn name(&self) -> &str {
        &self.property.name
    }

    fn exists(&self) -> Result<Condition> {
        if !self.class.knows_null {
            return Err(self.refuse("this class was made without an index of missing values (indexNullState)"));
        }
        let there = Condition::is_null(self.name(), false);
        if self.is_text() && !self.property.kind.array {
            // An empty text is no missing one; cut into words it would be neither.
            self.whole_texts()?;
            return Ok(Condition::any([there, self.same(Operand::Text(String::new()))]));
        }
        Ok(there)
    }

    fn one_of(&self, list: &[Literal]) -> Result<Condition> {
        Ok(Condition::any(list.iter().map(|literal| self.equal(literal)).collect::<Result<Vec<_>>>()?))
    }

    /// A value that is none of these: for an array, an element of it.
    fn another(&self, list: &[Literal]) -> Result<Condition> {
        let equal = self.one_of(list)?;
        if self.property.kind.array && equal != Condition::Nothing {
            return elements::another(self, list);
        }
        Ok(Condition::all([self.exists()?, equal.not()]))
    }

    /// One element in both bounds: where few whole numbers lie there, any of these.
    fn element_between(&self, low: &Literal, high: &Literal) -> Result<Condition> {
        match elements::between(self, low, high)? {
            Some(condition) => Ok(condition),
            None => Err(self.refuse("it would take one element above the lower end and another below the upper")),
        }
    }

    /// A value, or an element, that is equal.
    pub(super) fn equal(&self, literal: &Literal) -> Result<Condition> {
        Ok(match (&self.property.kind.element, literal) {
            (Element::Text, Literal::Text(text)) => {
                self.whole_texts()?;
                self.same(Operand::Text(self.untrimmed(text)?.to_owned()))
            }
            (Element::Boolean, Literal::Bool(flag)) => self.same(Operand::Bool(*flag)),
            (Element::Int, literal) => integer(literal).map_or(Condition::Nothing, |n| self.same(Operand::Int(n))),
            (Element::Number, literal) => float(literal).map_or(Condition::Nothing, |n| self.same(Operand::Number(n))),
            // They are shown in this form, and compared by their value.
            (Element::Uuid, Literal::Text(text)) => match uuid::Uuid::parse_str(text) {
                Ok(id) if id.to_string() == *text => self.same(Operand::Text(text.clone())),
                Ok(_) | Err(_) => Condition::Nothing,
            },
            (Element::Other(_), Literal::Text(_)) => {
                return Err(self.refuse("it compares dates as moments, not the texts in which they are written"));
            }
            _ => Condition::Nothing,
        })
    }

    pub(super) fn order(&self, comparison: Comparison, literal: &Literal) -> Result<Condition> {
        if !self.comparable(literal) {
            return Ok(Condition::Nothing);
        }
        match (&self.property.kind.element, literal) {
            (Element::Text, Literal::Text(text)) => {
                self.whole_texts()?;
                let text = self.untrimmed(text)?;
                Ok(Condition::of(self.name(), operator(comparison), Operand::Text(text.to_owned())))
            }
            (Element::Int, _) => {
                let (comparison, n) = whole_bound(comparison, literal).ok_or_else(|| {
                    self.refuse(format!("it keeps integers as floats, which are not exact for {literal} (from 2^53)"))
                })?;
                Ok(Condition::of(self.name(), operator(comparison), Operand::Int(n)))
            }
            (Element::Number, _) => {
                let (comparison, n) = bound(comparison, literal);
                Ok(Condition::of(self.name(), operator(comparison), Operand::Number(n)))
            }
            _ => Err(self.refuse(format!("its order of {} is not that of their texts", self.property.kind))),
        }
    }

    /// Whether the property has values that come before or after it.
    fn comparable(&self, literal: &Literal) -> bool {
        match self.property.kind.element {
            Element::Int | Element::Number => literal.is_number(),
            Element::Boolean => false,
            _ => matches!(literal, Literal::Text(_)),
        }
    }

    pub(super) fn same(&self, value: Operand) -> Condition {
        Condition::of(self.name(), "Equal", value)
    }

    /// Only texts that were not cut into words can be compared.
    fn whole_texts(&self) -> Result<()> {
        match self.property.tokenization.as_deref() {
            Some(WHOLE) => Ok(()),
            other => {
                let way = other.unwrap_or("word");
                Err(self.refuse(format!(
                    "its property {:?} is cut into words (tokenization {way}), so that it is not compared as a text; \
                     the tokenization {WHOLE} would leave it whole",
                    self.name()
                )))
            }
        }
    }

    /// Weaviate cuts white space off both ends, of what is stored and of what is asked.
    fn untrimmed<'a>(&self, text: &'a str) -> Result<&'a str> {
        if text.trim() == text {
            return Ok(text);
        }
        Err(self.refuse("it does not see white space at the ends of a text"))
    }

    pub(super) fn refuse(&self, reason: impl AsRef<str>) -> ProviderError {
        refuse(PRODUCT, self.test.span, reason)
    }
}

fn operator(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Less => "LessThan",
        Comparison::AtMost => "LessThanEqual",
        Comparison::Greater => "GreaterThan",
        Comparison::AtLeast => "GreaterThanEqual",
        Comparison::Equal => "Equal",
        Comparison::NotEqual => "NotEqual",
    }
}

/// The integer that is equal to the literal and can be stored: whole, and exact as a float.
#[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)]
pub(super) fn integer(literal: &Literal) -> Option<i64> {
    let n = match literal {
        Literal::Integer(n) => *n,
        Literal::Float(f) if f.fract() == 0.0 && f.abs() < 9.2e18 => *f as i128,
        Literal::Float(_) | Literal::Text(_) | Literal::Bool(_) => return None,
    };
    let exact = (n as f64) as i128 == n;
    i64::try_from(n).ok().filter(|_| exact)
}

/// The float that is equal to the literal.
#[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)]
pub(super) fn float(literal: &Literal) -> Option<f64> {
    match literal {
        Literal::Integer(n) => Some(*n as f64).filter(|f| *f as i128 == *n),
        Literal::Float(f) => Some(*f + 0.0),
        Literal::Text(_) | Literal::Bool(_) => None,
    }
}

/// The comparison of whole numbers that means the same; `None` where floats are not exact.
#[allow(clippy::cast_possible_truncation)]
pub(super) fn whole_bound(comparison: Comparison, literal: &Literal) -> Option<(Comparison, i64)> {
    let (comparison, n) = match literal {
        Literal::Integer(n) => (comparison, *n),
        Literal::Float(f) if f.fract() == 0.0 => (comparison, *f as i128),
        // Between two integers: below it is at most the lower one, above it at least the upper.
        Literal::Float(f) => match comparison {
            Comparison::Less | Comparison::AtMost => (Comparison::AtMost, f.floor() as i128),
            _ => (Comparison::AtLeast, f.ceil() as i128),
        },
        Literal::Text(_) | Literal::Bool(_) => return None,
    };
    let n = i64::try_from(n).ok().filter(|n| i128::from(*n).abs() <= EXACT)?;
    Some((comparison, n))
}

/// The comparison of floats that means the same. An integer that is no float lies between two of them;
/// the one that it is rounded to is compared instead.
#[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)]
fn bound(comparison: Comparison, literal: &Literal) -> (Comparison, f64) {
    let n = match literal {
        Literal::Integer(n) => *n,
        Literal::Float(f) => return (comparison, *f + 0.0),
        Literal::Text(_) | Literal::Bool(_) => 0,
    };
    let f = n as f64;
    let comparison = match ((f as i128).cmp(&n), comparison) {
        (std::cmp::Ordering::Less, Comparison::AtLeast) => Comparison::Greater,
        (std::cmp::Ordering::Less, Comparison::Less) => Comparison::AtMost,
        (std::cmp::Ordering::Greater, Comparison::Greater) => Comparison::AtLeast,
        (std::cmp::Ordering::Greater, Comparison::AtMost) => Comparison::Less,
        (_, comparison) => comparison,
    };
    (comparison, f)
}
