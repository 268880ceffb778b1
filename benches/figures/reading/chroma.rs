//! A Chroma server and a bare loop on its REST interface; a Chroma folder and a bare loop on SQLite and
//! the file of the index.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use vector_inspector::provider::{self, Address, ConnectSpec, ProviderKind};

use super::{DIMENSION, PAGE, Read, fill, in_turn, own_name, row};
use crate::report::Row;

/// A page of Chroma in plain columns.
#[derive(Deserialize)]
struct Columns {
    ids: Vec<String>,
    embeddings: Vec<Vec<f32>>,
    #[serde(rename = "documents")]
    _documents: Vec<Option<String>>,
    #[serde(rename = "metadatas")]
    _metadatas: Vec<Option<Map<String, Value>>>,
}

/// The lines of the server and of the folder that it writes to, if that one is told.
pub async fn server(address: (String, u16)) -> Vec<Row> {
    let (host, port) = address;
    let base = base(&host, port);
    let spec = ConnectSpec::new(ProviderKind::Chroma, Address::Server { host, port, tls: false });
    let provider = provider::connect(&spec).await.unwrap();
    fill(provider.as_ref(), &own_name(), true).await;
    let (client, url) = get_of(&base, &own_name()).await;
    let bare = async || chroma_bare(&client, &url).await;
    let rounds = in_turn(provider.as_ref(), &own_name(), bare).await;
    let mut rows = vec![row(ProviderKind::Chroma, &rounds, "real server; the bare loop reads JSON into plain columns")];
    if let Some(folder) = std::env::var_os(FOLDER) {
        rows.push(in_folder(Path::new(&folder)).await);
    }
    provider.drop_collection(&own_name()).await.unwrap();
    rows
}

/// Reads all of a collection.
pub async fn read_server(host: &str, port: u16, collection: &str) -> Read {
    let (client, url) = get_of(&base(host, port), collection).await;
    chroma_bare(&client, &url).await
}

fn base(host: &str, port: u16) -> String {
    format!("http://{host}:{port}/api/v2/tenants/default_tenant/databases/default_database/collections")
}

/// A client, and where records of that collection are got.
async fn get_of(base: &str, collection: &str) -> (reqwest::Client, String) {
    // As the program does when it starts.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let found = client.get(format!("{base}/{}", collection)).send().await.unwrap().bytes().await.unwrap();
    let found: Value = serde_json::from_slice(&found).unwrap();
    let url = format!("{base}/{}/get", found["id"].as_str().unwrap());
    (client, url)
}

async fn chroma_bare(client: &reqwest::Client, url: &str) -> Read {
    let mut read = (0, 0);
    loop {
        let body = json!({ "limit": PAGE, "offset": read.0, "include": ["embeddings", "documents", "metadatas"] });
        let answer = client.post(url).json(&body).send().await.unwrap().bytes().await.unwrap();
        let page: Columns = serde_json::from_slice(&answer).unwrap();
        read.0 += page.ids.len() as u64;
        read.1 += page.embeddings.iter().map(|vector| vector.len() as u64).sum::<u64>();
        if page.ids.len() < PAGE {
            return read;
        }
    }
}

/// The folder that the server writes to.
pub const FOLDER: &str = "VECTOR_INSPECTOR_TEST_CHROMA_FOLDER";

async fn in_folder(folder: &Path) -> Row {
    let spec = ConnectSpec::directory(ProviderKind::ChromaFolder, folder);
    let provider = provider::connect(&spec).await.unwrap();
    let bare = Bare::open(folder);
    let rounds = in_turn(provider.as_ref(), &own_name(), async || tokio::task::block_in_place(|| bare.read())).await;
    row(
        ProviderKind::ChromaFolder,
        &rounds,
        "a server has it open; the bare loop has one connection to SQLite, joins the metadata, and reads the vectors \
         from the file of the index in one piece",
    )
}

/// What the fastest loop knows beforehand.
struct Bare {
    tables: Connection,
    segment: String,
    /// The index's first level: slots of one size, each with a vector.
    slots: PathBuf,
}

impl Bare {
    fn open(folder: &Path) -> Self {
        let file = folder.join("chroma.sqlite3");
        let tables = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        tables.busy_timeout(Duration::from_secs(10)).unwrap();
        let segment = |scope: &str| -> String {
            let sql = "SELECT s.id FROM segments s JOIN collections c ON c.id = s.collection WHERE c.name = ?1 AND s.scope = ?2";
            tables.query_row(sql, (own_name(), scope), |row| row.get(0)).unwrap()
        };
        let slots = folder.join(segment("VECTOR")).join("data_level0.bin");
        let segment = segment("METADATA");
        Self { tables, segment, slots }
    }

    fn read(&self) -> Read {
        let bytes = fs::metadata(&self.slots).map_or(0, |file| file.len());
        let vectors = fs::read(&self.slots).unwrap_or_default();
        assert_eq!(vectors.len() as u64, bytes);
        let (mut last, mut read) = (0_i64, (0, 0));
        let sql = "SELECT e.id, e.embedding_id, m.key, m.string_value, m.int_value, m.float_value, m.bool_value
                   FROM (SELECT id, embedding_id FROM embeddings NOT INDEXED
                         WHERE id > ?1 AND segment_id = ?2 ORDER BY id LIMIT ?3) e
                   LEFT JOIN embedding_metadata m ON m.id = e.id ORDER BY e.id";
        let mut statement = self.tables.prepare(sql).unwrap();
        loop {
            let mut rows = statement.query((last, &self.segment, PAGE as i64)).unwrap();
            let (mut page, mut records) = (Vec::new(), 0);
            while let Some(row) = rows.next().unwrap() {
                let id: i64 = row.get(0).unwrap();
                if id != last {
                    (last, records) = (id, records + 1);
                    page.push((row.get::<_, String>(1).unwrap(), Map::new()));
                }
                let value = match (row.get(3).unwrap(), row.get(4).unwrap(), row.get(5).unwrap()) {
                    (Some::<String>(text), ..) => Value::from(text),
                    (_, Some::<i64>(number), _) => Value::from(number),
                    (.., Some::<f64>(number)) => Value::from(number),
                    _ => Value::from(row.get::<_, Option<bool>>(6).unwrap()),
                };
                if let (Some((_, fields)), Some(key)) = (page.last_mut(), row.get::<_, Option<String>>(2).unwrap()) {
                    fields.insert(key, value);
                }
            }
            read.0 += records;
            // One copy of its numbers for each record, as if its slot were known.
            let copies: Vec<Vec<u8>> = (0..records as usize).map(|n| slot(&vectors, n)).collect();
            read.1 += copies.iter().map(|copy| copy.len() as u64 / 4).sum::<u64>();
            if records < PAGE as u64 {
                return read;
            }
        }
    }
}

fn slot(vectors: &[u8], n: usize) -> Vec<u8> {
    let size = DIMENSION * 4;
    let from = if vectors.len() < size { 0 } else { n * size % (vectors.len() - size + 1) };
    vectors.get(from..from + size).map_or_else(|| vec![0; size], <[u8]>::to_vec)
}
