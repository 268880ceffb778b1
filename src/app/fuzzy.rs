//! Fuzzy ranking for pickers, by `nucleo-matcher`.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

/// The items that match, best first; all of them in their own order for an empty query.
pub fn rank<T>(query: &str, items: Vec<T>, text: impl Fn(&T) -> String) -> Vec<T> {
    if query.trim().is_empty() {
        return items;
    }
    let pattern = Pattern::parse(query, CaseMatching::Smart, Normalization::Smart);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut buffer = Vec::new();
    let mut scored: Vec<((std::cmp::Reverse<u32>, usize), T)> = items
        .into_iter()
        .filter_map(|item| {
            let text = text(&item);
            let score = pattern.score(Utf32Str::new(&text, &mut buffer), &mut matcher)?;
            Some(((std::cmp::Reverse(score), text.len()), item))
        })
        .collect();
    // Of equal scores the shorter text is the closer one; else they keep their order.
    scored.sort_by_key(|(rank, _)| *rank);
    scored.into_iter().map(|(_, item)| item).collect()
}

/// The items that match by what they are called, best first, and after them those that match only by
/// all that is known of them.
pub fn rank_twice<T>(query: &str, items: Vec<T>, name: impl Fn(&T) -> String, all: impl Fn(&T) -> String) -> Vec<T> {
    if query.trim().is_empty() {
        return items;
    }
    let pattern = Pattern::parse(query, CaseMatching::Smart, Normalization::Smart);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut buffer = Vec::new();
    let (called, others): (Vec<T>, Vec<T>) = items
        .into_iter()
        .partition(|item| pattern.score(Utf32Str::new(&name(item), &mut buffer), &mut matcher).is_some());
    let mut rows = rank(query, called, name);
    // Letters scattered over a long text are no find: here the words themselves must be there.
    let words: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
    rows.extend(others.into_iter().filter(|item| {
        let text = all(item).to_lowercase();
        words.iter().all(|word| text.contains(word.as_str()))
    }));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_in_order_match_and_the_closest_comes_first() {
        let names = vec!["staging", "prod-search", "prod"];
        assert_eq!(rank("prod", names.clone(), ToString::to_string), ["prod", "prod-search"]);
        assert_eq!(rank("stg", names.clone(), ToString::to_string), ["staging"]);
        assert_eq!(rank("", names.clone(), ToString::to_string), names);
    }
}
