//! `login CLOUD`: finds what one has in a maker's cloud, tests it, and saves it as profiles. The screen's
//! twin of it is the sign-in of the palette.
//!
//! `ask` fills in what the flags leave open, `save` tests and saves. Secrets come from a variable,
//! from stdin or from a masked question, never from an argument.

mod ask;
mod save;

use std::sync::Mutex;

use serde_json::{Value, json};

use super::profiles::vault_for_saving;
use super::table::Table;
use super::{CliError, Context, Exit, Json, Out};
use crate::cloud::model::still_coming;
use crate::cloud::{self, Cloud, Found, Offer, Told};
use crate::profile::model::Environment;
use crate::profile::oidc::device::Code;
use crate::runtime::signed::said;
use save::{Ended, Place};

/// Sign in to a maker's cloud: find what is there, test it, save it as profiles
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Secrets are never arguments: they come from a variable (--key-env NAME, which the profile then reads at each \
connect), from stdin, or from a masked question.\n\
A key that a profile has is not replaced by another one without a question, or --update; and what leads through a proxy, a \
tunnel or commands is left alone.\n\
With --json: an array of {name, provider, address, detail, state, server, version, error}; state is found, \
saved, updated or failed.\nExit codes: 0 all are saved; 1 nothing was found; 5 some are; 3 or 4 none is.")]
pub struct Args {
    /// The cloud: qdrant, chroma, pinecone, weaviate, zilliz or postgres
    #[arg(value_name = "CLOUD", value_parser = cloud_of)]
    cloud: Cloud,
    #[command(flatten)]
    given: ask::Given,
    /// Save the one of this name; may be repeated
    #[arg(long, value_name = "NAME", conflicts_with_all = ["all", "list"])]
    choose: Vec<String>,
    /// Save all that is found
    #[arg(long, conflicts_with = "list")]
    all: bool,
    /// Only show what is found
    #[arg(long)]
    list: bool,
    /// Save also what could not be reached
    #[arg(long)]
    untested: bool,
    /// Replace the key of a profile that leads there with another one
    #[arg(long)]
    update: bool,
    /// Group of the new profiles, e.g. work/search
    #[arg(long, value_name = "PATH", default_value = "")]
    group: String,
    /// dev, staging or production (which is read-only)
    #[arg(long, value_name = "NAME", value_parser = super::profiles::environment)]
    environment: Option<Environment>,
    /// Keep the store's key in a file of this user's (identity.txt) if the store is made now
    #[arg(long)]
    key_file: bool,
    #[command(flatten)]
    json: Json,
}

fn cloud_of(name: &str) -> Result<Cloud, String> {
    Cloud::from_name(name).ok_or_else(|| format!("known are {}", Cloud::ALL.map(Cloud::name).join(", ")))
}

/// Finds, chooses, tests, saves.
///
/// # Errors
/// A flag that means nothing there, what the maker says, why the store could not be written.
pub async fn run(args: &Args, context: &mut Context, out: &mut Out) -> Result<Exit, CliError> {
    let answers = ask::answers(args.cloud, &args.given)?;
    let found = {
        // The question waits while the person is elsewhere: where to go is said before.
        let told = Mutex::new(&mut *out);
        let tell = |what: Told<'_>| {
            let text = match what {
                Told::Code(Code { page, code, whole: None, .. }) => {
                    format!("open {page} and type {code} there. Waiting for it.")
                }
                Told::Code(Code { page, code, whole: Some(whole), .. }) => {
                    format!("open {whole} (or {page}, and type {code} there). Waiting for it.")
                }
                Told::SignsInAt { .. } => format!("{}.", what.text().unwrap_or_default()),
            };
            if let Ok(mut out) = told.lock() {
                out.note(&text);
            }
        };
        cloud::find(args.cloud, &answers, &tell).await
    };
    let Found { offers, coming } = found.map_err(|error| CliError::provider(args.cloud.title(), error))?;
    if let Some(coming) = still_coming(&coming) {
        out.note(&format!("{coming}. Sign in again once it runs."));
    }
    if offers.is_empty() {
        out.note(if coming.is_empty() { "nothing was found there." } else { "nothing can be opened there yet." });
        if args.json.json {
            out.json(&json!([]))?;
        }
        return Ok(Exit::Nothing);
    }
    if args.list {
        return list(&offers, args.json.json, out);
    }
    let chosen = ask::choose(offers, &args.choose, args.all, out)?;
    let place = Place { group: &args.group, environment: args.environment, untested: args.untested };
    let vault = vault_for_saving(context, args.key_file, out)?;
    save::agree(&chosen, &vault, args.update)?;
    let ended = save::test_and_save(chosen, &vault, &place, context, out).await?;
    if args.json.json {
        out.json(&Value::Array(ended.iter().map(Ended::to_json).collect()))?;
    } else {
        let mut table = Table::new(["name", "provider", "address", "detail", "state", "version"]);
        for one in &ended {
            let p = &one.profile;
            table.row([&p.name, p.provider.name(), &p.address, &one.detail, one.state, one.version()]);
        }
        out.table(&table)?;
        for one in &ended {
            if let Err(error) = &one.server {
                out.note(&format!("{}: {}", one.profile.name, said(error)));
            }
        }
    }
    Ok(Exit::together(&ended.iter().map(Ended::exit).collect::<Vec<_>>()))
}

fn list(offers: &[Offer], json: bool, out: &mut Out) -> Result<Exit, CliError> {
    if json {
        let row = |offer: &Offer| {
            let p = &offer.profile;
            json!({ "name": p.name, "provider": p.provider.name(), "address": p.address, "detail": offer.detail, "state": "found" })
        };
        out.json(&Value::Array(offers.iter().map(row).collect()))?;
        return Ok(Exit::Done);
    }
    let mut table = Table::new(["name", "provider", "address", "detail"]);
    for offer in offers {
        table.row([&offer.profile.name, offer.profile.provider.name(), &offer.profile.address, &offer.detail]);
    }
    out.table(&table)?;
    Ok(Exit::Done)
}
