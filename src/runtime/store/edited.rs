//! Profiles as they are to be saved or tested: of a form, of another profile, of an open connection.

use super::super::fields::profile_of;
use super::super::opening::{profile_by_id, shown};
use crate::app::effect::AdHoc;
use crate::app::event::Unsaved;
use crate::app::profiles::{ProfileFields, SecretChange};
use crate::profile::model::{Profile, ProfileId, SecretSource};
use crate::profile::route::ENVIRONMENT;
use crate::profile::vault::{Vault, VaultError, VaultState};
use crate::provider::{ProviderKind, ProxySpec};

/// Why the store took nothing, and the field of the form that is to blame.
pub(super) fn unsaved(error: &VaultError) -> Unsaved {
    let field = match error {
        VaultError::NameTaken { .. } | VaultError::BadName { .. } => Some("name"),
        _ => None,
    };
    Unsaved { why: error.to_string(), field }
}

pub(super) fn to_profile(vault: &Vault, fields: &ProfileFields) -> Result<Profile, Unsaved> {
    // A test may run before there is a store.
    let known = match vault.state() {
        VaultState::Unlocked => vault.profiles().map_err(|error| error.to_string())?,
        VaultState::Absent | VaultState::Locked => Vec::new(),
    };
    profile_of(fields, |id| known.iter().find(|profile| profile.id == id).cloned())
}

/// As it would be saved, but a key that is asked for each time is the one that was typed for the test.
pub(super) fn to_profile_for_test(vault: &Vault, fields: &ProfileFields) -> Result<Profile, Unsaved> {
    let mut profile = to_profile(vault, fields)?;
    match (&profile.secret, &fields.secret) {
        (Some(SecretSource::Ask), SecretChange::Set(key)) => profile.secret = Some(SecretSource::Stored(key.clone())),
        (Some(SecretSource::Ask), SecretChange::Keep | SecretChange::CopyFrom(_)) => {
            let why = "the key is asked for each time. For the test, type it into `key value`; it is not saved.";
            return Err(Unsaved::at("secret", why));
        }
        _ => {}
    }
    Ok(profile)
}

pub(super) fn with_name(vault: &Vault, id: ProfileId, name: String) -> Result<Profile, String> {
    let profile = profile_by_id(vault, None, id).map_err(|error| error.to_string())?;
    Ok(Profile { name, ..profile })
}

pub(super) fn profile_of_ad_hoc(name: &str, kind: ProviderKind, ad_hoc: AdHoc) -> Profile {
    let mut profile = Profile::new(name, kind, &shown(&ad_hoc.spec.address));
    profile.tls = ad_hoc.spec.tls;
    profile.route.proxy = match ad_hoc.spec.route.proxy {
        None => None,
        Some(ProxySpec::Environment) => Some(ENVIRONMENT.to_owned()),
        Some(ProxySpec::Given { address, .. }) => Some(address.to_string()),
    };
    profile.options = ad_hoc.spec.options;
    profile.secret = ad_hoc.secret;
    profile
}
