//! What is put in comes out, and what a user wrote by hand stays.

use secrecy::ExposeSecret;
use vector_inspector::profile::model::{OidcGrant, OidcSource, SecretSource};
use vector_inspector::profile::vault::{NewKey, Operation, UnlockOptions, VaultError, VaultState};

use crate::fixture::*;

#[test]
fn every_field_survives_a_save_and_a_reopening() {
    let (_dir, vault) = new_store();
    let full = full_profile("full");
    let bare = profile("bare");
    vault.edit(Operation::Add(Box::new(full.clone()))).unwrap();
    vault.edit(Operation::Add(Box::new(bare.clone()))).unwrap();

    let again = vault_in(vault.paths().dir());
    assert_eq!(again.state(), VaultState::Locked);
    again.unlock_with_passphrase(&secret(PASSPHRASE)).unwrap();
    let store = again.read().unwrap();
    assert_eq!(store.rev, 3);
    assert!(store.problems.is_empty(), "{:?}", store.problems);
    let read: Vec<String> = store.profiles.iter().map(fingerprint).collect();
    assert_eq!(read, [fingerprint(&full), fingerprint(&bare)]);
    assert_eq!(store.groups, [full.group]);
    assert!(store.saved_at.unwrap().ends_with('Z'));
}

fn oidc(grant: OidcGrant) -> SecretSource {
    let (discovery, client_id) =
        ("https://idp.example.com/.well-known/openid-configuration".to_owned(), "wcs".to_owned());
    let scopes = vec!["openid".to_owned(), "offline_access".to_owned()];
    let client_secret = match grant {
        OidcGrant::ClientCredentials { .. } => None,
        OidcGrant::Password { .. } | OidcGrant::Refresh { .. } => Some(secret("own 's'")),
    };
    let ca_file = Some("/etc/ca \"1\".pem".into());
    SecretSource::Oidc(Box::new(OidcSource { discovery, client_id, scopes, grant, client_secret, ca_file }))
}

#[test]
fn every_kind_of_secret_survives() {
    let (_dir, vault) = new_store();
    let argv = vec!["pass".to_owned(), "show".to_owned(), "a \"b\"".to_owned()];
    let sources = [
        None,
        Some(SecretSource::Stored(secret("quote \" backslash \\ tab ä"))),
        Some(SecretSource::Env("QDRANT_KEY".to_owned())),
        Some(SecretSource::File("/run/secrets/key".into())),
        Some(SecretSource::Command(argv)),
        Some(SecretSource::Ask),
        Some(oidc(OidcGrant::ClientCredentials { secret: secret("c \"s\"") })),
        Some(oidc(OidcGrant::Password { user: "ada".to_owned(), password: secret("p") })),
        Some(oidc(OidcGrant::Refresh { token: secret("r") })),
    ];
    for (index, source) in sources.into_iter().enumerate() {
        let mut one = profile(&format!("p{index}"));
        one.secret = source;
        one.secret_lifetime_s = matches!(one.secret, Some(SecretSource::Command(_))).then_some(300);
        vault.edit(Operation::Add(Box::new(one.clone()))).unwrap();
        assert_eq!(fingerprint(&vault.profile(&one.name).unwrap()), fingerprint(&one));
        // And each replaces the one before in the same profile.
        let mut changed = vault.profile("p0").unwrap();
        changed.secret = one.secret.clone();
        changed.secret_lifetime_s = one.secret_lifetime_s;
        vault.edit(Operation::Update(Box::new(changed.clone()))).unwrap();
        assert_eq!(fingerprint(&vault.profile("p0").unwrap()), fingerprint(&changed));
    }
}

const BY_HAND: &str = r#"# my databases
schema = 1 # the first
future = { kept = true }

[recipients]
# the machine in the cellar
cellar = "CELLAR"

[[group]]
path = "work"
note = "ours"

# production, careful
[[profile]]
name = "prod"       # what I type
provider = "qdrant"
address = 'http://127.0.0.1:6334'   # single quotes
secret = { command = [ "pass", "show", "q" ], hint = "yubikey" } # mine
owner = "ops"
[profile.tls]
# pinned
ca_file = "/ca.pem"
fingerprint = "ab:cd"

