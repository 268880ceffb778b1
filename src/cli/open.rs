//! From a word to an open database, each step within its deadline.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use secrecy::ExposeSecret;

use super::{CliError, Context, Out, demo};
use crate::profile::ask_port::ask_port;
use crate::profile::last_used;
use crate::profile::model::ProfileId;
use crate::profile::target::{self, Target};
use crate::profile::whereabouts::Whereabouts;
use crate::provider::{self, ConnectSpec, Provider, ProviderError};
use crate::text::register_secret;

/// What a word stands for, with everything known that can be known without the network.
pub struct Resolved {
    /// What it is called in output.
    pub label: String,
    /// How to open it.
    pub spec: ConnectSpec,
    /// `Some` when the port has to be asked first who it is: with, without, or with either of TLS.
    pub ask: Option<Option<bool>>,
    /// The profile that it is, and where the moment of its use is kept.
    pub used: Option<(PathBuf, ProfileId)>,
    /// It is no profile: which profiles lead there was not asked yet.
    pub ad_hoc: bool,
}

/// An open database.
pub struct Opened {
    /// What it is called in output.
    pub label: String,
    /// The database.
    pub provider: Box<dyn Provider>,
    /// Longest wait for an answer.
    pub request: Duration,
}

/// Resolves a word: reads the store for a profile, makes the demo if it is not there yet.
///
/// # Errors
/// A word that is no target, a locked store, a demo that could not be made.
pub async fn resolve(word: &str, context: &mut Context, out: &mut Out) -> Result<Resolved, CliError> {
    let target = target::parse(word, &Context::env)?;
    let label = target.label().to_owned();
    let (spec, ask) = match target {
        Target::Demo => (context.with_general_limits(demo::prepare(context, out).await?)?, None),
        Target::Profile(name) => {
            let (spec, profile) = super::profiles::spec_of(&name, context, out).await?;
            return Ok(finished(label, spec, None, context)?.of_profile(profile, context));
        }
        Target::Spec { spec, .. } => (context.with_general_limits(*spec)?, None),
        Target::Ask { spec, tls, .. } => (context.with_general_limits(*spec)?, Some(tls)),
    };
    finished(label, spec, ask, context)
}

/// A spec with what the command line says of all.
///
/// # Errors
/// A configuration that is wrong.
pub fn finished(
    label: String,
    spec: ConnectSpec,
    ask: Option<Option<bool>>,
    context: &Context,
) -> Result<Resolved, CliError> {
    if let Some(secret) = &spec.secret {
        // Whatever a driver says about it from now on, no message shows it.
        register_secret(secret.expose_secret());
    }
    if let Some(lock) = context.rules()?.lock_of_ad_hoc() {
        // Whatever the target is: the whole run may not write.
        spec.gate.set_lock(Some(lock));
    }
    Ok(Resolved { label, spec: context.limited(spec), ask, used: None, ad_hoc: true })
}

impl Resolved {
    /// The same, of a profile: the moment when it is opened is kept.
    #[must_use]
    pub fn of_profile(self, profile: Option<ProfileId>, context: &Context) -> Self {
        let ad_hoc = profile.is_none();
        Self { used: profile.and_then(|id| Some((context.state_dir().ok()?, id))), ad_hoc, ..self }
    }

    /// Locks what is no profile as read-only profiles say that lead to the same database, as far as they are known
    /// or can be read without asking anybody. For who is about to write.
    ///
    /// # Errors
    /// A configuration that is wrong.
    pub fn lock_by_profiles(&self, context: &Context) -> Result<(), CliError> {
        if self.ad_hoc {
            let at = Whereabouts::of_spec(&self.spec, self.ask.is_some());
            self.spec.gate.set_lock(super::profiles::known_locks(context)?.lock_of_ad_hoc(&at, context.rules()?));
        }
        Ok(())
    }

    /// Connects within the spec's own limit.
    ///
    /// # Errors
    /// Why there is no connection.
    pub async fn connect(self) -> Result<Opened, ProviderError> {
        let limit = self.spec.timeouts.connect + self.spec.route.allowance();
        let connecting = async {
            let spec = match self.ask {
                Some(tls) => ask_port(self.spec, tls).await?,
                None => self.spec,
            };
            let request = spec.timeouts.request;
            let opened = Opened { label: self.label, provider: provider::connect(&spec).await?, request };
            if let Some((dir, id)) = self.used {
                // A list without this moment is no reason to fail.
                let _ = tokio::task::spawn_blocking(move || last_used::note(&dir, id)).await;
            }
            Ok(opened)
        };
        // The provider keeps the limit itself and names the step that took too long; this is for one that does not.
        within("connecting", limit + Duration::from_secs(1), connecting).await
    }
}

/// Resolves and connects.
///
/// # Errors
/// As [`resolve`] and [`Resolved::connect`].
pub async fn open(word: &str, context: &mut Context, out: &mut Out) -> Result<Opened, CliError> {
    let resolved = resolve(word, context, out).await?;
    let label = resolved.label.clone();
    resolved.connect().await.map_err(|error| CliError::provider(&label, error))
}

impl Opened {
    /// Waits for an answer, no longer than the request's limit.
    ///
    /// # Errors
    /// The provider's own, or that time ran out, with the target's name.
    pub async fn ask<T>(
        &self,
        what: &str,
        answer: impl Future<Output = Result<T, ProviderError>>,
    ) -> Result<T, CliError> {
        self.answer(what, answer).await.map_err(|error| self.error(error))
    }

    /// As [`Self::ask`], with the provider's own error.
    ///
    /// # Errors
    /// The provider's own, or that time ran out.
    pub async fn answer<T>(
        &self,
        what: &str,
        answer: impl Future<Output = Result<T, ProviderError>>,
    ) -> Result<T, ProviderError> {
        within(what, self.request, answer).await
    }

    /// The error with the target's name.
    pub fn error(&self, error: ProviderError) -> CliError {
        CliError::provider(&self.label, error)
    }
}

/// Waits for an answer for so long.
async fn within<T>(
    what: &str,
    limit: Duration,
    answer: impl Future<Output = Result<T, ProviderError>>,
) -> Result<T, ProviderError> {
    let started = Instant::now();
    tokio::time::timeout(limit, answer)
        .await
        .unwrap_or_else(|_| Err(ProviderError::TimedOut { what: what.to_owned(), after: started.elapsed() }))
}
