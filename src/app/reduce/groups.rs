//! Groups of profiles: what is done to all of them at once, their order, and looking for some.

use super::availability::sidebar_profile;
use super::{Out, connections};
use crate::app::effect::{Effect, StoreRequest};
use crate::app::event::Notice;
use crate::app::overlay::Overlay;
use crate::app::overlay::prompt::{Confirm, Confirmed, Prompt, PromptPurpose};
use crate::app::profiles::{ProfileSummary, StoreState};
use crate::app::sidebar::{Sidebar, SidebarItem};
use crate::app::state::AppState;
use crate::connection::message::{Command, ConnectionId};
use crate::profile::model::{ProfileId, group_path};
use crate::text::format::number_of;

/// More than so many are not opened without a question.
const MANY: usize = 9;

/// The group under the sidebar's cursor, or that of the profile there.
pub(super) fn selected(state: &AppState) -> Option<String> {
    if let Some(SidebarItem::Group { path, .. }) = super::sidebar::selected(state) {
        return Some(path);
    }
    let id = sidebar_profile(state)?;
    let group = &state.profiles.list.iter().find(|p| p.id == id)?.group;
    (!group.is_empty()).then(|| group.clone())
}

/// The profiles of a group and of those inside it; while something is looked for, those found.
fn members(state: &AppState, group: &str) -> Vec<ProfileId> {
    let found = |id: &ProfileId| state.sidebar.found.as_ref().is_none_or(|found| found.contains(id));
    state.profiles.list.iter().filter(|p| p.is_in(group)).map(|p| p.id).filter(found).collect()
}

fn open_members(state: &AppState, group: &str) -> Vec<ConnectionId> {
    members(state, group).into_iter().filter_map(|id| state.connection_of_profile(id)).map(|c| c.id).collect()
}

pub(super) fn open_all(state: &mut AppState, out: &mut Out) {
    let Some(group) = selected(state) else { return };
    let closed = members(state, &group).into_iter().filter(|id| state.connection_of_profile(*id).is_none()).count();
    if closed > MANY {
        let text = format!("Open {closed} connections of {group}?");
        state.overlays.push(Overlay::Confirm(Confirm { text, yes: Confirmed::OpenGroup(group) }));
    } else {
        open(state, &group, out);
    }
}

/// Opens what is not open, and goes to the first of the group.
pub(super) fn open(state: &mut AppState, group: &str, out: &mut Out) {
    let ids = members(state, group);
    let closed: Vec<ProfileId> = ids.into_iter().filter(|id| state.connection_of_profile(*id).is_none()).collect();
    for id in &closed {
        connections::open_profile(state, *id, out);
    }
    if let Some(first) = open_members(state, group).first() {
        connections::go_to(state, *first);
    }
    state.notice = Some(Notice::info(match closed.len() {
        0 => format!("all of {group} is open already."),
        n => format!("opening {n} of {group}."),
    }));
}

pub(super) fn check_all(state: &mut AppState, out: &mut Out) {
    let Some(group) = selected(state) else { return };
    let (all, open) = (members(state, &group).len(), open_members(state, &group));
    out.extend(open.iter().map(|id| Effect::Send { connection: *id, command: Command::CheckNow }));
    let closed = all - open.len();
    let rest = if closed == 0 { String::new() } else { format!("; {closed} are not open") };
    state.notice = Some(Notice::info(format!("checking {} of {group}{rest}.", open.len())));
}

/// Closes all of the group under the cursor; where long work runs on one of them, after a question.
pub(super) fn close_selected(state: &mut AppState, out: &mut Out) {
    let Some(group) = selected(state) else { return };
    match connections::still_running(state, &open_members(state, &group), &group) {
        None => close_all(state, &group, out),
        Some(text) => state.overlays.push(Overlay::Confirm(Confirm { text, yes: Confirmed::CloseGroup(group) })),
    }
}

/// Closes every open connection of a group.
pub(super) fn close_all(state: &mut AppState, group: &str, out: &mut Out) {
    let open = open_members(state, group);
    for id in &open {
        connections::close(state, *id, out);
    }
    state.notify(Notice::info(match open.len() {
        0 => format!("nothing of {group} is open."),
        n => format!("{n} of {group} closed. The profiles stay."),
    }));
}

pub(super) fn toggle_favourite(state: &mut AppState, out: &mut Out) {
    let Some(id) = sidebar_profile(state) else { return };
    let Some(profile) = state.profiles.list.iter().find(|p| p.id == id) else { return };
    let on = !profile.favourite;
    super::store::save(state, StoreRequest::Favourite { id, on }, out);
}

// ---- another path ----

/// Whether the store has a profile in that group, or in one inside it.
pub(super) fn is_of_the_store(state: &AppState, group: &str) -> bool {
    state.profiles.list.iter().any(|profile| !profile.of_project && profile.is_in(group))
}

/// Why what is under the cursor gets no other name.
pub(super) fn cannot_rename(state: &AppState) -> Option<&'static str> {
    match super::sidebar::selected(state) {
        Some(SidebarItem::Group { path, .. }) if is_of_the_store(state, &path) => None,
        Some(SidebarItem::Group { .. }) => Some("it is of the project's file: edit .vector-inspector.toml"),
        _ => super::availability::of_the_store(state),
    }
}

/// The new path was typed: all profiles of the group under the cursor get it, in one save. Where there is a group of that
/// path, a second enter makes both one; `asked` is what was said after the first.
pub(super) fn rename(state: &mut AppState, typed: &str, asked: Option<&str>, out: &mut Out) -> Result<(), String> {
    let Some(SidebarItem::Group { path: from, .. }) = super::sidebar::selected(state) else {
        return Err("the group is not there any more.".to_owned());
    };
    let to = group_path(typed);
    if to.is_empty() {
        return Err("a group needs a name.".to_owned());
    }
    if let Some(question) = merges(state, &from, &to).filter(|question| asked != Some(question.as_str())) {
        return Err(question);
    }
    if to != from {
        super::store::save(state, StoreRequest::RenameGroup { from, to }, out);
    }
    Ok(())
}

