#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;
use rstest::rstest;

use super::{Check, Comparison, Expr, Filter, Literal, Path, Span, Test, TextTest};

fn test(path: &[&str], check: Check) -> Expr {
    let path = Path(path.iter().map(|part| (*part).to_owned()).collect());
    Expr::Test(Test { path, check, span: Span::default() })
}

fn equal(field: &str, value: i128) -> Expr {
    test(&[field], Check::Compare(Comparison::Equal, Literal::Integer(value)))
}

fn read(text: &str) -> Expr {
    Filter::parse(text).unwrap_or_else(|error| panic!("{text}: {error}")).root
}

#[test]
fn and_binds_stronger_than_or_and_not_strongest() {
    let tree = Expr::Or(vec![equal("a", 1), Expr::And(vec![Expr::Not(Box::new(equal("b", 2))), equal("c", 3)])]);
    assert_eq!(read("a=1 or not b=2 AND c=3"), tree);
    assert_ne!(read("(a=1 or not b=2) and c=3"), tree);
    assert_eq!(read("not (a=1 and b=2)"), Expr::Not(Box::new(Expr::And(vec![equal("a", 1), equal("b", 2)]))));
    assert_eq!(read("not not a=1"), Expr::Not(Box::new(Expr::Not(Box::new(equal("a", 1))))));
}

#[test]
fn every_question_is_read() {
    let text = |text: &str| Literal::Text(text.to_owned());
    for (written, check) in [
        ("x != 'a\\'b'", Check::Compare(Comparison::NotEqual, text("a'b"))),
        ("x <= -1.5e3", Check::Compare(Comparison::AtMost, Literal::Float(-1500.0))),
        ("x > 18446744073709551615", Check::Compare(Comparison::Greater, Literal::Integer(u64::MAX.into()))),
        ("x=-9223372036854775808", Check::Compare(Comparison::Equal, Literal::Integer(i64::MIN.into()))),
        ("x = TRUE", Check::Compare(Comparison::Equal, Literal::Bool(true))),
        ("x In ( 1 , \"a\\u{e9}\\n\" )", Check::In(vec![Literal::Integer(1), text("aé\n")])),
        ("x NOT IN (1.0)", Check::NotIn(vec![Literal::Float(1.0)])),
        ("x between 1 and 2.5", Check::Between(Literal::Integer(1), Literal::Float(2.5))),
        ("x contains ''", Check::Contains(text(""))),
        ("x exists", Check::Exists),
        ("x is not null", Check::Exists),
        ("x Is Null", Check::IsNull),
        ("x IS MISSING", Check::IsMissing),
        ("x", Check::Compare(Comparison::Equal, Literal::Bool(true))),
    ] {
        assert_eq!(read(written), test(&["x"], check), "{written}");
    }
}

#[test]
fn a_field_alone_asks_for_true() {
    let holds = |field: &str| test(&[field], Check::Compare(Comparison::Equal, Literal::Bool(true)));
    let tree = Expr::And(vec![equal("a", 1), Expr::Not(Box::new(holds("archived")))]);
    assert_eq!(read("a=1 and not archived"), tree);
    assert_eq!(read("(\"missing\" ) or missing"), Expr::Or(vec![holds("missing"), holds("missing")]));
    assert_eq!(read("x is not missing"), Expr::Not(Box::new(test(&["x"], Check::IsMissing))));
}

#[test]
fn the_text_of_the_record_is_asked_for_parts() {
    let text = |part: &str| Expr::Text(TextTest { part: part.to_owned(), span: Span::default() });
    let tree = Expr::And(vec![text("a\"b"), Expr::Not(Box::new(text("")))]);
    assert_eq!(read("$text contains 'a\"b' and not $TEXT contains ''"), tree);
    assert_eq!(read("\"$text\" exists"), test(&["$text"], Check::Exists));
}

#[test]
fn paths_are_words_or_quoted() {
    let exists = |path: &[&str]| test(path, Check::Exists);
    assert_eq!(read("author.name exists"), exists(&["author", "name"]));
    assert_eq!(read("\"a.b\".'c \"d\"' exists"), exists(&["a.b", "c \"d\""]));
    assert_eq!(read("'in' exists"), exists(&["in"]));
    assert_eq!(read("a.in exists"), exists(&["a", "in"]));
    assert_eq!(read("Schlüssel_鍵-1 exists"), exists(&["Schlüssel_鍵-1"]));
    assert_eq!(read("'' exists"), exists(&[""]));
}

