//! A `docker compose` file: its services with a known image, by the port that they publish. Keys that the
//! file takes from variables become references to these; keys in plain text are taken where that is asked for.

use std::collections::HashSet;

use secrecy::SecretString;
use serde_json::{Map, Value};

use super::ports::{Published, published};
use super::{ImportError, Origin, Proposal, Reading, names};
use crate::profile::model::{Profile, SecretSource};
use crate::profile::secret::secret_variables;
use crate::provider::ProviderKind;

/// An image, and what its service wants.
struct Image {
    /// The ends of its name, without tag.
    names: &'static [&'static str],
    kind: ProviderKind,
    /// The port in the container.
    port: u16,
    /// Variables of the service that hold the key.
    keys: &'static [&'static str],
    /// Options of the profile: name, variable of the service, and what it is without one.
    options: &'static [(&'static str, &'static str, &'static str)],
    note: Option<&'static str>,
}

const IMAGES: [Image; 10] = [
    Image {
        names: &["qdrant/qdrant"],
        kind: ProviderKind::Qdrant,
        port: 6334,
        keys: &["QDRANT__SERVICE__API_KEY"],
        options: &[],
        note: None,
    },
    Image {
        names: &["chromadb/chroma", "chroma-core/chroma"],
        kind: ProviderKind::Chroma,
        port: 8000,
        keys: &["CHROMA_SERVER_AUTHN_CREDENTIALS", "CHROMA_SERVER_AUTH_CREDENTIALS"],
        options: &[],
        note: None,
    },
    Image {
        names: &[
            "pgvector/pgvector",
            "ankane/pgvector",
            "supabase/postgres",
            "timescale/timescaledb-ha",
            "tensorchord/pgvecto-rs",
        ],
        kind: ProviderKind::Pgvector,
        port: 5432,
        keys: &["POSTGRES_PASSWORD"],
        options: POSTGRES,
        note: None,
    },
    Image {
        names: &["postgres", "bitnami/postgresql"],
        kind: ProviderKind::Pgvector,
        port: 5432,
        keys: &["POSTGRES_PASSWORD", "POSTGRESQL_PASSWORD"],
        options: POSTGRES,
        note: Some("This image is PostgreSQL without pgvector: collections appear once the extension is installed."),
    },
    Image { names: &["milvusdb/milvus"], kind: ProviderKind::Milvus, port: 19530, keys: &[], options: &[], note: None },
    Image {
        names: &["semitechnologies/weaviate"],
        kind: ProviderKind::Weaviate,
        port: 8080,
        keys: &["AUTHENTICATION_APIKEY_ALLOWED_KEYS"],
        options: &[],
        note: None,
    },
    Image {
        names: &["redis/redis-stack", "redis/redis-stack-server"],
        kind: ProviderKind::Redis,
        port: 6379,
        keys: &["REDIS_PASSWORD"],
        options: &[],
        note: None,
    },
    Image {
        names: &["redis", "bitnami/redis"],
        kind: ProviderKind::Redis,
        port: 6379,
        keys: &["REDIS_PASSWORD"],
        options: &[],
        note: Some("Only Redis 8, or one with RediSearch, has vectors."),
    },
    Image {
        names: &["elasticsearch/elasticsearch", "elasticsearch"],
        kind: ProviderKind::Elasticsearch,
        port: 9200,
        keys: &["ELASTIC_PASSWORD"],
        options: &[("username", "", "elastic")],
        note: None,
    },
    Image {
        names: &["opensearchproject/opensearch"],
        kind: ProviderKind::Elasticsearch,
        port: 9200,
        keys: &["OPENSEARCH_INITIAL_ADMIN_PASSWORD"],
        options: &[("username", "", "admin")],
        note: Some(
            "OpenSearch speaks TLS with a certificate of its own unless its security is switched off: then write https:// and give its CA.",
        ),
    },
];

