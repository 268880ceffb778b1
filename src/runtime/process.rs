//! Manners of the process itself: no core dumps, no secrets for children.

use std::process::Command;

use rustix::process::{Resource, Rlimit, setrlimit};

use crate::text::{is_secret_variable, looks_secret};

/// Forbids core dumps: they would hold the secrets in memory.
///
/// # Errors
/// When the system refuses; worth a line in the log, no more.
pub fn forbid_core_dumps() -> std::io::Result<()> {
    Ok(setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?)
}

/// Takes secret variables out of a child's environment: our own, those that look like secrets, and
/// the ones that profiles and URLs name.
pub fn hide_secrets(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        if is_kept_back(&name.to_string_lossy()) {
            command.env_remove(&name);
        }
    }
}

fn is_kept_back(name: &str) -> bool {
    looks_secret(name) || is_secret_variable(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::register_secret_variable;

    #[test]
    fn a_child_does_not_get_what_a_profile_names() {
        register_secret_variable("CK_OF_A_PROFILE");
        assert!(is_kept_back("CK_OF_A_PROFILE") && is_kept_back("QDRANT_API_KEY") && !is_kept_back("CK_OF_NOBODY"));
        let mut command = Command::new("true");
        hide_secrets(&mut command);
        let removed: Vec<_> = command.get_envs().filter(|(_, value)| value.is_none()).map(|(name, _)| name).collect();
        assert!(!removed.iter().any(|name| *name == "PATH" || *name == "HOME"), "{removed:?}");
    }
}
