//! `docs/cli.md` is what the parser says. `UPDATE_DOCS=1` writes it anew.

#[test]
fn the_document_of_the_commands_is_fresh() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/cli.md");
    let fresh = vector_inspector::cli::docs::markdown();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &fresh).unwrap();
    }
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(there == fresh, "docs/cli.md is not fresh: run UPDATE_DOCS=1 cargo test --test commands docs");
}
