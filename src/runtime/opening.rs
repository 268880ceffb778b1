//! From what the reducer wants opened to a connection's task: profiles are read from the vault,
//! secrets resolved afresh at every attempt, ports asked who they are, the demo made if need be.

use std::path::PathBuf;
use std::sync::Arc;

use secrecy::ExposeSecret;
use tokio::task::spawn_blocking;

use super::progress::Progress;
use crate::app::effect::{AdHoc, OpenRequest, OpenSource};
use crate::connection::handle::Settings;
use crate::connection::message::ConnectionId;
use crate::connection::registry::Registry;
use crate::demo;
use crate::profile::ask_port::ask_port;
use crate::profile::model::{Environment, Profile, ProfileId};
use crate::profile::spec::connect_spec;
use crate::profile::target::Target;
use crate::profile::vault::Vault;
use crate::provider::{self, Address, ConnectSpec, Provider, ProviderError, ProviderKind, Timeouts};
use crate::text::register_secret;

/// What opening needs from outside.
#[derive(Clone)]
pub struct Opener {
    /// The store of profiles.
    pub vault: Arc<Vault>,
    /// Where the demo is.
    pub demo_dir: PathBuf,
    /// Limits where a profile or URL says nothing.
    pub timeouts: Timeouts,
    /// Where the progress of making the demo goes.
    pub progress: Progress,
}

impl Opener {
    /// Starts the task of a connection.
    pub fn open(&self, registry: &mut Registry, connection: ConnectionId, source: OpenSource) {
        let settings = Settings::from(match &source {
            OpenSource::AdHoc(ad_hoc) => ad_hoc.spec.timeouts,
            OpenSource::Profile(_) | OpenSource::Demo => self.timeouts,
        });
        let opener = self.clone();
        let connector = move || {
            let (opener, source) = (opener.clone(), source.clone());
            async move {
                let spec = opener.spec(source).await?;
                provider::connect(&spec).await
            }
        };
        registry.open(connection, connector, settings);
    }

    /// The spec of a source, with its secret as it is now.
    async fn spec(&self, source: OpenSource) -> provider::Result<ConnectSpec> {
        match source {
            OpenSource::AdHoc(ad_hoc) => {
                let AdHoc { mut spec, ask, .. } = *ad_hoc;
                spec.timeouts = self.timeouts;
                if let Some(secret) = &spec.secret {
                    register_secret(secret.expose_secret());
                }
                match ask {
                    Some(tls) => ask_port(spec, tls).await,
                    None => Ok(spec),
                }
            }
            OpenSource::Profile(id) => self.profile_spec(id).await,
            OpenSource::Demo => {
                let progress = self.progress.clone();
                let job = progress.start("making the demo");
                let prepared =
                    demo::ensure(&self.demo_dir, |p| progress.report(job, p.done as u64, Some(p.total as u64))).await;
                progress.end(job);
                prepared?;
                Ok(ConnectSpec::directory(ProviderKind::QdrantEdge, &self.demo_dir))
            }
        }
    }

    async fn profile_spec(&self, id: ProfileId) -> provider::Result<ConnectSpec> {
        let vault = Arc::clone(&self.vault);
        let default = self.timeouts;
        let found = spawn_blocking(move || {
            let mut profile = profile_by_id(&vault, id)?;
            profile.connect_timeout_s.get_or_insert(default.connect.as_secs().max(1));
            profile.request_timeout_s.get_or_insert(default.request.as_secs().max(1));
            connect_spec(&profile).map_err(|error| not_possible(error.to_string()))
        });
        let spec = found.await.map_err(|fault| ProviderError::Panicked { cause: fault.to_string() })??;
        if let Some(secret) = &spec.secret {
            register_secret(secret.expose_secret());
        }
        Ok(spec)
    }
}

/// The profile with this identity, as it is in the store now.
pub(super) fn profile_by_id(vault: &Vault, id: ProfileId) -> provider::Result<Profile> {
    let profiles = vault.profiles().map_err(|error| not_possible(error.to_string()))?;
    profiles
        .into_iter()
        .find(|profile| profile.id == id)
        .ok_or_else(|| not_possible("the profile was deleted from the store".to_owned()))
}

fn not_possible(cause: String) -> ProviderError {
    ProviderError::BadRequest { cause, mend: "Correct the profile (e in the sidebar), then retry (!).".to_owned() }
}

/// Connects once and says who answered, for the form's test and for nothing else.
pub(super) async fn try_profile(profile: Profile) -> Result<String, String> {
    let spec = spawn_blocking(move || connect_spec(&profile).map_err(|error| error.to_string()));
    let spec = spec.await.map_err(|fault| fault.to_string())??;
    if let Some(secret) = &spec.secret {
        register_secret(secret.expose_secret());
    }
    let started = std::time::Instant::now();
    let limit = spec.timeouts.connect + spec.timeouts.request;
    let connecting = async {
        let provider: Box<dyn Provider> = provider::connect(&spec).await?;
        provider.ping().await
    };
    let server = tokio::time::timeout(limit, connecting)
        .await
        .map_err(|_| ProviderError::TimedOut { what: "the test".to_owned(), after: limit }.to_string())?
        .map_err(|error| error.to_string())?;
    let took = crate::text::format::duration(started.elapsed());
    Ok(format!("connected: {} {} in {took}", server.product, server.version))
}

/// What the reducer needs to know of a target that is no profile.
pub(super) fn open_request(target: Target) -> Result<OpenRequest, String> {
    let (label, spec, ask, secret) = match target {
        Target::Demo => return Ok(OpenRequest::demo()),
        Target::Profile(name) => return Err(name),
        Target::Spec { label, spec, secret } => (label, *spec, None, secret),
        Target::Ask { label, tls, spec, secret } => (label, *spec, Some(tls), secret),
    };
    Ok(OpenRequest {
        label,
        kind: spec.kind,
        address: shown(&spec.address),
        environment: Environment::Dev,
        read_only: false,
        insecure: spec.tls.insecure,
        color: None,
        source: OpenSource::AdHoc(Box::new(AdHoc { spec, ask, secret })),
    })
}

/// An address as it is shown.
pub(super) fn shown(address: &Address) -> String {
    match address {
        Address::Server { host, port, tls } => {
            let scheme = if *tls { "https" } else { "http" };
            // An IPv6 address needs its brackets, or its end reads as a port.
            if host.contains(':') { format!("{scheme}://[{host}]:{port}") } else { format!("{scheme}://{host}:{port}") }
        }
        Address::Directory(path) => path.display().to_string(),
    }
}
