//! Collection names become names of directories, and they are text of a user or of another
//! database: nothing in them may lead out of the database's own directory.

use crate::provider::{ProviderError, Result};

/// Longest name in bytes that the usual file systems take.
const LONGEST: usize = 255;

/// Why the name cannot be a directory of ours; `None` if it can.
fn fault(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        Some("it is empty")
    } else if name.starts_with('.') {
        // covers `.` and `..`; our own half-made directories start with a dot as well
        Some("it begins with a dot")
    } else if name.contains(['/', '\\']) {
        Some("it contains a path separator")
    } else if name.contains(char::is_control) {
        Some("it contains a control character")
    } else if name.len() > LONGEST {
        Some("it is longer than 255 bytes")
    } else {
        None
    }
}

/// Refuses names that cannot be a directory inside the database.
///
/// # Errors
/// [`ProviderError::BadRequest`] with the reason.
pub(super) fn check(name: &str) -> Result<()> {
    fault(name).map_or(Ok(()), |reason| {
        Err(ProviderError::BadRequest {
            cause: format!("{name:?} cannot name a collection here, because {reason}"),
            mend: "Each collection is a directory: choose another name.".into(),
        })
    })
}

/// Whether a collection of that name could exist.
pub(super) fn is_possible(name: &str) -> bool {
    fault(name).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_would_leave_the_directory_are_refused() {
        for name in ["", ".", "..", "../x", "a/b", "/etc", "a\\b", ".hidden", "a\0b", "a\nb", &"x".repeat(256)] {
            assert!(matches!(check(name), Err(ProviderError::BadRequest { .. })), "{name:?}");
            assert!(!is_possible(name));
        }
    }

    #[test]
    fn ordinary_and_unicode_names_are_taken() {
        for name in ["articles", "Ünïcode 集合", "a.b", "a b", "-x", &"x".repeat(255)] {
            assert_eq!(check(name), Ok(()), "{name:?}");
        }
    }
}
