//! What an import would change, profile by profile and field by field, and what is done after somebody
//! has chosen. It compares data, and whether addresses lead to one place; it gives one operation for the store.
//!
//! What the file does not say stays as it is in the store. What it says opens no database for writing unasked.

use std::collections::{HashMap, HashSet};

use toml_edit::{Item as TomlItem, Table};

use super::{Proposal, Reading, Speaks, names};
use crate::profile::access::{Rules, opening};
use crate::profile::model::{Profile, ProfileId, SecretSource};
use crate::profile::share::fields::{self, Path};
use crate::profile::share::rules::{Rule, moves_a_key, rule};
use crate::profile::vault::{Operation, Result, Store, VaultError};
use crate::profile::whereabouts::leaves;
use crate::provider::transport::ALLOW_PLAINTEXT_KEY;

/// How a proposal stands to a profile of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clash {
    /// It is the same profile (the same id), and something of it would change.
    Identity,
    /// Another profile has that name.
    Name,
}

/// What a proposal is to the store.
#[derive(Debug, Clone)]
pub enum State {
    /// Neither its name nor its id is known.
    New,
    /// It is there, just so.
    Same,
    /// A profile of the store stands in its way; somebody has to choose.
    Clash(Clash, Box<Profile>),
}

/// A field that would change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The field: `tls.insecure`.
    pub field: String,
    /// What is there, if anything; of a secret only where it comes from.
    pub from: Option<String>,
    /// What would be there.
    pub to: Option<String>,
}

impl std::fmt::Display for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "nothing".to_owned());
        write!(f, "{}: {} -> {}", self.field, text(&self.from), text(&self.to))
    }
}

/// A key of the store that would be sent somewhere else, or in another way, after the import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyMove {
    /// Whose key it is now.
    pub of: String,
    /// Where it comes from: `stored`, `env NAME`.
    pub key: String,
    /// Where it is sent now.
    pub from: String,
    /// Where it would be sent.
    pub to: String,
    /// What else of the way would be otherwise: options, settings of TLS.
    pub ways: Vec<Change>,
}

impl KeyMove {
    /// Where the key goes and where it went: `https://b instead of https://a`, and the settings that change the way.
    pub fn whither(&self) -> String {
        let Self { from, to, ways, .. } = self;
        let ways: Vec<String> = ways.iter().map(ToString::to_string).collect();
        match (from == to, ways.as_slice()) {
            (false, []) => format!("{to} instead of {from}"),
            (false, ways) => format!("{to} instead of {from}, with {}", ways.join(", ")),
            (true, ways) => format!("{to} as now, but with {}", ways.join(", ")),
        }
    }
}

impl std::fmt::Display for KeyMove {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the key of {} ({}) would be sent to {}", self.of, self.key, self.whither())
    }
}

/// What becomes of a proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// It is left out.
    Skip,
    /// It takes its place: a new one as it is, else in place of the known one. With `key` false it comes
    /// without the key that would be sent somewhere else.
    Take {
        /// Whether a key of the store may be sent to the new place.
        key: bool,
    },
    /// It is added beside the known one, under a free name and with an identity of its own; where that was done
    /// before, nothing happens.
    Rename {
        /// As in [`Choice::Take`].
        key: bool,
    },
}

/// One proposal and what it would do.
#[derive(Debug, Clone)]
pub struct Item {
    /// What the file proposes.
    pub proposal: Proposal,
    /// What that is to the store.
    pub state: State,
    /// What it would change in the known profile.
    pub changes: Vec<Change>,
    /// A key that would be sent somewhere else, if it takes its place.
    pub key_move: Option<KeyMove>,
    /// What could be written to, if it takes its place, and cannot be now.
    opening: Option<String>,
    /// Whether somebody has agreed to that.
    pub may_open: bool,
    /// The name that it would get beside the known one.
    pub free_name: String,
    /// What adding it beside the known one would do; `None` where none is in its way.
    pub beside: Option<Beside>,
}

/// What adding a proposal beside the known profile would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beside {
    /// The identity of the copy: the same whenever the same proposal is added.
    id: ProfileId,
    /// A key that the copy would send somewhere else. A key that only the known one has is none: the copy comes
    /// with what the file has.
    pub key_move: Option<KeyMove>,
    /// The profile of the store that was added so before.
    pub there: Option<String>,
}

/// An import before it is done.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// The proposals, in the order of the file.
    pub items: Vec<Item>,
    /// What looked like a profile and is none.
    pub skipped: Vec<String>,
    rev: u64,
}

