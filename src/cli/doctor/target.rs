//! The way to one database: the word is resolved, then [`crate::doctor`] goes step by step. Without the key, where that
//! cannot be had or must not be sent: the way to it is worth a look all the same.

use super::Check;
use crate::cli::open::{Resolved, resolve};
use crate::cli::{CliError, Context, Exit, Out};
use crate::doctor::here::Surroundings;
use crate::doctor::model::{Cause, StepKind, verdict};
use crate::doctor::{Patient, examine};
use crate::profile::spec::SpecError;
use crate::profile::target::TargetError;

const AREA: &str = "target";

/// Goes the way and stops at the first step that fails; with it, what the failure means.
pub(super) async fn checks(word: &str, context: &mut Context, out: &mut Out) -> (Vec<Check>, Exit) {
    let (resolved, keyless) = match without_its_key(word, context, out).await {
        Ok(answer) => answer,
        Err(error) => return (vec![Check::error(AREA, "word", &error)], error.exit()),
    };
    let why = keyless.as_ref().map(|error| {
        let plain = matches!(error, CliError::Spec(SpecError::PlainTextKey { .. }));
        (if plain { Cause::KeyInPlainText } else { Cause::KeyNotHad }, error.to_string())
    });
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

/// The target; where its key is what is missing, the target without it, and why.
async fn without_its_key(
    word: &str,
    context: &mut Context,
    out: &mut Out,
) -> Result<(Resolved, Option<CliError>), CliError> {
    let error = match resolve(word, context, out).await {
        Ok(resolved) => return Ok((resolved, None)),
        Err(error) => error,
    };
    let keyless = match &error {
        CliError::Spec(SpecError::Secret { .. } | SpecError::PlainTextKey { .. }) => {
            context.keyless = true;
            resolve(word, context, out).await?
        }
        CliError::Target(TargetError::NoKey { .. }) => resolve(&without_key_env(word), context, out).await?,
        _ => return Err(error),
    };
    Ok((keyless, Some(error)))
}

/// A URL without the variable that its key comes from.
fn without_key_env(url: &str) -> String {
    let Some((place, options)) = url.split_once('?') else { return url.to_owned() };
    let kept: Vec<&str> = options.split('&').filter(|option| !option.starts_with("key_env=")).collect();
    if kept.is_empty() { place.to_owned() } else { format!("{place}?{}", kept.join("&")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_loses_its_variable_and_nothing_else() {
        assert_eq!(without_key_env("chroma://h:1?key_env=X"), "chroma://h:1");
        assert_eq!(without_key_env("chroma://h:1?tenant=t&key_env=X&database=d"), "chroma://h:1?tenant=t&database=d");
        assert_eq!(without_key_env("http://h:1?insecure=true"), "http://h:1?insecure=true");
        assert_eq!(without_key_env("h:1"), "h:1");
    }
}
