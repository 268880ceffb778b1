//! The ways to the key, their order, and their refusals.

use std::collections::HashMap;
use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt;

use rstest::rstest;
use secrecy::SecretString;
use vector_inspector::profile::vault::{
    Ask, NewKey, Operation, UnlockOptions, UnlockedBy, VaultError, VaultState, strength,
};

use crate::fixture::*;

fn command(words: &[&str]) -> Option<Vec<String>> {
    Some(words.iter().map(|word| (*word).to_owned()).collect())
}

#[test]
fn with_nobody_to_ask_the_sentence_names_the_ways() {
    let (_dir, vault) = new_store();
    vault.lock();
    let error = vault.unlock(&UnlockOptions::default(), None).unwrap_err();
    assert!(matches!(error, VaultError::NobodyToAsk { .. }), "{error}");
    let text = error.to_string();
    for way in [
        "--identity",
        "VECTOR_INSPECTOR_IDENTITY",
        "VECTOR_INSPECTOR_KEY",
        "VECTOR_INSPECTOR_KEY_COMMAND",
        "VECTOR_INSPECTOR_PASSPHRASE_FD",
        "VECTOR_INSPECTOR_PASSPHRASE_FILE",
        "VECTOR_INSPECTOR_PASSPHRASE_COMMAND",
        "identity.txt",
    ] {
        assert!(text.contains(way), "{way} is missing in {text}");
    }
    assert!(!text.contains('\n'));
    assert_eq!(vault.state(), VaultState::Locked);
}

#[test]
fn without_a_store_there_is_nothing_to_unlock() {
    let outer = tempfile::tempdir().unwrap();
    let vault = vault_in(&outer.path().join("none"));
    assert_eq!(vault.state(), VaultState::Absent);
    assert!(vault.profiles().unwrap().is_empty());
    assert!(matches!(vault.unlock(&UnlockOptions::default(), None), Err(VaultError::Absent { .. })));
    assert!(matches!(vault.edit(Operation::Add(Box::new(profile("a")))), Err(VaultError::Absent { .. })));
    assert!(!vault.paths().dir().exists(), "asking must not create anything");
}

#[test]
fn a_prompt_is_asked_again_and_at_last_gives_up() {
    let (_dir, vault) = new_store();
    vault.lock();
    let mut asked = Vec::new();
    let mut answers = vec![PASSPHRASE, "", "wrong"];
    let mut prompt = |ask: &Ask| {
        asked.push(ask.attempt);
        answers.pop().map(secret)
    };
    assert_eq!(vault.unlock(&UnlockOptions::default(), Some(&mut prompt)).unwrap(), UnlockedBy::Prompt);
    assert_eq!(asked, [1, 2, 3]);
    // The key is in memory now: nobody is asked.
    let mut never = |_: &Ask| -> Option<SecretString> { panic!("asked again") };
    assert_eq!(vault.unlock(&UnlockOptions::default(), Some(&mut never)).unwrap(), UnlockedBy::Memory);

    vault.lock();
    let mut count = 0;
    let mut wrong = |_: &Ask| {
        count += 1;
        Some(secret("wrong"))
    };
    let error = vault.unlock(&UnlockOptions::default(), Some(&mut wrong)).unwrap_err();
    assert_eq!(count, 3);
    let text = error.to_string();
    assert!(text.contains("passphrase is wrong") && text.contains("damaged"), "{text}");
    let mut cancel = |_: &Ask| None;
    assert_eq!(vault.unlock(&UnlockOptions::default(), Some(&mut cancel)).unwrap_err(), VaultError::Cancelled);
}

#[rstest]
#[case::trailing_newline("\n")]
#[case::windows_line("\r\n")]
#[case::more_lines("\nignored\n")]
#[case::no_newline("")]
fn a_passphrase_comes_from_the_first_line_of_a_file(#[case] end: &str) {
    let (dir, vault) = new_store();
    vault.lock();
    let file = dir.path().join("passphrase");
    write_private(&file, &format!("{PASSPHRASE}{end}"));
    let options = UnlockOptions { passphrase_file: Some(file), ..UnlockOptions::default() };
    assert_eq!(vault.unlock(&options, None).unwrap(), UnlockedBy::Passphrase);
}

#[test]
fn a_passphrase_comes_from_a_descriptor() {
    use std::os::fd::AsRawFd;
    let (dir, vault) = new_store();
    vault.lock();
    let path = dir.path().join("passphrase");
    write_private(&path, &format!("{PASSPHRASE}\nrest"));
    let file = std::fs::File::open(path).unwrap();
    let number = u32::try_from(file.as_raw_fd()).unwrap();
    let options = UnlockOptions { passphrase_fd: Some(number), ..UnlockOptions::default() };
    assert_eq!(vault.unlock(&options, None).unwrap(), UnlockedBy::Passphrase);
    vault.lock();
    let options = UnlockOptions { passphrase_fd: Some(9999), ..UnlockOptions::default() };
    let error = vault.unlock(&options, None).unwrap_err();
    assert!(error.to_string().contains("/dev/fd/9999"), "{error}");
}

