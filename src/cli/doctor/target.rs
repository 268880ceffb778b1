//! The way to one database: the word is resolved, then [`crate::doctor`] goes step by step.

use super::Check;
use crate::cli::open::resolve;
use crate::cli::{Context, Exit, Out};
use crate::doctor::here::Surroundings;
use crate::doctor::model::{Cause, StepKind, verdict};
use crate::doctor::{Patient, examine};

const AREA: &str = "target";

/// Goes the way and stops at the first step that fails; with it, what the failure means.
pub(super) async fn checks(word: &str, context: &mut Context, out: &mut Out) -> (Vec<Check>, Exit) {
    let resolved = match resolve(word, context, out).await {
        Ok(resolved) => resolved,
        Err(error) => return (vec![Check::error(AREA, "word", &error)], error.exit()),
    };
    let patient = Patient { spec: resolved.spec, ask: resolved.ask };
    let steps = examine(patient, &Surroundings::here(), |_| {}).await;
    let exit = verdict(&steps).map_or(Exit::Done, |step| match (step.kind, step.cause) {
        (_, Some(Cause::ProfileNotUsable | Cause::NotInThisBuild | Cause::TlsFile | Cause::KeyInPlainText)) => {
            Exit::Usage
        }
        (_, Some(Cause::TenantMissing | Cause::DatabaseMissing | Cause::DirectoryMissing | Cause::NotADirectory)) => {
            Exit::Usage
        }
        (StepKind::Authentication, _) | (_, Some(Cause::NoPermission)) => Exit::Authentication,
        _ => Exit::Unreachable,
    });
    (steps.into_iter().map(|step| Check::of(AREA, step)).collect(), exit)
}
