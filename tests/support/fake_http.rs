//! What fakes of makers with REST have in common: a server on a free port of the loopback interface, and a
//! request that is answered with a fault.

use std::future::Future;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// Status and body.
pub type Answer = (u16, Value);

/// A request that came.
pub struct Asked {
    pub method: Method,
    pub uri: Uri,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Asked {
    /// `METHOD /path`.
    pub fn words(&self) -> String {
        format!("{} {}", self.method, self.uri.path())
    }

    /// The header of that name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The body as JSON, null if there is none.
    pub fn json(&self) -> Result<Value, String> {
        if self.body.is_empty() {
            return Ok(Value::Null);
        }
        if self.header("content-type") != Some("application/json") {
            return Err("a body that does not say that it is JSON".to_owned());
        }
        serde_json::from_slice(&self.body).map_err(|error| error.to_string())
    }
}

/// A free port, and its address `host:port`.
pub async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    (listener, address)
}

/// Answers there for as long as the set lives.
pub fn serve<F>(
    tasks: &mut JoinSet<()>,
    listener: TcpListener,
    answer: impl Fn(Asked) -> F + Clone + Send + Sync + 'static,
) where
    F: Future<Output = Response> + Send,
{
    let handler = move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| {
        let answer = answer.clone();
        async move { answer(Asked { method, uri, headers, body }).await }
    };
    tasks.spawn(async move { axum::serve(listener, Router::new().fallback(handler)).await.unwrap() });
}

/// The fault that the next request of a kind gets.
#[derive(Default)]
pub struct Fault {
    instead: Option<(String, Answer)>,
    cut: Option<String>,
}

impl Fault {
    /// The next request `METHOD /path` gets this answer.
    pub fn set(&mut self, request: &str, answer: Answer) {
        self.instead = Some((request.to_owned(), answer));
    }

    /// The answer to the next request `METHOD /path` ends in the middle.
    pub fn set_cut(&mut self, request: &str) {
        self.cut = Some(request.to_owned());
    }

    /// The answer for that request, once.
    pub fn take(&mut self, words: &str) -> Option<Answer> {
        self.instead.take_if(|(request, _)| request == words).map(|(_, answer)| answer)
    }

    /// The response to that request: whole, or its first half.
    pub fn respond(&mut self, words: &str, answer: Answer) -> Response {
        match self.cut.take_if(|request| request == words) {
            Some(_) => cut(&answer),
            None => respond(answer),
        }
    }
}

/// A parameter of the address that is none of these.
pub fn unknown_parameter(uri: &Uri, known: &[&str]) -> Option<String> {
    let all = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned();
    all.map(|(name, _)| name).find(|name| !known.contains(&name.as_str()))
}

/// A key of an object that is none of these.
pub fn unknown_key(object: &Value, known: &[&str]) -> Option<String> {
    object.as_object()?.keys().find(|key| !known.contains(&key.as_str())).cloned()
}

/// The response; without a body for null.
pub fn respond((status, body): Answer) -> Response {
    let status = StatusCode::from_u16(status).unwrap();
    if body.is_null() { status.into_response() } else { (status, axum::Json(body)).into_response() }
}

/// The first half of a response, whose head promises the whole.
fn cut((status, body): &Answer) -> Response {
    let text = body.to_string();
    let half = Bytes::copy_from_slice(&text.as_bytes()[..text.len() / 2]);
    let parts = futures::stream::iter([Ok(half), Err(std::io::Error::other("cut"))]);
    let head = [(CONTENT_TYPE, "application/json".to_owned()), (CONTENT_LENGTH, text.len().to_string())];
    (StatusCode::from_u16(*status).unwrap(), head, Body::from_stream(parts)).into_response()
}
