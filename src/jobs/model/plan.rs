//! What a copy will do, as data: shown before anything is written, saved with the copy, read again when it is
//! resumed. `jobs::copy` makes it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::comparison::{Short, VectorTolerance};
use crate::provider::model::{Metric, VectorKind};

/// What a user wants of a copy beyond its two ends.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Wishes {
    /// Only records that this selects.
    pub filter: Option<String>,
    /// Where the database refuses the filter: read all and filter here.
    pub filter_here: bool,
    /// Only these fields of the payload; all where it is empty.
    pub only: Vec<String>,
    /// Not these fields.
    pub without: Vec<String>,
    /// Fields under another name: old, new.
    pub rename: Vec<(String, String)>,
    /// Fields that every record gets.
    pub set: Map<String, Value>,
    /// Only these vectors: name, and name in the target; all where it is empty.
    pub vectors: Vec<(String, String)>,
    /// The metric of the new collection's dense vectors, in place of the source's.
    pub metric: Option<String>,
    /// That metric is only for vectors whose own is not known, or not to be had at the target: of several collections
    /// each keeps its own.
    pub metric_if_needed: bool,
    /// Write into a collection that has records.
    pub into_existing: bool,
    /// Bring back what an earlier copy has put into the fields `_source_...`.
    pub restore: bool,
    /// At most so many records a second.
    pub rate: Option<u64>,
    /// At most so many records in one write.
    pub batch: Option<usize>,
    /// Stop when more records than this were refused.
    pub max_rejects: Option<u64>,
    /// What is proved at the end.
    pub verify: Verify,
    /// Searches that are asked of both sides at the end; none where it is 0.
    pub queries: usize,
}

/// What is proved at the end of a copy.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verify {
    /// Counts, every id, every record's content, and searches.
    #[default]
    Full,
    /// Counts only.
    Counts,
    /// Nothing.
    None,
}

/// One end of a copy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// What the database is called in output.
    pub label: String,
    /// The word that opens it again: a profile's name, a URL, a directory. Never holds a secret.
    pub target: String,
    /// The product, as it calls itself.
    pub product: String,
    /// Its version.
    pub version: String,
    /// The collection.
    pub collection: String,
}

impl Place {
    /// `label ▸ collection`, for people.
    pub fn name(&self) -> String {
        format!("{} ▸ {}", self.label, self.collection)
    }
}

/// What is at the target now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// Nothing: the collection is made.
    New,
    /// An empty collection.
    Empty,
    /// A collection with so many records, which stay as they are.
    Existing(u64),
}

/// One vector of every record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VectorPlan {
    /// Its name at the source, `""` for the unnamed one.
    pub from: String,
    /// Its name at the target.
    pub to: String,
    /// `dense`, `sparse` or `multi`.
    pub kind: String,
    /// Dimensions; `None` where the source does not fix them.
    pub dimension: Option<usize>,
    /// The metric at the source.
    pub metric_from: Option<String>,
    /// The metric at the target.
    pub metric: Option<String>,
    /// The target brings it to the length 1.
    pub normalised: bool,
    /// The target gives it back at the length that it had, but not bit for bit.
    #[serde(default)]
    pub rescaled: bool,
    /// The target keeps its numbers in 16 bits, and the source does not.
    #[serde(default)]
    pub short: Option<Short>,
}

impl VectorPlan {
    /// Its kind.
    pub fn kind(&self) -> VectorKind {
        let kinds = [VectorKind::Dense, VectorKind::Sparse, VectorKind::Multi];
        kinds.into_iter().find(|kind| kind.name() == self.kind).unwrap_or(VectorKind::Dense)
    }

    /// How near it has to be to what was read, once it is written; `None` is bit for bit.
    pub fn tolerance(&self) -> Option<VectorTolerance> {
        let declared = [
            self.normalised.then_some(VectorTolerance::UNIT),
            self.rescaled.then_some(VectorTolerance::RESCALED),
            self.short.map(Short::tolerance),
        ];
        declared.into_iter().flatten().reduce(VectorTolerance::and)
    }

    /// Its metric at the target.
    pub fn metric(&self) -> Option<Metric> {
        self.metric.as_deref().and_then(metric)
    }
}

