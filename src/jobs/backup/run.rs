//! A backup from where its directory says it stands to its manifest.

use std::fs;
use std::io;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use super::state::{Place, Progress, State};
use super::writing::{Writing, list};
use super::{BackupError, Proved};
use crate::jobs::copy::blocking::blocking;
use crate::jobs::patience::persistently;
use crate::jobs::{Control, Meter, Side};
use crate::provider::parquet_backup::manifest::{Manifest, Source, Stored};

/// What is wished of a backup.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wish {
    /// Only these collections; all where it is empty.
    pub collections: Vec<String>,
    /// Bytes of a file, about.
    pub part_bytes: u64,
    /// It is to be proved: one that is whole and was not is no error then.
    pub prove: bool,
}

impl Wish {
    /// Whether it means exactly these collections, sorted by name.
    fn is_for(&self, names: &[String]) -> bool {
        let mut wished = self.collections.clone();
        wished.sort_unstable();
        wished.dedup();
        wished.is_empty() || wished == names
    }
}

/// A backup that is whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Done {
    /// What it has.
    pub manifest: Manifest,
    /// Records of each collection that were gone when they were to be read.
    pub vanished: Vec<u64>,
    /// It had been interrupted before.
    pub resumed: bool,
}

/// Writes a backup of the database of `source` (its collection means nothing) into a directory, or goes on with
/// the one that was interrupted there. `target` is the word that opens the database. One that is whole and was not
/// proved yet is told as it is to who is going to prove it.
///
/// # Errors
/// Why it stopped. Files that are whole stay, and another call goes on behind them.
pub async fn run(
    dir: &Path,
    target: &str,
    source: &Side,
    wish: &Wish,
    control: &Control,
    meter: &mut Meter,
) -> Result<Done, BackupError> {
    let of = persistently(control, || source.ask("the ping", source.provider.ping())).await?;
    let of = Source { label: source.label.clone(), product: of.product, version: of.version };
    let _telling = control.tell_waits(meter);
    if wish.prove
        && let Some(done) = unproved(dir, target, &of, wish)
    {
        return Ok(done);
    }
    let (place, begun) = Place::open(dir)?;
    let resumed = begun.is_some();
    let mut state = match begun {
        Some(state) => {
            let names: Vec<String> = state.collections.iter().map(|one| one.stored.name.clone()).collect();
            if state.target != target || state.source.product != of.product || !wish.is_for(&names) {
                let of = format!("{} ({})", state.target, names.join(", "));
                return Err(BackupError::OfAnother { dir: dir.display().to_string(), of });
            }
            state
        }
        None => {
            let collections = described(source, wish, control, meter).await?;
            let state = State { target: target.to_owned(), source: of, collections };
            place.save(&state)?;
            state
        }
    };
    for number in 0..state.collections.len() {
        let Some(progress) = state.collections.get(number) else { break };
        if progress.done {
            continue;
        }
        let side = Side { collection: progress.stored.name.clone(), ..source.clone() };
        if progress.listed.is_none() {
            let listed = list(&side, place.ids(number), progress.stored.records, control, meter).await?;
            if let Some(progress) = state.collections.get_mut(number) {
                progress.listed = Some(listed);
            }
            place.save(&state)?;
        }
        Writing { place: &place, side: &side, number, part_bytes: wish.part_bytes.max(1), control, meter }
            .run(&mut state)
            .await?;
    }
    let made_at = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let vanished: Vec<u64> = state.collections.iter().map(|one| one.vanished).collect();
    Proved { target: state.target, vanished: vanished.clone(), proofs: Vec::new() }.write(dir)?;
    let collections: Vec<Stored> = state.collections.into_iter().map(|one| one.stored).collect();
    let manifest = Manifest::new(state.source, collections, made_at);
    let (written, dir) = (manifest.clone(), dir.to_owned());
    let write = blocking(move || Ok(written.write(&dir).map_err(|error| BackupError::file(&dir, &error)))).await?;
    write?;
    place.finish()?;
    Ok(Done { manifest, vanished, resumed })
}

/// The whole backup of that database and these collections that is there, if it is not known to have what they had.
fn unproved(dir: &Path, target: &str, of: &Source, wish: &Wish) -> Option<Done> {
    let known = Proved::read(dir).filter(|known| known.target == target && !known.holds())?;
    // With a state it is not at its end, and goes on.
    let manifest = if Place::is_begun(dir) { None } else { Manifest::read(dir).ok() }?;
    let names: Vec<String> = manifest.collections.iter().map(|stored| stored.name.clone()).collect();
    let is_it = manifest.source.product == of.product && wish.is_for(&names) && known.vanished.len() == names.len();
    is_it.then_some(Done { manifest, vanished: known.vanished, resumed: true })
}

/// The collections that are wished, with what the source tells of them.
async fn described(
    source: &Side,
    wish: &Wish,
    control: &Control,
    meter: &mut Meter,
) -> Result<Vec<Progress>, BackupError> {
    meter.phase("looking at the collections", "collections", None);
    let all = persistently(control, || source.ask("the collections", source.provider.collections())).await?;
    let mut names: Vec<String> = all.into_iter().map(|summary| summary.name).collect();
    names.sort_unstable();
    if let Some(name) = wish.collections.iter().find(|name| !names.contains(name)) {
        let known = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        return Err(BackupError::NoSuchCollection { label: source.label.clone(), name: name.clone(), known });
    }
    if !wish.collections.is_empty() {
        names.retain(|name| wish.collections.contains(name));
    }
    let mut found = Vec::new();
    for name in names {
        let mut info = persistently(control, || source.ask("the description", source.provider.describe(&name))).await?;
        info.summary.name.clone_from(&name);
        let mut stored = Stored::of(&info);
        // For the bar; the list says how many there are.
        stored.records = info.summary.count.map_or(0, |count| count.value);
        found.push(Progress { stored, listed: None, at: (0, 0), vanished: 0, done: false });
        meter.advance(1);
    }
    Ok(found)
}

/// Gives a file its name.
pub(super) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)?;
    match to.parent() {
        Some(dir) => fs::File::open(dir)?.sync_all(),
        None => Ok(()),
    }
}
