//! The way to a database in a directory: the path, the right to read it, whose files are in it. Looks
//! at names only; opening is the last steps' part.

use std::io;
use std::path::Path;

use super::model::{Cause, Step, StepKind};
use crate::provider::{ConnectSpec, Place, ProviderKind};

/// The steps before the directory is opened; blocking.
pub(super) fn look(spec: &ConnectSpec, path: &Path) -> Result<Vec<Step>, (Vec<Step>, Step)> {
    let shown = path.display().to_string();
    let mut done = Vec::new();
    let tried = format!("look at {shown}");
    let fail = |kind, tried: &str, found: String, cause, mend: &str| Step::fail(kind, tried, found, cause, mend);
    match std::fs::metadata(path) {
        Ok(found) if found.is_dir() => done.push(Step::ok(StepKind::Path, tried, "it is a directory")),
        Ok(_) => {
            let mend = "Give the directory that holds the database.";
            return Err((done, fail(StepKind::Path, &tried, format!("{shown} is a file"), Cause::NotADirectory, mend)));
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let mend = match spec.kind {
                ProviderKind::QdrantEdge => {
                    "Correct the path; a relative one begins where the program was started. Or make an empty database \
                     there: `vector-inspector new DIR`."
                }
                _ => "Correct the path; a relative one begins where the program was started.",
            };
            let found = format!("{shown} does not exist{}", nearest_parent(path));
            return Err((done, fail(StepKind::Path, &tried, found, Cause::DirectoryMissing, mend)));
        }
        Err(error) => return Err((done, unreadable(StepKind::Path, &tried, &shown, &error))),
    }
    let tried = "list its files";
    match std::fs::read_dir(path) {
        Ok(_) => done.push(Step::ok(StepKind::Access, tried, "it can be listed")),
        Err(error) => return Err((done, unreadable(StepKind::Access, tried, &shown, &error))),
    }
    let tried = format!("look for a database of {}", spec.kind.maker().title);
    let Place::Directory(place) = spec.kind.maker().place else {
        done.push(Step::ok(StepKind::Contents, tried, "left to the database itself"));
        return Ok(done);
    };
    if (place.recognise)(path) {
        done.push(Step::ok(StepKind::Contents, tried, "its files are there"));
        return Ok(done);
    }
    let other = ProviderKind::ALL.into_iter().filter(|kind| *kind != spec.kind).find(|kind| match kind.maker().place {
        Place::Directory(place) => (place.recognise)(path),
        Place::Server(_) => false,
    });
    let step = match other {
        Some(kind) => fail(
            StepKind::Contents,
            &tried,
            format!("the files are those of {}", kind.maker().title),
            Cause::OtherMaker,
            &format!("Choose {} ({}) as the kind of database.", kind.maker().title, kind.name()),
        ),
        None => fail(
            StepKind::Contents,
            &tried,
            format!("it holds no {}", place.holds),
            Cause::NotADatabase,
            "Give the directory that holds the collections: neither the one above it nor a single collection's.",
        ),
    };
    Err((done, step))
}

fn unreadable(kind: StepKind, tried: &str, shown: &str, error: &io::Error) -> Step {
    Step::fail(
        kind,
        tried,
        format!("{shown} cannot be read: {error}"),
        Cause::NotReadable,
        "Run as the user whose files they are, or let this user read and search the directory (chmod, chown).",
    )
}

/// Where the path ends in fact: most wrong paths are wrong in one part.
fn nearest_parent(path: &Path) -> String {
    let parent = path.ancestors().skip(1).find(|parent| !parent.as_os_str().is_empty() && parent.exists());
    parent.map_or_else(String::new, |parent| format!("; the nearest that does is {}", parent.display()))
}
