//! Which room of `src/` may know which other: the arrows of `docs/architecture.md`.
//!
//! Only paths that begin with `crate` or with the name of a library count; a path that climbs with
//! `super` to the root of the crate is refused, so that none is overlooked.

use super::source::{code, files, is_test, paths, read};

/// What a room may name of this crate. The longest beginning of a file's path decides.
const MAY_NAME: &[(&str, &[&str])] = &[
    (
        "src/app",
        &[
            "app",
            "keymap",
            "connection::message",
            "connection::health",
            "doctor::model",
            "jobs::model",
            "cloud::model",
            "profile::destination",
            "profile::exposure",
            "profile::model",
            "profile::vault::strength",
            "text",
            PROVIDER_DATA,
        ],
    ),
    (
        "src/ui",
        &[
            "ui",
            "app",
            "keymap",
            "connection::health",
            "doctor::model",
            "jobs::model",
            "cloud::model",
            "profile::exposure",
            "profile::model",
            "profile::vault::strength",
            "text",
            PROVIDER_DATA,
        ],
    ),
    ("src/keymap", &["keymap", "app::action"]),
    ("src/text", &["text"]),
    ("src/config", &["config", "app::settings", "profile::model", "text"]),
    ("src/connection", &["connection", "provider::Provider", "provider::sift", PROVIDER_DATA]),
    ("src/profile/model.rs", &[PROVIDER_DATA]),
    ("src/profile", &["profile", "text", PROVIDER_DATA, "provider::transport", "provider::qdrant_edge"]),
    ("src/cloud/model.rs", &["profile::model", PROVIDER_DATA]),
    // An address that somebody pasted is read as profiles read theirs.
    ("src/cloud", &["cloud", "profile::address", "profile::model", "profile::oidc", "provider", "text"]),
    ("src/demo", &["demo", "provider"]),
    ("src/doctor/model", &["doctor::model"]),
    ("src/doctor", &["doctor", "provider", "profile::ask_port"]),
    ("src/jobs/model", &["jobs::model", "text", PROVIDER_DATA]),
    (
        "src/jobs/backup",
        &[
            "jobs",
            "provider::Provider",
            "provider::parquet_backup::manifest",
            "provider::parquet_backup::part",
            "text",
            PROVIDER_DATA,
        ],
    ),
    ("src/jobs", &["jobs", "provider::Provider", "provider::sift", "text", PROVIDER_DATA]),
    ("src/provider/model", &["provider::model", "provider::filter"]),
    ("src/provider/filter", &["provider::model", "provider::filter", "provider::ProviderError", "text"]),
    ("src/provider/transport", &["provider::transport", "text", PROVIDER_DATA]),
    ("src/provider/qdrant", &["provider::qdrant", "provider::transport", PROVIDER_DATA]),
    (
        "src/provider/qdrant_edge",
        &["provider::qdrant_edge", "provider::qdrant::conditions", "provider::qdrant::words", PROVIDER_DATA],
    ),
    ("src/provider/pgvector", &["provider::pgvector", "provider::ahead", "provider::transport", PROVIDER_DATA]),
    ("src/provider/chroma", &["provider::chroma", "provider::transport", PROVIDER_DATA]),
    ("src/provider/pinecone", &["provider::pinecone", "provider::transport", PROVIDER_DATA]),
    ("src/provider/weaviate", &["provider::weaviate", "provider::transport", PROVIDER_DATA]),
    ("src/provider", &["provider"]),
    ("src/cli", &[ALL]),
    ("src/runtime", &[ALL_BUT_CLI]),
    ("src/main.rs", &[ALL]),
    ("src/lib.rs", &[]),
];

/// The provider's data: its types, models, filters, ids; no maker and no network.
const PROVIDER_DATA: &str = "(provider data)";
const ALL: &str = "(all)";
const ALL_BUT_CLI: &str = "(all but cli)";

/// What neither the core nor the view may touch: time, files, environment, network, tasks.
const IMPURE: &[&str] = &[
    "tokio",
    "tokio_util",
    "futures",
    "std::fs",
    "std::env",
    "std::net",
    "std::process",
    "std::thread",
    "std::io",
    "std::time::Instant",
    "std::time::SystemTime",
    "crossterm",
    "reqwest",
    "tonic",
    "rustix",
];

