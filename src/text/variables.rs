//! Names of variables of the environment that tell of a secret, by how they are called or because a profile
//! or a URL of this process takes a secret from them. Whoever starts a program keeps them from it.

use std::collections::BTreeSet;
use std::sync::{PoisonError, RwLock};

/// Variables of ours, of which some hold a secret or lead to one.
const OWN_PREFIX: &str = "VECTOR_INSPECTOR_";

/// Parts of a variable's name that tell of a secret.
const TELLING: [&str; 9] =
    ["TOKEN", "SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "API_KEY", "APIKEY", "ACCESS_KEY", "CREDENTIAL"];

/// What programs need and nobody has for a secret, whatever a profile says: a file of others must not be able to
/// cripple what is started here.
const NEEDED: [&str; 16] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "TERM",
    "LANG",
    "LC_ALL",
    "TMPDIR",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "XDG_RUNTIME_DIR",
    "DBUS_SESSION_BUS_ADDRESS",
    "SSH_AUTH_SOCK",
    "KUBECONFIG",
    "GNUPGHOME",
];

/// Variables that profiles and URLs of this process take secrets from.
static NAMED: RwLock<BTreeSet<String>> = RwLock::new(BTreeSet::new());

/// Whether a variable is one of this program.
pub fn is_own_variable(name: &str) -> bool {
    name.starts_with(OWN_PREFIX)
}

/// Keeps a variable from all programs that are started from now on, but for those whose words name it.
pub fn register_secret_variable(name: &str) {
    if NEEDED.contains(&name) || NAMED.read().unwrap_or_else(PoisonError::into_inner).contains(name) {
        return;
    }
    NAMED.write().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned());
}

/// Whether a profile or a URL of this process takes a secret from that variable.
pub fn is_secret_variable(name: &str) -> bool {
    NAMED.read().unwrap_or_else(PoisonError::into_inner).contains(name)
}

/// Whether one of the words names that variable, alone or in a text: `$NAME`, `${NAME}`, `NAME`.
pub fn names_variable<'a>(words: impl IntoIterator<Item = &'a String>, name: &str) -> bool {
    let part_of_a_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    words.into_iter().any(|word| {
        word.match_indices(name).any(|(at, _)| {
            let (before, after) = (&word[..at], &word[at + name.len()..]);
            !before.ends_with(part_of_a_name) && !after.starts_with(part_of_a_name)
        })
    })
}

/// Whether a variable of this name probably holds a secret.
pub fn looks_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    is_own_variable(&name) || name.ends_with("_KEY") || TELLING.iter().any(|part| name.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registered_variable_is_kept_back_and_what_programs_need_never() {
        assert!(!is_secret_variable("CK_OF_THIS_TEST"));
        register_secret_variable("CK_OF_THIS_TEST");
        assert!(is_secret_variable("CK_OF_THIS_TEST") && !is_secret_variable("CK"));
        register_secret_variable("PATH");
        assert!(!is_secret_variable("PATH"));
    }

    #[test]
    fn a_variable_is_named_by_its_whole_name_only() {
        let words = |text: &str| vec!["sh".to_owned(), text.to_owned()];
        for naming in ["CK", "echo $CK", "x=${CK:-}", "env CK=1", "\"$CK\""] {
            assert!(names_variable(&words(naming), "CK"), "{naming}");
        }
        for other in ["", "CKS", "A_CK", "ck", "XCK CKX"] {
            assert!(!names_variable(&words(other), "CK"), "{other}");
        }
    }

    #[test]
    fn secret_variables_are_known_by_name() {
        for name in ["QDRANT_API_KEY", "HF_TOKEN", "pgpassword", "AWS_SECRET_ACCESS_KEY", "VECTOR_INSPECTOR_IDENTITY"] {
            assert!(looks_secret(name), "{name}");
        }
        for name in ["PATH", "HOME", "TERM", "SSH_AUTH_SOCK", "EDITOR", "LANG", "KEYBOARD"] {
            assert!(!looks_secret(name), "{name}");
        }
    }
}
