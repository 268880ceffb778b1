//! What a refused key tells of itself, without asking anybody: a token that says when it ends or whom
//! it is for, or a form that only another maker's keys have. Nothing of the key is ever told.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use serde_json::Value;

use crate::provider::ProviderKind;

/// How keys of some makers begin.
const BEGINNINGS: [(&str, &str, Option<ProviderKind>); 4] = [
    ("pcsk_", "Pinecone", Some(ProviderKind::Pinecone)),
    ("ck-", "Chroma Cloud", Some(ProviderKind::Chroma)),
    ("sk-", "a maker of language models", None),
    ("hf_", "Hugging Face", None),
];

/// Claims of a token that name the server or project that it is for.
const FOR_WHOM: [&str; 6] = ["aud", "cluster", "cluster_id", "host", "url", "ref"];

/// What a key tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Tells {
    /// Nothing.
    Nothing,
    /// That its time is over.
    Expired,
    /// That it is for this other server or project.
    For(String),
    /// That this maker gave it.
    Maker(&'static str),
}

/// Reads a key that was refused at `host`; `now` in seconds since 1970.
pub(super) fn read(key: &str, host: &str, kind: ProviderKind, now: u64) -> Tells {
    if let Some((_, maker, of)) = BEGINNINGS.iter().find(|(beginning, ..)| key.starts_with(beginning)) {
        return if *of == Some(kind) { Tells::Nothing } else { Tells::Maker(maker) };
    }
    let Some(claims) = claims(key) else { return Tells::Nothing };
    if let Some(other) = FOR_WHOM.iter().find_map(|name| names_another(claims.get(*name)?.as_str()?, host)) {
        return Tells::For(other);
    }
    match claims.get("exp").and_then(Value::as_u64) {
        Some(end) if end <= now => Tells::Expired,
        _ => Tells::Nothing,
    }
}

/// The claims of a JSON web token. Its signature is the server's to check.
pub(crate) fn claims(key: &str) -> Option<Value> {
    let mut parts = key.split('.');
    let (_head, body, _signature) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let text = BASE64_URL_SAFE_NO_PAD.decode(body.trim_end_matches('=')).ok()?;
    serde_json::from_slice(&text).ok()
}

/// The host or project that a claim names, if it is not the one at hand.
fn names_another(claim: &str, host: &str) -> Option<String> {
    let bare = claim.split_once("://").map_or(claim, |(_, rest)| rest);
    let bare = bare.split(['/', ':']).next().unwrap_or_default();
    let is_host = claim.contains("://") || (bare.contains('.') && !bare.contains('@'));
    // A project's id stands in the host name of its servers; a role (`authenticated`) or a tunnel's end does not.
    let is_id = bare.len() >= 16 && bare.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') && host.contains('.');
    let here = host.to_ascii_lowercase().contains(&bare.to_ascii_lowercase());
    let local = host.parse::<std::net::IpAddr>().is_ok();
    ((is_host || (is_id && !local)) && !here && !bare.is_empty()).then(|| bare.chars().take(80).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(claims: &str) -> String {
        let part = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
        format!("{}.{}.c2ln", part("{\"alg\":\"HS256\"}"), part(claims))
    }

    #[test]
    fn a_token_tells_whom_it_is_for_and_when_it_ends() {
        let of = |claims: &str, host: &str| read(&token(claims), host, ProviderKind::Qdrant, 1_000);
        let theirs = "{\"aud\":\"https://abc.eu.qdrant.io:6333\",\"exp\":2000}";
        assert_eq!(of(theirs, "xyz.eu.qdrant.io"), Tells::For("abc.eu.qdrant.io".to_owned()));
        assert_eq!(of(theirs, "abc.eu.qdrant.io"), Tells::Nothing);
        assert_eq!(of("{\"exp\":999}", "h"), Tells::Expired);
        assert_eq!(of("{\"ref\":\"abcdefghijklmnopqrst\"}", "db.tsrqponmlkjihgfedcba.supabase.co"), {
            Tells::For("abcdefghijklmnopqrst".to_owned())
        });
        assert_eq!(of("{\"aud\":\"authenticated\"}", "db.example.com"), Tells::Nothing);
    }

    #[test]
    fn a_form_that_only_others_have_is_known_and_an_own_one_says_nothing() {
        assert_eq!(read("pcsk_4abc", "h", ProviderKind::Qdrant, 0), Tells::Maker("Pinecone"));
        assert_eq!(read("pcsk_4abc", "h", ProviderKind::Pinecone, 0), Tells::Nothing);
        assert_eq!(read("a.b.c", "h", ProviderKind::Qdrant, 0), Tells::Nothing);
    }
}