impl Plan {
    /// Compares a reading with the store; `None` where there is none yet.
    ///
    /// # Errors
    /// A profile that cannot be written as text.
    pub fn new(reading: Reading, store: Option<&Store>, rules: Rules) -> Result<Self> {
        let known: &[Profile] = store.map_or(&[], |store| &store.profiles);
        let ids: HashMap<ProfileId, &Profile> = known.iter().map(|profile| (profile.id, profile)).collect();
        let by_name: HashMap<&str, &Profile> = known.iter().map(|profile| (profile.name.as_str(), profile)).collect();
        let references = references(known);
        let mut taken: HashSet<String> = known.iter().map(|profile| profile.name.clone()).collect();
        taken.extend(reading.proposals.iter().map(|proposal| proposal.profile.name.clone()));
        let mut items = Vec::with_capacity(reading.proposals.len());
        for proposal in reading.proposals {
            let found = match (ids.get(&proposal.profile.id), by_name.get(proposal.profile.name.as_str())) {
                (Some(same), _) => Some((Clash::Identity, *same)),
                (None, Some(other)) => Some((Clash::Name, *other)),
                (None, None) => None,
            };
            let mut item = item(proposal, found, (&ids, &by_name), &references, &mut taken)?;
            item.opening =
                item.replacement()?.and_then(|(known, after)| opening(known, &after, leaves(known, &after), rules));
            items.push(item);
        }
        Ok(Self { items, skipped: reading.skipped, rev: store.map_or(0, |store| store.rev) })
    }

    /// The profiles that would be written, with what was chosen for each item.
    ///
    /// # Errors
    /// A profile that cannot be written as text.
    pub fn profiles(&self, choices: &[Choice]) -> Result<Vec<Profile>> {
        let mut profiles = Vec::new();
        for (item, choice) in self.items.iter().zip(choices) {
            profiles.extend(item.outcome(choice)?);
        }
        Ok(profiles)
    }

    /// One change of the store for all that was chosen.
    ///
    /// # Errors
    /// As [`Plan::profiles`].
    pub fn operation(&self, choices: &[Choice]) -> Result<Operation> {
        Ok(Operation::Import { rev: self.rev, profiles: self.profiles(choices)? })
    }

    /// The same for a store that was made after the plan: nothing in it can be in the way.
    ///
    /// # Errors
    /// As [`Plan::profiles`].
    pub fn operation_for_new(&self, choices: &[Choice], rev: u64) -> Result<Operation> {
        Ok(Operation::Import { rev, profiles: self.profiles(choices)? })
    }
}

impl Item {
    /// The profile's name in the file.
    pub fn name(&self) -> &str {
        &self.proposal.profile.name
    }

    /// The name that it gets by a choice; `None` if it is left out.
    pub fn name_after(&self, choice: &Choice) -> Option<String> {
        let profile = self.outcome(choice).ok().flatten()?;
        Some(profile.name)
    }

    /// The key that a choice would send somewhere else.
    pub fn moved_by(&self, choice: &Choice) -> Option<&KeyMove> {
        match choice {
            Choice::Rename { .. } => self.beside.as_ref()?.key_move.as_ref(),
            Choice::Take { .. } => self.key_move.as_ref(),
            Choice::Skip => None,
        }
    }

    /// What a choice would open for writing, as it is asked before.
    pub fn opens(&self, choice: &Choice) -> Option<&str> {
        self.opening.as_deref().filter(|_| matches!(choice, Choice::Take { .. }))
    }

    /// The profile of the store that was added before beside the known one that is in its way.
    pub fn there(&self) -> Option<&str> {
        self.beside.as_ref().filter(|_| self.is_conflict())?.there.as_deref()
    }

    /// What of the file makes a connection less safe than it would be without, or opens what is read-only.
    pub fn dangers(&self) -> Vec<String> {
        let profile = &self.proposal.profile;
        let mut dangers = Vec::new();
        if matches!(self.state, State::Same) {
            return dangers;
        }
        if profile.tls.insecure {
            dangers.push("accepts any certificate (tls.insecure)".to_owned());
        }
        if profile.options.get(ALLOW_PLAINTEXT_KEY).is_some_and(|text| text == "true") {
            dangers.push(format!("may send its key unencrypted (options.{ALLOW_PLAINTEXT_KEY})"));
        }
        dangers.extend(self.opening.clone());
        dangers
    }

