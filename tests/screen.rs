//! Whole frames: text with the styles beside it, after typed keys and answers of scripted
//! databases. Nothing here waits, connects or reads a clock.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "screen/cells.rs"]
mod cells;
#[path = "screen/world.rs"]
mod world;

#[path = "screen/doctor.rs"]
mod doctor;
#[path = "screen/frames.rs"]
mod frames;
#[path = "screen/groups.rs"]
mod groups;
#[path = "screen/hostile.rs"]
mod hostile;
#[path = "screen/linked.rs"]
mod linked;
#[path = "screen/overlays.rs"]
mod overlays;
#[path = "screen/robust.rs"]
mod robust;
#[path = "screen/safety.rs"]
mod safety;
#[path = "screen/secrets.rs"]
mod secrets;
#[path = "screen/sharing.rs"]
mod sharing;
#[path = "screen/states.rs"]
mod states;
#[path = "screen/tabs.rs"]
mod tabs;
