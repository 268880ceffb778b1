//! The pure core: what the program knows and how it changes.
//!
//! [`reduce::reduce`] takes the whole [`state::AppState`] and one [`event::Event`] and returns what
//! is to be done outside as [`effect::Effect`]s. Nothing here waits, reads files, looks at a clock
//! or draws: `runtime` brings events and carries out effects, `ui` draws the state.

pub mod action;
pub mod connections;
pub mod effect;
pub mod event;
pub mod field;
pub mod filter_bar;
pub mod fuzzy;
pub mod geometry;
pub mod job;
pub mod links;
pub mod list;
pub mod loadable;
pub mod overlay;
pub mod panes;
pub mod profiles;
pub mod reduce;
pub mod session;
pub mod settings;
pub mod sharing;
pub mod sidebar;
pub mod state;
pub mod view;
pub mod visited;
