//! `manifest.json`: what a backup has, and what its collections were. `SHA256SUMS` beside it has a checksum of
//! it and of every other file, as `sha256sum -c` reads them; it is written last, so that a directory without it
//! is no whole backup.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::provider::model::{CollectionInfo, Metric, PayloadField, VectorKind, VectorSpec};
use crate::provider::{ProviderError, Result};

/// The file of this module.
pub const MANIFEST: &str = "manifest.json";
/// The checksums.
pub const SUMS: &str = "SHA256SUMS";
/// The directory that is there as long as a backup is not whole.
pub const UNFINISHED: &str = "unfinished";
/// What the manifest says it is.
const FORMAT: &str = "vector-inspector backup";
/// The only version so far.
pub const VERSION: u32 = 1;

/// What a backup has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// What the file is.
    pub format: String,
    /// Of which version.
    pub version: u32,
    /// The program that wrote it, with its version.
    pub made_by: String,
    /// When it was finished, in seconds since 1970.
    pub made_at: u64,
    /// Where the records are from.
    pub source: Source,
    /// The collections, sorted by name.
    pub collections: Vec<Stored>,
}

/// Where the records are from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// What the database was called: a profile's name, an address. Never holds a secret.
    pub label: String,
    /// The product, as it called itself.
    pub product: String,
    /// Its version.
    pub version: String,
}

/// One collection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stored {
    /// Its name.
    pub name: String,
    /// Records.
    pub records: u64,
    /// The sum of the digests of its records, 128 bits in hexadecimal digits, as comparing makes them. It does not
    /// depend on their order.
    pub digest: String,
    /// Its vectors.
    pub vectors: Vec<StoredVector>,
    /// Fields of the payload that the source told of, with its indexes of them.
    pub fields: Vec<StoredField>,
    /// The source's own description, with the settings of its indexes.
    pub details: Value,
    /// Its files, in the order of the records.
    pub parts: Vec<PartFile>,
}

/// One vector of every record of a collection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredVector {
    /// Its name, `""` for the unnamed one.
    pub name: String,
    /// Its column in the files; a sparse one has two, `COLUMN_indices` and `COLUMN_values`.
    pub column: String,
    /// `dense`, `sparse` or `multi`.
    pub kind: String,
    /// Dimensions, where the source fixed them.
    pub dimension: Option<usize>,
    /// The metric.
    pub metric: Option<String>,
    /// The index and its settings, in words.
    pub index: Option<String>,
    /// The model that made its vectors of text.
    pub embedder: Option<String>,
}

/// A field of the payload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredField {
    /// Its path.
    pub path: String,
    /// The source's word for its type.
    pub kind: String,
    /// Records in the payload index, where there was one.
    pub indexed: Option<u64>,
}

/// A file of a collection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartFile {
    /// Its name in the directory.
    pub file: String,
    /// Records.
    pub records: u64,
    /// Its size.
    pub bytes: u64,
    /// Its checksum.
    pub sha256: String,
}

impl Manifest {
    /// The manifest of a backup that is made now.
    pub fn new(source: Source, collections: Vec<Stored>, made_at: u64) -> Self {
        let made_by = concat!("vector-inspector ", env!("CARGO_PKG_VERSION")).to_owned();
        Self { format: FORMAT.to_owned(), version: VERSION, made_by, made_at, source, collections }
    }

    /// Reads that of a directory.
    ///
    /// # Errors
    /// An unfinished backup, a manifest that cannot be read or is of another version.
    pub fn read(dir: &Path) -> Result<Self> {
        Self::of(dir, &text(dir)?)
    }

    /// The same, where the bytes that it is read from are those that were written.
    ///
    /// # Errors
    /// As [`Self::read`]; one that is not as it was written, or whose checksum is not there.
    pub(super) fn read_whole(dir: &Path) -> Result<Self> {
        let text = text(dir)?;
        let manifest = Self::of(dir, &text)?;
        require_own_sum(dir, &text)?;
        Ok(manifest)
    }

    fn of(dir: &Path, text: &[u8]) -> Result<Self> {
        let path = dir.join(MANIFEST);
        let manifest: Self = serde_json::from_slice(text).map_err(|error| damaged(&path, error))?;
        if manifest.format != FORMAT {
            return Err(no_backup(dir, "its `manifest.json` is of another program"));
        }
        if manifest.version != VERSION {
            let cause = format!("the backup has version {} of the format", manifest.version);
            let mend =
                format!("This program reads version {VERSION}: take the one that wrote it, {}.", manifest.made_by);
            return Err(ProviderError::BadRequest { cause, mend });
        }
        // Nothing outside of the directory is read, whatever the manifest says.
        let mut parts = manifest.collections.iter().flat_map(|collection| &collection.parts);
        match parts.find(|part| part.file.contains(['/', '\\']) || part.file.starts_with('.')) {
            Some(part) => Err(damaged(&path, format!("it names the file {:?}", part.file))),
            None => Ok(manifest),
        }
    }

