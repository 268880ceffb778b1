//! Searches by text that a maker does itself: their names, what they need of a collection.

use super::VectorSpec;

/// How a text is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TextWay {
    /// The maker makes a vector of the text, with the model that made those of the records, and
    /// searches the nearest. Scores are of the field's metric.
    Near,
    /// The words of the text in the words of the records.
    Bm25,
    /// Both, mixed.
    Hybrid,
}

impl TextWay {
    /// All, in the order of menus.
    pub const ALL: [Self; 3] = [Self::Near, Self::Bm25, Self::Hybrid];

    /// The words of commands, in the same order.
    pub const NAMES: [&'static str; 3] = ["near-text", "bm25", "hybrid"];

    /// The word used on screen and in commands.
    pub fn name(self) -> &'static str {
        match self {
            Self::Near => "near-text",
            Self::Bm25 => "bm25",
            Self::Hybrid => "hybrid",
        }
    }

    /// The way of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.name() == name)
    }
}

/// A text to search with.
#[derive(Debug, Clone, PartialEq)]
pub struct TextQuery {
    /// The text.
    pub text: String,
    /// How it is searched.
    pub way: TextWay,
    /// Of a hybrid search: how much nearness counts, from 0 (words only) to 1 (nearness only).
    pub alpha: f32,
    /// Of a hybrid search: the vector to be near to, where the maker is not to make it of the text.
    pub vector: Option<Vec<f32>>,
}

impl TextQuery {
    /// What counts as much as words and what as nearness, unless told otherwise: three quarters are
    /// nearness, as with Weaviate.
    pub const ALPHA: f32 = 0.75;

    /// A text searched in that way.
    pub fn new(text: &str, way: TextWay) -> Self {
        Self { text: text.to_owned(), way, alpha: Self::ALPHA, vector: None }
    }

    /// Whether a vector has to be made of the text.
    pub fn embeds(&self) -> bool {
        match self.way {
            TextWay::Near => true,
            TextWay::Bm25 => false,
            TextWay::Hybrid => self.vector.is_none(),
        }
    }
}

/// Why no vector of a text is made in such a collection.
pub const NO_MODEL: &str = "no model belongs to this collection that makes vectors of text";

/// The field whose model makes vectors of text: the one of that name, or the first that has one.
pub fn embedding<'a>(fields: &'a [VectorSpec], using: Option<&str>) -> Option<&'a VectorSpec> {
    let fits = |field: &&VectorSpec| using.is_none_or(|name| field.name == name);
    fields.iter().filter(fits).find(|field| field.embedder.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_again() {
        for (way, name) in TextWay::ALL.into_iter().zip(TextWay::NAMES) {
            assert_eq!((way.name(), TextWay::from_name(name)), (name, Some(way)));
        }
    }

    #[test]
    fn only_a_search_without_a_vector_of_its_own_needs_a_model() {
        assert!(TextQuery::new("a", TextWay::Near).embeds() && TextQuery::new("a", TextWay::Hybrid).embeds());
        let with = TextQuery { vector: Some(vec![1.0]), ..TextQuery::new("a", TextWay::Hybrid) };
        assert!(!with.embeds() && !TextQuery::new("a", TextWay::Bm25).embeds());
    }
}
