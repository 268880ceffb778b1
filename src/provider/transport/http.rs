//! The HTTP client of makers with a REST interface.

use reqwest::ClientBuilder;
use reqwest::redirect::Policy;

use super::client_config;
use crate::provider::{ConnectSpec, Result};

/// A builder with all that is common: TLS from the spec, no redirects (they would carry the key to
/// another host), no proxies of the environment, connect and total timeouts, keep-alive that
/// finds half-open connections. The maker adds its headers and builds it.
///
/// # Errors
/// Those of [`client_config`].
pub fn http_client_builder(spec: &ConnectSpec) -> Result<ClientBuilder> {
    let tls = client_config(&spec.tls, &[b"http/1.1"])?;
    Ok(ClientBuilder::new()
        .tls_backend_preconfigured(tls)
        .redirect(Policy::none())
        .no_proxy()
        .connect_timeout(spec.timeouts.connect)
        .timeout(spec.timeouts.request)
        .tcp_keepalive(std::time::Duration::from_secs(15))
        .tcp_nodelay(true)
        .http1_only()
        .referer(false)
        .user_agent(concat!("vector-inspector/", env!("CARGO_PKG_VERSION"))))
}
