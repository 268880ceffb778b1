//! The configuration: its directory and `config.toml`.

use super::Check;
use crate::cli::Context;

const AREA: &str = "configuration";

/// Looks at the directory and the file, without changing them.
pub(super) fn checks(context: &Context) -> Vec<Check> {
    let directory = match context.config_dir() {
        Ok(directory) => directory,
        Err(error) => return vec![Check::error(AREA, "directory", &error)],
    };
    let mut checks = vec![match std::fs::metadata(&directory) {
        Ok(found) if found.is_dir() => Check::ok(AREA, "directory", directory.display().to_string()),
        Ok(_) => Check::fail(
            AREA,
            "directory",
            format!("{} is a file", directory.display()),
            "Move it away, or choose another directory with --config-dir.",
        ),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Check::ok(AREA, "directory", format!("{} (made at the first save)", directory.display()))
        }
        Err(error) => Check::fail(
            AREA,
            "directory",
            format!("{} cannot be looked at: {error}", directory.display()),
            "Correct its permissions: it should be yours, mode 0700.",
        ),
    }];
    let file = directory.join("config.toml");
    checks.push(match std::fs::read_to_string(&file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Check::ok(AREA, "config.toml", "not there: the defaults apply")
        }
        Err(error) => {
            Check::fail(AREA, "config.toml", format!("cannot be read: {error}"), "Correct its permissions or its text.")
        }
        Ok(text) => match text.parse::<toml_edit::DocumentMut>() {
            Ok(_) => Check::ok(AREA, "config.toml", file.display().to_string()),
            Err(error) => Check::fail(AREA, "config.toml", error.to_string(), "Correct that line."),
        },
    });
    checks
}
