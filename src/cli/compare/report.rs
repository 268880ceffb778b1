//! The report for people: aligned, with bars where one would look rather than read.

use serde_json::Value;

use crate::cli::bars::bar;
use crate::cli::table::Table;
use crate::cli::{CliError, Out};
use crate::jobs::model::comparison::{
    Comparison, Contents, Difference, FieldDifference, Outcome, Retrieval, Structure, Verdict,
};
use crate::text::format;

/// Columns of a bar.
const BAR: usize = 20;

/// Prints the report.
///
/// # Errors
/// Stdout that cannot be written.
pub(super) fn print(report: &Comparison, out: &mut Out) -> Result<(), CliError> {
    out.line(&format!("A  {} ▸ {}", report.a.target, report.a.collection))?;
    out.line(&format!("B  {} ▸ {}", report.b.target, report.b.collection))?;
    for (one, other) in report.vectors.iter().filter(|(one, other)| one != other) {
        out.line(&format!("   A's vector {one:?} is compared with B's {other:?}"))?;
    }
    if let Some(structure) = &report.structure {
        print_structure(structure, out)?;
    }
    if let Some(contents) = &report.contents {
        print_contents(contents, out)?;
    }
    if let Some(retrieval) = &report.retrieval {
        print_retrieval(retrieval, out)?;
    }
    out.line("")?;
    let verdict = match report.outcome() {
        Outcome::Equal => "equal".to_owned(),
        Outcome::Different => "different".to_owned(),
        Outcome::Searched => "searches compared".to_owned(),
        Outcome::Nothing(why) => format!("nothing was compared ({why})"),
    };
    out.line(&format!("{verdict}, in {:.1} s", report.seconds))?;
    Ok(())
}

fn print_structure(structure: &Structure, out: &mut Out) -> Result<(), CliError> {
    let count = |verdict| structure.count(verdict);
    out.line("")?;
    out.line(&format!(
        "STRUCTURE  {} equal, {} different, {} that cannot be compared",
        count(Verdict::Equal),
        count(Verdict::Differs),
        count(Verdict::NotComparable)
    ))?;
    let mut table = Table::new(["of", "what", "A", "B", "verdict", "why"]);
    for item in &structure.items {
        let why = item.reason.clone().unwrap_or_default();
        let (a, b) = (plain(&item.a), plain(&item.b));
        table.row([item.of.as_str(), &item.what, &a, &b, item.verdict.name(), &why]);
    }
    out.table(&table)?;
    Ok(())
}

/// The part about records.
///
/// # Errors
/// Stdout that cannot be written.
pub(super) fn print_contents(contents: &Contents, out: &mut Out) -> Result<(), CliError> {
    let all = contents.records_a.max(contents.records_b);
    #[expect(clippy::cast_precision_loss, reason = "a bar")]
    let part = if all == 0 { 1.0 } else { contents.equal as f64 / all as f64 };
    out.line("")?;
    out.line(&format!(
        "CONTENTS   {} {}   {} of {} records equal ({})",
        bar(part, BAR),
        format::share(part),
        format::exact(contents.equal),
        format::exact(all),
        contents.compared
    ))?;
    let counted = [
        (contents.missing, "missing: A has them, B does not"),
        (contents.extra, "extra: B has them, A does not"),
        (contents.kind_changed, "with an id of another kind"),
        (contents.changed, "with another payload or other vectors"),
        (contents.repeated.0, "that A's pages gave more than once"),
        (contents.repeated.1, "that B's pages gave more than once"),
        (contents.equal_by_tolerance, "equal by what is overlooked"),
    ];
    for (count, what) in counted.into_iter().filter(|(count, _)| *count > 0) {
        out.line(&format!("{:>9}  {what}", format::exact(count)))?;
    }
    for restriction in contents.restrictions() {
        out.line(&format!("  {restriction}."))?;
    }
    for side in &contents.moved {
        out.line(&format!("  {side} was changed meanwhile: what differs there may be the change."))?;
    }
    for one in &contents.tolerances {
        out.line(&format!("  overlooked in {}: {}, because {}", one.about, one.overlooks, one.reason))?;
    }
    if !contents.differences.is_empty() {
        out.line("")?;
        out.table(&differences(&contents.differences))?;
        let hidden = contents.different().saturating_sub(contents.differences.len() as u64);
        if hidden > 0 {
            out.note(&format!("{} more differ: --list N opens more, --differences FILE all.", format::exact(hidden)));
        }
    }
    Ok(())
}