/// The metric of that name.
pub fn metric(name: &str) -> Option<Metric> {
    [Metric::Cosine, Metric::Dot, Metric::Euclidean, Metric::Manhattan].into_iter().find(|m| m.name() == name)
}

/// What becomes of the ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IdPolicy {
    /// They stay as they are.
    Kept,
    /// Each becomes a UUID made of it; the original stays in the payload.
    Uuid,
    /// The same where the target's ids are texts: the UUID as text.
    UuidText,
    /// Each becomes what it was before an earlier copy, as that has noted it.
    Restored,
}

/// What becomes of the ids, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdPlan {
    /// What.
    pub policy: IdPolicy,
    /// Why, a sentence.
    pub why: String,
    /// An id of the source and what it becomes.
    pub example: Option<(String, String)>,
}

/// What becomes of the text beside the payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TextPlan {
    /// It stays beside the payload.
    Kept,
    /// It becomes a field of the payload.
    Field,
}

/// Which values a payload of the target can hold. What it cannot goes as JSON into one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holds {
    /// Objects, and arrays in arrays.
    pub nested: bool,
    /// Arrays.
    pub arrays: bool,
    /// `null`, empty and mixed arrays.
    pub nulls: bool,
    /// Integers above 2^63 - 1.
    pub unsigned: bool,
    /// Integers beyond 2^53.
    pub exact_integers: bool,
    /// Floats to the last bit.
    pub exact_floats: bool,
    /// 1.0 beside 1.
    pub whole_floats: bool,
    /// -0.0 beside 0.0. Plans of earlier versions do not tell: there it is a difference.
    #[serde(default = "held")]
    pub negative_zeros: bool,
    /// Any text as key.
    pub any_keys: bool,
    /// The empty key, and keys with `$` in front.
    pub reserved_keys: bool,
}

fn held() -> bool {
    true
}

/// How grave a change is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Weight {
    /// Something does not arrive.
    Lost,
    /// Records of that sort are refused, and written to the file of rejects.
    Refused,
    /// It arrives otherwise than it was.
    Changed,
    /// It arrives whole in another place, and comes back with `restore`.
    Moved,
    /// Good to know.
    Note,
}

impl Weight {
    /// The word for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::Refused => "refused",
            Self::Changed => "changed",
            Self::Moved => "moved",
            Self::Note => "note",
        }
    }
}

/// Something that is not the same afterwards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// How grave.
    pub weight: Weight,
    /// What, a few words.
    pub what: String,
    /// Why, and what becomes of it; a sentence.
    pub why: String,
    /// How many of the sampled records it concerns; `None` where a sample does not tell.
    pub sampled: Option<u64>,
}

/// How much it is, from a sample.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// Records that were looked at.
    pub sampled: u64,
    /// Bytes of a record, about.
    pub bytes_per_record: u64,
    /// Bytes of all, about.
    pub bytes: u64,
    /// Seconds for reading all of it, as fast as the sample was read. Writing is not measured beforehand.
    pub read_seconds: f64,
}

/// What a copy will do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// From where.
    pub from: Place,
    /// To where.
    pub to: Place,
    /// What is there now.
    pub target: Target,
    /// Records that are copied.
    pub records: u64,
    /// Whether that number is exact.
    pub records_exact: bool,
    /// The vectors.
    pub vectors: Vec<VectorPlan>,
    /// The ids.
    pub ids: IdPlan,
    /// The text beside the payload.
    pub text: TextPlan,
    /// What payloads can hold there.
    pub holds: Holds,
    /// What is lost, refused, changed or moved, the gravest first.
    pub changes: Vec<Change>,
    /// How much it is.
    pub estimate: Estimate,
    /// What the user wants.
    pub wishes: Wishes,
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn wishes_of_an_older_file_get_the_defaults() {
        let wishes: Wishes = serde_json::from_str(r#"{"only": ["a"], "verify": "counts"}"#).unwrap();
        assert_eq!((wishes.only.len(), wishes.verify, wishes.rate), (1, Verify::Counts, None));
    }

    #[test]
    fn names_of_metrics_and_kinds_are_read_again() {
        for name in ["cosine", "dot", "euclidean", "manhattan"] {
            assert_eq!(metric(name).unwrap().name(), name);
        }
        assert_eq!(metric("x"), None);
    }
}
