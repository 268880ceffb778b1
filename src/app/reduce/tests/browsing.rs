//! Records: paging, filter, one record, search, cancel.

use super::*;
use crate::app::event::Notice;
use crate::app::sidebar::SidebarItem;
use crate::app::state::Focus;
use crate::provider::model::SearchQuery;

/// One connection with the collection `docs` open.
fn open(len: u64) -> Program {
    let mut program = Program::connected(1, &[("docs", len)]);
    program.keys("j<enter>");
    program
}

#[test]
fn enter_on_a_collection_shows_its_first_page() {
    let mut program = open(250);
    program.serve_pages(250);
    assert_eq!(program.state.focus, Focus::Pane);
    assert_eq!(program.table().selected().unwrap().id, 0_u64.into());
    assert_eq!(program.table().total.unwrap().value, 250);
}

#[test]
fn moving_down_and_up_passes_every_record_with_few_pages_in_memory() {
    let mut program = open(2_000);
    program.serve_pages(2_000);
    for row in 1..2_000_u64 {
        program.keys("j");
        program.serve_pages(2_000);
        assert_eq!(program.table().selected().map(|r| r.id.clone()), Some(row.into()), "row {row} on the way down");
        assert!(program.table().window.loaded() <= 5 * 100);
    }
    program.keys("j");
    assert_eq!(program.table().list.selected, 1_999, "the end is the end");
    for row in (0..1_999_u64).rev() {
        program.keys("k");
        program.serve_pages(2_000);
        assert_eq!(program.table().selected().map(|r| r.id.clone()), Some(row.into()), "row {row} on the way up");
    }
}

#[test]
fn the_last_record_is_read_on_to_and_escape_stops_it() {
    let mut program = open(1_050);
    program.serve_pages(1_050);
    program.keys("G");
    program.serve_pages(1_050);
    assert_eq!(program.table().selected().unwrap().id, 1_049_u64.into());
    program.keys("gg");
    program.serve_pages(1_050);
    assert_eq!(program.table().selected().unwrap().id, 0_u64.into());
    program.keys("G");
    assert!(program.table().to_the_end);
    program.keys("<esc>");
    assert!(!program.table().to_the_end, "escape stops reading on");
}

#[test]
fn a_key_never_waits_for_a_page() {
    let mut program = open(5_000);
    program.serve_pages(5_000);
    program.keys("<pagedown><pagedown><pagedown><pagedown><pagedown><pagedown><pagedown>");
    let asked = program.take_questions();
    assert_eq!(asked.len(), 1, "one page at a time: {asked:?}");
    program.keys("kkk");
    assert!(program.table().selected().is_some());
}

#[test]
fn a_page_that_fails_keeps_the_old_rows_and_is_asked_for_again_by_r() {
    let mut program = open(5_000);
    program.serve_pages(5_000);
    program.keys("<pagedown><pagedown><pagedown><pagedown>");
    let (connection, id, _) = program.take_questions().remove(0);
    let broken = ProviderError::Interrupted { address: "h:1".into(), cause: "reset".into() };
    program.answer(connection, id, Err(broken));
    assert!(program.table().error.as_deref().unwrap().contains("reset"));
    assert!(program.table().selected().is_some());
    assert!(program.take_questions().is_empty(), "no storm of retries");
    program.keys("r");
    program.serve_pages(5_000);
    assert_eq!(program.table().error, None);
}

#[test]
fn an_answer_after_the_pane_went_on_changes_nothing() {
    let mut program = Program::connected(1, &[("docs", 10), ("other", 10)]);
    program.keys("j<enter>");
    let (connection, id, _) = program.take_questions().remove(0);
    program.keys("0j<enter>");
    let newer = program.take_questions();
    let page = Page { records: vec![record(7)], next: None };
    program.answer(connection, id, Ok(Answer::Page(page)));
    assert_eq!(program.table().collection, "other");
    assert!(program.table().window.is_fresh(), "the late page of docs is not a page of other");
    assert_eq!(newer.len(), 1);
}

#[test]
fn cancel_asks_the_connection_to_stop_and_says_so() {
    let mut program = open(10);
    let (connection, id, _) = program.take_questions().remove(0);
    program.keys("<ctrl-c>");
    let cancelled = program
        .effects
        .iter()
        .any(|e| matches!(e, Effect::Send { command: Command::Cancel(request), .. } if *request == id));
    assert!(cancelled);
    program.answer(connection, id, Err(ProviderError::Cancelled));
    assert!(program.notice().contains("cancelled"), "{}", program.notice());
    assert!(program.take_questions().is_empty(), "what was cancelled is not asked for again by itself");
    program.keys("r");
    assert_eq!(program.take_questions().len(), 1);
}

