//! Unlocking the store of profiles, and saving into it.

use std::time::{Duration, Instant};

use secrecy::SecretString;
use vector_inspector::profile::model::{Profile, SecretSource};
use vector_inspector::profile::vault::{NewKey, Operation, Vault};
use vector_inspector::provider::ProviderKind;

use crate::program;
use crate::report::{Row, Sorted, Verdict};

const PASSPHRASE: &str = "tavern glide copper museum";

pub fn rows() -> Vec<Row> {
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("vector-inspector");
    let vault = vault_with(&config, 50);
    let mut rows = vec![unlock(&config), on_screen(&config), save(&vault, 50)];
    rows.push(save(&vault_with(&dir.path().join("large"), 500), 500));
    rows
}

/// A store with so many profiles.
fn vault_with(config: &std::path::Path, profiles: usize) -> Vault {
    let vault = Vault::open(config);
    vault.create(NewKey::Passphrase(SecretString::from(PASSPHRASE))).unwrap();
    for i in 0..profiles {
        vault.edit(Operation::Add(Box::new(profile(&format!("profile {i}"))))).unwrap();
    }
    vault
}

fn profile(name: &str) -> Profile {
    let mut profile = Profile::new(name, ProviderKind::Qdrant, "https://db.example.com:6334");
    profile.secret = Some(SecretSource::Stored(SecretString::from("an API key that nobody has")));
    profile
}

fn unlock(config: &std::path::Path) -> Row {
    let times = (0..5).map(|_| {
        let vault = Vault::open(config);
        let started = Instant::now();
        vault.unlock_with_passphrase(&SecretString::from(PASSPHRASE)).unwrap();
        vault.profiles().unwrap();
        started.elapsed().as_secs_f64()
    });
    let times = Sorted::new(times.collect());
    Row::new(
        "unlock the store",
        "<= 2 s",
        format!("{:.2} s", times.median()),
        Verdict::of(times.median() <= 2.0),
        format!("median of 5, {} s; passphrase, scrypt, 50 profiles read", times.range(2)),
    )
}

/// The same in the program, with keys pressed meanwhile.
fn on_screen(config: &std::path::Path) -> Row {
    let data = program::data_with_demo();
    let mut demo = program::demo(data.path(), &["--config-dir", config.to_str().unwrap()]);
    demo.wait_for_text("profiles are locked");
    program::open_first_collection(&mut demo, 1);
    demo.type_keys("U");
    demo.wait_for_text("assphrase");
    demo.type_keys(PASSPHRASE);
    program::wait_until_quiet(&demo, Duration::from_millis(300));
    let started = Instant::now();
    demo.type_keys("<enter>");
    demo.wait_for_text("nlocking");
    // The box goes, the work goes on.
    demo.type_keys("<esc>");
    // An escape and a letter that come together are alt and the letter.
    demo.wait_for("the box gone", |screen| !screen.contents().contains("assphrase"));
    let mut times = Vec::new();
    while demo.contents().contains("unlocking ...") {
        times.push(program::key_to_other_row(
            &mut demo,
            if times.len().is_multiple_of(2) { "j" } else { "k" },
            program::PANE,
        ));
    }
    let took = started.elapsed().as_secs_f64();
    demo.wait_for_text("profile 4");
    let times = Sorted::new(times);
    let (p50, most) = (times.median(), times.percentile(100.0));
    Row::new(
        "key to frame while the store is unlocked",
        "the screen answers",
        format!("p50 {p50:.2} ms, longest {most:.2} ms"),
        Verdict::of(most <= 100.0),
        format!("{} keys in the {took:.2} s from enter to unlocked; ok: longest <= 100 ms", times.len()),
    )
}

fn save(vault: &Vault, profiles: usize) -> Row {
    let times = (0..30).map(|i| {
        let started = Instant::now();
        vault.edit(Operation::Add(Box::new(profile(&format!("another {i}"))))).unwrap();
        started.elapsed().as_secs_f64() * 1e3
    });
    let times = Sorted::new(times.collect());
    Row::new(
        &format!("save a profile among {profiles}"),
        "<= 30 ms",
        format!("{:.1} ms", times.median()),
        Verdict::of(times.median() <= 30.0),
        format!("median of 30, {} ms; with backup and fsync", times.range(1)),
    )
}
