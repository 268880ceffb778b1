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
    /// Only these collections; all that the database has now where it is empty.
    pub collections: Vec<String>,
    /// Bytes of a file, about.
    pub part_bytes: u64,
    /// It is to be proved: one that is whole and was not is no error then.
    pub prove: bool,
}

/// The collections that are wished beside those that a backup has.
struct Wanted<'a> {
    wish: &'a Wish,
    /// What the database is called.
    label: &'a str,
    /// Their names, sorted.
    names: Vec<String>,
}

impl Wanted<'_> {
    /// Those that a backup of these does not have, and those that only it has.
    fn apart(&self, has: &[String]) -> (Vec<String>, Vec<String>) {
        let without = |some: &[String], others: &[String]| -> Vec<String> {
            some.iter().filter(|name| !others.contains(name)).cloned().collect()
        };
        (without(&self.names, has), without(has, &self.names))
    }

    /// That a backup of the whole database is not one of what the database has now.
    fn not_the_whole(&self, dir: &Path, lacks: &[String], gone: &[String]) -> BackupError {
        let mut difference = Vec::new();
        if !lacks.is_empty() {
            difference.push(format!("it lacks {}", lacks.join(", ")));
        }
        if !gone.is_empty() {
            difference.push(format!("only it has {}", gone.join(", ")));
        }
        let (dir, label) = (dir.display().to_string(), self.label.to_owned());
        // What is gone cannot be named.
        let mend = match gone.is_empty() {
            true => "Give another directory, or name the collections that it has with --collection.",
            false => "Give another directory.",
        };
        BackupError::OtherCollections { dir, label, difference: difference.join("; "), mend }
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
    let wanted = Wanted { wish, label: &source.label, names: named(source, wish, control, meter).await? };
    if wish.prove
        && let Some(done) = unproved(dir, target, &of, &wanted)?
    {
        return Ok(done);
    }
    let (place, begun) = Place::open(dir)?;
    let resumed = begun.is_some();
    let mut state = match begun {
        Some(mut state) => {
            let lacks = left_out(dir, target, &of, &wanted, &state)?;
            if !lacks.is_empty() {
                state.collections.extend(described(source, lacks, control, meter).await?);
                place.save(&state)?;
            }
            state
        }
        None => {
            let chosen = !wish.collections.is_empty();
            let collections = described(source, wanted.names, control, meter).await?;
            let state = State { target: target.to_owned(), source: of, chosen, collections };
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
    // What came to the database while the backup was interrupted is at the end of the state.
    state.collections.sort_by(|one, other| one.stored.name.cmp(&other.stored.name));
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

/// What an interrupted backup has still to take in: of all collections those that came since. It is refused where it is
/// another one than the wished.
fn left_out(
    dir: &Path,
    target: &str,
    of: &Source,
    wanted: &Wanted<'_>,
    state: &State,
) -> Result<Vec<String>, BackupError> {
    let mut names: Vec<String> = state.collections.iter().map(|one| one.stored.name.clone()).collect();
    names.sort_unstable();
    let (lacks, gone) = wanted.apart(&names);
    let (all, same) = (wanted.wish.collections.is_empty(), lacks.is_empty() && gone.is_empty());
    if state.target != target || state.source.product != of.product || !all && !same {
        let of = format!("{} ({})", state.target, names.join(", "));
        return Err(BackupError::OfAnother { dir: dir.display().to_string(), of });
    }
    // Chosen ones are another backup, and what is gone would never be whole.
    if all && !same && (state.chosen || !gone.is_empty()) {
        return Err(wanted.not_the_whole(dir, &lacks, &gone));
    }
    Ok(lacks)
}

/// The whole backup of that database and these collections that is there, if it is not known to have what they had.
///
/// # Errors
/// It is one of some of the collections that the database has now, and all are wished.
fn unproved(dir: &Path, target: &str, of: &Source, wanted: &Wanted<'_>) -> Result<Option<Done>, BackupError> {
    let known = Proved::read(dir).filter(|known| known.target == target && !known.holds());
    // With a state it is not at its end, and goes on.
    let manifest = if Place::is_begun(dir) { None } else { Manifest::read(dir).ok() };
    let (Some(known), Some(manifest)) = (known, manifest) else { return Ok(None) };
    let names: Vec<String> = manifest.collections.iter().map(|stored| stored.name.clone()).collect();
    if manifest.source.product != of.product || known.vanished.len() != names.len() {
        return Ok(None);
    }
    let (lacks, gone) = wanted.apart(&names);
    match (lacks.is_empty() && gone.is_empty(), wanted.wish.collections.is_empty()) {
        (true, _) => Ok(Some(Done { manifest, vanished: known.vanished, resumed: true })),
        (false, true) => Err(wanted.not_the_whole(dir, &lacks, &gone)),
        (false, false) => Ok(None),
    }
}

/// The names of the collections that are wished, sorted.
async fn named(source: &Side, wish: &Wish, control: &Control, meter: &mut Meter) -> Result<Vec<String>, BackupError> {
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
    Ok(names)
}

/// What the source tells of these collections.
async fn described(
    source: &Side,
    names: Vec<String>,
    control: &Control,
    meter: &mut Meter,
) -> Result<Vec<Progress>, BackupError> {
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
