//! The way to one database: the word is resolved, then [`crate::doctor`] goes step by step.

use super::Check;
use crate::cli::open::resolve;
use crate::cli::{CliError, Context, Exit, Out};
use crate::doctor::here::Surroundings;
use crate::doctor::model::{Cause, StepKind, verdict};
use crate::doctor::{Patient, examine};
use crate::profile::spec::SpecError;

const AREA: &str = "target";

/// Goes the way and stops at the first step that fails; with it, what the failure means.
pub(super) async fn checks(word: &str, context: &mut Context, out: &mut Out) -> (Vec<Check>, Exit) {
    let mut keyless = None;
    let resolved = match resolve(word, context, out).await {
        Err(error @ CliError::Spec(SpecError::Secret { .. })) => {
            keyless = Some(error);
            context.keyless = true;
            resolve(word, context, out).await
        }
        answer => answer,
    };
    let resolved = match resolved {
        Ok(resolved) => resolved,
        Err(error) => return (vec![Check::error(AREA, "word", &error)], error.exit()),
    };
    let why = keyless.as_ref().map(ToString::to_string);
    let patient = Patient { spec: resolved.spec, ask: resolved.ask, keyless: why };
    let steps = examine(patient, &Surroundings::here(), |_| {}).await;
    let exit = verdict(&steps).map_or(Exit::Done, |step| match (step.kind, step.cause) {
        // As the other commands end with it.
        (_, Some(Cause::KeyNotHad)) => keyless.as_ref().map_or(Exit::Usage, CliError::exit),
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
