//! Tabs, and the tree of panes in each.

use super::geometry::Area;
use super::view::View;
use crate::connection::message::ConnectionId;

/// Identity of a pane; never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PaneId(pub u64);

/// How two parts of a split lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The second is to the right of the first.
    Right,
    /// The second is below the first.
    Below,
}

/// One pane: what it shows of which connection. Views lie on each other; `esc` takes the top one
/// off.
#[derive(Debug, Clone)]
pub struct Pane {
    /// Identity.
    pub id: PaneId,
    /// The connection it shows; `None` shows the log or the welcome.
    pub connection: Option<ConnectionId>,
    /// Whether its searches go around the index.
    pub exact: bool,
    /// What it shows, the last is on top; never empty.
    views: Vec<View>,
}

impl Pane {
    /// A pane that shows the welcome of a connection, or of none.
    pub fn new(id: PaneId, connection: Option<ConnectionId>) -> Self {
        Self { id, connection, exact: false, views: vec![View::Welcome] }
    }

    /// What is on top.
    pub fn view(&self) -> &View {
        self.views.last().unwrap_or(&View::Welcome)
    }

    /// The number of the search that it shows together with linked panes.
    pub fn shared(&self) -> Option<u64> {
        match self.view() {
            View::Hits(view) => view.shared.as_ref().map(|shared| shared.token),
            View::Welcome
            | View::Records(_)
            | View::Record(_)
            | View::Info(_)
            | View::Log(_)
            | View::Job(_)
            | View::Jobs(_) => None,
        }
    }

    /// The number of what was opened on top together with linked panes: a search or a record.
    pub fn opened_together(&self) -> Option<u64> {
        match self.view() {
            View::Record(view) => view.linked,
            View::Hits(_) => self.shared(),
            View::Welcome | View::Records(_) | View::Info(_) | View::Log(_) | View::Job(_) | View::Jobs(_) => None,
        }
    }

    /// What is on top, to change it.
    pub fn view_mut(&mut self) -> Option<&mut View> {
        self.views.last_mut()
    }

    /// All views, the last is on top.
    pub fn views_mut(&mut self) -> impl Iterator<Item = &mut View> {
        self.views.iter_mut()
    }

    /// All views, the last is on top.
    pub fn views(&self) -> impl Iterator<Item = &View> {
        self.views.iter()
    }

    /// Puts a view on top.
    pub fn push(&mut self, view: View) {
        self.views.push(view);
    }

    /// Shows only this.
    pub fn show(&mut self, connection: Option<ConnectionId>, view: View) {
        self.connection = connection;
        self.views = vec![view];
    }

    /// One step back; `false` if nothing lies below.
    pub fn back(&mut self) -> bool {
        if self.views.len() > 1 {
            self.views.pop();
            return true;
        }
        false
    }
}

/// How the splits of a tab are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Layout {
    /// All panes above each other: there is no room beside each other.
    pub stacked: bool,
    /// Those beside each other get the same room each, however they were split: otherwise one would be too narrow.
    pub even: bool,
    /// Columns that stay free between left and right.
    pub gutter: u16,
}

/// The tree of splits in a tab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaneTree {
    /// One pane.
    Leaf(PaneId),
    /// Two parts.
    Split {
        /// How they lie.
        side: Side,
        /// Room of the first, percent.
        percent: u16,
        /// Left or top.
        first: Box<PaneTree>,
        /// Right or bottom.
        second: Box<PaneTree>,
    },
}

impl PaneTree {
    /// The panes, in the order of focus: left to right, top to bottom.
    pub fn ids(&self) -> Vec<PaneId> {
        match self {
            Self::Leaf(id) => vec![*id],
            Self::Split { first, second, .. } => {
                let mut ids = first.ids();
                ids.extend(second.ids());
                ids
            }
        }
    }

    /// Where each pane is, in the same order.
    pub fn areas(&self, space: Area) -> Vec<(PaneId, Area)> {
        self.laid_out(space, Layout::default())
    }

    /// Where each pane is where splits may lie otherwise, in the same order.
    pub fn laid_out(&self, space: Area, layout: Layout) -> Vec<(PaneId, Area)> {
        match self {
            Self::Leaf(id) => vec![(*id, space)],
            Self::Split { side, percent, first, second } => {
                let side = if layout.stacked { Side::Below } else { *side };
                let gutter = if side == Side::Right { layout.gutter.min(space.width) } else { 0 };
                let percent = match layout.even && side == Side::Right {
                    true => 100 * first.across() / (first.across() + second.across()),
                    false => *percent,
                };
                let (a, b) = Area { width: space.width - gutter, ..space }.split(side, percent);
                let mut areas = first.laid_out(a, layout);
                areas.extend(second.laid_out(Area { x: b.x + gutter, ..b }, layout));
                areas
            }
        }
    }

