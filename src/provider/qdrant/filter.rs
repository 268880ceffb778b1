//! From our filter to Qdrant's, by way of `conditions`.

use qdrant_client::qdrant::{self, Condition, FieldCondition, Match, Range, condition, r#match};

use super::conditions::{Bounds, Leaf, Plan, plan};
use crate::provider::Result;
use crate::provider::filter::Filter;

/// Qdrant's form of the filter.
///
/// # Errors
/// `Unsupported`, with the place, for what Qdrant has no condition for.
pub(super) fn translate(filter: &Filter) -> Result<qdrant::Filter> {
    Ok(of(plan(filter.root(), "Qdrant")?))
}

fn of(plan: Plan) -> qdrant::Filter {
    let all = |plans: Vec<Plan>| plans.into_iter().map(condition).collect();
    match plan {
        Plan::All(plans) => qdrant::Filter { must: all(plans), ..Default::default() },
        Plan::Any(plans) => qdrant::Filter { should: all(plans), ..Default::default() },
        Plan::Not(inner) => qdrant::Filter { must_not: vec![condition(*inner)], ..Default::default() },
        field @ Plan::Field(..) => qdrant::Filter { must: vec![condition(field)], ..Default::default() },
    }
}

fn condition(plan: Plan) -> Condition {
    let one = match plan {
        Plan::Field(key, Leaf::Empty) => condition::ConditionOneOf::IsEmpty(qdrant::IsEmptyCondition { key }),
        Plan::Field(key, Leaf::OneNull) => condition::ConditionOneOf::IsNull(qdrant::IsNullCondition { key }),
        Plan::Field(key, Leaf::HasObject) => {
            condition::ConditionOneOf::Nested(qdrant::NestedCondition { key, filter: Some(qdrant::Filter::default()) })
        }
        Plan::Field(key, leaf) => condition::ConditionOneOf::Field(field(key, leaf)),
        plan => condition::ConditionOneOf::Filter(of(plan)),
    };
    Condition { condition_one_of: Some(one) }
}

fn field(key: String, leaf: Leaf) -> FieldCondition {
    let empty = FieldCondition { key, ..Default::default() };
    let value = match leaf {
        Leaf::Range(Bounds { gt, gte, lt, lte }) => {
            return FieldCondition { range: Some(Range { lt, gt, gte, lte }), ..empty };
        }
        Leaf::OneEmpty => return FieldCondition { is_empty: Some(true), ..empty },
        Leaf::Present => {
            let any = qdrant::ValuesCount { gte: Some(0), ..Default::default() };
            return FieldCondition { values_count: Some(any), ..empty };
        }
        // conditions of their own, made above
        Leaf::Empty | Leaf::OneNull | Leaf::HasObject => return empty,
        Leaf::Texts(strings) => r#match::MatchValue::Keywords(qdrant::RepeatedStrings { strings }),
        Leaf::NoneOf(strings) => r#match::MatchValue::ExceptKeywords(qdrant::RepeatedStrings { strings }),
        Leaf::Integer(n) => r#match::MatchValue::Integer(n),
        Leaf::Bool(flag) => r#match::MatchValue::Boolean(flag),
        Leaf::Substring(text) => r#match::MatchValue::Text(text),
    };
    FieldCondition { r#match: Some(Match { match_value: Some(value) }), ..empty }
}
