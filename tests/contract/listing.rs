//! Who answers, which collections there are, and what they are.

use vector_inspector::provider::ProviderError;
use vector_inspector::provider::model::{
    CollectionSpec, Count, Metric, PageRequest, SearchQuery, SearchRequest, Vector, VectorKind,
};

use crate::bench::{Bench, DIMENSION, METRICS, point};

crate::cases!(
    ping_names_product_and_version,
    collections_are_listed_by_name_with_counts,
    describe_tells_dimension_metric_and_count,
    count_is_exact needs exact_count,
    an_empty_collection_has_nothing_and_no_errors,
    a_missing_collection_is_named_by_every_method,
    creating_a_collection_twice_is_refused,
);

async fn ping_names_product_and_version(bench: &Bench) {
    let server = bench.db.ping().await.unwrap();
    assert!(!server.product.is_empty());
    assert!(server.version.starts_with(|first: char| first.is_ascii_digit()), "{:?}", server.version);
}

async fn collections_are_listed_by_name_with_counts(bench: &Bench) {
    let full = bench.filled(12).await;
    let empty = bench.empty(3, Metric::Cosine).await;
    let listed = bench.db.collections().await.unwrap();
    let names: Vec<_> = listed.iter().map(|collection| collection.name.clone()).collect();
    let mut sorted = names.clone();
    sorted.sort();
    assert_eq!(names, sorted, "sorted by name");
    let find = |name: &str| listed.iter().find(|collection| collection.name == name).expect("listed");
    assert_eq!(find(&full).count.map(|count| count.value), Some(12));
    assert_eq!(find(&full).vectors[0].dimension, Some(DIMENSION));
    assert_eq!(find(&full).vectors[0].metric, Some(Metric::Euclidean));
    assert_eq!(find(&empty).count.map(|count| count.value), Some(0));
    assert_eq!(find(&empty).vectors[0].metric, Some(Metric::Cosine));
}

async fn describe_tells_dimension_metric_and_count(bench: &Bench) {
    for metric in METRICS {
        let Some(name) = bench.try_empty(DIMENSION, metric).await else { continue };
        bench.put(&name, (1..4).map(|n| bench.record(n)).collect()).await;
        let info = bench.db.describe(&name).await.unwrap();
        assert_eq!(info.summary.name, name);
        assert_eq!(info.summary.count.map(|count| count.value), Some(3));
        let [vector] = info.summary.vectors.as_slice() else { panic!("{:?}", info.summary.vectors) };
        assert_eq!((vector.name.as_str(), vector.kind), ("", VectorKind::Dense));
        assert_eq!((vector.dimension, vector.metric), (Some(DIMENSION), Some(metric)));
        assert!(info.details.is_object(), "the maker's own description: {}", info.details);
    }
}

async fn count_is_exact(bench: &Bench) {
    for count in [1, 137] {
        let name = bench.filled(count).await;
        assert_eq!(bench.db.count(&name, None).await.unwrap(), Count { value: count as u64, exact: true });
    }
}

async fn an_empty_collection_has_nothing_and_no_errors(bench: &Bench) {
    let name = bench.empty(DIMENSION, Metric::Cosine).await;
    assert_eq!(bench.db.count(&name, None).await.unwrap().value, 0);
    let page = bench.db.page(&name, &PageRequest::first(10)).await.unwrap();
    assert!(page.records.is_empty() && page.next.is_none(), "{page:?}");
    assert!(bench.db.get(&name, &[bench.id(1)], true).await.unwrap().is_empty());
    let query = SearchQuery::Vector(Vector::Dense(point(1)));
    assert!(bench.db.search(&name, &SearchRequest::new(query, 5)).await.unwrap().is_empty());
    assert_eq!(bench.db.describe(&name).await.unwrap().summary.count.map(|count| count.value), Some(0));
}

async fn a_missing_collection_is_named_by_every_method(bench: &Bench) {
    let name = bench.name();
    let db = &bench.db;
    let query = SearchQuery::Vector(Vector::Dense(point(1)));
    let like = SearchQuery::Like(bench.id(1));
    let errors = [
        ("describe", db.describe(&name).await.err()),
        ("count", db.count(&name, None).await.err()),
        ("page", db.page(&name, &PageRequest::first(10)).await.err()),
        ("get", db.get(&name, &[bench.id(1)], false).await.err()),
        ("search", db.search(&name, &SearchRequest::new(query, 5)).await.err()),
        ("search like", db.search(&name, &SearchRequest::new(like, 5)).await.err()),
        ("upsert", db.upsert(&name, vec![bench.record(1)]).await.err()),
        ("delete", db.delete(&name, &[bench.id(1)]).await.err()),
        ("drop", db.drop_collection(&name).await.err()),
    ];
    for (method, error) in errors {
        assert_eq!(error, Some(ProviderError::NoSuchCollection { collection: name.clone() }), "{method}");
    }
    assert!(!db.collections().await.unwrap().iter().any(|collection| collection.name == name), "nothing was made");
}

async fn creating_a_collection_twice_is_refused(bench: &Bench) {
    let name = bench.filled(3).await;
    let again = bench.db.create_collection(&CollectionSpec::dense(&name, DIMENSION, Metric::Cosine)).await;
    assert!(matches!(again, Err(ProviderError::BadRequest { .. })), "{again:?}");
    assert_eq!(bench.db.count(&name, None).await.unwrap().value, 3, "the old one is untouched");
}
