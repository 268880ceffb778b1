//! How a provider reaches a server: TCP, TLS, and the rules for credentials.
//!
//! Shared by every maker that is a server. `qdrant` puts its gRPC channel on [`open`], `chroma` its
//! HTTP client on [`Rest`]; both ask [`check_credentials_are_private`] before a key
//! leaves the machine, turn what went wrong into a [`ProviderError`](super::ProviderError) with
//! [`failure`], and ask [`wrong_protocol`] who is there when an answer made no sense. [`Rest`] is all
//! of that for makers with a REST interface.
//!
//! Nothing here reads the environment's proxy settings or follows a redirect: a credential goes to
//! the host that the user named, and nowhere else.

mod dial;
mod failure;
mod http;
mod probe;
mod rest;
mod server;
mod tls;

pub use dial::{Duplex, open};
pub use failure::{failure, is_explained};
pub use http::http_client_builder;
pub use probe::{Answerer, Speaks, who_is_there, wrong_protocol};
pub use rest::{Body, Dialect, MAX_BODY, Question, Refusal, Reply, Rest, secret_header};
pub use server::{ALLOW_PLAINTEXT_KEY, Server, check_credentials_are_private};
pub use tls::client_config;
