//! Variables that programs take their database from, in a `.env` file: `QDRANT_URL`, `DATABASE_URL`,
//! `PINECONE_API_KEY`. A key becomes a reference to its variable; the key itself is taken where that is
//! asked for.

use std::collections::BTreeMap;

use secrecy::SecretString;
use url::Url;

use super::{ImportError, Origin, Proposal, Reading, names};
use crate::profile::address;
use crate::profile::model::{Profile, SecretSource};
use crate::provider::ProviderKind;

/// The variables of one kind of database.
struct Family {
    /// What it is called in names of profiles.
    word: &'static str,
    kind: ProviderKind,
    /// Variables with a URL.
    urls: &'static [&'static str],
    /// Variables with a host, and those with its port.
    hosts: &'static [&'static str],
    ports: &'static [&'static str],
    /// Variables with the key.
    keys: &'static [&'static str],
    /// Options of the profile and the variables that they are in.
    options: &'static [(&'static str, &'static [&'static str])],
    /// Where it is when there is a key and no address: a service with one address for all.
    service: Option<&'static str>,
    /// The port of another interface of the same server, and ours.
    instead: Option<(u16, u16)>,
}

const FAMILIES: [Family; 9] = [
    Family {
        word: "qdrant",
        kind: ProviderKind::Qdrant,
        urls: &["QDRANT_URL", "QDRANT_ENDPOINT"],
        hosts: &["QDRANT_HOST"],
        ports: &["QDRANT_GRPC_PORT"],
        keys: &["QDRANT_API_KEY", "QDRANT_KEY"],
        options: &[],
        service: None,
        instead: Some((6333, 6334)),
    },
    Family {
        word: "postgres",
        kind: ProviderKind::Pgvector,
        urls: &["PGVECTOR_URL", "DATABASE_URL", "POSTGRES_URL", "POSTGRESQL_URL"],
        hosts: &["PGHOST", "POSTGRES_HOST"],
        ports: &["PGPORT", "POSTGRES_PORT"],
        keys: &["PGPASSWORD", "POSTGRES_PASSWORD"],
        options: &[
            ("user", &["PGUSER", "POSTGRES_USER"]),
            ("database", &["PGDATABASE", "POSTGRES_DB", "POSTGRES_DATABASE"]),
        ],
        service: None,
        instead: None,
    },
    Family {
        word: "pinecone",
        kind: ProviderKind::Pinecone,
        urls: &[],
        hosts: &[],
        ports: &[],
        keys: &["PINECONE_API_KEY"],
        options: &[],
        service: Some("https://api.pinecone.io"),
        instead: None,
    },
    Family {
        word: "chroma",
        kind: ProviderKind::Chroma,
        urls: &["CHROMA_URL", "CHROMA_SERVER_URL"],
        hosts: &["CHROMA_HOST", "CHROMA_SERVER_HOST"],
        ports: &["CHROMA_PORT", "CHROMA_SERVER_HTTP_PORT", "CHROMA_SERVER_PORT"],
        keys: &["CHROMA_API_KEY", "CHROMA_TOKEN", "CHROMA_AUTH_TOKEN"],
        options: &[("tenant", &["CHROMA_TENANT"]), ("database", &["CHROMA_DATABASE"])],
        service: Some("https://api.trychroma.com:443"),
        instead: None,
    },
    Family {
        word: "weaviate",
        kind: ProviderKind::Weaviate,
        urls: &["WEAVIATE_URL", "WEAVIATE_CLUSTER_URL", "WEAVIATE_ENDPOINT", "WCD_URL"],
        hosts: &["WEAVIATE_HOST"],
        ports: &["WEAVIATE_PORT"],
        keys: &["WEAVIATE_API_KEY", "WCD_API_KEY"],
        options: &[],
        service: None,
        instead: None,
    },
    Family {
        word: "milvus",
        kind: ProviderKind::Milvus,
        urls: &["MILVUS_URI", "MILVUS_URL", "ZILLIZ_URI", "ZILLIZ_CLOUD_URI", "ZILLIZ_ENDPOINT", "ZILLIZ_URL"],
        hosts: &["MILVUS_HOST"],
        ports: &["MILVUS_PORT"],
        keys: &["MILVUS_TOKEN", "ZILLIZ_TOKEN", "ZILLIZ_API_KEY", "ZILLIZ_CLOUD_TOKEN", "ZILLIZ_CLOUD_API_KEY"],
        options: &[("database", &["MILVUS_DB_NAME", "MILVUS_DATABASE", "MILVUS_DB"])],
        service: None,
        instead: None,
    },
    Family {
        word: "redis",
        kind: ProviderKind::Redis,
        urls: &["REDIS_URL", "REDIS_URI"],
        hosts: &["REDIS_HOST"],
        ports: &["REDIS_PORT"],
        keys: &["REDIS_PASSWORD"],
        options: &[("username", &["REDIS_USERNAME", "REDIS_USER"])],
        service: None,
        instead: None,
    },
    Family {
        word: "elasticsearch",
        kind: ProviderKind::Elasticsearch,
        urls: &["ELASTICSEARCH_URL", "ELASTIC_URL", "ES_URL"],
        hosts: &["ELASTICSEARCH_HOST", "ES_HOST"],
        ports: &["ELASTICSEARCH_PORT", "ES_PORT"],
        keys: &["ELASTICSEARCH_API_KEY", "ELASTIC_API_KEY", "ES_API_KEY", "ELASTICSEARCH_PASSWORD", "ELASTIC_PASSWORD"],
        options: &[("username", &["ELASTICSEARCH_USERNAME", "ELASTIC_USERNAME"])],
        service: None,
        instead: None,
    },
    // Another server with a key of its own, of the same kind for this program.
    Family {
        word: "opensearch",
        kind: ProviderKind::Elasticsearch,
        urls: &["OPENSEARCH_URL"],
        hosts: &["OPENSEARCH_HOST"],
        ports: &["OPENSEARCH_PORT"],
        keys: &["OPENSEARCH_PASSWORD"],
        options: &[("username", &["OPENSEARCH_USERNAME"])],
        service: None,
        instead: None,
    },
];

