//! Query vectors for checks: given by the user, or the vectors of some records, taken by a seed.

use fastrand::Rng;

use super::{Control, JobError, Meter, Side};
use crate::provider::model::{PageRequest, RecordId, Vector};

/// Where queries come from.
#[derive(Debug, Clone, PartialEq)]
pub enum Queries {
    /// These.
    Given(Vec<Vector>),
    /// The vectors of so many records, any with the same chance.
    Sampled {
        /// How many.
        count: usize,
        /// Makes the same choice again, as long as the collection is the same.
        seed: u64,
    },
}

impl Queries {
    /// The seed, where they are sampled.
    pub fn seed(&self) -> Option<u64> {
        match self {
            Self::Given(_) => None,
            Self::Sampled { seed, .. } => Some(*seed),
        }
    }

    /// The vectors; for sampled ones the collection's ids are read once.
    ///
    /// # Errors
    /// A side that cannot be read, or that the job was cancelled.
    pub async fn vectors(
        &self,
        side: &Side,
        vector: &str,
        control: &Control,
        meter: &mut Meter,
    ) -> Result<Vec<Vector>, JobError> {
        match self {
            Self::Given(vectors) => Ok(vectors.clone()),
            Self::Sampled { count, seed } => {
                let ids = sample(side, *count, *seed, control, meter).await?;
                let mut found = Vec::with_capacity(ids.len());
                for some in ids.chunks(64) {
                    let asked = side.ask("records to search with", side.provider.get(&side.collection, some, true));
                    let records = control.unless_cancelled(asked).await?;
                    found.extend(records.into_iter().filter_map(|record| record.vectors?.get(vector).cloned()));
                }
                Ok(found)
            }
        }
    }
}

/// Records of one page.
const PAGE: usize = 1_000;
/// Records among which a sample is taken; the first ones of a larger collection.
const AMONG: u64 = 1_000_000;

/// Some ids, any with the same chance (Vitter's algorithm R).
async fn sample(
    side: &Side,
    count: usize,
    seed: u64,
    control: &Control,
    meter: &mut Meter,
) -> Result<Vec<RecordId>, JobError> {
    let mut rng = Rng::with_seed(seed);
    let counted = side.ask("the count", side.provider.count(&side.collection, None)).await.ok();
    meter.phase("choosing queries", "records", counted.map(|count| count.value.min(AMONG)));
    let (mut chosen, mut read) = (Vec::with_capacity(count), 0_u64);
    let mut request = PageRequest::first(PAGE);
    loop {
        control.checkpoint().await?;
        let asked = side.ask("a page of records", side.provider.page(&side.collection, &request));
        let page = control.unless_cancelled(asked).await?;
        meter.advance(page.records.len() as u64);
        for record in page.records {
            read += 1;
            if chosen.len() < count {
                chosen.push(record.id);
            } else if let Some(place) = usize::try_from(rng.u64(0..read)).ok().and_then(|at| chosen.get_mut(at)) {
                *place = record.id;
            }
        }
        request.cursor = page.next;
        if request.cursor.is_none() || read >= AMONG {
            return Ok(chosen);
        }
    }
}
