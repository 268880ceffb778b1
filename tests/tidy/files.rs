//! Size and first lines of the source files.

use super::source::{files, is_test, read};

/// Longest file, in lines.
const LONGEST: usize = 500;

/// Files that may be longer, each with the reason.
const MAY_BE_LONGER: &[(&str, &str)] = &[];

fn all() -> Vec<String> {
    ["src", "tests", "examples"].iter().flat_map(|folder| files(folder, ".rs")).collect()
}

#[test]
fn no_file_is_too_long() {
    for file in all() {
        let lines = read(&file).lines().count();
        let may = MAY_BE_LONGER.iter().any(|(name, _)| *name == file);
        assert!(lines <= LONGEST || may, "{file} has {lines} lines: split it along an idea");
        assert!(lines > LONGEST || !may, "{file} has {lines} lines: take it off the list of exceptions");
    }
    for (name, why) in MAY_BE_LONGER {
        assert!(all().iter().any(|file| file == name), "the exception {name} ({why}) is no file");
    }
}

#[test]
fn every_file_says_what_it_is_for() {
    for file in all() {
        let text = read(&file);
        let has_doc =
            text.lines().take_while(|line| line.starts_with("#!") || line.starts_with("//!") || line.is_empty());
        let has_doc = has_doc.into_iter().any(|line| line.len() > "//! ".len() && line.starts_with("//!"));
        assert!(has_doc || is_test(&file) && file.starts_with("src/"), "{file} has no module documentation (`//!`)");
    }
}

#[test]
fn nothing_is_left_to_be_done_in_the_sources() {
    let markers = [["TO", "DO"].concat(), ["FIX", "ME"].concat(), ["XX", "X"].concat()];
    for file in all() {
        let text = read(&file);
        for marker in &markers {
            let found = text.split(|c: char| !c.is_alphanumeric()).any(|word| word == marker);
            assert!(!found, "{file} has a {marker}: do it, or file an issue");
        }
    }
}
