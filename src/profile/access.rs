//! Which lock a connection has: from the run, its profile and its environment, in this order, and then from
//! other profiles that lead to the same database, as far as they are known. The gate that keeps it is
//! `provider::Gate`.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use super::model::{Environment, Profile, ProfileId};
use super::whereabouts::{Whereabouts, leaves};
use crate::provider::Lock;

/// What is read-only in this run, beside profiles that say so themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// The whole run: `--read-only`.
    pub run: bool,
    /// This environment and those nearer to production. Production itself always is.
    pub from: Environment,
}

impl Default for Rules {
    fn default() -> Self {
        Self { run: false, from: Environment::Production }
    }
}

impl Rules {
    /// The lock of a profile, `None` if it may be written to.
    pub fn lock_of(self, profile: &Profile) -> Option<Lock> {
        let own = || profile.read_only.then_some(Lock::Profile);
        self.lock_of_ad_hoc().or_else(own).or_else(|| {
            let environment = profile.environment;
            environment.is_locked_from(self.from).then_some(Lock::Environment(environment.name()))
        })
    }

    /// The lock of what has no profile: the demo, a URL, a directory.
    pub fn lock_of_ad_hoc(self) -> Option<Lock> {
        self.run.then_some(Lock::Run)
    }
}

/// What a change of a profile opens for writing, to be asked before it is made; `None` where all stays as closed as it
/// was. `frees`: the database that it leads to now loses the lock.
pub fn opening(before: &Profile, after: &Profile, frees: bool, rules: Rules) -> Option<String> {
    let rules = Rules { run: false, ..rules };
    let was = rules.lock_of(before)?;
    let own = match rules.lock_of(after) {
        None => Some("Then its database can be written to at once, without a write window.".to_owned()),
        Some(lock) if lock.opens() && !was.opens() => {
            Some("Then a write window, or --allow-production, can open its database.".to_owned())
        }
        Some(_) => None,
    };
    let left = frees.then(|| {
        let (kind, address) = (before.provider.name(), &before.address);
        format!("Then it no longer keeps {kind} {address} read-only: what else leads there can write to it.")
    });
    let what: Vec<String> = [own, left].into_iter().flatten().collect();
    (!what.is_empty()).then(|| format!("{}: {was}. {}", after.name, what.join(" ")))
}

/// The read-only profiles that this run has seen. What was known stays known when the store is locked again: nothing
/// becomes writable by that. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct KnownLocks(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    store: Option<Vec<Locked>>,
    project: Vec<Locked>,
    /// So many readings of the store have begun.
    begun: u64,
    /// The number of the reading that `store` is of.
    learned: u64,
}

/// A reading of the store, by when it began.
#[derive(Debug)]
pub struct Reading(u64);

/// A profile that is read-only by itself.
#[derive(Debug)]
struct Locked {
    id: ProfileId,
    at: Whereabouts,
    /// What others have that lead there.
    lock: Lock,
}

impl KnownLocks {
    /// The store is about to be read, for [`Self::learn`].
    pub fn reading(&self) -> Reading {
        self.known(|known| {
            known.begun += 1;
            Reading(known.begun)
        })
    }

    /// Takes in the profiles of the store, as they were read; not where a reading that began later was faster, which
    /// may have seen a newer store. Looks at the file system.
    pub fn learn(&self, reading: Reading, store: &[Profile], rules: Rules) {
        let locked = locked(store, rules);
        self.known(|known| {
            if reading.0 > known.learned {
                (known.store, known.learned) = (Some(locked), reading.0);
            }
        });
    }

    /// Takes in the profiles of the project's file. Looks at the file system.
    pub fn learn_project(&self, project: &[Profile], rules: Rules) {
        let locked = locked(project, rules);
        self.known(|known| known.project = locked);
    }

    /// Whether the store was ever read.
    pub fn is_learned(&self) -> bool {
        self.known(|known| known.store.is_some())
    }

