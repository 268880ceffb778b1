#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use rstest::rstest;
use serde_json::json;

use super::condition::Condition;
use super::filter::translate;
use super::schema::Class;
use crate::provider::Result;
use crate::provider::filter::Filter;

fn class(knows_null: bool) -> Class {
    let property = |name: &str, kind: &str, tokenization: &str| json!({ "name": name, "dataType": [kind], "tokenization": tokenization });
    Class::read(json!({
        "class": "Books",
        "invertedIndexConfig": { "indexNullState": knows_null },
        "properties": [
            property("t", "text", "field"), property("w", "text", "word"), property("i", "int", ""),
            property("n", "number", ""), property("b", "boolean", ""), property("d", "date", ""),
            property("u", "uuid", ""), property("ta", "text[]", "field"), property("na", "number[]", ""),
            property("ia", "int[]", ""), property("ba", "boolean[]", ""), property("o", "object", ""), property("g", "geoCoordinates", ""),
            { "name": "x", "dataType": ["int"], "indexFilterable": false },
        ],
    }))
    .unwrap()
}

fn of(text: &str) -> Result<Condition> {
    translate(Some(&Filter::parse(text).unwrap()), &class(true), true)
}

#[rstest]
#[case("t = \"a\"", "{path:[\"t\"],operator:Equal,valueText:\"a\"}")]
#[case("i = 5.0", "{path:[\"i\"],operator:Equal,valueInt:5}")]
#[case("i < 5.5", "{path:[\"i\"],operator:LessThanEqual,valueInt:5}")]
#[case("i > -3.5", "{path:[\"i\"],operator:GreaterThanEqual,valueInt:-3}")]
#[case("i >= 5", "{path:[\"i\"],operator:GreaterThanEqual,valueInt:5}")]
#[case("n = 5", "{path:[\"n\"],operator:Equal,valueNumber:5.0}")]
#[case("n = -0.0", "{path:[\"n\"],operator:Equal,valueNumber:0.0}")]
#[case("n > 9007199254740993", "{path:[\"n\"],operator:GreaterThan,valueNumber:9007199254740992.0}")]
#[case("n >= 9007199254740993", "{path:[\"n\"],operator:GreaterThan,valueNumber:9007199254740992.0}")]
#[case("n < 9007199254740993", "{path:[\"n\"],operator:LessThanEqual,valueNumber:9007199254740992.0}")]
#[case("n > 9007199254740995", "{path:[\"n\"],operator:GreaterThanEqual,valueNumber:9007199254740996.0}")]
#[case("b = true", "{path:[\"b\"],operator:Equal,valueBoolean:true}")]
#[case("ta contains \"a\"", "{path:[\"ta\"],operator:Equal,valueText:\"a\"}")]
#[case(
    "ta != \"a\"",
    "{operator:Or,operands:[{path:[\"ta\"],operator:LessThan,valueText:\"a\"},{path:[\"ta\"],operator:GreaterThan,valueText:\"a\"}]}"
)]
#[case("ta != \"\"", "{path:[\"ta\"],operator:GreaterThan,valueText:\"\"}")]
#[case("ba != true", "{path:[\"ba\"],operator:Equal,valueBoolean:false}")]
#[case(
    "ia not in (5, 7.0, \"a\", 5)",
    "{operator:Or,operands:[{path:[\"ia\"],operator:LessThan,valueInt:5},{path:[\"ia\"],operator:GreaterThan,valueInt:7},{path:[\"ia\"],operator:Equal,valueInt:6}]}"
)]
#[case(
    "ia between 4.5 and 6",
    "{operator:Or,operands:[{path:[\"ia\"],operator:Equal,valueInt:5},{path:[\"ia\"],operator:Equal,valueInt:6}]}"
)]
#[case("na between 0.5 and 0.5", "{path:[\"na\"],operator:Equal,valueNumber:0.5}")]
#[case("i exists", "{path:[\"i\"],operator:IsNull,valueBoolean:false}")]
#[case(
    "t contains \"\"",
    "{operator:Or,operands:[{path:[\"t\"],operator:IsNull,valueBoolean:false},{path:[\"t\"],operator:Equal,valueText:\"\"}]}"
)]
#[case("i is null", "{operator:Not,operands:[{path:[\"i\"],operator:IsNull,valueBoolean:false}]}")]
#[case("i is missing", "{operator:Not,operands:[{path:[\"i\"],operator:IsNull,valueBoolean:false}]}")]
#[case("i != \"a\"", "{path:[\"i\"],operator:IsNull,valueBoolean:false}")]
#[case("na != true", "{path:[\"na\"],operator:IsNull,valueBoolean:false}")]
#[case(
    "u = \"550e8400-e29b-41d4-a716-446655440000\"",
    "{path:[\"u\"],operator:Equal,valueText:\"550e8400-e29b-41d4-a716-446655440000\"}"
)]
fn is_asked_as(#[case] filter: &str, #[case] expected: &str) {
    assert_eq!(of(filter).unwrap().to_graphql().unwrap(), expected, "{filter}");
}

