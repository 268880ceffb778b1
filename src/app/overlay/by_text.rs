//! A search by text while it is typed: which way, and how it is mixed.

use crate::provider::model::VectorSpec;
use crate::provider::model::{TextQuery, TextWay};
use crate::provider::{Capabilities, Support};

/// How far one key moves alpha, in hundredths.
const STEP: u8 = 5;

/// The choices beside the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByText {
    /// The ways, each with why the collection cannot be searched so.
    pub ways: [(TextWay, Support); 3],
    /// The chosen one, one that is possible.
    pub way: TextWay,
    /// How much nearness counts in a hybrid search, in hundredths.
    alpha: u8,
}

impl ByText {
    /// The choices for a collection with these vector fields; the reason if there is none.
    ///
    /// # Errors
    /// Why it cannot be searched by text.
    pub fn of(can: &Capabilities, fields: &[VectorSpec]) -> Result<Self, &'static str> {
        let ways = TextWay::ALL.map(|way| (way, can.text_in(way, fields)));
        let mut why = "";
        for (way, support) in &ways {
            match support {
                Support::Yes => return Ok(Self { way: *way, ways: ways.clone(), alpha: 75 }),
                Support::No(reason) if why.is_empty() => why = reason,
                Support::No(_) => {}
            }
        }
        Err(why)
    }

    /// To the next way that is possible, around the end.
    pub fn next(&mut self) {
        let at = self.ways.iter().position(|(way, _)| *way == self.way).unwrap_or(0);
        let around = self.ways.iter().cycle().skip(at + 1).take(self.ways.len());
        if let Some((way, _)) = around.into_iter().find(|(_, support)| support.is_yes()) {
            self.way = *way;
        }
    }

    /// More nearness in a hybrid search, or more words.
    pub fn mix(&mut self, nearer: bool) {
        if self.way == TextWay::Hybrid {
            self.alpha = if nearer { (self.alpha + STEP).min(100) } else { self.alpha.saturating_sub(STEP) };
        }
    }

    /// How much nearness counts, from 0 to 1.
    pub fn alpha(&self) -> f32 {
        f32::from(self.alpha) / 100.0
    }

    /// The search for a text.
    pub fn query(&self, text: &str) -> TextQuery {
        TextQuery { alpha: self.alpha(), ..TextQuery::new(text, self.way) }
    }

    /// What the chosen way does, and what else there is to know: a line below the text.
    pub fn hint(&self) -> &'static str {
        match self.way {
            TextWay::Near => "the database makes a vector of the text; the nearest records",
            TextWay::Bm25 => "records with these words; scores are no distances",
            TextWay::Hybrid => "words and nearness; up and down change alpha, 0 is words only",
        }
    }

    /// Why a way is not possible, if one is not.
    pub fn missing(&self) -> Option<(TextWay, &'static str)> {
        self.ways.iter().find_map(|(way, support)| match support {
            Support::Yes => None,
            Support::No(why) => Some((*way, *why)),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::provider::model::{CollectionSpec, Metric};

    fn fields(embedder: Option<&str>) -> Vec<VectorSpec> {
        let mut fields = CollectionSpec::dense("a", 2, Metric::Dot).vectors;
        fields[0].embedder = embedder.map(str::to_owned);
        fields
    }

    #[test]
    fn only_ways_that_are_possible_are_chosen() {
        let all =
            Capabilities { near_text: Support::Yes, bm25: Support::Yes, hybrid: Support::Yes, ..Capabilities::ALL };
        let mut choice = ByText::of(&all, &fields(Some("m"))).unwrap();
        let mut seen = Vec::new();
        for _ in 0..4 {
            seen.push(choice.way);
            choice.next();
        }
        assert_eq!(seen, [TextWay::Near, TextWay::Bm25, TextWay::Hybrid, TextWay::Near]);
        let mut words = ByText::of(&all, &fields(None)).unwrap();
        assert_eq!((words.way, words.missing().unwrap().0), (TextWay::Bm25, TextWay::Near));
        words.next();
        assert_eq!(words.way, TextWay::Bm25);
        assert!(ByText::of(&Capabilities::ALL, &fields(Some("m"))).unwrap_err().contains("not by text"));
    }

    #[test]
    fn alpha_stays_between_words_and_nearness() {
        let can = Capabilities { hybrid: Support::Yes, ..Capabilities::ALL };
        let mut choice = ByText::of(&can, &fields(Some("m"))).unwrap();
        assert_eq!(choice.query("a").alpha, TextQuery::ALPHA);
        (0..10).for_each(|_| choice.mix(true));
        assert_eq!(choice.alpha(), 1.0);
        choice.mix(false);
        assert_eq!(choice.query("a").alpha, 0.95);
        (0..30).for_each(|_| choice.mix(false));
        assert_eq!(choice.alpha(), 0.0);
    }
}