[[profile]]
name = "old"
provider = "vespa"
address = "x"
# the end
"#;

#[test]
fn comments_and_unknown_keys_survive_every_operation() {
    let cellar = age::x25519::Identity::generate();
    let text = BY_HAND.replace("CELLAR", &cellar.to_public().to_string());
    let (_dir, vault, key) = hand_written(&text);
    vault.unlock(&UnlockOptions::default(), None).unwrap();
    let before = vault.read().unwrap();
    assert_eq!(before.groups, ["work"]);

    let mut prod = vault.profile("prod").unwrap();
    prod.name = "prod-eu".to_owned();
    prod.tls.ca_file = Some("/other.pem".into());
    prod.request_timeout_s = Some(5);
    vault.edit(Operation::Update(Box::new(prod.clone()))).unwrap();
    vault.edit(Operation::Add(Box::new(full_profile("new")))).unwrap();
    vault.edit(Operation::Duplicate { id: prod.id, name: "copy".to_owned() }).unwrap();
    let store = vault.edit(Operation::Remove(vault.profile("copy").unwrap().id)).unwrap();
    assert_eq!(store.profiles.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), ["prod-eu", "new"]);

    let after = decrypt_store(&vault, &key);
    for kept in [
        "# my databases",
        "schema = 1 # the first",
        "future = { kept = true }",
        "# the machine in the cellar",
        "note = \"ours\"",
        "# production, careful",
        "name = \"prod-eu\"       # what I type",
        "address = 'http://127.0.0.1:6334'   # single quotes",
        "secret = { command = [ \"pass\", \"show\", \"q\" ], hint = \"yubikey\" } # mine",
        "owner = \"ops\"",
        "# pinned",
        "fingerprint = \"ab:cd\"",
        "provider = \"vespa\"",
        "# the end",
    ] {
        assert!(after.contains(kept), "{kept:?} is gone from:\n{after}");
    }
    // The owner of the other key has been kept, and the one who saved was added.
    assert_eq!(decrypt_store(&vault, &cellar), after);
    assert_eq!(store.recipients.len(), 2);
}

#[test]
fn a_profile_that_cannot_be_understood_is_told_and_kept() {
    let cellar = age::x25519::Identity::generate();
    let (_dir, vault, _key) = hand_written(&BY_HAND.replace("CELLAR", &cellar.to_public().to_string()));
    vault.unlock(&UnlockOptions::default(), None).unwrap();
    let store = vault.read().unwrap();
    assert_eq!(store.profiles.len(), 1);
    let problem = store.get("old").unwrap_err();
    assert!(matches!(&problem, VaultError::BadProfile { field, .. } if field == "provider"), "{problem}");
    assert!(problem.to_string().contains("qdrant-edge"), "{problem}");
    let taken = vault.edit(Operation::Add(Box::new(profile("old")))).unwrap_err();
    assert_eq!(taken, VaultError::NameTaken { name: "old".to_owned() });
}

#[test]
fn a_newer_schema_opens_read_only() {
    let text = "schema = 2\nrev = 4\n[[profile]]\nname = \"p\"\nprovider = \"qdrant\"\naddress = \"h\"\n";
    let (_dir, vault, key) = hand_written(text);
    vault.unlock(&UnlockOptions::default(), None).unwrap();
    let store = vault.read().unwrap();
    assert!(store.read_only);
    assert_eq!(store.profiles.len(), 1);
    let refused = vault.edit(Operation::Remove(store.profiles[0].id)).unwrap_err();
    assert_eq!(refused, VaultError::NewerSchema { found: 2, known: 1 });
    assert_eq!(decrypt_store(&vault, &key), text);
}

