//! The filter language, brought into the conditions that qdrant-edge evaluates.
//!
//! Called by `read` for pages, counts and searches. What the conditions are is decided in
//! `qdrant::conditions`; here they get the engine's types. A filter that cannot be translated is
//! refused; it is never dropped, because a question without its filter has another answer.

use qdrant_edge::external::ordered_float::OrderedFloat;
use qdrant_edge::{
    AnyVariants, Condition, FieldCondition, IsEmptyCondition, IsNullCondition, JsonPath, Match, Nested,
    NestedCondition, Range, ValueVariants, ValuesCount,
};

use crate::provider::filter::Filter;
use crate::provider::qdrant::conditions::{Leaf, Plan, plan};
use crate::provider::{ProviderError, Result};

/// The engine's form of a filter.
///
/// # Errors
/// [`ProviderError::Unsupported`], with the place, for what the engine has no condition for.
pub(super) fn translate(filter: &Filter) -> Result<qdrant_edge::Filter> {
    of(plan(filter.root(), super::PRODUCT)?)
}

/// [`translate`] for a filter that may be absent.
pub(super) fn translate_optional(filter: Option<&Filter>) -> Result<Option<qdrant_edge::Filter>> {
    filter.map(translate).transpose()
}

fn of(plan: Plan) -> Result<qdrant_edge::Filter> {
    let (mut must, mut should, mut must_not) = (None, None, None);
    match plan {
        Plan::All(plans) => must = Some(conditions(plans)?),
        Plan::Any(plans) => should = Some(conditions(plans)?),
        Plan::Not(inner) => must_not = Some(vec![condition(*inner)?]),
        field @ Plan::Field(..) => must = Some(vec![condition(field)?]),
    }
    Ok(qdrant_edge::Filter { must, should, must_not, min_should: None })
}

fn conditions(plans: Vec<Plan>) -> Result<Vec<Condition>> {
    plans.into_iter().map(condition).collect()
}

fn condition(plan: Plan) -> Result<Condition> {
    let (key, leaf) = match plan {
        Plan::Field(key, leaf) => (path(&key)?, leaf),
        plan => return of(plan).map(Condition::Filter),
    };
    let value = match leaf {
        Leaf::Empty => return Ok(Condition::IsEmpty(IsEmptyCondition::from(key))),
        Leaf::OneNull => return Ok(Condition::IsNull(IsNullCondition::from(key))),
        Leaf::OneEmpty => return Ok(Condition::Field(FieldCondition::new_is_empty(key, true))),
        Leaf::HasObject => {
            let any = qdrant_edge::Filter { must: None, should: None, must_not: None, min_should: None };
            return Ok(Condition::Nested(NestedCondition::new(Nested { key, filter: any })));
        }
        Leaf::Present => {
            let any = ValuesCount { lt: None, gt: None, gte: Some(0), lte: None };
            return Ok(Condition::Field(FieldCondition::new_values_count(key, any)));
        }
        Leaf::Range(bounds) => {
            let [gt, gte, lt, lte] = [bounds.gt, bounds.gte, bounds.lt, bounds.lte].map(|b| b.map(OrderedFloat));
            return Ok(Condition::Field(FieldCondition::new_range(key, Range { lt, gt, gte, lte })));
        }
        Leaf::Texts(texts) => Match::new_any(AnyVariants::Strings(texts.into_iter().collect())),
        Leaf::NoneOf(texts) => Match::new_except(AnyVariants::Strings(texts.into_iter().collect())),
        Leaf::Integer(n) => Match::new_value(ValueVariants::Integer(n)),
        Leaf::Bool(flag) => Match::new_value(ValueVariants::Bool(flag)),
        Leaf::Substring(text) => Match::new_text(&text),
    };
    Ok(Condition::Field(FieldCondition::new_match(key, value)))
}

fn path(key: &str) -> Result<JsonPath> {
    key.parse().map_err(|()| ProviderError::Unsupported {
        product: super::PRODUCT,
        reason: format!("it does not read the path {key}"),
    })
}
