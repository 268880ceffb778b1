//! The project file `.vector-inspector.toml`: profiles that come with a repository, without secrets. It is
//! found upwards from the working directory, and offered only; nothing of it is opened by itself.
//!
//! It came with somebody's repository, so it is trusted as little as a shared file: what `share` would not
//! give away is an error here, with its place. Directories may be those inside of the project.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};

use thiserror::Error;
use toml_edit::{Item, Table};

use super::import::ImportError;
use super::import::plan::same_key_elsewhere;
use super::import::shared;
use super::model::{Profile, ProfileId};
use super::secret::register_variables;
use super::share::fields;
use super::share::rules::{Rule, rule};
use super::vault::{VaultError, usable_name};

/// The name of the file.
pub const FILE: &str = ".vector-inspector.toml";
/// More than any list of connections.
const LIMIT: u64 = 1 << 20;

/// Why a project file is not used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ProjectError {
    /// It cannot be read.
    #[error("the project file {} could not be read: {cause}. Check its permissions.", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The system's words.
        cause: String,
    },
    /// Somebody else owns it.
    #[error("the project file {} belongs to another user, so it was not used. Copy it to a folder of your own.", path.display())]
    NotYours {
        /// The file.
        path: PathBuf,
    },
    /// Anybody may change it.
    #[error("the project file {} can be changed by anybody (mode {mode:03o}), so it was not used. Run: chmod o-w {}", path.display(), path.display())]
    Writable {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It has something that must not be in a file of a repository.
    #[error(
        "the project file {}, line {line}: the profile {profile:?} has {field}, and {why}. Nothing of the file was used; take it out, or save that profile in your own store.",
        path.display()
    )]
    Refused {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The profile's name.
        profile: String,
        /// The field.
        field: String,
        /// Why it must not be there.
        why: &'static str,
    },
    /// A profile of it was to be changed or given away.
    #[error(
        "{profile:?} is a profile of the project file {}, not of your store. Edit that file; or save one of your own: vector-inspector profiles add NAME ADDRESS.",
        path.display()
    )]
    OfProject {
        /// The file.
        path: PathBuf,
        /// The profile's name.
        profile: String,
    },
    /// A profile in it cannot be understood.
    #[error("the project file {}, line {line}: {cause}", path.display())]
    Profile {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        cause: Box<VaultError>,
    },
    /// It is no file of profiles.
    #[error(transparent)]
    Malformed(#[from] ImportError),
}

/// The profiles of a project.
#[derive(Debug, Clone)]
pub struct Project {
    /// The file.
    pub path: PathBuf,
    /// Its profiles, in its order.
    pub profiles: Vec<Profile>,
}

impl Project {
    /// The profile of that name.
    pub fn get(&self, name: &str) -> Option<&Profile> {
        self.profiles.iter().find(|profile| profile.name == name)
    }

    /// The profile with that id.
    pub fn by_id(&self, id: ProfileId) -> Option<&Profile> {
        self.profiles.iter().find(|profile| profile.id == id)
    }
}

/// What is said of a profile of a project that sends a key of the store to another address than the store does;
/// `None` for any other.
pub fn warning(profile: &Profile, known: &[Profile]) -> Option<String> {
    let moved = same_key_elsewhere(known, profile)?;
    Some(format!(
        "{:?} of the project sends the key of {:?} to {} ({}; {FILE}). Open it only if that is right.",
        profile.name,
        moved.of,
        moved.whither(),
        moved.key
    ))
}

/// What is said where the store and the project have a profile of one name.
pub fn shadowed(name: &str) -> String {
    format!("{name:?} is the profile of your store; the one of that name in the project file {FILE} is not used.")
}

/// Looks for the file from a directory upwards: to the home directory, or to the root of that file system.
///
/// # Errors
/// [`ProjectError`] for a file that is there and is not used. The search ends with it: the file of an outer
/// folder must not take its place unnoticed.
pub fn find(from: &Path, home: Option<&Path>) -> Result<Option<Project>, ProjectError> {
    let Ok(start) = fs::canonicalize(from) else { return Ok(None) };
    let home = home.and_then(|home| fs::canonicalize(home).ok());
    let device = fs::metadata(&start).map(|found| found.dev()).ok();
    for folder in start.ancestors() {
        // Another file system is no part of this project.
        if fs::metadata(folder).map(|found| found.dev()).ok() != device {
            return Ok(None);
        }
        let path = folder.join(FILE);
        if fs::symlink_metadata(&path).is_ok() {
            return read(&path).map(Some);
        }
        if home.as_deref() == Some(folder) {
            return Ok(None);
        }
    }
    Ok(None)
}

