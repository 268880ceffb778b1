//! The program's dealings with the terminal and the operating system.
//!
//! [`terminal`] holds the screen and gives it back in every ending, [`input`] turns bytes into
//! events, [`signals`] tells of signals and of a terminal that vanished, [`suspend`] handles ctrl-z,
//! [`stdio`] keeps stray output off the screen, [`logging`] writes the log, [`panics`] reports a
//! panic after the screen is gone, [`clipboard`] and [`editor`] are what they say. None of them
//! knows the state of the application.

pub mod clipboard;
pub mod editor;
pub mod input;
pub mod logging;
pub mod panics;
pub mod process;
pub mod signals;
pub mod stdio;
pub mod suspend;
pub mod terminal;
