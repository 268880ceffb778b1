//! Weaviate Cloud and servers of one's own: an API key, or a token of the identity provider that the
//! server names at `/v1/.well-known/openid-configuration`.

use std::path::PathBuf;

use reqwest::Method;
use reqwest::header::HeaderMap;
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::Value;

use super::model::{Answers, Cloud, Offer, WEAVIATE_WAYS, by_way};
use super::plane::{address, ca_file, short, written};
use super::{Told, bad};
use crate::profile::model::{OidcGrant, OidcSource, SecretSource};
use crate::profile::oidc::{Client, Discovered, Token, device};
use crate::provider::transport::{Dialect, Question, Reply, Rest, Server};
use crate::provider::{Address, ConnectSpec, ProviderError, ProviderKind, Result};
use crate::text::register_secret;

const DIALECT: Dialect = Dialect { expected: "Weaviate's REST interface", message };

fn message(body: &Value) -> Option<String> {
    body.get("error")?.get(0)?.get("message")?.as_str().map(str::to_owned)
}

/// What the server says of its identity provider.
#[derive(Deserialize)]
struct Configuration {
    href: String,
    #[serde(rename = "clientId")]
    client_id: String,
    #[serde(default)]
    scopes: Vec<String>,
}

pub(super) async fn find(answers: &Answers, tell: &(dyn Fn(Told<'_>) + Send + Sync)) -> Result<Vec<Offer>> {
    let url = answers.text("url");
    if url.is_empty() {
        return Err(bad("no server is named", &Cloud::Weaviate.give("url", answers)));
    }
    let place = address(url)?;
    let (source, detail) = match answers.way(WEAVIATE_WAYS) {
        "key" => match answers.key("key") {
            Some(key) => (key.source.clone(), "API key".to_owned()),
            None => return Err(bad("no key is given", &Cloud::Weaviate.give("key", answers))),
        },
        way => signed_in(&place, way, answers, tell).await?,
    };
    let name = format!("weaviate-{}", short(&place));
    let mut offer = Offer::new(&name, ProviderKind::Weaviate, &written(&place)?, detail).with_key(source);
    offer.profile.tls.ca_file = ca_file(answers);
    Ok(vec![offer])
}

/// Signs in once, so that what is saved is known to work.
async fn signed_in(
    place: &Address,
    way: &str,
    answers: &Answers,
    tell: &(dyn Fn(Told<'_>) + Send + Sync),
) -> Result<(SecretSource, String)> {
    let give = |field: &str| Cloud::Weaviate.give(field, answers);
    let address = Server::of(&ConnectSpec::new(ProviderKind::Weaviate, place.clone()))?;
    let server = configuration(place, answers).await?;
    let (provider, ca_file) = discovered(&server.href, ca_file(answers)).await?;
    let client_id = match answers.text("client-id") {
        "" => server.client_id,
        own => own.to_owned(),
    };
    let typed: Vec<String> = answers.text("scopes").split_whitespace().map(str::to_owned).collect();
    let named = !typed.is_empty();
    let mut scopes = if named { typed } else { server.scopes };
    if !named && way != "client" && !scopes.iter().any(|scope| scope == "offline_access") {
        // Without it many providers give no refresh token.
        scopes.push("offline_access".to_owned());
    }
    let own = answers.key("client-secret").map(|key| key.secret.clone());
    let client = Client { id: &client_id, secret: own.as_ref() };
    let shown = match (way, &own) {
        ("password", _) => Some("password"),
        (_, Some(_)) => Some("client secret"),
        (_, None) => None,
    };
    let told = Told::SignsInAt { provider: &provider.place(), server: &address.to_string(), shown };
    let grant = match way {
        "client" => {
            let Some(secret) = own.clone() else {
                return Err(bad("no client secret is given", &give("client-secret")));
            };
            tell(told);
            let grant = OidcGrant::ClientCredentials { secret };
            provider.token(client, &scopes, &grant).await?;
            grant
        }
        "password" => {
            let (user, Some(key)) = (answers.text("user"), answers.key("password")) else {
                return Err(bad("no password is given", &give("password")));
            };
            if user.is_empty() {
                return Err(bad("no user is named", &give("user")));
            }
            if !provider.takes("password") {
                return Err(bad(
                    "the identity provider takes no passwords from programs",
                    &format!("Sign in by a code: {}.", by_way("device", answers)),
                ));
            }
            tell(told);
            register_secret(key.secret.expose_secret());
            let grant = OidcGrant::Password { user: user.to_owned(), password: key.secret.clone() };
            let token = provider.token(client, &scopes, &grant).await?;
            refreshing(token).unwrap_or(grant)
        }
        "device" => {
            tell(told);
            let code = device::code(&provider, client, &scopes).await?;
            tell(Told::Code(&code));
            let token = device::wait(&provider, client, &code).await?;
            refreshing(token).ok_or_else(|| {
                let other = by_way("client", answers);
                bad(
                    "the identity provider gave no refresh token, so the sign-in would end with its first token",
                    &format!(
                        "{} Often offline_access asks for one. Or sign in by another way: {other}.",
                        give("scopes")
                    ),
                )
            })?
        }
        other => {
            return Err(bad(format!("{other:?} is no way to sign in"), "Known are key, client, device and password."));
        }
    };
    let detail = format!("signed in at {} ({})", provider.place(), grant.name().replace('_', " "));
    let client_secret = own.filter(|_| !matches!(grant, OidcGrant::ClientCredentials { .. }));
    let source = OidcSource { discovery: server.href, client_id, scopes, grant, client_secret, ca_file };
    Ok((SecretSource::Oidc(Box::new(source)), detail))
}

fn refreshing(token: Token) -> Option<OidcGrant> {
    token.refresh.map(|token| OidcGrant::Refresh { token })
}

/// The provider, and the authority by which it is known: the one that was named, else one of the system's, as
/// a server of one's own often has a provider that all know. A wrong certificate shows before anything is sent.
async fn discovered(href: &str, ca_file: Option<PathBuf>) -> Result<(Discovered, Option<PathBuf>)> {
    match Discovered::read(href, ca_file.as_deref()).await {
        Err(first @ ProviderError::Certificate { .. }) if ca_file.is_some() => match Discovered::read(href, None).await
        {
            Err(ProviderError::Certificate { .. }) => Err(first),
            other => Ok((other?, None)),
        },
        other => Ok((other?, ca_file)),
    }
}

async fn configuration(place: &Address, answers: &Answers) -> Result<Configuration> {
    let mut spec = ConnectSpec::new(ProviderKind::Weaviate, place.clone());
    spec.tls.ca_file = ca_file(answers);
    let server = Server::of(&spec)?;
    if !server.tls && !server.is_loopback() {
        return Err(bad(
            format!(
                "{server} would be asked for its identity provider without encryption, so that others could name one of \
                 their own, and secrets would go there"
            ),
            "Give an address that begins with https://; plain http serves on this machine only.",
        ));
    }
    let rest = Rest::new(&spec, &DIALECT, &["v1"], HeaderMap::new())?;
    let what = "identity provider of the server";
    match rest.ask(Question::new(Method::GET, what, &[".well-known", "openid-configuration"])).await? {
        Reply::Ok(body) => body.parse(),
        Reply::Refused(refusal) if refusal.status == 404 => Err(ProviderError::Unsupported {
            product: "this Weaviate",
            reason: format!(
                "{} names no identity provider; sign in by an API key ({})",
                rest.address(),
                by_way("key", answers)
            ),
        }),
        Reply::Refused(refusal) => Err(refusal.error()),
    }
}
