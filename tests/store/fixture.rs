//! Stores in temporary directories, with so little scrypt that a test can make hundreds.

use std::path::Path;
use std::time::Duration;

use age::x25519;
use secrecy::SecretString;
use tempfile::TempDir;
use vector_inspector::profile::model::{Environment, Profile, SecretSource};
use vector_inspector::profile::vault::{NewKey, Vault, VaultSettings};
use vector_inspector::provider::{ProviderKind, SshSpec};

/// The passphrase of every store here.
pub const PASSPHRASE: &str = "tavern glide copper museum";
/// A text that must be seen nowhere outside the decrypted store.
pub const CANARY: &str = "canary-sk-93f1c27b";

pub fn secret(text: &str) -> SecretString {
    SecretString::from(text)
}

pub fn settings() -> VaultSettings {
    VaultSettings { work_factor: Some(2), max_work_factor: 10, lock_wait: Duration::from_secs(30), backups: 10 }
}

pub fn vault_in(dir: &Path) -> Vault {
    Vault::with_settings(dir, settings())
}

/// A new, unlocked store with a passphrase; the directory of the store is inside the temporary one.
pub fn new_store() -> (TempDir, Vault) {
    new_store_with(NewKey::Passphrase(secret(PASSPHRASE)))
}

pub fn new_store_with(key: NewKey) -> (TempDir, Vault) {
    let outer = tempfile::tempdir().unwrap();
    let vault = vault_in(&outer.path().join("vector-inspector"));
    vault.create(key).unwrap();
    (outer, vault)
}

pub fn profile(name: &str) -> Profile {
    Profile::new(name, ProviderKind::Qdrant, "http://127.0.0.1:6334")
}

/// A profile in which every field has a value of its own.
pub fn full_profile(name: &str) -> Profile {
    let mut profile = Profile::new(name, ProviderKind::Chroma, "https://chroma.example.com:8443");
    profile.group = "work/suche \"ä\"".to_owned();
    profile.tags = vec!["eu".to_owned(), "on call".to_owned()];
    profile.color = Some("red".to_owned());
    profile.environment = Environment::Production;
    profile.read_only = true;
    profile.secret = Some(SecretSource::Stored(secret(CANARY)));
    profile.tls.ca_file = Some("/etc/ssl/own-ca.pem".into());
    profile.tls.cert_file = Some("/etc/ssl/client.pem".into());
    profile.tls.key_file = Some("/etc/ssl/client.key".into());
    profile.tls.insecure = true;
    profile.tls.server_name = Some("chroma.internal".to_owned());
    profile.route.proxy = Some("socks5://proxy.example.com:1080".to_owned());
    profile.route.proxy_user = Some("me".to_owned());
    profile.route.proxy_secret = Some(SecretSource::Env("PROXY_PASSWORD".to_owned()));
    profile.route.ssh = Some(SshSpec {
        host: "bastion".to_owned(),
        user: Some("me".to_owned()),
        port: Some(2222),
        jump: Some("gate:22".to_owned()),
        identity_file: Some("~/.ssh/id_bastion".into()),
    });
    profile.route.before = vec![vec!["kubectl".to_owned(), "port-forward".to_owned(), "svc/x \"y\"".to_owned()]];
    profile.route.wait_port = Some(8000);
    profile.route.wait_s = Some(9);
    profile.connect_timeout_s = Some(7);
    profile.request_timeout_s = Some(99);
    profile.options.insert("tenant".to_owned(), "acme".to_owned());
    profile.options.insert("a b.c".to_owned(), "x\ny".to_owned());
    profile.open_at_start = true;
    profile.notes = "ask the search team".to_owned();
    profile.favourite = true;
    profile
}

/// Everything in a profile as text, the stored secret too.
pub fn fingerprint(profile: &Profile) -> String {
    use secrecy::ExposeSecret;
    let secret = match &profile.secret {
        Some(SecretSource::Stored(text)) => text.expose_secret().to_owned(),
        other => format!("{other:?}"),
    };
    format!("{profile:?} secret={secret}")
}

/// The plain text of a store, decrypted by age itself.
pub fn decrypt_store(vault: &Vault, key: &x25519::Identity) -> String {
    let bytes = std::fs::read(vault.paths().store()).unwrap();
    String::from_utf8(age::decrypt(key, &bytes).unwrap()).unwrap()
}

/// A store that a user made by hand with `age -r`, and its key.
pub fn hand_written(text: &str) -> (TempDir, Vault, x25519::Identity) {
    let outer = tempfile::tempdir().unwrap();
    let vault = vault_in(outer.path());
    let key = x25519::Identity::generate();
    let bytes = age::encrypt_and_armor(&key.to_public(), text.as_bytes()).unwrap();
    std::fs::write(vault.paths().store(), bytes).unwrap();
    write_private(&vault.paths().key_file(), &key_text(&key));
    (outer, vault, key)
}

pub fn key_text(key: &x25519::Identity) -> String {
    use secrecy::ExposeSecret;
    key.to_string().expose_secret().to_owned()
}

pub fn write_private(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

pub fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}
