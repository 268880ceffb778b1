//! Signing in on another screen: the provider gives a short code, a person types it at the provider's
//! page, and we ask until that has happened.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::time::{Instant, sleep};

use super::wire::Said;
use super::{Client, Discovered, Token, token_of};
use crate::provider::{ProviderError, Result};
use crate::text::register_secret;

/// Pause between two questions where the provider names none.
const INTERVAL: u64 = 5;
/// What is added to the pause when the provider asks us to slow down.
const SLOWER: Duration = Duration::from_secs(5);
/// How long a code is good where the provider does not say.
const LASTS: u64 = 600;

/// A code that waits to be typed. `Debug` shows what a person may see.
#[derive(Debug, Clone)]
pub struct Code {
    /// Where it is to be typed.
    pub page: String,
    /// What is to be typed there.
    pub code: String,
    /// The same place with the code in it already, if the provider gives it.
    pub whole: Option<String>,
    device: SecretString,
    interval: Duration,
    lasts: Duration,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(deserialize_with = "super::secret")]
    device_code: SecretString,
    user_code: String,
    // Google's name for it
    #[serde(alias = "verification_url")]
    verification_uri: String,
    verification_uri_complete: Option<String>,
    interval: Option<u64>,
    expires_in: Option<u64>,
}

/// Asks for a code.
///
/// # Errors
/// `Unsupported` where the provider has none; as [`Discovered::token`].
pub async fn code(provider: &Discovered, client: Client<'_>, scopes: &[String]) -> Result<Code> {
    let Some(endpoint) = &provider.device else {
        return Err(ProviderError::Unsupported {
            product: "the identity provider",
            reason: "it offers no sign-in by a code on another screen".to_owned(),
        });
    };
    let scope = scopes.join(" ");
    let mut form = Vec::new();
    if !scope.is_empty() {
        form.push(("scope", scope.as_str()));
    }
    let answer: Answer = match provider.post(endpoint, "code", client, form, None).await? {
        Said::Yes(body) => body.parse()?,
        Said::No(refusal) => return Err(refusal.into_error(endpoint)),
    };
    register_secret(answer.device_code.expose_secret());
    Ok(Code {
        page: answer.verification_uri,
        code: answer.user_code,
        whole: answer.verification_uri_complete,
        device: answer.device_code,
        interval: Duration::from_secs(answer.interval.unwrap_or(INTERVAL).clamp(1, 60)),
        lasts: Duration::from_secs(answer.expires_in.unwrap_or(LASTS).min(3600)),
    })
}

/// Waits until the code was typed, as long as it is good.
///
/// # Errors
/// `SignInRefused` when the person refused or the code ended.
pub async fn wait(provider: &Discovered, client: Client<'_>, code: &Code) -> Result<Token> {
    let ends = Instant::now() + code.lasts;
    let mut interval = code.interval;
    let form =
        [("grant_type", "urn:ietf:params:oauth:grant-type:device_code"), ("device_code", code.device.expose_secret())];
    loop {
        if Instant::now() + interval > ends {
            let cause = "the code was not typed in time".to_owned();
            return Err(ProviderError::SignInRefused { address: provider.place(), cause });
        }
        sleep(interval).await;
        match provider.post(&provider.token, "token", client, form.to_vec(), Some(&code.device)).await? {
            Said::Yes(body) => return token_of(&body),
            Said::No(no) => match no.code.as_str() {
                "authorization_pending" => {}
                "slow_down" => interval += SLOWER,
                _ => return Err(no.into_error(&provider.token)),
            },
        }
    }
}
