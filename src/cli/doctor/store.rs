//! The store of profiles: whether it is there, private, and can be opened.

use super::Check;
use crate::cli::{Context, profiles};
use crate::profile::vault::{Vault, VaultError, VaultState};
use crate::text::format::number_of;

const AREA: &str = "store";

/// Looks at the store; asks nobody.
pub(super) async fn checks(context: &mut Context) -> Vec<Check> {
    let directory = match context.config_dir() {
        Ok(directory) => directory,
        Err(error) => return vec![Check::error(AREA, "directory", &error)],
    };
    let vault = Vault::open(directory);
    if vault.state() == VaultState::Absent {
        return vec![Check::ok(AREA, "profiles", "no store yet: the first save makes one")];
    }
    let mut checks = private(&vault);
    let options = match profiles::options(context) {
        Ok(options) => options,
        Err(error) => return vec![Check::error(AREA, "key", &error)],
    };
    let opened = tokio::task::block_in_place(|| vault.unlock(&options, None).and_then(|_| vault.read()));
    match opened {
        Err(VaultError::NobodyToAsk { .. }) => {
            checks.push(Check::ok(AREA, "profiles", "locked by a passphrase, which is asked for when needed"));
        }
        Err(error) => checks.push(Check::error(AREA, "profiles", &error)),
        Ok(store) => {
            let found = format!("opened: {}, revision {}", number_of(store.profiles.len(), "profile"), store.rev);
            checks.push(Check::ok(AREA, "profiles", found));
            checks.extend(store.problems.iter().map(|problem| Check::error(AREA, "profile", problem)));
            if store.read_only {
                let mend = "Update vector-inspector to change profiles.";
                checks.push(Check::warn(AREA, "schema", "written by a newer version: read-only here", mend));
            }
        }
    }
    checks
}

/// Whether others can read what is there.
fn private(vault: &Vault) -> Vec<Check> {
    use std::os::unix::fs::PermissionsExt;
    let paths = vault.paths();
    let files = [paths.dir().to_owned(), paths.store(), paths.wrapped_identity(), paths.key_file()];
    let open: Vec<String> = files
        .iter()
        .filter(|path| std::fs::metadata(path).is_ok_and(|found| found.permissions().mode() & 0o077 != 0))
        .map(|path| path.display().to_string())
        .collect();
    if open.is_empty() {
        return vec![Check::ok(AREA, "permissions", "only you can read it")];
    }
    let mend = "Run chmod go= on them.";
    vec![Check::warn(AREA, "permissions", format!("others can read {}", open.join(", ")), mend)]
}
