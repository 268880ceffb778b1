//! Tests what was found, and saves what answered.

use serde_json::{Value, json};
use tokio::task::block_in_place;

use crate::cli::{CliError, Context, Exit, Out, prompt};
use crate::cloud::Offer;
use crate::cloud::model::Updates;
use crate::profile::model::{Environment, Profile, group_path};
use crate::profile::vault::Vault;
use crate::provider::{ProviderError, ServerInfo, Timeouts};
use crate::runtime::signed::{Tested, operation, said, test, updates};

/// Where the new profiles stand.
pub(super) struct Place<'a> {
    pub group: &'a str,
    pub environment: Option<Environment>,
    /// Save also what could not be reached.
    pub untested: bool,
}

/// What became of one.
pub(super) struct Ended {
    pub profile: Profile,
    pub detail: String,
    /// `saved`, `updated` or `failed`.
    pub state: &'static str,
    pub server: Result<ServerInfo, ProviderError>,
}

impl Ended {
    pub(super) fn version(&self) -> &str {
        self.server.as_ref().map_or("", |server| &server.version)
    }

    pub(super) fn exit(&self) -> Exit {
        match (&self.server, self.state) {
            (Err(error), "failed") => Exit::of(error.kind()),
            _ => Exit::Done,
        }
    }

    pub(super) fn to_json(&self) -> Value {
        let server = self.server.as_ref().ok();
        json!({
            "name": self.profile.name,
            "provider": self.profile.provider.name(),
            "address": self.profile.address,
            "detail": self.detail,
            "state": self.state,
            "server": server.map(|server| &server.product),
            "version": server.map(|server| &server.version),
            "error": self.server.as_ref().err().map(said),
        })
    }
}

/// Asks before a key is replaced by another one: it could not be had back.
///
/// # Errors
/// `Usage` where the user would rather not, or nobody can be asked.
pub(super) fn agree(offers: &[Offer], vault: &Vault, update: bool) -> Result<(), CliError> {
    let known = block_in_place(|| vault.profiles())?;
    let all = offers.iter().filter_map(|offer| updates(&offer.profile, &known));
    for Updates { name, .. } in all.filter(|updates| updates.replaces_key && !update) {
        if !prompt::interactive() {
            return Err(CliError::Usage(format!(
                "the profile {name:?} leads there already, with another key. Give --update to replace its key. Nothing was saved."
            )));
        }
        let question =
            format!("The profile {name:?} leads there already, with another key. Replace its key (yes or no)?");
        let answer = prompt::line(&question).unwrap_or_default();
        if !matches!(answer.trim(), "y" | "yes") {
            return Err(CliError::Usage(format!("the key of {name:?} stays. Nothing was saved.")));
        }
    }
    Ok(())
}

/// Tests all at once, then saves one after the other, each under a name that is free.
///
/// # Errors
/// Why the store could not be written.
pub(super) async fn test_and_save(
    offers: Vec<Offer>,
    vault: &Vault,
    place: &Place<'_>,
    context: &Context,
    out: &mut Out,
) -> Result<Vec<Ended>, CliError> {
    let config = context.config()?;
    let mut timeouts = Timeouts { connect: config.connect_timeout, request: config.request_timeout };
    if let Some(limit) = context.common.timeout.map(std::time::Duration::from_secs_f64) {
        timeouts = Timeouts { connect: limit, request: limit };
    }
    let details: Vec<String> = offers.iter().map(|offer| offer.detail.clone()).collect();
    let tests = offers.into_iter().map(|offer| test(offer.profile, timeouts));
    let tested = futures::future::join_all(tests).await;
    let mut ended = Vec::new();
    for (Tested { mut profile, server }, detail) in tested.into_iter().zip(details) {
        if server.is_err() && !place.untested {
            ended.push(Ended { profile, detail, state: "failed", server });
            continue;
        }
        profile.group = group_path(place.group);
        profile.environment = place.environment.unwrap_or_default();
        if let Some(warning) = crate::profile::exposure::Exposure::of(&profile).warning() {
            out.note(&format!("{}: {warning}", profile.name));
        }
        let (operation, profile, is_new) = operation(profile, &vault.profiles()?);
        block_in_place(|| vault.edit(operation))?;
        ended.push(Ended { profile, detail, state: if is_new { "saved" } else { "updated" }, server });
    }
    Ok(ended)
}
