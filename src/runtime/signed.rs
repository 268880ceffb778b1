//! From what was found to what is saved: tested, under a name that is free, or in place of the profile
//! that leads to the same database already.

use std::time::Duration;

use secrecy::ExposeSecret;
use tokio::task::spawn_blocking;

use super::kept_secret::KeptSecret;
use crate::cloud::model::free_name;
use crate::connection::SecretUse;
use crate::profile::model::Profile;
use crate::profile::secret::SecretError;
use crate::profile::spec::{SpecError, connect_spec_with};
use crate::profile::vault::Operation;
use crate::provider::{self, ProviderError, Result, ServerInfo, Timeouts};
use crate::text::register_secret;

/// A profile, and who answered there.
pub struct Tested {
    /// The profile, as it is to be saved.
    pub profile: Profile,
    /// Who answered, or why nobody did.
    pub server: Result<ServerInfo>,
}

/// Connects once with the profile as it would be saved.
pub async fn test(profile: Profile, timeouts: Timeouts) -> Tested {
    let mut limited = profile.clone();
    limited.connect_timeout_s.get_or_insert(timeouts.connect.as_secs().max(1));
    limited.request_timeout_s.get_or_insert(timeouts.request.as_secs().max(1));
    let prepared = spawn_blocking(move || {
        let kept = KeptSecret::default();
        let have = |source: &_| kept.have(source, None, SecretUse::Fresh).map(|(secret, _)| secret);
        let spec = connect_spec_with(&limited, have);
        (spec, kept)
    });
    let (spec, kept) = match prepared.await {
        Ok(prepared) => prepared,
        Err(fault) => return Tested { profile, server: Err(ProviderError::Panicked { cause: fault.to_string() }) },
    };
    // The test may have cost the refresh token that the sign-in gave.
    let profile = kept.renewed_in(profile);
    let spec = match spec {
        Ok(spec) => spec,
        Err(SpecError::Secret { cause: SecretError::SignIn(cause), .. }) => {
            return Tested { profile, server: Err(cause) };
        }
        Err(error) => {
            let mend = "Correct it, then sign in again.".to_owned();
            return Tested { profile, server: Err(ProviderError::BadRequest { cause: error.to_string(), mend }) };
        }
    };
    if let Some(secret) = &spec.secret {
        register_secret(secret.expose_secret());
    }
    let limit = timeouts.connect + timeouts.request + Duration::from_secs(1);
    let asking = async { provider::connect(&spec).await?.ping().await };
    let late = || ProviderError::TimedOut { what: "the test".to_owned(), after: limit };
    let server = tokio::time::timeout(limit, asking).await.unwrap_or_else(|_| Err(late()));
    Tested { profile, server }
}

/// How it is saved: as a new profile under a free name, or in place of the one that leads to the same
/// database (of several one without a key, as the copy of a signed-in profile is), which keeps its name, group
/// and all else that the sign-in knows nothing of.
pub fn operation(mut profile: Profile, known: &[Profile]) -> (Operation, Profile, bool) {
    let same = |one: &&Profile| {
        let place = |p: &Profile, option: &str| p.options.get(option).cloned().unwrap_or_default();
        one.provider == profile.provider
            && one.address == profile.address
            && ["tenant", "database", "user"].iter().all(|option| place(one, option) == place(&profile, option))
    };
    if let Some(before) = known.iter().filter(same).min_by_key(|one| one.secret.is_some()) {
        let mut after = before.clone();
        // Without a new key the old one stays.
        if profile.secret.is_some() {
            (after.secret, after.secret_lifetime_s) = (profile.secret, profile.secret_lifetime_s);
        }
        after.options.extend(profile.options);
        if profile.tls.ca_file.is_some() {
            after.tls.ca_file = profile.tls.ca_file;
        }
        return (Operation::Update(Box::new(after.clone())), after, false);
    }
    profile.name = free_name(&profile.name, &|name| known.iter().any(|one| one.name == name));
    (Operation::Add(Box::new(profile.clone())), profile, true)
}
