//! A Weaviate with an identity provider, both in this process. The server takes the provider's present
//! tokens and nothing else; the provider gives tokens for a client's secret, a password, a refresh
//! token that it changes at each use, and a code that a person confirms. Forms after OpenID Connect
//! Discovery, RFC 6749 and RFC 8628, and the server's documented `/v1/.well-known/openid-configuration`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::response::Response;
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
        let state = Arc::new(Mutex::new(State { lasts, ..State::default() }));
        let mut tasks = JoinSet::new();
        let (shared, place) = (state.clone(), provider_address.clone());
        let answering = move |asked: Asked| {
            let (shared, place) = (shared.clone(), place.clone());
            async move { serve(&asked, &mut shared.lock().unwrap(), &place) }
        };
        fake_http::serve(&mut tasks, server, answering);
        let (shared, place) = (state.clone(), provider_address.clone());
        let answering = move |asked: Asked| {
            let (shared, place) = (shared.clone(), place.clone());
            async move { provide(&asked, &mut shared.lock().unwrap(), &place) }
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

fn serve(asked: &Asked, state: &mut State, provider: &str) -> Response {
    if asked.uri.path() == "/v1/.well-known/openid-configuration" {
        let href = format!("http://{provider}/realm/.well-known/openid-configuration");
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

fn provide(asked: &Asked, state: &mut State, place: &str) -> Response {
    let form: BTreeMap<String, String> = url::form_urlencoded::parse(&asked.body).into_owned().collect();
    let field = |name: &str| form.get(name).map_or("", String::as_str);
    match asked.uri.path() {
        "/realm/.well-known/openid-configuration" => {
            let at = |path: &str| format!("http://{place}/realm/{path}");
            let grants =
                ["client_credentials", "password", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"];
            respond((
                200,
                json!({
                    "issuer": at(""),
                    "token_endpoint": at("token"),
                    "device_authorization_endpoint": at("device"),
                    "grant_types_supported": grants,
                }),
            ))
        }
        "/realm/device" => respond((
            200,
            json!({
                "device_code": format!("{TOKEN}device"),
                "user_code": USER_CODE,
                "verification_uri": format!("http://{place}/realm/device-page"),
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
            let right = match field("grant_type") {
                "client_credentials" => field("client_secret") == CLIENT_SECRET,
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
            if !right || field("client_id") != "wcs" {
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
