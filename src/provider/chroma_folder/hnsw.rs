//! The vectors that Chroma has written to the folder of an index: `header.bin` with the measures of a
//! slot, `data_level0.bin` with the slots (links, vector, label), `length.bin` with the lengths that
//! cosine vectors had before they were normalised, and a pickle with the labels of the ids.
//!
//! A slot keeps its label for ever and a new record gets a new slot, also under an old id. A server
//! that writes these files meanwhile changes only slots whose changes are in the queue as well, which
//! `vectors` reads from there. Only the pickle is written anew; it is read again until it is whole.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, SystemTime};

use super::pickle::{self, Labels};
use crate::provider::{ProviderError, Result};

/// Bytes that are read at a time when all vectors are read.
const CHUNK: usize = 1 << 20;

/// How often, and with what pause, files are read again that somebody is writing.
const TRIES: usize = 20;
const PAUSE: Duration = Duration::from_millis(50);

/// The only version of `header.bin` that there has been.
const VERSION: u32 = 1;

/// An index on disk: which id is in which slot. Its vectors stay on disk.
pub(super) struct Index {
    dir: PathBuf,
    /// Bytes of a slot, and where in it the vector and the label begin.
    stride: usize,
    vector_at: usize,
    label_at: usize,
    slot_of: HashMap<Arc<str>, usize>,
    /// Slots of deleted records are `None`.
    id_of: Vec<Option<Arc<str>>>,
    /// How far it had read the queue, in files of old versions only.
    pub(super) max_seq_id: Option<i64>,
}

/// Tells whether an index was written since it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    labels: Option<(u64, Option<SystemTime>)>,
    header: Option<(u64, Option<SystemTime>)>,
}

impl Stamp {
    /// The stamp of what is there now.
    pub(super) fn of(dir: &Path) -> Self {
        let stat = |name| fs::metadata(dir.join(name)).ok().map(|m| (m.len(), m.modified().ok()));
        Self { labels: stat("index_metadata.pickle"), header: stat("header.bin") }
    }
}

impl Index {
    /// Reads the index in that directory; one that was never written is empty.
    ///
    /// # Errors
    /// [`ProviderError::BadAnswer`] for files that are not what they should be.
    pub(super) fn read(dir: &Path) -> Result<(Stamp, Self)> {
        let mut tries = 1;
        loop {
            let before = Stamp::of(dir);
            let index = Self::read_once(dir);
            let quiet = Stamp::of(dir) == before;
            match index {
                Ok(index) if quiet => return Ok((before, index)),
                Err(cause) if tries == TRIES => {
                    return Err(ProviderError::BadAnswer { address: dir.display().to_string(), cause });
                }
                Ok(_) if tries == TRIES => {
                    let what = format!("the writer of {}", dir.display());
                    return Err(ProviderError::TimedOut { what, after: PAUSE * u32::try_from(TRIES).unwrap_or(1) });
                }
                Err(_) if quiet && tries > 3 => tries = TRIES - 1, // nobody is writing: it is simply broken
                Ok(_) | Err(_) => {}
            }
            tries += 1;
            thread::sleep(PAUSE);
        }
    }

    fn read_once(dir: &Path) -> std::result::Result<Self, String> {
        let failed = |error: io::Error, name: &str| format!("{name} could not be read: {error}");
        // the labels first: the slots are written before them
        let labels = match fs::read(dir.join("index_metadata.pickle")) {
            Ok(bytes) => pickle::labels(&bytes).map_err(|cause| format!("index_metadata.pickle has {cause}"))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Labels::default(),
            Err(error) => return Err(failed(error, "index_metadata.pickle")),
        };
        if labels.of_id.is_empty() {
            let empty = Self::with(dir, Measures::default(), labels.max_seq_id);
            return Ok(empty);
        }
        let header = fs::read(dir.join("header.bin")).map_err(|e| failed(e, "header.bin"))?;
        let measures = Measures::read(&header)?;
        let mut index = Self::with(dir, measures, labels.max_seq_id);
        let data = index.open_data().map_err(|e| failed(e, "data_level0.bin"))?;
        index.place(labels, measures.count, data).map_err(|e| failed(e, "data_level0.bin"))?;
        Ok(index)
    }

    fn with(dir: &Path, measures: Measures, max_seq_id: Option<i64>) -> Self {
        Self {
            dir: dir.to_owned(),
            stride: measures.stride,
            vector_at: measures.vector_at,
            label_at: measures.label_at,
            slot_of: HashMap::new(),
            id_of: Vec::new(),
            max_seq_id,
        }
    }

    /// Finds the slot of each label.
    fn place(&mut self, labels: Labels, count: usize, data: File) -> io::Result<()> {
        let mut ids: HashMap<u64, String> = labels.of_id.into_iter().map(|(id, label)| (label, id)).collect();
        self.slot_of.reserve(ids.len());
        let mut data = BufReader::with_capacity(CHUNK, data);
        let mut slot = vec![0; self.stride];
        for number in 0..count {
            data.read_exact(&mut slot)?;
            let label = slot.get(self.label_at..).and_then(|label| label.first_chunk());
            let id = label.and_then(|label| ids.remove(&u64::from_le_bytes(*label))).map(Arc::from);
            if let Some(id) = &id {
                self.slot_of.insert(Arc::clone(id), number);
            }
            self.id_of.push(id);
        }
        Ok(())
    }

