//! The data model that every maker's answers are brought into, and that every request starts from.
//!
//! Plain data: nothing here does I/O. The screen (`app`, `ui`), the commands (`cli`) and the
//! connection tasks (`connection`) all speak in these types; only a provider's own folder knows
//! the maker's.

mod collection;
mod page;
mod record;
mod search;
mod text;

pub use collection::{
    CollectionInfo, CollectionSpec, CollectionState, CollectionSummary, Count, PayloadField, VectorKind, VectorSpec,
};
pub use page::{Cursor, Page, PageRequest};
pub use record::{Payload, Record, RecordId, Vector, Vectors};
pub use search::{Hit, Measure, Metric, Score, SearchQuery, SearchRequest};
pub use text::{NO_MODEL, TextQuery, TextWay, embedding};
