//! The encrypted store of profiles, as its users see it: what survives, what is refused, and that
//! nothing is ever lost or written in plain text. Needs no server.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "store/damage.rs"]
mod damage;
#[path = "store/fixture.rs"]
mod fixture;
#[path = "store/kill.rs"]
mod kill;
#[path = "store/operations.rs"]
mod operations;
#[path = "store/round_trip.rs"]
mod round_trip;
#[path = "store/secrets.rs"]
mod secrets;
#[path = "store/specs.rs"]
mod specs;
#[path = "store/system_calls.rs"]
mod system_calls;
#[path = "store/unlocking.rs"]
mod unlocking;
#[path = "store/writers.rs"]
mod writers;
