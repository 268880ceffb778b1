//! Chroma Cloud in this process: who a key belongs to, its databases, and as much of a database as a test
//! of a connection asks for. The forms of the answers are those of a Chroma server 1.5.

use axum::response::Response;
use serde_json::json;
use tokio::task::JoinSet;

use crate::fake_http::{self, Asked, respond};

/// The team's tenant.
pub const TENANT: &str = "11111111-2222-4333-8444-555555555555";

/// The fake; it ends when dropped.
pub struct Fake {
    /// `http://host:port`.
    pub url: String,
    _tasks: JoinSet<()>,
}

impl Fake {
    /// For that key; `all` says that the key is for every database of the team.
    pub async fn start(key: &'static str, all: bool) -> Self {
        let (listener, address) = fake_http::listen().await;
        let mut tasks = JoinSet::new();
        fake_http::serve(&mut tasks, listener, move |asked| async move { answer(&asked, key, all) });
        Self { url: format!("http://{address}"), _tasks: tasks }
    }
}

fn answer(asked: &Asked, key: &str, all: bool) -> Response {
    let path = asked.uri.path().trim_start_matches("/api/v2");
    if asked.header("x-chroma-token") != Some(key) {
        return respond((403, json!({ "error": "AuthError", "message": "Permission denied." })));
    }
    let database = |name: &str| json!({ "id": "00000000-0000-0000-0000-000000000000", "name": name, "tenant": TENANT });
    let databases = format!("/tenants/{TENANT}/databases");
    respond((
        200,
        match path {
            "/auth/identity" => {
                json!({ "user_id": "u1", "tenant": TENANT, "databases": if all { ["*"] } else { ["docs"] } })
            }
            "/version" => json!("1.0.0"),
            "/heartbeat" => json!({ "nanosecond heartbeat": 1 }),
            "/pre-flight-checks" => json!({ "max_batch_size": 1000, "supports_base64_encoding": true }),
            path if path == databases => json!([database("docs"), database("images")]),
            path if path.starts_with(&format!("{databases}/")) => match path.rsplit('/').next().unwrap() {
                "collections" => json!([]),
                "collections_count" => json!(0),
                name => database(name),
            },
            _ => return respond((404, json!({ "error": "NotFoundError", "message": "no such path" }))),
        },
    ))
}
