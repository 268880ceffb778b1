//! After every event: selections are brought back into their lists, and what is in sight but not
//! loaded is asked for. So no key, answer or resize has to remember to.

use super::{Out, questions};
use crate::app::geometry::{Area, Frame, table_rows};
use crate::app::list::Step;
use crate::app::panes::PaneId;
use crate::app::state::{AppState, Purpose};
use crate::app::view::View;
use crate::app::view::records::Loading;

pub(super) fn settle(state: &mut AppState, out: &mut Out) {
    let rows = super::sidebar::row_count(state);
    let frame = Frame::of(state);
    state.sidebar.list.clamp(rows, frame.as_ref().map_or(1, super::sidebar::height_in));
    super::watching::settle(state, frame.as_ref(), out);
    let Some(frame) = frame else { return };
    for (pane, area) in frame.panes {
        fit_record(state, pane, area);
        settle_pane(state, pane, table_rows(area), out);
    }
}

/// A record lays its numbers out for the width that it has.
fn fit_record(state: &mut AppState, id: PaneId, area: Area) {
    if let Some(View::Record(view)) = state.panes.get_mut(&id).and_then(|pane| pane.view_mut()) {
        // A bar at the left, the scroll bar and a blank at the right.
        view.fit(usize::from(area.inner().width).saturating_sub(3));
        let len = view.len();
        view.list.clamp(len, usize::from(area.inner().height));
    }
}

/// Whether nothing was read for it and nothing is asked. What linked panes opened is theirs to fill.
fn is_untouched(view: &View) -> bool {
    match view {
        View::Record(view) => view.linked.is_none() && !view.absent && view.record.is_untouched(),
        View::Hits(view) => view.shared.is_none() && !view.unfit && view.hits.is_untouched(),
        View::Info(view) => view.info.is_untouched(),
        View::Records(_) | View::Log(_) | View::Job(_) | View::Jobs(_) | View::Welcome => false,
    }
}

fn settle_pane(state: &mut AppState, id: PaneId, height: usize, out: &mut Out) {
    let page_size = state.settings.page_size;
    let Some(pane) = state.panes.get_mut(&id) else { return };
    let Some(connection) = pane.connection else { return };
    let (page, question) = match pane.view_mut() {
        Some(View::Records(view)) => {
            if view.to_the_end && !view.window.is_fresh() {
                // The selection goes along, so that the window that moves on stays in sight.
                let len = view.window.last_row();
                view.list.step(Step::Last, len, height);
                view.to_the_end = view.window.next_page().is_some();
            }
            if let Some(end) = view.window.end() {
                view.list.clamp(end, height);
            }
            let Some((page, cursor)) = view.wanted_page(height) else { return };
            (page, view.question(page, cursor, page_size.max(height)))
        }
        // Of an earlier session, or of a pane that was split while it was asked for.
        Some(view) if is_untouched(view) => {
            if let Some((purpose, question)) = super::browse::question_of(view, id)
                && questions::is_up(state, connection)
            {
                super::browse::ask_for_view(state, id, connection, purpose, question, out);
            }
            return;
        }
        Some(_) | None => return,
    };
    // Nothing is asked of a connection that is not up: its answer could only be an error.
    if !questions::is_up(state, connection) {
        return;
    }
    let Some(request) = questions::ask(state, connection, Purpose::Page(id), question, out) else { return };
    if let Some(View::Records(view)) = state.panes.get_mut(&id).and_then(|pane| pane.view_mut()) {
        view.loading = Some(Loading { request, page, limit: page_size.max(height) });
    }
}
