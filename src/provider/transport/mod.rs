//! How a provider reaches a server: proxies, tunnels, TCP, TLS, and the rules for credentials.
//!
//! Shared by every maker that is a server: [`Rest`] for a REST interface ([`Document`] for its JSON with
//! vectors in it), [`grpc_channel`] for gRPC, [`open`] for a language of its own. All ask [`check_credentials_are_private`] before a key leaves
//! the machine, turn what went wrong into a [`ProviderError`](super::ProviderError) with [`failure`],
//! connect [`in_time`], and ask [`wrong_protocol`] who is there when an answer made no sense.
//!
//! All of them dial with [`open`], on the [`Way`] that [`under_way`] has set up, so that CA, client
//! certificate, server name, proxy and tunnel mean the same for every maker.
//!
//! Nothing here reads the environment's proxy settings, unless the profile says so, or follows a
//! redirect: a credential goes to the host that the user named, and nowhere else.

mod answer;
mod certificate;
mod dial;
mod document;
mod failure;
mod grpc;
mod http;
mod probe;
pub(in crate::provider) mod program;
mod recognise;
mod rest;
mod route;
mod server;
mod tls;
mod wrong;

pub use certificate::date;
pub use dial::{Duplex, open, shake_hands};
pub use document::{Document, Entries, Field};
pub use failure::{failure, is_explained};
pub use grpc::{KeepAlive, NOT_GRPC, grpc_busy, grpc_channel, grpc_too_large, grpc_transport_failure};
#[cfg_attr(not(feature = "lancedb"), allow(unused_imports))]
pub(in crate::provider) use http::Http;
pub use probe::{Answerer, Speaks, who_is_there};
pub use rest::{Body, Dialect, MAX_BODY, Question, Refusal, Reply, Rest, secret_header};
pub use route::{Way, proxy_address, under_way};
pub use server::{ALLOW_PLAINTEXT_KEY, Server, check_credentials_are_private};
pub use tls::{client_config, tls_config};
pub use wrong::{explain, wrong_protocol};

use std::future::Future;

use super::{ConnectSpec, ProviderError, Result};

/// Connecting, ended by the spec's limit for it.
///
/// # Errors
/// Those of `connecting`; `TimedOut`.
pub async fn in_time<T>(spec: &ConnectSpec, connecting: impl Future<Output = Result<T>>) -> Result<T> {
    let limit = spec.timeouts.connect;
    tokio::time::timeout(limit, connecting)
        .await
        .unwrap_or_else(|_| Err(ProviderError::TimedOut { what: Server::of(spec)?.to_string(), after: limit }))
}
