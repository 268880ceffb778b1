//! Why a word is no target, in sentences that say what would be one.

use thiserror::Error;

use crate::profile::address::AddressError;
use crate::provider::{DirectoryPlace, Maker, Place, ProviderKind};
use crate::text::nearest;

/// Why a word is no target.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TargetError {
    /// Not a scheme.
    #[error("{scheme}:// is not known.{} Known are {}.", near_scheme(scheme), known_schemes())]
    UnknownScheme {
        /// The scheme.
        scheme: String,
    },
    /// A scheme of a maker that comes later.
    #[error(
        "{scheme}:// is not in this build. It opens {}, directories of {}, and the demo.",
        known_schemes(),
        known_directories()
    )]
    NotInThisBuild {
        /// The scheme.
        scheme: String,
    },
    /// A maker that this program opens, but not this build.
    #[error(
        "{maker} is not in this build: {word} cannot be opened. Take the released binary, or build with \
         `cargo build --release --features {feature}`."
    )]
    NeedsFeature {
        /// The maker.
        maker: &'static str,
        /// What was given.
        word: String,
        /// The cargo feature.
        feature: &'static str,
    },
    /// An object store.
    #[error(
        "{scheme}:// is no object store that LanceDB is opened in here. Known are s3://, gs:// and az://; copy the tables to \
         one of them or to a directory of this machine."
    )]
    ObjectStore {
        /// The scheme.
        scheme: String,
    },
    /// The address is wrong.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// An option after `?` is not known for that kind of server.
    #[error("option {name:?} is not known for {what}. Known are {known}.")]
    UnknownOption {
        /// The option's name.
        name: String,
        /// For what.
        what: &'static str,
        /// The known ones.
        known: String,
    },
    /// The variable named by `key_env` is not set.
    #[error("the environment variable {name}, named by key_env, is not set or empty. Set it to the key of {host}.")]
    NoKey {
        /// Its name.
        name: String,
        /// For which host and port.
        host: String,
    },
    /// What `key_env` says is no variable's name; perhaps it is the key itself, so it is not repeated.
    #[error(
        "key_env takes the name of an environment variable (capital letters, digits, underscores), not the key itself."
    )]
    NoVariable,
    /// The proxy after `?` is none.
    #[error(
        "the proxy of the URL is not usable: {cause}. Give proxy=http://host:port, proxy=socks5://host:port or proxy=environment."
    )]
    Proxy {
        /// What is wrong; never the address, which may hold a password.
        cause: &'static str,
    },
    /// A path that was given with its maker does not exist.
    #[error("{path} does not exist. Give a directory with a database, a profile's name, or a URL.")]
    NoSuchPath {
        /// The path.
        path: String,
    },
    /// Nothing is there yet; an embedded database can be made there.
    #[error(
        "{path} {found}. Give a directory with a database, a profile's name, or a URL; `vector-inspector new DIR` makes an \
         empty embedded database."
    )]
    NothingThere {
        /// The path.
        path: String,
        /// That it does not exist, or is empty.
        found: &'static str,
    },
    /// It exists but is no directory.
    #[error("{path} is a file. Give the directory that holds the database.")]
    IsFile {
        /// The path.
        path: String,
    },
    /// A directory without a database.
    #[error("{path} is no database: {found}. Give a directory that holds {}.", holds())]
    NoDatabase {
        /// The path.
        path: String,
        /// What is there instead.
        found: String,
    },
    /// No profile of that name, and no such directory.
    #[error("there is no profile {name:?}{}", suggestion(.near))]
    NoProfile {
        /// What was asked for.
        name: String,
        /// The nearest names, best first.
        near: Vec<String>,
    },
    /// Nothing was given.
    #[error("the target is empty. Give a profile's name, a URL, a directory or demo.")]
    Empty,
}

impl TargetError {
    /// Where an empty embedded database can be made, if that is all that is missing.
    pub fn makeable(&self) -> Option<&str> {
        match self {
            Self::NothingThere { path, .. } => Some(path),
            _ => None,
        }
    }
}

/// One scheme of each maker; the others are spellings of it.
fn known_schemes() -> String {
    let of_makers = ProviderKind::ALL.into_iter().filter_map(|kind| kind.maker().schemes().first());
    let names = of_makers.map(|(name, _)| *name).chain(["http", "https"]);
    names.map(|scheme| format!("{scheme}://")).collect::<Vec<_>>().join(" ")
}

fn near_scheme(scheme: &str) -> String {
    let all = ProviderKind::ALL.into_iter().flat_map(|kind| kind.maker().schemes()).map(|(name, _)| *name);
    nearest(scheme, all).first().map_or_else(String::new, |near| format!(" Did you mean {near}://?"))
}

pub(super) fn directories() -> impl Iterator<Item = (&'static Maker, DirectoryPlace)> {
    ProviderKind::ALL.into_iter().map(ProviderKind::maker).filter_map(|maker| match maker.place {
        Place::Directory(place) => Some((maker, place)),
        Place::Server(_) => None,
    })
}

fn known_directories() -> String {
    directories().map(|(maker, _)| maker.title).collect::<Vec<_>>().join(", ")
}

fn holds() -> String {
    directories().map(|(_, place)| place.holds).collect::<Vec<_>>().join(", or ")
}

fn suggestion(near: &[String]) -> String {
    match near {
        [] => ", and no directory of that name. `vector-inspector profiles list` shows the profiles; a server is given as \
               qdrant://host or chroma://host."
            .to_owned(),
        names => {
            let quoted: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
            format!(", and no directory of that name. Did you mean {}?", quoted.join(" or "))
        }
    }
}
