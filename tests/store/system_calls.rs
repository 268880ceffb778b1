//! A kill at every system call that can touch a file: of a save, a change of the passphrase, an import.
//!
//! `strace` kills a helper process before its n-th call of a kind. Which calls there are is recorded first,
//! between two marks of the helper, so that none is left out and none of the program's start is tried.
//! Where `strace` is not installed or may not trace, that is said loudly, and nothing counts as tried.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use vector_inspector::profile::vault::{NewKey, Operation, UnlockOptions, Vault};

use crate::fixture::*;
use crate::kill::assert_no_leftovers;
use crate::writers::helper_store;

const OTHER: &str = "another four of words";
/// Calls that change nothing that another process could find: a kill before them is one before the next.
const OF_MEMORY: [&str; 18] = [
    "mmap",
    "munmap",
    "mprotect",
    "mremap",
    "brk",
    "madvise",
    "futex",
    "rt_sigprocmask",
    "rt_sigaction",
    "sigaltstack",
    "getrandom",
    "clock_gettime",
    "clock_nanosleep",
    "sched_yield",
    "sched_getaffinity",
    "gettid",
    "getpid",
    "prctl",
];

fn imported() -> Vec<vector_inspector::profile::model::Profile> {
    ["one", "two", "three"].map(profile).to_vec()
}

/// A path that is not there: looking at it is a mark in the record.
fn mark(name: &str) {
    let _ = std::fs::symlink_metadata(format!("/mark-of-the-store-test-{name}"));
}

#[test]
#[ignore = "the process that the tests of this file start and kill"]
fn helper_does_one_thing() {
    let dir = std::env::var_os("STORE_TEST_DIR").unwrap();
    let what = std::env::var("STORE_TEST_PREFIX").unwrap();
    let vault = match what.as_str() {
        "passphrase" => {
            let vault = vault_in(Path::new(&dir));
            vault.unlock_with_passphrase(&secret(PASSPHRASE)).unwrap();
            vault
        }
        _ => helper_store().0,
    };
    let rev = vault.read().unwrap().rev;
    mark("begin");
    match what.as_str() {
        "save" => drop(vault.edit(Operation::Add(Box::new(profile("one")))).unwrap()),
        "import" => drop(vault.edit(Operation::Import { rev, profiles: imported() }).unwrap()),
        _ => vault.change_passphrase(&secret(OTHER)).unwrap(),
    }
    mark("end");
}

