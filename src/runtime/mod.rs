//! The program around the pure core: the event loop, what carries out effects, the terminal.
//!
//! [`launch`] starts everything, [`run`] is the loop, [`effects`] carries out what the reducer wants,
//! [`opening`] starts connections, [`store`] asks the encrypted store of profiles, [`locks`] keeps what is read-only so on every way to it, [`jobs`] runs
//! long work on open databases, with `whole` on all their collections, [`progress`] reports what the program does by itself, `examining` runs the
//! doctor, [`session`] keeps what is open for the next start. The rest deals with terminal and operating system
//! and knows nothing of the state:
//!
//! [`terminal`] holds the screen and gives it back in every ending, [`input`] turns bytes into
//! events, [`signals`] tells of signals and, with `hang_up`, of a terminal that vanished, [`suspend`]
//! handles ctrl-z, [`stdio`] keeps stray output off the screen, [`logging`] writes the log, [`panics`] reports a
//! panic after the screen is gone, [`clipboard`] and [`editor`] are what they say.

pub mod clipboard;
pub mod editor;
pub mod effects;
mod examining;
pub mod fields;
mod hang_up;
pub mod input;
pub mod jobs;
pub mod kept_secret;
pub mod launch;
mod leads_to;
pub mod locks;
pub mod logging;
pub mod opening;
pub mod panics;
pub mod process;
pub mod progress;
pub mod run;
pub mod session;
pub mod sharing;
pub mod sign_in;
pub mod signals;
pub mod signed;
pub mod stdio;
pub mod store;
pub mod suspend;
pub mod terminal;
pub mod translate;
mod whole;
