//! Small parts that several panes draw with.

pub mod field;
pub mod frame;
pub mod keys;
pub mod numbers;
pub mod progress;
pub mod scrollbar;
pub mod sparkline;
