//! Flags that select profiles, for what is done to many at once.

use super::fields;
use crate::profile::model::{Environment, Profile, group_path};

/// Which profiles; what is given must hold all at once.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Select {
    /// Profiles of this group and of those inside it, e.g. work or work/search
    #[arg(long, value_name = "PATH")]
    group: Option<String>,
    /// Profiles with this tag; may be repeated, then with all of them
    #[arg(long, value_name = "WORD")]
    tag: Vec<String>,
    /// Profiles of this environment: dev, staging or production
    #[arg(long, value_name = "NAME", value_parser = fields::environment)]
    environment: Option<Environment>,
}

impl Select {
    /// Whether anything was given.
    pub fn is_given(&self) -> bool {
        self.group.is_some() || !self.tag.is_empty() || self.environment.is_some()
    }

    /// Whether a profile is meant; all of them where nothing was given.
    pub fn selects(&self, profile: &Profile) -> bool {
        let group = self.group.as_deref().map(group_path);
        let in_group = |group: &str| {
            let rest = profile.group.strip_prefix(group);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || group.is_empty())
        };
        group.as_deref().is_none_or(in_group)
            && self.tag.iter().all(|tag| profile.tags.contains(tag))
            && self.environment.is_none_or(|environment| profile.environment == environment)
    }
}
