//! Damaged files: always a typed error, never a panic, never a write.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use vector_inspector::profile::vault::{NewKey, Operation, UnlockOptions, Vault, VaultError};

use crate::fixture::*;

/// Puts each of the contents in place of the file and asks; the answer must be the right profiles
/// (a change that age does not count, such as the last line break) or an error about this file. Where it
/// is an error, so is an edit, and nothing in the directory is written.
fn try_all(
    vault: &Vault,
    path: &Path,
    contents: impl Iterator<Item = Vec<u8>>,
    ask: impl Fn() -> Result<Vec<String>, VaultError>,
) -> usize {
    let whole = std::fs::read(path).unwrap();
    let right = ask().unwrap();
    let before = others(path);
    let mut harmless = 0;
    let mut tried = 0;
    for content in contents {
        std::fs::write(path, &content).unwrap();
        let answer = catch_unwind(AssertUnwindSafe(&ask)).unwrap_or_else(|_| panic!("panicked on {content:?}"));
        match answer {
            Ok(names) => {
                assert_eq!(names, right);
                harmless += 1;
            }
            Err(error) => {
                assert!(is_about_the_file(&error), "{error:?}");
                let edit = || vault.edit(Operation::Add(Box::new(profile("two"))));
                let edited = catch_unwind(AssertUnwindSafe(edit)).unwrap_or_else(|_| panic!("panicked on {content:?}"));
                let error = edited.err().unwrap_or_else(|| panic!("edited {content:?}"));
                assert!(is_about_the_file(&error) || error == VaultError::Locked, "{error:?}");
            }
        }
        assert_eq!(std::fs::read(path).unwrap(), content, "a damaged file was written to");
        assert_eq!(others(path), before, "something beside the damaged file was written");
        tried += 1;
    }
    std::fs::write(path, whole).unwrap();
    ask().unwrap();
    assert!(harmless * 50 <= tried.max(200), "{harmless} of {tried} changes went unnoticed");
    tried
}

/// Every other file of the directory, with its content.
fn others(path: &Path) -> std::collections::BTreeMap<std::path::PathBuf, Vec<u8>> {
    let mut found = std::collections::BTreeMap::new();
    let mut open = vec![path.parent().unwrap().to_owned()];
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(dir).unwrap().map(Result::unwrap) {
            match entry.file_type().unwrap().is_dir() {
                true => open.push(entry.path()),
                false if entry.path() == path => {}
                false => {
                    found.insert(entry.path(), std::fs::read(entry.path()).unwrap());
                }
            }
        }
    }
    found
}

fn is_about_the_file(error: &VaultError) -> bool {
    // Displaying must not panic either: one of age's errors does.
    assert!(!error.to_string().contains(CANARY));
    matches!(
        error,
        VaultError::Empty { .. }
            | VaultError::NotAge { .. }
            | VaultError::Damaged { .. }
            | VaultError::WrongKey { .. }
            | VaultError::WrongPassphrase { .. }
            | VaultError::TooMuchWork { .. }
            | VaultError::NotAKey { .. }
    )
}

fn flips(bytes: Vec<u8>) -> impl Iterator<Item = Vec<u8>> {
    (0..bytes.len()).flat_map(move |at| {
        let bytes = bytes.clone();
        (0..8).map(move |bit| {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << bit;
            flipped
        })
    })
}

fn truncations(bytes: Vec<u8>) -> impl Iterator<Item = Vec<u8>> {
    (0..bytes.len()).map(move |length| bytes[..length].to_vec())
}

fn small_store() -> (tempfile::TempDir, Vault) {
    let (dir, vault) = new_store();
    let mut one = profile("one");
    one.secret = Some(vector_inspector::profile::model::SecretSource::Stored(secret(CANARY)));
    vault.edit(Operation::Add(Box::new(one))).unwrap();
    (dir, vault)
}

fn names(vault: &Vault) -> Result<Vec<String>, VaultError> {
    Ok(vault.profiles()?.into_iter().map(|profile| profile.name).collect())
}

#[test]
fn every_flipped_byte_and_every_truncation_of_the_store() {
    let (_dir, vault) = small_store();
    let path = vault.paths().store();
    let bytes = std::fs::read(&path).unwrap();
    let tried = try_all(&vault, &path, flips(bytes.clone()).chain(truncations(bytes.clone())), || names(&vault));
    assert_eq!(tried, bytes.len() * 9, "eight bits of each byte, and each length");
}

