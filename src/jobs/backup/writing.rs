//! One collection into its files: the list of ids, batches read ahead by tasks of their own, file after file.

use std::path::PathBuf;

use super::BackupError;
use super::run::rename;
use super::state::{Place, State};
use crate::jobs::ahead::Ahead;
use crate::jobs::canon::{self, Rules};
use crate::jobs::copy::blocking::blocking;
use crate::jobs::copy::spool;
use crate::jobs::patience::persistently;
use crate::jobs::weigh;
use crate::jobs::{Control, Meter, Side};
use crate::provider::model::{PageRequest, Record, RecordId};
use crate::provider::parquet_backup::manifest::{PartFile, StoredVector};
use crate::provider::parquet_backup::part::Writer;

/// Records of one question for ids.
const PAGE: usize = 1_000;
/// Bytes of a batch, about, and its bounds in records.
const BATCH: u64 = 2 << 20;
const BOUNDS: (usize, usize) = (16, 1_000);
/// Records of the first batch, whose size is not known.
const FIRST: usize = 64;
/// Batches that are read ahead.
const AHEAD: usize = 3;

/// Lists all ids of a collection; records and bytes of the list.
pub(super) async fn list(
    side: &Side,
    path: PathBuf,
    about: u64,
    control: &Control,
    meter: &mut Meter,
) -> Result<(u64, u64), BackupError> {
    meter.phase(format!("listing the ids of {}", side.collection), "records", Some(about));
    let mut writer = blocking(move || spool::Writer::create(&path)).await?;
    let mut request = PageRequest::first(PAGE);
    loop {
        control.checkpoint().await?;
        let ask = || side.ask("a page", side.provider.page(&side.collection, &request));
        let page = persistently(control, ask).await?;
        meter.advance(page.records.len() as u64);
        writer = blocking(move || {
            page.records.iter().try_for_each(|record| writer.add(&record.id, None))?;
            Ok(writer)
        })
        .await?;
        request.cursor = page.next;
        if request.cursor.is_none() {
            break;
        }
    }
    let done = blocking(move || writer.finish()).await?;
    Ok((done.records, done.bytes))
}

/// The writing of one collection.
pub(super) struct Writing<'a> {
    pub place: &'a Place,
    pub side: &'a Side,
    /// The collection's number in the state.
    pub number: usize,
    pub part_bytes: u64,
    pub control: &'a Control,
    pub meter: &'a mut Meter,
}

/// A batch as it was read.
struct Batch {
    records: Vec<Record>,
    /// Place in the list behind it: records and bytes.
    end: (u64, u64),
    lines: u64,
    bytes: u64,
}

/// A file that is being written, and what is in it.
struct Open {
    writer: Writer,
    digest: u128,
    vanished: u64,
}

