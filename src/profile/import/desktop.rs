//! The files of the desktop tool of the same name: `~/.vector-inspector/profiles.json`, whose keys are in the
//! keychain of the system, and the older `~/.vector-viewer/connections.json`, whose keys are in the file.

use std::collections::HashSet;
use std::path::Path;

use secrecy::SecretString;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{ImportError, Origin, Proposal, Reading, names};
use crate::profile::address;
use crate::profile::model::{Profile, ProfileId};
use crate::profile::target;
use crate::provider::ProviderKind;

/// The most connections in one file.
const MOST: usize = 10_000;

/// Reads either of the two.
///
/// # Errors
/// [`ImportError::Malformed`], without the text.
pub fn read(text: &str, origin: Origin<'_>) -> Result<Reading, ImportError> {
    let malformed =
        |why: String| ImportError::Malformed { path: origin.shown.to_owned(), what: "file of the desktop tool", why };
    let document: Value =
        serde_json::from_str(text).map_err(|error| malformed(format!("line {} is not JSON", error.line())))?;
    let list = document.as_array().or_else(|| {
        ["profiles", "connections"].into_iter().find_map(|key| document.get(key).and_then(Value::as_array))
    });
    let list = list.ok_or_else(|| malformed("it has neither profiles nor connections".to_owned()))?;
    let mut reading = Reading::default();
    let (mut taken, mut ids) = (HashSet::new(), HashSet::new());
    for (index, entry) in list.iter().take(MOST).enumerate() {
        let Some(fields) = entry.as_object() else {
            reading.skipped.push(format!("Entry {} is no connection.", index + 1));
            continue;
        };
        match proposal(fields, index, origin) {
            Ok(mut found) => {
                found.profile.name = names::free(&found.profile.name, &taken);
                taken.insert(found.profile.name.clone());
                if ids.insert(found.profile.id) {
                    reading.proposals.push(found);
                }
            }
            Err(why) => reading.skipped.push(why),
        }
    }
    Ok(reading)
}

/// The fields of one connection: those of `config` (profiles.json), else its own (connections.json).
struct Fields<'a> {
    own: &'a Map<String, Value>,
    config: Option<&'a Map<String, Value>>,
}

impl Fields<'_> {
    fn text(&self, name: &str) -> Option<String> {
        let value = self.config.and_then(|config| config.get(name)).or_else(|| self.own.get(name))?;
        let text = match value {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        (!text.is_empty()).then_some(text)
    }
}

fn proposal(entry: &Map<String, Value>, index: usize, origin: Origin<'_>) -> Result<Proposal, String> {
    let fields = Fields { own: entry, config: entry.get("config").and_then(Value::as_object) };
    let shown = fields.text("name").unwrap_or_else(|| format!("connection {}", index + 1));
    let provider = fields.text("provider").unwrap_or_default().to_lowercase();
    let kind = |kind| Ok((kind, None));
    let (kind, default_host) = match provider.as_str() {
        "chroma" | "chromadb" => kind(ProviderKind::Chroma),
        "qdrant" => kind(ProviderKind::Qdrant),
        "pgvector" | "postgres" | "postgresql" => kind(ProviderKind::Pgvector),
        "weaviate" => kind(ProviderKind::Weaviate),
        "milvus" => kind(ProviderKind::Milvus),
        "elasticsearch" => kind(ProviderKind::Elasticsearch),
        "redis" => kind(ProviderKind::Redis),
        "pinecone" => Ok((ProviderKind::Pinecone, Some("https://api.pinecone.io"))),
        "lancedb" => kind(ProviderKind::LanceDb),
        "" => Err(format!("{shown:?} does not say what kind of database it is.")),
        _ => Err(format!("{shown:?} is of a kind that this program does not open.")),
    }?;
    let server = fields.text("url").or_else(|| fields.text("host"));
    let mut notes = Vec::new();
    let mut profile = match (fields.text("path"), server, default_host) {
        (Some(path), None, None) => of_directory(kind, &path, &shown)?,
        (_, Some(host), _) => {
            Profile::new("", kind, &of_server(kind, &host, fields.text("port").as_deref(), &mut notes))
        }
        (_, None, Some(host)) => Profile::new("", kind, host),
        (None, None, None) => {
            return Err(format!("{shown:?} keeps its data in memory only, or names no place."));
        }
    };
    profile.name = names::clean(&shown);
    let id = fields.own.get("id").and_then(Value::as_str).and_then(|text| Uuid::parse_str(text).ok());
    profile.id = id.map_or_else(|| names::identity(&["desktop", origin.id, &shown, &index.to_string()]), ProfileId);
    address::profile_address(profile.provider, &profile.address).map_err(|error| format!("{shown:?}: {error}"))?;
    for (option, field) in [("user", "user"), ("database", "database"), ("tenant", "tenant")] {
        if let Some(value) = fields.text(field).filter(|_| profile.provider.maker().has_option(option)) {
            profile.options.insert(option.to_owned(), value);
        }
    }
    let mut proposal = Proposal::of_place(profile);
    proposal.notes = notes;
    let key = ["api_key", "password", "token"].into_iter().find_map(|field| fields.text(field));
    proposal.plain_key = key.map(SecretString::from);
    let in_keychain = entry.get("credential_fields").and_then(Value::as_array).is_some_and(|list| !list.is_empty());
    if in_keychain && proposal.plain_key.is_none() {
        proposal.notes.push(
            "Its key is in the keychain of the system, where the desktop tool put it; give it anew here.".to_owned(),
        );
    }
    Ok(proposal)
}

