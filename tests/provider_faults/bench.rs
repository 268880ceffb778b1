//! What the tests of the way to a server share: makers by name, a server that hears whatever is said, and
//! certificates with a fault.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use secrecy::SecretString;
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use vector_inspector::provider::{Address, ConnectSpec, ProviderKind};

/// The key of every spec here.
pub const KEY: &str = "the-right-key-8f3a";

/// Every maker that is a server.
pub const SERVERS: [ProviderKind; 8] = [
    ProviderKind::Qdrant,
    ProviderKind::Chroma,
    ProviderKind::Weaviate,
    ProviderKind::Pinecone,
    ProviderKind::Elasticsearch,
    ProviderKind::Milvus,
    ProviderKind::Pgvector,
    ProviderKind::Redis,
];

/// Those that speak HTTP/1.1.
pub const REST: [ProviderKind; 4] =
    [ProviderKind::Chroma, ProviderKind::Weaviate, ProviderKind::Pinecone, ProviderKind::Elasticsearch];

/// A spec with the key.
pub fn spec(kind: ProviderKind, host: &str, port: u16, tls: bool) -> ConnectSpec {
    let mut spec = ConnectSpec::new(kind, Address::Server { host: host.to_owned(), port, tls });
    spec.secret = Some(SecretString::from(KEY));
    spec.timeouts.connect = Duration::from_secs(10);
    spec.timeouts.request = Duration::from_secs(10);
    if kind == ProviderKind::Pgvector {
        let mode = if tls { "verify-full" } else { "disable" };
        for (name, value) in [("user", "me"), ("database", "shop"), ("sslmode", mode)] {
            spec.options.insert(name.to_owned(), value.to_owned());
        }
    }
    spec
}

/// A file with that text.
pub fn file(folder: &TempDir, name: &str, text: &str) -> Option<PathBuf> {
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    Some(path)
}

/// A listener of this machine.
pub async fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// Serves every connection in a task of its own, until it is dropped.
pub struct Serving {
    pub port: u16,
    task: JoinHandle<()>,
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Serves every connection so.
pub async fn serve<F>(answer: impl Fn(TcpStream) -> F + Send + Sync + 'static) -> Serving
where
    F: Future<Output = ()> + Send + 'static,
{
    let (listener, address) = listener().await;
    let task = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream));
        }
    });
    Serving { port: address.port(), task }
}

/// What was heard, of each connection.
#[derive(Clone, Default)]
pub struct Heard(Arc<Mutex<Vec<Vec<u8>>>>);

impl Heard {
    fn lock(&self) -> MutexGuard<'_, Vec<Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes what one connection said.
    pub fn note(&self, bytes: Vec<u8>) {
        self.lock().push(bytes);
    }

    /// How many connections there were.
    pub fn connections(&self) -> usize {
        self.lock().len()
    }

    /// How many of them said anything.
    pub fn spoke(&self) -> usize {
        self.lock().iter().filter(|bytes| !bytes.is_empty()).count()
    }

    /// All of it.
    pub fn text(&self) -> String {
        self.lock().iter().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect::<Vec<_>>().join("\n--\n")
    }

    /// Reads the first words of a connection and notes them, also if there are none.
    pub async fn listen(&self, stream: &mut (impl AsyncRead + Unpin)) {
        let mut bytes = vec![0_u8; 4096];
        let length = stream.read(&mut bytes).await.unwrap_or_default();
        bytes.truncate(length);
        self.note(bytes);
    }
}

/// A server that hears whatever comes and hangs up.
pub async fn ear(heard: &Heard) -> Serving {
    let heard = heard.clone();
    serve(move |mut stream| {
        let heard = heard.clone();
        async move { heard.listen(&mut stream).await }
    })
    .await
}