#[test]
fn another_filter_leaves_the_old_records_until_the_new_ones_are_there() {
    let mut program = open(500);
    program.serve_pages(500);
    program.keys("<pagedown><pagedown>jj");
    let before = program.table().selected().unwrap().id.clone();
    program.keys("/n >= 3<enter>");
    assert!(program.table().outdated && program.table().window.loaded() > 0, "no flash of emptiness");
    assert_eq!(program.table().selected().unwrap().id, before);
    // The last: a page of the old question was under way, too.
    let page = program.take_questions().into_iter().rfind(|(_, _, q)| matches!(q, Question::Page { .. }));
    let (connection, id, Question::Page { request, .. }) = page.unwrap() else { panic!() };
    assert!(request.cursor.is_none() && request.filter.is_some(), "from the first page: {request:?}");
    let page = Page { records: vec![record(3), record(4)], next: None };
    program.answer(connection, id, Ok(Answer::Page(page)));
    let table = program.table();
    assert_eq!((table.outdated, table.window.end(), table.list.selected), (false, Some(2), 0));
    assert_eq!(table.selected().unwrap().id, 3_u64.into());
}

#[test]
fn a_filter_that_fails_leaves_the_old_records_and_is_tried_again_from_the_first_page() {
    let mut program = open(500);
    program.serve_pages(500);
    program.keys("G");
    program.serve_pages(500);
    program.keys("/n >= 3<enter>");
    let asked = program.take_questions();
    let page = asked.iter().find(|(_, _, q)| matches!(q, Question::Page { .. })).unwrap();
    let broken = ProviderError::Interrupted { address: "h:1".into(), cause: "reset".into() };
    program.answer(page.0, page.1, Err(broken));
    assert!(program.table().outdated && program.table().selected().is_some());
    program.keys("r");
    let again = program.take_questions();
    let Some((.., Question::Page { request, .. })) = again.last() else { panic!("{again:?}") };
    assert!(request.cursor.is_none(), "{request:?}");
}

#[test]
fn a_collection_that_was_left_is_found_again_at_the_same_place() {
    let mut program = Program::connected(1, &[("docs", 5_000), ("other", 10)]);
    program.keys("j<enter>");
    program.serve_pages(5_000);
    program.keys("/n >= 0<enter>");
    let counts = program.take_questions();
    for (connection, id, question) in counts {
        match question {
            Question::Page { request, .. } => {
                let records = (0..request.limit as u64).map(record).collect();
                let next = Some(Cursor(request.limit.to_string()));
                program.answer(connection, id, Ok(Answer::Page(Page { records, next })));
            }
            Question::Count { .. } => {
                program.answer(connection, id, Ok(Answer::Count(Count { value: 5_000, exact: true })));
            }
            other => panic!("{other:?}"),
        }
    }
    program.serve_pages(5_000);
    for _ in 0..30 {
        program.keys("<pagedown>");
        program.serve_pages(5_000);
    }
    program.keys("kk");
    let (list, selected) = (program.table().list, program.table().selected().unwrap().id.clone());
    assert!(list.top > 500, "far enough that the first pages are gone: {list:?}");

    program.keys("0j<enter>");
    program.serve_pages(10);
    assert_eq!((program.table().collection.as_str(), program.table().filter.text.as_str()), ("other", ""));
    program.keys("0k<enter>");
    assert!(program.table().window.is_fresh(), "no records were kept");
    program.keys("jk");
    program.serve_pages(5_000);
    let table = program.table();
    assert_eq!((table.collection.as_str(), table.filter.text.as_str()), ("docs", "n >= 0"));
    assert_eq!((table.list, &table.selected().unwrap().id), (list, &selected));
    assert_eq!(table.total, Some(Count { value: 5_000, exact: true }));
    program.keys("gg");
    program.serve_pages(5_000);
    assert_eq!(program.table().selected().unwrap().id, 0_u64.into(), "and back up to the first");
}

#[test]
fn a_closed_connection_leaves_no_places_behind() {
    let mut program = Program::connected(1, &[("docs", 50), ("other", 10)]);
    program.keys("j<enter>");
    program.serve_pages(50);
    program.keys("0j<enter>");
    program.serve_pages(10);
    assert_eq!(program.state.visited.len(), 1);
    program.keys("C");
    assert!(program.state.visited.is_empty());
}

