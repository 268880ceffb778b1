//! Linked panes: two databases in one tab that follow each other.

use std::collections::BTreeMap;

use super::*;
use crate::app::links::Place;
use crate::jobs::model::matching::Sameness;
use crate::provider::Support;
use crate::provider::model::{Hit, Metric, RecordId, Score, SearchQuery, Vector, VectorKind, VectorSpec, Vectors};

/// Two connections, a at the left and b at the right, each with its own records in `docs`.
pub(super) struct Two {
    pub program: Program,
    pub data: BTreeMap<ConnectionId, Vec<Record>>,
    /// Questions that were answered.
    pub served: Vec<(ConnectionId, Question)>,
}

fn numbered(ids: impl Iterator<Item = u64>) -> Vec<Record> {
    ids.map(|n| with_vector(record(n), &[n as f32, 1.0])).collect()
}

fn with_vector(record: Record, vector: &[f32]) -> Record {
    Record { vectors: Some(Vectors::unnamed(vector.to_vec())), ..record }
}

fn text_ids(records: Vec<Record>) -> Vec<Record> {
    records.into_iter().map(|record| Record { id: record.id.to_string().as_str().into(), ..record }).collect()
}

impl Two {
    /// Both in one tab, not linked, the left one in focus.
    pub fn beside(a: Vec<Record>, b: Vec<Record>) -> Self {
        let program = Program::connected(2, &[("docs", a.len() as u64)]);
        let ids = program.ids();
        let data = BTreeMap::from([(ids[0], a), (ids[1], b)]);
        let mut two = Self { program, data, served: Vec::new() };
        two.keys("j<enter>");
        two.keys("|");
        two.keys("b docs<enter>");
        two.keys("<backtab>");
        assert_eq!(two.program.state.active_pane().unwrap().connection, Some(ids[0]));
        two
    }

    /// Linked, the left one in focus.
    pub fn linked(a: Vec<Record>, b: Vec<Record>) -> Self {
        let mut two = Self::beside(a, b);
        two.keys("&");
        assert!(two.program.notice().starts_with("linked by id: a/docs, b/docs"), "{}", two.program.notice());
        two
    }

    /// Types, and answers everything that is asked.
    pub fn keys(&mut self, keys: &str) {
        for chord in typed_keys(keys).unwrap() {
            self.program.send(Event::Key(chord));
            self.serve();
        }
    }

    pub fn serve(&mut self) {
        for _ in 0..200 {
            let questions = self.program.take_questions();
            if questions.is_empty() {
                return;
            }
            for (connection, id, question) in questions {
                let answer = self.answer(connection, &question);
                self.served.push((connection, question));
                self.program.answer(connection, id, Ok(answer));
            }
        }
        panic!("it never stops asking");
    }

    fn answer(&self, connection: ConnectionId, question: &Question) -> Answer {
        let records = &self.data[&connection];
        let plain = |record: &Record, vectors: bool| Record {
            vectors: record.vectors.clone().filter(|_| vectors),
            ..record.clone()
        };
        match question {
            Question::Page { request, .. } => {
                let selected = records.iter().filter(|r| request.filter.as_ref().is_none_or(|f| f.selects(r)));
                let selected: Vec<&Record> = selected.collect();
                let from: usize = request.cursor.as_ref().map_or(0, |cursor| cursor.0.parse().unwrap());
                let to = (from + request.limit).min(selected.len());
                let next = (to < selected.len()).then(|| Cursor(to.to_string()));
                let records = selected[from..to].iter().map(|r| plain(r, request.with_vectors)).collect();
                Answer::Page(Page { records, next })
            }
            Question::Get { ids, with_vectors, .. } => {
                Answer::Get(records.iter().filter(|r| ids.contains(&r.id)).map(|r| plain(r, *with_vectors)).collect())
            }
            Question::Count { .. } => Answer::Count(Count { value: records.len() as u64, exact: true }),
            Question::Search { request, .. } => {
                let hit = |(at, record): (usize, &Record)| Hit {
                    record: plain(record, false),
                    score: Score::new(1.0 - at as f32 / 100.0, Metric::Cosine),
                };
                Answer::Search(records.iter().take(request.top).enumerate().map(hit).collect())
            }
            other => panic!("{other:?}"),
        }
    }

