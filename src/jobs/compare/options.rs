//! What is compared, and how.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::jobs::JobError;
use crate::jobs::model::comparison::{Difference, Tolerances};
use crate::provider::filter::Filter;
use crate::provider::model::Record;

/// What a record of the first side should be on the second one: a copy's mapping of ids and fields.
pub type RecordMap = Arc<dyn Fn(Record) -> Record + Send + Sync>;

/// How much of each record is compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Depth {
    /// Whether it is there.
    Ids,
    /// Id, payload and text.
    Payloads,
    /// All of it.
    #[default]
    All,
}

impl Depth {
    /// The words for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ids => "ids",
            Self::Payloads => "ids and payloads",
            Self::All => "ids, payloads and vectors",
        }
    }
}

/// How records are compared. The default compares all of them, all there is, to the last bit.
#[derive(Clone, Default)]
pub struct ContentOptions {
    /// Done to each record of the first side before it is compared.
    pub map_a: Option<RecordMap>,
    /// Only these records of the first side.
    pub filter_a: Option<Filter>,
    /// Only these records of the second side.
    pub filter_b: Option<Filter>,
    /// Only these fields of payloads (top level, by the names of the second side).
    pub fields: Option<Vec<String>>,
    /// Only these vectors, by the names of the second side.
    pub vectors: Option<Vec<String>>,
    /// The first side's names of vectors, where the second side calls them otherwise.
    pub rename: BTreeMap<String, String>,
    /// How much of each record.
    pub depth: Depth,
    /// What is overlooked.
    pub tolerances: Tolerances,
    /// Records that only the second side has are no difference.
    pub allow_extra: bool,
    /// So many differences are listed and opened; the others are counted.
    pub list: usize,
    /// Open the others too, for who is told of each.
    pub open_all: bool,
}

impl fmt::Debug for ContentOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContentOptions").field("depth", &self.depth).field("list", &self.list).finish_non_exhaustive()
    }
}

/// For who does not want to be told of each difference.
///
/// # Errors
/// None.
pub fn pass_over(_: &Difference) -> Result<(), JobError> {
    Ok(())
}
