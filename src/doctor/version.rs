//! The oldest versions that have what this program asks for.

use crate::provider::ProviderKind;

/// The oldest version of that maker's server that will do; `None` where any does, or connecting tells.
/// `product` is what the server calls itself.
pub(super) fn oldest(kind: ProviderKind, product: &str) -> Option<&'static str> {
    match kind {
        // The point in time, which pages are read from.
        ProviderKind::Elasticsearch if product == "opensearch" => Some("2.4"),
        ProviderKind::Elasticsearch => Some("7.12"),
        // Pages behind an id.
        ProviderKind::Weaviate => Some("1.18"),
        // The query interface.
        ProviderKind::Qdrant => Some("1.10"),
        ProviderKind::Milvus => Some("2.3"),
        _ => None,
    }
}

/// Whether a version is older than the wanted one. A text that is no version is not.
pub(super) fn older(version: &str, wanted: &str) -> bool {
    let parts = |text: &str| -> Vec<u64> {
        let bare = text.trim().trim_start_matches(['v', 'V']);
        bare.split(['.', '-', '+', ' ']).map_while(|part| part.parse().ok()).collect()
    };
    let (have, want) = (parts(version), parts(wanted));
    !have.is_empty() && have.iter().chain(std::iter::repeat(&0)).take(want.len().max(have.len())).lt(want.iter())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_their_numbers() {
        assert!(older("1.9.7", "1.10"));
        assert!(older("v2.2.16", "2.3"));
        for (version, wanted) in
            [("1.10.0", "1.10"), ("1.18.3", "1.10"), ("2.3", "2.3"), ("3.2.2-lite", "2.3"), ("", "1"), ("dev", "1")]
        {
            assert!(!older(version, wanted), "{version} {wanted}");
        }
    }
}
