//! Qdrant Cloud's interface for accounts and clusters, in this process: what its protocol buffers say that
//! REST has (qdrant/qdrant-cloud-public-api, account/v1 and cluster/v1), two pages of clusters.

use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::fake_http::{self, Asked, respond};

/// The account that the management key belongs to.
pub const ACCOUNT: &str = "5f0e3a10-0000-4000-8000-000000000001";

/// The fake; it ends when dropped.
pub struct Fake {
    /// `http://host:port`.
    pub url: String,
    _tasks: JoinSet<()>,
}

impl Fake {
    /// Knows clusters of that port of gRPC on this machine, for that management key.
    pub async fn start(key: &'static str, grpc: u16) -> Self {
        let (listener, address) = fake_http::listen().await;
        let mut tasks = JoinSet::new();
        fake_http::serve(&mut tasks, listener, move |asked| async move { answer(&asked, key, grpc) });
        Self { url: format!("http://{address}"), _tasks: tasks }
    }
}

fn answer(asked: &Asked, key: &str, grpc: u16) -> Response {
    if asked.header("authorization") != Some(&format!("apikey {key}")) {
        return respond((401, json!({ "code": 16, "message": "invalid management key", "details": [] })));
    }
    let query = asked.uri.query().unwrap_or_default();
    let clusters = format!("/api/cluster/v1/accounts/{ACCOUNT}/clusters");
    match asked.uri.path() {
        "/api/account/v1/accounts" => respond((200, json!({ "items": [{ "id": ACCOUNT, "name": "acme" }] }))),
        path if path == clusters && !query.contains("pageToken=") => {
            let items = [
                cluster("search-prod", "CLUSTER_PHASE_HEALTHY", Some(grpc)),
                cluster("new one", "CLUSTER_PHASE_CREATING", None),
            ];
            respond((200, json!({ "items": items, "totalSize": 3, "nextPageToken": "WyIx+/=" })))
        }
        path if path == clusters => {
            assert!(query.contains("pageToken=WyIx%2B%2F%3D"), "{query}");
            // A port where nothing listens: a suspended cluster does not answer.
            respond((200, json!({ "items": [cluster("search-dev", "CLUSTER_PHASE_SUSPENDED", Some(1))] })))
        }
        other => (axum::http::StatusCode::NOT_FOUND, format!("no {other}")).into_response(),
    }
}

fn cluster(name: &str, phase: &str, grpc: Option<u16>) -> Value {
    let mut state = json!({ "version": "v1.15.4", "nodesUp": 1, "phase": phase });
    if let Some(grpc) = grpc {
        state["endpoint"] = json!({ "url": "http://127.0.0.1:6333", "restPort": 6333, "grpcPort": grpc });
    }
    json!({
        "id": "a71f4794-504e-4d19-b994-32450e10e783",
        "accountId": ACCOUNT,
        "name": name,
        "cloudProviderId": "gcp",
        "cloudProviderRegionId": "europe-west3",
        "configuration": { "version": "v1.15.4", "numberOfNodes": 1 },
        "state": state,
    })
}
