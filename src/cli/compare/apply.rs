//! `compare … --apply`: makes B like A, after a question, and says what a second comparison finds.

use super::{Args, report};
use crate::cli::progress::Shown;
use crate::cli::{CliError, Exit, Out};
use crate::jobs::align::{AlignOptions, Writes, align, fitting};
use crate::jobs::compare::CompareOptions;
use crate::jobs::model::aligned::Aligned;
use crate::jobs::model::comparison::{Comparison, Contents};
use crate::jobs::{Control, Side};
use crate::text::format;

/// Shows the comparison, asks, writes, and shows how it went.
///
/// # Errors
/// Nobody who agrees, two sides that cannot be alike, a side that cannot be written to.
pub(super) async fn run(
    args: &Args,
    compared: &Comparison,
    (a, b): (&Side, &Side),
    writes: Writes,
    options: CompareOptions,
    out: &mut Out,
) -> Result<Exit, CliError> {
    if !args.json.json {
        report::print(compared, out)?;
    }
    let nothing = writes.upserts() == 0 && (writes.deletes() == 0 || !args.delete_extra);
    if nothing {
        print(args, compared, None, out)?;
        let equal = compared.contents.as_ref().is_none_or(Contents::is_equal);
        out.note(if equal {
            "there is nothing to write: B's records are A's."
        } else {
            "there is nothing to write: B has all that A has, and more. --delete-extra deletes what only B has."
        });
        return Ok(if equal { Exit::Done } else { Exit::Partly });
    }
    // Nobody is asked about what cannot be done.
    fitting(a, b, &Control::default()).await?;
    out.flush()?;
    let question = question(&writes, args.delete_extra, b);
    if !args.writing.yes && !args.writing.agreed(&question, out) {
        let text = "nothing was written. Agree with --yes, or type yes at a terminal.";
        return Err(CliError::Usage(text.to_owned()));
    }
    let options = AlignOptions { delete_extra: args.delete_extra, contents: options.contents.unwrap_or_default() };
    let (shown, mut meter) = Shown::new();
    let aligned = align(a, b, writes, &options, &Control::default(), &mut meter).await;
    drop(shown);
    let aligned = aligned?;
    print(args, compared, Some(&aligned), out)?;
    Ok(if aligned.is_equal() { Exit::Done } else { Exit::Partly })
}

fn question(writes: &Writes, delete: bool, b: &Side) -> String {
    let (upserts, deletes) = (format::exact(writes.upserts()), format::exact(writes.deletes()));
    let first = format!("{upserts} records are to be written to {}", b.name());
    match (delete, writes.deletes()) {
        (_, 0) => format!("{first}."),
        (true, _) => format!("{first}, {deletes} deleted there."),
        (false, _) => format!("{first}; {deletes} that only it has stay (--delete-extra deletes them)."),
    }
}

fn print(args: &Args, compared: &Comparison, aligned: Option<&Aligned>, out: &mut Out) -> Result<(), CliError> {
    if args.json.json {
        let wrong = |error: serde_json::Error| CliError::Environment(format!("{error}."));
        let mut json = serde_json::to_value(compared).map_err(wrong)?;
        if let Some(object) = json.as_object_mut() {
            object.insert("aligned".to_owned(), serde_json::to_value(aligned).map_err(wrong)?);
        }
        return Ok(out.json(&json)?);
    }
    let Some(aligned) = aligned else { return Ok(()) };
    out.line("")?;
    out.line(&format!("APPLIED    {}", aligned.sentence()))?;
    for note in aligned.notes() {
        out.line(&format!("  {note}"))?;
    }
    if !aligned.is_equal() {
        report::print_contents(&aligned.after, out)?;
    }
    Ok(())
}