    pub fn pane(&self, n: usize) -> &crate::app::panes::Pane {
        let id = self.program.state.active_tab().unwrap().tree.ids()[n];
        &self.program.state.panes[&id]
    }

    fn selected(&self, n: usize) -> String {
        match self.pane(n).view() {
            View::Records(view) => view.selected().unwrap().id.to_string(),
            View::Hits(view) => view.selected().unwrap().record.id.to_string(),
            other => panic!("{other:?}"),
        }
    }

    fn place(&self, n: usize) -> &Place {
        let id = self.pane(n).id;
        &self.program.state.links.of(id).unwrap().member(id).unwrap().place
    }

    fn marks_row(&self, n: usize) -> bool {
        let id = self.pane(n).id;
        self.program.state.links.of(id).unwrap().marks_row(id)
    }

    /// The questions to one side since the last call that find out where a record is, or search.
    fn asked(&mut self, n: usize) -> Vec<Question> {
        let id = self.program.ids()[n];
        let served = std::mem::take(&mut self.served).into_iter();
        served.filter(|(connection, _)| *connection == id).map(|(_, question)| question).collect()
    }

    fn hits(&self, n: usize) -> &crate::app::view::hits::HitsView {
        match self.pane(n).view() {
            View::Hits(view) => view,
            other => panic!("{other:?}"),
        }
    }

    fn dimension(&mut self, n: usize, dimension: usize) {
        let summary = &mut self.program.state.connections[n].collections.value.as_mut().unwrap()[0];
        let (name, kind, metric) = (String::new(), VectorKind::Dense, Some(Metric::Cosine));
        summary.vectors =
            vec![VectorSpec { name, kind, dimension: Some(dimension), metric, index: None, embedder: None }];
    }
}

#[test]
fn linked_panes_are_on_the_same_record_whatever_its_row() {
    let mut two = Two::linked(numbered(0..20), numbered((0..20).rev()));
    two.keys("jjj");
    assert_eq!((two.selected(0).as_str(), two.selected(1).as_str()), ("3", "3"));
    assert_eq!(two.place(1), &Place::Here(Sameness::Exact));
    two.keys("<tab>k");
    assert_eq!((two.selected(1).as_str(), two.selected(0).as_str()), ("4", "4"), "the other side leads as well");
    assert!(two.asked(0).iter().chain(&two.asked(1)).all(|q| !matches!(q, Question::Get { .. })), "all was read");
}

#[test]
fn without_a_link_nothing_follows_and_a_key_ends_one() {
    let mut two = Two::beside(numbered(0..20), numbered(0..20));
    two.keys("jj");
    assert_eq!(two.selected(1), "0");
    two.keys("&j");
    assert_eq!(two.selected(1), "3");
    two.keys("&j");
    assert!(two.program.state.links.is_empty());
    assert_eq!((two.selected(0).as_str(), two.selected(1).as_str()), ("4", "3"));
}

#[test]
fn one_pane_alone_cannot_be_linked() {
    let mut program = Program::connected(1, &[("docs", 3)]);
    program.keys("j<enter>");
    program.serve_pages(3);
    program.keys("&");
    assert!(program.state.links.is_empty());
    assert!(program.notice().contains("split this one first"), "{}", program.notice());
}

#[test]
fn a_record_that_the_other_side_does_not_have_marks_no_row_there() {
    let mut two = Two::linked(numbered(0..9), numbered((0..9).filter(|n| *n != 2)));
    two.keys("jj");
    assert_eq!(two.place(1), &Place::Absent);
    assert!(two.marks_row(0) && !two.marks_row(1), "never a wrong row");
    let asked = two.asked(1);
    assert!(matches!(asked.last(), Some(Question::Get { ids, .. }) if ids[0] == 2_u64.into()), "{asked:?}");
    two.keys("j");
    assert_eq!((two.place(1), two.selected(1).as_str()), (&Place::Here(Sameness::Exact), "3"));
    assert!(two.marks_row(1));
}

#[test]
fn looking_at_the_side_without_the_record_moves_nobody() {
    let mut two = Two::linked(numbered(0..9), numbered((0..9).filter(|n| *n != 2)));
    two.keys("jj<tab>");
    assert_eq!((two.selected(0).as_str(), two.place(1)), ("2", &Place::Absent));
    two.keys("j");
    assert_eq!(two.selected(0), two.selected(1));
    assert!(two.marks_row(0) && two.marks_row(1));
}