    /// Makes a directory of whole files a backup: the manifest, then the checksums.
    ///
    /// # Errors
    /// The system's.
    pub fn write(&self, dir: &Path) -> io::Result<()> {
        let text = serde_json::to_vec_pretty(self)?;
        let mut sums: String = self
            .collections
            .iter()
            .flat_map(|collection| &collection.parts)
            .map(|part| format!("{}  {}\n", part.sha256, part.file))
            .collect();
        sums += &format!("{}  {MANIFEST}\n", hex(&Sha256::digest(&text)));
        write_whole(dir, SUMS, sums.as_bytes())?;
        write_whole(dir, MANIFEST, &text)
    }

    /// The collection of that name.
    pub fn collection(&self, name: &str) -> Option<&Stored> {
        self.collections.iter().find(|collection| collection.name == name)
    }
}

impl Stored {
    /// What the source tells of a collection; no records yet.
    pub fn of(info: &CollectionInfo) -> Self {
        let mut vectors: Vec<StoredVector> = Vec::new();
        for spec in &info.summary.vectors {
            let column = column(&spec.name, &vectors);
            vectors.push(StoredVector {
                name: spec.name.clone(),
                column,
                kind: spec.kind.name().to_owned(),
                dimension: spec.dimension,
                metric: spec.metric.map(|metric| metric.name().to_owned()),
                index: spec.index.clone(),
                embedder: spec.embedder.clone(),
            });
        }
        let field = |field: &PayloadField| StoredField {
            path: field.path.clone(),
            kind: field.kind.clone(),
            indexed: field.indexed,
        };
        Self {
            name: info.summary.name.clone(),
            records: 0,
            digest: String::new(),
            vectors,
            fields: info.fields.iter().map(field).collect(),
            details: info.details.clone(),
            parts: Vec::new(),
        }
    }
}

impl StoredVector {
    /// Its kind.
    pub fn kind(&self) -> VectorKind {
        let kinds = [VectorKind::Dense, VectorKind::Sparse, VectorKind::Multi];
        kinds.into_iter().find(|kind| kind.name() == self.kind).unwrap_or(VectorKind::Dense)
    }

    /// Its metric.
    pub fn metric(&self) -> Option<Metric> {
        let all = [Metric::Cosine, Metric::Dot, Metric::Euclidean, Metric::Manhattan];
        all.into_iter().find(|metric| Some(metric.name()) == self.metric.as_deref())
    }

    /// As a collection's description has it.
    pub fn spec(&self) -> VectorSpec {
        VectorSpec {
            name: self.name.clone(),
            kind: self.kind(),
            dimension: self.dimension,
            metric: self.metric(),
            index: self.index.as_ref().map(|index| format!("none here; at the source {index}")),
            embedder: None,
        }
    }
}

/// A name for the column of a vector that none of the others has.
fn column(name: &str, others: &[StoredVector]) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let plain: String = name.chars().map(letter).collect();
    let base = if plain.is_empty() { "vector".to_owned() } else { format!("vector_{plain}") };
    let leaves = |column: &str| [column.to_owned(), format!("{column}_indices"), format!("{column}_values")];
    let taken: Vec<String> = others.iter().flat_map(|other| leaves(&other.column)).collect();
    let is_free = |column: &String| leaves(column).iter().all(|leaf| !taken.contains(leaf));
    let numbered = (2..).map(|number: usize| format!("{base}_{number}"));
    std::iter::once(base.clone()).chain(numbered).find(is_free).unwrap_or(base)
}