const POSTGRES: &[(&str, &str, &str)] = &[("user", "POSTGRES_USER", "postgres"), ("database", "POSTGRES_DB", "")];

/// Looks a variable up in the `.env` beside the file.
pub type Variables<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Reads the file.
///
/// # Errors
/// [`ImportError::Malformed`], without the text.
pub fn read(text: &str, origin: Origin<'_>, variables: Variables<'_>) -> Result<Reading, ImportError> {
    let malformed =
        |why: String| ImportError::Malformed { path: origin.shown.to_owned(), what: "docker compose file", why };
    // Bounded by the reader: depth, nodes, and what anchors are expanded to.
    let options = serde_saphyr::options! { with_snippet: false };
    let document: Value = serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        // The parser's words may quote the file.
        malformed(error.location().map_or_else(
            || "it is no YAML, or too deeply nested".to_owned(),
            |at| format!("line {} is no YAML that can be read", at.line()),
        ))
    })?;
    let services = document.get("services").and_then(Value::as_object);
    let services = services.ok_or_else(|| malformed("it has no services".to_owned()))?;
    let mut reading = Reading::default();
    let mut taken = HashSet::new();
    for (service, fields) in services {
        let Some(image) = fields.get("image").and_then(Value::as_str) else { continue };
        let image = expand(image, variables);
        let Some(known) = IMAGES.iter().find(|known| known.is(&image)) else { continue };
        let name = names::free(&origin.name(service), &taken);
        match published(fields.get("ports").unwrap_or(&Value::Null), known.port, &|text| expand(text, variables)) {
            Some(place) => {
                taken.insert(name.clone());
                reading.proposals.push(known.proposal(&name, &place, fields, origin, service, variables));
            }
            None => reading.skipped.push(format!(
                "The service {service:?} does not publish its port {}, so it cannot be reached from this machine.",
                known.port
            )),
        }
    }
    Ok(reading)
}

impl Image {
    fn is(&self, image: &str) -> bool {
        let name = image.split('@').next().unwrap_or_default();
        // A colon before the last slash belongs to the registry's port.
        let name = match name.rfind('/') {
            Some(slash) => name.rfind(':').filter(|colon| *colon > slash).map_or(name, |colon| &name[..colon]),
            None => name.split(':').next().unwrap_or_default(),
        };
        self.names.iter().any(|known| {
            let before = name.strip_suffix(known);
            match before {
                // `postgres` means the official image, not anybody's of that name.
                Some("") => true,
                Some(before) => {
                    before.ends_with('/')
                        && (known.contains('/') || matches!(before, "library/" | "docker.io/" | "docker.io/library/"))
                }
                None => false,
            }
        })
    }

    fn proposal(
        &self,
        name: &str,
        place: &Published,
        fields: &Value,
        origin: Origin<'_>,
        service: &str,
        variables: Variables<'_>,
    ) -> Proposal {
        let host = if place.host.contains(':') { format!("[{}]", place.host) } else { place.host.clone() };
        let mut profile = Profile::new(name, self.kind, &format!("{host}:{}", place.port));
        profile.id = names::identity(&["compose", origin.id, service]);
        let environment = environment(fields.get("environment").unwrap_or(&Value::Null));
        for (option, variable, default) in self.options {
            let value = environment.get(*variable).and_then(Value::as_str).map(|text| expand(text, variables));
            let value = value.unwrap_or_else(|| (*default).to_owned());
            if !value.is_empty() {
                profile.options.insert((*option).to_owned(), value);
            }
        }
        let mut proposal = Proposal::of_place(profile);
        proposal.notes.extend(self.note.map(str::to_owned));
        let key = self.keys.iter().find_map(|key| Some((*key, environment.get(*key)?)));
        match key {
            Some((key, value)) => take_key(&mut proposal, key, value, variables),
            // Without one, users and passwords of these are not checked.
            None if self.kind == ProviderKind::Elasticsearch => {
                proposal.profile.options.remove("username");
            }
            None => {}
        }
        proposal
    }
}