/// What is asked before a group becomes one with another; `None` where no other one has that path.
fn merges(state: &AppState, from: &str, to: &str) -> Option<String> {
    let own = || state.profiles.list.iter().filter(|profile| !profile.of_project);
    // What is inside of the group that moves is no other one.
    let there = own().filter(|profile| profile.is_in(to) && !profile.is_in(from)).count();
    let moved = own().filter(|profile| profile.is_in(from)).count();
    (to != from && there > 0).then(|| {
        let (there, moved) = (number_of(there, "profile"), number_of(moved, "profile"));
        format!("{to} exists: its {there} and {moved} of {from} become one group. Enter once more does it.")
    })
}

// ---- order ----

pub(super) fn cannot_move(state: &AppState) -> Option<&'static str> {
    if state.profiles.state != StoreState::Unlocked {
        return Some("the store of profiles is not open for writing");
    }
    if state.sidebar.found.is_some() {
        return Some("only some profiles are in sight: esc shows all");
    }
    match super::sidebar::selected(state) {
        Some(SidebarItem::Group { .. }) => None,
        _ if sidebar_profile(state).is_some() => super::availability::of_the_store(state),
        _ => Some("select a profile or a group in the sidebar first"),
    }
}

/// Moves what is under the cursor by one among its siblings, and keeps the cursor on it.
pub(super) fn move_selected(state: &mut AppState, by: isize, out: &mut Out) {
    let Some(item) = super::sidebar::selected(state) else { return };
    match &item {
        SidebarItem::Group { path, .. } => move_group(state, path, by, out),
        _ => {
            if let Some(id) = sidebar_profile(state) {
                move_profile(state, id, by, out);
            }
        }
    }
    super::sidebar::keep_on(state, &item);
}

fn move_profile(state: &mut AppState, id: ProfileId, by: isize, out: &mut Out) {
    let list = &mut state.profiles.list;
    let Some(at) = list.iter().position(|p| p.id == id) else { return };
    // Favourites stand before the others of their group.
    let kind = |p: &ProfileSummary| (p.group.clone(), p.favourite);
    let own = kind(&list[at]);
    let siblings: Vec<usize> = (0..list.len()).filter(|i| kind(&list[*i]) == own).collect();
    let place = siblings.iter().position(|i| *i == at);
    let other = place.and_then(|place| place.checked_add_signed(by)).and_then(|place| siblings.get(place));
    if let Some(other) = other {
        list.swap(at, *other);
        let order = list.iter().map(|p| p.id).collect();
        out.push(Effect::Store(StoreRequest::ArrangeProfiles(order)));
    }
}

fn move_group(state: &mut AppState, path: &str, by: isize, out: &mut Out) {
    let mut groups: Vec<String> = Sidebar::groups(state).into_iter().map(str::to_owned).collect();
    let siblings: Vec<usize> = (0..groups.len()).filter(|i| parent(&groups[*i]) == parent(path)).collect();
    let place = siblings.iter().position(|i| groups[*i] == path);
    let other = place.and_then(|place| place.checked_add_signed(by)).and_then(|place| siblings.get(place));
    if let (Some(place), Some(other)) = (place, other) {
        groups.swap(siblings[place], *other);
        state.profiles.groups = groups;
        keep_arrangement(state, out);
    }
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(parent, _)| parent)
}

/// Has the order of the groups, and which are folded, saved; in a store that cannot be written to they
/// hold for this session.
pub(super) fn keep_arrangement(state: &mut AppState, out: &mut Out) {
    if state.profiles.state != StoreState::Unlocked {
        return;
    }
    let groups = Sidebar::groups(state).into_iter();
    let groups = groups.map(|path| (path.to_owned(), state.sidebar.collapsed.contains(path))).collect();
    out.push(Effect::Store(StoreRequest::ArrangeGroups(groups)));
}

// ---- looking for some ----

pub(super) fn ask_find(state: &mut AppState) {
    let prompt = Prompt::new(PromptPurpose::FindProfile, &state.sidebar.sought);
    state.overlays.push(Overlay::Prompt(prompt));
}

/// The text of the question changed: the sidebar follows.
pub(super) fn find_typed(state: &mut AppState) {
    if let Some(Overlay::Prompt(prompt)) = state.overlays.last()
        && prompt.purpose == PromptPurpose::FindProfile
    {
        let text = prompt.field.text().to_owned();
        find(state, &text);
    }
}

/// Shows what matches; the cursor goes to the first profile.
pub(super) fn find(state: &mut AppState, text: &str) {
    if text.trim() == state.sidebar.sought {
        return;
    }
    let before = super::sidebar::selected(state);
    state.sidebar.find(text, &state.profiles.list);
    if state.sidebar.found.is_none() {
        if let Some(item) = before {
            super::sidebar::keep_on(state, &item);
        }
        return;
    }
    let rows = state.sidebar.rows(state);
    let first = rows.iter().position(|row| !matches!(row.item, SidebarItem::Group { .. }));
    state.sidebar.list.selected = first.unwrap_or(0);
    state.sidebar.list.top = 0;
}

/// The profiles changed: what is looked for may match others.
pub(super) fn find_again(state: &mut AppState) {
    let sought = state.sidebar.sought.clone();
    state.sidebar.find(&sought, &state.profiles.list);
}
