//! One maker's control plane: questions with the key in a header.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName};
use secrecy::ExposeSecret;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::bad;
use super::model::{API, Answers, CA_FILE, Key};
use crate::profile::address::whole_path;
use crate::provider::transport::{Dialect, Question, Rest, Server, secret_header};
use crate::provider::{Address, ConnectSpec, ProviderKind, Result};
use crate::text::register_secret;

const DIALECT: Dialect = Dialect { expected: "the maker's control plane", message };

/// The words of an error as these makers have them: `message`, or `error` with one inside or as a text.
fn message(body: &Value) -> Option<String> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let error = || body.get("error").and_then(|error| error.get("message").and_then(text).or_else(|| text(error)));
    body.get("message").and_then(text).or_else(error)
}

/// A control plane.
pub(super) struct Plane(Rest);

impl Plane {
    /// The one that was named, else the usual one; the key goes with every question.
    ///
    /// # Errors
    /// An address that is none, or to which the key must not go.
    pub(super) fn new(answers: &Answers, usual: &str, header: &'static str, prefix: &str, key: &Key) -> Result<Self> {
        let named = answers.text(API);
        let address = address(if named.is_empty() { usual } else { named })?;
        private(&address)?;
        register_secret(key.secret.expose_secret());
        let mut spec = ConnectSpec::new(ProviderKind::Weaviate, address);
        spec.secret = Some(key.secret.clone());
        spec.tls.ca_file = ca_file(answers);
        let mut headers = HeaderMap::new();
        headers.insert(HeaderName::from_static(header), secret_header(prefix, &key.secret, &Server::of(&spec)?)?);
        Ok(Self(Rest::new(&spec, &DIALECT, &[], headers)?))
    }

    /// Asks, and reads the answer.
    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        what: &str,
        path: &[&str],
        query: &[(&str, String)],
    ) -> Result<T> {
        let question = Question::new(Method::GET, what, path);
        let question = query.iter().fold(question, |question, (name, value)| question.with(name, value));
        self.0.ask(question).await?.body()?.parse()
    }

    /// The error for an answer that cannot be understood.
    pub(super) fn bad_answer(&self, cause: &str) -> crate::provider::ProviderError {
        self.0.bad_answer(self.0.clean(cause))
    }
}

/// A URL as the address of a server; without a port the one of its scheme is meant.
pub(super) fn address(text: &str) -> Result<Address> {
    // What was typed is not repeated: it may hold a password.
    let wrong = |why: &str| {
        bad(format!("that is no address of a server: {why}"), "Give https://HOST, with a port if there is one.")
    };
    let text_with_scheme = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let url = Url::parse(&text_with_scheme).map_err(|error| wrong(&error.to_string()))?;
    let tls = match url.scheme() {
        "https" => true,
        "http" => false,
        _ => return Err(wrong("it begins with neither https:// nor http://")),
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("it has a user name or a password, which would be shown and logged"));
    }
    let host = url.host_str().ok_or_else(|| wrong("it has no host"))?;
    let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    Ok(Address::Server { host, port: url.port_or_known_default().unwrap_or(443), tls })
}

/// The file of the own authority that was named, whole: a profile is read in other folders, too.
pub(super) fn ca_file(answers: &Answers) -> Option<PathBuf> {
    let named = answers.text(CA_FILE);
    (!named.is_empty()).then(|| whole_path(Path::new(named)))
}

/// Refuses an address at which others could read a key on its way.
///
/// # Errors
/// `BadRequest`: no TLS, and another machine.
pub(super) fn private(address: &Address) -> Result<()> {
    let server = Server::of(&ConnectSpec::new(ProviderKind::Weaviate, address.clone()))?;
    if server.tls || server.is_loopback() {
        return Ok(());
    }
    Err(bad(
        format!("the key would travel to {server} without encryption, where others can read it"),
        "Give an address that begins with https://; plain http serves on this machine only.",
    ))
}

/// What a server is called in the name of its profile: the first part of its host name; an IP address is whole.
pub(super) fn short(address: &Address) -> String {
    match address {
        Address::Server { host, .. } if host.parse::<IpAddr>().is_ok() => host.clone(),
        Address::Server { host, .. } => host.split('.').next().unwrap_or(host).to_owned(),
        Address::Directory(_) => String::new(),
    }
}

/// The address of a profile: scheme, host and port.
pub(super) fn written(address: &Address) -> Result<String> {
    let spec = ConnectSpec::new(ProviderKind::Weaviate, address.clone());
    Ok(Server::of(&spec)?.url())
}

/// The same server at another port.
pub(super) fn at_port(address: &Address, port: u16) -> Address {
    match address {
        Address::Server { host, tls, .. } => Address::Server { host: host.clone(), port, tls: *tls },
        Address::Directory(path) => Address::Directory(path.clone()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_of_the_host_and_an_ip_address_stays_whole() {
        let short = |text| short(&address(text).unwrap());
        assert_eq!(short("https://abc-1.eu.cloud.qdrant.io:6333"), "abc-1");
        assert_eq!((short("http://127.0.0.1:80"), short("http://[::1]:80")), ("127.0.0.1".into(), "::1".into()));
    }

    #[test]
    fn a_key_goes_under_tls_or_stays_here_and_no_form_is_told_of_an_option_that_it_has_not() {
        for good in ["https://h", "http://127.0.0.1:1", "http://localhost:1"] {
            private(&address(good).unwrap()).unwrap();
        }
        let refused = private(&address("http://192.0.2.2:1").unwrap()).unwrap_err().to_string();
        assert!(refused.contains("without encryption") && !refused.contains("allow_plaintext"), "{refused}");
    }
}
