//! Two databases beside each other that follow each other: what the screen says of both sides.

use vector_inspector::connection::health::HealthState;
use vector_inspector::connection::message::Question;
use vector_inspector::provider::ProviderError;
use vector_inspector::provider::model::{Metric, Record};

use crate::cells::{drawn, snapshot, text};
use crate::world::{Other, World, articles};

/// The records of the other side: in another order, some missing, some changed, ids of text.
fn moved() -> Vec<Record> {
    let mut records: Vec<Record> = articles(250).into_iter().filter(|r| r.id != 3_u64.into()).collect();
    for at in [0, 4, 6, 9, 12] {
        records.swap(at, at + 1);
    }
    records.swap(2, 7);
    for record in &mut records {
        record.id = record.id.to_string().as_str().into();
    }
    records[1].payload.insert("year".into(), 2031.into());
    records[1].payload.remove("score");
    records[1].payload.insert("note".into(), "only in stage".into());
    records
}

/// prod/articles and stage/articles in one tab, linked, prod in focus; stage is not answered yet.
fn beside(width: u16, height: u16) -> World {
    let mut world = World::browsing(width, height);
    world.open_profile(1);
    world.connected(1, "chroma", "1.5.9");
    world.others.insert(world.id(1), Other { records: moved(), metric: Metric::Cosine });
    world.answer_all();
    world.keys("1|stage articles<enter>");
    assert_eq!(world.state.active_pane().unwrap().connection, Some(world.id(1)), "{}", shown(&world));
    world.answer_all();
    world.keys("<backtab>&").answer_all();
    world
}

fn shown(world: &World) -> String {
    text(&drawn(&world.state))
}

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 50)];

#[test]
fn linked_records_at_three_sizes() {
    for (width, height) in SIZES {
        let mut world = beside(width, height);
        world.keys("jjjj").answer_all();
        insta::assert_snapshot!(format!("linked_records_{width}x{height}"), snapshot(&world.state));
        assert!(shown(&world).contains("5 is here, too: equal text"), "{}", shown(&world));
    }
}

#[test]
fn a_record_that_the_other_side_does_not_have_says_so_in_its_pane() {
    for (width, height) in SIZES {
        let mut world = beside(width, height);
        world.keys("jj").answer_all();
        let seen = shown(&world);
        assert!(seen.contains("3 is not in stage/articles"), "{seen}");
        assert_eq!(seen.matches('▌').count(), 2, "the sidebar's row and one record, none at the right\n{seen}");
        if width == 120 {
            insta::assert_snapshot!("linked_absent", snapshot(&world.state));
        }
    }
}

#[test]
fn hits_of_one_query_at_three_sizes() {
    for (width, height) in SIZES {
        let mut world = beside(width, height);
        world.keys("jjm").answer_all();
        insta::assert_snapshot!(format!("linked_hits_{width}x{height}"), snapshot(&world.state));
        let seen = shown(&world);
        assert!(seen.contains("overlap@") && seen.contains("RBO"), "{seen}");
        let lines = seen.chars().any(|c| ('\u{2801}'..='\u{28ff}').contains(&c));
        assert_eq!(lines, width > 80, "lines between the lists where they are beside each other\n{seen}");
    }
}

#[test]
fn hits_of_another_metric_and_of_another_dimension_are_said() {
    let mut world = beside(210, 50);
    let stage = world.id(1);
    world.others.get_mut(&stage).unwrap().metric = Metric::Euclidean;
    world.keys("m").answer_all();
    let seen = shown(&world);
    assert!(seen.contains("cosine, there euclidean") && seen.contains("euclidean, there cosine"), "{seen}");
    assert!(seen.contains("norm = 1/(1+d)"), "{seen}");
    world.keys("<esc>");
    let summary = &mut world.state.connections[1].collections.value.as_mut().unwrap()[0];
    summary.vectors[0].dimension = Some(384);
    world.keys("m").answer_all();
    insta::assert_snapshot!("linked_hits_another_dimension", snapshot(&world.state));
}

