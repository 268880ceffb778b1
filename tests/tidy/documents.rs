//! Links of the documents lead somewhere, the map of the architecture is complete, the package has
//! what it needs.

use super::source::{files, read, root};

fn documents() -> Vec<String> {
    let mut all = vec!["README.md".to_owned(), "CHANGELOG.md".to_owned()];
    all.extend(files("docs", ".md"));
    all
}

/// Targets of `[text](target)`, outside of code.
fn links(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut in_block = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            in_block = !in_block;
        }
        if in_block {
            continue;
        }
        // Every second piece between backticks is code.
        let prose: String = line.split('`').step_by(2).collect::<Vec<_>>().join("");
        for (at, _) in prose.match_indices("](") {
            let rest = &prose[at + 2..];
            found.push(rest[..rest.find(')').unwrap_or(rest.len())].to_owned());
        }
    }
    found
}

/// The anchor that a heading gets.
fn anchor(heading: &str) -> String {
    let kept = heading.to_lowercase();
    kept.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c)).map(|c| if c == ' ' { '-' } else { c }).collect()
}

fn anchors(text: &str) -> Vec<String> {
    text.lines().filter_map(|line| line.strip_prefix('#')).map(|l| anchor(l.trim_start_matches('#').trim())).collect()
}

#[test]
fn every_link_between_documents_leads_somewhere() {
    let mut count = 0;
    for file in documents() {
        let text = read(&file);
        for link in links(&text) {
            if link.contains("://") {
                continue;
            }
            count += 1;
            let (path, part) = link.split_once('#').unwrap_or((&link, ""));
            let target =
                if path.is_empty() { root().join(&file) } else { root().join(&file).parent().unwrap().join(path) };
            assert!(target.exists(), "{file} links to {link}, which does not exist");
            if !part.is_empty() {
                let there = std::fs::read_to_string(&target).unwrap();
                assert!(anchors(&there).iter().any(|a| a == part), "{file} links to {link}: there is no such heading");
            }
        }
    }
    assert!(count > 10, "only {count} links were found");
}

#[test]
fn every_document_is_linked_from_the_readme() {
    let linked = links(&read("README.md"));
    for file in files("docs", ".md") {
        assert!(linked.iter().any(|link| link.split('#').next() == Some(&file)), "README.md does not link to {file}");
    }
}

#[test]
fn every_folder_of_the_sources_is_in_the_map() {
    let map = read("docs/architecture.md");
    for entry in std::fs::read_dir(root().join("src")).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            let name = format!("{}/", entry.file_name().to_str().unwrap());
            assert!(map.contains(&name), "docs/architecture.md does not name src/{name}");
        }
    }
}

/// `tests/x.rs` and `src/...` that the documents name are there.
#[test]
fn every_file_that_a_document_names_exists() {
    for file in documents().into_iter().filter(|file| file != "CHANGELOG.md") {
        for word in read(&file).split(|c: char| c.is_whitespace() || "`()|,;*#\"'".contains(c)) {
            let word = word.trim_end_matches(['.', ':']);
            let ours = ["src/", "tests/", "examples/", "docs/"].iter().any(|folder| word.starts_with(folder));
            if ours && !word.contains(['…', '<', '*', '{']) {
                assert!(root().join(word).exists(), "{file} names {word}, which does not exist");
            }
        }
    }
}

#[test]
fn what_the_package_names_is_there() {
    let manifest = read("Cargo.toml");
    for key in ["description", "license", "readme", "repository", "keywords", "categories", "rust-version"] {
        assert!(manifest.lines().any(|line| line.starts_with(&format!("{key} = "))), "Cargo.toml has no {key}");
    }
    for file in ["README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE"] {
        assert!(root().join(file).is_file(), "{file} is missing");
    }
    let version = manifest.lines().find_map(|line| line.strip_prefix("version = ")).unwrap().trim_matches('"');
    assert!(read("CHANGELOG.md").contains(&format!("## [{version}]")), "CHANGELOG.md has no entry for {version}");
}

#[test]
fn every_cause_of_the_doctor_is_in_its_document() {
    let document = read("docs/doctor.md");
    let source = read("src/doctor/model/cause.rs");
    let (_, table) = source.split_once("causes! {").unwrap();
    let names = table.lines().filter_map(|line| line.split('"').nth(1).filter(|_| line.trim_end().ends_with("\";")));
    let mut count = 0;
    for name in names {
        count += 1;
        assert!(document.contains(&format!("| `{name}` |")), "docs/doctor.md does not tell of the cause {name}");
    }
    assert!(count > 40, "only {count} causes were found");
}