fn strace(dir: &Path, what: &str, options: &[&str]) -> Command {
    let mut command = Command::new("strace");
    command.args(["-f", "-qq"]).args(options).arg(std::env::current_exe().unwrap());
    command.args(["--exact", "system_calls::helper_does_one_thing", "--ignored", "--test-threads=1"]);
    command.env("STORE_TEST_DIR", dir).env("STORE_TEST_PREFIX", what).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// The name of a call in a line of strace, and the process of it.
fn call(line: &str) -> Option<(&str, &str)> {
    let (process, rest) = line.split_once(' ')?;
    let name = rest.trim_start().split('(').next()?;
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    is_name.then_some((process, name))
}

/// Each kind of call that the helper makes between its marks: how often before, and how often to the end.
fn recorded(dir: &Path, what: &str) -> Option<BTreeMap<String, (usize, usize)>> {
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().display().to_string();
    let status = strace(dir, what, &["-o", &path]).status().ok()?;
    let text = String::from_utf8_lossy(&std::fs::read(file.path()).unwrap()).into_owned();
    let begin = text.lines().find(|line| line.contains("/mark-of-the-store-test-begin"))?;
    assert!(status.success(), "{what} failed under strace");
    let (process, _) = call(begin)?;
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut inside = false;
    // strace counts for each process by itself.
    for line in text.lines().filter(|line| call(line).is_some_and(|(of, _)| of == process)) {
        inside |= line.contains("/mark-of-the-store-test-begin");
        if line.contains("/mark-of-the-store-test-end") {
            break;
        }
        let (_, name) = call(line)?;
        let count = counts.entry(name.to_owned()).or_default();
        count.1 += 1;
        if !inside {
            count.0 += 1;
        }
    }
    counts.retain(|name, (before, all)| all > before && !OF_MEMORY.contains(&name.as_str()));
    Some(counts)
}

/// Does the thing with a kill before each of its calls; `check` says whether the new state is there.
fn killed_at_each(what: &str, make: impl Fn() -> (tempfile::TempDir, Vault), check: impl Fn(&Vault) -> bool) {
    let (_dir, vault) = make();
    let Some(calls) = recorded(vault.paths().dir(), what) else {
        // Not by a macro, whose output is kept back where a test passes.
        let _ = writeln!(
            std::io::stderr(),
            "NOT RUN: a kill at every system call of {what}: strace is not installed, or may not trace"
        );
        return;
    };
    assert!(check(&vault), "{what} did nothing");
    let (mut olds, mut news) = (0, 0);
    for (name, (before, all)) in &calls {
        // A few calls more or less are made at the start, by what the system says of this machine.
        for nth in before.saturating_sub(2) + 1..=all + 3 {
            let (_dir, vault) = make();
            let (trace, inject) = (format!("trace={name}"), format!("inject={name}:signal=KILL:when={nth}"));
            let options = ["-o", "/dev/null", "-e", &trace, "-e", &inject];
            let status = strace(vault.paths().dir(), what, &options).status().unwrap();
            if status.success() {
                assert!(nth + 3 > *all && check(&vault), "{what}: nothing was killed at {name} {nth} of {all}");
                break;
            }
            if check(&vault) {
                news += 1
            } else {
                olds += 1
            }
            // Whatever it was: the next save works, and cleans up.
            vault.edit(Operation::Add(Box::new(profile("next")))).unwrap();
            assert_no_leftovers(&vault);
        }
    }
    let _ = writeln!(
        std::io::stderr(),
        "{what}: killed at {} system calls of {} kinds: {olds} whole old stores, {news} whole new ones",
        olds + news,
        calls.len()
    );
    assert!(olds > 5 && news > 0, "{what}: {olds} old, {news} new");
}

fn names(vault: &Vault) -> Vec<String> {
    let store = vault.read().unwrap();
    assert!(store.problems.is_empty());
    store.profiles.into_iter().map(|profile| profile.name).collect()
}

#[test]
fn killed_at_every_system_call_of_a_save() {
    let make = || new_store_with(NewKey::KeyFile);
    killed_at_each("save", make, |vault| match names(vault).as_slice() {
        [] => false,
        [one] if one == "one" => true,
        torn => panic!("{torn:?}"),
    });
}

#[test]
fn killed_at_every_system_call_of_an_import() {
    let make = || new_store_with(NewKey::KeyFile);
    killed_at_each("import", make, |vault| match names(vault).len() {
        0 => false,
        3 => true,
        torn => panic!("{torn} profiles"),
    });
}

#[test]
fn killed_at_every_system_call_of_a_change_of_the_passphrase() {
    killed_at_each("passphrase", new_store, |vault| {
        let opens = |words: &str| {
            let other = vault_in(vault.paths().dir());
            let opened = other.unlock_with_passphrase(&secret(words)).is_ok();
            assert!(!opened || names(&other).is_empty());
            opened
        };
        let (old, new) = (opens(PASSPHRASE), opens(OTHER));
        assert!(old != new, "the store opens with one of the two: old {old}, new {new}");
        new
    });
}

/// A store with a key file that gets its first passphrase: the key file goes last.
#[test]
fn killed_at_every_system_call_of_a_first_passphrase() {
    let make = || new_store_with(NewKey::KeyFile);
    killed_at_each("first-passphrase", make, |vault| {
        let by_words = vault_in(vault.paths().dir()).unlock_with_passphrase(&secret(OTHER)).is_ok();
        let by_file = vault.paths().key_file().exists();
        if by_file {
            vault_in(vault.paths().dir()).unlock(&UnlockOptions::default(), None).unwrap();
        }
        assert!(by_words || by_file, "nothing opens the store");
        by_words
    });
}
