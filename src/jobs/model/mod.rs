//! What jobs say, as plain data: no tasks, files or clocks. `app` and `ui` show it as it is.

pub mod matching;
pub mod one_query;
pub mod progress;
pub mod ranking;

pub use progress::Progress;