impl Writing<'_> {
    /// Writes what the state says is left of the collection, and keeps the state.
    ///
    /// # Errors
    /// A database that does not do what it is asked, a file that cannot be written, or that the user ended it.
    pub(super) async fn run(&mut self, state: &mut State) -> Result<(), BackupError> {
        let Some(progress) = state.collections.get_mut(self.number) else { return Ok(()) };
        let (records, bytes) = progress.listed.unwrap_or_default();
        let (at, offset) = progress.at;
        if at == 0 {
            (progress.stored.records, progress.stored.digest) = (0, hex(0));
        }
        let vectors = progress.stored.vectors.clone();
        self.meter.phase(format!("backing up {}", self.side.collection), "records", Some(records));
        self.meter.resume_at(at);
        let path = self.place.ids(self.number);
        let mut list = Some(blocking(move || spool::Reader::open(&path, records, bytes, at, offset)).await?);
        let mut most = FIRST;
        let mut ahead: Ahead<Batch, BackupError> = Ahead::new(AHEAD);
        let mut open: Option<Open> = None;
        let mut end = (at, offset);
        loop {
            let held = self.control.is_paused();
            self.control.checkpoint().await?;
            if held {
                self.meter.paused();
            }
            while ahead.has_room()
                && let Some(mut reader) = list.take()
            {
                let (rest, some) = blocking(move || {
                    let some = reader.next(most)?;
                    Ok((reader, some))
                })
                .await?;
                if some.is_empty() {
                    break;
                }
                let end = rest.place();
                list = Some(rest);
                let ids = some.into_iter().map(|listed| listed.id).collect();
                ahead.begin(read(self.side.clone(), ids, end, self.control.clone()));
            }
            let Some(next) = ahead.next().await else { break };
            let batch = next?;
            if let Some(each) = batch.bytes.checked_div(batch.records.len() as u64) {
                most = usize::try_from(BATCH / each.max(1)).unwrap_or(BOUNDS.1).clamp(BOUNDS.0, BOUNDS.1);
            }
            let lines = batch.lines;
            end = batch.end;
            let written = self.add(open.take(), batch, &vectors).await?;
            self.meter.advance(lines);
            if written.writer.bytes() >= self.part_bytes {
                self.finish(written, end, state).await?;
            } else {
                open = Some(written);
            }
        }
        // A collection without records has one file, too: its columns are told by it.
        let is_bare = state.collections.get(self.number).is_some_and(|one| one.stored.parts.is_empty());
        if open.is_none() && is_bare {
            open = Some(self.open(&vectors).await?);
        }
        if let Some(open) = open {
            self.finish(open, end, state).await?;
        }
        if let Some(progress) = state.collections.get_mut(self.number) {
            progress.done = true;
        }
        self.place.save(state)
    }

    async fn add(&self, open: Option<Open>, batch: Batch, vectors: &[StoredVector]) -> Result<Open, BackupError> {
        let mut open = match open {
            Some(open) => open,
            None => self.open(vectors).await?,
        };
        let path = self.half();
        open.vanished += batch.lines - batch.records.len() as u64;
        let written = blocking(move || {
            let mut bytes = Vec::with_capacity(4096);
            for record in batch.records {
                bytes.clear();
                canon::write_record(&record, Rules::default(), &mut bytes);
                open.digest = open.digest.wrapping_add(canon::digest(&bytes));
                let weight = weigh::bytes(&record);
                if let Err(error) = open.writer.add(record, weight) {
                    return Ok(Err(BackupError::file(&path, &error)));
                }
            }
            Ok(Ok(open))
        });
        written.await?
    }

    async fn open(&self, vectors: &[StoredVector]) -> Result<Open, BackupError> {
        let (path, vectors) = (self.half(), vectors.to_vec());
        let create = move || Ok(Writer::create(&path, &vectors).map_err(|error| BackupError::file(&path, &error)));
        let writer = blocking(create).await??;
        Ok(Open { writer, digest: 0, vanished: 0 })
    }

    /// Ends a file: on the disk first, then under its name, then in the state.
    async fn finish(&self, open: Open, end: (u64, u64), state: &mut State) -> Result<(), BackupError> {
        let Some(progress) = state.collections.get_mut(self.number) else { return Ok(()) };
        let file = file_name(self.number, &self.side.collection, progress.stored.parts.len());
        let (half, whole) = (self.half(), self.place.dir.join(&file));
        let finish = move || {
            let part = open.writer.finish().map_err(|error| BackupError::file(&half, &error));
            Ok(part.and_then(|part| rename(&half, &whole).map(|()| part).map_err(|e| BackupError::file(&whole, &e))))
        };
        let part = blocking(finish).await??;
        progress.stored.records += part.records;
        progress.stored.digest = hex(unhex(&progress.stored.digest).wrapping_add(open.digest));
        progress.stored.parts.push(PartFile { file, ..part });
        progress.at = end;
        progress.vanished += open.vanished;
        self.place.save(state)
    }

    /// The file that is being written.
    fn half(&self) -> PathBuf {
        self.place.unfinished().join("part.parquet")
    }
}

async fn read(side: Side, ids: Vec<RecordId>, end: (u64, u64), control: Control) -> Result<Batch, BackupError> {
    let get = || side.ask("the records", side.provider.get(&side.collection, &ids, true));
    let records = persistently(&control, get).await?;
    let bytes = records.iter().map(weigh::bytes).sum();
    Ok(Batch { records, end, lines: ids.len() as u64, bytes })
}

/// `0001-docs-0001.parquet`: letters that every system takes.
fn file_name(collection: usize, name: &str, part: usize) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' };
    let name: String = name.chars().map(letter).take(40).collect();
    format!("{:04}-{name}-{:04}.parquet", collection + 1, part + 1)
}

fn hex(digest: u128) -> String {
    format!("{digest:032x}")
}

fn unhex(digest: &str) -> u128 {
    u128::from_str_radix(digest, 16).unwrap_or(0)
}