/// Reads one file.
///
/// # Errors
/// As [`find`].
pub fn read(path: &Path) -> Result<Project, ProjectError> {
    let failed = |cause: &dyn std::fmt::Display| ProjectError::File { path: path.to_owned(), cause: cause.to_string() };
    let found = fs::metadata(path).map_err(|cause| failed(&cause))?;
    if !found.is_file() {
        return Err(failed(&"it is no file"));
    }
    if found.uid() != rustix::process::geteuid().as_raw() {
        return Err(ProjectError::NotYours { path: path.to_owned() });
    }
    let mode = found.mode() & 0o777;
    if mode & 0o002 != 0 {
        return Err(ProjectError::Writable { path: path.to_owned(), mode });
    }
    if found.len() > LIMIT {
        return Err(failed(&"it is larger than 1 MiB"));
    }
    let text = fs::read_to_string(path).map_err(|cause| failed(&cause))?;
    let shown = path.display().to_string();
    let document = shared::parse(&text, &shown)?;
    // Places are known to a document that is only read.
    let places = toml_edit::Document::parse(text.as_str()).ok();
    let spans = |index: usize| {
        let tables = places.as_ref()?.as_table().get("profile")?.as_array_of_tables()?;
        tables.get(index)
    };
    let line_of = |at: Option<usize>| {
        let before = text.as_bytes().get(..at.unwrap_or(0)).unwrap_or_default();
        1 + before.iter().filter(|byte| **byte == b'\n').count()
    };
    let mut profiles: Vec<Profile> = Vec::new();
    for (index, table) in shared::tables(&document).enumerate() {
        let placed = spans(index);
        let start = line_of(placed.and_then(Table::span).map(|span| span.start));
        let wrong = |cause| ProjectError::Profile { path: path.to_owned(), line: start, cause: Box::new(cause) };
        let name = table.get("name").and_then(Item::as_str).unwrap_or_default().to_owned();
        check(table).map_err(|(field, why)| {
            let span = placed.and_then(|table| span_of(table, &field));
            let line = span.map_or(start, |at| line_of(Some(at)));
            let field = fields::name(&field);
            ProjectError::Refused { path: path.to_owned(), line, profile: name.clone(), field, why }
        })?;
        let mut profile = fields::profile_of(table, index).map_err(wrong)?;
        usable_name(&profile.name).map_err(wrong)?;
        if profiles.iter().any(|other| other.name == profile.name) {
            return Err(wrong(VaultError::NameTaken { name: profile.name }));
        }
        profile.id = super::import::identity(&["project", &shown, &profile.name]);
        profile.open_at_start = false;
        let folder = path.parent().unwrap_or(Path::new("/"));
        profile.tls.ca_file = profile.tls.ca_file.map(|file| folder.join(file));
        if profile.provider.is_embedded() {
            profile.address = folder.join(&profile.address).display().to_string();
        }
        register_variables(&profile);
        profiles.push(profile);
    }
    Ok(Project { path: path.to_owned(), profiles })
}

/// The first field that must not be in a file of a repository.
fn check(table: &Table) -> Result<(), (fields::Path, &'static str)> {
    for path in fields::paths(table) {
        let Some(item) = fields::get(table, &path) else { continue };
        match rule(table, &path, item) {
            Rule::Kept(_) if path == ["address"] => {
                if !is_inside(item.as_str().unwrap_or_default()) {
                    return Err((path, "a directory must be inside of the project, without `..` in its path"));
                }
            }
            // Public, and the same on every machine that has the project.
            Rule::Kept(_) if path == ["tls", "ca_file"] => {
                if !is_inside(item.as_str().unwrap_or_default()) {
                    return Err((path, "a file of a CA must be inside of the project, without `..` in its path"));
                }
            }
            Rule::Shared | Rule::Personal => {}
            Rule::Secret => {
                return Err((
                    path,
                    "a file of a project must hold no secret, only where it comes from, as { env = \"NAME\" }",
                ));
            }
            Rule::Kept(why) => return Err((path, why)),
        }
    }
    Ok(())
}

fn is_inside(path: &str) -> bool {
    let mut parts = Path::new(path).components();
    parts.all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) && !path.starts_with('~')
}

