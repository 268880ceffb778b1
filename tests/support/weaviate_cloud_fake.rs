//! A Weaviate with an identity provider, both in this process. The server takes the provider's present
//! tokens and nothing else; the provider gives tokens for a client's secret, a password, a refresh
//! token that it changes at each use, and a code that a person confirms. Forms after OpenID Connect
//! Discovery, RFC 6749 and RFC 8628, and the server's documented `/v1/.well-known/openid-configuration`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::response::Response;
use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::fake_http::{self, Asked, respond};

/// The secrets that are right; each must be seen nowhere.
pub const CLIENT_SECRET: &str = "canary-client-secret";
pub const USER: &str = "ada@example.com";
pub const PASSWORD: &str = "canary-password";
/// How every token and code of the provider begins.
pub const TOKEN: &str = "canary-token-";
/// What a person is to type.
pub const USER_CODE: &str = "WDJB-MJHT";

/// The two; clones are the same.
#[derive(Clone)]
pub struct Fake {
    /// The server's `http://host:port`.
    pub url: String,
    /// The provider's discovery document.
    pub discovery: String,
    state: Arc<Mutex<State>>,
    _tasks: Arc<Mutex<JoinSet<()>>>,
}

#[derive(Default)]
struct State {
    /// `scheme://host:port` of the provider, as it and the server name it.
    origin: String,
    /// Clients must show their secret, in a header only.
    basic: bool,
    /// Tokens that the server takes.
    good: Vec<String>,
    /// The refresh token that is good now.
    refresh: String,
    given: usize,
    lasts: u64,
    refuses: bool,
    /// How often a code was asked for before it was confirmed.
    asked: usize,
    /// Tokens with which the server was asked, in the order of their first use.
    used: Vec<String>,
    /// The forms that came, by grant.
    grants: Vec<String>,
    without_refresh: bool,
}

impl Fake {
    /// Tokens last that long.
    pub async fn start(lasts: u64) -> Self {
        let (server, server_address) = fake_http::listen().await;
        let (provider, provider_address) = fake_http::listen().await;
        let origin = format!("http://{provider_address}");
        let state = Arc::new(Mutex::new(State { lasts, origin, ..State::default() }));
        let mut tasks = JoinSet::new();
        let shared = state.clone();
        let answering = move |asked: Asked| {
            let shared = shared.clone();
            async move { serve(&asked, &mut shared.lock().unwrap()) }
        };
        fake_http::serve(&mut tasks, server, answering);
        let shared = state.clone();
        let answering = move |asked: Asked| {
            let shared = shared.clone();
            async move { provide(&asked, &mut shared.lock().unwrap()) }
        };
        fake_http::serve(&mut tasks, provider, answering);
        Self {
            url: format!("http://{server_address}"),
            discovery: format!("http://{provider_address}/realm/.well-known/openid-configuration"),
            state,
            _tasks: Arc::new(Mutex::new(tasks)),
        }
    }

    /// From now on the provider refuses everybody, and the server all tokens there are.
    pub fn refuse(&self) {
        let mut state = self.state.lock().unwrap();
        state.refuses = true;
        state.good.clear();
    }

    /// Server and provider are at these origins from now on: something stands before each.
    pub fn behind(&mut self, server: &str, provider: &str) {
        server.clone_into(&mut self.url);
        self.discovery = format!("{provider}/realm/.well-known/openid-configuration");
        provider.clone_into(&mut self.state.lock().unwrap().origin);
    }

    /// The server names a provider at that origin.
    pub fn name_provider(&self, origin: &str) {
        origin.clone_into(&mut self.state.lock().unwrap().origin);
    }

    /// Every client must show its secret, and in a header only.
    pub fn wants_basic(&self) {
        self.state.lock().unwrap().basic = true;
    }

    /// The provider gives no refresh tokens.
    pub fn without_refresh(&self) {
        self.state.lock().unwrap().without_refresh = true;
    }

    /// A refresh token as an earlier sign-in would have left it.
    pub fn refresh_token(&self) -> String {
        let mut state = self.state.lock().unwrap();
        state.refresh = format!("{TOKEN}refresh-0");
        state.refresh.clone()
    }

    /// The refresh token that is good now.
    pub fn newest_refresh(&self) -> String {
        self.state.lock().unwrap().refresh.clone()
    }

    /// How many different tokens the server was asked with.
    pub fn tokens_used(&self) -> usize {
        self.state.lock().unwrap().used.len()
    }

    /// The grants that came.
    pub fn grants(&self) -> Vec<String> {
        self.state.lock().unwrap().grants.clone()
    }
}

