//! Which actions make sense now, and why the others do not: the palette greys them out with the
//! reason, and a key that is pressed all the same says it.

use crate::app::action::Action;
use crate::app::connections::Connection;
use crate::app::effect::OpenSource;
use crate::app::profiles::StoreState;
use crate::app::sidebar::SidebarItem;
use crate::app::state::{AppState, Focus};
use crate::app::view::View;
use crate::connection::health::HealthState;
use crate::profile::model::ProfileId;
use crate::provider::{Capabilities, Support};

/// Why an action does nothing now; `None` if it does something.
pub fn unavailable(state: &AppState, action: Action) -> Option<&'static str> {
    match action {
        Action::Filter => needs_records(state).or_else(|| lacks(state, |c| &c.filter)),
        Action::FilterHere => needs_filter(state).or_else(|| match active_view(state) {
            Some(View::Records(view)) if view.here.is_some() => Some("it is filtered here already"),
            Some(View::Records(view)) if view.refused => None,
            _ => Some("the database runs this filter itself"),
        }),
        Action::NativeFilter => needs_filter(state),
        Action::ToggleVectors | Action::CountExactly => needs_records(state),
        Action::SearchText => needs_collection(state).or_else(|| super::by_text::lacking(state)),
        Action::SearchVector | Action::GoToId | Action::CollectionInfo | Action::Compare | Action::CopyCollection => {
            needs_collection(state)
        }
        Action::CheckIndex => needs_collection(state).or_else(|| lacks(state, |c| &c.exact_search)),
        Action::MoreLikeThis => needs_record(state).or_else(|| lacks(state, |c| &c.search_like)),
        Action::LinkPanes | Action::LinkWith => super::linking::lacking(state),
        Action::LinkBy => super::linking::not_linked(state),
        Action::ExactSearch => match active_view(state) {
            Some(View::Records(_) | View::Hits(_)) => lacks(state, |c| &c.exact_search),
            _ => Some("open a collection first"),
        },
        Action::NextVector => match active_view(state) {
            Some(View::Hits(_)) => None,
            _ => Some("only a search has a vector field: search first"),
        },
        Action::Columns => match active_view(state) {
            Some(View::Records(_) | View::Hits(_)) => None,
            _ => Some("only a table has columns: open a collection first"),
        },
        Action::RecordView => match active_view(state) {
            Some(View::Record(_)) => None,
            _ => Some("open a record first"),
        },
        Action::CopyCell | Action::CopyId | Action::CopyRecord | Action::OpenInEditor => needs_record(state),
        Action::CopyOptions => super::jobs::no_plan(state),
        Action::LimitRate => super::jobs::not_copying(state),
        Action::CopyDatabase | Action::BackUp => super::whole::lacking(state, action),
        Action::CloseConnection | Action::CheckConnection | Action::PauseConnection | Action::ConnectionDetails => {
            if sidebar_or_active(state).is_some() {
                None
            } else {
                Some("no connection is selected")
            }
        }
        Action::Doctor => super::doctor::lacking(state),
        Action::WriteWindow => super::writing::no_window(state),
        Action::SaveAsProfile => match sidebar_or_active(state).map(|c| &c.source) {
            Some(OpenSource::AdHoc(_)) => None,
            Some(OpenSource::Profile(_)) => Some("this connection is a profile already"),
            Some(OpenSource::Demo) => Some("the demo needs no profile: `demo` is always there"),
            None => Some("no connection is open"),
        },
        Action::EditProfile | Action::DeleteProfile => of_the_store(state),
        Action::RenameProfile => super::groups::cannot_rename(state),
        Action::DuplicateProfile => sidebar_profile(state).is_none().then_some(SELECT),
        Action::ExportProfiles => super::sharing::cannot_export(state),
        Action::FindProfile => state.profiles.list.is_empty().then_some("there are no profiles in sight"),
        Action::ToggleFavourite => of_the_store(state),
        Action::MoveDown | Action::MoveUp => super::groups::cannot_move(state),
        Action::OpenGroup | Action::CheckGroup | Action::CloseGroup => {
            super::groups::selected(state).is_none().then_some("select a group, or a profile in one, in the sidebar")
        }
        Action::UnlockStore => match state.profiles.state {
            StoreState::Unlocked | StoreState::ReadOnly(_) => Some("the profiles are unlocked already"),
            StoreState::Absent => Some("there are no profiles yet: the first save makes the store"),
            StoreState::Unknown | StoreState::Locked | StoreState::Unlocking | StoreState::Broken(_) => None,
        },
        Action::LockStore => match state.profiles.state {
            StoreState::Unlocked | StoreState::ReadOnly(_) => None,
            StoreState::Unknown
            | StoreState::Absent
            | StoreState::Locked
            | StoreState::Unlocking
            | StoreState::Broken(_) => Some("the profiles are not unlocked"),
        },
        Action::Refresh => paused(state),
        Action::ShowInPane => {
            if state.connections.is_empty() {
                Some("no connection is open: quick connect first")
            } else {
                None
            }
        }
        Action::Connection1
        | Action::Connection2
        | Action::Connection3
        | Action::Connection4
        | Action::Connection5
        | Action::Connection6
        | Action::Connection7
        | Action::Connection8
        | Action::Connection9 => {
            let open = action.connection_index().is_some_and(|i| i < state.connections.len());
            if open { None } else { Some("there are not so many open connections") }
        }
        Action::Help
        | Action::Palette
        | Action::Back
        | Action::Quit
        | Action::CancelRequest
        | Action::Suspend
        | Action::Redraw
        | Action::ShowLog
        | Action::ShowJobs
        | Action::NextTheme
        | Action::Down
        | Action::Up
        | Action::PageDown
        | Action::PageUp
        | Action::HalfPageDown
        | Action::HalfPageUp
        | Action::First
        | Action::Last
        | Action::Left
        | Action::Right
        | Action::Enter
        | Action::Toggle
        | Action::NextPane
        | Action::PreviousPane
        | Action::SplitRight
        | Action::SplitDown
        | Action::ClosePane
        | Action::GrowPane
        | Action::ShrinkPane
        | Action::ZoomPane
        | Action::ToggleSidebar
        | Action::FocusSidebar
        | Action::NextTab
        | Action::PreviousTab
        | Action::NewTab
        | Action::CloseTab
        | Action::QuickConnect
        | Action::NewProfile
        | Action::SignIn
        | Action::ImportProfiles
        | Action::CopyAddress
        | Action::CopyReport
        | Action::TestProfile
        | Action::SaveForm
        | Action::NextField
        | Action::PreviousField
        | Action::NextChoice
        | Action::PreviousChoice
        | Action::Yes
        | Action::No => None,
    }
}

