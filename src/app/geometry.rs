//! Where things are on the screen, from the state alone. The reducer needs it to page by what is
//! in sight and to know what the mouse hit; the view draws into the same rectangles.

use super::panes::{Layout, PaneId, Side, Tab};
use super::state::AppState;

/// A rectangle of cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Area {
    /// Left column.
    pub x: u16,
    /// Top row.
    pub y: u16,
    /// Columns.
    pub width: u16,
    /// Rows.
    pub height: u16,
}

impl Area {
    /// A rectangle at a place.
    pub fn new(x: u16, y: u16, width: u16, height: u16) -> Self {
        Self { x, y, width, height }
    }

    /// Whether a cell is in it.
    pub fn contains(self, x: u16, y: u16) -> bool {
        x >= self.x && y >= self.y && x - self.x < self.width && y - self.y < self.height
    }

    /// What is left inside a border of one cell.
    pub fn inner(self) -> Self {
        Self::new(
            self.x.saturating_add(1),
            self.y.saturating_add(1),
            self.width.saturating_sub(2),
            self.height.saturating_sub(2),
        )
    }

    /// Cuts it in two: `first` gets `percent` of the room.
    pub fn split(self, side: Side, percent: u16) -> (Self, Self) {
        let part = |whole: u16| u16::try_from(u32::from(whole) * u32::from(percent) / 100).unwrap_or(whole);
        match side {
            Side::Right => {
                let left = part(self.width);
                (Self { width: left, ..self }, Self { x: self.x + left, width: self.width - left, ..self })
            }
            Side::Below => {
                let top = part(self.height);
                (Self { height: top, ..self }, Self { y: self.y + top, height: self.height - top, ..self })
            }
        }
    }

    /// A rectangle of at most this size in the middle of it.
    pub fn centered(self, width: u16, height: u16) -> Self {
        let (width, height) = (width.min(self.width), height.min(self.height));
        Self::new(self.x + (self.width - width) / 2, self.y + (self.height - height) / 2, width, height)
    }
}

/// Smallest screen that anything is drawn on.
pub const SMALLEST: (u16, u16) = (40, 10);

/// Below this width the sidebar folds away by itself.
pub const SIDEBAR_FROM_WIDTH: u16 = 80;

/// Where the parts of the screen are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frame {
    /// The line at the top.
    pub title: Area,
    /// The sidebar with its border, unless it is folded away.
    pub sidebar: Option<Area>,
    /// The line of tabs.
    pub tabs: Area,
    /// The panes of the active tab with their borders, in the order of focus.
    pub panes: Vec<(PaneId, Area)>,
    /// The line below each linked pane.
    pub notes: Vec<(PaneId, Area)>,
    /// The free columns between two lists of hits that are compared: left, right, and where.
    pub gutters: Vec<(PaneId, PaneId, Area)>,
    /// The line at the bottom.
    pub status: Area,
}

impl Frame {
    /// The frame of a state; `None` when the screen is too small for one.
    pub fn of(state: &AppState) -> Option<Self> {
        let (width, height) = state.size;
        if width < SMALLEST.0 || height < SMALLEST.1 {
            return None;
        }
        let title = Area::new(0, 0, width, 1);
        let status = Area::new(0, height - 1, width, 1);
        let body = Area::new(0, 1, width, height - 2);
        let sidebar_width = if state.sidebar_in_sight() { state.sidebar.columns(width) } else { 0 };
        let sidebar = (sidebar_width > 0).then_some(Area { width: sidebar_width, ..body });
        let rest = Area { x: sidebar_width, width: width - sidebar_width, ..body };
        let tabs = Area { height: 1, ..rest };
        let space = Area { y: rest.y + 1, height: rest.height - 1, ..rest };
        let mut panes = match state.active_tab() {
            None => Vec::new(),
            Some(tab) if tab.zoomed => vec![(tab.focus, space)],
            Some(tab) => tab.tree.laid_out(space, layout(state, tab, space)),
        };
        let notes = cut_notes(state, &mut panes);
        let gutters = gutters(state, &panes);
        Some(Self { title, sidebar, tabs, panes, notes, gutters, status })
    }

    /// The area of a pane, with its border.
    pub fn pane(&self, id: PaneId) -> Option<Area> {
        self.panes.iter().find(|(pane, _)| *pane == id).map(|(_, area)| *area)
    }
}

/// Columns between two lists of hits that are compared.
pub const GUTTER: u16 = 7;

/// Narrowest that linked panes stay beside each other; below it they are drawn above each other.
const BESIDE: u16 = 40;

/// Lowest pane that gives a line away for what is known of its link.
const WITH_NOTE: u16 = 6;

