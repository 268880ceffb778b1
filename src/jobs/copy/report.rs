//! A plan and a report as text for people.

use std::fmt::Write as _;
use std::time::Duration;

use super::several::Ended;
use super::{SOURCE_JSON, SOURCE_TEXT};
use crate::jobs::model::copied::{Copied, Standing};
use crate::jobs::model::plan::{Change, IdPolicy, Plan, Target, TextPlan, Verify, Weight};
use crate::text::format;

/// The report of a finished copy, in its folder: JSON.
pub const JSON: &str = "report.json";
/// The same for people.
pub const TEXT: &str = "report.txt";

/// A plan, some lines.
pub fn plan(plan: &Plan) -> String {
    let mut text = String::new();
    let target = match plan.target {
        Target::New => "is made".to_owned(),
        Target::Empty => "is there and empty".to_owned(),
        Target::Existing(records) => format!("has {} records, which stay", format::exact(records)),
    };
    let about = if plan.records_exact { "" } else { "at most " };
    let _ = writeln!(text, "copy {} ({} {})", plan.from.name(), plan.from.product, plan.from.version);
    let _ = writeln!(text, "to   {} ({} {}), which {target}", plan.to.name(), plan.to.product, plan.to.version);
    let estimate = &plan.estimate;
    let seconds = Duration::try_from_secs_f64(estimate.read_seconds).unwrap_or_default();
    let _ = writeln!(
        text,
        "\nrecords  {about}{}, about {} ({} each); reading alone takes about {}{}",
        format::exact(plan.records),
        format::bytes(estimate.bytes),
        format::bytes(estimate.bytes_per_record),
        format::duration(seconds),
        at_a_rate(plan)
    );
    for vector in &plan.vectors {
        let dimension = vector.dimension.map_or_else(String::new, |dimension| format!(" of {dimension} dimensions"));
        let metric = vector.metric.as_deref().unwrap_or("no metric");
        let renamed = if vector.from == vector.to { String::new() } else { format!(" as {}", named(&vector.to)) };
        let _ = writeln!(text, "vector   {}{renamed}: {}{dimension}, {metric}", named(&vector.from), vector.kind);
    }
    let ids = match plan.ids.policy {
        IdPolicy::Kept => "kept",
        IdPolicy::Uuid => "become UUIDs",
        IdPolicy::UuidText => "become UUIDs, written as text",
        IdPolicy::Restored => "are brought back",
    };
    let example = plan.ids.example.as_ref().map_or_else(String::new, |(from, to)| format!(", e.g. {from} → {to}"));
    let _ = writeln!(text, "ids      {ids}{example}; {}", plan.ids.why);
    if plan.text == TextPlan::Kept {
        let _ = writeln!(text, "text     a text beside the payload stays there");
    }
    // What the target cannot hold and no sampled record has, in one line: the others are not to be lost among these.
    let is_idle = |change: &&Change| change.weight == Weight::Moved && change.sampled == Some(0);
    for change in plan.changes.iter().filter(|change| !is_idle(change)) {
        let sampled = match change.sampled {
            Some(0) => format!(" (none of {} sampled)", estimate.sampled),
            Some(some) => format!(" ({some} of {} sampled)", estimate.sampled),
            None => String::new(),
        };
        let _ = writeln!(text, "{:<8} {}{sampled}: {}", change.weight.name(), change.what, change.why);
    }
    let idle: Vec<&str> = plan.changes.iter().filter(is_idle).map(|change| change.what.as_str()).collect();
    if !idle.is_empty() {
        let of = estimate.sampled;
        let _ = writeln!(
            text,
            "moved    (none of {of} sampled) would go into {SOURCE_JSON} or {SOURCE_TEXT}: {}",
            idle.join(", ")
        );
    }
    let verify = match plan.wishes.verify {
        Verify::Full => "counts, every id, every record's content, and searches on both sides",
        Verify::Counts => "counts only",
        Verify::None => "nothing",
    };
    let _ = writeln!(text, "proof    {verify}");
    text
}

