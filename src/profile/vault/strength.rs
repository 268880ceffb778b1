//! An honest, small estimate of how long a passphrase would stand against guessing.

use std::collections::BTreeSet;

use secrecy::{ExposeSecret, SecretString};

/// How good a passphrase is. What it means against a thief of the file, at scrypt's second a guess
/// on one core and a thousand cores: weak within a day, fair within years, strong never.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// No character at all: refused.
    Empty,
    /// Guessed soon.
    Weak,
    /// Guessed with effort.
    Fair,
    /// Not guessed.
    Strong,
}

impl Strength {
    /// The word on screen.
    pub fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Weak => "weak",
            Self::Fair => "fair",
            Self::Strong => "strong",
        }
    }

    /// What would make it better.
    pub fn advice(self) -> &'static str {
        match self {
            Self::Empty => "type a passphrase of several words",
            Self::Weak => "easily guessed: take four or more unrelated words",
            Self::Fair => "one more word would make it strong",
            Self::Strong => "good",
        }
    }
}

/// What people choose. A passphrase that is made of these alone is guessed first.
const COMMON: &[&str] = &[
    "password",
    "passwort",
    "passphrase",
    "secret",
    "qwerty",
    "qwertz",
    "asdfgh",
    "letmein",
    "welcome",
    "admin",
    "administrator",
    "iloveyou",
    "monkey",
    "dragon",
    "master",
    "login",
    "abc123",
    "123456789",
    "12345678",
    "1234567",
    "123456",
    "12345",
    "1234",
    "111111",
    "000000",
    "football",
    "baseball",
    "sunshine",
    "princess",
    "shadow",
    "superman",
    "batman",
    "trustno1",
    "hello",
    "test",
    "changeme",
    "default",
    "root",
    "user",
    "vector",
    "inspector",
    "database",
    "qdrant",
    "chroma",
];

/// Estimates a passphrase. The estimate is crude and rather too low than too high for words.
pub fn strength(passphrase: &SecretString) -> Strength {
    let text = passphrase.expose_secret();
    if text.is_empty() {
        return Strength::Empty;
    }
    match bits(text) {
        bits if bits < 28.0 => Strength::Weak,
        bits if bits < 50.0 => Strength::Fair,
        _ => Strength::Strong,
    }
}

/// Hardly a word of a passphrase is longer.
const LONGEST_WORD: usize = 12;

fn bits(text: &str) -> f64 {
    let mut rest = text.to_lowercase();
    let mut bits = 0.0;
    for word in COMMON {
        if rest.contains(word) {
            // One of a short list, wherever it stands.
            rest = rest.replace(word, "");
            bits += 5.0;
        }
    }
    let words: Vec<&str> = rest.split_whitespace().filter(|word| word.chars().all(char::is_alphabetic)).collect();
    let only_words = words.len() == rest.split_whitespace().count();
    // Letters alone that are no longer than words are: one or two of them may well be words.
    let short = words.iter().all(|word| word.chars().count() <= LONGEST_WORD);
    if only_words && (words.len() >= 3 || short) {
        // Words of a language: about 11 bits each when they do not belong together, counted once.
        let different: BTreeSet<&str> = words.iter().copied().collect();
        return bits + different.iter().map(|word| by_characters(word).min(11.0)).sum::<f64>();
    }
    // Capitals and signs are mostly where everybody puts them: a bonus, not another alphabet.
    let capitals = text.chars().filter(|c| c.is_uppercase()).count().min(3);
    bits + by_characters(&rest) + f64::from(u32::try_from(capitals).unwrap_or(3))
}

fn by_characters(text: &str) -> f64 {
    let size_of = |is: fn(char) -> bool, size: f64| if text.chars().any(is) { size } else { 0.0 };
    let alphabet = size_of(|c| c.is_ascii_lowercase(), 26.0)
        + size_of(|c| c.is_ascii_digit(), 10.0)
        + size_of(|c| c.is_ascii() && !c.is_ascii_lowercase() && !c.is_ascii_digit(), 20.0)
        + size_of(|c| !c.is_ascii(), 50.0);
    let mut previous: Option<char> = None;
    let mut counted = 0.0;
    for c in text.chars() {
        // A character that repeats or continues the one before adds little: aaaa, 1234, abcd.
        let near = previous.is_some_and(|p| (c as u32).abs_diff(p as u32) <= 1);
        counted += if near { 0.25 } else { 1.0 };
        previous = Some(c);
    }
    if alphabet < 2.0 { 0.0 } else { counted * alphabet.log2() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Strength {
        strength(&SecretString::from(text))
    }

    #[test]
    fn common_short_and_repeated_ones_are_weak() {
        for text in
            ["a", "password", "Password1", "qwerty123", "123456789", "aaaaaaaaaaaaaaaa", "abcdefghijkl", "chroma"]
        {
            assert_eq!(of(text), Strength::Weak, "{text}");
        }
    }

    #[test]
    fn one_or_two_words_are_weak_however_rare() {
        for text in ["tavern", "copper museum", "Kaleidoscope"] {
            assert_eq!(of(text), Strength::Weak, "{text}");
        }
    }

    #[test]
    fn words_and_random_ones_are_better() {
        assert_eq!(of(""), Strength::Empty);
        assert_eq!(of("tavern glide copper"), Strength::Fair);
        assert_eq!(of("tavern glide copper museum orchid"), Strength::Strong);
        assert_eq!(of("k8fz!qP2x)vD4m"), Strength::Strong);
    }

    #[test]
    fn a_repeated_word_counts_once() {
        assert!(of("tavern tavern tavern tavern tavern") < Strength::Strong);
    }
}
