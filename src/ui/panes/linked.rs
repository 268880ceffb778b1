//! The line below a linked pane: where it has the record that the link is on, how its hits compare with those
//! of its neighbour, how its record differs.

use ratatui::buffer::Buffer;

use super::compared::Compared;
use crate::app::geometry::Area;
use crate::app::links::{Anchor, Link, Place};
use crate::app::panes::PaneId;
use crate::app::state::AppState;
use crate::app::view::View;
use crate::app::view::columns::value_text;
use crate::app::view::contrast::{Contrast, VectorDifference};
use crate::app::view::hits::HitsView;
use crate::jobs::model::matching::{MatchBy, Sameness};
use crate::jobs::model::ranking::{self, RBO_P};
use crate::provider::model::Record;
use crate::text::format::exact_float;
use crate::ui::paint::{Look, Run};

/// Most of a name or id.
const NAME: usize = 40;

/// Draws it.
pub fn note(buf: &mut Buffer, look: &Look, state: &AppState, id: PaneId, area: Area) {
    let (Some(pane), Some(link)) = (state.panes.get(&id), state.links.of(id)) else { return };
    let room = usize::from(area.width).saturating_sub(2);
    let run = match pane.view() {
        View::Hits(view) if view.shared.is_some() => match Compared::of(state, id) {
            Some(compared) => measures(look, state, &compared, link, room),
            // Nothing is among hits that are not there.
            None if view.hits.value.is_none() => quiet(look, &format!("beside {}", name(state, link.neighbour(id)))),
            None => place(look, state, link, id, room),
        },
        View::Record(view) if view.linked.is_some() => {
            let other = name(state, link.neighbour(id));
            match (&view.contrast, view.absent) {
                (_, true) => absent(look, &view.id.to_string(), &name(state, Some(id))),
                (Some(contrast), false) => differences(look, contrast, &other),
                (None, false) => quiet(look, &format!("beside {other}")),
            }
        }
        _ => place(look, state, link, id, room),
    };
    Run::new().gap(1).join(run).draw(buf, look, area);
}

/// What a pane shows: `prod/articles`.
pub fn name(state: &AppState, pane: Option<PaneId>) -> String {
    let Some(pane) = pane.and_then(|pane| state.panes.get(&pane)) else { return String::new() };
    let label = pane.connection.and_then(|id| state.connection(id)).map_or("", |c| c.label.as_str());
    match pane.view().collection() {
        Some(collection) => format!("{label}/{collection}"),
        None => label.to_owned(),
    }
}

fn quiet(look: &Look, text: &str) -> Run {
    Run::new().own(look.set.link, look.theme.accent).gap(1).data(look, text, 120, look.theme.dim)
}

fn absent(look: &Look, what: &str, place: &str) -> Run {
    let theme = &look.theme;
    let run = Run::new().own(look.set.fail, theme.warn).gap(1).data(look, what, NAME, theme.strong);
    run.own(" is not in ", theme.warn).data(look, place, NAME, theme.warn)
}

/// What the record that the link is on is called: its id, or the value that is matched by.
fn called(anchor: &Anchor, by: &MatchBy) -> String {
    match (by, &anchor.value) {
        (MatchBy::Field(field), Some(value)) => format!("{field} {}", value_text(value)),
        (MatchBy::Field(_) | MatchBy::Id, _) => anchor.id.to_string(),
    }
}

fn place(look: &Look, state: &AppState, link: &Link, pane: PaneId, room: usize) -> Run {
    let theme = &look.theme;
    let here = name(state, Some(pane));
    let others = || {
        let others: Vec<String> =
            link.panes().into_iter().filter(|p| *p != pane).map(|p| name(state, Some(p))).collect();
        others.join(", ")
    };
    let (Some(anchor), Some(member)) = (&link.anchor, link.member(pane)) else {
        return quiet(look, &format!("linked with {} by {}", others(), link.by.name()));
    };
    let what = called(anchor, &link.by);
    let said = |glyph: &'static str, style| Run::new().own(glyph, style).gap(1).data(look, &what, NAME, theme.strong);
    match &member.place {
        Place::Here(_) if anchor.from == pane => {
            quiet(look, &format!("linked with {} by {}", others(), link.by.name()))
        }
        Place::Here(Sameness::Exact) => said(look.set.link, theme.accent).own(" is here, too", theme.dim),
        Place::Here(Sameness::ByText) => {
            said(look.set.link, theme.accent).own(" is here, too: equal text, another kind of id", theme.warn)
        }
        Place::Elsewhere(record) => {
            let run = said(look.set.note, theme.info).own(" is in ", theme.info).data(look, &here, NAME, theme.info);
            beside(look, run.own(", not on these pages", theme.info), record, room)
        }
        Place::Filtered(record) => {
            let run = said(look.set.note, theme.info).own(" is in ", theme.info).data(look, &here, NAME, theme.info);
            beside(look, run.own(", left out by the filter", theme.info), record, room)
        }
        Place::Absent => absent(look, &what, &here),
        Place::NotAHit => said(look.set.fail, theme.warn).own(" is not among these hits", theme.warn),
        Place::Asking => {
            said(look.spin(), theme.info).own(" is looked for in ", theme.dim).data(look, &here, NAME, theme.dim)
        }
        Place::Unsaid(why) => said(look.set.warn, theme.warn).own(": ", theme.warn).data(look, why, room, theme.warn),
        Place::Unknown => said(look.set.note, theme.dim).own(" was not looked for here yet", theme.dim),
    }
}