    /// The lock of a profile: its own, or that of another one that leads to the same database, whichever is stricter.
    /// Looks at the file system.
    pub fn lock_of(&self, profile: &Profile, rules: Rules) -> Option<Lock> {
        let others = || self.lock_at(&Whereabouts::of_profile(profile)?, Some(profile.id));
        stricter(rules.lock_of(profile), others)
    }

    /// Whether a database loses its lock when a profile that locks it becomes the other one, or goes: the profile leads
    /// elsewhere by then, and no other one that is known locks the place as much. Looks at the file system.
    pub fn frees(&self, before: &Profile, after: Option<&Profile>, rules: Rules) -> bool {
        let rules = Rules { run: false, ..rules };
        let (Some(own), Some(at)) = (rules.lock_of(before), Whereabouts::of_profile(before)) else { return false };
        let goes = after.is_none_or(|after| leaves(before, after));
        // One that locks a part of it leaves the rest.
        let others = self.strictest(|locked| locked.id != before.id && locked.at.covers(&at));
        goes && !others.is_some_and(|lock| own.opens() || !lock.opens())
    }

    /// The lock of what has no profile and leads there.
    pub fn lock_of_ad_hoc(&self, at: &Whereabouts, rules: Rules) -> Option<Lock> {
        stricter(rules.lock_of_ad_hoc(), || self.lock_at(at, None))
    }

    fn lock_at(&self, at: &Whereabouts, but: Option<ProfileId>) -> Option<Lock> {
        self.strictest(|locked| Some(locked.id) != but && locked.at.is(at))
    }

    fn strictest(&self, leads: impl Fn(&Locked) -> bool) -> Option<Lock> {
        self.known(|known| {
            let all = known.store.iter().flatten().chain(&known.project);
            let mut there = all.filter(|locked| leads(locked)).map(|locked| locked.lock);
            let first = there.next()?;
            Some(if first.opens() { there.find(|lock| !lock.opens()).unwrap_or(first) } else { first })
        })
    }

