//! `docs/troubleshooting.md` explains every error text. The texts are read from the
//! `#[error("...")]` attributes in `src/`, so that a new one cannot be forgotten.

use super::source::{files, is_test, read};

/// The format strings of all `#[error("...")]` of a source.
fn error_texts(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, start) in source.match_indices("#[error(") {
        let rest = source[at + start.len()..].trim_start();
        let Some(literal) = rest.strip_prefix('"') else { continue };
        let mut text = String::new();
        let mut chars = literal.chars();
        while let Some(c) = chars.next() {
            match c {
                '"' => break,
                '\\' => match chars.next() {
                    Some('\n') => {}
                    Some(escaped) => text.push(escaped),
                    None => {}
                },
                c => text.push(c),
            }
        }
        found.push(text);
    }
    found
}

/// The first sentence of a text, cut at what is filled in: the longest piece. Empty when nothing
/// but filled-in text is there.
fn mark(text: &str) -> String {
    let first = text.split_once(". ").map_or(text, |(first, _)| first);
    let mut pieces = vec![String::new()];
    let mut depth = 0;
    for c in first.chars() {
        match c {
            '{' => {
                depth += 1;
                pieces.push(String::new());
            }
            '}' => depth -= 1,
            c if depth == 0 => pieces.last_mut().unwrap().push(c),
            _ => {}
        }
    }
    let longest = pieces.into_iter().max_by_key(|piece| piece.trim().chars().count()).unwrap_or_default();
    longest.trim().trim_end_matches(['.', ':', '(']).trim().to_owned()
}

/// Without marks of code and line breaks, so that layout does not matter.
fn plain(text: &str) -> String {
    text.replace('`', "").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn every_error_text_is_explained() {
    let document = plain(&read("docs/troubleshooting.md"));
    let (mut count, mut missing) = (0, Vec::new());
    for file in files("src", ".rs").into_iter().filter(|file| !is_test(file)) {
        for text in error_texts(&read(&file)) {
            let mark = plain(&mark(&text));
            if mark.chars().filter(|c| c.is_alphabetic()).count() < 4 {
                continue;
            }
            count += 1;
            if !document.contains(&mark) {
                missing.push(format!("{file}: {mark}"));
            }
        }
    }
    assert!(count > 80, "only {count} error texts were found in the sources");
    assert!(missing.is_empty(), "docs/troubleshooting.md does not explain:\n{}", missing.join("\n"));
}

/// What is filled in is a word that is no secret.
fn filled(text: &str) -> String {
    let mut filled = String::new();
    let mut depth = 0;
    for c in text.chars() {
        match c {
            '{' => {
                depth += 1;
                filled.push('x');
            }
            '}' => depth -= 1,
            c if depth == 0 => filled.push(c),
            _ => {}
        }
    }
    filled
}

#[test]
fn no_error_text_of_ours_looks_like_a_secret() {
    for file in files("src", ".rs").into_iter().filter(|file| !is_test(file)) {
        for text in error_texts(&read(&file)) {
            // What a cause fills in is redacted for itself.
            let text = filled(text.split(": {").next().unwrap_or_default());
            assert_eq!(vector_inspector::text::redact(&text), text, "{file}");
        }
    }
}

#[test]
fn the_words_of_health_are_explained() {
    let document = read("docs/troubleshooting.md");
    let source = read("src/connection/health.rs");
    let (_, word) = source.split_once("pub fn word(").unwrap();
    let (word, _) = word.split_once("\n}").unwrap();
    for text in word.split('"').skip(1).step_by(2) {
        let mark = mark(text);
        if mark.chars().filter(|c| c.is_alphabetic()).count() >= 4 {
            assert!(document.contains(&mark), "docs/troubleshooting.md does not explain the word {text:?}");
        }
    }
}

#[test]
fn texts_are_found_and_cut_at_what_is_filled_in() {
    let source = "#[error(\"{a} refused \\\"x\\\" here: {b}. Mend it.\")]\n#[error(\n    \"the {c} line\"\n)]\n#[error(transparent)]";
    let texts = error_texts(source);
    assert_eq!(texts, ["{a} refused \"x\" here: {b}. Mend it.", "the {c} line"]);
    assert_eq!(mark(&texts[0]), "refused \"x\" here");
    assert_eq!(mark("{0}"), "");
}
