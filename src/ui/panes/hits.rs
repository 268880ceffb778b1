//! The hits of a search; those of a search in linked panes with the ranks that the other pane gives them.

use ratatui::buffer::Buffer;

use super::compared::Compared;
use super::table::{Extra, Table};
use super::{Scene, message};
use crate::app::action::Action;
use crate::app::geometry::{Area, TABLE_HEADER};
use crate::app::view::hits::HitsView;
use crate::jobs::model::ranking;
use crate::text::format;
use crate::ui::paint::{Run, row};

/// Draws the pane.
pub fn draw(buf: &mut Buffer, scene: &Scene<'_>, view: &HitsView) {
    let look = scene.look;
    let theme = &look.theme;
    let mut border = scene.border(&[&view.collection, &view.title], view.hits.is_loading());
    let hits = view.hits.value.as_deref().unwrap_or_default();
    if !hits.is_empty() {
        let took = view.took.map_or(String::new(), |took| format!(" in {}", format::duration(took)));
        border.count = Run::new().own(format!("{} hits{took}", hits.len()), theme.dim);
    }
    let inner = border.draw(buf, look, scene.area, scene.focused);
    let line = row(inner, 0);
    let line = Area { x: line.x + 2.min(line.width), width: line.width.saturating_sub(3), ..line };
    let mut about = Run::new();
    if let Some(first) = hits.first() {
        let measure = first.score.measure;
        about = about.own(measure.name(), theme.accent).own(format!(", {}", measure.direction()), theme.dim);
    }
    let request = &view.request;
    let facts = [
        request.using.as_ref().map(|using| format!("vector {using}")),
        Some(format!("top {}", view.shared.as_ref().map_or(request.top, |shared| shared.top))),
        request.exact.then(|| "exact".to_owned()),
        request.filter.as_ref().map(|_| "filtered".to_owned()),
        request.filter.as_ref().and_then(|filter| scene.capabilities()?.passes_over(filter)).map(str::to_owned),
    ];
    for fact in facts.into_iter().flatten() {
        if !about.is_empty() {
            about = about.own(format!(" {} ", look.set.dot), theme.dim);
        }
        about = about.data(look, &fact, 60, theme.dim);
    }
    about.draw(buf, look, line);

    let skip = TABLE_HEADER.min(inner.height);
    let body = Area { y: inner.y + skip, height: inner.height - skip, ..inner };
    let (told, retry) = scene.told(view.hits.error.as_ref());
    let error = told.as_ref();
    if hits.is_empty() {
        match error {
            Some(error) if view.unfit => message::unfit(buf, scene, body, error),
            Some(error) => message::failed(buf, scene, body, "The search failed", error, retry),
            None if view.hits.is_loading() => message::loading(buf, scene, body, &format!("searching {}", view.title)),
            None => message::empty(
                buf,
                scene,
                body,
                "No hits",
                &[(Action::SearchVector, "search again"), (Action::Back, "back to the records")],
            ),
        }
        return;
    }
    let scores: Vec<String> = hits.iter().map(|hit| score(hit.score.value)).collect();
    let widest = scores.iter().map(String::len).max().unwrap_or(5).clamp(5, 14);
    // The score itself stays; beside it the one that compares with other metrics.
    let norms = ranking::normalised(&hits.iter().map(|hit| hit.score).collect::<Vec<_>>());
    let shared = scene.link.is_some() && view.shared.is_some();
    let compared = scene.link.filter(|_| shared).and_then(|(pane, _)| Compared::of(scene.state, pane.id));
    let mut before = vec![match &compared {
        None => {
            let width = hits.len().to_string().len();
            Extra { title: "#", width, text: Box::new(|at| (at + 1).to_string()), warns: Box::new(|_| false) }
        }
        Some(compared) => Extra {
            title: "rank",
            width: compared.rank_width(),
            text: Box::new(|at| compared.rank(look, at)),
            warns: Box::new(|at| compared.partner(at).is_none()),
        },
    }];
    let text = Box::new(|at: usize| scores.get(at).cloned().unwrap_or_default());
    before.push(Extra { title: "score", width: widest, text, warns: Box::new(|_| false) });
    if shared {
        let text = Box::new(|at: usize| norms.get(at).map_or(String::new(), |norm| format!("{norm:.3}")));
        before.push(Extra { title: "norm", width: 5, text, warns: Box::new(|_| false) });
    }
    let table = Table {
        columns: &view.columns,
        list: view.list,
        len: hits.len(),
        record: Box::new(|at| hits.get(at).map(|hit| &hit.record)),
        before,
        old: error.is_some() || view.hits.is_loading(),
    };
    table.draw(buf, scene, inner);
    if let Some(error) = error {
        message::banner(buf, scene, body, view.list.selected.saturating_sub(view.list.top), error, retry);
    }
}

/// Four digits behind the point, so that scores stand under each other; very small and large ones
/// in powers of ten.
fn score(value: f32) -> String {
    if value != 0.0 && value.is_finite() && !(1e-3..1e6).contains(&value.abs()) {
        format!("{value:.3e}")
    } else {
        format!("{value:.4}")
    }
}
