//! Nothing writes to a database around the gate: whoever is outside `src/provider` gets a database
//! from `provider::connect` alone, which puts it behind `src/provider/gate.rs`, and that gate asks
//! before every method that writes.

use super::source::{code, files, is_test, paths, read};

/// The methods of `Provider` that change nothing. A new one that changes something belongs into
/// [`WRITES`].
const READS: &[&str] = &[
    "capabilities",
    "ping",
    "collections",
    "describe",
    "count",
    "page",
    "get",
    "search",
    "native_filter",
    "check_new",
];

/// The methods of `Provider` that change something.
const WRITES: &[&str] =
    &["create_collection", "create_collection_to_fill", "build_indexes", "upsert", "delete", "drop_collection"];

/// Who may open a database of one maker by itself: the demo writes its own samples into a new directory.
const MAKES_ITS_OWN: &str = "src/demo/mod.rs";

/// Names of the functions between the braces that follow `start`, each with its body.
fn functions(source: &str, start: &str) -> Vec<(String, String)> {
    let at = source.find(start).unwrap_or_else(|| panic!("there is no {start:?}"));
    let mut depth = 0_i32;
    let mut end = source.len();
    for (i, c) in source[at..].char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 1 => {
                end = at + i;
                break;
            }
            '}' => depth -= 1,
            _ => {}
        }
    }
    let block = &source[at..end];
    let parts = block.split("fn ").skip(1);
    parts.map(|part| (part.split('(').next().unwrap().to_owned(), part.to_owned())).collect()
}

#[test]
fn the_gate_passes_every_method_on_and_asks_before_those_that_write() {
    let declared = functions(&code(&read("src/provider/mod.rs")), "pub trait Provider");
    let gate = functions(&code(&read("src/provider/gate.rs")), "impl Provider for Guarded");
    let names: Vec<&str> = declared.iter().map(|(name, _)| name.as_str()).collect();
    let known: Vec<&str> = READS.iter().chain(WRITES).copied().collect();
    for name in &names {
        assert!(known.contains(name), "Provider::{name} is neither in READS nor in WRITES of tests/tidy/gate.rs");
        let Some((_, body)) = gate.iter().find(|(passed, _)| passed == name) else {
            panic!("the gate does not pass Provider::{name} on: its default would answer for the database")
        };
        let passed_on = body.find(&format!("self.provider.{name}("));
        assert!(passed_on.is_some(), "the gate's {name} does not ask the database's {name}");
        let asked = body.find("self.gate.check(").filter(|asked| Some(*asked) < passed_on);
        assert_eq!(asked.is_some(), WRITES.contains(name), "whether the gate is asked before {name}");
    }
    assert_eq!(names.len(), known.len(), "READS and WRITES name what Provider has not");
}

#[test]
fn connect_puts_every_database_behind_the_gate() {
    let source = code(&read("src/provider/mod.rs"));
    let at = source.find("pub async fn connect").unwrap();
    let body = source[at..].trim_end().trim_end_matches('}').trim_end();
    assert!(body.ends_with("Ok(spec.gate.guard(provider))"), "{body}");
    assert_eq!(body.matches("return").count(), 0, "nothing leaves before the gate");
}

#[test]
fn a_database_is_made_only_past_the_gate() {
    let source = code(&read("src/provider/mod.rs"));
    let body = &source[source.find("pub async fn make_embedded").unwrap()..];
    let (asked, made) = (body.find("gate.check(").unwrap(), body.find("make_new(").unwrap());
    assert!(asked < made, "the gate is asked after the database was made");
}

#[test]
fn nobody_outside_the_providers_opens_a_maker_by_itself() {
    let folder = |file: String| {
        let folder = file.strip_prefix("src/provider/")?.strip_suffix("/maker.rs")?;
        Some(folder.to_owned())
    };
    let makers: Vec<String> = files("src/provider", "/maker.rs").into_iter().filter_map(folder).collect();
    assert!(makers.len() >= 11, "{makers:?}");
    let outside = files("src", ".rs").into_iter().filter(|file| !file.starts_with("src/provider/") && !is_test(file));
    let mut wrong = Vec::new();
    for file in outside.filter(|file| file != MAKES_ITS_OWN) {
        for path in paths(&code(&read(&file)), "crate") {
            let rest = path.trim_start_matches("crate::").strip_prefix("provider::").unwrap_or_default().to_owned();
            let room = rest.split("::").next().unwrap_or_default().to_owned();
            let data = rest.split("::").nth(1).is_some_and(|item| item.starts_with(char::is_lowercase));
            if makers.contains(&room) && !data {
                wrong.push(format!("{file}: {path}"));
            }
        }
    }
    assert!(wrong.is_empty(), "these can write around the gate:\n{}", wrong.join("\n"));
}

#[test]
fn only_the_providers_and_the_demo_name_a_method_that_writes() {
    let mut wrong = Vec::new();
    let outside = files("src", ".rs").into_iter().filter(|file| !file.starts_with("src/provider/") && !is_test(file));
    for file in outside.filter(|file| file != MAKES_ITS_OWN) {
        let source = code(&read(&file));
        for name in WRITES {
            for (at, _) in source.match_indices(&format!(".{name}(")) {
                wrong.push(format!("{file}: {}", source[at..].lines().next().unwrap_or_default()));
            }
        }
    }
    // What is added here later goes through `provider::connect` like everything else; it is named so
    // that a reviewer sees each place that writes.
    let writing = [
        // Passes on what a job writes, to a database that stands behind its gate.
        "src/connection/lent.rs: .create_collection(",
        "src/connection/lent.rs: .create_collection_to_fill(",
        "src/connection/lent.rs: .build_indexes(",
        "src/connection/lent.rs: .upsert(",
        "src/connection/lent.rs: .delete(",
        "src/connection/lent.rs: .drop_collection(",
        // Makes one collection like another, after a question.
        "src/jobs/align/carry_out.rs: .delete(",
        "src/jobs/align/carry_out.rs: .delete(",
        "src/jobs/copy/deliver.rs: .upsert(",
        "src/jobs/copy/indexing.rs: .build_indexes(",
        "src/jobs/copy/prepare.rs: .create_collection_to_fill(",
    ];
    assert_eq!(wrong.len(), writing.len(), "{wrong:#?}");
    for (found, known) in wrong.iter().zip(writing) {
        assert!(found.starts_with(known), "{found} is not {known}");
    }
}
