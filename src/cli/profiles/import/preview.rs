//! What an import would change, for people and as JSON.

use serde_json::{Value, json};

use crate::cli::{CliError, Out};
use crate::profile::import::{Change, Choice, Clash, Item, Plan, State};
use crate::profile::model::SecretSource;

/// Shows the whole plan; `rename` where what is known is left, and the file's added beside it.
///
/// # Errors
/// When stdout cannot be written to.
pub(super) fn show(plan: &Plan, rename: bool, out: &mut Out) -> Result<(), CliError> {
    for item in &plan.items {
        show_item(item, rename, out)?;
    }
    for skipped in &plan.skipped {
        out.safe_line(&format!("-  {skipped}"))?;
    }
    Ok(())
}

/// One profile: a line, and a line for each field that changes and for each thing to know.
///
/// # Errors
/// As [`show`].
pub(super) fn show_item(item: &Item, rename: bool, out: &mut Out) -> Result<(), CliError> {
    let profile = &item.proposal.profile;
    let key = profile.secret.as_ref().map(SecretSource::describe);
    let key = key.map(|key| format!("  key: {key}")).unwrap_or_default();
    let place = format!("{}  {} {}{key}", profile.name, profile.provider.name(), profile.address);
    match &item.state {
        State::New => out.safe_line(&format!("+  {place}  {}", profile.environment.name()))?,
        State::Same => out.safe_line(&format!("=  {}  is in the store already", profile.name))?,
        State::Clash(clash, known) => {
            out.safe_line(&format!("!  {place}  {}", why(*clash, &known.name, &profile.name)))?;
            for change in &item.changes {
                out.safe_line(&format!("      {change}"))?;
            }
        }
    }
    // Beside the known one it opens nothing.
    let opens = item.opens(&Choice::Take { key: false }).filter(|_| rename);
    for danger in item.dangers().iter().filter(|danger| opens != Some(danger.as_str())) {
        out.safe_line(&format!("      {danger}"))?;
    }
    if let Some(moved) = item.moved_by(&wish(item, rename, false)) {
        out.safe_line(&format!("      {moved}"))?;
    }
    if let Some(there) = item.there() {
        out.safe_line(&format!("      was added beside it before, as {there}"))?;
    }
    for refused in &item.proposal.refused {
        out.safe_line(&format!("      not taken over: {} ({})", refused.field, refused.why))?;
    }
    for note in &item.proposal.notes {
        out.safe_line(&format!("      {note}"))?;
    }
    Ok(())
}

fn why(clash: Clash, known: &str, name: &str) -> String {
    match clash {
        Clash::Identity if known == name => "is in the store, otherwise".to_owned(),
        Clash::Identity => format!("is in the store as {known}"),
        Clash::Name => "another profile has that name".to_owned(),
    }
}

/// What is done with an item on which nothing but the way of a key needs a decision.
pub(super) fn wish(item: &Item, rename: bool, key: bool) -> Choice {
    if rename && item.is_conflict() { Choice::Rename { key } } else { Choice::Take { key } }
}

/// Whether only the way of a key, or what it would open for writing, kept it from being imported; `rename` where it
/// would have been added beside the known one.
pub(super) fn is_held(item: &Item, choice: &Choice, rename: bool) -> bool {
    let wish = wish(item, rename, false);
    let asks = item.moved_by(&wish).is_some() || (item.opens(&wish).is_some() && !item.may_open);
    *choice == Choice::Skip && asks && !matches!(item.state, State::Same)
}

/// The plan and what became of it; `rename` as in [`is_held`].
pub(super) fn to_json(plan: &Plan, choices: &[Choice], dry_run: bool, rename: bool) -> Value {
    let items = plan.items.iter().zip(choices);
    let profiles: Vec<Value> = items.map(|(item, choice)| item_json(item, choice, rename)).collect();
    json!({ "dry_run": dry_run, "profiles": profiles, "skipped": plan.skipped })
}

fn item_json(item: &Item, choice: &Choice, rename: bool) -> Value {
    let profile = &item.proposal.profile;
    let (state, known) = match &item.state {
        State::New => ("new", None),
        State::Same => ("same", None),
        State::Clash(Clash::Identity, known) => ("same id", Some(known.name.as_str())),
        State::Clash(Clash::Name, known) => ("same name", Some(known.name.as_str())),
    };
    let outcome = match (&item.state, choice) {
        (State::Same, _) => "same",
        _ if is_held(item, choice, rename) => "held",
        (_, Choice::Skip) => "skipped",
        // It was added so before.
        (_, Choice::Rename { .. }) if item.name_after(choice).is_none() => "same",
        (State::New, Choice::Take { .. }) => "added",
        (_, Choice::Take { .. }) => "replaced",
        (_, Choice::Rename { .. }) => "renamed",
    };
    let change = |c: &Change| json!({ "field": c.field, "from": c.from, "to": c.to });
    let changes = item.changes.iter().map(change);
    let moved = item.moved_by(&wish(item, rename, false));
    let refused = item.proposal.refused.iter().map(|r| json!({ "field": r.field, "why": r.why }));
    json!({
        "name": profile.name,
        "provider": profile.provider.name(),
        "address": profile.address,
        "secret": profile.secret.as_ref().map(SecretSource::describe),
        "state": state,
        "known": known,
        "outcome": outcome,
        "name_after": item.name_after(choice),
        "changes": changes.collect::<Vec<_>>(),
        "key_move": moved.map(|m| {
            let ways = m.ways.iter().map(change).collect::<Vec<_>>();
            json!({ "of": m.of, "key": m.key, "from": m.from, "to": m.to, "ways": ways })
        }),
        "opens": item.opens(&wish(item, rename, false)),
        "dangers": item.dangers(),
        "not_taken_over": refused.collect::<Vec<_>>(),
        "notes": item.proposal.notes,
    })
}