    /// Whether somebody has to choose what becomes of it.
    pub fn is_conflict(&self) -> bool {
        matches!(self.state, State::Clash(..))
    }

    /// The known profile in its way, and what would take its place.
    fn replacement(&self) -> Result<Option<(&Profile, Profile)>> {
        let State::Clash(clash, known) = &self.state else { return Ok(None) };
        let known: &Profile = known;
        let after = merged(known, &self.proposal, *clash == Clash::Identity && self.keeps_name(known))?;
        Ok(Some((known, after)))
    }

    fn outcome(&self, choice: &Choice) -> Result<Option<Profile>> {
        if let Some(why) = self.opens(choice).filter(|_| !self.may_open) {
            return Err(VaultError::Opens { why: why.to_owned() });
        }
        let mut profile = self.proposal.profile.clone();
        let key = match choice {
            Choice::Skip => return Ok(None),
            Choice::Take { key } => {
                if matches!(self.state, State::Same) {
                    return Ok(None);
                }
                if let Some((_, after)) = self.replacement()? {
                    profile = after;
                }
                *key
            }
            Choice::Rename { key } => {
                match &self.beside {
                    Some(Beside { there: Some(_), .. }) => return Ok(None),
                    Some(beside) => profile.id = beside.id,
                    None => {}
                }
                profile.name.clone_from(&self.free_name);
                *key
            }
        };
        if !key && self.moved_by(choice).is_some() {
            (profile.secret, profile.secret_lifetime_s) = (None, None);
        }
        Ok(Some(profile))
    }

    /// The new name of a known profile belongs to another one: it keeps its own.
    fn keeps_name(&self, known: &Profile) -> bool {
        known.name != self.proposal.profile.name && self.free_name != self.proposal.profile.name
    }
}

fn item(
    proposal: Proposal,
    found: Option<(Clash, &Profile)>,
    (ids, by_name): (&HashMap<ProfileId, &Profile>, &HashMap<&str, &Profile>),
    references: &HashMap<String, Vec<&Profile>>,
    taken: &mut HashSet<String>,
) -> Result<Item> {
    let name = proposal.profile.name.clone();
    let name_is_taken = by_name.contains_key(name.as_str());
    let free_name = match found {
        None => name.clone(),
        // Renamed by whoever shared it, and nobody has the new name here.
        Some((Clash::Identity, known)) if known.name != name && !name_is_taken => name.clone(),
        Some(_) => names::free(&name, taken),
    };
    taken.insert(free_name.clone());
    let mut item = Item {
        proposal,
        state: State::New,
        changes: Vec::new(),
        key_move: None,
        opening: None,
        may_open: false,
        free_name,
        beside: None,
    };
    let after = match found {
        None => item.proposal.profile.clone(),
        Some((clash, known)) => {
            let after = merged(known, &item.proposal, clash == Clash::Identity && item.keeps_name(known))?;
            item.changes = changes(known, &after)?;
            item.state = match (clash, item.changes.is_empty()) {
                (_, true) => State::Same,
                (clash, false) => State::Clash(clash, Box::new(known.clone())),
            };
            item.key_move = key_move(known, &after)?;
            let id = copy_id(&item.proposal.profile)?;
            let copy = Profile { id, ..item.proposal.profile.clone() };
            let there = ids.get(&id).map(|there| there.name.clone());
            let mut moved = if there.is_some() { None } else { key_move(known, &copy)? };
            if moved.is_none() && there.is_none() {
                moved = variable_moved(&copy, item.proposal.speaks, references)?;
            }
            item.beside = Some(Beside { id, key_move: moved, there });
            after
        }
    };
    if item.key_move.is_none() {
        item.key_move = variable_moved(&after, item.proposal.speaks, references)?;
    }
    Ok(item)
}

/// A variable whose content is sent to a known profile's database must not go elsewhere unasked, under
/// whatever name. A file that the user has here may use its own variables as it likes.
fn variable_moved(
    after: &Profile,
    speaks: Speaks,
    references: &HashMap<String, Vec<&Profile>>,
) -> Result<Option<KeyMove>> {
    let Some(SecretSource::Env(variable)) = after.secret.as_ref().filter(|_| speaks == Speaks::Profile) else {
        return Ok(None);
    };
    for known in references.get(variable).into_iter().flatten().filter(|known| known.id != after.id) {
        if let Some(moved) = key_move(known, after)? {
            return Ok(Some(moved));
        }
    }
    Ok(None)
}