#[rstest]
#[case("", 0, "expected the name of a field, `not` or `(`, found the end.")]
#[case("   ", 3, "expected the name of a field, `not` or `(`, found the end.")]
#[case(
    "x y",
    2,
    "expected what to ask of the field: `=`, `!=`, `<`, `<=`, `>`, `>=`, `in`, `not in`, `between`, `contains`, `exists`, `is null`, `is not null` or `is missing`, found \"y\"."
)]
#[case("$txt contains 'a'", 0, "expected `$text`, the record's own text; a key that begins with $ stands in quotes.")]
#[case("$text = 'a'", 6, "expected `contains` and a text: nothing else can be asked of `$text`, found \"=\".")]
#[case("$text contains 5", 15, "expected a text in quotes.")]
#[case("x = ", 4, "expected a value: a text in quotes, a number, true or false, found the end.")]
#[case("é = 1 x", 6, "expected `and`, `or` or the end, found \"x\".")]
#[case("lang = en", 7, "expected a value; a text stands in quotes: \"en\".")]
#[case("x = null", 4, "nothing is equal to null: write `is null` or `is not null`.")]
#[case("x < true", 4, "expected a number or a text: true and false have no order.")]
#[case("x between 1 and 'a'", 16, "expected both ends to be numbers, or both texts.")]
#[case("x between 1 or 2", 12, "expected `and` between the two ends, found \"or\".")]
#[case("x in ()", 6, "expected a value: a text in quotes, a number, true or false, found \")\".")]
#[case("x in (1", 7, "expected `,` or `)`, found the end.")]
#[case("x in 1", 5, "expected `(` and a list of values, found \"1\".")]
#[case("(x = 1", 6, "expected `and`, `or` or `)`, found the end.")]
#[case("x = 1)", 5, "expected `and`, `or` or the end, found \")\".")]
#[case("x = 'a", 4, "this text has no end: expected another '.")]
#[case("x = 'a\\q'", 6, "expected one of \\\\ \\\" \\' \\n \\r \\t \\u{1f600} after the backslash.")]
#[case("x = 5abc", 4, "this is no number; a text stands in quotes.")]
#[case("x = 1.2.3", 4, "this is no number; a text stands in quotes.")]
#[case("x = 1e999", 4, "this number is too large for a 64-bit float.")]
#[case(
    "x = 18446744073709551616",
    4,
    "whole numbers go from -9223372036854775808 to 18446744073709551615 here; with `.0` it is a float."
)]
#[case("in = 1", 0, "expected the name of a field; the word in names one only in quotes: \"in\".")]
#[case("a. = 1", 3, "expected the rest of the field's name after the point (in quotes if it is no word), found \"=\".")]
#[case("x is 5", 5, "expected `null`, `missing`, `not null` or `not missing`, found \"5\".")]
#[case("x not 5", 6, "expected `in` (to turn a whole test round, write `not` before the field), found \"5\".")]
#[case("x is not 5", 9, "expected `null` or `missing`, found \"5\".")]
#[case("x true", 2, "expected what to ask of the field, such as `=` or `in`, found \"true\".")]
#[case("x = 1 and", 9, "expected the name of a field, `not` or `(`, found the end.")]
fn errors_name_the_place_and_what_was_expected(#[case] text: &str, #[case] at: usize, #[case] message: &str) {
    let error = Filter::parse(text).unwrap_err();
    assert_eq!((error.at, error.message.as_str()), (at, message), "{text}");
}

#[test]
fn nesting_has_an_end_before_the_stack_has() {
    let text = |depth: usize| format!("{}x = 1{}", "(".repeat(depth), ")".repeat(depth));
    assert!(Filter::parse(&text(64)).is_ok());
    let error = Filter::parse(&text(100_000)).unwrap_err();
    assert_eq!((error.at, error.message.contains("64 levels")), (64, true), "{error}");
    assert!(Filter::parse(&"not ".repeat(100_000)).is_err());
}

#[test]
fn spans_count_characters() {
    let Expr::And(parts) = read("é = 'ü' and  x in (1, 2) ") else { panic!("no and") };
    let spans: Vec<_> = parts
        .iter()
        .map(|part| match part {
            Expr::Test(test) => (test.span.start, test.span.end),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(spans, [(0, 7), (13, 24)]);
}

fn literal() -> impl Strategy<Value = Literal> {
    let range = i128::from(i64::MIN)..=i128::from(u64::MAX);
    let finite = any::<f64>().prop_filter("finite", |value| value.is_finite());
    prop_oneof![
        any::<String>().prop_map(Literal::Text),
        range.prop_map(Literal::Integer),
        finite.prop_map(Literal::Float),
        any::<bool>().prop_map(Literal::Bool),
    ]
}

fn check() -> impl Strategy<Value = Check> {
    let orderable = || literal().prop_filter("has an order", |literal| !matches!(literal, Literal::Bool(_)));
    let list = || proptest::collection::vec(literal(), 1..4);
    let orders =
        prop::sample::select(vec![Comparison::Less, Comparison::AtMost, Comparison::Greater, Comparison::AtLeast]);
    let equals = prop::sample::select(vec![Comparison::Equal, Comparison::NotEqual]);
    prop_oneof![
        (equals, literal()).prop_map(|(c, l)| Check::Compare(c, l)),
        (orders, orderable()).prop_map(|(c, l)| Check::Compare(c, l)),
        list().prop_map(Check::In),
        list().prop_map(Check::NotIn),
        (orderable(), orderable())
            .prop_filter("of one kind", |(low, high)| low.is_number() == high.is_number())
            .prop_map(|(low, high)| Check::Between(low, high)),
        literal().prop_map(Check::Contains),
        Just(Check::Exists),
        Just(Check::IsNull),
        Just(Check::IsMissing),
    ]
}

fn expr() -> impl Strategy<Value = Expr> {
    let part = prop_oneof!["[a-z_][a-z0-9_-]{0,6}", any::<String>(), Just("not".to_owned()), Just("Null".to_owned())];
    let leaf = (proptest::collection::vec(part, 1..4), check())
        .prop_map(|(path, check)| Expr::Test(Test { path: Path(path), check, span: Span::default() }));
    let text = any::<String>().prop_map(|part| Expr::Text(TextTest { part, span: Span::default() }));
    prop_oneof![8 => leaf, 1 => text].prop_recursive(5, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 2..4).prop_map(Expr::And),
            proptest::collection::vec(inner.clone(), 2..4).prop_map(Expr::Or),
            inner.prop_map(|inner| Expr::Not(Box::new(inner))),
        ]
    })
}

proptest! {
    #[test]
    fn a_printed_filter_is_read_back_as_the_same(root in expr()) {
        let filter = Filter { root };
        let text = filter.to_string();
        prop_assert_eq!(Filter::parse(&text), Ok(filter), "{}", text);
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in any::<String>(), tail in "[a-z0-9 ()='\".<>!\\\\,-]{0,40}") {
        let _ = Filter::parse(&text);
        let _ = Filter::parse(&tail);
    }
}
