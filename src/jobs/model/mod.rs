//! What jobs say, as plain data: no tasks, files or clocks. `app` and `ui` show it as it is.

pub mod aligned;
pub mod comparison;
pub mod copied;
pub mod matching;
pub mod noted;
pub mod one_query;
pub mod plan;
pub mod progress;
pub mod ranking;
pub mod recall;
pub mod wishes;

pub use copied::Copied;
pub use plan::Plan;
pub use progress::Progress;