fn differences(all: &[Difference]) -> Table {
    let mut table = Table::new(["how", "id", "field", "A", "B", "note"]);
    for one in all {
        let id = one.id_a.as_ref().or(one.id_b.as_ref()).map(id).unwrap_or_default();
        let id = match (&one.id_a, &one.id_b) {
            (Some(a), Some(b)) if a != b => format!("{} / {}", quoted(a), quoted(b)),
            (a, b) if one.noted.is_some() => {
                let side = |id: &Option<Value>| id.as_ref().or(one.noted.as_ref()).map(quoted).unwrap_or_default();
                format!("{} / {}", side(a), side(b))
            }
            _ => id,
        };
        let mut first = true;
        for field in &one.fields {
            let (how, id) = if first { (one.kind.name(), id.as_str()) } else { ("", "") };
            first = false;
            let [a, b] = sides(field);
            table.row([how, id, field.path.as_str(), &a, &b, field.note.as_deref().unwrap_or_default()]);
        }
        if first {
            table.row([one.kind.name(), id.as_str(), "", "", "", one.not_opened.as_deref().unwrap_or_default()]);
        }
    }
    table
}

/// The fields of one record.
pub(super) fn fields_table(fields: &[FieldDifference]) -> Table {
    let mut table = Table::new(["field", "A", "B", "note"]);
    for field in fields {
        let [a, b] = sides(field);
        table.row([field.path.as_str(), &a, &b, field.note.as_deref().unwrap_or_default()]);
    }
    table
}

fn sides(field: &FieldDifference) -> [String; 2] {
    let one =
        |side, value: &Value| if field.missing == Some(side) { "(missing)".to_owned() } else { value.to_string() };
    [one('a', &field.a), one('b', &field.b)]
}

fn print_retrieval(retrieval: &Retrieval, out: &mut Out) -> Result<(), CliError> {
    let vector = if retrieval.vector.is_empty() { String::new() } else { format!(", vector {:?}", retrieval.vector) };
    let from = retrieval.seed.map_or_else(|| "given".to_owned(), |seed| format!("of A's records, seed {seed}"));
    out.line("")?;
    out.line(&format!("RETRIEVAL  {} queries ({from}), {} hits each{vector}", retrieval.queries, retrieval.top))?;
    for way in &retrieval.ways {
        let (mean, lowest) = (format::share(way.mean), format::share(way.lowest));
        out.line(&format!("  {:<30} {} {mean:>8}   lowest {lowest}", way.what, bar(way.mean, BAR)))?;
    }
    if let Some(unlike) = retrieval.unlike() {
        out.line(&format!("  {unlike}."))?;
    }
    for reason in &retrieval.left_out {
        out.line(&format!("  left out: {reason}"))?;
    }
    Ok(())
}

/// An id as commands take it where its kind is plain.
fn id(typed: &Value) -> String {
    let value = typed.as_object().and_then(|object| object.values().next());
    value.map(plain).unwrap_or_default()
}

/// An id with its kind to be seen: text in quotes.
fn quoted(typed: &Value) -> String {
    let value = typed.as_object().and_then(|object| object.iter().next());
    match value {
        Some((kind, value)) if kind == "text" => value.to_string(),
        Some((_, value)) => plain(value),
        None => String::new(),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
