//! The encrypted store of profiles without a screen: make one, save a profile, open it again.
//!
//! Run with `cargo run --example vault`. It works in a temporary directory and touches nothing else.

use std::error::Error;
use std::io::Write;

use secrecy::SecretString;
use vector_inspector::profile::model::{Profile, SecretSource};
use vector_inspector::profile::spec::connect_spec;
use vector_inspector::profile::vault::{NewKey, Operation, UnlockOptions, Vault};
use vector_inspector::provider::ProviderKind;

fn main() -> Result<(), Box<dyn Error>> {
    let dir = std::env::temp_dir().join(format!("vector-inspector-example-{}", std::process::id()));
    let result = run(&dir);
    std::fs::remove_dir_all(&dir)?;
    result
}

fn run(dir: &std::path::Path) -> Result<(), Box<dyn Error>> {
    let mut out = std::io::stdout();
    let passphrase = SecretString::from("tavern glide copper museum");

    // The first save: a new key, wrapped by the passphrase. The recovery key is shown once.
    let vault = Vault::open(dir);
    let _recovery_key = vault.create(NewKey::Passphrase(passphrase.clone()))?.recovery_key;

    let mut profile = Profile::new("prod", ProviderKind::Qdrant, "https://db.example.com:6334");
    profile.secret = Some(SecretSource::Stored(SecretString::from("the API key")));
    vault.edit(Operation::Add(Box::new(profile)))?;

    // Another process: nothing can be read until the key is there.
    let vault = Vault::open(dir);
    writeln!(out, "locked: {}", vault.profiles().err().ok_or("it should be locked")?)?;
    let mut prompt = |_: &_| Some(passphrase.clone());
    vault.unlock(&UnlockOptions::default(), Some(&mut prompt))?;

    // `Debug` hides the secret; the spec is what `provider::connect` takes.
    writeln!(out, "{:?}", connect_spec(&vault.profile("prod")?)?)?;
    writeln!(out, "misspelt: {}", vault.profile("prdo").err().ok_or("there is no such profile")?)?;
    Ok(())
}
