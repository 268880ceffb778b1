//! What of a profile may leave this machine, and what is taken from a file that another machine wrote.
//! A list of what may: a field that is not named here stays at home, whoever adds it to the store.

use toml_edit::{Item, Table};

use super::fields::{self, Path};
use crate::profile::secret::secret_variables;
use crate::provider::ProviderKind;
use crate::provider::transport::ALLOW_PLAINTEXT_KEY;

/// What becomes of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// It goes along.
    Shared,
    /// It is a matter of taste of whoever has the profile; not worth a word.
    Personal,
    /// It is a secret: it goes along only where the file is encrypted.
    Secret,
    /// It stays, and that is said with the reason.
    Kept(&'static str),
}

/// Options whose values are paths or programs of this machine.
const LOCAL_OPTIONS: [&str; 3] = ["program", "service_file", "passfile"];

/// Fields of every profile that may go along.
const SHARED: [&[&str]; 13] = [
    &["id"],
    &["name"],
    &["group"],
    &["tags"],
    &["color"],
    &["environment"],
    &["read_only"],
    &["provider"],
    &["address"],
    &["notes"],
    &["tls", "insecure"],
    &["timeouts", "connect_s"],
    &["timeouts", "request_s"],
];

/// Fields that say how the owner likes it.
const PERSONAL: [&str; 3] = ["favourite", "place", "open_at_start"];

/// Fields whose change sends a key nowhere else.
const HARMLESS: [&str; 11] = [
    "id",
    "name",
    "group",
    "tags",
    "color",
    "environment",
    "read_only",
    "notes",
    "favourite",
    "place",
    "open_at_start",
];

/// The rule of a field of that profile.
pub fn rule(table: &Table, path: &Path, item: &Item) -> Rule {
    let keys: Vec<&str> = path.iter().map(String::as_str).collect();
    let kind = table.get("provider").and_then(Item::as_str).and_then(ProviderKind::from_name);
    match keys.as_slice() {
        ["address"] if kind.is_some_and(ProviderKind::is_embedded) => Rule::Kept("it is a directory of this machine"),
        [key] if fields::is_secret(key) => secret(item),
        // The password of a proxy and the like: without its setting it is of no use.
        [.., key] if fields::is_secret(key) => Rule::Kept("it is the secret of a setting that stays at home"),
        ["options", name] => option(kind, name),
        ["tls", "ca_file" | "cert_file" | "key_file"] => Rule::Kept("it is a file of this machine"),
        ["tls", "server_name"] => Rule::Shared,
        [key] if PERSONAL.contains(key) => Rule::Personal,
        keys if SHARED.contains(&keys) => Rule::Shared,
        _ => Rule::Kept("it may be of this machine only"),
    }
}

fn secret(item: &Item) -> Rule {
    let Some(table) = item.as_table_like() else { return Rule::Secret };
    let has = |key: &str| table.contains_key(key);
    if has("file") {
        return Rule::Kept("it comes from a file of this machine");
    }
    if has("command") {
        return Rule::Kept("it comes from a command");
    }
    match table.get("env").and_then(Item::as_str) {
        // Whoever shares a profile must not learn how the store of another is opened.
        Some(name) if secret_variables().contains(&name) => Rule::Kept("that variable opens the store of profiles"),
        Some(_) => Rule::Shared,
        // Typed at each connect: there is nothing to hide.
        None if has("ask") => Rule::Shared,
        // Credentials of an identity provider are in the store as a key is.
        None if has("oidc") => Rule::Secret,
        None => Rule::Kept("where it comes from is not known to be harmless"),
    }
}

fn option(kind: Option<ProviderKind>, name: &str) -> Rule {
    if LOCAL_OPTIONS.contains(&name) {
        return Rule::Kept("it is a path or a program of this machine");
    }
    let known = name == ALLOW_PLAINTEXT_KEY || kind.is_some_and(|kind| kind.maker().has_option(name));
    if known { Rule::Shared } else { Rule::Kept("this version does not know that option") }
}

