//! `profiles add` and `profiles edit`.

use super::fields::Fields;
use super::{find, save, unlock};
use crate::cli::{CliError, Context, Exit, Out};
use crate::profile::address::{profile_address, scheme_of};
use crate::profile::model::Profile;
use crate::profile::vault::Operation;
use crate::provider::ProviderKind;

/// What to save.
#[derive(Debug, clap::Args)]
pub(super) struct Add {
    /// Name to open it by
    name: String,
    /// qdrant://host, chroma://host, or (with --provider) host:port, http(s)://host:port, a directory
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
    #[command(flatten)]
    fields: Fields,
}

impl Add {
    /// Saves it.
    ///
    /// # Errors
    /// A wrong address, a name that is taken, why the store could not be written.
    pub(super) fn run(&self, context: &Context, out: &mut Out) -> Result<Exit, CliError> {
        let (provider, address) = read_address(&self.address, self.fields.provider())?;
        let mut profile = Profile::new(&self.name, provider, &address);
        self.fields.apply(&mut profile)?;
        let vault = unlock::vault_for_saving(context, self.key_file, out)?;
        save(&vault, Operation::Add(Box::new(profile)))
    }
}

impl Edit {
    /// Changes it.
    ///
    /// # Errors
    /// As [`Add::run`], and that there is no such profile.
    pub(super) fn run(&self, context: &Context, _out: &mut Out) -> Result<Exit, CliError> {
        let vault = unlock::vault(context)?;
        let mut profile = find(&vault, &self.name)?;
        if let Some(address) = &self.address {
            let kind = self.fields.provider().unwrap_or(profile.provider);
            (profile.provider, profile.address) = read_address(address, Some(kind))?;
        }
        self.fields.apply(&mut profile)?;
        check(profile.provider, &profile.address)?;
        save(&vault, Operation::Update(Box::new(profile)))
    }
}

/// Kind and address: a maker's scheme says the kind, and becomes the scheme of its transport.
fn read_address(address: &str, given: Option<ProviderKind>) -> Result<(ProviderKind, String), CliError> {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let (kind, transport) = match scheme_of(address).as_deref() {
        Some("qdrant" | "qdrant+http") => (Some(ProviderKind::Qdrant), Some("http")),
        Some("qdrant+https") => (Some(ProviderKind::Qdrant), Some("https")),
        Some("chroma" | "chroma+http") => (Some(ProviderKind::Chroma), Some("http")),
        Some("chroma+https") => (Some(ProviderKind::Chroma), Some("https")),
        Some(_) => (given, None),
        None if std::path::Path::new(address).is_dir() => (given.or(Some(ProviderKind::QdrantEdge)), None),
        None => (given, None),
    };
    let kind = kind.ok_or_else(|| {
        let kinds = ProviderKind::ALL.map(ProviderKind::name).join(", ");
        CliError::Usage(format!("the kind of database is not told by the address. Give --provider ({kinds})."))
    })?;
    let mut address = transport.map_or_else(|| address.to_owned(), |scheme| format!("{scheme}://{rest}"));
    if kind.is_embedded() {
        // The profile must mean the same directory wherever it is used.
        address = std::path::absolute(&address).map_or(address, |path| path.display().to_string());
    }
    check(kind, &address)?;
    Ok((kind, address))
}

fn check(kind: ProviderKind, address: &str) -> Result<(), CliError> {
    profile_address(kind, address).map_err(crate::profile::target::TargetError::from)?;
    Ok(())
}