#[test]
fn a_passphrase_and_a_key_come_from_commands() {
    let (dir, vault) = new_store();
    vault.lock();
    let passphrase_command = command(&["printf", "%s\\n", PASSPHRASE]);
    let options = UnlockOptions { passphrase_command, ..UnlockOptions::default() };
    assert_eq!(vault.unlock(&options, None).unwrap(), UnlockedBy::Passphrase);

    let key = age::x25519::Identity::generate();
    let recipient = key.to_public().to_string();
    vault.edit(Operation::AddRecipient { name: "ci".to_owned(), recipient }).unwrap();
    vault.lock();
    let options = UnlockOptions { key_command: command(&["echo", &key_text(&key)]), ..UnlockOptions::default() };
    assert_eq!(vault.unlock(&options, None).unwrap(), UnlockedBy::Key);
    vault.lock();
    let options = UnlockOptions { key: Some(secret(&key_text(&key))), ..UnlockOptions::default() };
    assert_eq!(vault.unlock(&options, None).unwrap(), UnlockedBy::Key);
    vault.lock();
    let failing = UnlockOptions { key_command: command(&["sh", "-c", "echo hidden; exit 3"]), ..Default::default() };
    let error = vault.unlock(&failing, None).unwrap_err();
    assert!(error.to_string().contains("exit status: 3") && !error.to_string().contains("hidden"), "{error}");
    drop(dir);
}

#[test]
fn a_named_key_file_comes_first_and_must_be_private() {
    let (dir, vault) = new_store();
    let key = age::x25519::Identity::generate();
    let recipient = key.to_public().to_string();
    vault.edit(Operation::AddRecipient { name: "ci".to_owned(), recipient }).unwrap();
    vault.lock();
    let path = dir.path().join("ci.txt");
    write_private(&path, &format!("# created by age-keygen\n{}\n", key_text(&key)));
    // The rest would fail: it must not be looked at.
    let options =
        UnlockOptions { identity: Some(path.clone()), key: Some(secret("nonsense")), ..UnlockOptions::default() };
    assert_eq!(vault.unlock(&options, None).unwrap(), UnlockedBy::Identity);
    for mode in [0o640, 0o604, 0o660] {
        vault.lock();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        let error = vault.unlock(&options, None).unwrap_err();
        assert_eq!(error, VaultError::NotPrivate { path: path.clone(), mode });
        assert!(error.to_string().contains("chmod 600"), "{error}");
    }
    let missing = UnlockOptions { identity: Some(dir.path().join("none")), ..UnlockOptions::default() };
    assert!(matches!(vault.unlock(&missing, None), Err(VaultError::File { .. })));
}

#[test]
fn a_named_key_file_that_is_wrapped_wants_the_passphrase() {
    let (dir, vault) = new_store();
    vault.lock();
    let moved = dir.path().join("elsewhere.age");
    std::fs::rename(vault.paths().wrapped_identity(), &moved).unwrap();
    let mut options = UnlockOptions { identity: Some(moved), ..UnlockOptions::default() };
    assert!(matches!(vault.unlock(&options, None), Err(VaultError::NobodyToAsk { .. })));
    options.passphrase_command = command(&["echo", PASSPHRASE]);
    assert_eq!(vault.unlock(&options, None).unwrap(), UnlockedBy::Passphrase);
}

#[test]
fn a_key_that_does_not_fit_is_named() {
    let (_dir, vault) = new_store();
    vault.lock();
    let stranger = age::x25519::Identity::generate();
    let options = UnlockOptions { key: Some(secret(&key_text(&stranger))), ..UnlockOptions::default() };
    let error = vault.unlock(&options, None).unwrap_err();
    assert!(error.to_string().contains("VECTOR_INSPECTOR_KEY"), "{error}");
    let options = UnlockOptions { key: Some(secret(CANARY)), ..UnlockOptions::default() };
    let error = vault.unlock(&options, None).unwrap_err();
    assert!(matches!(error, VaultError::NotAKey { .. }) && !error.to_string().contains(CANARY), "{error}");
}