/// Stands for `$` while the file is parsed: the parser would put variables of this process in its place,
/// and a file of somebody else could so ask for anything in them.
const DOLLAR: &str = "\u{e000}";

/// The variables of a file, in which only those of the same file stand for each other; and how many lines
/// cannot be read.
pub fn variables(text: &str) -> (BTreeMap<String, String>, usize) {
    let text = text.trim_start_matches('\u{feff}').replace('$', DOLLAR);
    let (mut found, mut wrong) = (BTreeMap::new(), 0);
    for line in dotenvy::from_read_iter(text.as_bytes()) {
        match line {
            Ok((name, value)) => {
                found.insert(name, value.replace(DOLLAR, "$"));
            }
            Err(_) => wrong += 1,
        }
    }
    (found, wrong)
}

/// Reads the file.
///
/// # Errors
/// None at present; a line that cannot be read is passed over and counted.
pub fn read(text: &str, origin: Origin<'_>) -> Result<Reading, ImportError> {
    let (variables, wrong) = variables(text);
    let mut reading = Reading::default();
    if wrong > 0 {
        reading.skipped.push(format!("Lines that are no NAME=value: {wrong}."));
    }
    for family in &FAMILIES {
        let found = family.proposal(&variables, origin, &mut reading.skipped);
        reading.proposals.extend(found);
    }
    Ok(reading)
}

/// A URL taken apart.
struct Taken {
    address: String,
    user: Option<String>,
    password: Option<SecretString>,
    path: Option<String>,
    sslmode: Option<String>,
}