/// Reads every file of a backup and compares its checksum; `told` hears how many bytes were read, and says whether to
/// go on. How many files and bytes there are.
///
/// # Errors
/// The first file that is not as it was written, or the one in which it was ended.
pub fn check(dir: &Path, told: &mut dyn FnMut(u64) -> bool) -> Result<(usize, u64)> {
    // First: an unfinished backup has no checksums, and says so.
    let manifest = Manifest::read(dir);
    if let Err(error @ (ProviderError::NotADatabase { .. } | ProviderError::File { .. })) = &manifest {
        return Err(error.clone());
    }
    let path = dir.join(SUMS);
    let mut sums = sums(dir)?;
    let mut compare = |name: &str, told: &mut dyn FnMut(u64) -> bool| {
        let path = dir.join(name);
        let known = sums.remove(name).ok_or_else(|| damaged(&dir.join(SUMS), format!("it has no line for {name}")))?;
        let (found, bytes) = sum_of(&path, told).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => damaged(&path, "it is not there"),
            _ => file(&path, &error),
        })?;
        if found == known { Ok((found, bytes)) } else { Err(damaged(&path, "its checksum is another")) }
    };
    let (_, mut bytes) = compare(MANIFEST, told)?;
    let manifest = manifest?;
    let mut files = 1;
    for part in manifest.collections.iter().flat_map(|collection| &collection.parts) {
        let (found, size) = compare(&part.file, told)?;
        if found != part.sha256 || size != part.bytes {
            return Err(damaged(&dir.join(MANIFEST), format!("it has another checksum of {}", part.file)));
        }
        files += 1;
        bytes += size;
    }
    match sums.into_keys().next() {
        Some(name) => Err(damaged(&path, format!("it has a line for {name:?}, which the manifest does not name"))),
        None => Ok((files, bytes)),
    }
}

/// The bytes of a directory's manifest.
fn text(dir: &Path) -> Result<Vec<u8>> {
    let path = dir.join(MANIFEST);
    match fs::read(&path) {
        Ok(text) => Ok(text),
        Err(_) if dir.join(UNFINISHED).is_dir() => {
            Err(no_backup(dir, "the backup was interrupted; go on with `backup` into the same directory"))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(no_backup(dir, "it has no `manifest.json`")),
        Err(error) => Err(file(&path, &error)),
    }
}

/// Compares the bytes of the manifest with their checksum.
fn require_own_sum(dir: &Path, text: &[u8]) -> Result<()> {
    let known = sums(dir)?
        .remove(MANIFEST)
        .ok_or_else(|| damaged(&dir.join(SUMS), format!("it has no line for {MANIFEST}")))?;
    let is_whole = hex(&Sha256::digest(text)) == known;
    if is_whole { Ok(()) } else { Err(damaged(&dir.join(MANIFEST), "its checksum is another")) }
}

/// The checksums of a backup by the names of its files.
fn sums(dir: &Path) -> Result<BTreeMap<String, String>> {
    let path = dir.join(SUMS);
    let text = fs::read(&path).map_err(|error| file(&path, &error))?;
    let text = String::from_utf8(text).map_err(|error| damaged(&path, error))?;
    let mut sums = BTreeMap::new();
    for (number, line) in text.lines().enumerate() {
        let (sum, name) = line
            .split_once("  ")
            .filter(|(sum, name)| sum.len() == 64 && !name.contains('/'))
            .ok_or_else(|| damaged(&path, format!("line {} is no checksum", number + 1)))?;
        sums.insert(name.to_owned(), sum.to_owned());
    }
    Ok(sums)
}

fn sum_of(path: &Path, told: &mut dyn FnMut(u64) -> bool) -> io::Result<(String, u64)> {
    let (mut file, mut sha256, mut bytes) = (File::open(path)?, Sha256::new(), 0);
    let mut buffer = vec![0; 1 << 18];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok((hex(&sha256.finalize()), bytes));
        }
        sha256.update(buffer.get(..read).unwrap_or_default());
        bytes += read as u64;
        if !told(read as u64) {
            return Err(io::Error::new(io::ErrorKind::Interrupted, "the check was ended"));
        }
    }
}

/// Writes a file that is whole or not there.
///
/// # Errors
/// The system's.
pub fn write_whole(dir: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let half = dir.join(format!(".{name}.half"));
    let mut file = File::create(&half)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&half, dir.join(name))?;
    File::open(dir)?.sync_all()
}

/// Hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A file that is not as it was written.
pub(super) fn damaged(path: &Path, cause: impl ToString) -> ProviderError {
    ProviderError::Damaged { path: path.display().to_string(), cause: cause.to_string() }
}

/// A file that cannot be read.
pub(super) fn file(path: &Path, error: &io::Error) -> ProviderError {
    ProviderError::File { path: path.display().to_string(), cause: error.to_string() }
}

fn no_backup(dir: &Path, cause: &str) -> ProviderError {
    ProviderError::NotADatabase { path: dir.display().to_string(), expected: "Parquet backup", cause: cause.to_owned() }
}