#[test]
fn the_key_file_beside_the_store_opens_it_without_a_question() {
    let (_dir, vault) = new_store_with(NewKey::KeyFile);
    assert_eq!(mode(&vault.paths().key_file()), 0o600);
    vault.lock();
    assert_eq!(vault.unlock(&UnlockOptions::default(), None).unwrap(), UnlockedBy::KeyFile);
    vault.lock();
    std::fs::set_permissions(vault.paths().key_file(), std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(matches!(vault.unlock(&UnlockOptions::default(), None), Err(VaultError::NotPrivate { mode: 0o644, .. })));
    std::fs::remove_file(vault.paths().key_file()).unwrap();
    assert!(matches!(vault.unlock(&UnlockOptions::default(), None), Err(VaultError::NoIdentity { .. })));
}

#[test]
fn a_key_file_gives_way_to_a_passphrase() {
    let (_dir, vault) = new_store_with(NewKey::KeyFile);
    vault.edit(Operation::Add(Box::new(profile("a")))).unwrap();
    vault.change_passphrase(&secret(PASSPHRASE)).unwrap();
    assert!(!vault.paths().key_file().exists());
    vault.lock();
    vault.unlock_with_passphrase(&secret(PASSPHRASE)).unwrap();
    assert_eq!(vault.profiles().unwrap().len(), 1);
}

#[test]
fn an_existing_identity_is_used_where_it_is() {
    let outer = tempfile::tempdir().unwrap();
    let key = age::x25519::Identity::generate();
    let path = outer.path().join("keys.txt");
    write_private(&path, &format!("# mine\n{}\n", key_text(&key)));
    let before = std::fs::read(&path).unwrap();
    let vault = vault_in(&outer.path().join("store"));
    vault.create(NewKey::ExistingIdentity(path.clone())).unwrap();
    assert!(decrypt_store(&vault, &key).contains("owner"));
    vault.lock();
    assert_eq!(vault.unlock(&UnlockOptions::default(), None).unwrap(), UnlockedBy::KeyFile);
    vault.change_passphrase(&secret(PASSPHRASE)).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), before, "the user's own key file was changed");

    let other = vault_in(&outer.path().join("other"));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let error = other.create(NewKey::ExistingIdentity(path)).unwrap_err();
    assert!(matches!(error, VaultError::NotPrivate { .. }), "{error}");
    assert_eq!(other.state(), VaultState::Absent);
}

#[test]
fn another_passphrase_wraps_only_the_key_anew() {
    let (_dir, vault) = new_store();
    vault.edit(Operation::Add(Box::new(profile("a")))).unwrap();
    let before = std::fs::read(vault.paths().store()).unwrap();
    vault.change_passphrase(&secret("other words")).unwrap();
    assert_eq!(std::fs::read(vault.paths().store()).unwrap(), before);
    vault.lock();
    assert!(matches!(vault.unlock_with_passphrase(&secret(PASSPHRASE)), Err(VaultError::WrongPassphrase { .. })));
    vault.unlock_with_passphrase(&secret("other words")).unwrap();
    // The old passphrase must open nothing that is left behind either.
    for entry in std::fs::read_dir(vault.paths().backups()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(!name.contains("identity"), "{name}");
    }
}

#[test]
fn an_empty_passphrase_is_refused_everywhere() {
    let empty = || secret("");
    let outer = tempfile::tempdir().unwrap();
    let vault = vault_in(outer.path());
    assert_eq!(vault.create(NewKey::Passphrase(empty())).unwrap_err(), VaultError::EmptyPassphrase);
    assert_eq!(vault.state(), VaultState::Absent);
    let (_dir, vault) = new_store();
    assert_eq!(vault.change_passphrase(&empty()).unwrap_err(), VaultError::EmptyPassphrase);
    vault.lock();
    assert_eq!(vault.unlock_with_passphrase(&empty()).unwrap_err(), VaultError::EmptyPassphrase);
    assert_eq!(vault.change_passphrase(&secret("x")).unwrap_err(), VaultError::Locked);
    assert_eq!(strength(&empty()).name(), "empty");
}

#[test]
fn a_key_without_a_store_is_set_aside_not_overwritten() {
    let (_dir, vault) = new_store();
    let old = std::fs::read(vault.paths().wrapped_identity()).unwrap();
    std::fs::remove_file(vault.paths().store()).unwrap();
    vault.create(NewKey::KeyFile).unwrap();
    let kept = std::fs::read_dir(vault.paths().backups()).unwrap().map(|entry| std::fs::read(entry.unwrap().path()));
    assert!(kept.into_iter().any(|bytes| bytes.unwrap() == old));
    assert!(!vault.paths().wrapped_identity().exists());
}

#[test]
fn the_environment_is_read_word_by_word() {
    let variables: HashMap<&str, &str> = [
        ("VECTOR_INSPECTOR_IDENTITY", "/k.txt"),
        ("VECTOR_INSPECTOR_KEY", CANARY),
        ("VECTOR_INSPECTOR_PASSPHRASE_FD", "3"),
        ("VECTOR_INSPECTOR_PASSPHRASE_FILE", ""),
        ("VECTOR_INSPECTOR_PASSPHRASE_COMMAND", "pass show 'my store' a\\ b \"c d\""),
    ]
    .into();
    let options = UnlockOptions::from_lookup(|name| variables.get(name).map(OsString::from)).unwrap();
    assert_eq!(options.identity.as_deref(), Some("/k.txt".as_ref()));
    assert_eq!(options.passphrase_fd, Some(3));
    assert_eq!(options.passphrase_file, None);
    assert_eq!(options.passphrase_command, command(&["pass", "show", "my store", "a b", "c d"]));
    assert!(!format!("{options:?}").contains(CANARY));

    for (name, value) in [("VECTOR_INSPECTOR_PASSPHRASE_FD", "three"), ("VECTOR_INSPECTOR_KEY_COMMAND", "pass 'show")] {
        let error = UnlockOptions::from_lookup(|asked| (asked == name).then(|| OsString::from(value))).unwrap_err();
        assert!(matches!(error, VaultError::BadVariable { variable, .. } if variable == name), "{error}");
    }
}
