//! Long work over one or two open databases: comparing, making alike, copying, backing up, checking an index.
//!
//! A job is an async function over [`Side`]s. It reads and writes through providers that stand behind
//! their gates, tells how far it is through a [`Meter`], and looks at its [`Control`] between two
//! questions, so that it can be paused and ended. `model` is what jobs say, as plain data that the
//! screen may show: progress, plans, reports. `cli` and `runtime` start jobs and give them their sides;
//! a job knows neither of them, prints nothing and asks nobody.

pub(crate) mod ahead;
pub mod align;
pub mod backup;
pub mod canon;
pub mod compare;
pub mod control;
pub mod copy;
pub mod error;
pub mod meter;
pub mod model;
pub(crate) mod patience;
pub mod queries;
pub mod recall;
pub(crate) mod short;
pub mod side;
pub(crate) mod weigh;

pub use control::Control;
pub use error::JobError;
pub use meter::Meter;
pub use side::Side;
