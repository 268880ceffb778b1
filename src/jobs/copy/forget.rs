//! Taking a copy off the list: the directory of its journal is removed. What it has written at the target stays.

use std::fs::{self, File};
use std::path::Path;

use super::CopyError;
use super::folder::{COPIES, PLAN, held};
use super::several::{FILE, Several};

/// Forgets the copy of that name, or all copies of a whole. Damaged ones, too.
///
/// # Errors
/// There is none of that name, somebody works on one of them, or a directory cannot be removed.
pub fn forget(state_dir: &Path, id: &str) -> Result<(), CopyError> {
    let dir = |name: &str| state_dir.join(COPIES).join(name);
    // A name and no path: nothing but what lies there is ever removed.
    let is_copy = |name: &str| {
        let is_name = !name.is_empty() && !name.contains('/') && !name.starts_with('.');
        is_name && (dir(name).join(PLAN).is_file() || dir(name).join(FILE).is_file())
    };
    if !is_copy(id) {
        return Err(CopyError::NoSuchCopy { id: id.to_owned() });
    }
    let mut names = match Several::open(state_dir, id) {
        Ok(several) => several.map(|several| several.copies).unwrap_or_default(),
        // Which copies belong to it is not known any more: each is forgotten by its own name.
        Err(_) => Vec::new(),
    };
    names.retain(|name| name != id && is_copy(name));
    names.push(id.to_owned());
    // All are held before the first one goes: nobody goes on with one meanwhile.
    let locks: Vec<File> = names.iter().map(|name| held(&dir(name), name)).collect::<Result<_, _>>()?;
    for name in &names {
        let dir = dir(name);
        fs::remove_dir_all(&dir).map_err(|error| CopyError::file(&dir, &error))?;
    }
    drop(locks);
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::jobs::copy::Folder;
    use crate::jobs::copy::testing::plan;

    #[test]
    fn a_copy_is_forgotten_unless_somebody_works_on_it_and_nothing_else_is_removed() {
        let state = tempfile::tempdir().unwrap();
        let (one, other) =
            (Folder::create(state.path(), &plan()).unwrap(), Folder::create(state.path(), &plan()).unwrap());
        let (id, stays) = (one.id.clone(), other.id.clone());
        assert_eq!(forget(state.path(), &id).unwrap_err(), CopyError::Running { id: id.clone() });
        drop((one, other));
        for name in ["", ".", "..", "nobody", "../copies", &state.path().join(COPIES).join(&id).display().to_string()] {
            assert_eq!(forget(state.path(), name).unwrap_err(), CopyError::NoSuchCopy { id: name.to_owned() });
        }
        // A damaged one as well.
        fs::write(state.path().join(COPIES).join(&id).join(PLAN), "{").unwrap();
        forget(state.path(), &id).unwrap();
        let listed = Folder::list(state.path()).unwrap();
        assert_eq!(listed.iter().map(|copy| copy.id.as_str()).collect::<Vec<_>>(), [stays.as_str()]);
    }

    #[test]
    fn the_copies_of_a_whole_are_forgotten_with_it() {
        let state = tempfile::tempdir().unwrap();
        let several = Several::create(state.path(), &[plan(), plan()]).unwrap();
        let alone = Folder::create(state.path(), &plan()).unwrap().id.clone();
        assert!(several.can_go_on(state.path()));
        for id in &several.copies {
            fs::write(state.path().join(COPIES).join(id).join("damaged.txt"), "gone").unwrap();
        }
        assert!(!several.can_go_on(state.path()), "neither of them goes on as it is");
        forget(state.path(), &several.id).unwrap();
        let copies = Folder::list(state.path()).unwrap();
        assert!(copies.len() == 1 && copies[0].id == alone && Several::list(state.path(), &copies).is_empty());
        assert_eq!(fs::read_dir(state.path().join(COPIES)).unwrap().count(), 1);
    }
}
