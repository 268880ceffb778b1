//! What searches find: recall of an index, overlap of two sides.

use vector_inspector::jobs::compare::{
    CompareOptions, ContentOptions, RetrievalOptions, compare, pass_over, retrieval,
};
use vector_inspector::jobs::model::comparison::Retrieval;
use vector_inspector::jobs::queries::Queries;
use vector_inspector::jobs::recall::{RecallOptions, check};
use vector_inspector::jobs::{Control, JobError, Meter, Side};
use vector_inspector::provider::model::Vector;
use vector_inspector::provider::{ProviderError, Support};

use crate::made::{Made, numbered};

fn made(misses: usize) -> Made {
    let mut made = Made::of((0..400).map(numbered).collect());
    made.misses = misses;
    made
}

const SAMPLED: Queries = Queries::Sampled { count: 30, seed: 3 };

#[tokio::test]
async fn an_index_that_misses_every_fifth_hit_has_a_recall_of_four_fifths() {
    let options = RecallOptions { using: None, top: 10, queries: SAMPLED };
    let run = async |side: Side| check(&side, &options, &Control::default(), &mut Meter::silent()).await;
    let whole = run(made(0).side("a")).await.unwrap();
    assert_eq!((whole.queries, whole.recall.mean, whole.recall.histogram[10]), (30, 1.0, 30));
    let poor = run(made(5).side("a")).await.unwrap();
    assert!((poor.recall.mean - 0.8).abs() < 1e-9, "{poor:?}");
    assert_eq!(poor.recall.histogram[8], 30);
    let none = run(made(0).with(|can| can.exact_search = Support::No("it has its index only")).side("a")).await;
    let Err(JobError::Provider { source: ProviderError::Unsupported { reason, .. }, .. }) = none else {
        panic!("{none:?}")
    };
    assert_eq!(reason, "it has its index only");
}

#[tokio::test]
async fn retrieval_is_compared_both_ways_and_says_what_is_left_out() {
    let vector = (String::new(), String::new());
    let options = RetrievalOptions { vector, top: 10, queries: SAMPLED, noted: (false, false) };
    let run = async |a: Side, b: Side| -> Retrieval {
        retrieval(&a, &b, &options, &Control::default(), &mut Meter::silent()).await.unwrap()
    };
    let same = run(made(0).side("a"), made(0).side("b")).await;
    assert_eq!((same.ways.len(), same.lowest_mean(), same.left_out.len()), (4, Some(1.0), 0));
    assert!(same.measures[0].is_some() && same.unlike().is_none(), "{:?}", same.measures);
    let poor = run(made(0).side("a"), made(5).side("b")).await;
    let mean = |what: &str| poor.ways.iter().find(|way| way.what.contains(what)).unwrap().mean;
    assert!((mean("B's answers in A's exact ones") - 0.8).abs() < 1e-9, "{poor:?}");
    assert_eq!((mean("A's answers in B's exact ones"), mean("B's exact answers and A's")), (1.0, 1.0));
    let b = made(0).with(|can| can.exact_search = Support::No("it has its index only")).side("b");
    let less = run(made(0).side("a"), b).await;
    assert_eq!(
        (less.ways.len(), less.left_out.as_slice()),
        (2, ["B (b) is not searched exactly: it has its index only".to_owned()].as_slice())
    );
}

#[tokio::test]
async fn a_seed_makes_the_same_choice_again() {
    let side = made(0).side("a");
    let vectors = async |seed| {
        let queries = Queries::Sampled { count: 20, seed };
        queries.vectors(&side, "", &Control::default(), &mut Meter::silent()).await.unwrap()
    };
    assert_eq!(vectors(1).await, vectors(1).await);
    assert_ne!(vectors(1).await, vectors(2).await);
}

#[tokio::test]
async fn searches_that_are_not_possible_leave_the_rest_of_the_report() {
    let options = CompareOptions {
        structure: true,
        contents: Some(ContentOptions::default()),
        retrieval: Some((Queries::Given(vec![Vector::Multi(vec![vec![1.0; 4]])]), 5)),
        using: None,
    };
    let (a, b) = (made(0).side("a"), made(0).side("b"));
    let report = compare(&a, &b, &options, &Control::default(), &mut Meter::silent(), &mut pass_over).await.unwrap();
    let searches = report.retrieval.unwrap();
    assert!(searches.ways.is_empty() && searches.left_out[0].contains("no test asks this"), "{searches:?}");
    assert_eq!(searches.lowest_mean(), None, "a limit is not passed by what was not measured");
    assert_eq!(report.contents.unwrap().equal, 400);
}