/// The key of a service: the name of the variable that it comes from, or the key itself.
fn take_key(proposal: &mut Proposal, key: &str, value: &Value, variables: Variables<'_>) {
    match value {
        // `- QDRANT__SERVICE__API_KEY` alone: the variable of that name where compose runs.
        Value::Null => proposal.profile.secret = reference(key),
        Value::String(text) => match variable_of(text) {
            Some(name) => {
                proposal.profile.secret = reference(name);
                proposal.plain_key = variables(name).filter(|text| !text.is_empty()).map(SecretString::from);
            }
            None if text.contains('$') || text.is_empty() => {
                proposal.notes.push(format!("Its key is put together in {key}, and was not taken over."));
            }
            // Weaviate takes a list of keys, and each of them opens it.
            None => {
                let first = text.split(',').next().unwrap_or_default().trim();
                proposal.plain_key = Some(SecretString::from(first));
            }
        },
        _ => {}
    }
}

fn reference(name: &str) -> Option<SecretSource> {
    (!secret_variables().contains(&name)).then(|| SecretSource::Env(name.to_owned()))
}

/// `$NAME`, `${NAME}`, `${NAME:-default}` and the like, where the text is nothing else.
fn variable_of(text: &str) -> Option<&str> {
    let inside = text.strip_prefix('$')?;
    let name = match inside.strip_prefix('{') {
        Some(rest) => rest.strip_suffix('}')?.split([':', '-', '?', '+']).next()?,
        None => inside,
    };
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    (is_name && !name.starts_with(|c: char| c.is_ascii_digit())).then_some(name)
}

/// The variables of a service: a table, or a list of `NAME=value`.
fn environment(value: &Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields.clone(),
        Value::Array(list) => list
            .iter()
            .filter_map(Value::as_str)
            .map(|entry| match entry.split_once('=') {
                Some((name, value)) => (name.to_owned(), Value::String(value.to_owned())),
                None => (entry.to_owned(), Value::Null),
            })
            .collect(),
        _ => Map::new(),
    }
}

/// `${NAME}` and `${NAME:-default}` in a text, from the `.env` beside the file; never from the environment
/// of this program, since a file of somebody else could ask for anything in it.
pub(super) fn expand(text: &str, variables: Variables<'_>) -> String {
    let mut done = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        done.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            done.push('$');
            rest = after;
        } else if let Some((inside, after)) = rest.strip_prefix('{').and_then(|inside| inside.split_once('}')) {
            let name = inside.split([':', '-', '?', '+']).next().unwrap_or_default();
            let default = inside[name.len()..].trim_start_matches(':').strip_prefix('-').unwrap_or_default();
            done.push_str(&variables(name).filter(|text| !text.is_empty()).unwrap_or_else(|| default.to_owned()));
            rest = after;
        } else {
            let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
            done.push_str(&variables(&rest[..end]).unwrap_or_default());
            rest = &rest[end..];
        }
    }
    done.push_str(rest);
    done
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use secrecy::ExposeSecret;

    use super::*;

    const ORIGIN: Origin<'_> = Origin { shown: "compose.yaml", id: "/p/compose.yaml", project: "" };
    const FILE: &str = "
x-common: &common
  restart: always
