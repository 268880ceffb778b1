//! Saved connections.
//!
//! `model` is plain data that the screen's forms and lists use. `vault` is the age-encrypted store
//! that holds it, `unlock` the ways to its key, `target` what a word on the command line means
//! (profile name, URL, directory), `access` what is read-only and `whereabouts` which of them are one database, `one_word` one spelling of their words, `destination` where secrets are sent, `exposure` whether a key would travel in plain text, `oidc` how tokens of an identity provider are had. Only `runtime` and `cli` touch files through them.

pub mod access;
pub mod address;
pub mod ask_port;
pub mod destination;
pub mod exposure;
pub mod import;
pub mod last_used;
pub mod model;
pub mod oidc;
pub mod one_word;
pub mod project;
pub mod route;
pub mod secret;
pub mod share;
pub mod spec;
pub mod store_url;
pub mod target;
pub mod vault;
pub mod whereabouts;
