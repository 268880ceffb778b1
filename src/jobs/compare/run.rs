//! All parts of a comparison, one after the other.

use std::time::Instant;

use super::noted::{self, notes};
use super::options::{ContentOptions, Depth};
use super::retrieval::{RetrievalOptions, retrieval};
use super::structure::{Known, pairs, structure};
use super::{contents, declared};
use crate::jobs::model::comparison::{Compared, Comparison, Difference, Retrieval};
use crate::jobs::queries::Queries;
use crate::jobs::{Control, JobError, Meter, Side};
use crate::provider::ErrorKind;
use crate::provider::model::{CollectionInfo, VectorKind};

/// What is compared.
#[derive(Debug, Clone)]
pub struct CompareOptions {
    /// Dimensions, metrics, indexes, fields.
    pub structure: bool,
    /// Records: `depth` says how much of them. Tolerances and names of vectors are found out, unless given.
    pub contents: Option<ContentOptions>,
    /// Searches.
    pub retrieval: Option<(Queries, usize)>,
    /// The vector that is searched, by the first side's name.
    pub using: Option<String>,
}

/// Compares two collections.
///
/// # Errors
/// A side that cannot be asked, what `each` says, or that the job was cancelled.
pub async fn compare(
    a: &Side,
    b: &Side,
    options: &CompareOptions,
    control: &Control,
    meter: &mut Meter,
    each: &mut (dyn FnMut(&Difference) -> Result<(), JobError> + Send),
) -> Result<Comparison, JobError> {
    let started = Instant::now();
    meter.phase("asking both sides what they are", "answers", None);
    let (info_a, info_b) = tokio::try_join!(describe(a, control), describe(b, control))?;
    let vectors = pairs(&info_a, &info_b);
    let noted = tokio::try_join!(notes(a, control), notes(b, control))?;
    let found_structure = match options.structure {
        true => {
            // Two copies are compared as they are, notes and all.
            let one_sided = noted.0.any != noted.1.any;
            let noted = (one_sided && noted.0.any, one_sided && noted.1.any);
            Some(structure(&info_a, &info_b, &vectors, Known { same_maker: same_maker(a, b).await, noted }))
        }
        false => None,
    };
    let found_contents = match &options.contents {
        None => None,
        Some(wanted) => {
            let mut wanted = wanted.clone();
            if wanted.tolerances == Default::default() {
                let can = |side: &Side| side.provider.capabilities().clone();
                wanted.tolerances = declared((&can(a), &info_a), (&can(b), &info_b), &vectors);
                if wanted.depth == Depth::Ids {
                    wanted.tolerances.declared.retain(|declared| declared.about == "ids");
                }
                noted::declare(noted.into(), [&a.name(), &b.name()], &mut wanted.tolerances);
            }
            let renamed = vectors.iter().filter(|(one, other)| one != other);
            wanted.rename.extend(renamed.map(|(one, other)| (one.clone(), other.clone())));
            Some(contents(a, b, &wanted, control, meter, each).await?)
        }
    };
    let found_retrieval = match &options.retrieval {
        None => None,
        Some(wanted) => {
            let known = Asked { info_a: &info_a, vectors: &vectors, noted: (noted.0.ids, noted.1.ids) };
            Some(searches(a, b, wanted, options.using.as_deref(), known, control, meter).await?)
        }
    };
    let compared = |side: &Side| Compared { target: side.label.clone(), collection: side.collection.clone() };
    Ok(Comparison {
        a: compared(a),
        b: compared(b),
        vectors,
        structure: found_structure,
        contents: found_contents,
        retrieval: found_retrieval,
        seconds: started.elapsed().as_secs_f64(),
    })
}

/// What is known of both when their searches are compared.
struct Asked<'a> {
    info_a: &'a CollectionInfo,
    vectors: &'a [(String, String)],
    noted: (bool, bool),
}

/// Compares searches; two collections that cannot be asked the same question are told so, and the rest of
/// the report stands.
async fn searches(
    a: &Side,
    b: &Side,
    (queries, top): &(Queries, usize),
    using: Option<&str>,
    Asked { info_a, vectors, noted }: Asked<'_>,
    control: &Control,
    meter: &mut Meter,
) -> Result<Retrieval, JobError> {
    let dense = |name: &str| {
        let spec = info_a.summary.vectors.iter().find(|spec| spec.name == name);
        spec.is_some_and(|spec| spec.kind == VectorKind::Dense)
    };
    let vector = vectors.iter().find(|(name, _)| using.map_or_else(|| dense(name), |using| name == using)).cloned();
    let (left_out, name) = match (vector, using) {
        (Some(vector), _) => {
            let name = vector.1.clone();
            let asked = RetrievalOptions { vector, top: *top, queries: queries.clone(), noted };
            match retrieval(a, b, &asked, control, meter).await {
                Err(JobError::Provider { label, source }) if source.kind() == ErrorKind::Request => {
                    (format!("{label}: {source}"), name)
                }
                other => return other,
            }
        }
        (None, Some(_)) => {
            let fields = vectors.iter().map(|(name, _)| format!("{name:?}")).collect::<Vec<_>>().join(", ");
            return Err(JobError::NoVectorField { side: format!("{} or {}", a.name(), b.name()), fields });
        }
        (None, None) => ("the two have no dense vector in common".to_owned(), String::new()),
    };
    let (ways, left_out, measures) = (Vec::new(), vec![left_out], [None, None]);
    Ok(Retrieval { vector: name, top: *top, queries: 0, seed: queries.seed(), measures, ways, left_out })
}

/// What the maker tells of a side, with an exact count where that is to be had.
async fn describe(side: &Side, control: &Control) -> Result<CollectionInfo, JobError> {
    let asked = side.ask("the collection", side.provider.describe(&side.collection));
    let mut info = control.unless_cancelled(asked).await?;
    if info.summary.count.is_none_or(|count| !count.exact) && side.provider.capabilities().exact_count.is_yes() {
        let counted = side.ask("the count", side.provider.count(&side.collection, None)).await.ok();
        info.summary.count = counted.or(info.summary.count);
    }
    Ok(info)
}

/// Whether both are of one product; not, where one does not answer.
async fn same_maker(a: &Side, b: &Side) -> bool {
    let (a, b) = tokio::join!(product(a), product(b));
    a.is_some() && a == b
}

async fn product(side: &Side) -> Option<String> {
    side.ask("who it is", side.provider.ping()).await.ok().map(|info| info.product)
}
