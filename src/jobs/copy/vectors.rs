//! Which vectors are copied, under which name and metric.

use serde_json::Value;

use super::CopyError;
use crate::jobs::model::plan::{Change, VectorPlan, Weight, Wishes, metric};
use crate::jobs::short::short_numbers;
use crate::provider::model::{CollectionSpec, Metric, VectorKind, VectorSpec};
use crate::provider::{Capabilities, Support};

/// Plans the vectors; what cannot be copied goes to the changes.
///
/// # Errors
/// A wish that cannot be, or that nothing is left to be copied.
pub fn planned(
    collection: &str,
    source: &[VectorSpec],
    there: Option<&[VectorSpec]>,
    target: &Capabilities,
    wishes: &Wishes,
    changes: &mut Vec<Change>,
) -> Result<Vec<VectorPlan>, CopyError> {
    let mut chosen = Vec::new();
    for (spec, to) in wished(source, wishes)? {
        let support = match spec.kind {
            VectorKind::Dense => &Support::Yes,
            VectorKind::Sparse => &target.sparse_vectors,
            VectorKind::Multi => &target.multi_vectors,
        };
        match support {
            Support::Yes => chosen.push((spec, to)),
            Support::No(reason) => changes.push(Change {
                weight: Weight::Lost,
                what: format!("the {} vector {:?}", spec.kind.name(), spec.name),
                why: format!("{reason}."),
                sampled: None,
            }),
        }
    }
    if let (Support::No(reason), true) = (&target.named_vectors, chosen.len() > 1) {
        let cause = format!("{reason}, and the source has {}: {}", chosen.len(), names(source));
        return Err(CopyError::wish(cause, "Choose one with --vectors NAME."));
    }
    if chosen.is_empty() {
        let cause = "no vector of the source can be stored at the target";
        return Err(CopyError::wish(cause, "Copy into a database that has that kind of vectors."));
    }
    let one = !target.named_vectors.is_yes();
    let planned = chosen.into_iter().map(|(spec, to)| {
        let to = to.unwrap_or_else(|| if one { String::new() } else { spec.name.clone() });
        one_vector(collection, spec, to, there, target, wishes, changes)
    });
    planned.collect()
}

/// The vectors that are wished, with the name that is wished for each.
fn wished<'a>(source: &'a [VectorSpec], wishes: &Wishes) -> Result<Vec<(&'a VectorSpec, Option<String>)>, CopyError> {
    if wishes.vectors.is_empty() {
        return Ok(source.iter().map(|spec| (spec, None)).collect());
    }
    let find = |(from, to): &(String, String)| match source.iter().find(|spec| spec.name == *from) {
        Some(spec) => Ok((spec, (from != to).then(|| to.clone()))),
        None => Err(CopyError::wish(
            format!("the source has no vector {from:?}"),
            format!("Its vectors are {}.", names(source)),
        )),
    };
    wishes.vectors.iter().map(find).collect()
}

fn names(specs: &[VectorSpec]) -> String {
    specs.iter().map(|spec| format!("{:?}", spec.name)).collect::<Vec<_>>().join(", ")
}

fn one_vector(
    collection: &str,
    spec: &VectorSpec,
    to: String,
    there: Option<&[VectorSpec]>,
    target: &Capabilities,
    wishes: &Wishes,
    changes: &mut Vec<Change>,
) -> Result<VectorPlan, CopyError> {
    let wish = wishes.metric.as_deref().filter(|_| spec.kind != VectorKind::Sparse);
    let wish = match wish {
        None => None,
        Some(name) => Some(metric(name).ok_or_else(|| {
            CopyError::wish(format!("{name:?} is no metric"), "Give cosine, dot, euclidean or manhattan.")
        })?),
    };
    let can_stay = spec.metric.is_some_and(|own| own != Metric::Manhattan || target.manhattan.is_yes());
    let made = match there {
        Some(specs) => fitting(spec, &to, specs)?.metric,
        None => wish.filter(|_| !wishes.metric_if_needed || !can_stay).or(spec.metric),
    };
    let dense = spec.kind != VectorKind::Sparse;
    if there.is_none() && dense {
        let cause = match (made, &target.manhattan) {
            (None, _) => Some(format!("the metric of the vector {:?} of {collection:?} is not known", spec.name)),
            (Some(Metric::Manhattan), Support::No(reason)) => {
                Some(format!("{collection:?} has the metric manhattan, and {reason}"))
            }
            (Some(_), _) => None,
        };
        if let Some(cause) = cause {
            return Err(CopyError::wish(cause, "Say with --metric what the new collection is to have."));
        }
    }
    if let (Some(was), Some(now)) = (spec.metric, made)
        && was != now
    {
        changes.push(Change {
            weight: Weight::Changed,
            what: format!("the metric of the vector {:?}", spec.name),
            why: format!("{} becomes {}: searches find others, with other scores.", was.name(), now.name()),
            sampled: None,
        });
    }
    let changed = dense && made == Some(Metric::Cosine) && !target.cosine_vectors.is_yes();
    Ok(VectorPlan {
        from: spec.name.clone(),
        to,
        kind: spec.kind.name().to_owned(),
        dimension: spec.dimension,
        metric_from: spec.metric.map(|metric| metric.name().to_owned()),
        metric: made.map(|metric| metric.name().to_owned()),
        normalised: changed && !target.cosine_lengths.is_yes(),
        rescaled: changed && target.cosine_lengths.is_yes(),
        short: None,
    })
}