#[rstest]
#[case("nobody = 1", Condition::Nothing)]
#[case("nobody is null", Condition::All)]
#[case("nobody is missing", Condition::All)]
#[case("not nobody = 1", Condition::All)]
#[case("t.inner = 1", Condition::Nothing)]
#[case("i = 5.5", Condition::Nothing)]
#[case("i = 9007199254740993", Condition::Nothing)]
#[case("n = 18446744073709551615", Condition::Nothing)]
#[case("t = 5", Condition::Nothing)]
#[case("t < 5", Condition::Nothing)]
#[case("b < 5", Condition::Nothing)]
#[case("ba not in (true, false)", Condition::Nothing)]
#[case("ia between 6 and 5", Condition::Nothing)]
#[case("na between \"a\" and \"b\"", Condition::Nothing)]
#[case("u = \"550E8400-e29b-41d4-a716-446655440000\"", Condition::Nothing)]
fn needs_no_question(#[case] filter: &str, #[case] expected: Condition) {
    assert_eq!(of(filter).unwrap(), expected, "{filter}");
}

#[rstest]
#[case("w = \"a\"", "tokenization word")]
#[case("w exists", "tokenization word")]
#[case("t = \" a\"", "white space")]
#[case("t contains \"a\"", "line break")]
#[case("ta not in (\"a\", \"b\")", "another element")]
#[case("na not in (1, 2)", "another element")]
#[case("ia not in (1, 100)", "another element")]
#[case("ia between 1 and 100", "one element above")]
#[case("ta is missing", "without elements")]
#[case("$text contains \"a\"", "no text apart")]
#[case("na between 1 and 2", "one element above")]
#[case("d = \"2017-01-01T00:00:00Z\"", "moments")]
#[case("d < \"2017\"", "order of date")]
#[case("o.name = 1", "look into")]
#[case("o exists", "type object")]
#[case("g exists", "geoCoordinates")]
#[case("x = 1", "indexFilterable")]
#[case("i < 9007199254740993", "2^53")]
fn is_refused(#[case] filter: &str, #[case] reason: &str) {
    let error = of(filter).unwrap_err().to_string();
    assert!(error.contains(reason) && error.contains("characters 1 to"), "{filter}: {error}");
}

#[test]
fn missing_values_and_negations_depend_on_class_and_version() {
    let ask = |text: &str, null, negation| translate(Some(&Filter::parse(text).unwrap()), &class(null), negation);
    assert!(ask("i exists", false, true).unwrap_err().to_string().contains("indexNullState"));
    assert!(ask("i != 5", false, true).is_err());
    assert!(ask("not i = 5", true, false).unwrap_err().to_string().contains("1.33"));
    assert!(ask("i is null", true, false).unwrap_err().to_string().contains("1.33"));
    assert!(ask("not nobody = 5", true, false).is_ok());
    assert!(ask("i = 5", false, false).is_ok());
}
