//! `profiles add` and `profiles edit`.

use std::collections::BTreeMap;

use super::fields::Fields;
use super::{consent, own, profiles, save, unlock, warn, warn_insecure};
use crate::cli::{CliError, Context, Exit, Out};
use crate::profile::access::{Rules, opening};
use crate::profile::address::{AddressError, ServerUrl, directory_url, profile_address, scheme_of};
use crate::profile::destination::Moved;
use crate::profile::model::Profile;
use crate::profile::store_url;
use crate::profile::target::{self, TargetError};
use crate::profile::vault::Operation;
use crate::provider::transport::Server;
use crate::provider::{Maker, Protocol, ProviderKind};

/// What to save.
#[derive(Debug, clap::Args)]
pub(super) struct Add {
    /// Name to open it by
    name: String,
    /// A maker's URL (qdrant://host, postgres://me@host/db ...), a directory, or (with --provider) host:port or http(s)://host:port
    address: String,
    /// Keep the store's key in a file of this user's (identity.txt) if the store is made now: for machines nobody sits at
    #[arg(long)]
    key_file: bool,
    #[command(flatten)]
    fields: Fields,
}

/// What to change.
#[derive(Debug, clap::Args)]
pub(super) struct Edit {
    /// Its name
    name: String,
    /// Another address
    #[arg(long, value_name = "ADDRESS")]
    address: Option<String>,
    /// Do not ask before what is read-only becomes writable: the profile, or the database that it is led away from
    #[arg(long)]
    yes: bool,
    /// Let the saved key (or the proxy's password) be sent to the new address or by the new way
    #[arg(long)]
    move_key: bool,
    #[command(flatten)]
    fields: Fields,
}

impl Add {
    /// Saves it.
    ///
    /// # Errors
    /// A wrong address, a name that is taken, why the store could not be written.
    pub(super) fn run(&self, context: &Context, out: &mut Out) -> Result<Exit, CliError> {
        let place = read_address(&self.address, self.fields.provider())?;
        let mut profile = Profile::new(&self.name, place.kind, "");
        place.put_into(&mut profile);
        self.fields.apply(&mut profile)?;
        warn(&profile, out);
        warn_insecure(&profile, out);
        let vault = unlock::vault_for_saving(context, self.key_file, out)?;
        save(&vault, Operation::Add(Box::new(profile)), &format!("saved the new profile {}.", self.name), out)
    }
}

impl Edit {
    /// Changes it.
    ///
    /// # Errors
    /// As [`Add::run`], and that there is no such profile.
    pub(super) fn run(&self, context: &Context, out: &mut Out) -> Result<Exit, CliError> {
        let vault = unlock::vault(context)?;
        let mut profile = own(&vault, &self.name, context)?;
        let before = profile.clone();
        if let Some(address) = &self.address {
            let kind = self.fields.provider().unwrap_or(profile.provider);
            read_address(address, Some(kind))?.put_into(&mut profile);
        }
        self.fields.apply(&mut profile)?;
        check(profile.provider, &profile.address)?;
        if !self.move_key
            && let Some(moved) = Moved::between(&before, &profile, self.fields.given())
        {
            return Err(CliError::KeyMoved { profile: self.name.clone(), moved });
        }
        warn(&profile, out);
        let rules = Rules { run: false, ..context.rules()? };
        let frees = context.known.frees(&before, Some(&profile), rules);
        if let Some(question) = opening(&before, &profile, frees, rules) {
            consent(self.yes, "nothing was changed", &question, out)?;
        }
        warn_insecure(&profile, out);
        let exit =
            save(&vault, Operation::Update(Box::new(profile.clone())), &format!("changed {}.", profile.name), out)?;
        if self.fields.opens() {
            // As it was saved: what was known before is of the profile that it was.
            profiles(&vault, context)?;
            if let Some(lock) = context.known.lock_of(&profile, rules) {
                out.note(&format!("{} stays read-only: {lock}.", profile.name));
            }
        }
        Ok(exit)
    }
}

