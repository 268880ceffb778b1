//! Several collections copied as one: one plan each, accepted once, then one after the other, each with a folder,
//! a journal and a proof of its own. What is kept of the whole is which copies belong together, so that all can be
//! resumed by one name; a copy that fails stops none of the others. `copy FROM TO --all`, `restore` and the screen's
//! copy of a whole database are this.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::folder::{COPIES, new_id, save_in};
use super::{CopyError, Folder, Words, plan, run};
use crate::jobs::model::copied::{Copied, CopyState, Verdict};
use crate::jobs::model::plan::{Place, Plan, Wishes};
use crate::jobs::patience::persistently;
use crate::jobs::{Control, Meter, Side};
use crate::text::format;

pub(super) const FILE: &str = "several.json";

/// Copies that belong together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Several {
    /// The name of all.
    #[serde(skip)]
    pub id: String,
    /// From where, for people.
    pub from: String,
    /// To where, for people.
    pub to: String,
    /// The names of the copies, in order.
    pub copies: Vec<String>,
}

/// How one of several copies ended.
#[derive(Debug)]
pub struct Ended {
    /// The plan's collection.
    pub collection: String,
    /// The report, or why it stopped.
    pub outcome: Result<Copied, CopyError>,
}

impl Ended {
    /// Whether all holds that was to be proved.
    pub fn is_well(&self) -> bool {
        self.outcome.as_ref().is_ok_and(|copied| copied.verdict != Verdict::NotVerified)
    }
}

/// Plans the copies of several collections under their own names. The collections of `source` and `target` mean
/// nothing. A metric that is wished is for those that need one.
///
/// # Errors
/// A collection that cannot be copied: then none is, and every fault is named.
pub async fn plans(
    [source, target]: [&Side; 2],
    words: &Words,
    names: &[String],
    wishes: &Wishes,
    control: &Control,
    meter: &mut Meter,
) -> Result<Vec<Plan>, CopyError> {
    let (mut plans, mut faults) = (Vec::new(), Vec::new());
    let wishes = Wishes { metric_if_needed: true, ..wishes.clone() };
    for (at, name) in names.iter().enumerate() {
        let (from, to) = (source.of(name), target.of(name));
        meter.about(format!("{name} ({} of {})", at + 1, names.len()));
        match plan(&from, &to, words.clone(), wishes.clone(), control, meter).await {
            Ok(plan) => plans.push(plan),
            Err(error) if error.is_cancelled() => return Err(error),
            Err(error) => faults.push((name, error)),
        }
    }
    meter.about("");
    match faults.pop() {
        None => Ok(plans),
        Some((_, error)) if names.len() == 1 => Err(error),
        Some(last) => {
            faults.push(last);
            let each: Vec<String> = faults.iter().map(|(name, error)| format!("{name}: {error}")).collect();
            Err(CopyError::Several { count: faults.len(), of: names.len(), each: each.join(" ") })
        }
    }
}

/// The collections of a database that are copied: those of `chosen`, or all where that is empty.
///
/// # Errors
/// There are none, or not one of that name.
pub async fn collections(source: &Side, chosen: &[String], control: &Control) -> Result<Vec<String>, CopyError> {
    let ask = || source.ask("the collections", source.provider.collections());
    let mut names: Vec<String> = persistently(control, ask).await?.into_iter().map(|summary| summary.name).collect();
    if let Some(name) = chosen.iter().find(|name| !names.contains(name)) {
        let known = names.join(", ");
        return Err(CopyError::NoCollection { label: source.label.clone(), name: name.clone(), known });
    }
    if !chosen.is_empty() {
        names.retain(|name| chosen.contains(name));
    }
    if names.is_empty() { Err(CopyError::Empty { label: source.label.clone() }) } else { Ok(names) }
}

