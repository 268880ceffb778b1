//! The secret of one connection between its attempts: what a command printed is kept for the lifetime
//! that its profile gives it, so that reconnecting does not run the command each time; what the user
//! typed as long as the connection is open; the token of an identity provider, and what brings the next
//! one. Anything else is read anew at each attempt.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use secrecy::{ExposeSecret, SecretString};

use crate::connection::{SecretLife, SecretUse};
use crate::profile::destination::Destination;
use crate::profile::model::{OidcGrant, OidcSource, Profile, ProfileId, SecretSource};
use crate::profile::oidc::{self, Token};
use crate::profile::secret::{SecretError, resolve};
use crate::profile::vault::{Operation, Vault};

/// Where one connection keeps a secret of limited life, or one that was typed. `Debug` shows neither.
#[derive(Debug, Default)]
pub struct KeptSecret {
    fetched: Mutex<Option<Kept>>,
    typed: Mutex<Option<SecretString>>,
    renewed: Mutex<Option<Renewed>>,
    /// Where the secret is sent.
    to: Mutex<Option<Destination>>,
}

/// A refresh token that the provider gave for another one.
#[derive(Debug)]
struct Renewed {
    /// The one that the profile had.
    before: SecretString,
    now: SecretString,
    saved: bool,
}

#[derive(Debug)]
struct Kept {
    /// What it was fetched by: a secret of another source is another one.
    by: By,
    secret: SecretString,
    fetched: Instant,
    lifetime: Duration,
}

#[derive(Debug, PartialEq)]
enum By {
    Command(Vec<String>),
    SignIn { discovery: String, client: String },
}

impl By {
    fn of(source: &SecretSource) -> Option<Self> {
        match source {
            SecretSource::Command(argv) => Some(Self::Command(argv.clone())),
            SecretSource::Oidc(source) => {
                Some(Self::SignIn { discovery: source.discovery.clone(), client: source.client_id.clone() })
            }
            SecretSource::Stored(_) | SecretSource::Env(_) | SecretSource::File(_) | SecretSource::Ask => None,
        }
    }
}

impl KeptSecret {
    /// What the user typed, in place of what was typed before.
    pub fn give(&self, key: SecretString) {
        *whole(&self.typed) = Some(key);
    }

    /// Tells where the secret goes at this attempt. What was typed for another place was not typed for this one.
    pub fn goes_to(&self, to: Destination) {
        let before = whole(&self.to).replace(to.clone());
        if before.is_some_and(|before| before != to) {
            *whole(&self.typed) = None;
        }
    }

    /// The secret, fetched if none is kept or the kept one is too old, and what is known of its life.
    /// Blocking.
    ///
    /// # Errors
    /// Why it could not be had.
    pub fn have(
        &self,
        source: &SecretSource,
        lifetime: Option<Duration>,
        wish: SecretUse,
    ) -> Result<(SecretString, SecretLife), SecretError> {
        if let SecretSource::Ask = source {
            let typed = whole(&self.typed).clone();
            return Ok((typed.ok_or(SecretError::NotTyped)?, SecretLife::default()));
        }
        let renewable = matches!(source, SecretSource::Command(_) | SecretSource::File(_) | SecretSource::Oidc(_));
        let Some(by) = By::of(source) else {
            let left = lifetime.filter(|_| renewable);
            return Ok((resolve(source)?, SecretLife { renewable, kept: false, left }));
        };
        let mut place = whole(&self.fetched);
        if let (Some(kept), SecretUse::Kept) = (place.as_ref(), wish)
            && kept.by == by
            && let lifetime = lifetime.unwrap_or(kept.lifetime)
            && let Some(left) = lifetime.checked_sub(kept.fetched.elapsed()).filter(|left| !left.is_zero())
        {
            return Ok((kept.secret.clone(), SecretLife { renewable, kept: true, left: Some(left) }));
        }
        *place = None;
        // Its age counts from before the command ran.
        let fetched = Instant::now();
        let (secret, lifetime) = match source {
            SecretSource::Oidc(source) => {
                let token = self.sign_in(source)?;
                (token.access, lifetime.or(token.lasts))
            }
            other => (resolve(other)?, lifetime),
        };
        if let Some(lifetime) = lifetime {
            *place = Some(Kept { by, secret: secret.clone(), fetched, lifetime });
        }
        let left = lifetime.map(|lifetime| lifetime.saturating_sub(fetched.elapsed()));
        Ok((secret, SecretLife { renewable, kept: false, left }))
    }
}

impl KeptSecret {
    /// A token, for the newest refresh token there is.
    fn sign_in(&self, source: &OidcSource) -> Result<Token, SecretError> {
        let OidcGrant::Refresh { token: stored } = &source.grant else { return Ok(oidc::token_now(source)?) };
        let mut renewed = whole(&self.renewed);
        let same = |a: &SecretString, b: &SecretString| a.expose_secret() == b.expose_secret();
        // The profile may have been given another one meanwhile.
        let newest =
            renewed.as_ref().filter(|renewed| same(&renewed.before, stored)).map_or(stored, |r| &r.now).clone();
        let grant = OidcGrant::Refresh { token: newest.clone() };
        let token = oidc::token_now(&OidcSource { grant, ..source.clone() })?;
        if let Some(next) = token.refresh.clone().filter(|next| !same(next, &newest)) {
            *renewed = Some(Renewed { before: stored.clone(), now: next, saved: false });
        }
        Ok(token)
    }

