//! Zilliz Cloud's control plane in this process: `GET /v2/clusters` as docs.zilliz.com shows it, its
//! refusals with the status 200 too.

use axum::response::Response;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::fake_http::{self, Asked, respond};

/// The fake; it ends when dropped.
pub struct Fake {
    /// `http://host:port`.
    pub url: String,
    _tasks: JoinSet<()>,
}

impl Fake {
    /// For that key; one cluster is at that address, another is being made.
    pub async fn start(key: &'static str, address: String) -> Self {
        let (listener, here) = fake_http::listen().await;
        let mut tasks = JoinSet::new();
        let answering = move |asked: Asked| {
            let address = address.clone();
            async move { answer(&asked, key, &address) }
        };
        fake_http::serve(&mut tasks, listener, answering);
        Self { url: format!("http://{here}"), _tasks: tasks }
    }
}

fn answer(asked: &Asked, key: &str, address: &str) -> Response {
    if asked.uri.path() != "/v2/clusters" {
        return respond((404, Value::Null));
    }
    if asked.header("authorization") != Some(&format!("Bearer {key}")) {
        return respond((200, json!({ "code": 80001, "message": "The token is illegal" })));
    }
    let cluster = |name: &str, status: &str, address: &str| {
        json!({
            "clusterId": "in01-0123456789abcde",
            "clusterName": name,
            "description": "",
            "regionId": "aws-us-west-2",
            "plan": "Standard",
            "cuType": "Performance-optimized",
            "cuSize": 1,
            "status": status,
            "connectAddress": address,
            "privateLinkAddress": "",
            "projectId": "proj-x",
            "createTime": "2026-01-01T00:00:00Z",
        })
    };
    let clusters = [cluster("dedicated-3", "RUNNING", address), cluster("coming", "CREATING", "")];
    respond((
        200,
        json!({ "code": 0, "data": { "count": 2, "currentPage": 1, "pageSize": 100, "clusters": clusters } }),
    ))
}
