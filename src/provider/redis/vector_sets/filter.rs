//! Our filter language to expressions of `VSIM FILTER`.
//!
//! Such an expression knows no kinds (`true` is 1, a text that reads as a number is that number, any
//! other text and every array is 0), and is false as a whole where one of its fields is missing. So it
//! never says exactly what our filter says. What is made here selects everything that the filter selects
//! and some more; the attributes of those are then compared by the rules of all makers. Where even that
//! cannot be had, the filter is refused: above all, a field whose value is an object or an array with an
//! object in it counts as missing, which nobody can see from outside. Therefore everything is refused
//! unless the profile says that attributes are flat.

use super::super::PRODUCT;
use crate::provider::Result;
use crate::provider::filter::{Check, Comparison, Expr, Filter, Literal, Path, Span, Test, no_text, refuse};

/// Longest number that is written; the server's buffer has 255 characters.
const LONGEST_NUMBER: usize = 200;

/// The expression whose elements include all those that the filter selects.
///
/// # Errors
/// `FilterRefused`, with the place, for what has no such expression.
pub(super) fn candidates(filter: &Filter, flat: bool) -> Result<String> {
    Writer { flat }.expression(filter.root())
}

struct Writer {
    flat: bool,
}

impl Writer {
    fn expression(&self, expr: &Expr) -> Result<String> {
        match expr {
            Expr::And(parts) => self.joined(parts, " and "),
            Expr::Or(parts) => {
                let first = parts.first().and_then(only_field);
                if first.is_none() || parts.iter().any(|part| only_field(part) != first) {
                    let why = "an element that lacks one of the fields of an `or` is left out by Redis, even if \
                               another one satisfies it";
                    return Err(refuse(PRODUCT, span(expr), why));
                }
                self.joined(parts, " or ")
            }
            Expr::Not(_) => {
                let why = "an element that lacks the field satisfies a negation, and is left out by Redis";
                Err(refuse(PRODUCT, span(expr), why))
            }
            Expr::Test(test) => self.test(test),
            Expr::Text(test) => Err(no_text(PRODUCT, test)),
        }
    }

    fn joined(&self, parts: &[Expr], word: &str) -> Result<String> {
        let parts = parts.iter().map(|part| self.expression(part)).collect::<Result<Vec<_>>>()?;
        Ok(format!("({})", parts.join(word)))
    }

    fn test(&self, test: &Test) -> Result<String> {
        let no = |why: &str| Err(refuse(PRODUCT, test.span, why));
        if !self.flat {
            return no("VSIM FILTER takes a field with an object in its value for missing; if no attributes have \
                       objects, say so with the option attributes=flat");
        }
        let [field] = test.path.0.as_slice() else {
            return no("VSIM FILTER reads the outermost fields of attributes only");
        };
        if !is_selector(field) {
            return no("VSIM FILTER has fields of letters, digits, _ and - only");
        }
        let there = format!("(.{field} or 1)");
        match &test.check {
            Check::Compare(Comparison::Equal, literal) => self.equal(field, literal, test.span),
            // Nearly all are selected anyway.
            Check::Compare(Comparison::NotEqual, _) | Check::NotIn(_) | Check::Exists => Ok(there),
            Check::Compare(comparison, literal) => {
                let n = number(literal, test.span)?;
                // Arrays are 0.
                Ok(format!("(.{field} {} {n} or .{field} == 0)", comparison.sign()))
            }
            Check::Between(low, high) => {
                let (low, high) = (number(low, test.span)?, number(high, test.span)?);
                Ok(format!("((.{field} >= {low} and .{field} <= {high}) or .{field} == 0)"))
            }
            Check::In(list) => {
                let each = list.iter().map(|literal| self.equal(field, literal, test.span));
                Ok(format!("({})", each.collect::<Result<Vec<_>>>()?.join(" or ")))
            }
            // Also a part of a text.
            Check::Contains(literal) => self.equal(field, literal, test.span),
            Check::IsNull | Check::IsMissing => no("Redis leaves out what lacks a field that is asked for"),
        }
    }

    /// The value, or an element of an array; `in` finds parts of texts, too.
    fn equal(&self, field: &str, literal: &Literal, span: Span) -> Result<String> {
        let value = match literal {
            Literal::Text(text) => quoted(text).ok_or_else(|| {
                let why = "JSON may write some characters of this text in another way, which VSIM FILTER does not \
                           know to be the same";
                refuse(PRODUCT, span, why)
            })?,
            Literal::Bool(true) => "1".to_owned(),
            Literal::Bool(false) => "0".to_owned(),
            literal => number(literal, span)?,
        };
        Ok(format!("(.{field} == {value} or {value} in .{field})"))
    }
}

