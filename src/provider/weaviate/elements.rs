//! Tests that one element of an array satisfies, and another one may not. Pure.
//!
//! A condition of Weaviate holds for an array if any element satisfies it, and `Not` turns the whole
//! round. "An element that is not 5" is therefore "one below 5 or one above 5"; two bounds that the same
//! element has to keep are asked only where the whole numbers between them can be named.

use super::condition::{Condition, Operand};
use super::filter::{Asked, float, integer, whole_bound};
use super::schema::Element;
use crate::provider::Result;
use crate::provider::filter::{Comparison, Literal};

/// The most whole numbers that are named one by one.
const NAMED: i64 = 16;

/// An element that is none of these; one of them at least is of the kind of the elements.
pub(super) fn another(asked: &Asked<'_>, list: &[Literal]) -> Result<Condition> {
    match asked.property.kind.element {
        Element::Boolean => {
            let others = [true, false].into_iter().filter(|flag| !list.contains(&Literal::Bool(*flag)));
            Ok(Condition::any(others.map(|flag| asked.same(Operand::Bool(flag)))))
        }
        Element::Int => whole_numbers(asked, list),
        Element::Number => {
            let mut numbers: Vec<f64> = list.iter().filter_map(float).collect();
            numbers.sort_by(f64::total_cmp);
            numbers.dedup();
            match numbers.as_slice() {
                [only] => beside(asked, &Literal::Float(*only)),
                _ => Err(several(asked)),
            }
        }
        Element::Text => {
            let mut texts: Vec<&Literal> = list.iter().filter(|literal| matches!(literal, Literal::Text(_))).collect();
            texts.dedup();
            match texts.as_slice() {
                [only] => beside(asked, only),
                _ => Err(several(asked)),
            }
        }
        Element::Uuid | Element::Object | Element::Reference(_) | Element::Other(_) => Err(several(asked)),
    }
}

/// Below or above.
fn beside(asked: &Asked<'_>, literal: &Literal) -> Result<Condition> {
    let above = asked.order(Comparison::Greater, literal)?;
    // Nothing comes before the empty text.
    if *literal == Literal::Text(String::new()) {
        return Ok(above);
    }
    Ok(Condition::any([asked.order(Comparison::Less, literal)?, above]))
}

fn several(asked: &Asked<'_>) -> crate::provider::ProviderError {
    asked.refuse("it cannot ask for another element of an array; turn the whole test round, `not field in (...)`")
}

fn whole_numbers(asked: &Asked<'_>, list: &[Literal]) -> Result<Condition> {
    let mut numbers: Vec<i64> = list.iter().filter_map(integer).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let (Some(first), Some(last)) = (numbers.first(), numbers.last()) else { return Err(several(asked)) };
    let bound = |number: i64| Literal::Integer(number.into());
    let mut parts =
        vec![asked.order(Comparison::Less, &bound(*first))?, asked.order(Comparison::Greater, &bound(*last))?];
    for pair in numbers.windows(2) {
        match named(pair[0] + 1, pair[1] - 1) {
            Some(between) => parts.extend(between.map(|number| asked.same(Operand::Int(number)))),
            None => return Err(several(asked)),
        }
    }
    Ok(Condition::any(parts))
}

/// The whole numbers from one to the other, if they are few.
fn named(low: i64, high: i64) -> Option<std::ops::RangeInclusive<i64>> {
    (high.saturating_sub(low) < NAMED).then_some(low..=high)
}

/// One element in both bounds; `None` where that cannot be asked.
pub(super) fn between(asked: &Asked<'_>, low: &Literal, high: &Literal) -> Result<Option<Condition>> {
    if asked.property.kind.element == Element::Int {
        let bounds = (whole_bound(Comparison::AtLeast, low), whole_bound(Comparison::AtMost, high));
        let ((_, low), (_, high)) = match bounds {
            (Some(low), Some(high)) => (low, high),
            _ => return Ok(None),
        };
        return Ok(named(low, high).map(|all| Condition::any(all.map(|number| asked.same(Operand::Int(number))))));
    }
    if low == high {
        return asked.equal(low).map(Some);
    }
    Ok(None)
}
