//! The providers that the suite runs on, and whether each is there.

use std::any::Any;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use vector_inspector::provider::qdrant_edge::QdrantEdge;
use vector_inspector::provider::{
    Address, Capabilities, ConnectSpec, Provider, ProviderError, ProviderKind, ServerInfo, connect, transport,
};

use crate::backed_up::BackedUp;
use crate::bench::Naming;
use crate::case::Case;
use crate::chroma;
use crate::chroma_folder;
use crate::chroma_served;
use crate::elasticsearch;
use crate::fake_elasticsearch::{self, Product};
use crate::fake_pinecone;
use crate::fake_weaviate;
#[cfg(feature = "lancedb")]
use crate::lance;
use crate::lance_store;
use crate::milvus;
use crate::pgvector;
use crate::pinecone;
use crate::probing;
use crate::read_here::ReadHere;
use crate::redis;
use crate::scripted::Scripted;
use crate::server_storage::ServerStorage;
use crate::vector_sets;
use crate::weaviate;
use crate::weaviate_server;

/// How a provider is opened.
#[derive(Clone)]
enum Source {
    /// The scripted provider in memory, well-behaved: what other tests rely on must be true of it.
    Scripted,
    /// The maker's interface on a fake in this process, a new one for each case.
    Fake(Faked),
    /// Embedded Qdrant in a new directory for each case.
    Embedded,
    /// LanceDB in a new directory for each case.
    Lance,
    /// LanceDB in a new folder of an object store for each case.
    LanceStore,
    /// The server that an environment variable names.
    Server(ProviderKind, &'static str),
    /// Vector sets of a Redis 8, for which the shared suite is not.
    VectorSets,
    /// A Chroma folder that a program of Chroma is started on, a new one for each case.
    Served,
    /// The storage of a Qdrant server, arranged in a new directory for each case.
    QdrantFolder,
    /// Backups of a database in memory, a new one before each question behind a write.
    Backup,
    /// A folder that is only read: the variable with its path, and the server that writes to it.
    Folder(ProviderKind, &'static str, (ProviderKind, &'static str)),
}

/// Whose interface a fake has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Faked {
    Pinecone,
    Weaviate,
    Elastic(Product),
}

/// One provider under test.
#[derive(Clone)]
pub struct Maker {
    /// The first half of the tests' names.
    pub name: &'static str,
    source: Source,
}

