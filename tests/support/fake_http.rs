//! What fakes of makers with REST have in common: a server on a free port of the loopback interface, and a
//! request that is answered with a fault.

use std::future::Future;

use axum::Router;
use axum::body::Bytes;
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
pub struct Fault(Option<(String, Answer)>);

impl Fault {
    /// The next request `METHOD /path` gets this answer.
    pub fn set(&mut self, request: &str, answer: Answer) {
        self.0 = Some((request.to_owned(), answer));
    }

    /// The answer for that request, once.
    pub fn take(&mut self, words: &str) -> Option<Answer> {
        self.0.take_if(|(request, _)| request == words).map(|(_, answer)| answer)
    }
}

/// The response; without a body for null.
pub fn respond((status, body): Answer) -> Response {
    let status = StatusCode::from_u16(status).unwrap();
    if body.is_null() { status.into_response() } else { (status, axum::Json(body)).into_response() }
}