#[test]
fn a_record_far_away_in_the_other_order_is_shown_though_its_page_is_not_read() {
    let mut two = Two::linked(numbered(0..2_000), numbered((0..2_000).rev()));
    two.keys("j");
    let Place::Elsewhere(record) = two.place(1) else { panic!("{:?}", two.place(1)) };
    assert_eq!(record.id, 1_u64.into());
    assert!(!two.marks_row(1));
}

#[test]
fn in_the_same_order_both_scroll_and_read_on_together() {
    let mut two = Two::linked(numbered(0..2_000), numbered(0..2_000));
    for _ in 0..20 {
        two.keys("<pagedown>");
        assert_eq!((two.selected(0), two.place(1)), (two.selected(1), &Place::Here(Sameness::Exact)));
        let top = |n: usize| match two.pane(n).view() {
            View::Records(view) => view.list.top,
            other => panic!("{other:?}"),
        };
        assert_eq!(top(0), top(1));
    }
    two.keys("G");
    assert_eq!((two.selected(0).as_str(), two.selected(1).as_str()), ("1999", "1999"));
    two.keys("gg");
    assert_eq!((two.selected(0).as_str(), two.selected(1).as_str()), ("0", "0"));
}

#[test]
fn ids_of_another_kind_match_by_their_text_and_it_is_known() {
    let mut two = Two::linked(numbered(0..9), text_ids(numbered((0..9).rev().filter(|n| *n != 5))));
    two.keys("jj");
    assert_eq!((two.selected(1).as_str(), two.place(1)), ("2", &Place::Here(Sameness::ByText)));
    let b = two.program.ids()[1];
    let no = Support::No("text only");
    let text_only = Capabilities { integer_ids: no.clone(), uuid_ids: no, ..Capabilities::ALL };
    two.program.state.connection_mut(b).unwrap().capabilities = Some(text_only);
    two.served.clear();
    two.keys("jjj");
    assert_eq!(two.place(1), &Place::Absent);
    let asked = two.asked(1);
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert!(matches!(&asked[0], Question::Get { ids, .. } if *ids == [RecordId::from("5")]), "{asked:?}");
}

#[test]
fn a_late_answer_about_the_record_before_changes_nothing() {
    let mut two = Two::linked(numbered(0..9), numbered(0..2));
    two.program.keys("jj");
    let (b, first, question) = two.program.take_questions().remove(0);
    assert!(matches!(&question, Question::Get { ids, .. } if ids[0] == 2_u64.into()));
    two.program.keys("j");
    assert!(two.program.take_questions().is_empty(), "one question at a time");
    two.program.answer(b, first, Ok(Answer::Get(vec![record(2)])));
    assert_eq!(two.place(1), &Place::Asking, "that was about record 2");
    let (_, second, question) = two.program.take_questions().remove(0);
    assert!(matches!(&question, Question::Get { ids, .. } if ids[0] == 3_u64.into()));
    two.program.answer(b, first, Ok(Answer::Get(vec![record(3)])));
    assert_eq!(two.place(1), &Place::Asking, "an answer to a question that was answered");
    two.program.answer(b, second, Ok(Answer::Get(Vec::new())));
    assert_eq!(two.place(1), &Place::Absent);
}

#[test]
fn a_question_that_fails_is_said_and_not_asked_again_and_again() {
    let mut two = Two::linked(numbered(0..9), numbered(0..2));
    two.program.keys("jj");
    let (b, id, _) = two.program.take_questions().remove(0);
    let broken = ProviderError::Interrupted { address: "h:1".into(), cause: "reset".into() };
    two.program.answer(b, id, Err(broken));
    assert!(matches!(two.place(1), Place::Unsaid(why) if why.contains("reset")), "{:?}", two.place(1));
    two.program.send(Event::Resize(121, 40));
    assert!(two.program.take_questions().is_empty());
}

