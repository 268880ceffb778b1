//! Several instances on one store.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use vector_inspector::profile::vault::{NewKey, Operation, UnlockOptions, Vault, VaultError, VaultSettings};

use crate::fixture::*;

/// Of each of two processes.
const EDITS: usize = 200;
/// Of each of two threads.
const EDITS_OF_THREADS: usize = 50;

/// Starts this test binary once more to run one helper on the store.
pub fn start_helper(name: &str, dir: &Path, prefix: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--ignored", "--test-threads=1"])
        .env("STORE_TEST_DIR", dir)
        .env("STORE_TEST_PREFIX", prefix)
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

/// The store that a helper was started on, unlocked by its key file.
pub fn helper_store() -> (Vault, String) {
    let vault = vault_in(Path::new(&std::env::var_os("STORE_TEST_DIR").expect("only for helper processes")));
    vault.unlock(&UnlockOptions::default(), None).unwrap();
    (vault, std::env::var("STORE_TEST_PREFIX").unwrap())
}

fn add_many(vault: &Vault, prefix: &str, edits: usize) {
    for n in 0..edits {
        vault.edit(Operation::Add(Box::new(profile(&format!("{prefix}{n}"))))).unwrap();
    }
}

#[test]
#[ignore = "the process that two_processes_lose_nothing starts"]
fn helper_adds_many() {
    let (vault, prefix) = helper_store();
    add_many(&vault, &prefix, EDITS);
}

fn assert_complete(vault: &Vault, edits: usize) {
    let store = vault.read().unwrap();
    let names: BTreeSet<String> = store.profiles.iter().map(|profile| profile.name.clone()).collect();
    let expected: BTreeSet<String> =
        ["a", "b"].iter().flat_map(|p| (0..edits).map(move |n| format!("{p}{n}"))).collect();
    assert_eq!(names, expected);
    assert_eq!(store.rev, 2 * edits as u64 + 1);
}

#[test]
fn two_processes_lose_nothing() {
    let (_dir, vault) = new_store_with(NewKey::KeyFile);
    let children = ["a", "b"].map(|prefix| start_helper("writers::helper_adds_many", vault.paths().dir(), prefix));
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    assert_complete(&vault, EDITS);
}

#[test]
fn two_threads_on_one_vault_lose_nothing() {
    let (_dir, vault) = new_store_with(NewKey::KeyFile);
    std::thread::scope(|scope| {
        for prefix in ["a", "b"] {
            let vault = &vault;
            scope.spawn(move || add_many(vault, prefix, EDITS_OF_THREADS));
        }
    });
    assert_complete(&vault, EDITS_OF_THREADS);
}

#[test]
fn a_store_held_by_another_instance_is_an_error_after_a_bounded_wait() {
    let (_dir, vault) = new_store_with(NewKey::KeyFile);
    let patient = Duration::from_millis(50);
    let short = Vault::with_settings(vault.paths().dir(), VaultSettings { lock_wait: patient, ..settings() });
    short.unlock(&UnlockOptions::default(), None).unwrap();
    let held = File::options().write(true).open(vault.paths().lock()).unwrap();
    held.lock().unwrap();
    let started = Instant::now();
    let error = short.edit(Operation::Add(Box::new(profile("a")))).unwrap_err();
    assert!(matches!(error, VaultError::Busy { .. }), "{error}");
    assert!(error.to_string().contains("locked by another instance"), "{error}");
    assert!(started.elapsed() >= patient);
    // Reading needs no lock.
    assert!(short.profiles().unwrap().is_empty());
    drop(held);
    short.edit(Operation::Add(Box::new(profile("a")))).unwrap();
}