/// Whether a change of that field can send a key to another place, or in another way.
pub fn moves_a_key(path: &Path) -> bool {
    match path.first().map(String::as_str) {
        Some("timeouts") => false,
        Some(first) => !HARMLESS.contains(&first) && !fields::is_secret(first),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::profile::model::{Profile, SecretSource};

    fn rule_of(profile: &Profile, name: &str) -> Rule {
        let table = fields::table_of(profile).unwrap();
        let path: Path = name.split('.').map(str::to_owned).collect();
        let item = fields::get(&table, &path).cloned().unwrap_or_default();
        rule(&table, &path, &item)
    }

    #[test]
    fn what_no_rule_names_stays_at_home() {
        let mut profile = Profile::new("p", ProviderKind::Pgvector, "db:5432");
        profile.options.insert("passfile".into(), "/home/me/.pgpass".into());
        profile.options.insert("ef_search".into(), "40".into());
        profile.options.insert("from_the_future".into(), "x".into());
        profile.tls.ca_file = Some("/etc/ca.pem".into());
        for (field, shared) in [
            ("address", true),
            ("options.ef_search", true),
            ("options.passfile", false),
            ("options.from_the_future", false),
            ("tls.ca_file", false),
            ("from_the_future", false),
            ("from.the_future", false),
        ] {
            assert_eq!(rule_of(&profile, field) == Rule::Shared, shared, "{field}");
        }
        let folder = Profile::new("p", ProviderKind::LanceDb, "/data");
        assert!(matches!(rule_of(&folder, "address"), Rule::Kept(_)));
    }

    #[test]
    fn secrets_of_settings_stay_and_one_that_is_asked_for_hides_nothing() {
        let of = |text: &str, path: &[&str]| {
            let document: toml_edit::DocumentMut = text.parse().unwrap();
            let path: Path = path.iter().map(|key| (*key).to_owned()).collect();
            let item = fields::get(document.as_table(), &path).unwrap();
            rule(document.as_table(), &path, item)
        };
        assert!(matches!(of("route.proxy_secret = \"s\"", &["route", "proxy_secret"]), Rule::Kept(_)));
        assert!(matches!(of("route.before = [[\"evil\"]]", &["route", "before"]), Rule::Kept(_)));
        assert_eq!(of("secret = { ask = true }", &["secret"]), Rule::Shared);
        assert_eq!(of("secret = { oidc = { client_secret = \"s\" } }", &["secret"]), Rule::Secret);
        assert!(matches!(of("secret = { oidc = {}, command = [\"evil\"] }", &["secret"]), Rule::Kept(_)));
    }

    #[test]
    fn of_secrets_only_the_name_of_a_variable_goes_along() {
        let mut profile = Profile::new("p", ProviderKind::Qdrant, "db");
        for (secret, expected) in [
            (SecretSource::Stored("s".into()), Some(Rule::Secret)),
            (SecretSource::Env("QDRANT_KEY".into()), Some(Rule::Shared)),
            (SecretSource::Env("VECTOR_INSPECTOR_KEY".into()), None),
            (SecretSource::File("/k".into()), None),
            (SecretSource::Command(vec!["pass".into()]), None),
        ] {
            profile.secret = Some(secret);
            let rule = rule_of(&profile, "secret");
            match expected {
                Some(expected) => assert_eq!(rule, expected),
                None => assert!(matches!(rule, Rule::Kept(_)), "{rule:?}"),
            }
        }
    }

    #[test]
    fn an_address_a_proxy_and_a_setting_of_tls_move_a_key_and_a_note_does_not() {
        let moves = |name: &str| moves_a_key(&name.split('.').map(str::to_owned).collect());
        for name in ["address", "provider", "tls.insecure", "options.sslmode", "proxy", "ssh.host"] {
            assert!(moves(name), "{name}");
        }
        for name in ["notes", "timeouts.connect_s", "group", "secret"] {
            assert!(!moves(name), "{name}");
        }
    }
}