/// Where a profile's database is.
struct Place {
    kind: ProviderKind,
    address: String,
    /// What the URL says besides, as options of the maker: user, database.
    options: BTreeMap<String, String>,
}

impl Place {
    fn put_into(self, profile: &mut Profile) {
        (profile.provider, profile.address) = (self.kind, self.address);
        profile.options.extend(self.options);
    }
}

/// Kind and address: a maker's scheme says the kind.
fn read_address(text: &str, given: Option<ProviderKind>) -> Result<Place, CliError> {
    let long = store_url::spelled_out(text);
    let text = long.as_deref().unwrap_or(text);
    let by_scheme = scheme_of(text).and_then(|scheme| Maker::of_scheme(&scheme));
    let kind = match by_scheme {
        Some((maker, _)) => Some(maker.kind),
        None => given.or_else(|| kind_of_directory(text)),
    };
    if kind.is_none() && target::looks_like_path(text) {
        // What is not there has no kind; one that is there and is no directory neither.
        let path = std::path::Path::new(text);
        let shown = text.to_owned();
        return Err(match path.exists() {
            true => TargetError::IsFile { path: shown },
            false => TargetError::NothingThere { path: shown, found: "does not exist" },
        }
        .into());
    }
    let kind = kind.ok_or_else(|| {
        let kinds = ProviderKind::NAMES.join(", ");
        CliError::Usage(format!("the kind of database is not told by the address. Give --provider ({kinds})."))
    })?;
    let mut options = BTreeMap::new();
    let mut address = text.to_owned();
    if kind.is_embedded() {
        if by_scheme.is_some() {
            let (path, given) = directory_url(text);
            if !given.is_empty() {
                return Err(TargetError::from(AddressError::Options).into());
            }
            path.clone_into(&mut address);
        }
        // The profile must mean the same directory wherever it is used.
        address = std::path::absolute(&address).map_or(address, |path| path.display().to_string());
    } else if let (Some((maker, tls)), Some(place)) = (by_scheme, kind.maker().server()) {
        let url = ServerUrl::parse_for(text, Some(place)).map_err(TargetError::from)?;
        for (option, value) in [(place.user_option, url.user), (place.path_option, url.path)] {
            if let (Some(option), Some(value)) = (option, value) {
                options.insert(option.to_owned(), value);
            }
        }
        // Those that a short URL stands for are settings like any other.
        if !url.options.iter().all(|(name, _)| long.is_some() && maker.has_option(name)) {
            return Err(TargetError::from(AddressError::Options).into());
        }
        options.extend(url.options);
        let named = Server::new(&url.host, url.port.unwrap_or(place.port), tls);
        // Without a port the maker's own is meant, today and later.
        let shown = if url.host.contains(':') { format!("[{}]", url.host) } else { url.host };
        let server = if url.port.is_some() { named.to_string() } else { shown };
        let scheme = if tls { "https" } else { "http" };
        // Where the maker's own scheme says more than whether there is TLS, it stays.
        let scheme = if place.protocol == Protocol::Own {
            maker.schemes().iter().find(|(_, t)| *t == tls).map_or(scheme, |(name, _)| *name)
        } else {
            scheme
        };
        address = format!("{scheme}://{server}");
    }
    check(kind, &address)?;
    Ok(Place { kind, address, options })
}

/// The kind of database in a directory; embedded Qdrant for one that is none yet.
fn kind_of_directory(text: &str) -> Option<ProviderKind> {
    let path = std::path::Path::new(text);
    let recognised = target::recognise(path).ok();
    if path.is_dir() { recognised.or(Some(ProviderKind::QdrantEdge)) } else { None }
}

fn check(kind: ProviderKind, address: &str) -> Result<(), CliError> {
    profile_address(kind, address).map_err(TargetError::from)?;
    Ok(())
}
