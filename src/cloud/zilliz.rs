//! Zilliz Cloud: its control plane (`GET /v2/clusters`) lists the clusters that a key may see; the same
//! key opens them.

use serde::Deserialize;

use super::bad;
use super::model::{Answers, Cloud, Found, Offer};
use super::plane::Plane;
use crate::provider::{ProviderError, ProviderKind, Result};

const USUAL: &str = "https://api.cloud.zilliz.com";
const PAGE: usize = 100;
const PAGES: usize = 100;

#[derive(Deserialize)]
struct Answer {
    code: i64,
    message: Option<String>,
    data: Option<Data>,
}

#[derive(Deserialize)]
struct Data {
    #[serde(default)]
    clusters: Vec<Cluster>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cluster {
    #[serde(default)]
    cluster_id: String,
    cluster_name: String,
    #[serde(default)]
    region_id: String,
    #[serde(default)]
    plan: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    connect_address: String,
}

pub(super) async fn find(answers: &Answers) -> Result<Found> {
    let Some(key) = answers.key("key") else {
        return Err(bad("no key is given", &Cloud::Zilliz.give("key", answers)));
    };
    let plane = Plane::new(answers, USUAL, "authorization", "Bearer ", key)?;
    let mut found = Found::default();
    for page in 1..=PAGES {
        let query = [("pageSize", PAGE.to_string()), ("currentPage", page.to_string())];
        let answer: Answer = plane.get("list of clusters", &["v2", "clusters"], &query).await?;
        if answer.code != 0 && answer.code != 200 {
            // Its refusals come with the status 200.
            return Err(refusal(&plane, answer));
        }
        let clusters = answer.data.map(|data| data.clusters).unwrap_or_default();
        let last = clusters.len() < PAGE;
        for cluster in &clusters {
            if cluster.connect_address.is_empty() {
                found.coming.push(name(cluster).to_owned());
            } else {
                found.offers.push(offer(cluster).with_key(key.source.clone()));
            }
        }
        if last {
            return Ok(found);
        }
    }
    Err(plane.bad_answer("its list of clusters has no end"))
}

fn name(cluster: &Cluster) -> &str {
    if cluster.cluster_name.is_empty() { &cluster.cluster_id } else { &cluster.cluster_name }
}

fn offer(cluster: &Cluster) -> Offer {
    let words = [cluster.plan.to_lowercase(), cluster.status.to_lowercase(), cluster.region_id.clone()];
    let detail: Vec<String> = words.into_iter().filter(|word| !word.is_empty()).collect();
    Offer::new(name(cluster), ProviderKind::Milvus, &cluster.connect_address, detail.join(", "))
}

/// Codes from 80000 on are about the key: `80001`, token is invalid.
fn refusal(plane: &Plane, answer: Answer) -> ProviderError {
    let said = answer.message.unwrap_or_else(|| format!("code {}", answer.code));
    match plane.bad_answer(&said) {
        ProviderError::BadAnswer { address, cause } if (80_000..90_000).contains(&answer.code) => {
            ProviderError::Unauthorized { address, cause }
        }
        ProviderError::BadAnswer { address, cause } => ProviderError::Server { address, cause },
        other => other,
    }
}
