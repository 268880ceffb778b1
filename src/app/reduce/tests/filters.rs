//! The filter bar, the native request, and filtering here.

use super::*;
use crate::app::overlay::Overlay;
use crate::app::overlay::prompt::Prompt;
use crate::provider::filter::{Filter, Span};
use crate::provider::model::{CollectionInfo, CollectionState, PayloadField};

fn open(len: u64) -> Program {
    let mut program = Program::connected(1, &[("docs", len)]);
    program.keys("j<enter>");
    program.serve_pages(len);
    program
}

fn prompt(program: &Program) -> &Prompt {
    match program.state.overlays.last() {
        Some(Overlay::Prompt(prompt)) => prompt,
        other => panic!("{other:?}"),
    }
}

/// Refuses the page and the count that a filter asks for.
fn refuse(program: &mut Program) {
    for (connection, id, _) in program.take_questions() {
        let reason = "it has no order of texts".to_owned();
        let refused = ProviderError::FilterRefused { product: "Chroma", span: Span { start: 0, end: 11 }, reason };
        program.answer(connection, id, Err(refused));
    }
}

fn refused() -> Program {
    let mut program = open(5_000);
    program.keys("/title > 'b'<enter>");
    refuse(&mut program);
    program
}

#[test]
fn tab_completes_fields_and_values_that_were_seen() {
    let mut program = open(3);
    program.keys("/ti<tab>");
    assert_eq!(prompt(&program).field.text(), "title");
    program.take_questions();
    program.keys(" = <tab>");
    assert_eq!(prompt(&program).field.text(), "title = \"title 0\"");
    program.keys("<tab>");
    assert_eq!(prompt(&program).field.text(), "title = \"title 1\"", "tab goes on to the next");
    program.keys(" and n > 1<enter>");
    assert_eq!(program.table().filter.text, "title = \"title 1\" and n > 1");
}

#[test]
fn fields_of_the_schema_are_offered_as_soon_as_they_are_known() {
    let mut program = open(3);
    program.keys("/rare<tab>");
    let (connection, id, question) = program.take_questions().remove(0);
    assert!(matches!(question, Question::Describe { .. }), "{question:?}");
    let info = CollectionInfo {
        summary: CollectionSummary { name: "docs".into(), count: None, vectors: Vec::new() },
        state: CollectionState::Ready,
        fields: vec![PayloadField { path: "rare.field".into(), kind: "keyword".into(), indexed: None }],
        details: serde_json::Value::Null,
    };
    program.answer(connection, id, Ok(Answer::Describe(Box::new(info))));
    assert_eq!(prompt(&program).field.text(), "rare.field");
    program.keys("<tab>");
    assert!(program.take_questions().is_empty(), "the schema is asked for once");
}

#[test]
fn the_place_of_a_fault_is_known_while_typing() {
    let mut program = open(3);
    program.keys("/n = = 5");
    assert_eq!(prompt(&program).bar.fault.as_ref().map(|fault| fault.at), Some(4));
    program.keys("<backspace><backspace><backspace>5");
    assert_eq!(prompt(&program).bar.fault, None);
}

#[test]
fn up_and_down_go_through_the_filters_of_the_session() {
    let mut program = open(3);
    for filter in ["n = 1", "n = 2", "n = 1"] {
        program.keys("/");
        let typed = prompt(&program).field.text().chars().count();
        program.keys(&"<backspace>".repeat(typed));
        program.keys(&format!("{filter}<enter>"));
        program.take_questions();
    }
    program.keys("/<up>");
    assert_eq!(prompt(&program).field.text(), "n = 2", "the newest stands there already");
    program.keys("<up>");
    assert_eq!(prompt(&program).field.text(), "n = 2", "each of them once");
    program.keys("<down>");
    assert_eq!(prompt(&program).field.text(), "n = 1");
}

#[test]
fn the_native_request_is_shown() {
    let mut program = open(3);
    program.keys("w");
    assert!(program.notice().contains("no filter is set"), "{}", program.notice());
    program.keys("/n = 1<enter>");
    program.take_questions();
    program.keys("w");
    let (connection, id, question) = program.take_questions().remove(0);
    let filter = Filter::parse("n = 1").unwrap();
    assert_eq!(question, Question::NativeFilter { collection: "docs".into(), filter });
    program.answer(connection, id, Ok(Answer::NativeFilter("{\n  \"n\": 1\n}".into())));
    let Some(Overlay::Text(text)) = program.state.overlays.last() else { panic!("no text") };
    assert_eq!(text.lines(&program.state), ["{", "  \"n\": 1", "}"]);
}

#[test]
fn nothing_is_filtered_here_unless_the_user_agrees_to_the_reading() {
    let mut program = open(3);
    program.keys("f");
    assert!(program.notice().contains("no filter is set"), "{}", program.notice());
    let mut program = refused();
    assert!(program.table().refused);
    assert!(program.take_questions().is_empty());
    program.keys("f");
    let Some(Overlay::Confirm(confirm)) = program.state.overlays.last() else { panic!("no question") };
    assert!(confirm.text.contains("all 5,000 records of docs"), "{}", confirm.text);
    program.keys("n");
    assert!(program.take_questions().is_empty(), "no means no");
}

#[test]
fn what_is_filtered_here_comes_in_pieces_and_can_be_stopped() {
    let mut program = refused();
    program.keys("fy");
    let (connection, id, question) = program.take_questions().remove(0);
    let Question::Sift { request, .. } = question else { panic!("{question:?}") };
    assert!(request.filter.is_some());
    let piece = |ids: std::ops::Range<u64>, next: Option<&str>| Answer::Sift {
        page: Page { records: ids.map(record).collect(), next: next.map(|next| Cursor(next.into())) },
        read: 1_000,
    };
    program.answer(connection, id, Ok(piece(0..2, Some("1000"))));
    assert!(program.table().outdated, "a piece is no page");
    let (connection, id, question) = program.take_questions().remove(0);
    let Question::Sift { request: rest, .. } = question else { panic!("{question:?}") };
    assert_eq!((rest.limit, rest.cursor), (request.limit - 2, Some(Cursor("1000".into()))));
    program.answer(connection, id, Err(ProviderError::Cancelled));
    assert!(program.take_questions().is_empty(), "stopped means stopped");
    assert!(program.table().error.as_deref().unwrap().contains("cancelled"));
    program.keys("r");
    let (connection, id, _) = program.take_questions().remove(0);
    program.answer(connection, id, Ok(piece(0..3, None)));
    assert_eq!((program.table().window.end(), program.table().here.as_ref().unwrap().read), (Some(3), 2_000));
    program.keys("/<backspace><backspace><backspace>'c'<enter>");
    assert!(program.table().here.is_none(), "another filter is for the database first");
}