impl Family {
    /// The database of this family; what of it is passed over is said in `skipped`.
    fn proposal(
        &self,
        variables: &BTreeMap<String, String>,
        origin: Origin<'_>,
        skipped: &mut Vec<String>,
    ) -> Option<Proposal> {
        let first = |names: &[&'static str]| {
            names.iter().find_map(|name| {
                let value = variables.get(*name).map(|value| value.trim()).filter(|value| !value.is_empty())?;
                Some((*name, value.to_owned()))
            })
        };
        let key = first(self.keys);
        let mut read = |name, text: &str| {
            self.taken(name, &expanded(text, variables)).unwrap_or_else(|why| {
                skipped.push(why);
                None
            })
        };
        // Other variables than the first may be of this kind of database where the first is of another.
        let urls = self.urls.iter().filter_map(|name| first(&[*name]));
        let (mut found, mut others) = (None, Vec::new());
        let mut is_named = false;
        for (name, url) in urls {
            is_named = true;
            match (read(name, &url), &found) {
                (Some(taken), None) => found = Some((name, url, taken)),
                (Some(_), Some((_, known, _))) if *known != url => others.push(name),
                _ => {}
            }
        }
        let (source, taken) = match (found, first(self.hosts), self.service) {
            (Some((name, _, taken)), _, _) => (name, taken),
            (None, Some((name, host)), _) => {
                let port = first(self.ports).map(|(_, port)| port);
                let url = port.map_or_else(|| host.clone(), |port| format!("{host}:{port}"));
                (name, read(name, &url)?)
            }
            (None, None, Some(service)) if !is_named => {
                let (name, _) = key.as_ref()?;
                let address = service.to_owned();
                (*name, Taken { address, user: None, password: None, path: None, sslmode: None })
            }
            (None, None, _) => return None,
        };
        let name = origin.name(self.word);
        skipped.extend(
            others.iter().map(|other| {
                format!("{other} was passed over: {name:?} is made of {source}, and has another address.")
            }),
        );
        let mut profile = Profile::new(&name, self.kind, &taken.address);
        profile.id = names::identity(&["env", origin.id, self.word]);
        let place = self.kind.maker().server();
        let path_option = place.and_then(|place| place.path_option);
        let lost = taken.path.clone().filter(|path| path_option.is_none() || path.contains('/'));
        let path = taken.path.filter(|_| lost.is_none());
        let of_url = [(place.and_then(|p| p.user_option), taken.user), (path_option, path)];
        for (option, value) in of_url {
            if let (Some(option), Some(value)) = (option, value) {
                profile.options.insert(option.to_owned(), value);
            }
        }
        for (option, names) in self.options {
            if let Some((_, value)) = first(names) {
                profile.options.entry((*option).to_owned()).or_insert_with(|| expanded(&value, variables));
            }
        }
        let mut proposal = Proposal::of_place(profile);
        match lost {
            Some(path) if self.kind == ProviderKind::Redis && path == "0" => {}
            Some(path) if self.kind == ProviderKind::Redis => proposal.notes.push(format!(
                "The database number {path:?} of {source} was left out: indexes of vectors are in number 0 only."
            )),
            Some(path) => proposal.notes.push(format!("The path {path:?} of {source} was left out.")),
            None => {}
        }
        if let Some(mode) = taken.sslmode {
            if matches!(mode.as_str(), "disable" | "verify-full") {
                proposal.profile.options.insert("sslmode".to_owned(), mode);
            } else {
                proposal
                    .notes
                    .push("Its sslmode was left out: away from this machine the certificate is checked.".to_owned());
            }
        }
        match (key, taken.password) {
            (Some((name, value)), _) => {
                proposal.profile.secret = Some(SecretSource::Env(name.to_owned()));
                proposal.plain_key = Some(SecretString::from(value));
            }
            (None, Some(password)) => {
                proposal.notes.push(format!("Its password is inside {source}, which cannot be referred to in parts."));
                proposal.plain_key = Some(password);
            }
            (None, None) => {}
        }
        Some(proposal)
    }

    /// An address of ours from what other programs take; `None` for another kind of database.
    fn taken(&self, variable: &str, text: &str) -> Result<Option<Taken>, String> {
        let no_address = || format!("{variable} is no address that this program knows.");
        let server = self.kind.maker().server().ok_or_else(no_address)?;
        let own = |scheme: &str| server.schemes.iter().find(|(name, _)| *name == scheme).map(|(_, tls)| *tls);
        let scheme = address::scheme_of(text);
        // `postgresql+asyncpg` is how SQLAlchemy names its driver.
        let base = scheme.as_deref().map(|scheme| scheme.split('+').next().unwrap_or_default().to_owned());
        let tls = match base.as_deref() {
            None => false,
            Some("http") => false,
            Some("https") => true,
            Some(base) => match own(base) {
                Some(tls) => tls,
                // DATABASE_URL may be of any database.
                None => return Ok(None),
            },
        };
        let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
        if scheme.is_none() && (rest.starts_with(['.', '/', '~']) || rest.ends_with(".db")) {
            return Err(format!("{variable} is a file of this machine, which this program does not open."));
        }
        let url = Url::parse(&format!("address://{rest}")).map_err(|_| no_address())?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(no_address)?;
        let port = match (url.port(), self.instead) {
            (Some(given), Some((other, ours))) if given == other => Some(ours),
            (given, _) => given,
        };
        // `https://host` is port 443 to other programs, but for those whose clients have a port of their own.
        let implied = match (base.as_deref(), self.instead) {
            (Some("https"), None) => Some(443),
            (Some("http"), None) => Some(80),
            _ => None,
        };
        let shown = port.or(implied).map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let address = match base.as_deref() {
            None => shown,
            Some("http" | "https") => format!("{}://{shown}", if tls { "https" } else { "http" }),
            Some(base) => format!("{base}://{shown}"),
        };
        address::profile_address(self.kind, &address).map_err(|_| no_address())?;
        // A part of a password would be refused by the server, and nobody would know why.
        let read = |part: &str| match address::decoded(part) {
            Some(text) => Ok(Some(text).filter(|text| !text.is_empty())),
            None => Err(format!("{variable} has something escaped by % that is no text.")),
        };
        Ok(Some(Taken {
            address,
            user: read(url.username())?,
            password: read(url.password().unwrap_or_default())?.map(SecretString::from),
            path: read(url.path().trim_matches('/'))?,
            sslmode: url.query_pairs().find(|(name, _)| name == "sslmode").map(|(_, value)| value.into_owned()),
        }))
    }
}

