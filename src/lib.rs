//! vector-inspector: many vector databases of different makers, open at once, in one terminal.

pub mod app;
pub mod cli;
pub mod cloud;
pub mod config;
pub mod connection;
pub mod demo;
pub mod doctor;
pub mod jobs;
pub mod keymap;
pub mod profile;
pub mod provider;
pub mod runtime;
pub mod text;
pub mod ui;
