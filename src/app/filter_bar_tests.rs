#![allow(clippy::unwrap_used, clippy::panic)]

use rstest::rstest;
use serde_json::json;

use super::*;
use crate::provider::model::RecordId;

fn records() -> Vec<Record> {
    [
        json!({ "year": 2017, "lang": "en", "author": { "name": "Ada" }, "a.b": true }),
        json!({ "year": 2020, "lang": "de", "tags": ["tui", "db"], "author": { "name": "O\"Neill" } }),
    ]
    .into_iter()
    .map(|payload| {
        let Value::Object(payload) = payload else { panic!("no object") };
        Record { id: RecordId::from(1_u64), vectors: None, payload, text: None }
    })
    .collect()
}

fn offered(text: &str) -> Vec<String> {
    let records = records();
    let fields = fields(records.iter());
    let offer = offer(text, text.chars().count(), &fields, |field| values(records.iter(), field));
    offer.map(|offer| offer.words).unwrap_or_default()
}

#[rstest]
#[case("", &["\"a.b\"", "author.name", "lang", "year", "tags", "not", "$text contains"])]
#[case("y", &["year"])]
#[case("year = 2017 and l", &["lang"])]
#[case("not (au", &["author.name"])]
#[case("a", &["\"a.b\"", "author.name"])]
#[case("year b", &["between"])]
#[case("lang = ", &["\"de\"", "\"en\""])]
#[case("lang = \"e", &["\"en\""])]
#[case("lang = e", &["\"en\""])]
#[case("lang in (\"en\", ", &["\"de\"", "\"en\""])]
#[case("tags contains ", &["\"db\"", "\"tui\""])]
#[case("year between 2017 and ", &["2017", "2020"])]
#[case("year between 2017 and 2020 ", &["and", "or"])]
#[case("author.name = ", &["\"Ada\"", "\"O\\\"Neill\""])]
#[case("\"a.b\" = ", &["true"])]
#[case("lang is null o", &["or"])]
#[case("lang = \"en\" and ye", &["year"])]
fn what_fits_is_offered(#[case] text: &str, #[case] words: &[&str]) {
    let mut got = offered(text);
    let mut want: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    got.sort();
    want.sort();
    assert_eq!(got, want, "{text}");
}

#[test]
fn tab_goes_through_what_is_offered_in_the_middle_of_a_text() {
    let records = records();
    let text = "la = 5";
    let mut offer = offer(text, 2, &fields(records.iter()), |_| Vec::new()).unwrap();
    assert_eq!(complete(text, &mut offer), ("lang = 5".to_owned(), 4));
    let text = "lang = x";
    let mut values = super::offer(text, 7, &[], |_| vec!["\"de\"".into(), "\"en\"".into()]).unwrap();
    let (one, cursor) = complete("lang = ", &mut values);
    assert_eq!((one.as_str(), cursor), ("lang = \"de\"", 11));
    let (two, cursor) = complete(&one, &mut values);
    assert_eq!((two.as_str(), cursor), ("lang = \"en\"", 11));
    assert_eq!(complete(&two, &mut values).0, one, "and round again");
}

#[test]
fn what_is_offered_can_be_read() {
    for field in fields(records().iter()) {
        for value in values(records().iter(), &field) {
            assert!(Filter::parse(&format!("{field} = {value}")).is_ok(), "{field} = {value}");
        }
    }
}

#[test]
fn a_fault_is_known_while_typing_and_an_empty_text_is_none() {
    let mut bar = Bar::default();
    bar.look("year >");
    assert_eq!(bar.fault.as_ref().map(|fault| fault.at), Some(6));
    bar.look("year > 5");
    assert_eq!(bar.fault, None);
    bar.look("  ");
    assert_eq!(bar.fault, None);
}
