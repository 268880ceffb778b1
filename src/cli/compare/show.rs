//! `compare … --show ID`: one record on both sides, field by field.

use super::report::fields_table;
use crate::cli::{CliError, Exit, Out};
use crate::jobs::Side;
use crate::jobs::compare::{ContentOptions, show};
use crate::provider::ids;

/// Opens the record and prints what differs.
///
/// # Errors
/// A side that cannot be asked.
pub(super) async fn run(
    id: &str,
    a: &Side,
    b: &Side,
    options: ContentOptions,
    json: bool,
    out: &mut Out,
) -> Result<Exit, CliError> {
    let of = |side: &Side| ids::parse(id, side.provider.capabilities());
    let shown = show(a, b, (of(a), of(b)), &options).await?;
    if json {
        out.json(&serde_json::to_value(&shown).unwrap_or_default())?;
    } else {
        for (there, side) in [(shown.in_a, a), (shown.in_b, b)] {
            if !there {
                out.note(&format!("{} has no record {id}.", side.name()));
            }
        }
        if shown.in_a && shown.in_b && shown.fields.is_empty() {
            out.line("the record is the same on both sides.")?;
        } else if !shown.fields.is_empty() {
            out.table(&fields_table(&shown.fields))?;
        }
    }
    Ok(if shown.in_a && shown.in_b && shown.fields.is_empty() { Exit::Done } else { Exit::Nothing })
}