/// How long it takes at the rate that is wished.
fn at_a_rate(plan: &Plan) -> String {
    let Some(rate) = plan.wishes.rate.filter(|rate| *rate > 0) else { return String::new() };
    let takes = format::duration(Duration::from_secs(plan.records.div_ceil(rate)));
    format!("; at {} a second at most, all takes {takes} or more", format::exact(rate))
}

/// The plans of several collections, and what they come to.
pub fn plans(plans: &[Plan]) -> String {
    let mut text: String = plans.iter().map(|one| format!("{}\n", plan(one))).collect();
    let records: u64 = plans.iter().map(|plan| plan.records).sum();
    let bytes: u64 = plans.iter().map(|plan| plan.estimate.bytes).sum();
    let (records, bytes) = (format::exact(records), format::bytes(bytes));
    let collections = format::number_of(plans.len(), "collection");
    let _ = writeln!(text, "in all {collections}, {records} records, about {bytes}");
    text
}

fn named(name: &str) -> String {
    if name.is_empty() { "(unnamed)".to_owned() } else { format!("{name:?}") }
}

/// The reports of several collections.
pub fn several(ended: &[Ended]) -> String {
    let reports = ended.iter().filter_map(|one| one.outcome.as_ref().ok());
    reports.map(|copied| format!("{}\n", text(copied))).collect()
}

/// One line for each of several collections of so many, and what they come to. Goes where it is read first: above
/// the reports on the screen, below them on a terminal that they scroll over.
pub fn summary(ended: &[Ended], of: usize) -> String {
    let mut out = String::new();
    for one in ended {
        let how = match &one.outcome {
            Ok(copied) => format!("{} ({} records)", copied.verdict.words(), format::exact(copied.counts.written)),
            Err(error) => format!("stopped: {error}"),
        };
        let _ = writeln!(out, "{}: {how}", one.collection);
    }
    let well = ended.iter().filter(|one| one.is_well()).count();
    let _ = match of {
        1 if well == 1 => writeln!(out, "the collection is well"),
        1 => writeln!(out, "the collection is not well"),
        _ => writeln!(out, "{well} of {of} collections are well"),
    };
    out
}

/// A report, some lines.
pub fn text(copied: &Copied) -> String {
    let mut text = String::new();
    let counts = &copied.counts;
    let _ = writeln!(text, "{}: {} → {}", copied.verdict.words(), copied.from.name(), copied.to.name());
    let mut parts = vec![format!("{} of {} records", format::exact(counts.written), format::exact(counts.listed))];
    if counts.rejected > 0 {
        parts.push(format!("{} refused", format::exact(counts.rejected)));
    }
    if counts.vanished > 0 {
        parts.push(format!("{} gone from the source meanwhile", format::exact(counts.vanished)));
    }
    let took = Duration::try_from_secs_f64(copied.seconds).unwrap_or_default();
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let rate = if copied.seconds > 0.0 { counts.written as f64 / copied.seconds } else { 0.0 };
    let _ = writeln!(
        text,
        "{}, {} in {} ({rate:.0}/s)",
        parts.join(", "),
        format::bytes(copied.bytes),
        format::duration(took)
    );
    if copied.resumed > 0 {
        let times = format::times(copied.resumed);
        let again = format::many(copied.resent, "record was", "records were");
        let _ = writeln!(text, "resumed {times}, {again} sent a second time");
    }
    for check in &copied.checks {
        let word = match check.standing {
            Standing::Holds => "holds",
            Standing::Fails => "FAILS",
            Standing::LeftOut => "-",
        };
        let _ = writeln!(text, "  {word:<6} {:<9} {}", check.name, check.says);
    }
    for difference in &copied.differences {
        let _ = writeln!(text, "  {} ({}): {}", difference.id, difference.target_id, difference.what);
    }
    let more = copied.different.saturating_sub(copied.differences.len() as u64);
    if more > 0 {
        let _ = writeln!(text, "  and {} more", format::exact(more));
    }
    let _ = writeln!(text, "journal and report: {}", copied.folder);
    text
}