/// Notes which vectors lose digits, because the collection that is there keeps 16 bits of each number.
pub fn shortened(planned: &mut [VectorPlan], source: &Value, there: &Value, changes: &mut Vec<Change>) {
    for vector in planned {
        let at_target = short_numbers(there, &vector.to);
        vector.short = at_target.filter(|_| short_numbers(source, &vector.from) != at_target);
        if let Some(short) = vector.short {
            changes.push(Change {
                weight: Weight::Changed,
                what: format!("the numbers of the vector {:?}", vector.to),
                why: format!(
                    "the target keeps {}: up to {} is lost, or a record refused where its maker does not round.",
                    short.name(),
                    short.overlooks()
                ),
                sampled: None,
            });
        }
    }
}

/// The target's field for a vector.
fn fitting<'a>(spec: &VectorSpec, to: &str, there: &'a [VectorSpec]) -> Result<&'a VectorSpec, CopyError> {
    let Some(field) = there.iter().find(|field| field.name == to) else {
        let cause = format!("the target has no vector {to:?}");
        return Err(CopyError::wish(cause, format!("Its vectors are {}; say with --vectors FROM=TO.", names(there))));
    };
    let same = |a: Option<usize>, b: Option<usize>| a.zip(b).is_none_or(|(a, b)| a == b);
    if field.kind != spec.kind || spec.kind != VectorKind::Sparse && !same(field.dimension, spec.dimension) {
        let words = |spec: &VectorSpec| {
            let dimension = spec.dimension.map_or_else(String::new, |dimension| format!(" of {dimension} dimensions"));
            format!("{}{dimension}", spec.kind.name())
        };
        let cause = format!("the vector {:?} is {}, and {to:?} at the target {}", spec.name, words(spec), words(field));
        return Err(CopyError::wish(cause, "Copy into a new collection."));
    }
    Ok(field)
}