#[test]
fn a_message_holds_no_step_back_and_goes_with_it() {
    let mut program = open(250);
    program.serve_pages(250);
    program.keys("<enter>");
    let views = |program: &Program| program.state.active_pane().unwrap().views().count();
    assert_eq!(views(&program), 2, "records, record");
    program.state.notify(Notice::info("something ended"));
    program.keys("<esc>");
    assert_eq!((views(&program), program.state.notice.is_none(), program.state.focus), (1, true, Focus::Pane));
}

#[test]
fn enter_opens_the_record_and_escape_comes_back_to_the_same_row() {
    let mut program = open(50);
    program.serve_pages(50);
    program.keys("jjj<enter>");
    let (connection, id, question) = program.take_questions().remove(0);
    let Question::Get { ids, with_vectors: true, .. } = &question else { panic!("{question:?}") };
    assert_eq!(ids, &[3_u64.into()]);
    program.answer(connection, id, Ok(Answer::Get(vec![record(3)])));
    assert!(matches!(program.state.active_pane().unwrap().view(), View::Record(_)));
    program.keys("<esc>");
    assert_eq!(program.table().list.selected, 3);
}

#[test]
fn more_like_this_searches_by_the_selected_record() {
    let mut program = open(50);
    program.serve_pages(50);
    program.keys("jjm");
    let (connection, id, question) = program.take_questions().remove(0);
    let Question::Search { request, .. } = question else { panic!() };
    assert_eq!(request.query, SearchQuery::Like(2_u64.into()));
    program.answer(connection, id, Ok(Answer::Search(Vec::new())));
    let View::Hits(hits) = program.state.active_pane().unwrap().view() else { panic!() };
    assert_eq!((hits.len(), hits.title.as_str()), (0, "like 2"));
}

#[test]
fn nonsense_in_the_search_prompt_stays_there_with_what_is_wrong() {
    let mut program = open(5);
    program.serve_pages(5);
    program.keys("s[1, 2<enter>");
    let Some(crate::app::overlay::Overlay::Prompt(prompt)) = program.state.overlays.last() else { panic!() };
    assert!(prompt.error.as_deref().unwrap().contains("like ID"));
    assert!(program.take_questions().is_empty());
}

#[test]
fn pasted_text_is_never_taken_for_keys() {
    let mut program = open(5);
    program.serve_pages(5);
    program.send(Event::Paste("qqy\n".into()));
    assert!(!program.effects.iter().any(|e| matches!(e, Effect::Quit)));
    assert!(program.notice().contains("ignored"));
}

#[test]
fn columns_are_chosen_and_scrolled() {
    let mut program = open(5);
    program.serve_pages(5);
    program.keys("c<tab><esc>");
    let shown: Vec<_> = program.table().columns.shown().map(|c| c.title().to_owned()).collect();
    assert_eq!(shown, ["n"]);
}

#[test]
fn a_dropped_collection_is_said_and_the_rows_stay() {
    let mut program = open(500);
    program.serve_pages(500);
    program.keys("r");
    let (connection, id, _) = program.take_questions().remove(0);
    program.answer(connection, id, Err(ProviderError::NoSuchCollection { collection: "docs".into() }));
    assert!(program.table().error.as_deref().unwrap().contains("dropped"));
    assert!(program.table().selected().is_some());
    let questions = program.take_questions();
    assert!(matches!(questions.as_slice(), [(_, _, Question::Collections)]), "the list is made anew: {questions:?}");
}

#[test]
fn the_sidebar_follows_the_pane_that_is_left_when_another_one_is_closed() {
    let mut program = Program::connected(1, &[("docs", 3), ("notes", 5)]);
    let on = |program: &Program| match super::super::sidebar::selected(&program.state) {
        Some(SidebarItem::Collection { name, .. }) => name,
        other => panic!("{other:?}"),
    };
    program.keys("j<enter>");
    program.serve_pages(3);
    program.keys("|notes<enter>");
    program.serve_pages(5);
    assert_eq!(on(&program), "notes");
    program.keys("x");
    assert_eq!(on(&program), "docs");
    program.keys("|notes<enter>");
    program.serve_pages(5);
    program.keys("0x");
    assert_eq!(on(&program), "notes", "who stands in the sidebar stays there");
}