#[test]
fn every_flipped_byte_and_every_truncation_of_the_wrapped_key() {
    let (_dir, vault) = small_store();
    let path = vault.paths().wrapped_identity();
    let bytes = std::fs::read(&path).unwrap();
    let ask = || {
        vault.lock();
        vault.unlock_with_passphrase(&secret(PASSPHRASE))?;
        names(&vault)
    };
    let tried = try_all(&vault, &path, flips(bytes.clone()).chain(truncations(bytes.clone())), ask);
    assert_eq!(tried, bytes.len() * 9, "eight bits of each byte, and each length");
}

#[test]
fn a_damaged_store_is_never_overwritten() {
    let (_dir, vault) = small_store();
    let path = vault.paths().store();
    let whole = std::fs::read(&path).unwrap();
    let mut flipped = whole.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    let other_key = age::x25519::Identity::generate().to_public();
    let foreign = age::encrypt_and_armor(&other_key, b"schema = 1").unwrap().into_bytes();
    for (content, expected) in [
        (Vec::new(), "is empty"),
        (b"hello".to_vec(), "is not an age file"),
        (whole[..whole.len() - 60].to_vec(), "is damaged"),
        (flipped, ""),
        (foreign, "is not encrypted to the key"),
    ] {
        std::fs::write(&path, &content).unwrap();
        for error in [vault.read().unwrap_err(), vault.edit(Operation::Add(Box::new(profile("two")))).unwrap_err()] {
            assert!(error.to_string().contains(expected), "{error}");
        }
        let created = vault.create(NewKey::KeyFile).unwrap_err();
        assert!(matches!(created, VaultError::AlreadyThere { .. }), "{created}");
        assert_eq!(std::fs::read(&path).unwrap(), content);
    }
}

#[test]
fn a_store_that_decrypts_to_something_else_is_named_by_line_without_its_text() {
    for (text, part) in [
        (format!("schema = 1\nsecret = \"{CANARY}\nx = 1"), "line 2"),
        (format!("schema = 1\n[[profile]]\nsecret = {CANARY}"), "line 3"),
        (format!("schema = \"{CANARY}\""), "schema should be a number"),
        (format!("rev = \"{CANARY}\""), "rev should be a number"),
        (format!("profile = \"{CANARY}\""), "profile should be a list"),
        (format!("recipients = \"{CANARY}\""), "recipients should be a table"),
    ] {
        let (_dir, vault, key) = hand_written(&text);
        let error = vault.unlock(&UnlockOptions::default(), None).unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
        assert!(!format!("{error} {error:?}").contains(CANARY), "{error:?}");
        assert_eq!(decrypt_store(&vault, &key), text);
    }
    let bytes_that_are_no_text = age::x25519::Identity::generate();
    let (_dir, vault, _) = hand_written("");
    let armored = age::encrypt_and_armor(&bytes_that_are_no_text.to_public(), b"a = 1\n\xff\xfe").unwrap();
    std::fs::write(vault.paths().store(), armored).unwrap();
    write_private(&vault.paths().key_file(), &key_text(&bytes_that_are_no_text));
    let error = vault.unlock(&UnlockOptions::default(), None).unwrap_err();
    assert!(matches!(error, VaultError::NotToml { line: 2, .. }), "{error}");
}

#[test]
fn a_file_that_asks_for_too_much_work_is_refused_at_once() {
    let (_dir, vault) = small_store();
    let mut recipient = age::scrypt::Recipient::new(secret(PASSPHRASE));
    recipient.set_work_factor(11);
    let file = age::encrypt_and_armor(&recipient, b"anything").unwrap();
    std::fs::write(vault.paths().wrapped_identity(), file).unwrap();
    vault.lock();
    let error = vault.unlock_with_passphrase(&secret(PASSPHRASE)).unwrap_err();
    assert!(matches!(error, VaultError::TooMuchWork { required: 11, allowed: 10, .. }), "{error}");
}

#[test]
fn a_file_of_endless_size_is_not_read_into_memory() {
    let (_dir, vault) = small_store();
    std::fs::File::create(vault.paths().store()).unwrap().set_len(1 << 34).unwrap();
    let error = vault.read().unwrap_err();
    assert!(matches!(error, VaultError::TooLarge { size: 17_179_869_184, .. }), "{error}");
}