    fn open_data(&self) -> io::Result<File> {
        File::open(self.dir.join("data_level0.bin"))
    }

    /// Its directory, for errors.
    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Whether it has a vector for that id.
    pub(super) fn has(&self, id: &str) -> bool {
        self.slot_of.contains_key(id)
    }

    /// Number of vectors.
    pub(super) fn len(&self) -> usize {
        self.slot_of.len()
    }

    /// Dimension of its vectors.
    pub(super) fn dimension(&self) -> usize {
        (self.label_at - self.vector_at) / 4
    }

    /// The slot of that id's vector.
    pub(super) fn slot(&self, id: &str) -> Option<usize> {
        self.slot_of.get(id).copied()
    }

    /// The vectors of these slots as they are stored (normalised where the metric is cosine). Slots that
    /// follow each other, as those of records that were written together do, are read together.
    pub(super) fn stored(&self, slots: &[usize]) -> io::Result<Vec<Vec<f32>>> {
        let mut data = self.open_data()?;
        let mut vectors = Vec::with_capacity(slots.len());
        let mut bytes = Vec::new();
        let together = (CHUNK / self.stride.max(1)).max(1);
        for run in slots.chunk_by(|slot, next| slot + 1 == *next).flat_map(|run| run.chunks(together)) {
            let Some(first) = run.first() else { continue };
            bytes.resize(run.len() * self.stride, 0);
            data.seek(SeekFrom::Start((first * self.stride) as u64))?;
            data.read_exact(&mut bytes)?;
            for slot in bytes.chunks_exact(self.stride) {
                let mut vector = Vec::with_capacity(self.dimension());
                floats(slot.get(self.vector_at..self.label_at).unwrap_or_default(), &mut vector);
                vectors.push(vector);
            }
        }
        Ok(vectors)
    }

    /// The lengths that the vectors of these slots had before they were normalised.
    pub(super) fn lengths(&self, slots: &[usize]) -> io::Result<Vec<f32>> {
        let mut file = File::open(self.dir.join("length.bin"))?;
        let mut bytes = [0; 4];
        let length = |slot: &usize| {
            file.seek(SeekFrom::Start(*slot as u64 * 4))?;
            file.read_exact(&mut bytes)?;
            Ok(f32::from_le_bytes(bytes))
        };
        slots.iter().map(length).collect()
    }

    /// Gives every stored vector with its id, in the order of the file, until `use_it` says that it
    /// is enough. A megabyte is in memory at a time.
    pub(super) fn scan(&self, mut use_it: impl FnMut(&Arc<str>, &[f32]) -> bool) -> io::Result<()> {
        if self.id_of.is_empty() {
            return Ok(());
        }
        let mut data = BufReader::with_capacity(CHUNK, self.open_data()?);
        let mut slot = vec![0; self.stride];
        let mut vector = Vec::with_capacity(self.dimension());
        for id in &self.id_of {
            data.read_exact(&mut slot)?;
            let (Some(id), Some(bytes)) = (id, slot.get(self.vector_at..self.label_at)) else { continue };
            floats(bytes, &mut vector);
            if !use_it(id, &vector) {
                break;
            }
        }
        Ok(())
    }
}

/// Little-endian floats, into a vector that is used again.
pub(super) fn floats(bytes: &[u8], into: &mut Vec<f32>) {
    into.clear();
    into.extend(bytes.chunks_exact(4).map(|four| four.first_chunk().copied().map_or(0.0, f32::from_le_bytes)));
}

/// What `header.bin` says of a slot.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Measures {
    count: usize,
    stride: usize,
    label_at: usize,
    vector_at: usize,
}

impl Measures {
    /// A packed sequence of the writer's fields: the version in four bytes, then eight for each.
    fn read(header: &[u8]) -> std::result::Result<Self, String> {
        let version = header.first_chunk().copied().map(u32::from_le_bytes);
        if version != Some(VERSION) {
            return Err(format!("header.bin has version {version:?}, not {VERSION}"));
        }
        let field = |number: usize| {
            let bytes = header.get(4 + number * 8..).and_then(|rest| rest.first_chunk().copied());
            bytes.and_then(|bytes| usize::try_from(u64::from_le_bytes(bytes)).ok()).ok_or("header.bin is too short")
        };
        let measures = Self { count: field(2)?, stride: field(3)?, label_at: field(4)?, vector_at: field(5)? };
        let Self { stride, label_at, vector_at, .. } = measures;
        let fits = vector_at < label_at && label_at.checked_add(8) == Some(stride) && (label_at - vector_at) % 4 == 0;
        // far beyond any real dimension; keeps a damaged file from asking for all memory
        if fits && stride < 1 << 26 { Ok(measures) } else { Err("header.bin has measures that do not fit".to_owned()) }
    }
}
