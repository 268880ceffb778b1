//! Chroma Cloud: the key says to whom it belongs (`/api/v2/auth/identity`); the databases of that tenant
//! are listed where the answer does not name them.

use serde::Deserialize;

use super::bad;
use super::model::{API, Answers, Cloud, Offer};
use super::plane::{Plane, address, ca_file, written};
use crate::provider::{ProviderKind, Result};

const USUAL: &str = "https://api.trychroma.com:443";
/// Databases in one answer, and the most pages of them.
const PAGE: usize = 100;
const PAGES: usize = 100;

#[derive(Deserialize)]
struct Identity {
    tenant: String,
    #[serde(default)]
    databases: Vec<String>,
}

#[derive(Deserialize)]
struct Database {
    name: String,
}

pub(super) async fn find(answers: &Answers) -> Result<Vec<Offer>> {
    let Some(key) = answers.key("key") else {
        return Err(bad("no key is given", &Cloud::Chroma.give("key", answers)));
    };
    let plane = Plane::new(answers, USUAL, "x-chroma-token", "", key)?;
    let identity: Identity = plane.get("identity", &["api", "v2", "auth", "identity"], &[]).await?;
    let all = identity.databases.is_empty() || identity.databases.iter().any(|name| name == "*");
    let databases = if all { databases(&plane, &identity.tenant).await? } else { identity.databases };
    let named = answers.text(API);
    let server = written(&address(if named.is_empty() { USUAL } else { named })?)?;
    let offer = |database: &String| {
        let detail = format!("tenant {}", identity.tenant);
        let mut offer = Offer::new(&format!("chroma-{database}"), ProviderKind::Chroma, &server, detail)
            .with("tenant", &identity.tenant)
            .with("database", database)
            .with_key(key.source.clone());
        offer.profile.tls.ca_file = ca_file(answers);
        offer
    };
    Ok(databases.iter().map(offer).collect())
}

async fn databases(plane: &Plane, tenant: &str) -> Result<Vec<String>> {
    let mut all = Vec::new();
    for page in 0..PAGES {
        let query = [("limit", PAGE.to_string()), ("offset", (page * PAGE).to_string())];
        let path = ["api", "v2", "tenants", tenant, "databases"];
        let found: Vec<Database> = plane.get("list of databases", &path, &query).await?;
        let last = found.len() < PAGE;
        all.extend(found.into_iter().map(|database| database.name));
        if last {
            return Ok(all);
        }
    }
    Err(plane.bad_answer("its list of databases has no end"))
}
