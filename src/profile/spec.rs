//! A saved profile to what `provider::connect` takes. Blocking: it resolves the secret.

use std::time::Duration;

use secrecy::SecretString;
use thiserror::Error;

use super::access::Rules;
use super::address::{self, AddressError};
use super::model::{Profile, SecretSource};
use super::route::route_spec;
use super::secret::{self, SecretError};
use crate::provider::transport::ALLOW_PLAINTEXT_KEY;
use crate::provider::{Address, ConnectSpec, Gate, Timeouts};

/// The longest timeout that is accepted; more is a slip of the finger.
const LONGEST: u64 = 24 * 60 * 60;

/// Why a profile cannot be opened as it is.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SpecError {
    /// The address is wrong.
    #[error("profile {profile:?}: {cause}")]
    Address {
        /// Its name.
        profile: String,
        /// What is wrong.
        cause: AddressError,
    },
    /// The secret could not be had.
    #[error("the secret of profile {profile:?} could not be had: {cause}")]
    Secret {
        /// Its name.
        profile: String,
        /// Why.
        cause: SecretError,
    },
    /// A timeout is zero or absurd.
    #[error("profile {profile:?}: the {which} timeout of {seconds} s is not usable. Give 1 to {LONGEST} seconds.")]
    Timeout {
        /// Its name.
        profile: String,
        /// `connect` or `request`.
        which: &'static str,
        /// What it says.
        seconds: u64,
    },
    /// The proxy's address is wrong.
    #[error(
        "profile {profile:?}: its proxy is not usable: {cause}. Give http://host:port, socks5://host:port, or `environment`."
    )]
    Proxy {
        /// Its name.
        profile: String,
        /// What is wrong; never the address, which may hold a password.
        cause: &'static str,
    },
    /// A key over plain http to another machine.
    #[error(
        "the key would travel unencrypted to {host}. Use https://, or set the option {ALLOW_PLAINTEXT_KEY} = \"true\" if the network is trusted."
    )]
    PlainTextKey {
        /// The host.
        host: String,
    },
    /// Settings of TLS on an address without TLS.
    #[error("profile {profile:?} has settings of TLS, but its address is plain http. Write https:// in the address.")]
    TlsUnused {
        /// Its name.
        profile: String,
    },
}

/// All that is needed to open the profile's database, with its secret resolved.
///
/// # Errors
/// [`SpecError`]: a wrong address, a secret that could not be had, a key in plain text.
pub fn connect_spec(profile: &Profile) -> Result<ConnectSpec, SpecError> {
    connect_spec_with(profile, secret::resolve)
}

/// The same with another way to have the secret, which is called last and at most once.
///
/// # Errors
/// As [`connect_spec`].
pub fn connect_spec_with(
    profile: &Profile,
    have: impl FnOnce(&SecretSource) -> Result<SecretString, SecretError>,
) -> Result<ConnectSpec, SpecError> {
    let name = || profile.name.clone();
    let address = address_of(profile)?;
    let default = Timeouts::default();
    let timeouts = Timeouts {
        connect: timeout(profile, "connect", profile.connect_timeout_s, default.connect)?,
        request: timeout(profile, "request", profile.request_timeout_s, default.request)?,
    };
    let options = profile.options.clone();
    let allowed = options.get(ALLOW_PLAINTEXT_KEY).is_some_and(|text| text == "true");
    if profile.secret.is_some() && !allowed {
        // Before a command is run or an agent asked for a key that must not be sent.
        check_plain_text(&address)?;
    }
    // Also of one that is only tried, before anything is started for it.
    secret::register_variables(profile);
    let route = route_spec(profile)?;
    let secret = profile.secret.as_ref().map(have).transpose();
    let secret = secret.map_err(|cause| SpecError::Secret { profile: name(), cause })?;
    // The lock of a run that has no further rules; who knows more sets it on the gate.
    let gate = Gate::new(Rules::default().lock_of(profile));
    let spec = ConnectSpec::new(profile.provider, address);
    Ok(ConnectSpec { secret, tls: profile.tls.clone(), timeouts, options, route, gate, ..spec })
}

/// Where the profile's database is. Without a scheme, settings of TLS mean TLS.
///
/// # Errors
/// [`SpecError::Address`], [`SpecError::TlsUnused`].
pub fn address_of(profile: &Profile) -> Result<Address, SpecError> {
    let mut address = address::profile_address(profile.provider, &profile.address)
        .map_err(|cause| SpecError::Address { profile: profile.name.clone(), cause })?;
    let wants_tls = profile.tls != Default::default();
    if let Address::Server { tls, .. } = &mut address
        && wants_tls
        && !*tls
    {
        if profile.address.contains("://") {
            return Err(SpecError::TlsUnused { profile: profile.name.clone() });
        }
        *tls = true;
    }
    Ok(address)
}

/// Refuses an address to which a key would travel unencrypted over a network.
///
/// # Errors
/// [`SpecError::PlainTextKey`].
pub fn check_plain_text(address: &Address) -> Result<(), SpecError> {
    match address {
        Address::Server { host, tls: false, .. } if !address::is_loopback(host) => {
            Err(SpecError::PlainTextKey { host: host.clone() })
        }
        Address::Server { .. } | Address::Directory(_) => Ok(()),
    }
}

fn timeout(
    profile: &Profile,
    which: &'static str,
    seconds: Option<u64>,
    default: Duration,
) -> Result<Duration, SpecError> {
    match seconds {
        None => Ok(default),
        Some(seconds) if (1..=LONGEST).contains(&seconds) => Ok(Duration::from_secs(seconds)),
        Some(seconds) => Err(SpecError::Timeout { profile: profile.name.clone(), which, seconds }),
    }
}
