//! Between Qdrant's types and ours. Pure: no I/O, and no loss in either direction; what cannot be
//! carried exactly is refused with the reason.

mod collection;
mod details;
mod ids;
mod payload;
mod points;
mod vectors;

pub(super) use collection::{create_request, specs, state, summary_of};
pub(super) use details::{details, fields};
pub(super) use ids::{cursor_of, from_cursor, to_id};
pub(super) use points::{hit, listed, point, record};
pub(super) use vectors::query_input;
