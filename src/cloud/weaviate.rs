//! Weaviate Cloud and servers of one's own: an API key, or a token of the identity provider that the
//! server names at `/v1/.well-known/openid-configuration`.

use reqwest::Method;
use reqwest::header::HeaderMap;
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::Value;

use super::bad;
use super::model::{Answers, Offer, WEAVIATE_WAYS};
use super::plane::{address, written};
use crate::profile::model::{OidcGrant, OidcSource, SecretSource};
use crate::profile::oidc::device::{self, Code};
use crate::profile::oidc::{Discovered, Token};
use crate::provider::transport::{Dialect, Question, Reply, Rest};
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

pub(super) async fn find(answers: &Answers, show: &(dyn Fn(&Code) + Send + Sync)) -> Result<Vec<Offer>> {
    let url = answers.text("url");
    if url.is_empty() {
        return Err(bad("no server is named", "Give its address: --url https://NAME.weaviate.cloud."));
    }
    let place = address(url)?;
    let (source, detail) = match answers.way(WEAVIATE_WAYS) {
        "key" => match answers.key("key") {
            Some(key) => (key.source.clone(), "API key".to_owned()),
            None => {
                return Err(bad("no key is given", "Give one (--key-env, --key-stdin), or another --way to sign in."));
            }
        },
        way => signed_in(&place, way, answers, show).await?,
    };
    let name = match &place {
        Address::Server { host, .. } => host.split('.').next().unwrap_or(host).to_owned(),
        Address::Directory(_) => String::new(),
    };
    Ok(vec![
        Offer::new(&format!("weaviate-{name}"), ProviderKind::Weaviate, &written(&place)?, detail).with_key(source),
    ])
}

/// Signs in once, so that what is saved is known to work.
async fn signed_in(
    place: &Address,
    way: &str,
    answers: &Answers,
    show: &(dyn Fn(&Code) + Send + Sync),
) -> Result<(SecretSource, String)> {
    let server = configuration(place).await?;
    let provider = Discovered::read(&server.href).await?;
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
    let grant = match way {
        "client" => {
            let Some(key) = answers.key("client-secret") else {
                return Err(bad("no client secret is given", "Give it: --client-secret-env, or type it."));
            };
            let grant = OidcGrant::ClientCredentials { secret: key.secret.clone() };
            provider.token(&client_id, &scopes, &grant).await?;
            grant
        }
        "password" => {
            let (user, Some(key)) = (answers.text("user"), answers.key("password")) else {
                return Err(bad("no password is given", "Give it: --password-env, or type it."));
            };
            if user.is_empty() {
                return Err(bad("no user is named", "Give --user NAME."));
            }
            if !provider.takes("password") {
                return Err(bad(
                    "the identity provider takes no passwords from programs",
                    "Sign in with --way device.",
                ));
            }
            register_secret(key.secret.expose_secret());
            let grant = OidcGrant::Password { user: user.to_owned(), password: key.secret.clone() };
            let token = provider.token(&client_id, &scopes, &grant).await?;
            refreshing(token).unwrap_or(grant)
        }
        "device" => {
            let code = device::code(&provider, &client_id, &scopes).await?;
            show(&code);
            let token = device::wait(&provider, &client_id, &code).await?;
            refreshing(token).ok_or_else(|| {
                bad(
                    "the identity provider gave no refresh token, so the sign-in would end with its first token",
                    "Ask for one with --scopes (often offline_access), or sign in by another --way.",
                )
            })?
        }
        other => {
            return Err(bad(format!("{other:?} is no way to sign in"), "Known are key, client, device and password."));
        }
    };
    let detail = format!("signed in at {} ({})", provider.place(), grant.name().replace('_', " "));
    let source = OidcSource { discovery: server.href, client_id, scopes, grant };
    Ok((SecretSource::Oidc(Box::new(source)), detail))
}

fn refreshing(token: Token) -> Option<OidcGrant> {
    token.refresh.map(|token| OidcGrant::Refresh { token })
}

async fn configuration(place: &Address) -> Result<Configuration> {
    let spec = ConnectSpec::new(ProviderKind::Weaviate, place.clone());
    let rest = Rest::new(&spec, &DIALECT, &["v1"], HeaderMap::new())?;
    let what = "identity provider of the server";
    match rest.ask(Question::new(Method::GET, what, &[".well-known", "openid-configuration"])).await? {
        Reply::Ok(body) => body.parse(),
        Reply::Refused(refusal) if refusal.status == 404 => Err(ProviderError::Unsupported {
            product: "this Weaviate",
            reason: format!("{} names no identity provider; sign in with an API key (--way key)", rest.address()),
        }),
        Reply::Refused(refusal) => Err(refusal.error()),
    }
}
