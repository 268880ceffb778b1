//! Queries in Weaviate's GraphQL, as text, and what their answers say. Only what REST has not is asked
//! this way, and never a payload: whole numbers beyond 32 bits arrive as `null`.

use serde_json::Value;
use uuid::Uuid;

use super::condition::Condition;
use crate::provider::model::Vector;

/// A string of GraphQL. Its escapes are those of JSON.
pub(super) fn string(text: &str) -> String {
    Value::from(text).to_string()
}

/// The arguments of a query about a class: `(a:1,b:2)`, or nothing.
fn arguments(parts: &[String]) -> String {
    if parts.is_empty() { String::new() } else { format!("({})", parts.join(",")) }
}

fn tenant(tenant: Option<&str>) -> Option<String> {
    tenant.map(|name| format!("tenant:{}", string(name)))
}

fn selection(condition: &Condition) -> Option<String> {
    condition.to_graphql().map(|text| format!("where:{text}"))
}

/// How many objects a condition selects.
pub(super) fn count(class: &str, of: Option<&str>, condition: &Condition) -> String {
    let parts: Vec<_> = tenant(of).into_iter().chain(selection(condition)).collect();
    format!("{{Aggregate{{{class}{}{{meta{{count}}}}}}}}", arguments(&parts))
}

/// The ids behind `after`, in order, of objects that a condition selects.
///
/// The comparison of ids stands in every page, also the first: with a single condition Weaviate
/// 1.39 stops at the limit *before* it sorts, and gives any of the ids; inside an `And` it does not.
pub(super) fn ids(class: &str, of: Option<&str>, condition: &Condition, after: Option<Uuid>, limit: usize) -> String {
    let (operator, id) = match after {
        Some(after) => ("GreaterThan", after),
        None => ("GreaterThanEqual", Uuid::nil()),
    };
    let behind = format!("{{path:[\"id\"],operator:{operator},valueText:\"{id}\"}}");
    let both = match condition.to_graphql() {
        Some(text) => format!("{{operator:And,operands:[{text},{behind}]}}"),
        None => behind,
    };
    let mut parts: Vec<_> = tenant(of).into_iter().collect();
    parts.extend([format!("where:{both}"), format!("limit:{limit}"), "sort:[{path:[\"_id\"],order:asc}]".to_owned()]);
    format!("{{Get{{{class}{}{{_additional{{id}}}}}}}}", arguments(&parts))
}

/// The nearest objects: ids and distances. `name` is the vector's, empty for the unnamed one.
pub(super) fn near(
    class: &str,
    of: Option<&str>,
    condition: &Condition,
    name: &str,
    vector: &Vector,
    limit: usize,
) -> String {
    let numbers = vector.to_json();
    let target = if name.is_empty() { String::new() } else { format!(",targetVectors:[{}]", string(name)) };
    let mut parts: Vec<_> = tenant(of).into_iter().chain(selection(condition)).collect();
    parts.extend([format!("nearVector:{{vector:{numbers}{target}}}"), format!("limit:{limit}")]);
    format!("{{Get{{{class}{}{{_additional{{id distance}}}}}}}}", arguments(&parts))
}

/// The server's words, if the answer is (also) an error.
pub(super) fn error(answer: &Value) -> Option<String> {
    let errors = answer.get("errors")?.as_array().filter(|errors| !errors.is_empty())?;
    let said: Vec<_> = errors.iter().filter_map(|error| error.get("message").and_then(Value::as_str)).collect();
    Some(if said.is_empty() { "an error without words".to_owned() } else { said.join("; ") })
}

/// The count in the answer to [`count`].
pub(super) fn read_count(data: &Value, class: &str) -> Option<u64> {
    data.get("Aggregate")?.get(class)?.get(0)?.get("meta")?.get("count")?.as_u64()
}

/// Ids, and distances where they were asked for.
pub(super) fn read_ids(data: &Value, class: &str) -> Option<Vec<(Uuid, Option<f64>)>> {
    let list = data.get("Get")?.get(class)?.as_array()?;
    let one = |object: &Value| {
        let extra = object.get("_additional")?;
        let id = Uuid::parse_str(extra.get("id")?.as_str()?).ok()?;
        Some((id, extra.get("distance").and_then(Value::as_f64)))
    };
    list.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use serde_json::json;

    use super::*;

    #[test]
    fn texts_cannot_leave_their_quotes() {
        assert_eq!(string("a\"b\\c\nd\u{1}"), r#""a\"b\\c\nd\u0001""#);
    }

    #[test]
    fn each_page_of_ids_is_held_together_with_a_comparison_of_ids() {
        let condition = Condition::is_null("n", false);
        let first = ids("Books", Some("t1"), &condition, None, 3);
        assert!(first.contains("operator:And") && first.contains("GreaterThanEqual"), "{first}");
        assert!(first.contains("tenant:\"t1\"") && first.contains("limit:3"), "{first}");
        let next = ids("Books", None, &Condition::All, Some(Uuid::max()), 3);
        assert!(next.contains("operator:GreaterThan,valueText:\"ffffffff-"), "{next}");
    }

    #[test]
    fn a_vector_is_written_as_f32_and_an_error_is_found_beside_data() {
        let query = near("Books", None, &Condition::All, "title", &Vector::Dense(vec![0.1, -2.0]), 5);
        assert!(query.contains("vector:[0.1,-2.0],targetVectors:[\"title\"]"), "{query}");
        let answer =
            json!({ "data": { "Get": { "Books": null } }, "errors": [{ "message": "no" }, { "message": "way" }] });
        assert_eq!(error(&answer).unwrap(), "no; way");
        assert_eq!(error(&json!({ "data": {} })), None);
        assert_eq!(read_ids(&answer["data"], "Books"), None);
    }
}
