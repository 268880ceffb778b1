//! Which lock a connection has: from the run, its profile and its environment, in this order. The gate
//! that keeps it is `provider::Gate`.

use super::model::{Environment, Profile};
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
            let locked = environment >= self.from || environment == Environment::Production;
            locked.then_some(Lock::Environment(environment.name()))
        })
    }

    /// The lock of what has no profile: the demo, a URL, a directory.
    pub fn lock_of_ad_hoc(self) -> Option<Lock> {
        self.run.then_some(Lock::Run)
    }
}

#[cfg(test)]
mod tests {
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
}
