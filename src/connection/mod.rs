//! One tokio task per open database.
//!
//! ```text
//!              try_send(Command)                    ask, ping            Connector
//!  runtime ──▶ ConnectionHandle ──▶ ConnectionTask ──────────▶ Provider ◀── connect ── profile's secrets
//!    ▲          (two inboxes of 32)   │   phase: connecting, up, waiting, stuck
//!    └───────── ConnectionEvent ◀─────┘   requests, outbox, backoff, tracker
//! ```
//!
//! `message` is what goes in ([`message::Command`]) and comes out ([`message::ConnectionEvent`]);
//! `health` is what the screen shows. Both are plain data and pure functions, which `app` and `ui`
//! may name. `tracker` folds samples into that health, pure too. `task` does the work, with one
//! file for each thing it keeps: `phase` (the link), `requests` (open questions), `outbox` (events
//! not yet sent), `backoff` (waits), `losses` (how often it was lost), `vitals` (what its details
//! show). `handle` and `registry` are what `runtime` and `cli` hold; `turns` lets few connect at
//! once over all of them; `pace` has the times; `wake` tells all tasks that the machine slept or
//! that its network is another one. `lent` is the database itself, for jobs.

pub mod backoff;
pub mod handle;
pub mod health;
pub mod lent;
mod losses;
pub mod message;
mod outbox;
pub mod pace;
mod phase;
pub mod registry;
mod requests;
pub mod task;
pub mod tracker;
mod turns;
mod vitals;
mod wake;

pub use handle::{ConnectionHandle, Connector, Prepared, Refused, SecretLife, SecretUse, Settings};
pub use lent::Lent;
pub use pace::Pace;
pub use registry::{Registry, Shared};