fn span_of(table: &Table, path: &[String]) -> Option<usize> {
    let (first, rest) = path.split_first()?;
    let (key, item) = table.get_key_value(first)?;
    let own = key.span().or_else(|| item.span()).map(|span| span.start);
    match (rest.first(), item.as_table()) {
        (Some(inner), Some(sub)) => sub
            .get_key_value(inner)
            .and_then(|(key, item)| key.span().or_else(|| item.span()))
            .map(|span| span.start)
            .or(own),
        _ => own,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const HEAD: &str = "# ours\n[[profile]]\nname = \"vectors\"\nprovider = \"qdrant\"\naddress = \"db:6334\"\n";

    fn project(text: &str) -> (tempfile::TempDir, PathBuf) {
        let outer = tempfile::tempdir().unwrap();
        let inner = outer.path().join("a/b");
        fs::create_dir_all(&inner).unwrap();
        fs::write(outer.path().join(FILE), text).unwrap();
        (outer, inner)
    }

    #[test]
    fn it_is_found_upwards_to_the_home_directory() {
        let (outer, inner) = project(HEAD);
        let found = find(&inner, None).unwrap().unwrap();
        assert_eq!(found.get("vectors").unwrap().address, "db:6334");
        assert_eq!(found.get("vectors").unwrap().id, find(outer.path(), None).unwrap().unwrap().profiles[0].id);
        assert!(find(&inner, Some(&outer.path().join("a"))).unwrap().is_none(), "above home nothing is looked for");
        assert!(find(&inner, Some(outer.path())).unwrap().is_some(), "home itself is looked at");
        assert!(find(&inner.join("nothing"), None).unwrap().is_none());
        // One that is wrong hides the one above it.
        fs::write(inner.join(FILE), "[[profile]]\nsecret = 1").unwrap();
        assert!(find(&inner, None).is_err());
    }

    #[test]
    fn secrets_commands_and_paths_are_refused_with_their_line() {
        for (fields, field, line) in [
            ("secret = \"sesame\"", "secret", 6),
            ("secret = { command = [\"evil\"] }", "secret", 6),
            ("secret = { env = \"VECTOR_INSPECTOR_KEY\" }", "secret", 6),
            ("notes = \"x\"\n[profile.tls]\n\nca_file = \"/tmp/ca\"", "tls.ca_file", 9),
            ("[profile.tls]\nca_file = \"../ca.pem\"", "tls.ca_file", 7),
            ("[profile.tls]\nkey_file = \"key.pem\"", "tls.key_file", 7),
            ("[profile.options]\nprogram = \"evil\"", "options.program", 7),
        ] {
            let (_outer, inner) = project(&format!("{HEAD}{fields}\n"));
            let error = find(&inner, None).unwrap_err();
            assert!(
                matches!(&error, ProjectError::Refused { field: f, line: l, .. } if f == field && *l == line),
                "{error}"
            );
            let shown = error.to_string();
            assert!(!shown.contains("sesame") && crate::text::redact(&shown) == shown, "{error}");
        }
        let (_outer, inner) = project(&format!("{HEAD}secret = {{ env = \"KEY\" }}\nopen_at_start = true\n"));
        let found = find(&inner, None).unwrap().unwrap();
        assert!(found.profiles[0].secret.is_some() && !found.profiles[0].open_at_start);
    }

    #[test]
    fn a_ca_file_of_the_project_is_taken_from_its_folder() {
        let (outer, inner) = project(&format!("{HEAD}[profile.tls]\nca_file = \"certs/ca.pem\"\n"));
        let found = find(&inner, None).unwrap().unwrap();
        let folder = fs::canonicalize(outer.path()).unwrap();
        assert_eq!(found.profiles[0].tls.ca_file, Some(folder.join("certs/ca.pem")));
    }

    #[test]
    fn a_key_of_the_store_that_a_project_sends_elsewhere_is_told() {
        use crate::profile::model::SecretSource;
        use crate::provider::ProviderKind;
        let mut known = Profile::new("prod", ProviderKind::Qdrant, "db:6334");
        known.secret = Some(SecretSource::Env("KEY".to_owned()));
        let mut other = Profile { name: "ours".to_owned(), address: "evil:6334".to_owned(), ..known.clone() };
        let text = warning(&other, std::slice::from_ref(&known)).unwrap();
        assert!(text.contains("\"prod\"") && text.contains("env KEY") && text.contains("evil:6334"), "{text}");
        other.secret = Some(SecretSource::Env("OTHER".to_owned()));
        assert_eq!(warning(&other, std::slice::from_ref(&known)), None);
        known.address = "evil:6334".to_owned();
        known.secret = other.secret.clone();
        assert_eq!(warning(&other, &[known]), None, "it goes where it always goes");
    }

    #[test]
    fn directories_are_those_of_the_project_only() {
        let head = "[[profile]]\nname = \"d\"\nprovider = \"chroma-folder\"\n";
        for (address, inside) in
            [("data/chroma", true), ("./data", true), ("../x", false), ("/etc", false), ("~/x", false)]
        {
            let (outer, inner) = project(&format!("{head}address = \"{address}\"\n"));
            match find(&inner, None) {
                Ok(Some(found)) => {
                    assert!(inside, "{address}");
                    assert!(Path::new(&found.profiles[0].address).starts_with(fs::canonicalize(outer.path()).unwrap()));
                }
                other => assert!(!inside && other.is_err(), "{address}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_file_that_anybody_may_change_is_not_used() {
        let (outer, inner) = project(HEAD);
        fs::set_permissions(outer.path().join(FILE), fs::Permissions::from_mode(0o646)).unwrap();
        assert!(matches!(find(&inner, None).unwrap_err(), ProjectError::Writable { mode: 0o646, .. }));
        fs::set_permissions(outer.path().join(FILE), fs::Permissions::from_mode(0o664)).unwrap();
        assert!(find(&inner, None).is_ok());
    }
}
