//! Pinecone: one address for all, at which the provider itself finds a project's indexes and their
//! namespaces; so the provider is asked.

use super::bad;
use super::model::{API, Answers, Cloud, Offer};
use super::plane::{address, private, written};
use crate::provider::{self, ConnectSpec, ProviderKind, Result};

const USUAL: &str = "https://api.pinecone.io";
/// Names in the line that tells what was found.
const NAMED: usize = 4;

pub(super) async fn find(answers: &Answers) -> Result<Vec<Offer>> {
    let Some(key) = answers.key("key") else {
        return Err(bad("no key is given", &Cloud::Pinecone.give("key", answers)));
    };
    let named = answers.text(API);
    let place = address(if named.is_empty() { USUAL } else { named })?;
    private(&place)?;
    let mut spec = ConnectSpec::new(ProviderKind::Pinecone, place.clone());
    spec.secret = Some(key.secret.clone());
    let found = provider::connect(&spec).await?.collections().await?;
    let names: Vec<&str> = found.iter().take(NAMED).map(|collection| collection.name.as_str()).collect();
    let more = if found.len() > NAMED { ", ..." } else { "" };
    let detail = match found.len() {
        0 => "no index yet".to_owned(),
        1 => format!("one index or namespace: {}", names.join(", ")),
        count => format!("{count} indexes and namespaces: {}{more}", names.join(", ")),
    };
    Ok(vec![Offer::new("pinecone", ProviderKind::Pinecone, &written(&place)?, detail).with_key(key.source.clone())])
}