#[test]
fn a_connection_that_is_down_is_asked_when_it_is_back() {
    let mut two = Two::linked(numbered(0..9), numbered(0..2));
    let b = two.program.ids()[1];
    let down = Health { state: HealthState::Closed, latency: None, error: None };
    two.program.says(b, 1, ConnectionEventKind::Health(down));
    two.program.keys("jj");
    assert!(two.program.take_questions().is_empty());
    assert_eq!((two.place(1), two.marks_row(1)), (&Place::Unknown, false));
    let up = Health { state: HealthState::Idle, latency: None, error: None };
    two.program.says(b, 1, ConnectionEventKind::Health(up));
    two.serve();
    assert_eq!(two.place(1), &Place::Absent);
}

#[test]
fn the_filter_follows_and_what_it_leaves_out_is_said() {
    let mut two = Two::linked(numbered(0..9), numbered(0..9));
    two.keys("/n >= 3<enter>");
    assert_eq!((two.selected(0).as_str(), two.selected(1).as_str()), ("3", "3"));
    two.keys("&/<ctrl-u><enter>");
    assert_eq!(two.selected(1), "3", "the link had ended");
    two.keys("gg&j");
    assert!(matches!(two.place(1), Place::Filtered(record) if record.id == 1_u64.into()), "{:?}", two.place(1));
}

#[test]
fn a_filter_that_the_other_side_cannot_run_is_said() {
    let mut two = Two::linked(numbered(0..9), numbered(0..9));
    let b = two.program.ids()[1];
    let none = Capabilities { filter: Support::No("it has no filters"), ..Capabilities::ALL };
    two.program.state.connection_mut(b).unwrap().capabilities = Some(none);
    two.served.clear();
    two.keys("/n >= 3<enter>");
    assert!(
        two.program
            .state
            .log
            .newest_first()
            .any(|n| n.notice.text.contains("b/docs is not filtered along: it has no filters"))
    );
    assert!(two.asked(1).iter().all(|q| matches!(q, Question::Get { .. })));
}

#[test]
fn a_pane_or_connection_that_is_closed_ends_its_link() {
    let mut two = Two::linked(numbered(0..9), numbered(0..9));
    two.keys("x");
    assert!(two.program.state.links.is_empty());
    let mut two = Two::linked(numbered(0..9), numbered(0..9));
    two.keys("<tab>C");
    assert!(two.program.state.links.is_empty());
    two.keys("j");
}

#[test]
fn records_open_together_with_what_differs_and_close_together() {
    let mut b = numbered((0..9).filter(|n| *n != 4));
    b[3].payload.insert("title".into(), "another".into());
    let mut two = Two::linked(numbered(0..9), b);
    two.keys("jjj<enter>");
    let contrast = |two: &Two, n: usize| match two.pane(n).view() {
        View::Record(view) => view.contrast.as_ref().map(|contrast| contrast.fields),
        other => panic!("{other:?}"),
    };
    assert_eq!((contrast(&two, 0), contrast(&two, 1)), (Some(1), Some(1)));
    two.keys("j");
    let View::Record(view) = two.pane(1).view() else { panic!() };
    assert_eq!(view.list.selected, 1, "the line follows");
    two.keys("v");
    let View::Record(view) = two.pane(1).view() else { panic!() };
    assert_eq!(view.mode(), crate::app::view::record::RecordMode::Json, "the face follows");
    two.keys("<esc>");
    assert!(matches!((two.pane(0).view(), two.pane(1).view()), (View::Records(_), View::Records(_))));
    two.keys("j<enter>");
    let View::Record(view) = two.pane(1).view() else { panic!() };
    assert!(view.absent && view.record.value.is_none(), "no other record in its place");
}

#[test]
fn records_are_matched_by_a_field() {
    let mut b = numbered(100..109);
    for (n, record) in b.iter_mut().enumerate() {
        record.payload.insert("title".into(), format!("title {}", 8 - n).into());
    }
    let mut two = Two::linked(numbered(0..9), b);
    two.keys("~title<enter>");
    two.keys("jj");
    assert_eq!((two.selected(0).as_str(), two.selected(1).as_str()), ("2", "106"));
    two.data.get_mut(&two.program.ids()[1]).unwrap().remove(5);
    two.keys("<enter>");
    let View::Record(view) = two.pane(1).view() else { panic!() };
    assert_eq!(view.id, 106_u64.into());
    two.keys("<esc>");
    two.keys("~<ctrl-u>n<enter>");
    assert_eq!(two.place(1), &Place::Absent, "no record there has n = 2");
    let asked = two.asked(1);
    assert!(matches!(asked.last(), Some(Question::Page { request, .. }) if request.limit == 1), "{asked:?}");
}

