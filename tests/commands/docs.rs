//! Documents that the program itself can write are what it would write now. `UPDATE_DOCS=1` writes
//! them anew.

fn is_fresh(name: &str, fresh: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, fresh).unwrap();
    }
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(there == fresh, "docs/{name} is not fresh: run UPDATE_DOCS=1 cargo test --test commands docs");
}

#[test]
fn the_document_of_the_commands_is_fresh() {
    is_fresh("cli.md", &vector_inspector::cli::docs::markdown());
}

#[test]
fn the_tables_of_the_providers_are_fresh() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/providers.md");
    let there = std::fs::read_to_string(path).unwrap();
    is_fresh("providers.md", &vector_inspector::provider::matrix::put_into(&there).unwrap());
}

#[test]
fn the_document_of_the_keys_is_fresh() {
    is_fresh("keybindings.md", &vector_inspector::keymap::docs::markdown());
}
