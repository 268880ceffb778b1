//! What a database can do, as data: a pane greys out what it cannot and says why.

use super::filter::Filter;
use super::model::{NO_MODEL, TextWay, VectorSpec, embedding};
use super::{ProviderError, Result};

/// Yes, or no with the reason that is shown to the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Support {
    /// It can.
    Yes,
    /// It cannot, because ... (a short clause, e.g. `Chroma has no search without its index`).
    No(&'static str),
}

impl Support {
    /// Whether it can.
    pub fn is_yes(&self) -> bool {
        *self == Self::Yes
    }

    /// Goes on where the product can.
    ///
    /// # Errors
    /// `Unsupported` with the reason.
    pub fn require(&self, product: &'static str) -> Result<()> {
        match self {
            Self::Yes => Ok(()),
            Self::No(reason) => Err(ProviderError::Unsupported { product, reason: (*reason).to_owned() }),
        }
    }
}

/// What one database can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities {
    /// Ids may be whole numbers.
    pub integer_ids: Support,
    /// Ids may be any text.
    pub text_ids: Support,
    /// Text ids may be any text (else e.g. ASCII only).
    pub any_text_ids: Support,
    /// Ids may be UUIDs of a kind of their own.
    pub uuid_ids: Support,
    /// Whole numbers as ids may be below zero.
    pub negative_ids: Support,
    /// Ids of several kinds in one collection, whole numbers below and above 2^63 among them.
    pub mixed_ids: Support,
    /// Counts are exact at once, also with a filter.
    pub exact_count: Support,
    /// Several named vectors per record.
    pub named_vectors: Support,
    /// Sparse vectors.
    pub sparse_vectors: Support,
    /// Several dense vectors in one field.
    pub multi_vectors: Support,
    /// Collections whose metric is the manhattan distance.
    pub manhattan: Support,
    /// A text beside the payload of a record.
    pub record_text: Support,
    /// Payloads with objects in objects.
    pub nested_payload: Support,
    /// Arrays in payloads.
    pub array_payload: Support,
    /// Fields with any text as key (else only names as in a programming language).
    pub any_keys: Support,
    /// The empty key, and keys with `$` in front (else they are kept for the maker itself).
    pub reserved_keys: Support,
    /// A field of one name with values of different kinds in different records.
    pub mixed_fields: Support,
    /// `null`, arrays without elements and arrays of several kinds, kept as they are.
    pub null_values: Support,
    /// Integers of 64 bits in payloads, exact to the last bit (else to 2^53).
    pub exact_integers: Support,
    /// Integers above those in payloads, to 2^64 - 1.
    pub unsigned_integers: Support,
    /// Floats in payloads, exact to the last bit.
    pub exact_floats: Support,
    /// Vectors come back as long as they were where the metric is cosine, exact to the last bit.
    pub cosine_vectors: Support,
    /// They come back as long as they were, but for the last bits.
    pub cosine_lengths: Support,
    /// NaN and the infinities in vectors.
    pub nan_vectors: Support,
    /// Payloads of a mebibyte.
    pub large_payloads: Support,
    /// A float without a fraction in a payload stays one (else 1.0 comes back as 1).
    pub whole_floats: Support,
    /// The float -0.0 in a payload stays one (else it comes back as 0.0).
    pub negative_zeros: Support,
    /// Searching by the vector of a stored record.
    pub search_like: Support,
    /// Searching around the index.
    pub exact_search: Support,
    /// Searching by a text of which the maker makes a vector.
    pub near_text: Support,
    /// Searching by the words of a text.
    pub bm25: Support,
    /// Both mixed.
    pub hybrid: Support,
    /// Filters on pages and searches.
    pub filter: Support,
    /// `<`, `>` and `between` in filters look into arrays, too (else the records that only an element of
    /// an array would select are passed over, which the screen and the commands say).
    pub order_in_arrays: Support,
    /// Creating, writing, deleting.
    pub write: Support,
    /// Most records in one `upsert`, `None` if there is no limit.
    pub max_batch: Option<usize>,
}

/// Why a maker is not searched by text, where it does not say more.
pub(super) const BY_VECTORS: &str = "this program searches it by vectors and by records, not by text";
const NO_TEXT: Support = Support::No(BY_VECTORS);