/// The identity of a copy beside the known one: made of all that the file says of it but its secrets, which must
/// not be guessed from what is in the next export.
fn copy_id(profile: &Profile) -> Result<ProfileId> {
    let mut table = fields::table_of(profile)?;
    for path in fields::paths(&table) {
        if path.last().is_some_and(|key| fields::is_secret(key)) {
            fields::remove(&mut table, &path);
        }
    }
    Ok(names::identity(&["beside", &table.to_string()]))
}

/// Which known profiles take their key from a variable.
fn references(known: &[Profile]) -> HashMap<String, Vec<&Profile>> {
    let mut references: HashMap<String, Vec<&Profile>> = HashMap::new();
    for profile in known {
        if let Some(SecretSource::Env(name)) = &profile.secret {
            references.entry(name.clone()).or_default().push(profile);
        }
    }
    references
}

/// The known profile with all that the file speaks for.
fn merged(known: &Profile, proposal: &Proposal, keep_name: bool) -> Result<Profile> {
    let mut table = fields::table_of(known)?;
    let theirs = fields::table_of(&proposal.profile)?;
    for path in all_paths(&table, &theirs) {
        let item = fields::get(&theirs, &path);
        if path == ["id"] || (keep_name && path == ["name"]) || !speaks_for(proposal, &theirs, &path, item) {
            continue;
        }
        match item {
            Some(item) => fields::put(&mut table, &path, item.clone()),
            None => fields::remove(&mut table, &path),
        }
    }
    fields::profile_of(&table, 0)
}

fn all_paths(a: &Table, b: &Table) -> Vec<Path> {
    let mut paths = fields::paths(a);
    let more: Vec<Path> = fields::paths(b).into_iter().filter(|path| !paths.contains(path)).collect();
    paths.extend(more);
    paths
}

fn speaks_for(proposal: &Proposal, theirs: &Table, path: &Path, item: Option<&TomlItem>) -> bool {
    // No key in the file is not the wish that there be none.
    if path.last().is_some_and(|key| fields::is_secret(key)) {
        return item.is_some();
    }
    match (proposal.speaks, path.first().map(String::as_str)) {
        (Speaks::Profile, _) => {
            proposal.said.contains(path) && rule(theirs, path, item.unwrap_or(&TomlItem::None)) == Rule::Shared
        }
        (Speaks::Place, Some("provider" | "address")) => true,
        (Speaks::Place, Some("options")) => item.is_some(),
        (Speaks::Place, _) => false,
    }
}

fn changes(known: &Profile, after: &Profile) -> Result<Vec<Change>> {
    Ok(changes_of(&fields::table_of(known)?, &fields::table_of(after)?, |_| true))
}

/// What differs among the fields that are wanted.
fn changes_of(before: &Table, after: &Table, wanted: impl Fn(&Path) -> bool) -> Vec<Change> {
    let mut changes = Vec::new();
    for path in all_paths(before, after).into_iter().filter(wanted) {
        let (from, to) = (fields::get(before, &path), fields::get(after, &path));
        if !fields::same(from, to) {
            let shown = |item: Option<&TomlItem>| item.map(|item| fields::shown(&path, item));
            changes.push(Change { field: fields::name(&path), from: shown(from), to: shown(to) });
        }
    }
    changes
}

/// The key of a known profile that another one would send elsewhere, from the same variable.
pub fn same_key_elsewhere(known: &[Profile], other: &Profile) -> Option<KeyMove> {
    known.iter().find_map(|known| key_move(known, other).ok().flatten())
}

/// Whether the key of the known profile would be sent elsewhere, or in another way, by the other one.
fn key_move(known: &Profile, after: &Profile) -> Result<Option<KeyMove>> {
    let (before, table) = (fields::table_of(known)?, fields::table_of(after)?);
    let key: Path = vec!["secret".to_owned()];
    let (Some(secret), Some(_)) = (&known.secret, fields::get(&table, &key)) else { return Ok(None) };
    if !fields::same(fields::get(&before, &key), fields::get(&table, &key)) {
        return Ok(None);
    }
    let mut ways = changes_of(&before, &table, moves_a_key);
    let moved = !ways.is_empty();
    ways.retain(|change| change.field != "address");
    Ok(moved.then(|| KeyMove {
        of: known.name.clone(),
        key: secret.describe(),
        from: known.address.clone(),
        to: after.address.clone(),
        ways,
    }))
}