#[test]
fn the_files_are_armored_private_and_free_of_plain_text() {
    let (outer, vault) = new_store();
    for _ in 0..2 {
        let name = format!("p{}", vault.read().unwrap().rev);
        vault.edit(Operation::Add(Box::new(full_profile(&name)))).unwrap();
    }
    let dir = vault.paths().dir();
    assert_eq!(mode(dir), 0o700);
    assert_eq!(mode(&vault.paths().backups()), 0o700);
    let mut files = 0;
    for folder in [dir.to_owned(), vault.paths().backups()] {
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()) {
            if entry.file_type().unwrap().is_dir() {
                continue;
            }
            files += 1;
            assert_eq!(mode(&entry.path()), 0o600, "{:?}", entry.path());
            let content = std::fs::read_to_string(entry.path()).unwrap();
            assert!(!content.contains(CANARY) && !content.contains("AGE-SECRET-KEY") && !content.contains("chroma"));
        }
    }
    // Store, key, lock, two backups.
    assert_eq!(files, 5, "{:?}", outer.path());
    for path in [vault.paths().store(), vault.paths().wrapped_identity()] {
        let text = std::fs::read_to_string(path).unwrap();
        assert!(text.starts_with("-----BEGIN AGE ENCRYPTED FILE-----\n"));
        assert!(text.ends_with("-----END AGE ENCRYPTED FILE-----\n"));
    }
}

#[test]
fn the_key_unwrapped_by_age_itself_opens_the_store() {
    let (_dir, vault) = new_store();
    vault.edit(Operation::Add(Box::new(full_profile("p")))).unwrap();
    let wrapped = std::fs::read(vault.paths().wrapped_identity()).unwrap();
    let text = age::decrypt(&age::scrypt::Identity::new(secret(PASSPHRASE)), &wrapped).unwrap();
    let text = String::from_utf8(text).unwrap();
    let key = text.lines().find(|line| line.starts_with("AGE-SECRET-KEY-1")).unwrap().parse().unwrap();
    assert!(decrypt_store(&vault, &key).contains(CANARY));
}

#[test]
fn a_single_file_with_a_passphrase_is_accepted_and_stays_one() {
    let outer = tempfile::tempdir().unwrap();
    let vault = vault_in(outer.path());
    let text = "[[profile]]\nname = \"p\"\nprovider = \"chroma\"\naddress = \"localhost\"\n";
    let mut recipient = age::scrypt::Recipient::new(secret(PASSPHRASE));
    recipient.set_work_factor(2);
    std::fs::write(vault.paths().store(), age::encrypt(&recipient, text.as_bytes()).unwrap()).unwrap();

    let wrong = vault.unlock_with_passphrase(&secret("nonsense")).unwrap_err();
    assert!(matches!(wrong, VaultError::WrongPassphrase { .. }), "{wrong}");
    vault.unlock_with_passphrase(&secret(PASSPHRASE)).unwrap();
    vault.edit(Operation::Add(Box::new(full_profile("q")))).unwrap();
    vault.change_passphrase(&secret("another one")).unwrap();
    vault.lock();
    assert!(vault.unlock_with_passphrase(&secret(PASSPHRASE)).is_err());
    vault.unlock_with_passphrase(&secret("another one")).unwrap();
    assert_eq!(vault.profiles().unwrap().len(), 2);
    let shared = Operation::AddRecipient { name: "ci".to_owned(), recipient: "age1".to_owned() };
    assert_eq!(vault.edit(shared).unwrap_err(), VaultError::NoRecipients);
    assert!(!vault.paths().wrapped_identity().exists());
}

#[test]
fn the_recovery_key_opens_the_store_and_can_set_a_new_passphrase() {
    let outer = tempfile::tempdir().unwrap();
    let vault = vault_in(outer.path());
    let created = vault.create(NewKey::Passphrase(secret(PASSPHRASE))).unwrap();
    vault.edit(Operation::Add(Box::new(full_profile("p")))).unwrap();
    assert!(created.recovery_key.expose_secret().starts_with("AGE-SECRET-KEY-1"));

    // The wrapped key is lost altogether.
    std::fs::remove_file(vault.paths().wrapped_identity()).unwrap();
    let other = vault_in(outer.path());
    let options = UnlockOptions { key: Some(created.recovery_key.clone()), ..UnlockOptions::default() };
    other.unlock(&options, None).unwrap();
    other.edit(Operation::Add(Box::new(profile("q")))).unwrap();
    other.change_passphrase(&secret("new words here")).unwrap();
    let third = vault_in(outer.path());
    third.unlock_with_passphrase(&secret("new words here")).unwrap();
    assert_eq!(third.profiles().unwrap().len(), 2);
    // The first key still opens it: nobody is locked out by a save with the recovery key.
    assert_eq!(vault.profiles().unwrap().len(), 2);
}
