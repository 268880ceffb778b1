//! The project's files, and Rust source without comments and tests.

use std::path::{Path, PathBuf};

/// Where `Cargo.toml` is.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All files below a folder whose names end so, by their path from the root, sorted.
pub fn files(folder: &str, ending: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![root().join(folder)];
    while let Some(directory) = open.pop() {
        for entry in std::fs::read_dir(&directory).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.to_str().is_some_and(|name| name.ends_with(ending)) {
                found.push(path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    assert!(!found.is_empty(), "no {ending} in {folder}");
    found.sort();
    found
}

/// The text of a file.
pub fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Whether a file below `src/` holds nothing but tests.
pub fn is_test(path: &str) -> bool {
    path.ends_with("tests.rs") || path.contains("/tests/")
}

/// The program's own part of a source: without comments, and without the test modules at its end.
pub fn code(text: &str) -> String {
    let mut code = String::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let line = line.trim();
        if line == "#[cfg(test)]" && next_is_inline_module(lines.clone()) {
            break;
        }
        if !line.starts_with("//") {
            code.push_str(line);
            code.push('\n');
        }
    }
    code
}

fn next_is_inline_module<'a>(lines: impl Iterator<Item = &'a str>) -> bool {
    let mut lines = lines.map(str::trim).skip_while(|line| line.starts_with("#["));
    lines.next().is_some_and(|line| line.starts_with("mod ") && line.ends_with('{'))
}

/// Every path that begins with this word, groups in braces taken apart:
/// `use crate::{a::B, c}` gives `crate::a::B` and `crate::c`.
pub fn paths(code: &str, first: &str) -> Vec<String> {
    let start = format!("{first}::");
    let mut found = Vec::new();
    for (at, _) in code.match_indices(&start) {
        let inside = code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
        if !inside {
            expand(first, &code[at + start.len()..], &mut found);
        }
    }
    found
}

/// Reads one path, or a group of them, that follows `prefix::`; what is left of the text.
fn expand<'a>(prefix: &str, text: &'a str, found: &mut Vec<String>) -> &'a str {
    let text = text.trim_start();
    if let Some(mut rest) = text.strip_prefix('{') {
        loop {
            rest = rest.trim_start().trim_start_matches(',').trim_start();
            if let Some(after) = rest.strip_prefix('}') {
                return after;
            }
            let before = rest.len();
            rest = expand(prefix, rest, found);
            if rest.len() == before {
                return rest;
            }
        }
    }
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '*')).unwrap_or(text.len());
    let path = format!("{prefix}::{}", &text[..end]);
    let rest = &text[end..];
    if let Some(rest) = rest.strip_prefix("::") {
        return expand(&path, rest, found);
    }
    found.push(path);
    match rest.strip_prefix(" as ") {
        Some(alias) => alias.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_'),
        None => rest,
    }
}

#[test]
fn groups_of_paths_are_taken_apart() {
    let code = "use crate::{a::{B, c::D as E}, f};\nlet x = crate::g::h(1); mycrate::no();";
    assert_eq!(paths(code, "crate"), ["crate::a::B", "crate::a::c::D", "crate::f", "crate::g::h"]);
}

#[test]
fn comments_and_tests_are_no_code() {
    let text = "//! tokio\nuse a;\n// tokio\n#[cfg(test)]\nmod tests;\nfn f() {}\n#[cfg(test)]\n#[allow(x)]\nmod t {\nuse tokio;\n}\n";
    assert_eq!(code(text), "use a;\n#[cfg(test)]\nmod tests;\nfn f() {}\n");
}