    /// How many panes it has beside each other, at most.
    fn across(&self) -> u16 {
        match self {
            Self::Leaf(_) => 1,
            Self::Split { side: Side::Right, first, second, .. } => first.across() + second.across(),
            Self::Split { side: Side::Below, first, second, .. } => first.across().max(second.across()),
        }
    }

    /// Splits the leaf `at`, the new pane to the right or below.
    pub fn split(&mut self, at: PaneId, side: Side, new: PaneId) {
        match self {
            Self::Leaf(id) if *id == at => {
                *self = Self::Split {
                    side,
                    percent: 50,
                    first: Box::new(Self::Leaf(at)),
                    second: Box::new(Self::Leaf(new)),
                };
            }
            Self::Leaf(_) => {}
            Self::Split { first, second, .. } => {
                first.split(at, side, new);
                second.split(at, side, new);
            }
        }
    }

    /// The tree without a pane; `None` when it was the last.
    pub fn without(self, gone: PaneId) -> Option<Self> {
        match self {
            Self::Leaf(id) => (id != gone).then_some(Self::Leaf(id)),
            Self::Split { side, percent, first, second } => match (first.without(gone), second.without(gone)) {
                (Some(first), Some(second)) => {
                    Some(Self::Split { side, percent, first: Box::new(first), second: Box::new(second) })
                }
                (one, other) => one.or(other),
            },
        }
    }

    /// Gives the pane more room (or less): changes the nearest split that has it. Whether it did.
    pub fn resize(&mut self, id: PaneId, by: i16) -> bool {
        let Self::Split { percent, first, second, .. } = self else { return false };
        if first.resize(id, by) || second.resize(id, by) {
            return true;
        }
        let in_first = first.ids().contains(&id);
        if !in_first && !second.ids().contains(&id) {
            return false;
        }
        *percent = percent.saturating_add_signed(if in_first { by } else { -by }).clamp(10, 90);
        true
    }
}

/// A tab: a tree of panes, one of them in focus.
#[derive(Debug, Clone)]
pub struct Tab {
    /// The connection that it was opened for. Its name, color and number are those of what its focused pane shows.
    pub connection: Option<ConnectionId>,
    /// Its panes.
    pub tree: PaneTree,
    /// The pane in focus.
    pub focus: PaneId,
    /// Whether only that pane is shown.
    pub zoomed: bool,
}

impl Tab {
    /// A tab of one pane.
    pub fn new(connection: Option<ConnectionId>, pane: PaneId) -> Self {
        Self { connection, tree: PaneTree::Leaf(pane), focus: pane, zoomed: false }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_splits_closes_and_keeps_its_order() {
        let (a, b, c) = (PaneId(1), PaneId(2), PaneId(3));
        let mut tree = PaneTree::Leaf(a);
        tree.split(a, Side::Right, b);
        tree.split(b, Side::Below, c);
        assert_eq!(tree.ids(), [a, b, c]);
        let areas = tree.areas(Area::new(0, 0, 100, 40));
        assert_eq!(areas[0].1, Area::new(0, 0, 50, 40));
        assert_eq!(areas[2].1, Area::new(50, 20, 50, 20));
        let tree = tree.without(b).unwrap();
        assert_eq!(tree.ids(), [a, c]);
        assert_eq!(tree.without(a).unwrap().without(c), None);
    }

    #[test]
    fn splits_are_stacked_or_leave_a_gutter_and_lose_no_other_cell() {
        let (a, b) = (PaneId(1), PaneId(2));
        let mut tree = PaneTree::Leaf(a);
        tree.split(a, Side::Right, b);
        let space = Area::new(3, 0, 87, 40);
        let areas = tree.laid_out(space, Layout { gutter: 7, ..Layout::default() });
        assert_eq!((areas[0].1, areas[1].1), (Area::new(3, 0, 40, 40), Area::new(50, 0, 40, 40)));
        let areas = tree.laid_out(space, Layout { stacked: true, gutter: 7, ..Layout::default() });
        assert_eq!((areas[0].1, areas[1].1), (Area::new(3, 0, 87, 20), Area::new(3, 20, 87, 20)));
        tree.split(b, Side::Right, PaneId(3));
        let areas = tree.laid_out(Area::new(0, 0, 150, 40), Layout { even: true, ..Layout::default() });
        assert!(areas.iter().all(|(_, area)| (49..=51).contains(&area.width)), "{areas:?}");
    }

    #[test]
    fn growing_a_pane_shrinks_its_neighbour() {
        let (a, b) = (PaneId(1), PaneId(2));
        let mut tree = PaneTree::Leaf(a);
        tree.split(a, Side::Right, b);
        assert!(tree.resize(b, 10));
        assert_eq!(tree.areas(Area::new(0, 0, 100, 1))[0].1.width, 40);
        for _ in 0..20 {
            tree.resize(b, 10);
        }
        assert_eq!(tree.areas(Area::new(0, 0, 100, 1))[0].1.width, 10, "a pane never vanishes by resizing");
    }
}
