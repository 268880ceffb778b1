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

/// What is searched. `field` is a vector's name, empty for the unnamed one.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Search {
    /// The nearest to a vector.
    NearVector { field: String, vector: Vector },
    /// The nearest to a text.
    NearText { field: String, text: String },
    /// Words.
    Bm25 { text: String },
    /// Words, and the nearest to the text or to a vector.
    Hybrid { field: String, text: String, alpha: f32, vector: Option<Vector> },
}

impl Search {
    /// The argument of the query, and what is to be read of each object.
    fn argument(&self) -> (String, &'static str) {
        let target = |field: &str| {
            if field.is_empty() { String::new() } else { format!(",targetVectors:[{}]", string(field)) }
        };
        match self {
            Self::NearVector { field, vector } => {
                (format!("nearVector:{{vector:{}{}}}", vector.to_json(), target(field)), "distance")
            }
            Self::NearText { field, text } => {
                (format!("nearText:{{concepts:[{}]{}}}", string(text), target(field)), "distance")
            }
            Self::Bm25 { text } => (format!("bm25:{{query:{}}}", string(text)), "score"),
            Self::Hybrid { field, text, alpha, vector } => {
                let vector = vector.as_ref().map(|vector| format!(",vector:{}", vector.to_json())).unwrap_or_default();
                let words = string(text);
                let mixed = format!("query:{words},alpha:{alpha},fusionType:relativeScoreFusion");
                (format!("hybrid:{{{mixed}{vector}{}}}", target(field)), "score")
            }
        }
    }
}

/// The best objects: ids with distances or scores.
pub(super) fn search(class: &str, of: Option<&str>, condition: &Condition, search: &Search, limit: usize) -> String {
    let (argument, number) = search.argument();
    let mut parts: Vec<_> = tenant(of).into_iter().chain(selection(condition)).collect();
    parts.extend([argument, format!("limit:{limit}")]);
    format!("{{Get{{{class}{}{{_additional{{id {number}}}}}}}}}", arguments(&parts))
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

/// Ids, and distances or scores where they were asked for. Scores are written as text.
pub(super) fn read_ids(data: &Value, class: &str) -> Option<Vec<(Uuid, Option<f64>)>> {
    let list = data.get("Get")?.get(class)?.as_array()?;
    let one = |object: &Value| {
        let extra = object.get("_additional")?;
        let id = Uuid::parse_str(extra.get("id")?.as_str()?).ok()?;
        let score = || extra.get("score").and_then(Value::as_str).and_then(|score| score.parse().ok());
        Some((id, extra.get("distance").and_then(Value::as_f64).or_else(score)))
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
        let near = Search::NearVector { field: "title".to_owned(), vector: Vector::Dense(vec![0.1, -2.0]) };
        let query = search("Books", None, &Condition::All, &near, 5);
        assert!(query.contains("vector:[0.1,-2.0],targetVectors:[\"title\"]"), "{query}");
        let answer =
            json!({ "data": { "Get": { "Books": null } }, "errors": [{ "message": "no" }, { "message": "way" }] });
        assert_eq!(error(&answer).unwrap(), "no; way");
        assert_eq!(error(&json!({ "data": {} })), None);
        assert_eq!(read_ids(&answer["data"], "Books"), None);
    }

    #[test]
    fn texts_are_searched_with_their_own_arguments_and_scores_are_read() {
        let of = |search: &Search| super::search("Books", None, &Condition::All, search, 2);
        let text = || "a \"b\"".to_owned();
        assert_eq!(
            of(&Search::Bm25 { text: text() }),
            r#"{Get{Books(bm25:{query:"a \"b\""},limit:2){_additional{id score}}}}"#
        );
        let near = of(&Search::NearText { text: text(), field: "t".to_owned() });
        assert!(near.contains(r#"nearText:{concepts:["a \"b\""],targetVectors:["t"]}"#), "{near}");
        let vector = Some(Vector::Dense(vec![0.5]));
        let hybrid = of(&Search::Hybrid { text: text(), field: String::new(), alpha: 0.3, vector });
        assert!(hybrid.contains("alpha:0.3,fusionType:relativeScoreFusion,vector:[0.5]}"), "{hybrid}");
        let data =
            json!({ "Get": { "Books": [{ "_additional": { "id": Uuid::nil().to_string(), "score": "0.25" } }] } });
        assert_eq!(read_ids(&data, "Books").unwrap(), [(Uuid::nil(), Some(0.25))]);
    }
}