/// Nothing is read again of a paused connection: what was read stays in sight.
fn paused(state: &AppState) -> Option<&'static str> {
    if state.focus == Focus::Pane && matches!(active_view(state), Some(View::Jobs(_))) {
        return None;
    }
    let connection = sidebar_or_active(state)?;
    (connection.health.state == HealthState::Paused).then_some("it is paused: check the connection to have it back")
}

fn active_view(state: &AppState) -> Option<&View> {
    Some(state.active_pane()?.view())
}

/// The connection that an action means: under the sidebar's cursor when that has the focus, else
/// the one that the focused pane shows.
pub fn sidebar_or_active(state: &AppState) -> Option<&Connection> {
    if state.focus == Focus::Pane {
        return state.active_connection();
    }
    match super::sidebar::selected(state)? {
        SidebarItem::Connection(id)
        | SidebarItem::Collection { connection: id, .. }
        | SidebarItem::CollectionsNote { connection: id, .. } => state.connection(id),
        SidebarItem::Profile(id) => state.connection_of_profile(id),
        SidebarItem::Group { .. } | SidebarItem::Demo | SidebarItem::Store(_) => None,
    }
}

/// The profile under the sidebar's cursor, open or not.
/// Why the selected profile cannot be changed.
pub(super) fn of_the_store(state: &AppState) -> Option<&'static str> {
    let Some(id) = sidebar_profile(state) else { return Some(SELECT) };
    let of_project = state.profiles.list.iter().any(|profile| profile.id == id && profile.of_project);
    of_project.then_some("it is of the project's file: edit .vector-inspector.toml, or duplicate it into your store")
}

const SELECT: &str = "select a profile in the sidebar first";

/// The profile under the cursor of the sidebar.
pub(super) fn sidebar_profile(state: &AppState) -> Option<ProfileId> {
    match super::sidebar::selected(state)? {
        SidebarItem::Profile(id) => Some(id),
        SidebarItem::Connection(id) => match state.connection(id)?.source {
            OpenSource::Profile(profile) => Some(profile),
            OpenSource::AdHoc(_) | OpenSource::Demo => None,
        },
        SidebarItem::Group { .. }
        | SidebarItem::Collection { .. }
        | SidebarItem::CollectionsNote { .. }
        | SidebarItem::Demo
        | SidebarItem::Store(_) => None,
    }
}

fn needs_records(state: &AppState) -> Option<&'static str> {
    match active_view(state) {
        Some(View::Records(_)) => None,
        _ => Some("open the records of a collection first"),
    }
}

fn needs_filter(state: &AppState) -> Option<&'static str> {
    match active_view(state) {
        Some(View::Records(view)) if view.filter.filter.is_some() => None,
        Some(View::Records(_)) => Some("no filter is set"),
        _ => needs_records(state),
    }
}

fn needs_collection(state: &AppState) -> Option<&'static str> {
    let in_sidebar = state.focus == Focus::Sidebar
        && matches!(super::sidebar::selected(state), Some(SidebarItem::Collection { .. }));
    let in_pane = active_view(state).is_some_and(|view| view.collection().is_some());
    if in_sidebar || in_pane { None } else { Some("open a collection first") }
}

fn needs_record(state: &AppState) -> Option<&'static str> {
    if super::browse::selected_record(state).is_some() { None } else { Some("no record is selected") }
}

fn lacks(state: &AppState, which: impl Fn(&Capabilities) -> &Support) -> Option<&'static str> {
    match which(state.active_connection()?.capabilities.as_ref()?) {
        Support::Yes => None,
        Support::No(why) => Some(why),
    }
}