/// A directory, as what it holds says; the tool itself does not tell a server's data from its own.
fn of_directory(kind: ProviderKind, path: &str, shown: &str) -> Result<Profile, String> {
    if kind == ProviderKind::Milvus {
        return Err(format!("{shown:?} is a file of Milvus Lite, which this program opens through a server only."));
    }
    if kind == ProviderKind::Weaviate {
        return Err(format!("{shown:?} is an embedded Weaviate, which this program does not open."));
    }
    let path = std::path::absolute(path).unwrap_or_else(|_| Path::new(path).to_owned());
    let found = target::recognise(&path).ok();
    let kind = match (found, kind) {
        (Some(found), _) => found,
        (None, ProviderKind::Chroma) => ProviderKind::ChromaFolder,
        (None, ProviderKind::LanceDb) => ProviderKind::LanceDb,
        (None, _) => {
            return Err(format!("{shown:?} is a directory in which there is no database that this program opens."));
        }
    };
    Ok(Profile::new("", kind, &path.display().to_string()))
}

fn of_server(kind: ProviderKind, host: &str, port: Option<&str>, notes: &mut Vec<String>) -> String {
    let port = match (kind, port) {
        (ProviderKind::Qdrant, Some("6333")) => {
            notes.push("Its port 6333 became 6334, where Qdrant speaks gRPC.".to_owned());
            Some("6334")
        }
        (_, port) => port,
    };
    let host = host.trim_end_matches('/');
    let has_port = host.rsplit_once(':').is_some_and(|(_, end)| end.parse::<u16>().is_ok());
    let cloud = host.starts_with("https://") && kind == ProviderKind::Weaviate;
    match port {
        Some(port) if !has_port => format!("{host}:{port}"),
        None if !has_port && cloud => format!("{host}:443"),
        _ => host.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use secrecy::ExposeSecret;

    use super::*;

    const ORIGIN: Origin<'_> = Origin { shown: "f", id: "/f", project: "" };

    #[test]
    fn profiles_json_is_read_and_says_where_its_keys_are() {
        let text = r#"{"profiles": [
            {"id": "6911de17-417e-4c74-9141-ea928023a755", "name": "Prod / Qdrant", "provider": "qdrant",
             "config": {"type": "http", "host": "db.example.com", "port": 6333}, "credential_fields": ["api_key"]},
            {"id": "x", "name": "Chroma", "provider": "chromadb", "config": {"type": "http", "host": "localhost", "port": "8000"}, "credential_fields": []},
            {"id": "y", "name": "pg", "provider": "pgvector", "config": {"type": "http", "host": "db", "port": 5432, "database": "shop", "user": "me"}},
            {"id": "z", "name": "scratch", "provider": "chromadb", "config": {"type": "ephemeral"}},
            {"id": "w", "name": "cloud", "provider": "weaviate", "config": {"type": "cloud", "url": "https://x.weaviate.cloud"}},
            {"name": "chroma files", "provider": "chromadb", "config": {"type": "persistent", "path": "/data/chroma"}},
            {"name": "faiss", "provider": "faiss", "config": {}},
            7
        ], "last_active_connections": []}"#;
        let reading = read(text, ORIGIN).unwrap();
        let got: Vec<(&str, &str)> =
            reading.proposals.iter().map(|p| (p.profile.name.as_str(), p.profile.address.as_str())).collect();
        assert_eq!(
            got,
            [
                ("Prod - Qdrant", "db.example.com:6334"),
                ("Chroma", "localhost:8000"),
                ("pg", "db:5432"),
                ("cloud", "https://x.weaviate.cloud:443"),
                ("chroma files", "/data/chroma"),
            ]
        );
        assert_eq!(reading.proposals[0].profile.id.0.to_string(), "6911de17-417e-4c74-9141-ea928023a755");
        assert!(reading.proposals[0].notes.iter().any(|note| note.contains("keychain")));
        assert_eq!(reading.proposals[2].profile.options["database"], "shop");
        assert_eq!(reading.proposals[4].profile.provider, ProviderKind::ChromaFolder);
        assert_eq!(reading.skipped.len(), 3, "{:?}", reading.skipped);
    }

    #[test]
    fn connections_json_has_its_keys_in_plain_text() {
        let text = r#"{"connections": [
            {"name": "Production Pinecone", "provider": "pinecone", "api_key": "sesame", "index": "my-index"},
            {"name": "Production Pinecone", "provider": "pinecone"}]}"#;
        let reading = read(text, ORIGIN).unwrap();
        let first = &reading.proposals[0];
        assert_eq!(first.plain_key.as_ref().unwrap().expose_secret(), "sesame");
        assert!(first.profile.secret.is_none() && !format!("{reading:?}").contains("sesame"));
        assert_eq!(reading.proposals[1].profile.name, "Production Pinecone-2");
    }

    #[test]
    fn what_is_no_such_file_says_so_without_its_text() {
        for text in ["{\"sesame\": 1}", "sesame", "[", "7"] {
            let error = read(text, ORIGIN).unwrap_err().to_string();
            assert!(error.contains("desktop tool") && !error.contains("sesame"), "{error}");
        }
    }
}