/// The collection that is made for such vectors.
pub fn spec(collection: &str, vectors: &[VectorPlan]) -> CollectionSpec {
    let field = |vector: &VectorPlan| VectorSpec {
        name: vector.to.clone(),
        kind: vector.kind(),
        dimension: vector.dimension,
        metric: vector.metric(),
        index: None,
        embedder: None,
    };
    CollectionSpec { name: collection.to_owned(), vectors: vectors.iter().map(field).collect() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::jobs::model::comparison::Short;

    fn field(name: &str, kind: VectorKind, metric: Option<Metric>) -> VectorSpec {
        let dimension = (kind != VectorKind::Sparse).then_some(3);
        VectorSpec { name: name.to_owned(), kind, dimension, metric, index: None, embedder: None }
    }

    const ONE: Capabilities = Capabilities {
        named_vectors: Support::No("it has one vector"),
        sparse_vectors: Support::No("it has no sparse vectors"),
        manhattan: Support::No("it has no manhattan distance"),
        cosine_vectors: Support::No("it normalises"),
        cosine_lengths: Support::No("it normalises"),
        ..Capabilities::ALL
    };

    fn planned_for(source: &[VectorSpec], wishes: &Wishes) -> Result<(Vec<VectorPlan>, Vec<Change>), CopyError> {
        let mut changes = Vec::new();
        planned("docs", source, None, &ONE, wishes, &mut changes).map(|planned| (planned, changes))
    }

    #[test]
    fn a_lone_named_vector_becomes_the_unnamed_one_and_what_cannot_be_stored_is_told_as_lost() {
        let source =
            [field("title", VectorKind::Dense, Some(Metric::Cosine)), field("words", VectorKind::Sparse, None)];
        let (planned, changes) = planned_for(&source, &Wishes::default()).unwrap();
        assert_eq!((planned.len(), planned[0].to.as_str(), planned[0].normalised), (1, "", true));
        assert_eq!((changes.len(), changes[0].weight), (1, Weight::Lost));
        assert!(changes[0].what.contains("words"));
    }

    #[test]
    fn several_vectors_for_one_place_are_refused_until_one_is_chosen() {
        let dense = |name| field(name, VectorKind::Dense, Some(Metric::Dot));
        let source = [dense("a"), dense("b")];
        assert!(planned_for(&source, &Wishes::default()).unwrap_err().to_string().contains("--vectors"));
        let wishes = Wishes { vectors: vec![("b".to_owned(), "b".to_owned())], ..Wishes::default() };
        assert_eq!(planned_for(&source, &wishes).unwrap().0[0].from, "b");
        let wishes = Wishes { vectors: vec![("c".to_owned(), "c".to_owned())], ..Wishes::default() };
        assert!(planned_for(&source, &wishes).unwrap_err().to_string().contains("no vector \"c\""));
    }

    #[test]
    fn a_metric_that_is_missing_is_asked_for_and_another_one_is_told() {
        let source = [field("", VectorKind::Dense, Some(Metric::Manhattan))];
        assert!(planned_for(&source, &Wishes::default()).unwrap_err().to_string().contains("--metric"));
        let wishes = Wishes { metric: Some("euclidean".to_owned()), ..Wishes::default() };
        let (planned, changes) = planned_for(&source, &wishes).unwrap();
        assert_eq!(planned[0].metric(), Some(Metric::Euclidean));
        assert!(changes[0].why.contains("manhattan becomes euclidean"));
        let unknown = planned_for(&[field("", VectorKind::Dense, None)], &Wishes::default()).unwrap_err().to_string();
        assert!(unknown.contains("the metric of the vector \"\" of \"docs\" is not known"), "{unknown}");
    }

    #[test]
    fn of_several_collections_each_keeps_the_metric_that_it_has() {
        let wishes = Wishes { metric: Some("euclidean".to_owned()), metric_if_needed: true, ..Wishes::default() };
        let metric = |own| planned_for(&[field("", VectorKind::Dense, own)], &wishes).unwrap().0[0].metric();
        assert_eq!(metric(Some(Metric::Dot)), Some(Metric::Dot));
        assert_eq!(metric(None), Some(Metric::Euclidean));
        assert_eq!(metric(Some(Metric::Manhattan)), Some(Metric::Euclidean), "the target has no such one");
    }

    #[test]
    fn numbers_of_16_bits_at_the_target_are_told_unless_the_source_has_them_too() {
        let source = [field("a", VectorKind::Dense, Some(Metric::Dot)), field("b", VectorKind::Dense, None)];
        let there =
            |of_b: &str| json!({ "columns": [{ "name": "a", "type": "halfvec(3)" }, { "name": "b", "type": of_b }] });
        let told = |source_says: &Value| {
            let mut changes = Vec::new();
            let mut planned =
                planned("docs", &source, Some(&source), &Capabilities::ALL, &Wishes::default(), &mut changes).unwrap();
            shortened(&mut planned, source_says, &there("vector(3)"), &mut changes);
            (planned.iter().map(|vector| vector.short).collect::<Vec<_>>(), changes)
        };
        let (short, changes) = told(&there("vector(3)"));
        assert_eq!((short, changes.len()), (vec![None, None], 0));
        let (short, changes) = told(&Value::Null);
        assert_eq!(short, [Some(Short::Half), None]);
        assert_eq!((changes.len(), changes[0].weight), (1, Weight::Changed));
        assert!(changes[0].why.contains("2^-11"), "{}", changes[0].why);
    }

    #[test]
    fn a_collection_that_is_there_must_fit() {
        let source = [field("a", VectorKind::Dense, Some(Metric::Dot))];
        let mut other = field("a", VectorKind::Dense, Some(Metric::Dot));
        other.dimension = Some(4);
        let fits = |there: &[VectorSpec]| {
            planned("docs", &source, Some(there), &Capabilities::ALL, &Wishes::default(), &mut Vec::new())
        };
        assert!(fits(&source).is_ok());
        assert!(fits(&[other]).unwrap_err().to_string().contains("3 dimensions"));
        assert!(fits(&[field("b", VectorKind::Dense, None)]).unwrap_err().to_string().contains("\"b\""));
    }
}
