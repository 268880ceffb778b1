//! The reports of comparisons and index checks as lines.

use serde_json::Value;

use super::report::{Line, Tone};
use crate::jobs::model::aligned::Aligned;
use crate::jobs::model::comparison::{
    Comparison, Contents, Difference, FieldDifference, Item, Outcome, Retrieval, Structure, Verdict, Way,
};
use crate::jobs::model::recall::Recall;
use crate::text::format;

/// How a comparison ended, in a sentence.
pub fn sentence(report: &Comparison) -> String {
    match report.outcome() {
        Outcome::Equal => return "no difference.".to_owned(),
        Outcome::Searched => return "the searches were compared.".to_owned(),
        Outcome::Nothing(why) => return format!("nothing was compared: {why}."),
        Outcome::Different => {}
    }
    let structure = report.structure.as_ref().map_or(0, |found| found.count(Verdict::Differs));
    let records = report.contents.as_ref().map_or(0, Contents::different);
    let (things, records) = (format::number_of(structure, "thing"), format::many(records, "record", "records"));
    format!("{things} of the structure and {records} differ.")
}

/// A comparison in lines.
pub fn lines(report: &Comparison) -> Vec<Line> {
    let mut lines = vec![
        Line::new("A", format!("{} ▸ {}", report.a.target, report.a.collection), Tone::Plain),
        Line::new("B", format!("{} ▸ {}", report.b.target, report.b.collection), Tone::Plain),
        Line::new(
            "verdict",
            format!("{} ({:.1} s)", sentence(report), report.seconds),
            match report.outcome() {
                Outcome::Equal => Tone::Good,
                Outcome::Searched => Tone::Plain,
                Outcome::Nothing(_) => Tone::Warn,
                Outcome::Different => Tone::Bad,
            },
        ),
    ];
    if let Some(contents) = &report.contents {
        if contents.different() > 0 && report.can_be_aligned() {
            lines.push(Line::new("enter", "makes B like A, after a question", Tone::Dim));
        }
        records(contents, &mut lines);
    }
    if let Some(found) = &report.structure {
        structure(found, &mut lines);
    }
    if let Some(found) = &report.retrieval {
        retrieval(found, &mut lines);
    }
    if let Some(contents) = &report.contents {
        differences(contents, &mut lines);
    }
    lines
}

/// How one collection was made like another, in lines.
pub fn aligned_lines(report: &Aligned) -> Vec<Line> {
    let tone = if report.is_equal() { Tone::Good } else { Tone::Bad };
    let mut lines = vec![Line::new("verdict", report.sentence(), tone)];
    lines.extend(report.notes().into_iter().map(|note| Line::new("", note, Tone::Warn)));
    records(&report.after, &mut lines);
    differences(&report.after, &mut lines);
    lines
}

fn records(contents: &Contents, lines: &mut Vec<Line>) {
    let all = contents.records_a.max(contents.records_b);
    #[expect(clippy::cast_precision_loss, reason = "a bar has some twenty cells")]
    let part = if all == 0 { 1.0 } else { contents.equal as f64 / all as f64 };
    lines.push(Line::heading("Contents"));
    let text = format!("{} of {}", format::exact(contents.equal), format::exact(all));
    let tone = if contents.is_equal() { Tone::Good } else { Tone::Plain };
    lines.push(Line::with_bar("equal", part, text, tone));
    let counted = [
        ("missing", contents.missing, "A has them, B does not", Tone::Bad),
        ("extra", contents.extra, "B has them, A does not", Tone::Bad),
        ("id kind", contents.kind_changed, "with an id of another kind", Tone::Bad),
        ("changed", contents.changed, "with another payload or other vectors", Tone::Bad),
        ("repeated in A", contents.repeated.0, "that its pages gave more than once", Tone::Warn),
        ("repeated in B", contents.repeated.1, "that its pages gave more than once", Tone::Warn),
        ("by tolerance", contents.equal_by_tolerance, "equal by what is overlooked", Tone::Dim),
    ];
    for (label, count, what, tone) in counted.into_iter().filter(|(_, count, ..)| *count > 0) {
        lines.push(Line::new(label, format!("{} {what}", format::exact(count)), tone));
    }
    for restriction in contents.restrictions() {
        lines.push(Line::new("only", restriction, Tone::Warn));
    }
    for side in &contents.moved {
        let text = format!("{side} was changed meanwhile: what differs there may be the change.");
        lines.push(Line::new("moved", text, Tone::Warn));
    }
    for one in &contents.tolerances {
        let text = format!("{}: {}, because {}", one.about, one.overlooks, one.reason);
        lines.push(Line::new("overlooked", text, Tone::Dim));
    }
}