    /// The profile, with the refresh token that the provider gave meanwhile, for one that is not saved yet.
    pub fn renewed_in(&self, profile: Profile) -> Profile {
        let mut renewed = whole(&self.renewed);
        match renewed.as_mut() {
            Some(renewed) => {
                renewed.saved = true;
                with_refresh_token(profile.clone(), renewed.now.clone()).unwrap_or(profile)
            }
            None => profile,
        }
    }

    /// Saves a refresh token that the provider gave for the one that it was shown: the next start needs
    /// it. Where that fails it still serves as long as the connection is open. Blocking.
    pub fn save_renewed(&self, vault: &Vault, id: ProfileId) {
        let mut renewed = whole(&self.renewed);
        let Some(renewed) = renewed.as_mut().filter(|renewed| !renewed.saved) else { return };
        let saved = vault.profiles().and_then(|profiles| {
            let found = profiles.into_iter().find(|profile| profile.id == id);
            let Some(profile) = found.and_then(|profile| with_refresh_token(profile, renewed.now.clone())) else {
                return Ok(());
            };
            vault.edit(Operation::Update(Box::new(profile))).map(drop)
        });
        match saved {
            Ok(()) => renewed.saved = true,
            Err(error) => tracing::warn!(%error, "a new refresh token was not saved"),
        }
    }
}

/// The profile with that refresh token in place of its own; `None` where it signs in otherwise.
fn with_refresh_token(mut profile: Profile, token: SecretString) -> Option<Profile> {
    let Some(SecretSource::Oidc(source)) = &mut profile.secret else { return None };
    if !matches!(source.grant, OidcGrant::Refresh { .. }) {
        return None;
    }
    source.grant = OidcGrant::Refresh { token };
    Some(profile)
}

/// A panic while the lock was held leaves a whole secret or none.
fn whole<T>(place: &Mutex<T>) -> MutexGuard<'_, T> {
    place.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// A command that prints how often it was run.
    fn counter(folder: &std::path::Path) -> SecretSource {
        let script = "echo >> \"$0\"; wc -l < \"$0\"";
        let file = folder.join("runs").display().to_string();
        SecretSource::Command(["sh", "-c", script, &file].map(str::to_owned).to_vec())
    }

    fn have(kept: &KeptSecret, source: &SecretSource, lifetime: u64, wish: SecretUse) -> (String, SecretLife) {
        let (secret, life) = kept.have(source, Some(Duration::from_secs(lifetime)), wish).unwrap();
        (secret.expose_secret().trim().to_owned(), life)
    }

    #[test]
    fn what_a_command_printed_is_kept_for_its_lifetime_and_fetched_anew_on_a_wish() {
        let folder = tempfile::tempdir().unwrap();
        let (kept, source) = (KeptSecret::default(), counter(folder.path()));
        let (first, life) = have(&kept, &source, 300, SecretUse::Kept);
        assert_eq!((first.as_str(), life.kept, life.renewable), ("1", false, true));
        assert!(life.left.unwrap() > Duration::from_secs(200));
        let (second, life) = have(&kept, &source, 300, SecretUse::Kept);
        assert_eq!((second.as_str(), life.kept), ("1", true), "the command did not run again");
        let (third, life) = have(&kept, &source, 300, SecretUse::Fresh);
        assert_eq!((third.as_str(), life.kept), ("2", false));
        assert_eq!(have(&kept, &source, 0, SecretUse::Kept).0, "3", "older than its lifetime");
        let other = counter(tempfile::tempdir_in(folder.path()).unwrap().keep().as_path());
        assert_eq!(have(&kept, &other, 300, SecretUse::Kept).0, "1", "another command, another secret");
    }

    #[test]
    fn without_a_lifetime_a_command_runs_at_each_attempt() {
        let folder = tempfile::tempdir().unwrap();
        let (kept, source) = (KeptSecret::default(), counter(folder.path()));
        for expected in ["1", "2"] {
            let (secret, life) = kept.have(&source, None, SecretUse::Kept).unwrap();
            assert_eq!(secret.expose_secret().trim(), expected);
            assert_eq!(life, SecretLife { renewable: true, kept: false, left: None });
        }
    }

    #[test]
    fn a_typed_key_is_kept_until_another_is_typed() {
        let kept = KeptSecret::default();
        let have = || kept.have(&SecretSource::Ask, None, SecretUse::Kept);
        assert_eq!(have().unwrap_err(), SecretError::NotTyped);
        for key in ["canary-first", "canary-second"] {
            kept.give(SecretString::from(key));
            for _ in 0..2 {
                let (secret, life) = have().unwrap();
                assert_eq!((secret.expose_secret(), life), (key, SecretLife::default()));
            }
        }
        assert!(!format!("{kept:?}").contains("canary"));
    }

    #[test]
    fn a_typed_key_goes_to_no_other_place_than_it_was_typed_for() {
        use crate::profile::model::Profile;
        use crate::provider::ProviderKind;
        let to = |address: &str| Destination::of(&Profile::new("p", ProviderKind::Qdrant, address));
        let kept = KeptSecret::default();
        kept.goes_to(to("https://a"));
        kept.give(SecretString::from("canary-typed"));
        kept.goes_to(to("https://a:6334"));
        assert!(kept.have(&SecretSource::Ask, None, SecretUse::Kept).is_ok());
        kept.goes_to(to("https://b"));
        assert_eq!(kept.have(&SecretSource::Ask, None, SecretUse::Kept).unwrap_err(), SecretError::NotTyped);
    }

    #[test]
    fn a_stored_secret_cannot_be_renewed() {
        let source = SecretSource::Stored(SecretString::from("k"));
        let (_, life) = KeptSecret::default().have(&source, Some(Duration::from_secs(1)), SecretUse::Fresh).unwrap();
        assert_eq!(life, SecretLife::default());
    }
}
