//! The configuration: its directory and `config.toml`.

use super::Check;
use crate::cli::Context;
use crate::config::Config;
use crate::runtime::launch::keymap;

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
    if !file.exists() {
        checks.push(Check::ok(AREA, "config.toml", "not there: the defaults apply"));
        return checks;
    }
    match Config::load(&file) {
        Err(error) => checks.push(Check::fail(AREA, "config.toml", error.to_string(), "Correct that line.")),
        Ok(config) => {
            checks.push(Check::ok(AREA, "config.toml", file.display().to_string()));
            let (_, wrong) = keymap(&config);
            checks.extend(
                wrong.iter().map(|error| {
                    Check::fail(AREA, "keys", error.to_string(), "Correct that line; the other keys work.")
                }),
            );
        }
    }
    checks
}
