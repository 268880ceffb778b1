//! Names of variables of the environment that tell of a secret.

/// Variables of ours, of which some hold a secret or lead to one.
const OWN_PREFIX: &str = "VECTOR_INSPECTOR_";

/// Parts of a variable's name that tell of a secret.
const TELLING: [&str; 9] =
    ["TOKEN", "SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "API_KEY", "APIKEY", "ACCESS_KEY", "CREDENTIAL"];

/// Whether a variable of this name probably holds a secret.
pub fn looks_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    name.starts_with(OWN_PREFIX) || name.ends_with("_KEY") || TELLING.iter().any(|part| name.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

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