/// How the splits of a tab lie: as they were made, unless linked panes would become too narrow.
fn layout(state: &AppState, tab: &Tab, space: Area) -> Layout {
    let linked = |pane: &PaneId| state.links.of(*pane).is_some();
    let ids = tab.tree.ids();
    if !ids.iter().any(linked) {
        return Layout::default();
    }
    let compared =
        ids.iter().filter(|pane| linked(pane) && state.panes.get(pane).is_some_and(|p| p.shared().is_some()));
    let beside = Layout { gutter: if compared.count() > 1 { GUTTER } else { 0 }, ..Layout::default() };
    let wide = |layout: &Layout| {
        tab.tree.laid_out(space, *layout).iter().all(|(pane, area)| !linked(pane) || area.width >= BESIDE)
    };
    let stacked = Layout { stacked: true, ..Layout::default() };
    [beside, Layout { even: true, ..beside }].into_iter().find(wide).unwrap_or(stacked)
}

/// Takes the last line of each linked pane for what is known of its link.
fn cut_notes(state: &AppState, panes: &mut [(PaneId, Area)]) -> Vec<(PaneId, Area)> {
    let mut notes = Vec::new();
    for (pane, area) in
        panes.iter_mut().filter(|(pane, area)| area.height >= WITH_NOTE && state.links.of(*pane).is_some())
    {
        area.height -= 1;
        notes.push((*pane, Area { y: area.y + area.height, height: 1, ..*area }));
    }
    notes
}

/// The gutters between neighbours that show hits of the same search.
fn gutters(state: &AppState, panes: &[(PaneId, Area)]) -> Vec<(PaneId, PaneId, Area)> {
    let token = |pane: &PaneId| {
        state.panes.get(pane).and_then(|pane| pane.shared()).filter(|_| state.links.of(*pane).is_some())
    };
    let mut found = Vec::new();
    for (left, a) in panes {
        for (right, b) in panes {
            let beside = b.x == a.x + a.width + GUTTER && a.y < b.y + b.height && b.y < a.y + a.height;
            if beside && token(left).is_some() && token(left) == token(right) {
                let (top, bottom) = (a.y.max(b.y), (a.y + a.height).min(b.y + b.height));
                found.push((*left, *right, Area { x: a.x + a.width, y: top, width: GUTTER, height: bottom - top }));
            }
        }
    }
    found
}

/// Rows of a table in a pane of this area: without border, and without header row and filter line.
pub fn table_rows(area: Area) -> usize {
    usize::from(area.inner().height.saturating_sub(TABLE_HEADER))
}

/// Rows above the first record of a table: the filter line and the header.
pub const TABLE_HEADER: u16 = 2;

/// The box of a picker, palette, help or columns overlay: input line, rule, rows.
pub fn picker_area(size: (u16, u16)) -> Area {
    let screen = Area::new(0, 0, size.0, size.1);
    screen.centered((size.0 * 4 / 5).clamp(36, 100), (size.1 * 4 / 5).clamp(8, 40))
}

/// Rows of a picker's list: without border, input line and hint line.
pub fn picker_rows(size: (u16, u16)) -> usize {
    usize::from(picker_area(size).inner().height.saturating_sub(2))
}

/// Rows at the foot of an import's list, which show the selected row whole.
pub fn import_foot(size: (u16, u16)) -> usize {
    (picker_rows(size) / 3).min(4)
}

/// Rows of the list of what a sign-in found, and those below it, which tell all of the row in focus.
pub fn found_rows(size: (u16, u16)) -> (usize, usize) {
    let rows = picker_rows(size);
    let told = (rows / 2).min(8);
    (rows - told, told)
}

/// The box of the profile form.
pub fn form_area(size: (u16, u16)) -> Area {
    Area::new(0, 0, size.0, size.1).centered(84, size.1.saturating_sub(2).min(31))
}

/// Where each tab is on the line of tabs, as [`widths`](super::view::tabs::widths) shares it.
pub fn tab_areas(state: &AppState, line: Area) -> Vec<Area> {
    let mut x = line.x;
    let areas = super::view::tabs::widths(state, line.width).into_iter().map(|width| {
        let area = Area { x, width, ..line };
        x = x.saturating_add(width);
        area
    });
    areas.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_lose_no_cell() {
        let area = Area::new(3, 4, 81, 23);
        let (left, right) = area.split(Side::Right, 50);
        assert_eq!((left.width + right.width, right.x), (81, 3 + left.width));
        let (top, bottom) = area.split(Side::Below, 33);
        assert_eq!((top.height + bottom.height, bottom.y), (23, 4 + top.height));
    }

    #[test]
    fn a_border_around_nothing_is_nothing() {
        assert_eq!(Area::new(0, 0, 1, 1).inner(), Area::new(1, 1, 0, 0));
    }
}