    fn known<T>(&self, look: impl FnOnce(&mut Known) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn locked(profiles: &[Profile], rules: Rules) -> Vec<Locked> {
    let one = |profile: &Profile| {
        let name = for_ever(&profile.name);
        let lock = match rules.lock_of(profile)? {
            Lock::Environment(environment) => Lock::SameDatabase { profile: name, environment: Some(environment) },
            Lock::Profile | Lock::SameDatabase { .. } => Lock::SameDatabase { profile: name, environment: None },
            // Everything has that one.
            Lock::Run => return None,
        };
        Some(Locked { id: profile.id, at: Whereabouts::of_profile(profile)?, lock })
    };
    profiles.iter().filter_map(one).collect()
}

/// What no window opens goes before what one opens; the own lock before that of others.
fn stricter(own: Option<Lock>, others: impl FnOnce() -> Option<Lock>) -> Option<Lock> {
    match own {
        Some(lock) if !lock.opens() => own,
        Some(_) => others().filter(|lock| !lock.opens()).or(own),
        None => others(),
    }
}

/// The name for as long as the program lives, each name once: locks are plain data that everybody copies.
fn for_ever(name: &str) -> &'static str {
    static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = names.get(name) {
        return known;
    }
    let kept: &'static str = Box::leak(name.to_owned().into_boxed_str());
    names.insert(kept);
    kept
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::provider::ProviderKind;

    fn lock(rules: Rules, environment: Environment, read_only: bool) -> Option<Lock> {
        let mut profile = Profile::new("p", ProviderKind::Qdrant, "localhost:6334");
        (profile.environment, profile.read_only) = (environment, read_only);
        rules.lock_of(&profile)
    }

    #[test]
    fn production_is_always_read_only_and_others_where_the_rules_say_so() {
        use Environment::{Dev, Production, Staging};
        let rules = Rules::default();
        assert_eq!(lock(rules, Production, false), Some(Lock::Environment("production")));
        assert_eq!((lock(rules, Staging, false), lock(rules, Dev, false)), (None, None));
        let rules = Rules { from: Staging, ..rules };
        assert_eq!(lock(rules, Production, false), Some(Lock::Environment("production")));
        assert_eq!(lock(rules, Staging, false), Some(Lock::Environment("staging")));
        assert_eq!(lock(rules, Dev, false), None);
    }

    #[test]
    fn what_no_window_opens_goes_before_what_one_opens() {
        let run = Rules { run: true, ..Rules::default() };
        assert_eq!(lock(run, Environment::Production, true), Some(Lock::Run));
        assert_eq!(lock(run, Environment::Dev, false), Some(Lock::Run));
        assert_eq!(run.lock_of_ad_hoc(), Some(Lock::Run));
        assert_eq!(lock(Rules::default(), Environment::Production, true), Some(Lock::Profile));
        assert_eq!(Rules::default().lock_of_ad_hoc(), None);
    }

    #[test]
    fn what_leads_to_the_database_of_a_read_only_profile_is_as_read_only() {
        let rules = Rules::default();
        let of = |name: &str, environment| {
            let mut profile = Profile::new(name, ProviderKind::Qdrant, "db.example.com:6334");
            profile.environment = environment;
            profile
        };
        let (prod, dev) = (of("prod", Environment::Production), of("dev", Environment::Dev));
        let (mut whole, mut part) = (of("whole", Environment::Production), of("part", Environment::Production));
        (whole.provider, part.provider) = (ProviderKind::Pgvector, ProviderKind::Pgvector);
        part.options.insert("database".to_owned(), "shop".to_owned());
        let parts = KnownLocks::default();
        parts.learn(parts.reading(), &[whole.clone(), part.clone()], rules);
        assert!(parts.frees(&whole, None, rules), "who locks one database of a server leaves the others");
        assert!(!parts.frees(&part, None, rules));
        let mut frozen = of("frozen", Environment::Dev);
        let known = KnownLocks::default();
        assert_eq!(known.lock_of(&dev, rules), None);
        let early = known.reading();
        known.learn(known.reading(), &[prod.clone(), dev.clone(), frozen.clone()], rules);
        known.learn(early, std::slice::from_ref(&dev), rules);
        let open = Lock::SameDatabase { profile: "prod", environment: Some("production") };
        assert_eq!(known.lock_of(&dev, rules), Some(open), "an older reading that comes late changes nothing");
        assert_eq!(open.to_string(), "production is read-only: \"prod\" leads to the same database");
        let own = Some(Lock::Environment("production"));
        assert_eq!(known.lock_of(&prod, rules), own, "one's own lock is called what it is");
        let at = Whereabouts::of_profile(&dev).unwrap();
        assert_eq!(known.lock_of_ad_hoc(&at, rules), Some(open));
        let run = Rules { run: true, ..rules };
        assert_eq!(known.lock_of_ad_hoc(&at, run), Some(Lock::Run));
        frozen.read_only = true;
        known.learn(known.reading(), &[prod.clone(), dev.clone(), frozen], rules);
        let shut = Lock::SameDatabase { profile: "frozen", environment: None };
        assert_eq!(known.lock_of(&prod, rules), Some(shut), "the strictest holds for all");
        let run_of = |other: &Profile| known.frees(&prod, Some(other), run);
        let moved = Profile { address: "other:6334".to_owned(), ..prod.clone() };
        assert!(!run_of(&prod) && !run_of(&moved) && !known.frees(&prod, None, rules), "\"frozen\" locks it still");
        known.learn(known.reading(), &[prod.clone(), dev.clone()], rules);
        assert!(!run_of(&prod) && run_of(&moved) && known.frees(&prod, None, rules));
        assert!(!known.frees(&dev, None, rules), "it locks nothing");
        let asked = opening(&prod, &moved, true, rules).unwrap();
        assert!(
            asked.starts_with("prod: production is read-only. Then it no longer keeps qdrant db.example"),
            "{asked}"
        );
        assert_eq!(opening(&prod, &moved, false, rules), None);
        known.learn(known.reading(), std::slice::from_ref(&dev), rules);
        assert_eq!(known.lock_of(&dev, rules), None);
        known.learn_project(&[prod], rules);
        assert_eq!(known.lock_of(&dev, rules), Some(open), "a profile of the project counts too");
    }
}