impl Several {
    /// Accepts these plans: each gets its folder, and all a name.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn create(state_dir: &Path, plans: &[Plan]) -> Result<Self, CopyError> {
        let mut copies = Vec::new();
        for plan in plans {
            copies.push(Folder::create(state_dir, plan)?.id.clone());
        }
        let label = |place: Option<&Place>| place.map_or_else(String::new, |place| place.label.clone());
        let (from, to) = (label(plans.first().map(|plan| &plan.from)), label(plans.first().map(|plan| &plan.to)));
        let several = Self { id: new_id(), from, to, copies };
        let dir = state_dir.join(COPIES).join(&several.id);
        DirBuilder::new().mode(0o700).create(&dir).map_err(|error| CopyError::file(&dir, &error))?;
        save_in(&dir, FILE, &serde_json::to_vec_pretty(&several).unwrap_or_default())?;
        Ok(several)
    }

    /// The copies of that name, if it is one of several.
    ///
    /// # Errors
    /// A file that is damaged.
    pub fn open(state_dir: &Path, id: &str) -> Result<Option<Self>, CopyError> {
        let dir = if id.contains('/') { PathBuf::from(id) } else { state_dir.join(COPIES).join(id) };
        let path = dir.join(FILE);
        let Ok(text) = fs::read(&path) else { return Ok(None) };
        let found: Self = serde_json::from_slice(&text)
            .map_err(|error| CopyError::Damaged { path: path.display().to_string(), cause: error.to_string() })?;
        let id = dir.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Ok(Some(Self { id, ..found }))
    }

    /// All of that state directory, beside the states of their copies, as one state each.
    pub fn list(state_dir: &Path, single: &[CopyState]) -> Vec<CopyState> {
        let entries = fs::read_dir(state_dir.join(COPIES)).into_iter().flatten().flatten();
        let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        let mut found: Vec<CopyState> = names
            .filter_map(|name| Self::open(state_dir, &name).ok().flatten())
            .filter(|several| single.iter().any(|copy| several.copies.contains(&copy.id)))
            .map(|several| several.state(state_dir, single))
            .collect();
        found.sort_by(|a, b| a.id.cmp(&b.id));
        found
    }

    fn state(&self, state_dir: &Path, single: &[CopyState]) -> CopyState {
        let copies: Vec<&CopyState> = single.iter().filter(|copy| self.copies.contains(&copy.id)).collect();
        let listed: Option<Vec<u64>> = copies.iter().map(|copy| copy.listed).collect();
        // One that is gone was refused before its first write.
        let refused = (copies.len() < self.copies.len()).then_some(Some(Verdict::NotVerified));
        let verdicts: Option<Vec<Verdict>> = copies.iter().map(|copy| copy.verdict).chain(refused).collect();
        let worst = |verdicts: Vec<Verdict>| {
            let order = [Verdict::NotVerified, Verdict::Copied, Verdict::Verified];
            order.into_iter().find(|verdict| verdicts.contains(verdict))
        };
        // One that cannot go on stops none of the others; without its plan nothing of them is opened.
        let stuck = !copies.iter().any(|copy| copy.fault.is_none() && copy.verdict.is_none());
        CopyState {
            id: self.id.clone(),
            from: format!("{} ({})", self.from, format::number_of(self.copies.len(), "collection")),
            to: self.to.clone(),
            listed: listed.map(|all| all.iter().sum()),
            done: copies.iter().map(|copy| copy.done).sum(),
            verdict: verdicts.and_then(worst),
            running: copies.iter().any(|copy| copy.running),
            fault: copies.iter().filter(|copy| stuck || copy.ends.is_none()).find_map(|copy| copy.fault.clone()),
            folder: state_dir.join(COPIES).join(&self.id).display().to_string(),
            // They are between the same two databases; which collections is told by each.
            ends: copies.first().and_then(|copy| copy.ends.clone()).map(|(from, to)| (whole(from), whole(to))),
        }
    }

    /// Whether there is a copy among them that is not at its end, and has something to go on from that is not damaged.
    pub fn can_go_on(&self, state_dir: &Path) -> bool {
        let rests = |id: &String| match opened(state_dir, id) {
            Ok(Some((folder, _))) => folder.finished().is_none() && !folder.is_damaged(),
            Ok(None) | Err(_) => false,
        };
        self.copies.iter().any(rests)
    }

    /// Does what is left of all copies between two databases; `source` and `target` name them, their collections
    /// mean nothing. A copy that ended before is told as it ended. `wish` may change a plan before it goes on.
    ///
    /// # Errors
    /// A copy whose folder cannot be opened. What a copy stopped for is its own outcome; once the user ends one, the
    /// rest is left.
    pub async fn run(
        &self,
        state_dir: &Path,
        [source, target]: [&Side; 2],
        wish: &(dyn Fn(&mut Plan) + Sync),
        control: &Control,
        meter: &mut Meter,
    ) -> Result<Vec<Ended>, CopyError> {
        let mut ended = Vec::new();
        for (at, id) in self.copies.iter().enumerate() {
            // What the target refused before anything was written has left nothing to go on with.
            let Some((folder, mut plan)) = opened(state_dir, id)? else { continue };
            let collection = plan.from.collection.clone();
            if let Some(copied) = folder.finished() {
                ended.push(Ended { collection, outcome: Ok(copied) });
                continue;
            }
            wish(&mut plan);
            let from = Side { collection: collection.clone(), ..source.clone() };
            let to = Side { collection: plan.to.collection.clone(), ..target.clone() };
            meter.about(format!("{collection} ({} of {})", at + 1, self.copies.len()));
            let outcome = run(&folder, &plan, &from, &to, control, meter).await;
            meter.about("");
            let is_over = outcome.as_ref().is_err_and(CopyError::is_cancelled);
            ended.push(Ended { collection, outcome });
            if is_over {
                break;
            }
        }
        Ok(ended)
    }
}

/// The copy of that name; `None` where nothing is left of it.
///
/// # Errors
/// As [`Folder::open`].
pub fn opened(state_dir: &Path, id: &str) -> Result<Option<(Folder, Plan)>, CopyError> {
    match Folder::open(state_dir, id) {
        Err(CopyError::NoSuchCopy { .. }) => Ok(None),
        opened => opened.map(Some),
    }
}

/// The database of a place.
fn whole(place: Place) -> Place {
    Place { collection: String::new(), ..place }
}
