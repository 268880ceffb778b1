//! The secret of one connection between its attempts: what a command printed is kept for the lifetime
//! that its profile gives it, so that reconnecting does not run the command each time. Anything else
//! is read anew at each attempt.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use secrecy::SecretString;

use crate::connection::{SecretLife, SecretUse};
use crate::profile::model::SecretSource;
use crate::profile::secret::{SecretError, resolve};

/// Where one connection keeps a secret of limited life.
#[derive(Debug, Default)]
pub struct KeptSecret(Mutex<Option<Kept>>);

#[derive(Debug)]
struct Kept {
    argv: Vec<String>,
    secret: SecretString,
    fetched: Instant,
}

impl KeptSecret {
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
        let renewable = matches!(source, SecretSource::Command(_) | SecretSource::File(_));
        let SecretSource::Command(argv) = source else {
            let left = lifetime.filter(|_| renewable);
            return Ok((resolve(source)?, SecretLife { renewable, kept: false, left }));
        };
        // A panic while the lock was held leaves a whole secret or none.
        let mut place = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let (Some(kept), Some(lifetime), SecretUse::Kept) = (place.as_ref(), lifetime, wish)
            && kept.argv == *argv
            && let Some(left) = lifetime.checked_sub(kept.fetched.elapsed()).filter(|left| !left.is_zero())
        {
            return Ok((kept.secret.clone(), SecretLife { renewable, kept: true, left: Some(left) }));
        }
        *place = None;
        // Its age counts from before the command ran.
        let fetched = Instant::now();
        let secret = resolve(source)?;
        if lifetime.is_some() {
            *place = Some(Kept { argv: argv.clone(), secret: secret.clone(), fetched });
        }
        let left = lifetime.map(|lifetime| lifetime.saturating_sub(fetched.elapsed()));
        Ok((secret, SecretLife { renewable, kept: false, left }))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

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
    fn a_stored_secret_cannot_be_renewed() {
        let source = SecretSource::Stored(SecretString::from("k"));
        let (_, life) = KeptSecret::default().have(&source, Some(Duration::from_secs(1)), SecretUse::Fresh).unwrap();
        assert_eq!(life, SecretLife::default());
    }
}
