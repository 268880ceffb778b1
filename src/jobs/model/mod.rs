//! What jobs say, as plain data: no tasks, files or clocks. `app` and `ui` show it as it is.

pub mod progress;

pub use progress::Progress;