#[test]
fn each_side_is_empty_loading_failed_or_there_by_itself() {
    let mut world = beside(120, 40);
    world.keys("m");
    insta::assert_snapshot!("linked_hits_loading", snapshot(&world.state));
    // The vector came; the left list comes, the right one fails.
    let at = world.asked.iter().position(|(_, _, q)| matches!(q, Question::Get { .. })).unwrap();
    assert_eq!(at, 0);
    let left_only = world.asked.len();
    assert_eq!(left_only, 1);
    world.answer_some(1);
    let right = world.id(1);
    let failing = world.asked.iter().position(|(connection, ..)| *connection == right).unwrap();
    world.asked.swap(0, failing);
    world.refuse(ProviderError::Interrupted { address: "stage:8000".into(), cause: "reset".into() });
    world.answer_all();
    insta::assert_snapshot!("linked_hits_failed_at_the_right", snapshot(&world.state));
    // Asked again: the old list stays, dimmed, until the new one is there.
    world.keys("<tab>r").answer_all();
    world.keys("r");
    assert!(shown(&world).contains("overlap@"), "{}", shown(&world));
    insta::assert_snapshot!("linked_hits_again", snapshot(&world.state));
    world.answer_all();
    world.others.get_mut(&right).unwrap().records.clear();
    world.keys("<esc><backtab>jm").answer_all();
    let seen = shown(&world);
    assert!(seen.contains("No hits"), "{seen}");
}

#[test]
fn linked_records_views_mark_what_differs() {
    for (width, height) in SIZES {
        let mut world = beside(width, height);
        world.keys("<enter>").answer_all();
        let seen = shown(&world);
        assert!(seen.contains("fields differ from"), "{seen}");
        insta::assert_snapshot!(format!("linked_record_{width}x{height}"), snapshot(&world.state));
    }
    let mut world = beside(120, 40);
    world.keys("jj<enter>").answer_all();
    assert!(shown(&world).contains("Not in stage/articles"), "{}", shown(&world));
}

#[test]
fn a_closed_side_is_said_and_the_other_one_goes_on() {
    let mut world = beside(120, 40);
    world.health(1, HealthState::Closed, None, Some("stage hung up."));
    world.keys("jj").answer_all();
    let seen = shown(&world);
    assert!(seen.contains("3 was not looked for here yet"), "{seen}");
}

#[test]
fn linked_screens_are_ascii_without_unicode() {
    for keys in ["", "jj", "m", "<enter>", "<enter>vv", "~", "@"] {
        let mut world = beside(120, 40);
        world.state.settings.ascii = true;
        for records in [&mut world.records, &mut world.others.values_mut().next().unwrap().records] {
            for record in records {
                record.payload.insert("title".into(), "plain".into());
            }
        }
        world.keys("r<tab>r<backtab>").answer_all();
        world.keys(keys).answer_all();
        let seen = shown(&world);
        assert!(seen.is_ascii(), "{keys}: {seen}");
    }
}

#[test]
fn help_and_footer_know_the_keys_of_links() {
    let mut world = beside(200, 50);
    world.keys("jk").answer_all();
    assert!(shown(&world).lines().last().unwrap().contains("& link"), "{}", shown(&world));
    world.keys("?link");
    let seen = shown(&world);
    let docs =
        ["Link the panes of the tab", "Link the focused pane with another", "Choose what makes records of linked"];
    for doc in docs {
        assert!(seen.contains(doc), "{doc}: {seen}");
    }
}

#[test]
fn three_panes_are_linked_one_by_one() {
    let mut world = beside(200, 50);
    world.keys("&&");
    world.keys("&");
    world.keys("|prod images<enter>").answer_all();
    world.keys("@");
    let seen = shown(&world);
    assert!(seen.contains("Link with") && seen.contains("pane 1: prod / articles"), "{seen}");
    world.keys("<enter>");
    assert_eq!(world.state.links.of(world.state.active_pane().unwrap().id).unwrap().members.len(), 2);
}

#[test]
fn linked_panes_survive_every_small_size() {
    let mut world = beside(120, 40);
    for keys in ["", "jj", "m", "<esc><enter>"] {
        world.keys(keys).answer_all();
        for (width, height) in [(40, 10), (41, 11), (60, 12), (79, 15), (84, 9), (300, 80)] {
            world.state.size = (width, height);
            drawn(&world.state);
        }
        world.state.size = (120, 40);
    }
}