services:
  vectors:
    <<: *common
    image: qdrant/qdrant:v1.15
    ports: ['6333:6333', '${QDRANT_PORT:-16334}:6334']
    environment:
      QDRANT__SERVICE__API_KEY: ${QDRANT_API_KEY}
  db:
    image: docker.io/pgvector/pgvector:pg17
    ports:
      - target: 5432
        published: 15432
    environment:
      - POSTGRES_USER=shop
      - POSTGRES_PASSWORD=sesame
      - POSTGRES_DB=catalog
  chroma: { image: 'ghcr.io/chroma-core/chroma@sha256:abc', ports: ['127.0.0.1:8001:8000'] }
  es: { image: 'docker.elastic.co/elasticsearch/elasticsearch:8.19', ports: ['9200:9200'], environment: [ELASTIC_PASSWORD] }
  os: { image: 'opensearchproject/opensearch', ports: ['9201:9200'] }
  hidden: { image: milvusdb/milvus }
  web: { image: nginx, ports: ['80:80'] }
  mine: { image: 'registry:5000/me/postgres', ports: ['1:5432'] }
  built: { build: . }
";

    fn read_it(text: &str) -> Reading {
        let variables = |name: &str| (name == "QDRANT_API_KEY").then(|| "from-env-file".to_owned());
        read(text, ORIGIN, &variables).unwrap()
    }

    #[test]
    fn known_images_become_profiles_at_their_published_ports() {
        let reading = read_it(FILE);
        let names: Vec<&str> = reading.proposals.iter().map(|p| p.profile.name.as_str()).collect();
        assert_eq!(names, ["vectors", "db", "chroma", "es", "os"]);
        let of = |name: &str| &reading.proposals.iter().find(|p| p.profile.name == name).unwrap().profile;
        assert_eq!((of("vectors").provider, of("vectors").address.as_str()), (ProviderKind::Qdrant, "127.0.0.1:16334"));
        assert!(matches!(&of("vectors").secret, Some(SecretSource::Env(name)) if name == "QDRANT_API_KEY"));
        assert_eq!(of("db").address, "127.0.0.1:15432");
        assert_eq!((of("db").options["user"].as_str(), of("db").options["database"].as_str()), ("shop", "catalog"));
        assert!(of("db").secret.is_none(), "a key in plain text is taken only when that is asked for");
        assert_eq!(reading.proposals[1].plain_key.as_ref().unwrap().expose_secret(), "sesame");
        assert_eq!(of("chroma").address, "127.0.0.1:8001");
        assert!(matches!(&of("es").secret, Some(SecretSource::Env(name)) if name == "ELASTIC_PASSWORD"));
        assert_eq!(of("es").options["username"], "elastic");
        assert!(of("os").options.is_empty());
        assert!(reading.skipped.len() == 1 && reading.skipped[0].contains("hidden"), "{:?}", reading.skipped);
        assert_eq!(read_it(FILE).proposals[0].profile.id, of("vectors").id, "read again it is the same");
    }

    #[test]
    fn a_bomb_and_what_is_no_compose_file_are_errors_without_their_text() {
        let mut bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n".to_owned();
        for (name, of) in "bcdefghijk".chars().zip("abcdefghij".chars()) {
            let list = vec![format!("*{of}"); 9].join(",");
            bomb.push_str(&format!("{name}: &{name} [{list}]\n"));
        }
        let deep = "[".repeat(100_000);
        for text in [bomb.as_str(), &deep, "services: [sesame", "sesame", "services: sesame", ""] {
            let error = read(text, ORIGIN, &|_| None).unwrap_err().to_string();
            assert!(error.contains("docker compose file") && !error.contains("sesame"), "{error}");
        }
    }

    #[test]
    fn variables_are_never_those_of_this_process() {
        // PATH is set wherever tests run.
        let text = "services:\n  q: { image: qdrant/qdrant, ports: ['1:6334'], environment: { POSTGRES_DB: $PATH } }\n";
        assert!(read_it(text).proposals[0].profile.options.is_empty());
        assert_eq!(expand("a${X:-b}c$$d${PATH}$PATH-e", &|_| None), "abc$d-e");
        let own = "services:\n  q: { image: qdrant/qdrant, ports: ['1:6334'], environment: { QDRANT__SERVICE__API_KEY: $VECTOR_INSPECTOR_KEY } }\n";
        assert!(read_it(own).proposals[0].profile.secret.is_none());
    }
}