/// `${NAME}` and `$NAME` from the same file.
fn expanded(text: &str, variables: &BTreeMap<String, String>) -> String {
    super::compose::expand(text, &|name| variables.get(name).filter(|value| !value.contains('$')).cloned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use secrecy::ExposeSecret;

    use super::*;

    const ORIGIN: Origin<'_> = Origin { shown: ".env", id: "/shop/.env", project: "shop" };

    fn read_it(text: &str) -> Reading {
        read(text, ORIGIN).unwrap()
    }

    fn one(text: &str) -> Proposal {
        let mut reading = read_it(text);
        assert_eq!((reading.proposals.len(), reading.skipped.len()), (1, 0), "{text}: {reading:?}");
        reading.proposals.remove(0)
    }

    #[test]
    fn addresses_of_other_programs_become_ours() {
        for (text, address) in [
            ("QDRANT_URL=http://localhost:6333", "http://localhost:6334"),
            ("QDRANT_URL=\"https://x.cloud.qdrant.io\" # the cluster", "https://x.cloud.qdrant.io"),
            ("QDRANT_HOST=db\nQDRANT_GRPC_PORT=7000", "db:7000"),
            (
                "export DATABASE_URL='postgresql+asyncpg://me:pw@db.example.com:5433/shop?sslmode=disable'",
                "postgresql://db.example.com:5433",
            ),
            ("PINECONE_API_KEY=k", "https://api.pinecone.io"),
            ("CHROMA_HOST=localhost\nCHROMA_PORT=8001", "localhost:8001"),
            ("CHROMA_API_KEY=k\nCHROMA_TENANT=t", "https://api.trychroma.com:443"),
            ("WEAVIATE_URL=https://x.weaviate.cloud", "https://x.weaviate.cloud:443"),
            ("WEAVIATE_URL=x.weaviate.cloud", "x.weaviate.cloud"),
            ("ZILLIZ_URI=https://in03-x.zillizcloud.com\nZILLIZ_TOKEN=k", "https://in03-x.zillizcloud.com:443"),
            ("REDIS_URL=rediss://me:pw@r:6380/0", "rediss://r:6380"),
            ("ELASTICSEARCH_URL=http://localhost:9200", "http://localhost:9200"),
            ("HOST=db\nQDRANT_URL=http://${HOST}:6333", "http://db:6334"),
        ] {
            let proposal = one(text);
            assert_eq!(proposal.profile.address, address, "{text}");
            assert!(proposal.profile.name.starts_with("shop-"), "{}", proposal.profile.name);
            crate::profile::spec::address_of(&proposal.profile).unwrap();
        }
    }

    #[test]
    fn keys_become_references_and_are_not_in_the_profile() {
        let proposal = one("QDRANT_URL=http://localhost:6333\nQDRANT_API_KEY=sesame");
        assert!(matches!(&proposal.profile.secret, Some(SecretSource::Env(name)) if name == "QDRANT_API_KEY"));
        assert_eq!(proposal.plain_key.as_ref().unwrap().expose_secret(), "sesame");
        assert!(!format!("{proposal:?}").contains("sesame"));
        let proposal = one("DATABASE_URL=postgres://me:se%20same@db/shop");
        assert!(proposal.profile.secret.is_none() && proposal.notes[0].contains("DATABASE_URL"));
        assert_eq!(proposal.plain_key.as_ref().unwrap().expose_secret(), "se same");
        let options = &proposal.profile.options;
        assert_eq!((options["user"].as_str(), options["database"].as_str()), ("me", "shop"));
        let proposal = one("DATABASE_URL=postgres://u:p&q@h/db");
        assert_eq!(proposal.plain_key.as_ref().unwrap().expose_secret(), "p&q");
        assert_eq!(proposal.profile.options["database"], "db");
        let reading = read_it("DATABASE_URL=postgres://u:p%ffq@h/db");
        assert!(reading.proposals.is_empty() && reading.skipped[0].contains("that is no text"));
        let proposal = one("DATABASE_URL=postgres://me:pw@db/shop\nPGPASSWORD=pw");
        assert!(matches!(&proposal.profile.secret, Some(SecretSource::Env(name)) if name == "PGPASSWORD"));
    }

    #[test]
    fn other_databases_files_and_broken_lines_are_passed_over() {
        assert!(read_it("DATABASE_URL=mysql://db/x\nFOO=bar\n# QDRANT_URL=http://x").proposals.is_empty());
        let reading = read_it("MILVUS_URI=./milvus.db\nthis is no line\nQDRANT_URL=http://[\nREDIS_URL=redis://ok");
        assert_eq!(reading.proposals.len(), 1);
        assert_eq!(reading.skipped.len(), 3, "{:?}", reading.skipped);
    }

    #[test]
    fn nothing_of_the_file_is_dropped_in_silence() {
        let reading = read_it(
            "ELASTICSEARCH_URL=http://es:9200\nELASTIC_PASSWORD=a\nOPENSEARCH_URL=https://os:9200\nOPENSEARCH_PASSWORD=b",
        );
        let of = |p: &Proposal| (p.profile.name.clone(), p.profile.secret.as_ref().map(SecretSource::describe));
        assert_eq!(
            reading.proposals.iter().map(of).collect::<Vec<_>>(),
            [
                ("shop-elasticsearch".to_owned(), Some("env ELASTIC_PASSWORD".to_owned())),
                ("shop-opensearch".to_owned(), Some("env OPENSEARCH_PASSWORD".to_owned())),
            ]
        );
        let reading =
            read_it("DATABASE_URL=postgres://a/x\nPOSTGRES_URL=postgres://b/x\nPOSTGRESQL_URL=postgres://a/x");
        assert_eq!(reading.proposals[0].profile.address, "postgres://a");
        assert!(reading.skipped.len() == 1 && reading.skipped[0].contains("POSTGRES_URL"), "{:?}", reading.skipped);
        // One of another kind of database stands in nobody's way.
        let reading = read_it("DATABASE_URL=mysql://a/x\nPOSTGRES_URL=postgres://b/x");
        assert_eq!(reading.proposals[0].profile.address, "postgres://b");
        let reading = read_it("DATABASE_URL=mysql://a/x\nPGHOST=b");
        assert_eq!(reading.proposals[0].profile.address, "b");
        assert!(one("REDIS_URL=redis://r:6379/0").notes.is_empty());
        for (text, part) in [
            ("REDIS_URL=redis://r:6379/2", "number \"2\""),
            ("QDRANT_URL=https://h/qdrant", "path \"qdrant\""),
            ("DATABASE_URL=postgres://h/a/b", "path \"a/b\""),
        ] {
            let proposal = one(text);
            assert!(proposal.notes.iter().any(|note| note.contains(part)), "{text}: {:?}", proposal.notes);
            assert!(proposal.profile.options.is_empty(), "{text}");
        }
    }

    #[test]
    fn variables_are_never_those_of_this_process() {
        // PATH is set wherever tests run.
        let (found, _) = variables("A=${PATH}\nB=\"$PATH\"\nC='$PATH'\nD=x$Ay");
        assert_eq!(found["A"], "${PATH}");
        assert_eq!((found["B"].as_str(), found["C"].as_str(), found["D"].as_str()), ("$PATH", "$PATH", "x$Ay"));
        assert!(read_it("QDRANT_URL=http://x${PATH}:6333").proposals[0].profile.address.ends_with("//x:6334"));
    }
}
