//! What is known of it before one is opened. Compiled into every build, as for directories of LanceDB.

use crate::provider::lancedb::{self, MAKER as DIRECTORY};
use crate::provider::{Maker, OptionSpec, Place, Protocol, ProviderKind, ServerPlace};

/// LanceDB in an object store.
pub const MAKER: Maker = Maker {
    kind: ProviderKind::LanceStore,
    name: "lancedb-store",
    title: "LanceDB in an object store",
    place: Place::Server(ServerPlace {
        port: 443,
        host: None,
        protocol: Protocol::Http,
        language: "the interface of an object store",
        schemes: &[("lance+https", true), ("lance+http", false)],
        user_option: None,
        path_option: Some("folder"),
        deep_path: true,
    }),
    address_help: "The store's own address: `https://s3.eu-west-1.amazonaws.com`, `https://storage.googleapis.com`, \
                   `https://ACCOUNT.blob.core.windows.net`, `http://127.0.0.1:9000` for a MinIO here. The bucket stands in the \
                   field folder.",
    key_help: Some(
        "S3: the secret access key. Google Cloud: the JSON of a service account's key, or a token. Azure: the \
         account's key, or a shared access signature. Without one the bucket must be public.",
    ),
    capabilities: lancedb::CAPABILITIES,
    options: &[
        OptionSpec {
            name: "folder",
            label: "Folder",
            help: "The bucket (Azure: the container) and the folder in it that holds a folder NAME.lance for each table, \
                   e.g. `my-bucket/tables`. In a URL it is the path.",
            words: &[],
        },
        OptionSpec {
            name: "store",
            label: "Store",
            help: "What the store speaks: `s3` for Amazon's and all that are like it, `gs` for Google Cloud Storage, `az` for \
                   Azure Blob Storage. `auto` tells it by the host's name, and takes s3 for one that it does not know.",
            words: &["auto", "s3", "gs", "az"],
        },
        OptionSpec {
            name: "account",
            label: "Account",
            help: "S3: the id of the access key, e.g. `AKIA...`, whose secret is the key of the profile. Azure: the name of the \
                   storage account, where the host does not begin with it.",
            words: &[],
        },
        OptionSpec {
            name: "region",
            label: "Region",
            help: "S3 only: the region that requests are signed for, e.g. `eu-west-1`. Empty means the one in the host's \
                   name, or `us-east-1`.",
            words: &[],
        },
        DIRECTORY.options[0],
        DIRECTORY.options[1],
        DIRECTORY.options[2],
        DIRECTORY.options[3],
    ],
};