fn allowed(path: &str, list: &[&str]) -> bool {
    let path = path.strip_prefix("crate::").unwrap_or(path);
    let below = |room: &str| path == room || path.starts_with(&format!("{room}::"));
    list.iter().any(|entry| match *entry {
        ALL => true,
        ALL_BUT_CLI => !below("cli"),
        PROVIDER_DATA => {
            let item = path.strip_prefix("provider::").unwrap_or_default();
            path == "provider"
                || (item.starts_with(char::is_uppercase) && item != "Provider")
                || ["model", "filter", "ids", "error", "self"]
                    .iter()
                    .any(|part| item == *part || item.starts_with(&format!("{part}::")))
        }
        room => below(room),
    })
}

fn may_name(file: &str) -> &'static [&'static str] {
    let matching = MAY_NAME.iter().filter(|(room, _)| file == *room || file.starts_with(&format!("{room}/")));
    let (_, list) = matching.max_by_key(|(room, _)| room.len()).unwrap_or_else(|| {
        panic!("{file} is in a room that has no line in tests/tidy/rooms.rs and docs/architecture.md: add both")
    });
    list
}

fn own_files(folder: &str) -> Vec<(String, String)> {
    let files = files(folder, ".rs").into_iter().filter(|file| !is_test(file));
    files.map(|file| (code(&read(&file)), file)).map(|(code, file)| (file, code)).collect()
}

#[test]
fn each_room_names_only_the_rooms_below_it() {
    let mut wrong = Vec::new();
    for (file, code) in own_files("src") {
        let list = may_name(&file);
        for path in paths(&code, "crate") {
            if !allowed(&path, list) {
                wrong.push(format!("{file}: {path}"));
            }
        }
    }
    assert!(wrong.is_empty(), "these break the rule of docs/architecture.md:\n{}", wrong.join("\n"));
}

#[test]
fn core_and_view_name_no_task_file_environment_or_clock() {
    let mut wrong = Vec::new();
    for room in [
        "src/app",
        "src/ui",
        "src/keymap",
        "src/doctor/model",
        "src/jobs/model",
        "src/provider/model",
        "src/provider/filter",
    ] {
        for (file, code) in own_files(room) {
            for library in IMPURE {
                let (first, rest) = library.split_once("::").unwrap_or((library, ""));
                for path in paths(&code, first) {
                    let item = if rest.is_empty() { "" } else { &path[first.len() + 2..] };
                    if rest.is_empty() || item == rest || item.starts_with(&format!("{rest}::")) {
                        wrong.push(format!("{file}: {path}"));
                    }
                }
            }
        }
    }
    for (file, code) in own_files("src/app") {
        wrong.extend(paths(&code, "ratatui").into_iter().map(|path| format!("{file}: {path}")));
    }
    assert!(wrong.is_empty(), "the pure part names what is not pure:\n{}", wrong.join("\n"));
}

#[test]
fn no_path_climbs_to_the_root_with_super() {
    for (file, code) in own_files("src") {
        // `src/a/b.rs` is the module a::b: two steps to the root; `src/a/mod.rs` one.
        let below = file.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
        let depth = below.split('/').count();
        let climb = "super::".repeat(depth);
        assert!(!code.contains(&climb), "{file} climbs to the root with {climb}; write crate:: instead");
    }
}

#[test]
fn only_the_loop_draws_and_only_the_terminal_is_written_to() {
    for (file, code) in own_files("src") {
        if code.contains("io::stdout()") {
            let may = ["src/runtime/", "src/cli/"].iter().any(|room| file.starts_with(room));
            assert!(may, "{file} writes to standard output; the screen belongs to runtime/terminal");
        }
    }
}

#[test]
fn the_rule_can_be_broken() {
    let app = may_name("src/app/reduce/mod.rs");
    assert!(!allowed("crate::connection::registry::Registry", app));
    assert!(!allowed("crate::profile::vault::Vault", app));
    assert!(!allowed("crate::provider::qdrant::connect", app));
    assert!(!allowed("crate::runtime::run", app));
    assert!(allowed("crate::connection::message::Command", app));
    assert!(allowed("crate::provider::ProviderError", app));
    assert!(!allowed("crate::cli::run", may_name("src/runtime/run.rs")));
}
