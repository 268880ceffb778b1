//! A kill at any moment leaves a whole old or a whole new store, and the next save works.

use std::collections::BTreeSet;
use std::fs;
use std::time::{Duration, Instant};

use vector_inspector::profile::vault::{NewKey, Operation, Vault};

use crate::fixture::*;
use crate::writers::{helper_store, start_helper};

#[test]
#[ignore = "the process that killed_at_random_moments starts"]
fn helper_saves_until_killed() {
    let (vault, prefix) = helper_store();
    for n in 0.. {
        // One profile after the other, and a file that says which save was reported as done.
        let id = vault.profiles().unwrap().first().map(|profile| profile.id);
        vault.edit(Operation::Add(Box::new(full_profile(&format!("{prefix}-{n}"))))).unwrap();
        if let Some(id) = id {
            vault.edit(Operation::Remove(id)).unwrap();
        }
        fs::write(vault.paths().dir().join("done"), format!("{prefix}-{n}")).unwrap();
    }
}

#[test]
fn killed_at_random_moments() {
    let (_dir, vault) = new_store_with(NewKey::KeyFile);
    let dir = vault.paths().dir().to_owned();
    let until = Instant::now() + Duration::from_secs(8);
    let mut kills = 0;
    let mut rev = vault.read().unwrap().rev;
    while Instant::now() < until {
        let prefix = format!("k{kills}");
        let mut child = start_helper("kill::helper_saves_until_killed", &dir, &prefix);
        // It is known to be saving once it has reported a save; then a random moment.
        let deadline = Instant::now() + Duration::from_secs(30);
        while !fs::read_to_string(dir.join("done")).is_ok_and(|text| text.starts_with(&prefix)) {
            assert!(Instant::now() < deadline && child.try_wait().unwrap().is_none(), "the helper does not save");
            std::thread::yield_now();
        }
        let moment = Instant::now() + Duration::from_micros(fastrand::u64(0..15_000));
        while Instant::now() < moment {
            std::hint::spin_loop();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        kills += 1;

        let store = vault.read().unwrap();
        assert!(store.problems.is_empty() && store.rev > rev);
        rev = store.rev;
        // What was reported as saved is there: it is removed only by the save after it.
        let done = fs::read_to_string(dir.join("done")).unwrap();
        if let Some(number) = done.rsplit('-').next().and_then(|n| n.parse::<usize>().ok()) {
            let accepted: BTreeSet<String> = (0..3).map(|k| format!("{prefix}-{}", number + k)).collect();
            assert!(store.profiles.iter().any(|profile| accepted.contains(&profile.name)), "{done} was lost");
        }
    }
    assert!(kills >= 10, "only {kills} kills");
    vault.edit(Operation::Add(Box::new(profile("after")))).unwrap();
    assert_no_leftovers(&vault);
}

pub fn assert_no_leftovers(vault: &Vault) {
    let names: Vec<_> = fs::read_dir(vault.paths().dir()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(!names.iter().any(|name| name.to_string_lossy().starts_with(".saving-")), "{names:?}");
}

/// What the directory looks like when a save stops after each of its steps.
#[test]
fn stopped_after_each_step() {
    let (_dir, vault) = new_store_with(NewKey::KeyFile);
    vault.edit(Operation::Add(Box::new(profile("old")))).unwrap();
    let old = fs::read(vault.paths().store()).unwrap();
    vault.edit(Operation::Add(Box::new(profile("new")))).unwrap();
    let new = fs::read(vault.paths().store()).unwrap();

    let temporary = vault.paths().dir().join(".saving-1-0123456789abcdef");
    let backup = vault.paths().backups().join("00000000000000000001-profiles.toml.age");
    type Step<'a> = (&'a str, &'a dyn Fn(), usize);
    let steps: [Step<'_>; 5] = [
        ("the empty temporary file", &|| fs::write(&temporary, b"").unwrap(), 1),
        ("half of it", &|| fs::write(&temporary, &new[..new.len() / 2]).unwrap(), 1),
        ("all of it", &|| fs::write(&temporary, &new).unwrap(), 1),
        ("the backup", &|| fs::hard_link(vault.paths().store(), &backup).unwrap(), 1),
        ("the rename", &|| fs::rename(&temporary, vault.paths().store()).unwrap(), 2),
    ];
    for stop in 0..steps.len() {
        let _ = fs::remove_file(&temporary);
        let _ = fs::remove_file(&backup);
        fs::write(vault.paths().store(), &old).unwrap();
        let mut expected = 1;
        for (_, step, profiles) in &steps[..=stop] {
            step();
            expected = *profiles;
        }
        let what = steps[stop].0;
        assert_eq!(vault.profiles().unwrap().len(), expected, "after {what}");
        vault.edit(Operation::Add(Box::new(profile("next")))).unwrap();
        assert_eq!(vault.profiles().unwrap().len(), expected + 1, "after {what}");
        assert_no_leftovers(&vault);
    }
}

/// A kill between the key and the store of a first save must not stand in the way of the second.
#[test]
fn a_first_save_that_stopped_after_the_key_can_be_made_again() {
    let (_dir, vault) = new_store();
    fs::remove_file(vault.paths().store()).unwrap();
    let again = vault_in(vault.paths().dir());
    again.create(NewKey::Passphrase(secret("other words"))).unwrap();
    again.edit(Operation::Add(Box::new(profile("a")))).unwrap();
    again.lock();
    again.unlock_with_passphrase(&secret("other words")).unwrap();
    assert_eq!(again.profiles().unwrap().len(), 1);
}
