//! Which server it is, and what that version can do. Measured on Milvus Lite 3.2.2 and Milvus 2.3.5; what is
//! said of versions between and after them is from Milvus' release notes.

use super::layout::DYNAMIC;
use super::maker::CAPABILITIES;
use crate::provider::{Capabilities, ServerInfo, Support};

/// Milvus or Milvus Lite, and its version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dialect {
    lite: bool,
    major: u32,
    minor: u32,
}

impl Dialect {
    /// What the server calls itself: `v2.3.5-lite` is a Milvus of 2023 in a Python package,
    /// `milvus_lite-3.2.2` the Milvus Lite of today.
    pub(super) fn of(version: &str) -> (Self, ServerInfo) {
        let lite = version.starts_with("milvus_lite");
        let number = version.find(|c: char| c.is_ascii_digit()).map_or("", |start| &version[start..]);
        let mut parts = number.split(['.', '-']).map(|part| part.parse().unwrap_or(0));
        let (major, minor) = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
        let product = if lite { "milvus-lite" } else { "milvus" }.to_owned();
        (Self { lite, major, minor }, ServerInfo { product, version: number.to_owned() })
    }

    /// Whether it is Milvus Lite.
    pub(super) fn is_lite(self) -> bool {
        self.lite
    }

    /// The fewest numbers of a dense vector: 2 from 2.4 on, as `validateDimension` in the server's
    /// `internal/proxy/util.go` has it; Milvus Lite takes one.
    pub(super) fn fewest_dimensions(self) -> usize {
        if !self.lite && self.from(2, 4) { 2 } else { 1 }
    }

    fn from(self, major: u32, minor: u32) -> bool {
        self.lite || (self.major, self.minor) >= (major, minor)
    }

    /// The request that replaces records. Milvus Lite's `Upsert` merges with what is stored, its `Insert`
    /// replaces; Milvus' `Insert` would write a second record with the same key.
    pub(super) fn replacing_request(self) -> &'static str {
        if self.lite { "Insert" } else { "Upsert" }
    }

    /// Names that no payload may use.
    pub(super) fn reserved(self) -> &'static [&'static str] {
        if self.lite { &[DYNAMIC, "_seq", "_partition"] } else { &[DYNAMIC] }
    }

    /// Whether `exists` is true of null. Seen on 2.3.5; Milvus Lite's is not, as that of newer servers.
    pub(super) fn tells_null_from_missing(self) -> bool {
        !self.from(2, 4)
    }

    /// The pattern of `like` for a part of a text.
    ///
    /// # Errors
    /// Why there is none.
    pub(super) fn pattern(self, part: &str) -> Result<String, &'static str> {
        if part.is_empty() {
            return Ok("%".to_owned());
        }
        if !self.from(2, 4) {
            return Err("Milvus before 2.4 compares only the beginnings of texts");
        }
        if part.contains(['%', '_', '\\']) {
            return Err("its patterns take %, _ and \\ for wildcards");
        }
        Ok(format!("%{part}%"))
    }

    /// What databases of this version can do.
    pub(super) fn capabilities(self) -> Capabilities {
        let several = if self.lite {
            Support::No("Milvus Lite has one dense vector field in a collection, and sparse ones beside it")
        } else if self.from(2, 4) {
            Support::Yes
        } else {
            Support::No("Milvus before 2.4 has one vector field in a collection")
        };
        let sparse =
            if self.from(2, 4) { Support::Yes } else { Support::No("Milvus before 2.4 has no sparse vectors") };
        let large = if self.lite { Support::Yes } else { CAPABILITIES.large_payloads.clone() };
        Capabilities { named_vectors: several, sparse_vectors: sparse, large_payloads: large, ..CAPABILITIES }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_what_servers_call_themselves() {
        for (told, product, version) in [
            ("milvus_lite-3.2.2", "milvus-lite", "3.2.2"),
            ("v2.3.5-lite", "milvus", "2.3.5-lite"),
            ("2.6.1", "milvus", "2.6.1"),
            ("", "milvus", ""),
        ] {
            let (_, server) = Dialect::of(told);
            assert_eq!((server.product.as_str(), server.version.as_str()), (product, version));
        }
        assert!(Dialect::of("milvus_lite-3.2.2").0.is_lite() && !Dialect::of("v2.3.5-lite").0.is_lite());
    }

    #[test]
    fn several_vectors_came_with_2_4() {
        let can = |version: &str| Dialect::of(version).0.capabilities();
        assert!(!can("v2.3.5").named_vectors.is_yes() && !can("v2.3.5").sparse_vectors.is_yes());
        assert!(can("v2.5.0").named_vectors.is_yes() && can("2.10.1").sparse_vectors.is_yes());
        assert!(!can("milvus_lite-3.2.2").named_vectors.is_yes() && can("milvus_lite-3.2.2").sparse_vectors.is_yes());
    }

    #[test]
    fn wildcards_in_a_part_are_refused() {
        let new = Dialect::of("v2.5.0").0;
        assert_eq!(new.pattern("ab").as_deref(), Ok("%ab%"));
        assert!(new.pattern("100%").is_err() && Dialect::of("v2.3.5").0.pattern("ab").is_err());
        assert_eq!(Dialect::of("v2.3.5").0.pattern("").as_deref(), Ok("%"));
    }
}
