//! What the store and the project's file say now, as the screen is told it.

use std::path::Path;

use crate::app::profiles::{ProfileSummary, StoreState};
use crate::profile::access::{KnownLocks, Rules};
use crate::profile::last_used::LastUsed;
use crate::profile::model::Profile;
use crate::profile::project::Project;
use crate::profile::vault::{Vault, VaultState};
use crate::runtime::fields::summary;

/// What the store says of itself.
pub(super) struct Known {
    /// Its state.
    pub state: StoreState,
    /// Its profiles, if it is open.
    pub profiles: Vec<Profile>,
    /// The same and those of the project, as lists show them.
    pub listed: Vec<ProfileSummary>,
    /// Groups as they are arranged: path, and whether it is folded.
    pub groups: Vec<(String, bool)>,
    /// Profiles that cannot be understood, each a sentence.
    pub problems: Vec<String>,
    /// When they were used; empty until it is read.
    pub used: LastUsed,
}

impl From<StoreState> for Known {
    fn from(state: StoreState) -> Self {
        Self {
            state,
            profiles: Vec::new(),
            listed: Vec::new(),
            groups: Vec::new(),
            problems: Vec::new(),
            used: LastUsed::default(),
        }
    }
}

fn state_of(vault: &Vault) -> Known {
    match vault.state() {
        VaultState::Absent => StoreState::Absent.into(),
        VaultState::Locked => StoreState::Locked.into(),
        VaultState::Unlocked => match vault.read() {
            Ok(store) => {
                let newer =
                    "The store was written by a newer version of vector-inspector: it can be read, not changed.";
                let state = if store.read_only { StoreState::ReadOnly(newer.to_owned()) } else { StoreState::Unlocked };
                Known {
                    state,
                    profiles: store.profiles,
                    listed: Vec::new(),
                    groups: store.arranged.into_iter().map(|group| (group.path, group.collapsed)).collect(),
                    problems: store.problems.iter().map(ToString::to_string).collect(),
                    used: LastUsed::default(),
                }
            }
            Err(error) => StoreState::Broken(error.to_string()).into(),
        },
    }
}

impl Known {
    /// Reads them; what is read-only is known from then on. Blocking.
    pub fn read(vault: &Vault, project: Option<&Project>, locks: &KnownLocks, rules: Rules) -> Self {
        let reading = locks.reading();
        let known = state_of(vault);
        if matches!(known.state, StoreState::Unlocked | StoreState::ReadOnly(_)) {
            locks.learn(reading, &known.profiles, rules);
        }
        Self::with_project(known, project, locks, rules)
    }

    /// What the store says, with what the project offers whatever that is. Blocking.
    pub fn with_project(mut known: Self, project: Option<&Project>, locks: &KnownLocks, rules: Rules) -> Self {
        if let Some(project) = project {
            locks.learn_project(&project.profiles, rules);
        }
        let one = |profile: &Profile| ProfileSummary { lock: locks.lock_of(profile, rules), ..summary(profile, rules) };
        known.listed = known.profiles.iter().map(one).collect();
        if let Some(project) = project {
            let is_new = |offered: &&Profile| known.profiles.iter().all(|known| known.name != offered.name);
            let offered = project.profiles.iter().filter(is_new);
            known.listed.extend(offered.map(|profile| of_project_file(project, one(profile))));
        }
        known
    }
}

/// As the project's file offers it: in a group of its own.
fn of_project_file(project: &Project, profile: ProfileSummary) -> ProfileSummary {
    let folder = project.path.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
    let group = format!("project {folder}/{}", profile.group);
    ProfileSummary { group: group.trim_end_matches('/').to_owned(), of_project: true, favourite: false, ..profile }
}