/// The beginning of a record that is not in the table, in what room is left.
fn beside(look: &Look, run: Run, record: &Record, room: usize) -> Run {
    let text = record.payload.values().next().map(value_text).or_else(|| record.text.clone()).unwrap_or_default();
    let left = room.saturating_sub(run.width() + 2);
    if text.is_empty() || left < 8 {
        run
    } else {
        run.own(": ", look.theme.dim).data(look, &text, left, look.theme.text)
    }
}

/// `overlap@10 0.80 · RBO 0.87 · rho 0.93`, as long as there is room for.
fn measures(look: &Look, state: &AppState, compared: &Compared<'_>, link: &Link, room: usize) -> Run {
    let theme = &look.theme;
    let agreement = compared.agreement();
    let rho = agreement.spearman.map_or("-".to_owned(), |rho| format!("{rho:.2}"));
    let overlap = format!("overlap@{} {:.2}", agreement.k, agreement.overlap);
    let (short, long) = (format!("RBO {:.2}", agreement.rbo), format!("RBO({RBO_P}) {:.2}", agreement.rbo));
    let dot = format!(" {} ", look.set.dot);
    let brief = [overlap.clone(), short, format!("rho {rho}")].join(" ");
    let whole = [overlap, long, format!("Spearman {rho}")].join(&dot);
    let measure = |view: &HitsView| Some(view.hits.value.as_ref()?.first()?.score.measure);
    let mut facts = Vec::new();
    let mut mixed = 0;
    if let (Some(a), Some(b)) = (measure(compared.here), measure(compared.there))
        && a != b
    {
        facts.push((format!("{}, there {}", a.name(), b.name()), theme.warn));
        facts.push((format!("norm = {}", ranking::formula(a)), theme.dim));
        mixed = dot.len() + facts.first().map_or(0, |(fact, _)| fact.len());
    }
    if compared.pairs.by_text > 0 {
        facts.push((format!("{} ids by text", compared.pairs.by_text), theme.warn));
    }
    let only = compared.pairs.partner.iter().filter(|partner| partner.is_none()).count();
    if only > 0 {
        facts.push((format!("{only} only here"), theme.warn));
    }
    if link.by != MatchBy::Id {
        facts.push((format!("matched by {}", look.safe(link.by.name(), 20)), theme.dim));
    }
    let head = Run::new().own(look.set.link, theme.accent).gap(1);
    let place = name(state, Some(compared.other));
    let named = head.clone().own("to ", theme.dim).data(look, &place, NAME, theme.dim).own(": ", theme.dim);
    let named = named.own(whole, theme.text);
    // Two metrics must be read: the names make room for that.
    let mut run = if named.width() + mixed <= room { named } else { head.own(brief, theme.text) };
    for (fact, style) in facts {
        if run.width() + crate::text::columns(&dot) + fact.len() <= room {
            run = run.own(dot.as_str(), theme.dim).own(fact, style);
        }
    }
    run
}

/// How many fields differ, and what only the other record has.
fn differences(look: &Look, contrast: &Contrast, other: &str) -> Run {
    let theme = &look.theme;
    if contrast.is_empty() {
        let run = Run::new().own(look.set.done, theme.ok).gap(1).own("the same as in ", theme.dim);
        return run.data(look, other, NAME, theme.dim);
    }
    let fields =
        if contrast.fields == 1 { "1 field differs".to_owned() } else { format!("{} fields differ", contrast.fields) };
    let mut run = Run::new().own(look.set.differs, theme.warn).gap(1).own(fields, theme.warn);
    run = run.own(" from ", theme.dim).data(look, other, NAME, theme.dim);
    if !contrast.only_there.is_empty() {
        run = run.own("; only there: ", theme.dim).data(look, &contrast.only_there.join(", "), 60, theme.warn);
    }
    for (name, difference) in &contrast.vectors {
        let what = match difference {
            VectorDifference::Values(count, most) => format!("{count} numbers, by up to {}", exact_float(*most)),
            VectorDifference::Shape => "another kind or dimension".to_owned(),
            VectorDifference::OnlyHere => "only here".to_owned(),
        };
        let name = if name.is_empty() { "vector" } else { name };
        run = run.own("; ", theme.dim).data(look, name, 20, theme.text).own(format!(": {what}"), theme.warn);
    }
    run
}
