//! The hits of a linked pane beside those of its neighbour, which answered the same question.

use crate::app::links::Link;
use crate::app::panes::PaneId;
use crate::app::state::AppState;
use crate::app::view::View;
use crate::app::view::hits::HitsView;
use crate::jobs::model::matching::{self, Pairs};
use crate::jobs::model::ranking::Agreement;
use crate::provider::model::Record;
use crate::ui::paint::Look;

/// Two lists, item by item.
pub struct Compared<'a> {
    /// The neighbour.
    pub other: PaneId,
    /// The hits of the pane.
    pub here: &'a HitsView,
    /// Those of the neighbour.
    pub there: &'a HitsView,
    /// Which hit is which.
    pub pairs: Pairs,
}

fn hits(state: &AppState, pane: PaneId) -> Option<&HitsView> {
    match state.panes.get(&pane)?.view() {
        View::Hits(view) if view.shared.is_some() && view.hits.value.is_some() => Some(view),
        _ => None,
    }
}

fn records(view: &HitsView) -> Vec<&Record> {
    view.hits.value.iter().flatten().map(|hit| &hit.record).collect()
}

impl<'a> Compared<'a> {
    /// A pane and its neighbour, if both show hits of the same search.
    pub fn of(state: &'a AppState, pane: PaneId) -> Option<Self> {
        let link = state.links.of(pane)?;
        Self::between(state, link, pane, link.neighbour(pane)?)
    }

    /// Two panes of a link, if both show hits of the same search.
    pub fn between(state: &'a AppState, link: &Link, pane: PaneId, other: PaneId) -> Option<Self> {
        let (here, there) = (hits(state, pane)?, hits(state, other)?);
        let token = |view: &HitsView| view.shared.as_ref().map(|shared| shared.token);
        if token(here) != token(there) {
            return None;
        }
        let pairs = matching::pair(&records(here), &records(there), &link.by);
        Some(Self { other, here, there, pairs })
    }

    /// Where the neighbour has a hit, counted from 0.
    pub fn partner(&self, at: usize) -> Option<usize> {
        self.pairs.partner.get(at).copied().flatten()
    }

    /// The measures of both lists.
    pub fn agreement(&self) -> Agreement {
        let (here, there) = self.pairs.keys();
        let top = self.here.shared.as_ref().map_or(here.len(), |shared| shared.top);
        Agreement::of(&here, &there, top)
    }

    /// `3→7`, or `3→·` for a hit that only this pane has.
    pub fn rank(&self, look: &Look, at: usize) -> String {
        let other = self.partner(at).map_or(look.set.blank.to_owned(), |there| (there + 1).to_string());
        format!("{}{}{other}", at + 1, look.set.to)
    }

    /// Columns of the widest of them.
    pub fn rank_width(&self) -> usize {
        (self.here.len().to_string().len() + 1 + self.there.len().to_string().len()).max(4)
    }
}
