//! What is known of a maker before anything is opened: its names, the schemes of its URLs, the
//! options of its profiles. Each provider's folder declares one [`Maker`]; the profile form, targets
//! of the command line, `profiles add` and the documents are made from them, so that a new maker
//! needs no change there.

use std::path::Path;

use super::{Capabilities, ProviderKind};
use super::{
    chroma, chroma_folder, elasticsearch, lancedb, lancedb_store, milvus, parquet_backup, pgvector, pinecone, qdrant,
    qdrant_edge, qdrant_folder, redis, weaviate,
};

/// One kind of database, described for people and for the readers of addresses.
#[derive(Debug, Clone)]
pub struct Maker {
    /// The kind that it describes.
    pub kind: ProviderKind,
    /// The word in the store, on screen and in JSON, e.g. `qdrant-edge`.
    pub name: &'static str,
    /// The name in sentences, e.g. `Qdrant embedded`.
    pub title: &'static str,
    /// Where such a database is.
    pub place: Place,
    /// What an address looks like and what goes wrong, for the form: one or two sentences.
    pub address_help: &'static str,
    /// What its key is and how it is written, for the form; `None` if it takes none.
    pub key_help: Option<&'static str>,
    /// What it can do, as far as that is known before a database is opened.
    pub capabilities: Capabilities,
    /// Settings beyond those that every profile has.
    pub options: &'static [OptionSpec],
}

/// Where a kind of database is found.
#[derive(Debug, Clone, Copy)]
pub enum Place {
    /// Behind a port.
    Server(ServerPlace),
    /// In a directory of this machine.
    Directory(DirectoryPlace),
}

/// How a server of this kind is named and reached.
#[derive(Debug, Clone, Copy)]
pub struct ServerPlace {
    /// The port that it listens on unless told otherwise.
    pub port: u16,
    /// The host that is meant when a URL names none, for a service that has one address for all.
    pub host: Option<&'static str>,
    /// What it speaks, to tell a wrong port from a right one.
    pub protocol: Protocol,
    /// That language in errors, e.g. `Qdrant's gRPC interface`.
    pub language: &'static str,
    /// Schemes of its URLs, each with whether it means TLS; the first is the one to show.
    pub schemes: &'static [(&'static str, bool)],
    /// The option that a user in front of the host means (`postgres://me@host`), where makers write
    /// it so. A password there is refused for all.
    pub user_option: Option<&'static str>,
    /// The option that a path behind the port means (`postgres://host/db`).
    pub path_option: Option<&'static str>,
    /// Whether that path may have several parts (`/bucket/tables/v1`).
    pub deep_path: bool,
}

/// What a server speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// gRPC, over HTTP/2.
    Grpc,
    /// HTTP/1.1.
    Http,
    /// A language of its own.
    Own,
}

/// How a directory of this kind is named and recognised.
#[derive(Debug, Clone, Copy)]
pub struct DirectoryPlace {
    /// Whether that directory is such a database; looks at names only, opens nothing.
    pub recognise: fn(&Path) -> bool,
    /// What such a directory holds, for the sentence about one that is no database, e.g.
    /// `the collections of an embedded Qdrant, each in a directory of its own`.
    pub holds: &'static str,
    /// Schemes of its URLs, as in [`ServerPlace::schemes`]; none where a path says enough.
    pub schemes: &'static [(&'static str, bool)],
}

/// A setting of one maker: an option of its profiles, a field of the form, `?name=value` in a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OptionSpec {
    /// Its name in the store and in URLs.
    pub name: &'static str,
    /// Its label in the form, at most 12 characters.
    pub label: &'static str,
    /// Two or three sentences: what, an example, what goes wrong.
    pub help: &'static str,
    /// The words that it may be, the first being the default; empty for any text.
    pub words: &'static [&'static str],
}

impl Maker {
    /// The kind's schemes; none for most directories.
    pub const fn schemes(&self) -> &'static [(&'static str, bool)] {
        match self.place {
            Place::Server(server) => server.schemes,
            Place::Directory(place) => place.schemes,
        }
    }

    /// The server's place, if it is one.
    pub const fn server(&self) -> Option<ServerPlace> {
        match self.place {
            Place::Server(server) => Some(server),
            Place::Directory(_) => None,
        }
    }

    /// Whether it has an option of that name.
    pub fn has_option(&self, name: &str) -> bool {
        self.options.iter().any(|option| option.name == name)
    }

    /// The maker to whose URLs that scheme belongs, and whether it means TLS.
    pub fn of_scheme(scheme: &str) -> Option<(&'static Self, bool)> {
        ProviderKind::ALL.into_iter().map(ProviderKind::maker).find_map(|maker| {
            let (_, tls) = maker.schemes().iter().find(|(name, _)| *name == scheme)?;
            Some((maker, *tls))
        })
    }
}

impl ProviderKind {
    /// Whether all databases of the maker have one address, and the key says which is meant.
    pub fn names_its_key(self) -> bool {
        self.maker().server().is_some_and(|place| place.host.is_some())
    }

    /// What is known of it.
    pub const fn maker(self) -> &'static Maker {
        match self {
            Self::Qdrant => &qdrant::MAKER,
            Self::QdrantEdge => &qdrant_edge::MAKER,
            Self::Chroma => &chroma::MAKER,
            Self::Redis => &redis::MAKER,
            Self::Elasticsearch => &elasticsearch::MAKER,
            Self::ChromaFolder => &chroma_folder::MAKER,
            Self::QdrantFolder => &qdrant_folder::MAKER,
            Self::Weaviate => &weaviate::MAKER,
            Self::Milvus => &milvus::MAKER,
            Self::Pgvector => &pgvector::MAKER,
            Self::Pinecone => &pinecone::MAKER,
            Self::LanceDb => &lancedb::MAKER,
            Self::LanceStore => &lancedb_store::MAKER,
            Self::ParquetBackup => &parquet_backup::MAKER,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn makers() -> impl Iterator<Item = &'static Maker> {
        ProviderKind::ALL.into_iter().map(ProviderKind::maker)
    }

    #[test]
    fn each_kind_is_described_by_its_own_maker() {
        for kind in ProviderKind::ALL {
            assert_eq!(kind.maker().kind, kind);
        }
        let names: BTreeSet<&str> = makers().map(|maker| maker.name).collect();
        assert_eq!(names.len(), ProviderKind::ALL.len());
    }

    #[test]
    fn no_two_makers_share_a_scheme() {
        let all: Vec<&str> = makers().flat_map(|maker| maker.schemes().iter().map(|(name, _)| *name)).collect();
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len(), "{all:?}");
    }

    #[test]
    fn every_option_explains_itself() {
        for maker in makers() {
            for option in maker.options {
                assert!(option.help.len() > 40 && option.help.ends_with('.'), "{} {}", maker.name, option.name);
                assert!(option.label.chars().count() <= 12, "{} {}", maker.name, option.name);
            }
            assert!(maker.address_help.ends_with('.'), "{}", maker.name);
        }
    }

    #[test]
    fn a_scheme_and_the_options_in_its_url_belong_together() {
        for server in makers().filter_map(|maker| maker.server().map(|place| (maker, place))) {
            let (maker, place) = server;
            for option in [place.user_option, place.path_option].into_iter().flatten() {
                assert!(maker.has_option(option), "{} has no option {option}", maker.name);
            }
            assert!(!place.schemes.is_empty());
        }
    }
}