fn serve(asked: &Asked, state: &mut State) -> Response {
    if asked.uri.path() == "/v1/.well-known/openid-configuration" {
        let href = format!("{}/realm/.well-known/openid-configuration", state.origin);
        return respond((200, json!({ "href": href, "clientId": "wcs", "scopes": ["openid"] })));
    }
    let token = asked.header("authorization").and_then(|text| text.strip_prefix("Bearer ")).unwrap_or_default();
    if !state.good.iter().any(|good| good == token) {
        return respond((401, json!({ "error": [{ "message": format!("oidc auth: token {token} is not valid") }] })));
    }
    if !state.used.iter().any(|used| used == token) {
        state.used.push(token.to_owned());
    }
    match asked.uri.path() {
        "/v1/meta" => respond((200, json!({ "hostname": "http://[::]:8080", "modules": {}, "version": "1.30.0" }))),
        "/v1/schema" => respond((200, json!({ "classes": [] }))),
        _ => respond((404, Value::Null)),
    }
}

/// The client's name and secret, as the provider wants them shown.
fn client(asked: &Asked, form: &BTreeMap<String, String>, basic: bool) -> Option<(String, String)> {
    let field = |name: &str| form.get(name).cloned();
    if !basic {
        let none = asked.header("authorization").is_none();
        return none.then(|| (field("client_id").unwrap_or_default(), field("client_secret").unwrap_or_default()));
    }
    let shown = asked.header("authorization")?.strip_prefix("Basic ")?;
    let pair = String::from_utf8(BASE64_STANDARD.decode(shown).ok()?).ok()?;
    let (id, secret) = pair.split_once(':')?;
    (field("client_id"), field("client_secret")).eq(&(None, None)).then(|| (id.to_owned(), secret.to_owned()))
}

fn provide(asked: &Asked, state: &mut State) -> Response {
    let form: BTreeMap<String, String> = url::form_urlencoded::parse(&asked.body).into_owned().collect();
    let client = client(asked, &form, state.basic);
    let origin = state.origin.clone();
    let field = |name: &str| form.get(name).map_or("", String::as_str);
    match asked.uri.path() {
        "/realm/.well-known/openid-configuration" => {
            let at = |path: &str| format!("{origin}/realm/{path}");
            let methods = if state.basic { ["client_secret_basic"] } else { ["client_secret_post"] };
            let grants =
                ["client_credentials", "password", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"];
            respond((
                200,
                json!({
                    "issuer": at(""),
                    "token_endpoint": at("token"),
                    "device_authorization_endpoint": at("device"),
                    "grant_types_supported": grants,
                    "token_endpoint_auth_methods_supported": methods,
                }),
            ))
        }
        "/realm/device" if client.is_none() => respond((401, json!({ "error": "invalid_client" }))),
        "/realm/device" => respond((
            200,
            json!({
                "device_code": format!("{TOKEN}device"),
                "user_code": USER_CODE,
                "verification_uri": format!("{origin}/realm/device-page"),
                "verification_uri_complete": format!("{origin}/realm/device-page?user_code={USER_CODE}"),
                "expires_in": 60,
                "interval": 1,
            }),
        )),
        "/realm/token" => {
            state.grants.push(field("grant_type").to_owned());
            let refused = |code: &str, said: &str| respond((400, json!({ "error": code, "error_description": said })));
            if state.refuses {
                // A provider that repeats what it was shown.
                let shown = format!("{}{}{}", field("refresh_token"), field("client_secret"), field("password"));
                return refused("invalid_grant", &format!("the session of {shown} has ended"));
            }
            let Some((id, secret)) = client else { return refused("invalid_client", "who are you?") };
            if id != "wcs" || (state.basic && secret != CLIENT_SECRET) {
                return refused("invalid_client", "that is not right");
            }
            let right = match field("grant_type") {
                "client_credentials" => secret == CLIENT_SECRET,
                "password" => (field("username"), field("password")) == (USER, PASSWORD),
                "refresh_token" => !state.refresh.is_empty() && field("refresh_token") == state.refresh,
                "urn:ietf:params:oauth:grant-type:device_code" => {
                    state.asked += 1;
                    if state.asked < 2 {
                        return refused("authorization_pending", "nobody has confirmed it yet");
                    }
                    field("device_code") == format!("{TOKEN}device")
                }
                _ => return refused("unsupported_grant_type", "no such grant"),
            };
            if !right {
                return refused("invalid_grant", "that is not right");
            }
            state.given += 1;
            let access = format!("{TOKEN}access-{}", state.given);
            // Two are good at once, as real ones overlap.
            state.good.push(access.clone());
            let surplus = state.good.len().saturating_sub(2);
            state.good.drain(..surplus);
            let mut answer = json!({ "access_token": access, "token_type": "Bearer", "expires_in": state.lasts });
            if field("grant_type") != "client_credentials" && !state.without_refresh {
                state.refresh = format!("{TOKEN}refresh-{}", state.given);
                answer["refresh_token"] = json!(state.refresh);
            }
            respond((200, answer))
        }
        _ => respond((404, Value::Null)),
    }
}
