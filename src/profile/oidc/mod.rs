//! Tokens of an identity provider, as OpenID Connect has them: for a client's secret, a user's password,
//! a refresh token, or a code that a person types elsewhere (`device`).
//!
//! `wire` speaks to the provider over `provider::transport`, whose rules hold here too: TLS to any
//! other machine, no redirects, bounded answers, no secret in an error. Where a provider's discovery
//! document leads, secrets go; so that document is named in the profile and not asked of the
//! database again.

pub mod device;
mod wire;

use std::path::Path;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::model::{OidcGrant, OidcSource};
use crate::provider::{ProviderError, Result};
use crate::text::register_secret;
use wire::{Endpoint, Said};

/// A token, and what is known of its life. `Debug` shows neither text.
#[derive(Debug, Clone)]
pub struct Token {
    /// What is shown to the database.
    pub access: SecretString,
    /// How long it is good, if the provider says so.
    pub lasts: Option<Duration>,
    /// What brings the next one without the user, if the provider gives it.
    pub refresh: Option<SecretString>,
}

/// What an identity provider says of itself.
#[derive(Debug, Clone)]
pub struct Discovered {
    /// URL of its document.
    pub discovery: String,
    token: Endpoint,
    device: Option<Endpoint>,
    /// The grants that it names; empty when it names none.
    grants: Vec<String>,
    /// A client shows its secret in a header (`client_secret_basic`), not in the form.
    basic: bool,
}

/// Who we are at a provider.
#[derive(Debug, Clone, Copy)]
pub struct Client<'a> {
    /// Our name there.
    pub id: &'a str,
    /// Our secret there, if we have one.
    pub secret: Option<&'a SecretString>,
}

#[derive(Deserialize)]
struct Document {
    token_endpoint: String,
    device_authorization_endpoint: Option<String>,
    #[serde(default)]
    grant_types_supported: Vec<String>,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
}

impl Discovered {
    /// Reads the provider's document; `ca_file` is the authority that is trusted for all that it names, in place of
    /// the system's.
    ///
    /// # Errors
    /// Failures of the transport; a document that is none, or that others could have written; endpoints that a
    /// secret must not go to.
    pub async fn read(discovery: &str, ca_file: Option<&Path>) -> Result<Self> {
        let endpoint = |text: &str| Endpoint::parse(text, ca_file);
        let document: Document = endpoint(discovery)?.get("discovery document").await?.parse()?;
        let offers = |method: &str| document.token_endpoint_auth_methods_supported.iter().any(|one| one == method);
        Ok(Self {
            discovery: discovery.to_owned(),
            token: endpoint(&document.token_endpoint)?,
            device: document.device_authorization_endpoint.as_deref().map(endpoint).transpose()?,
            basic: offers("client_secret_basic") && !offers("client_secret_post"),
            grants: document.grant_types_supported,
        })
    }

    /// `host:port` that secrets go to.
    pub fn place(&self) -> String {
        self.token.place()
    }

    /// Whether it takes that grant: it names it, or names none at all.
    pub fn takes(&self, grant: &str) -> bool {
        self.grants.is_empty() || self.grants.iter().any(|known| known == grant)
    }

    /// Asks for a token.
    ///
    /// # Errors
    /// `SignInRefused` when the provider refuses what it is shown; failures of the transport.
    pub async fn token(&self, client: Client<'_>, scopes: &[String], grant: &OidcGrant) -> Result<Token> {
        let scope = scopes.join(" ");
        let client = match grant {
            OidcGrant::ClientCredentials { secret } => Client { secret: Some(secret), ..client },
            OidcGrant::Password { .. } | OidcGrant::Refresh { .. } => client,
        };
        let mut form = Vec::new();
        let secret = match grant {
            OidcGrant::ClientCredentials { secret } => {
                form.push(("grant_type", "client_credentials"));
                secret
            }
            OidcGrant::Password { user, password } => {
                form.extend([("grant_type", "password"), ("username", user), ("password", password.expose_secret())]);
                password
            }
            OidcGrant::Refresh { token } => {
                form.extend([("grant_type", "refresh_token"), ("refresh_token", token.expose_secret())]);
                token
            }
        };
        register_secret(secret.expose_secret());
        // A refreshed token has the scopes of the first.
        if !scope.is_empty() && !matches!(grant, OidcGrant::Refresh { .. }) {
            form.push(("scope", &scope));
        }
        match self.post(&self.token, "token", client, form, Some(secret)).await? {
            Said::Yes(body) => token_of(&body),
            Said::No(refusal) => Err(refusal.into_error(&self.token)),
        }
    }

    /// Sends a form in which we say who we are, in the way that the provider takes.
    async fn post<'a>(
        &self,
        endpoint: &Endpoint,
        what: &str,
        client: Client<'a>,
        mut form: Vec<(&'a str, &'a str)>,
        secret: Option<&SecretString>,
    ) -> Result<Said> {
        let mut header = None;
        match client.secret {
            // Never both: RFC 6749 (2.3) has one way at a time, and some providers refuse two.
            Some(own) if self.basic => header = Some(wire::basic(client.id, own)),
            Some(own) => form.extend([("client_id", client.id), ("client_secret", own.expose_secret())]),
            None => form.push(("client_id", client.id)),
        }
        if let Some(own) = client.secret {
            register_secret(own.expose_secret());
        }
        let secrets: Vec<&SecretString> = secret.into_iter().chain(client.secret).collect();
        endpoint.post(what, &form, &secrets, header.as_ref()).await
    }
}

/// A token for what the profile has.
///
/// # Errors
/// As [`Discovered::read`] and [`Discovered::token`].
pub async fn token(source: &OidcSource) -> Result<Token> {
    let provider = Discovered::read(&source.discovery, source.ca_file.as_deref()).await?;
    let client = Client { id: &source.client_id, secret: source.client_secret.as_ref() };
    provider.token(client, &source.scopes, &source.grant).await
}

/// The same, for a thread that may wait: `profile::secret` is asked on one.
///
/// # Errors
/// As [`token`].
pub fn token_now(source: &OidcSource) -> Result<Token> {
    match tokio::runtime::Handle::try_current() {
        Ok(runtime) => runtime.block_on(token(source)),
        Err(_) => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.map_err(|error| ProviderError::Panicked { cause: error.to_string() })?.block_on(token(source))
        }
    }
}

#[derive(Deserialize)]
struct Answer {
    #[serde(deserialize_with = "secret")]
    access_token: SecretString,
    /// A number, or with some providers a text.
    #[serde(default)]
    expires_in: serde_json::Value,
    #[serde(default, deserialize_with = "secret_if_any")]
    refresh_token: Option<SecretString>,
}

fn secret<'de, D: serde::Deserializer<'de>>(from: D) -> std::result::Result<SecretString, D::Error> {
    String::deserialize(from).map(SecretString::from)
}

fn secret_if_any<'de, D: serde::Deserializer<'de>>(from: D) -> std::result::Result<Option<SecretString>, D::Error> {
    Option::<String>::deserialize(from).map(|text| text.map(SecretString::from))
}

fn token_of(body: &crate::provider::transport::Body) -> Result<Token> {
    let answer: Answer = body.parse()?;
    for secret in std::iter::once(&answer.access_token).chain(&answer.refresh_token) {
        register_secret(secret.expose_secret());
    }
    let seconds = answer.expires_in.as_u64().or_else(|| answer.expires_in.as_str()?.parse().ok());
    let lasts = seconds.filter(|seconds| *seconds > 0).map(Duration::from_secs);
    Ok(Token { access: answer.access_token, lasts, refresh: answer.refresh_token })
}
