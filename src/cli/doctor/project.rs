//! The project file around the working directory: whether it is used, and why not.

use super::Check;
use crate::cli::Context;
use crate::text::format::number_of;

const AREA: &str = "project";

/// Looks at the file, if there is one.
pub(super) fn checks(context: &Context) -> Vec<Check> {
    match context.project() {
        Ok(None) => Vec::new(),
        Ok(Some(project)) => {
            let count = number_of(project.profiles.len(), "profile");
            vec![Check::ok(AREA, "file", format!("{}: {count}", project.path.display()))]
        }
        Err(error) => vec![Check::error(AREA, "file", &error)],
    }
}