fn structure(found: &Structure, lines: &mut Vec<Line>) {
    lines.push(Line::heading("Structure"));
    // What differs comes first: it is what one looks for.
    let mut items: Vec<&Item> = found.items.iter().collect();
    items.sort_by_key(|item| match item.verdict {
        Verdict::Differs => 0,
        Verdict::NotComparable => 1,
        Verdict::Equal => 2,
    });
    for item in items {
        let (a, b) = (plain(&item.a), plain(&item.b));
        let (text, tone) = match item.verdict {
            Verdict::Equal => (a, Tone::Dim),
            Verdict::Differs => (format!("{a}  /  {b}"), Tone::Bad),
            Verdict::NotComparable => {
                let why = item.reason.as_deref().unwrap_or_default();
                (format!("{a}  /  {b}: cannot be compared, {why}"), Tone::Warn)
            }
        };
        lines.push(Line::new(format!("{} {}", item.of, item.what), text, tone));
    }
}

fn retrieval(found: &Retrieval, lines: &mut Vec<Line>) {
    lines.push(Line::heading(format!("Search: {} queries, {} hits each", found.queries, found.top)));
    for way in &found.ways {
        lines.push(way_line(way));
    }
    if let Some(unlike) = found.unlike() {
        lines.push(Line::new("measures", unlike, Tone::Warn));
    }
    for reason in &found.left_out {
        lines.push(Line::new("left out", reason.clone(), Tone::Warn));
    }
}

fn way_line(way: &Way) -> Line {
    let text = format!("{}, lowest {}", format::share(way.mean), format::share(way.lowest));
    Line::with_bar(way.what.clone(), way.mean, text, Tone::Plain)
}

fn differences(contents: &Contents, lines: &mut Vec<Line>) {
    if contents.differences.is_empty() {
        return;
    }
    lines.push(Line::heading("Differences"));
    for one in &contents.differences {
        lines.push(Line::new(one.kind.name(), ids(one), Tone::Bad));
        for field in &one.fields {
            let [a, b] = sides(field);
            let note = field.note.as_ref().map_or(String::new(), |note| format!("  ({note})"));
            lines.push(Line::new(format!("  {}", field.path), format!("{a}  /  {b}{note}"), Tone::Plain));
        }
        if let Some(why) = &one.not_opened {
            lines.push(Line::new("", why.clone(), Tone::Dim));
        }
    }
    let more = contents.different().saturating_sub(contents.differences.len() as u64);
    if more > 0 {
        let text = format!("{} more differ; `compare --differences FILE` writes all of them", format::exact(more));
        lines.push(Line::new("", text, Tone::Dim));
    }
}

fn ids(one: &Difference) -> String {
    match (&one.id_a, &one.id_b) {
        (Some(a), Some(b)) if a != b => format!("{a}  /  {b}"),
        (Some(own), None) | (None, Some(own)) if one.noted.is_some() => {
            let noted = one.noted.clone().unwrap_or_default();
            if one.id_a.is_some() { format!("{own}  /  {noted}") } else { format!("{noted}  /  {own}") }
        }
        (Some(id), _) | (None, Some(id)) => match id.as_object().and_then(|object| object.values().next()) {
            Some(value) => value.to_string(),
            None => id.to_string(),
        },
        (None, None) => String::new(),
    }
}

fn sides(field: &FieldDifference) -> [String; 2] {
    let one =
        |side, value: &Value| if field.missing == Some(side) { "(missing)".to_owned() } else { value.to_string() };
    [one('a', &field.a), one('b', &field.b)]
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// An index check in lines.
pub fn recall_lines(report: &Recall) -> Vec<Line> {
    let mut lines = vec![
        Line::new("collection", format!("{} ▸ {}", report.target, report.collection), Tone::Plain),
        Line::new("index", report.index.clone().unwrap_or_else(|| "the maker does not tell".to_owned()), Tone::Plain),
        way_line(&report.recall),
        Line::new("queries", format!("{} of {} hits each", report.queries, report.top), Tone::Plain),
        Line::new("through it", format!("{:.2} ms a search", report.index_ms), Tone::Plain),
        Line::new("exact", format!("{:.2} ms a search", report.exact_ms), Tone::Plain),
        Line::heading("Queries by recall"),
    ];
    let most = report.recall.histogram.iter().copied().max().unwrap_or(0).max(1);
    for (i, count) in report.recall.histogram.iter().enumerate() {
        let label = if i == 10 { "100 %".to_owned() } else { format!("{:>2} to below {} %", i * 10, i * 10 + 10) };
        #[expect(clippy::cast_precision_loss, reason = "a bar has some twenty cells")]
        let part = *count as f64 / most as f64;
        lines.push(Line::with_bar(label, part, format::exact(*count), Tone::Plain));
    }
    lines
}
