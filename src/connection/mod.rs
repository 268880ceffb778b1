//! One tokio task per open database.
//!
//! `message` is what goes in ([`message::Command`]) and comes out ([`message::ConnectionEvent`]);
//! `health` folds samples into the state that the screen shows. Both are plain data and pure
//! functions, which `app` and `ui` may name. `task`, `handle` and `backoff` do the work and belong
//! to `runtime` and `cli`.

pub mod health;
pub mod message;