impl Capabilities {
    /// A database that can do everything but search by text, which few can: to be cut down by each
    /// provider.
    pub const ALL: Self = Self {
        integer_ids: Support::Yes,
        text_ids: Support::Yes,
        any_text_ids: Support::Yes,
        uuid_ids: Support::Yes,
        negative_ids: Support::Yes,
        mixed_ids: Support::Yes,
        exact_count: Support::Yes,
        named_vectors: Support::Yes,
        sparse_vectors: Support::Yes,
        multi_vectors: Support::Yes,
        manhattan: Support::Yes,
        record_text: Support::Yes,
        nested_payload: Support::Yes,
        array_payload: Support::Yes,
        any_keys: Support::Yes,
        reserved_keys: Support::Yes,
        mixed_fields: Support::Yes,
        null_values: Support::Yes,
        exact_integers: Support::Yes,
        unsigned_integers: Support::Yes,
        exact_floats: Support::Yes,
        cosine_vectors: Support::Yes,
        cosine_lengths: Support::Yes,
        nan_vectors: Support::Yes,
        large_payloads: Support::Yes,
        whole_floats: Support::Yes,
        negative_zeros: Support::Yes,
        search_like: Support::Yes,
        exact_search: Support::Yes,
        near_text: NO_TEXT,
        bm25: NO_TEXT,
        hybrid: NO_TEXT,
        filter: Support::Yes,
        order_in_arrays: Support::Yes,
        write: Support::Yes,
        max_batch: None,
    };

    /// What an answer to this filter leaves out, if anything: a clause to show beside the answer.
    pub fn passes_over(&self, filter: &Filter) -> Option<&'static str> {
        match self.order_in_arrays {
            Support::No(reason) if filter.orders() => Some(reason),
            _ => None,
        }
    }

    /// Whether the maker has that search by text.
    pub fn text(&self, way: TextWay) -> &Support {
        match way {
            TextWay::Near => &self.near_text,
            TextWay::Bm25 => &self.bm25,
            TextWay::Hybrid => &self.hybrid,
        }
    }

    /// Whether a collection with these vector fields can be searched by text that way, where no
    /// vector is given beside the text.
    pub fn text_in(&self, way: TextWay, fields: &[VectorSpec]) -> Support {
        match self.text(way) {
            Support::Yes if way != TextWay::Bm25 && embedding(fields, None).is_none() => Support::No(NO_MODEL),
            other => other.clone(),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn only_a_filter_with_an_order_passes_over_arrays() {
        let can = Capabilities { order_in_arrays: Support::No("arrays are passed over"), ..Capabilities::ALL };
        for (text, says) in [
            ("k = 5", false),
            ("k > 5", true),
            ("a = 1 or not (k between 1 and 2)", true),
            ("k != 5 and l in (1)", false),
        ] {
            let filter = Filter::parse(text).unwrap();
            assert_eq!(can.passes_over(&filter).is_some(), says, "{text}");
            assert_eq!(Capabilities::ALL.passes_over(&filter), None);
        }
    }

    #[test]
    fn what_cannot_be_done_is_refused_with_its_reason() {
        assert_eq!(Support::Yes.require("X"), Ok(()));
        let refused = ProviderError::Unsupported { product: "X", reason: "it is only read".to_owned() };
        assert_eq!(Support::No("it is only read").require("X"), Err(refused));
    }

    #[test]
    fn a_search_by_text_needs_the_maker_and_a_model_of_the_collection() {
        let can = Capabilities { near_text: Support::Yes, bm25: Support::Yes, ..Capabilities::ALL };
        let plain = crate::provider::model::CollectionSpec::dense("a", 2, crate::provider::model::Metric::Dot).vectors;
        let made = [VectorSpec { embedder: Some("model".to_owned()), ..plain[0].clone() }];
        assert_eq!(can.text_in(TextWay::Near, &plain), Support::No(NO_MODEL));
        assert_eq!(can.text_in(TextWay::Near, &made), Support::Yes);
        assert_eq!(can.text_in(TextWay::Bm25, &plain), Support::Yes);
        assert_eq!(can.text_in(TextWay::Hybrid, &made), NO_TEXT);
    }
}
