//! What jobs say, as plain data: no tasks, files or clocks. `app` and `ui` show it as it is.

pub mod comparison;
pub mod progress;
pub mod recall;

pub use progress::Progress;
