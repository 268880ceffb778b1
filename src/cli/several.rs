//! Several collections of one database into another: all plans are shown and accepted at once, then each is
//! copied and proved. What `copy FROM TO --all` and `restore` share.

use serde_json::{Value, json};

use super::copy::{lines, side, stop_on_signals, word};
use super::open::{Resolved, resolve};
use super::progress::Shown;
use super::writing::Writing;
use super::{CliError, Context, Exit, Out};
use crate::jobs::copy::several::{self, Ended, Several};
use crate::jobs::copy::{Words, report};
use crate::jobs::model::plan::{Plan, Wishes};
use crate::jobs::{Control, Side};
use crate::text::format;

/// From where to where.
pub(super) struct Ends<'a> {
    /// The word of the source.
    pub from: &'a str,
    /// The word of the target.
    pub to: &'a str,
    /// Only these collections; all where it is empty.
    pub chosen: &'a [String],
    /// Consent to writing.
    pub writing: &'a Writing,
    /// Stop after the plans.
    pub dry_run: bool,
}

/// Plans all, asks once, and copies.
///
/// # Errors
/// An end that cannot be opened, a collection that cannot be copied: nothing was written then.
pub(super) async fn begin(
    ends: &Ends<'_>,
    wishes: Wishes,
    json: bool,
    context: &mut Context,
    out: &mut Out,
) -> Result<Exit, CliError> {
    if ends.from == ends.to {
        return Err(CliError::Usage(format!("{} is both ends of the copy. Give another database.", ends.from)));
    }
    let (from, to) = (resolve(ends.from, context, out).await?, resolve(ends.to, context, out).await?);
    let words = Words { from: word(ends.from, &from.spec.address), to: word(ends.to, &to.spec.address) };
    let (source, control) = (side(from, String::new()).await?, Control::default());
    let names = several::collections(&source, ends.chosen, &control).await?;
    if !ends.dry_run {
        permit(ends.writing, &to, &names, context)?;
    }
    let target = side(to, String::new()).await?;
    let (shown, mut meter) = Shown::new();
    let plans = several::plans([&source, &target], &words, &names, &wishes, &control, &mut meter).await;
    drop(shown);
    let plans = plans?;
    match (json, ends.dry_run) {
        (true, true) => out.json(&json!(plans))?,
        (true, false) => {}
        (false, _) => lines(&report::plans(&plans), out)?,
    }
    if ends.dry_run {
        return Ok(Exit::Done);
    }
    out.flush()?;
    if !ends.writing.yes && !ends.writing.agreed("Copy like this?", out) {
        return Err(CliError::Usage(
            "nothing was written. Accept the plans with --yes, or type yes at a terminal.".to_owned(),
        ));
    }
    let several = Several::create(&context.state_dir()?, &plans)?;
    carry_out(&several, [&source, &target], &|_| {}, json, context, out).await
}

/// Goes on with copies that were stopped.
///
/// # Errors
/// As [`begin`].
pub(super) async fn resume(
    several: &Several,
    writing: &Writing,
    anew: &(dyn Fn(&mut Plan) + Sync),
    json: bool,
    context: &mut Context,
    out: &mut Out,
) -> Result<Exit, CliError> {
    let mut plans = Vec::new();
    for id in &several.copies {
        plans.extend(several::opened(&context.state_dir()?, id)?.map(|(_, plan)| plan));
    }
    let Some(first) = plans.first() else {
        let id = &several.id;
        out.note(&format!("nothing is left of the copies of {id} to go on with; make the copy anew."));
        return Ok(Exit::Nothing);
    };
    let (from, to) = (first.from.target.clone(), first.to.target.clone());
    let names: Vec<String> = plans.iter().map(|plan| plan.to.collection.clone()).collect();
    let source = side(resolve(&from, context, out).await?, String::new()).await?;
    let to = resolve(&to, context, out).await?;
    permit(writing, &to, &names, context)?;
    let target = side(to, String::new()).await?;
    carry_out(several, [&source, &target], anew, json, context, out).await
}

async fn carry_out(
    several: &Several,
    sides: [&Side; 2],
    anew: &(dyn Fn(&mut Plan) + Sync),
    json: bool,
    context: &Context,
    out: &mut Out,
) -> Result<Exit, CliError> {
    let control = Control::default();
    let (shown, mut meter) = Shown::new();
    let _stop = stop_on_signals(&control)?;
    let ended = several.run(&context.state_dir()?, sides, anew, &control, &mut meter).await;
    drop(shown);
    let ended = ended?;
    let (of, well) = (several.copies.len(), ended.iter().filter(|one| one.is_well()).count());
    if json {
        let each: Vec<Value> = ended.iter().map(as_json).collect();
        out.json(&json!({ "id": several.id, "collections": each, "well": well, "of": of }))?;
    } else {
        lines(&(report::several(&ended) + &report::summary(&ended, of)), out)?;
    }
    if well == of {
        return Ok(Exit::Done);
    }
    if several.can_go_on(&context.state_dir()?) {
        out.note(&format!("go on with: vector-inspector copy --resume {}", several.id));
    }
    Ok(Exit::Partly)
}

fn as_json(ended: &Ended) -> Value {
    match &ended.outcome {
        Ok(copied) => serde_json::to_value(copied).unwrap_or_default(),
        Err(error) => json!({ "collection": ended.collection, "error": error.to_string() }),
    }
}

/// A read-only environment is opened by the name of one collection, and so for one only.
fn permit(writing: &Writing, to: &Resolved, names: &[String], context: &Context) -> Result<(), CliError> {
    let what = format!("copying {}", format::number_of(names.len(), "collection"));
    if let [one] = names {
        return writing.require(to, one, &what, context);
    }
    writing.permit(to, context)?;
    match to.spec.gate.access().lock {
        Some(lock) => Err(writing.refused(&to.label, &what, lock, None)),
        None => Ok(()),
    }
}