#[test]
fn like_this_searches_both_with_the_vector_of_the_pane_where_it_was_asked() {
    let mut two = Two::linked(numbered(0..30), numbered((0..30).rev()));
    two.served.clear();
    two.keys("jjm");
    let searches = |asked: Vec<Question>| -> Vec<crate::provider::model::SearchRequest> {
        let searched = asked.into_iter().filter_map(|q| match q {
            Question::Search { request, .. } => Some(request),
            _ => None,
        });
        searched.collect()
    };
    let served = two.served.clone();
    let (a, b) = (searches(two.asked(0)), {
        two.served = served;
        searches(two.asked(1))
    });
    let vector = SearchQuery::Vector(Vector::Dense(vec![2.0, 1.0]));
    assert_eq!((a.len(), b.len()), (1, 1));
    assert_eq!((&a[0].query, &b[0].query), (&vector, &vector));
    for n in [0, 1] {
        let hits = two.hits(n);
        let top = hits.shared.as_ref().unwrap().top;
        assert_eq!((hits.len(), hits.title.as_str()), (top, "like 2"));
        assert!(hits.hits.value.iter().flatten().all(|hit| hit.record.id != 2_u64.into()));
    }
    assert_eq!(two.hits(0).shared.as_ref().unwrap().token, two.hits(1).shared.as_ref().unwrap().token);
    two.keys("<esc>");
    assert!(matches!((two.pane(0).view(), two.pane(1).view()), (View::Records(_), View::Records(_))));
}

#[test]
fn another_dimension_is_said_and_not_searched() {
    let mut two = Two::linked(numbered(0..9), numbered(0..9));
    two.dimension(0, 2);
    two.dimension(1, 3);
    two.served.clear();
    two.keys("m");
    assert_eq!(two.hits(0).len(), 8);
    let b = two.hits(1);
    assert!(b.unfit && b.hits.error.as_deref().unwrap().contains("the vector has 2 numbers, those of docs have 3"));
    two.keys("<tab>r");
    assert!(two.asked(1).iter().all(|q| !matches!(q, Question::Search { .. })), "nor later");
}

#[test]
fn a_typed_vector_goes_to_both_and_a_record_without_vector_is_said_in_both() {
    let mut two = Two::linked(numbered(0..9), numbered(0..9));
    two.keys("s[1, 2]<enter>");
    assert_eq!((two.hits(0).len(), two.hits(1).len()), (9, 9));
    two.keys("<esc>slike 77<enter>");
    for n in [0, 1] {
        assert!(two.hits(n).hits.error.as_deref().unwrap().contains("not there any more"), "{n}");
    }
}

#[test]
fn a_vector_that_cannot_be_read_is_said_in_both_and_a_late_one_changes_nothing() {
    let mut two = Two::linked(numbered(0..9), numbered(0..9));
    two.program.keys("m");
    let (a, id, _) = two.program.take_questions().remove(0);
    assert!(two.hits(0).hits.is_loading() && two.hits(1).hits.is_loading());
    two.program.answer(a, id, Err(ProviderError::Cancelled));
    assert!(!two.hits(0).hits.is_loading() && !two.hits(1).hits.is_loading());
    two.program.answer(a, id, Ok(Answer::Get(numbered(0..1))));
    assert!(two.program.take_questions().is_empty());
}

#[test]
fn exact_search_is_of_one_pane_alone() {
    let mut two = Two::linked(numbered(0..9), numbered(0..9));
    two.keys("m");
    two.served.clear();
    two.keys("e");
    assert!(two.hits(0).request.exact && !two.hits(1).request.exact);
    assert_eq!(two.served.len(), 1, "{:?}", two.served);
    two.keys("<esc>jm");
    assert!(two.hits(0).request.exact && !two.hits(1).request.exact, "the pane keeps it");
}

#[test]
fn hits_are_on_the_same_record_too() {
    let mut two = Two::linked(numbered(0..9), numbered((0..9).rev()));
    two.keys("s[1, 2]<enter>jj");
    assert_eq!((two.selected(0).as_str(), two.selected(1).as_str()), ("2", "2"));
}
