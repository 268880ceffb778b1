//! What jobs say, as plain data: no tasks, files or clocks. `app` and `ui` show it as it is.

pub mod copied;
pub mod plan;
pub mod progress;

pub use copied::Copied;
pub use plan::Plan;
pub use progress::Progress;
