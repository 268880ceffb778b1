//! Which store, which bucket, which folder.

use crate::provider::transport::{Server, check_credentials_are_private};
use crate::provider::{ConnectSpec, ProviderError, Result};

/// The region that S3 means where none is named.
const REGION: &str = "us-east-1";

/// What a store speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Speaks {
    /// Amazon S3 and those like it.
    S3,
    /// Google Cloud Storage.
    Google,
    /// Azure Blob Storage.
    Azure,
}

impl Speaks {
    /// The scheme by which the library knows it.
    #[cfg(feature = "lancedb")]
    pub(super) const fn scheme(self) -> &'static str {
        match self {
            Self::S3 => "s3",
            Self::Google => "gs",
            Self::Azure => "az",
        }
    }
}

/// A folder in a bucket of a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// The store.
    pub server: Server,
    /// What it speaks.
    pub speaks: Speaks,
    /// The bucket or container.
    pub bucket: String,
    /// The folder in it, without slashes at its ends; empty for the whole bucket.
    pub prefix: String,
    /// S3's region.
    pub region: String,
    /// S3's access key id, Azure's account.
    pub account: Option<String>,
}

impl Place {
    /// Where the spec's tables are.
    ///
    /// # Errors
    /// `BadRequest` for a directory, without a bucket, for a key without its id, and for a key that would travel in
    /// plain text.
    pub(super) fn of(spec: &ConnectSpec) -> Result<Self> {
        check_credentials_are_private(spec)?;
        let server = Server::of(spec)?;
        let folder = spec.option("folder").unwrap_or_default().trim_matches('/');
        let (bucket, prefix) = folder.split_once('/').unwrap_or((folder, ""));
        if bucket.is_empty() {
            return Err(bad(
                "the address of an object store needs a bucket",
                "Write it behind the host, lance+https://HOST/BUCKET/FOLDER, or in the option folder.",
            ));
        }
        let speaks = speaks(spec.option("store"), &server.host)?;
        let mut account = spec.option("account").map(str::to_owned);
        if speaks == Speaks::S3 && spec.secret.is_some() && account.is_none() {
            return Err(bad(
                "a secret access key is given without the id of the key",
                "Give the id in the option account; both are made together.",
            ));
        }
        if speaks == Speaks::Azure && account.is_none() {
            account = server.host.split_once('.').map(|(account, _)| account.to_owned());
        }
        let region = spec.option("region").map(str::to_owned).or_else(|| region_in(&server.host));
        let (bucket, prefix) = (bucket.to_owned(), prefix.trim_matches('/').to_owned());
        Ok(Self { server, speaks, bucket, prefix, region: region.unwrap_or_else(|| REGION.to_owned()), account })
    }

    /// Bucket and folder, as they are written.
    #[cfg_attr(not(feature = "lancedb"), allow(dead_code))]
    pub(super) fn folder(&self) -> String {
        if self.prefix.is_empty() { self.bucket.clone() } else { format!("{}/{}", self.bucket, self.prefix) }
    }
}

fn speaks(option: Option<&str>, host: &str) -> Result<Speaks> {
    Ok(match option {
        Some("s3") => Speaks::S3,
        Some("gs") => Speaks::Google,
        Some("az") => Speaks::Azure,
        None | Some("auto") if host.ends_with("googleapis.com") => Speaks::Google,
        None | Some("auto") if host.ends_with(".blob.core.windows.net") => Speaks::Azure,
        None | Some("auto") => Speaks::S3,
        Some(other) => return Err(bad(&format!("{other:?} is no kind of store"), "Known are auto, s3, gs and az.")),
    })
}

/// `eu-west-1` of `s3.eu-west-1.amazonaws.com`.
fn region_in(host: &str) -> Option<String> {
    let name = host.strip_suffix(".amazonaws.com")?;
    name.strip_prefix("s3.").or_else(|| name.strip_prefix("s3-")).map(str::to_owned)
}

fn bad(cause: &str, mend: &str) -> ProviderError {
    ProviderError::BadRequest { cause: cause.to_owned(), mend: mend.to_owned() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::provider::{Address, ProviderKind};

    fn spec(host: &str, options: &[(&str, &str)]) -> ConnectSpec {
        let address = Address::Server { host: host.to_owned(), port: 443, tls: true };
        let mut spec = ConnectSpec::new(ProviderKind::LanceStore, address);
        spec.options.extend(options.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        spec
    }

    #[test]
    fn bucket_folder_and_store_are_told_apart() {
        let place = Place::of(&spec("s3.eu-west-1.amazonaws.com", &[("folder", "/b/x/y/")])).unwrap();
        assert_eq!((place.bucket.as_str(), place.prefix.as_str(), place.region.as_str()), ("b", "x/y", "eu-west-1"));
        assert_eq!((place.speaks, place.folder().as_str()), (Speaks::S3, "b/x/y"));
        let place = Place::of(&spec("storage.googleapis.com", &[("folder", "b")])).unwrap();
        assert_eq!((place.speaks, place.folder().as_str()), (Speaks::Google, "b"));
        let place = Place::of(&spec("acc.blob.core.windows.net", &[("folder", "b")])).unwrap();
        assert_eq!((place.speaks, place.account.as_deref()), (Speaks::Azure, Some("acc")));
        let place = Place::of(&spec("minio", &[("folder", "b"), ("store", "gs")])).unwrap();
        assert_eq!((place.speaks, place.region.as_str()), (Speaks::Google, "us-east-1"));
    }

    #[test]
    fn what_is_missing_is_named() {
        let told = |spec: &ConnectSpec| Place::of(spec).unwrap_err().to_string();
        assert!(told(&spec("minio", &[])).contains("needs a bucket"));
        assert!(told(&spec("minio", &[("folder", "b"), ("store", "ftp")])).contains("\"ftp\""));
        let mut keyed = spec("minio", &[("folder", "b")]);
        keyed.secret = Some("hidden".to_owned().into());
        assert!(told(&keyed).contains("without the id") && !told(&keyed).contains("hidden"));
        keyed.address = Address::Server { host: "minio".to_owned(), port: 80, tls: false };
        assert!(told(&keyed).contains("without encryption"));
    }
}
