//! An open backup: which record is in which file, and the files that are open. Blocking.

use std::collections::{HashMap, HashSet, VecDeque};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::manifest::{Manifest, PartFile, Stored, damaged};
use super::rows::{Part, Wanted};
use super::sums::Sums;
use crate::provider::blocking::Stop;
use crate::provider::model::{Record, RecordId};
use crate::provider::{ProviderError, Result};

/// Row groups whose ids are kept. Who reads on asks for those of one group many times.
const KEPT_IDS: usize = 8;
/// Files that are kept open.
const KEPT_FILES: usize = 32;

/// An open file, the number of a row group in it, and the ids there.
type IdsOfPart = (Arc<Part>, usize, Arc<Vec<RecordId>>);

/// An open backup.
pub(super) struct Opened {
    /// Its directory.
    pub(super) dir: PathBuf,
    /// What it has.
    pub(super) manifest: Manifest,
    files: Mutex<HashMap<String, Arc<Part>>>,
    /// Which files are as they were written.
    sums: Sums,
    /// By file and row group, the newest last.
    ids: Mutex<VecDeque<IdsOfPart>>,
    /// Where ids were last found: a number of a row group of the collection.
    last: Mutex<HashMap<String, Arc<AtomicUsize>>>,
}

/// A row group of a collection.
#[derive(Clone)]
struct Group<'a> {
    part: Arc<Part>,
    known: &'a PartFile,
    /// Its number in the file.
    number: usize,
    /// Places of its records in the collection.
    rows: Range<u64>,
}

impl Opened {
    /// Opens the backup in that directory: reads its manifest.
    pub(super) fn open(dir: &Path) -> Result<Self> {
        let manifest = Manifest::read_whole(dir)?;
        let (files, ids, last) = (Mutex::default(), Mutex::default(), Mutex::default());
        Ok(Self { dir: dir.to_owned(), manifest, files, sums: Sums::default(), ids, last })
    }

    /// The collection of that name.
    pub(super) fn collection(&self, name: &str) -> Result<&Stored> {
        let missing = || ProviderError::NoSuchCollection { collection: name.to_owned() };
        self.manifest.collection(name).ok_or_else(missing)
    }

    /// The records at these places of the collection, in their order.
    pub(super) fn range(
        &self,
        collection: &Stored,
        rows: Range<u64>,
        wanted: Wanted,
        stop: &Stop,
    ) -> Result<Vec<Record>> {
        let mut found = Vec::new();
        for group in self.groups(collection, rows.start)? {
            let group = group?;
            if group.rows.start >= rows.end {
                break;
            }
            self.require_whole(&group, stop)?;
            let local = |row: u64| usize::try_from(row - group.rows.start).unwrap_or(usize::MAX);
            let run = local(rows.start.max(group.rows.start))..local(rows.end.min(group.rows.end));
            found.extend(group.part.records(group.number, &[run], wanted)?);
        }
        Ok(found)
    }

    /// The records with these ids. Who reads a collection in order finds them where the ones before were.
    pub(super) fn get(
        &self,
        collection: &Stored,
        ids: &[RecordId],
        wanted: Wanted,
        stop: &Stop,
    ) -> Result<HashMap<RecordId, Record>> {
        let mut missing: HashSet<&RecordId> = ids.iter().collect();
        let mut found = HashMap::with_capacity(missing.len());
        let last = Arc::clone(guard(&self.last).entry(collection.name.clone()).or_default());
        let groups: Vec<Group<'_>> = self.groups(collection, 0)?.collect::<Result<_>>()?;
        let start = last.load(Ordering::Relaxed).min(groups.len());
        for at in (start..groups.len()).chain(0..start) {
            if missing.is_empty() {
                break;
            }
            stop.check()?;
            let Some(group) = groups.get(at) else { break };
            self.require_whole(group, stop)?;
            let known = self.ids_of(group)?;
            let mut places: Vec<usize> = Vec::new();
            for (place, id) in known.iter().enumerate() {
                if missing.remove(id) {
                    places.push(place);
                }
            }
            if !places.is_empty() {
                last.store(at, Ordering::Relaxed);
                let records = group.part.records(group.number, &runs(&places), wanted)?;
                found.extend(records.into_iter().map(|record| (record.id.clone(), record)));
            }
        }
        Ok(found)
    }

    /// The row groups from that place on. Files are opened as they are come to; what their ends say of row groups is
    /// used before their checksums are compared, and no record before that.
    fn groups<'a>(&'a self, collection: &'a Stored, from: u64) -> Result<impl Iterator<Item = Result<Group<'a>>> + 'a> {
        let mut before = 0;
        let parts = collection.parts.iter().filter_map(move |part| {
            let start = before;
            before += part.records;
            (before > from).then_some((start, part))
        });
        Ok(parts.flat_map(move |(start, known)| {
            let groups = self.file(known, collection).map(|part| {
                let mut at = start;
                let groups = part.groups().into_iter().enumerate().map(|(number, records)| {
                    let rows = at..at + records as u64;
                    at = rows.end;
                    Group { part: Arc::clone(&part), known, number, rows }
                });
                groups.filter(|group| group.rows.end > from).collect::<Vec<_>>()
            });
            match groups {
                Ok(groups) => groups.into_iter().map(Ok).collect::<Vec<_>>(),
                Err(error) => vec![Err(error)],
            }
        }))
    }

    /// Compares the group's file with its checksum, unless that is known.
    fn require_whole(&self, group: &Group<'_>, stop: &Stop) -> Result<()> {
        let found = self.sums.require(&group.part, group.known, stop);
        if matches!(found, Err(ProviderError::Damaged { .. })) {
            // It may be put right by another file of that name.
            guard(&self.files).remove(&group.known.file);
        }
        found
    }

    fn file(&self, known: &PartFile, collection: &Stored) -> Result<Arc<Part>> {
        if let Some(part) = guard(&self.files).get(&known.file) {
            return Ok(Arc::clone(part));
        }
        let path = self.dir.join(&known.file);
        let part = Arc::new(Part::open(&path, &collection.vectors)?);
        let records: usize = part.groups().iter().sum();
        if records as u64 != known.records {
            return Err(damaged(&path, format!("it has {records} records, and {} were written", known.records)));
        }
        let mut files = guard(&self.files);
        if files.len() >= KEPT_FILES {
            files.clear();
        }
        files.insert(known.file.clone(), Arc::clone(&part));
        Ok(part)
    }

    fn ids_of(&self, group: &Group<'_>) -> Result<Arc<Vec<RecordId>>> {
        let is_it =
            |(part, number, _): &&(Arc<Part>, usize, _)| Arc::ptr_eq(part, &group.part) && *number == group.number;
        if let Some((.., ids)) = guard(&self.ids).iter().find(is_it) {
            return Ok(Arc::clone(ids));
        }
        let ids = Arc::new(group.part.ids(group.number)?);
        let mut kept = guard(&self.ids);
        if kept.len() >= KEPT_IDS {
            kept.pop_front();
        }
        kept.push_back((Arc::clone(&group.part), group.number, Arc::clone(&ids)));
        Ok(ids)
    }
}

/// Places that follow each other, together.
fn runs(places: &[usize]) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for place in places {
        match runs.last_mut() {
            Some(run) if run.end == *place => run.end += 1,
            _ => runs.push(*place..place + 1),
        }
    }
    runs
}

fn guard<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_read_together() {
        assert_eq!(runs(&[0, 1, 2, 5, 7, 8]), [0..3, 5..6, 7..9]);
        assert!(runs(&[]).is_empty());
    }
}
