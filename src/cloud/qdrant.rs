//! Qdrant Cloud. Its interface (api.cloud.qdrant.io, published as protocol buffers with their REST paths)
//! lists accounts and clusters for a management key; the databases want keys of their own.

use serde::Deserialize;

use super::bad;
use super::model::{Answers, Cloud, Found, Key, Offer};
use super::plane::{Plane, address, at_port, short, written};
use crate::profile::address::has_explicit_port;
use crate::provider::{Address, ProviderKind, Result};

const USUAL: &str = "https://api.cloud.qdrant.io";
/// The port of the databases' gRPC interface, where nothing else is said.
const GRPC: u16 = 6334;
/// That of their REST interface, which the pages show.
const REST: u16 = 6333;
/// More pages than any account has; a control plane that never ends is left.
const PAGES: usize = 100;

#[derive(Deserialize)]
struct Listed<T> {
    #[serde(default = "Vec::new")]
    items: Vec<T>,
    #[serde(rename = "nextPageToken")]
    next: Option<String>,
}

#[derive(Deserialize)]
struct Account {
    id: String,
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cluster {
    id: String,
    name: String,
    #[serde(default)]
    cloud_provider_id: String,
    #[serde(default)]
    cloud_provider_region_id: String,
    state: Option<State>,
}

#[derive(Deserialize)]
struct State {
    #[serde(default)]
    version: String,
    #[serde(default)]
    phase: String,
    endpoint: Option<Endpoint>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Endpoint {
    url: String,
    grpc_port: Option<u16>,
}

pub(super) async fn find(answers: &Answers) -> Result<Found> {
    let key = answers.key("key");
    let url = answers.text("url");
    if !url.is_empty() {
        let place = grpc(url, None)?;
        let name = format!("qdrant-{}", short(&place));
        let offer = Offer::new(&name, ProviderKind::Qdrant, &written(&place)?, String::new());
        return Ok(vec![keyed(offer, key)].into());
    }
    let Some(manage) = answers.key("management-key") else {
        let either =
            format!("{} {}", Cloud::Qdrant.give("url", answers), Cloud::Qdrant.give("management-key", answers));
        return Err(bad("neither a cluster's URL nor a management key is given; one of them is needed", &either));
    };
    let plane = Plane::new(answers, USUAL, "authorization", "apikey ", manage)?;
    let mut found = Found::default();
    let accounts: Vec<Account> = pages(&plane, "list of accounts", &["api", "account", "v1", "accounts"]).await?;
    let several = accounts.len() > 1;
    for account in &accounts {
        let path = ["api", "cluster", "v1", "accounts", &account.id, "clusters"];
        for cluster in pages::<Cluster>(&plane, "list of clusters", &path).await? {
            let of = if several { format!("{}, ", account.name) } else { String::new() };
            match offer(&cluster, &of)? {
                Some(offer) => found.offers.push(keyed(offer, key)),
                None => found.coming.push(name(&cluster).to_owned()),
            }
        }
    }
    Ok(found)
}

async fn pages<T: serde::de::DeserializeOwned>(plane: &Plane, what: &str, path: &[&str]) -> Result<Vec<T>> {
    let (mut all, mut token) = (Vec::new(), None::<String>);
    for _ in 0..PAGES {
        let query: Vec<(&str, String)> = token.take().map(|token| ("pageToken", token)).into_iter().collect();
        let page: Listed<T> = plane.get(what, path, &query).await?;
        all.extend(page.items);
        match page.next.filter(|next| !next.is_empty()) {
            Some(next) => token = Some(next),
            None => return Ok(all),
        }
    }
    Err(plane.bad_answer("its list has no end"))
}

fn name(cluster: &Cluster) -> &str {
    if cluster.name.is_empty() { &cluster.id } else { &cluster.name }
}

/// A cluster that has an address; one that is being made has none yet.
fn offer(cluster: &Cluster, of: &str) -> Result<Option<Offer>> {
    let Some(state) = &cluster.state else { return Ok(None) };
    let Some(endpoint) = state.endpoint.as_ref().filter(|endpoint| !endpoint.url.is_empty()) else { return Ok(None) };
    let place = grpc(&endpoint.url, endpoint.grpc_port)?;
    let phase = state.phase.trim_start_matches("CLUSTER_PHASE_").to_ascii_lowercase().replace('_', " ");
    let words = [state.version.as_str(), &phase, &cluster.cloud_provider_id, &cluster.cloud_provider_region_id];
    let detail: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    let detail = format!("{of}{}", detail.join(", "));
    Ok(Some(Offer::new(name(cluster), ProviderKind::Qdrant, &written(&place)?, detail)))
}

fn keyed(offer: Offer, key: Option<&Key>) -> Offer {
    match key {
        Some(key) => offer.with_key(key.source.clone()),
        None => offer,
    }
}

/// The port of gRPC: the one that the control plane names; else a REST port, or none, is the usual one of gRPC, and any
/// other is meant as it stands.
fn grpc(url: &str, port: Option<u16>) -> Result<Address> {
    let place = address(url)?;
    let named = match place {
        Address::Server { port, .. } if has_explicit_port(url) && port != REST => Some(port),
        Address::Server { .. } | Address::Directory(_) => None,
    };
    Ok(at_port(&place, port.or(named).unwrap_or(GRPC)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn only_the_rest_port_becomes_that_of_grpc() {
        let at = |url: &str, port| written(&grpc(url, port).unwrap()).unwrap();
        for usual in ["https://abc.cloud.qdrant.io", "https://abc.cloud.qdrant.io:6333/", "abc.cloud.qdrant.io"] {
            assert_eq!(at(usual, None), "https://abc.cloud.qdrant.io:6334", "{usual}");
        }
        assert_eq!(at("https://abc.cloud.qdrant.io:7000", None), "https://abc.cloud.qdrant.io:7000");
        assert_eq!(at("https://abc.cloud.qdrant.io:443", None), "https://abc.cloud.qdrant.io:443");
        assert_eq!(at("http://[::1]", None), "http://[::1]:6334");
        assert_eq!(at("https://abc.cloud.qdrant.io:6333", Some(6335)), "https://abc.cloud.qdrant.io:6335");
    }
}
