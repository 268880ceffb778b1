//! Searching by text: only where the database and the collection can, and as it was chosen.

use super::Program;
use crate::app::action::Action;
use crate::app::overlay::Overlay;
use crate::app::reduce::availability::unavailable;
use crate::app::view::View;
use crate::connection::message::{Answer, Question};
use crate::provider::model::{
    CollectionSummary, Metric, NO_MODEL, SearchQuery, SearchRequest, TextQuery, TextWay, VectorKind, VectorSpec,
};
use crate::provider::{Capabilities, Support};

const CAN: Capabilities =
    Capabilities { near_text: Support::Yes, bm25: Support::Yes, hybrid: Support::Yes, ..Capabilities::ALL };

/// A program with the collection `docs` open, whose fields have such models.
fn opened(can: Capabilities, models: &[(&str, Option<&str>)]) -> Program {
    let mut program = Program::with_targets(1);
    let id = program.ids()[0];
    program.connect_with(id, 1, can);
    let field = |(name, model): &(&str, Option<&str>)| VectorSpec {
        name: (*name).to_owned(),
        kind: VectorKind::Dense,
        dimension: Some(2),
        metric: Some(Metric::Dot),
        index: None,
        embedder: model.map(str::to_owned),
    };
    let vectors = models.iter().map(field).collect();
    let (connection, request, _) = program.take_questions().remove(0);
    let docs = CollectionSummary { name: "docs".to_owned(), count: None, vectors };
    program.answer(connection, request, Ok(Answer::Collections(vec![docs])));
    program.keys("j<enter>");
    program.serve_pages(5);
    program
}

fn asked(program: &mut Program) -> SearchRequest {
    let (connection, id, question) = program.take_questions().remove(0);
    let Question::Search { request, .. } = question else { panic!("{question:?}") };
    program.answer(connection, id, Ok(Answer::Search(Vec::new())));
    request
}

#[test]
fn a_text_is_searched_in_the_chosen_way_with_the_field_that_has_a_model() {
    let mut program = opened(CAN, &[("own", None), ("made", Some("m")), ("too", Some("m"))]);
    program.keys("Tred sea<enter>");
    let request = asked(&mut program);
    assert_eq!(request.query, SearchQuery::Text(TextQuery::new("red sea", TextWay::Near)));
    assert_eq!(request.using.as_deref(), Some("made"));
    // The next vector field is the next one with a model.
    program.keys("n");
    assert_eq!(asked(&mut program).using.as_deref(), Some("too"));
    program.keys("n");
    assert_eq!(asked(&mut program).using.as_deref(), Some("made"));

    program.keys("T<tab>red<enter>");
    let request = asked(&mut program);
    assert_eq!((request.query, request.using), (SearchQuery::Text(TextQuery::new("red", TextWay::Bm25)), None));
    program.keys("n");
    assert!(program.take_questions().is_empty() && program.notice().contains("no vector field"));

    program.keys("T<tab><tab><down><down>red<enter>");
    let mixed = TextQuery { alpha: 0.65, ..TextQuery::new("red", TextWay::Hybrid) };
    assert_eq!(asked(&mut program).query, SearchQuery::Text(mixed));
    let View::Hits(hits) = program.state.active_pane().unwrap().view() else { panic!() };
    assert_eq!(hits.title, "hybrid 0.65 \"red\"");
}

#[test]
fn what_a_collection_has_no_model_for_is_not_offered() {
    let mut program = opened(CAN, &[("", None)]);
    assert_eq!(unavailable(&program.state, Action::SearchText), None);
    program.keys("T");
    let Some(Overlay::Prompt(prompt)) = program.state.overlays.last() else { panic!() };
    let choice = prompt.by_text.as_ref().unwrap();
    assert_eq!((choice.way, choice.missing()), (TextWay::Bm25, Some((TextWay::Near, NO_MODEL))));
    program.keys("<tab>red<enter>");
    assert_eq!(asked(&mut program).query, SearchQuery::Text(TextQuery::new("red", TextWay::Bm25)));
}

#[test]
fn where_nothing_is_searched_by_text_the_key_says_why() {
    let mut program = opened(Capabilities::ALL, &[("", Some("m"))]);
    program.keys("T");
    assert!(program.state.overlays.is_empty());
    assert!(program.notice().contains("not by text"), "{}", program.notice());
    let near = Capabilities { near_text: Support::Yes, ..Capabilities::ALL };
    let program = opened(near, &[("", None)]);
    assert_eq!(unavailable(&program.state, Action::SearchText), Some(NO_MODEL));
}