/// Whether a provider can be tested now.
pub enum Standing {
    /// It answered.
    Ready(Box<Capabilities>, ServerInfo),
    /// Nobody gave a server; how to give one.
    NotGiven(&'static str),
    /// The build lacks the cargo feature.
    NotBuilt(&'static str),
    /// One was given and cannot be opened: its cases run, and fail.
    Broken(String),
}

/// An open provider, with the directory that it lives in.
pub struct Opened {
    /// The provider.
    pub provider: Arc<dyn Provider>,
    /// Ends with the case.
    _fake: Option<Box<dyn Any + Send>>,
    /// Deleted at the end of the case.
    _directory: Option<TempDir>,
}

impl Maker {
    /// Every provider of this build.
    pub fn all() -> Vec<Self> {
        vec![
            Self { name: "scripted", source: Source::Scripted },
            Self { name: "qdrant_embedded", source: Source::Embedded },
            Self { name: "qdrant_folder", source: Source::QdrantFolder },
            Self { name: "parquet_backup", source: Source::Backup },
            Self { name: "lancedb", source: Source::Lance },
            Self { name: "lancedb_store", source: Source::LanceStore },
            Self {
                name: "qdrant_server",
                source: Source::Server(ProviderKind::Qdrant, "VECTOR_INSPECTOR_TEST_QDRANT_URL"),
            },
            Self {
                name: "chroma_server",
                source: Source::Server(ProviderKind::Chroma, "VECTOR_INSPECTOR_TEST_CHROMA_URL"),
            },
            Self {
                name: "elasticsearch_server",
                source: Source::Server(ProviderKind::Elasticsearch, "VECTOR_INSPECTOR_TEST_ELASTICSEARCH_URL"),
            },
            Self {
                name: "redis_server",
                source: Source::Server(ProviderKind::Redis, "VECTOR_INSPECTOR_TEST_REDIS_URL"),
            },
            Self { name: "redis_vector_sets", source: Source::VectorSets },
            Self {
                name: "chroma_folder",
                source: Source::Folder(
                    ProviderKind::ChromaFolder,
                    "VECTOR_INSPECTOR_TEST_CHROMA_FOLDER",
                    (ProviderKind::Chroma, "VECTOR_INSPECTOR_TEST_CHROMA_URL"),
                ),
            },
            Self { name: "chroma_folder_written", source: Source::Served },
            Self {
                name: "weaviate_server",
                source: Source::Server(ProviderKind::Weaviate, "VECTOR_INSPECTOR_TEST_WEAVIATE_URL"),
            },
            Self { name: "milvus_lite", source: Source::Server(ProviderKind::Milvus, milvus::LITE) },
            Self { name: "milvus_server", source: Source::Server(ProviderKind::Milvus, milvus::SERVER) },
            Self {
                name: "pgvector_server",
                source: Source::Server(ProviderKind::Pgvector, "VECTOR_INSPECTOR_TEST_PGVECTOR_URL"),
            },
            Self { name: "pinecone_fake", source: Source::Fake(Faked::Pinecone) },
            Self { name: "weaviate_fake", source: Source::Fake(Faked::Weaviate) },
            Self { name: "elasticsearch_fake", source: Source::Fake(Faked::Elastic(Product::Elasticsearch)) },
            Self { name: "opensearch_fake", source: Source::Fake(Faked::Elastic(Product::OpenSearch)) },
        ]
    }

    /// Opens it.
    pub async fn open(&self) -> Result<Opened, String> {
        match &self.source {
            Source::Fake(kind) => {
                let (spec, fake): (_, Box<dyn Any + Send>) = match *kind {
                    Faked::Pinecone => {
                        let fake = fake_pinecone::Fake::start(pinecone::KEY).await;
                        (pinecone::spec(&fake), Box::new(fake))
                    }
                    Faked::Weaviate => {
                        let fake = fake_weaviate::Fake::start(weaviate::KEY).await;
                        (weaviate::spec(&fake), Box::new(fake))
                    }
                    Faked::Elastic(product) => {
                        let fake = fake_elasticsearch::Fake::start(product, elasticsearch::KEY).await;
                        (elasticsearch::spec(&fake), Box::new(fake))
                    }
                };
                let provider = connect(&spec).await.map_err(|error| error.to_string())?;
                Ok(Opened { provider: provider.into(), _fake: Some(fake), _directory: None })
            }
            Source::Scripted => {
                let provider = Scripted::new().provider().await.map_err(|error| error.to_string())?;
                Ok(Opened { provider: provider.into(), _fake: None, _directory: None })
            }
            Source::Embedded => {
                let directory =
                    TempDir::with_prefix("vector-inspector-contract-").map_err(|error| error.to_string())?;
                let provider = QdrantEdge::create(directory.path()).await.map_err(|error| error.to_string())?;
                Ok(Opened { provider: Arc::new(provider), _fake: None, _directory: Some(directory) })
            }
            Source::Lance => {
                let directory =
                    TempDir::with_prefix("vector-inspector-contract-").map_err(|error| error.to_string())?;
                let spec = ConnectSpec::directory(ProviderKind::LanceDb, directory.path());
                let provider = connect(&spec).await.map_err(|error| error.to_string())?;
                Ok(Opened { provider: provider.into(), _fake: None, _directory: Some(directory) })
            }
            Source::LanceStore => {
                let provider = connect(&lance_store::spec()?).await.map_err(|error| error.to_string())?;
                Ok(Opened { provider: provider.into(), _fake: None, _directory: None })
            }
            Source::QdrantFolder => {
                let directory =
                    TempDir::with_prefix("vector-inspector-contract-").map_err(|error| error.to_string())?;
                let failed = |error: ProviderError| error.to_string();
                let there = ServerStorage::new(directory.path()).await.map_err(failed)?;
                let spec = ConnectSpec::directory(ProviderKind::QdrantFolder, directory.path());
                let here = connect(&spec).await.map_err(failed)?;
                let provider = ReadHere::new(Arc::from(here), Arc::new(there));
                Ok(Opened { provider: Arc::new(provider), _fake: None, _directory: Some(directory) })
            }
            Source::Backup => {
                let directory =
                    TempDir::with_prefix("vector-inspector-contract-").map_err(|error| error.to_string())?;
                let there = Scripted::new().provider().await.map_err(|error| error.to_string())?;
                let there: Arc<dyn Provider> = there.into();
                let provider = ReadHere::new(BackedUp::new(Arc::clone(&there), directory.path()), there);
                Ok(Opened { provider: Arc::new(provider), _fake: None, _directory: Some(directory) })
            }
            Source::Served => {
                let directory = chroma_served::folder().await?;
                let spec = chroma_served::spec(directory.path());
                let provider = connect(&spec).await.map_err(|error| error.to_string())?;
                Ok(Opened { provider: provider.into(), _fake: None, _directory: Some(directory) })
            }
            Source::VectorSets => {
                let provider = connect(&vector_sets::spec()?).await.map_err(|error| error.to_string())?;
                Ok(Opened { provider: provider.into(), _fake: None, _directory: None })
            }
            Source::Server(kind, variable) => {
                let provider = connect(&server(*kind, variable)?).await.map_err(|error| error.to_string())?;
                Ok(Opened { provider: provider.into(), _fake: None, _directory: None })
            }
            Source::Folder(kind, variable, (writer, url)) => {
                let folder = std::env::var(variable).map_err(|error| format!("{variable}: {error}"))?;
                let failed = |error: ProviderError| error.to_string();
                let here = connect(&ConnectSpec::directory(*kind, folder)).await.map_err(failed)?;
                let there = connect(&server(*writer, url)?).await.map_err(failed)?;
                let provider = ReadHere::new(Arc::from(here), there.into());
                Ok(Opened { provider: Arc::new(provider), _fake: None, _directory: None })
            }
        }
    }

    /// Asks it who it is and what it can do.
    pub fn standing(&self) -> Standing {
        if matches!(self.source, Source::Lance | Source::LanceStore) && !ProviderKind::LanceDb.is_in_this_build() {
            return Standing::NotBuilt("lancedb");
        }
        let variables = match self.source {
            Source::Scripted
            | Source::Embedded
            | Source::QdrantFolder
            | Source::Backup
            | Source::Lance
            | Source::Fake(_) => Vec::new(),
            Source::VectorSets => vec![vector_sets::URL],
            Source::LanceStore => vec![lance_store::URL, lance_store::KEY],
            Source::Served => vec![chroma_served::PROGRAM],
            Source::Server(_, url) => vec![url],
            Source::Folder(_, folder, (_, url)) => vec![folder, url],
        };
        if let Some(variable) = variables.into_iter().find(|variable| std::env::var_os(variable).is_none()) {
            return Standing::NotGiven(variable);
        }
        let ask = async {
            let opened = self.open().await?;
            let server = opened.provider.ping().await.map_err(|error| error.to_string())?;
            Ok::<_, String>(Standing::Ready(Box::new(opened.provider.capabilities().clone()), server))
        };
        block_on(ask).unwrap_or_else(Standing::Broken)
    }

    /// The spec of its server, if it is one.
    pub fn server_spec(&self) -> Option<Result<ConnectSpec, String>> {
        match self.source {
            Source::Server(kind, variable) => Some(server(kind, variable)),
            _ => None,
        }
    }

    /// Whether a case of the shared suite says anything: thousands of records and filters on a fake only
    /// tell how the fake filters.
    pub fn takes(&self, case: &Case) -> bool {
        let filters = case.name == "generated_filters_select_the_same_everywhere";
        let moving = case.name == "each_record_comes_once_while_others_are_written_and_deleted";
        if case.name.starts_with("a_copy_") {
            // The makers that a copy is proved between; each of them to each other and back.
            return matches!(
                self.source,
                Source::Embedded | Source::Lance | Source::Server(ProviderKind::Qdrant | ProviderKind::Chroma, _)
            ) || matches!(self.name, "pgvector_server" | "milvus_lite" | "redis_server");
        }
        match self.source {
            // The fake looks through all its records for each of the 500 pages.
            Source::Fake(Faked::Pinecone) => !filters && !moving,
            Source::Fake(_) => !filters,
            // Each request is a question to the store: the directory's tests ask for thousands.
            Source::LanceStore => !filters && !moving,
            // Vector sets and a folder that is written have files of their own.
            Source::VectorSets | Source::Served => false,
            // Nobody writes to a server's storage while it does not run, or to a backup.
            Source::QdrantFolder | Source::Backup => !moving,
            _ => true,
        }
    }

    /// What its collections may be called.
    pub fn naming(&self) -> Naming {
        match self.source {
            // letters, digits and _, the first a capital
            Source::Server(ProviderKind::Weaviate, _) | Source::Fake(Faked::Weaviate) => {
                |name| name.replacen('v', "V", 1).replace('-', "_")
            }
            // letters, digits and underscores
            Source::Server(ProviderKind::Milvus, _) => |name| name.replace('-', "_"),
            Source::Server(ProviderKind::Pgvector, _) => pgvector::name,
            // at most 45 characters: without the name of the case
            Source::Fake(_) => |name| name.splitn(5, '-').take(4).collect::<Vec<_>>().join("-"),
            _ => str::to_owned,
        }
    }

    /// What it must do beyond the shared suite.
    pub fn own_cases(&self) -> Vec<Case> {
        let probed = if matches!(self.source, Source::Server(..)) { probing::cases() } else { Vec::new() };
        probed.into_iter().chain(self.maker_cases()).collect()
    }

    fn maker_cases(&self) -> Vec<Case> {
        match self.source {
            Source::Server(ProviderKind::Chroma, _) => chroma::cases(),
            Source::Server(ProviderKind::Pgvector, _) => pgvector::cases(),
            Source::Server(ProviderKind::Redis, _) => redis::cases(),
            Source::VectorSets => vector_sets::cases(),
            Source::Served => chroma_served::cases(),
            Source::Folder(ProviderKind::ChromaFolder, ..) => chroma_folder::cases(),
            Source::Server(ProviderKind::Weaviate, _) => weaviate_server::cases(),
            Source::Server(ProviderKind::Milvus, variable) => milvus::cases_of(variable),
            Source::Fake(Faked::Pinecone) => pinecone::cases(),
            Source::Fake(Faked::Weaviate) => weaviate::cases(),
            Source::Fake(Faked::Elastic(_)) => elasticsearch::cases(),
            #[cfg(feature = "lancedb")]
            Source::Lance => lance::cases(),
            #[cfg(feature = "lancedb")]
            Source::LanceStore => lance_store::cases(),
            _ => Vec::new(),
        }
    }

    /// A line of the table that `tests/run` repeats at its end.
    pub fn row(&self, standing: &Standing, runs: usize, left_out: usize) -> String {
        let name = self.name;
        match standing {
            Standing::Ready(_, server) => format!(
                "provider: {name:<16} {}, {} {}: {runs} cases, {left_out} not possible there",
                match self.source {
                    Source::Scripted => "in memory",
                    Source::Fake(_) => "A FAKE of it",
                    Source::LanceStore => "real, the store is the one given (tests/run: A FAKE, moto)",
                    _ => "real",
                },
                server.product,
                server.version
            ),
            Standing::NotGiven(variable) => {
                format!("provider: {name:<16} NOT RUN: give its address in {variable}")
            }
            Standing::NotBuilt(feature) => {
                format!("provider: {name:<16} NOT RUN: build the tests with `--features {feature}`, or `full`")
            }
            Standing::Broken(error) => format!("provider: {name:<16} BROKEN: {error}"),
        }
    }
}

/// The spec of a server from `http://host:port` or `host:port` in the environment.
pub fn server(kind: ProviderKind, variable: &str) -> Result<ConnectSpec, String> {
    let text = std::env::var(variable).map_err(|error| format!("{variable}: {error}"))?;
    let with_scheme = if text.contains("://") { text } else { format!("http://{text}") };
    let url = url::Url::parse(&with_scheme).map_err(|error| format!("{variable}: {error}"))?;
    let address = Address::Server {
        host: url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned(),
        port: url.port().or(kind.default_port()).unwrap_or_default(),
        tls: url.scheme().ends_with("https"),
    };
    let mut spec = ConnectSpec::new(kind, address);
    if variable == milvus::LITE {
        // It answers one question after the other: those of all cases wait for each other.
        spec.timeouts.request = Duration::from_secs(240);
    }
    let place = kind.maker().server();
    let user = (place.and_then(|place| place.user_option), url.username());
    let path = (place.and_then(|place| place.path_option), url.path().trim_matches('/'));
    for (option, value) in [user, path] {
        if let Some(option) = option.filter(|_| !value.is_empty()) {
            spec.options.insert(option.to_owned(), value.to_owned());
        }
    }
    if kind == ProviderKind::Chroma {
        // The whole language or a refusal, which the equivalence is about.
        spec.options.insert("arrays".to_owned(), "refused".to_owned());
    }
    spec.secret = std::env::var(variable.replace("_URL", "_KEY")).ok().map(Into::into);
    if spec.secret.is_some() {
        // The variables are given for tests only; the user has decided where the key goes.
        spec.options.insert(transport::ALLOW_PLAINTEXT_KEY.to_owned(), "true".to_owned());
    }
    Ok(spec)
}

/// Runs a future on a runtime of its own, as every case does.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(future)
}