/// The field that all tests of an expression are about.
fn only_field(expr: &Expr) -> Option<&Path> {
    match expr {
        Expr::Test(test) => Some(&test.path),
        Expr::And(parts) | Expr::Or(parts) => {
            let first = parts.first().and_then(only_field)?;
            parts.iter().all(|part| only_field(part) == Some(first)).then_some(first)
        }
        Expr::Not(_) | Expr::Text(_) => None,
    }
}

/// Where an expression stands.
fn span(expr: &Expr) -> Span {
    match expr {
        Expr::And(parts) | Expr::Or(parts) => {
            let start = parts.first().map(span).unwrap_or_default().start;
            Span { start, end: parts.last().map(span).unwrap_or_default().end }
        }
        Expr::Not(inner) => span(inner),
        Expr::Test(test) => test.span,
        Expr::Text(test) => test.span,
    }
}

fn is_selector(field: &str) -> bool {
    field.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && field.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

/// A number without an exponent, whose sign the server would take for a minus.
fn number(literal: &Literal, span: Span) -> Result<String> {
    if matches!(literal, Literal::Text(_)) {
        return Err(refuse(PRODUCT, span, "VSIM FILTER has no order of texts"));
    }
    let value = literal.exact_f64().map(|value| value.to_string()).filter(|text| text.len() <= LONGEST_NUMBER);
    value.ok_or_else(|| refuse(PRODUCT, span, "VSIM FILTER compares 64-bit floats: numbers are exact to 2^53"))
}

/// A text of characters that no JSON writer escapes, in quotes.
fn quoted(text: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || " _-.,:;/@#%*()[]{}!?$^~|".contains(c);
    text.chars().all(plain).then(|| format!("\"{text}\""))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use rstest::rstest;

    use super::*;
    use crate::provider::ProviderError;

    #[rstest]
    #[case("x = 5", "(.x == 5 or 5 in .x)")]
    #[case("x = -0.00001", "(.x == -0.00001 or -0.00001 in .x)")]
    #[case("x = \"a b\"", "(.x == \"a b\" or \"a b\" in .x)")]
    #[case("x = true", "(.x == 1 or 1 in .x)")]
    #[case("x != 5", "(.x or 1)")]
    #[case("x not in (1)", "(.x or 1)")]
    #[case("x exists", "(.x or 1)")]
    #[case("x >= 5", "(.x >= 5 or .x == 0)")]
    #[case("x between 1 and 2.5", "((.x >= 1 and .x <= 2.5) or .x == 0)")]
    #[case("x in (1, \"a\")", "((.x == 1 or 1 in .x) or (.x == \"a\" or \"a\" in .x))")]
    #[case("x = 1 and y = 2", "((.x == 1 or 1 in .x) and (.y == 2 or 2 in .y))")]
    #[case("x = 1 or x = 2", "((.x == 1 or 1 in .x) or (.x == 2 or 2 in .x))")]
    fn what_includes_all_is_written(#[case] filter: &str, #[case] due: &str) {
        assert_eq!(candidates(&Filter::parse(filter).unwrap(), true).unwrap(), due);
    }

    #[rstest]
    #[case("x = 1 or y = 2", 0, "lacks one of the fields")]
    #[case("a = 1 and not x = 1", 14, "negation")]
    #[case("x is null", 0, "lacks a field")]
    #[case("x is missing", 0, "lacks a field")]
    #[case("a = 1 and x.y = 1", 10, "outermost")]
    #[case("\"ä\" = 1", 0, "letters")]
    #[case("x < \"a\"", 0, "order of texts")]
    #[case("x = 9007199254740993", 0, "2^53")]
    #[case("x = \"ä\"", 0, "another way")]
    #[case("x = \"a<b\"", 0, "another way")]
    #[case("x < 1e-300", 0, "floats")]
    #[case("$text contains \"a\"", 0, "no text")]
    fn what_could_leave_out_records_is_refused_with_its_place(
        #[case] filter: &str,
        #[case] at: usize,
        #[case] why: &str,
    ) {
        match candidates(&Filter::parse(filter).unwrap(), true) {
            Err(ProviderError::FilterRefused { span, reason, .. }) => {
                assert_eq!(span.start, at, "{filter}");
                assert!(reason.contains(why), "{filter}: {reason}");
            }
            other => panic!("{filter}: {other:?}"),
        }
    }

    #[test]
    fn nothing_is_taken_while_attributes_may_have_objects() {
        let refused = candidates(&Filter::parse("x = 1").unwrap(), false).unwrap_err();
        assert!(refused.to_string().contains("attributes=flat"), "{refused}");
    }
}
