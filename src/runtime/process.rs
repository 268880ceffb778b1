//! Manners of the process itself: no core dumps, no secrets for children.

use std::process::Command;

use rustix::process::{Resource, Rlimit, setrlimit};

/// Variables of ours that hold a secret or lead to one. What else looks like a secret goes too.
const OWN_PREFIX: &str = "VECTOR_INSPECTOR_";

/// Parts of a variable's name that tell of a secret.
const TELLING: [&str; 9] =
    ["TOKEN", "SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "API_KEY", "APIKEY", "ACCESS_KEY", "CREDENTIAL"];

/// Forbids core dumps: they would hold the secrets in memory.
///
/// # Errors
/// When the system refuses; worth a line in the log, no more.
pub fn forbid_core_dumps() -> std::io::Result<()> {
    Ok(setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?)
}

/// Takes secret variables out of a child's environment: our own, those that look like secrets, and
/// the ones that profiles name.
pub fn hide_secrets(command: &mut Command, named_by_profiles: &[String]) {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if is_secret(&text) || named_by_profiles.iter().any(|named| *named == text) {
            command.env_remove(&name);
        }
    }
}

/// Whether a variable of this name probably holds a secret.
pub fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    name.starts_with(OWN_PREFIX) || name.ends_with("_KEY") || TELLING.iter().any(|part| name.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_variables_are_known_by_name() {
        for name in ["QDRANT_API_KEY", "HF_TOKEN", "pgpassword", "AWS_SECRET_ACCESS_KEY", "VECTOR_INSPECTOR_IDENTITY"] {
            assert!(is_secret(name), "{name}");
        }
        for name in ["PATH", "HOME", "TERM", "SSH_AUTH_SOCK", "EDITOR", "LANG", "KEYBOARD"] {
            assert!(!is_secret(name), "{name}");
        }
    }

    #[test]
    fn a_child_does_not_get_what_a_profile_names() {
        let mut command = Command::new("true");
        hide_secrets(&mut command, &["PATH".to_owned()]);
        let removed: Vec<_> = command.get_envs().filter(|(_, value)| value.is_none()).map(|(name, _)| name).collect();
        assert!(removed.iter().any(|name| *name == "PATH"), "{removed:?}");
        assert!(!removed.iter().any(|name| *name == "HOME"));
    }
}
