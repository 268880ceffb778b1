//! The store of profiles: whether it is there, private, and can be opened.

use super::Check;
use crate::cli::Context;

const AREA: &str = "store";

/// Looks at the store; asks nobody.
pub(super) async fn checks(context: &mut Context) -> Vec<Check> {
    let _ = context.config_dir();
    vec![Check::warn(AREA, "profiles", "not looked at", "Saved profiles are not part of this build yet.")]
}
