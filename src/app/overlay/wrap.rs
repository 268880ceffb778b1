//! Sentences in the lines of a box, for texts whose lines are counted before they are drawn.

use crate::text::columns;

/// A sentence in lines of at most `room` columns; a word that is longer is cut into pieces, of a character at least.
pub(super) fn wrap(text: &str, room: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for piece in text.split_whitespace().flat_map(|word| pieces(word, room)) {
        match lines.last_mut() {
            Some(line) if columns(line) + 1 + columns(&piece) <= room => {
                line.push(' ');
                line.push_str(&piece);
            }
            _ => lines.push(piece),
        }
    }
    if lines.is_empty() { vec![String::new()] } else { lines }
}

fn pieces(word: &str, room: usize) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for c in word.chars() {
        let full = pieces.last().is_some_and(|piece| {
            let width = columns(c.encode_utf8(&mut [0; 4]));
            !piece.is_empty() && columns(piece) + width > room
        });
        if full {
            pieces.push(String::new());
        }
        if let Some(piece) = pieces.last_mut() {
            piece.push(c);
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_wrapped_and_long_words_cut() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("abcdefghij k", 4), ["abcd", "efgh", "ij k"]);
        assert_eq!(wrap("", 4), [""]);
        assert_eq!(wrap("\u{6f22}\u{5b57} a", 3), ["\u{6f22}", "\u{5b57}", "a"], "two columns each");
        assert_eq!(wrap("\u{6f22}b", 0), ["\u{6f22}", "b"], "wider than the line: a character each");
    }
}
