//! Keys in overlays, and what choosing in them does.

use super::{
    Out, asked_keys, browse, by_text, connections, doctor, filters, forms, groups, jobs, layout, perform, resuming,
    session, sharing, sidebar, sign_in, store, whole, writing,
};
use crate::app::action::Action;
use crate::app::effect::{Effect, StoreRequest};
use crate::app::geometry::{found_rows, import_foot, picker_rows};
use crate::app::list::{ListState, Step as Move};
use crate::app::overlay::Overlay;
use crate::app::overlay::columns::ColumnChoice;
use crate::app::overlay::form::FieldValue;
use crate::app::overlay::help::HelpRow;
use crate::app::overlay::picker::{Picker, PickerItem, PickerPurpose};
use crate::app::overlay::prompt::{Confirmed, Prompt, PromptPurpose};
use crate::app::overlay::sign_in::Step;
use crate::app::overlay::text::TextContent;
use crate::app::state::AppState;
use crate::app::view::View;
use crate::keymap::{Chord, Key, Lookup};
use crate::profile::model::ProfileId;

pub(super) fn quick_connect(state: &mut AppState) {
    state.overlays.push(Overlay::Picker(Picker::new(PickerPurpose::Connect)));
}

pub(super) fn show_in_pane(state: &mut AppState) {
    if let Some(pane) = state.active_tab().map(|tab| tab.focus) {
        let purpose = if state.connections.is_empty() { PickerPurpose::Connect } else { PickerPurpose::ShowIn(pane) };
        state.overlays.push(Overlay::Picker(Picker::new(purpose)));
    }
}

pub(super) fn ask_filter(state: &mut AppState) {
    if let Some(View::Records(view)) = state.active_pane().map(|pane| pane.view())
        && let Some(pane) = state.active_tab().map(|tab| tab.focus)
    {
        let prompt = Prompt::new(PromptPurpose::Filter(pane), &view.filter.text);
        state.overlays.push(Overlay::Prompt(prompt));
    }
}

pub(super) fn ask_search(state: &mut AppState, out: &mut Out) {
    browse::with_collection(state, out, PromptPurpose::Search);
}

pub(super) fn ask_id(state: &mut AppState, out: &mut Out) {
    browse::with_collection(state, out, PromptPurpose::GoToId);
}

pub(super) fn choose_columns(state: &mut AppState) {
    if let Some(pane) = state.active_tab().map(|tab| tab.focus) {
        state.overlays.push(Overlay::Columns(ColumnChoice { pane, list: ListState::default() }));
    }
}

/// A key in the overlay on top.
pub(super) fn key(state: &mut AppState, chord: Chord, out: &mut Out) {
    let layers = state.layers();
    let action = match state.keymap.lookup(layers, &[chord]) {
        Lookup::Action(action) => Some(action),
        Lookup::Prefix | Lookup::None => None,
    };
    match state.overlays.last() {
        Some(Overlay::Form(_)) => forms::key(state, action, chord, out),
        Some(Overlay::Confirm(confirm)) => {
            // Enter alone opens and deletes nothing.
            let enough = chord.key != Key::Enter || !confirm.is_grave();
            if let Some(Action::Yes | Action::No) = action.filter(|action| *action == Action::No || enough) {
                answer(state, action == Some(Action::Yes), out);
            }
        }
        Some(Overlay::Secret(_)) => store::secret_key(state, action, chord, out),
        Some(Overlay::Key(_)) => asked_keys::key(state, action, chord, out),
        Some(Overlay::SignIn(sign_in)) if matches!(sign_in.step, Step::Fill(_)) => {
            sign_in::key(state, action, chord, out);
        }
        Some(_) => match action {
            Some(action @ (Action::Toggle | Action::Up | Action::Down)) if filters::is_typed(state) => {
                filters::bar_key(state, action, out);
            }
            Some(action @ (Action::Toggle | Action::Up | Action::Down)) if by_text::is_typed(state) => {
                by_text::key(state, action);
            }
            Some(Action::Back) if matches!(state.overlays.last(), Some(Overlay::SignIn(_))) => {
                sign_in::back(state, out)
            }
            Some(Action::Back) => {
                if is_finding(state.overlays.last()) {
                    groups::find(state, "");
                }
                state.overlays.pop();
            }
            Some(Action::Enter) => enter(state, out),
            Some(Action::Refresh) => doctor::again(state, out),
            Some(Action::CopyReport) => doctor::copy_report(state, out),
            Some(Action::Suspend) => out.push(Effect::Suspend),
            Some(Action::Toggle) => toggle(state),
            Some(action) => match step_of(action) {
                Some(step) => move_selection(state, step),
                None => type_into(state, chord),
            },
            None => type_into(state, chord),
        },
        None => {}
    }
}

fn is_finding(overlay: Option<&Overlay>) -> bool {
    matches!(overlay, Some(Overlay::Prompt(prompt)) if prompt.purpose == PromptPurpose::FindProfile)
}

fn step_of(action: Action) -> Option<Move> {
    match action {
        Action::Down => Some(Move::Rows(1)),
        Action::Up => Some(Move::Rows(-1)),
        Action::PageDown => Some(Move::Pages(1)),
        Action::PageUp => Some(Move::Pages(-1)),
        Action::HalfPageDown => Some(Move::HalfPages(1)),
        Action::HalfPageUp => Some(Move::HalfPages(-1)),
        Action::First => Some(Move::First),
        Action::Last => Some(Move::Last),
        _ => None,
    }
}

/// Number of rows of the overlay on top.
fn len(state: &AppState) -> usize {
    match state.overlays.last() {
        Some(Overlay::Help(help)) => help.rows(&state.keymap).len(),
        Some(Overlay::Palette(palette)) => palette.rows().len(),
        Some(Overlay::Picker(picker)) => picker.rows(state).len(),
        Some(Overlay::Columns(choice)) => columns_of(state, choice).map_or(0, |columns| columns.all.len()),
        Some(Overlay::Text(text)) => text.lines(state).len(),
        Some(Overlay::Examination(examination)) => examination.lines(state).len(),
        Some(Overlay::Import(import)) => import.rows().len(),
        Some(Overlay::SignIn(sign_in)) => sign_in.len(),
        Some(Overlay::Form(_) | Overlay::Prompt(_) | Overlay::Secret(_) | Overlay::Key(_) | Overlay::Confirm(_))
        | None => 0,
    }
}

/// Rows of the list of the overlay on top that are in sight.
fn height(state: &AppState) -> usize {
    match state.overlays.last() {
        Some(Overlay::Import(_)) => picker_rows(state.size).saturating_sub(import_foot(state.size)),
        Some(Overlay::SignIn(sign_in)) if matches!(sign_in.step, Step::Found(_)) => found_rows(state.size).0,
        _ => picker_rows(state.size),
    }
}

fn list_of(overlay: &mut Overlay) -> Option<&mut ListState> {
    match overlay {
        Overlay::Help(help) => Some(&mut help.list),
        Overlay::Palette(palette) => Some(&mut palette.list),
        Overlay::Picker(picker) => Some(&mut picker.list),
        Overlay::Columns(choice) => Some(&mut choice.list),
        Overlay::Text(text) => Some(&mut text.list),
        Overlay::Examination(examination) => Some(&mut examination.list),
        Overlay::Import(import) => Some(&mut import.list),
        Overlay::SignIn(sign_in) => sign_in.list_mut(),
        Overlay::Form(_) | Overlay::Prompt(_) | Overlay::Secret(_) | Overlay::Key(_) | Overlay::Confirm(_) => None,
    }
}

pub(super) fn move_selection(state: &mut AppState, step: Move) {
    let (rows, height) = (len(state), height(state));
    if let Some(list) = state.overlays.last_mut().and_then(list_of) {
        list.step(step, rows, height);
    }
}

/// A character (or an editing key) for the overlay's line of text.
fn type_into(state: &mut AppState, chord: Chord) {
    let typed = match state.overlays.last_mut() {
        Some(Overlay::Help(help)) => help.query.key(chord),
        Some(Overlay::Palette(palette)) => palette.query.key(chord),
        Some(Overlay::Picker(picker)) => picker.query.key(chord),
        Some(Overlay::SignIn(sign_in)) => sign_in::find_cloud(sign_in, chord),
        Some(Overlay::Prompt(prompt)) => {
            let changed = prompt.field.key(chord);
            prompt.look();
            changed
        }
        Some(Overlay::Columns(_) | Overlay::Text(_) | Overlay::Import(_) | Overlay::Examination(_)) => {
            // Without a line of text `q` leaves, as it does in pagers.
            if chord == Chord::char('q') {
                state.overlays.pop();
            }
            false
        }
        Some(Overlay::Form(_) | Overlay::Secret(_) | Overlay::Key(_) | Overlay::Confirm(_)) | None => false,
    };
    if typed {
        groups::find_typed(state);
    }
    if typed && let Some(list) = state.overlays.last_mut().and_then(list_of) {
        *list = ListState::default();
    }
}

/// Pasted text for the overlay's line of text.
pub(super) fn paste(overlay: &mut Overlay, text: &str) {
    match overlay {
        Overlay::Help(help) => help.query.paste(text),
        Overlay::Palette(palette) => palette.query.paste(text),
        Overlay::Picker(picker) => picker.query.paste(text),
        Overlay::Prompt(prompt) => {
            prompt.field.paste(text);
            prompt.look();
        }
        Overlay::Secret(prompt) if prompt.busy => {}
        Overlay::Secret(prompt) if prompt.wants_path() => prompt.path.paste(text),
        Overlay::Secret(prompt) => prompt.field.paste(text),
        Overlay::Key(prompt) => prompt.field.paste(text),
        Overlay::SignIn(sign_in) => sign_in::paste(sign_in, text),
        Overlay::Form(form) => {
            let focus = form.focus;
            match form.values.get_mut(focus) {
                Some(FieldValue::Text(field)) => field.paste(text),
                Some(FieldValue::Secret(field)) => field.paste(text),
                Some(FieldValue::Choice(_)) | None => {}
            }
            form.touch();
        }
        Overlay::Confirm(_) | Overlay::Columns(_) | Overlay::Text(_) | Overlay::Import(_) | Overlay::Examination(_) => {
        }
    }
}

/// Space and tab: switches a column; in the palette, picker and help it does nothing.
fn toggle(state: &mut AppState) {
    sign_in::toggle(state);
    if let Some(Overlay::Import(import)) = state.overlays.last_mut() {
        sharing::next_choice(import);
    }
    if let Some(Overlay::Columns(choice)) = state.overlays.last() {
        let (pane, at) = (choice.pane, choice.list.selected);
        match state.panes.get_mut(&pane).and_then(|pane| pane.view_mut()) {
            Some(View::Records(view)) => view.columns.toggle(at),
            Some(View::Hits(view)) => view.columns.toggle(at),
            Some(View::Record(_) | View::Info(_) | View::Log(_) | View::Job(_) | View::Jobs(_) | View::Welcome)
            | None => {}
        }
    }
}

fn columns_of<'a>(state: &'a AppState, choice: &ColumnChoice) -> Option<&'a crate::app::view::columns::Columns> {
    match state.panes.get(&choice.pane)?.view() {
        View::Records(view) => Some(&view.columns),
        View::Hits(view) => Some(&view.columns),
        View::Record(_) | View::Info(_) | View::Log(_) | View::Job(_) | View::Jobs(_) | View::Welcome => None,
    }
}

/// Enter in the overlay on top.
pub(super) fn enter(state: &mut AppState, out: &mut Out) {
    let Some(overlay) = state.overlays.pop() else { return };
    match overlay {
        Overlay::Help(help) => {
            // Enter on a key of help does what the key does.
            if let Some(HelpRow::Keys(_, action)) = help.rows(&state.keymap).get(help.list.selected) {
                perform::perform(state, *action, out);
            }
        }
        Overlay::Palette(palette) => {
            if let Some(action) = palette.rows().get(palette.list.selected) {
                perform::perform(state, *action, out);
            }
        }
        Overlay::Picker(picker) => {
            let item = picker.rows(state).into_iter().nth(picker.list.selected);
            // Where nothing matches there is nothing to choose, and the letter too many can be taken back.
            if item.is_none() && (picker.purpose != PickerPurpose::Connect || picker.query.is_empty()) {
                state.overlays.push(Overlay::Picker(picker));
                return;
            }
            choose(state, picker.purpose, item, &picker, out);
        }
        Overlay::Prompt(prompt) => submit(state, prompt, out),
        Overlay::Columns(choice) => {
            state.overlays.push(Overlay::Columns(choice));
            toggle(state);
        }
        // A second enter after the passphrase must not take away what is shown only once.
        Overlay::Text(text) if matches!(text.content, TextContent::RecoveryKey(_)) => {
            state.overlays.push(Overlay::Text(text));
        }
        Overlay::Text(_) | Overlay::Examination(_) => {}
        Overlay::Import(import) => sharing::apply(state, *import, out),
        Overlay::SignIn(sign_in) => {
            state.overlays.push(Overlay::SignIn(sign_in));
            sign_in::enter(state, out);
        }
        other @ (Overlay::Form(_) | Overlay::Secret(_) | Overlay::Key(_) | Overlay::Confirm(_)) => {
            state.overlays.push(other)
        }
    }
}

fn choose(state: &mut AppState, purpose: PickerPurpose, item: Option<PickerItem>, picker: &Picker, out: &mut Out) {
    match (item, purpose) {
        (Some(PickerItem::Connection(id)), PickerPurpose::Connect) => connections::go_to(state, id),
        (Some(PickerItem::Connection(id)), PickerPurpose::ShowIn(pane)) => {
            layout::focus_pane(state, pane);
            sidebar::leave(state, pane, out);
            if let Some(pane) = state.panes.get_mut(&pane) {
                pane.show(Some(id), View::Welcome);
            }
        }
        (Some(PickerItem::Collection { connection, name }), PickerPurpose::Connect) => {
            sidebar::open_collection(state, connection, &name, out);
        }
        (Some(PickerItem::Collection { connection, name }), PickerPurpose::ShowIn(pane)) => {
            layout::focus_pane(state, pane);
            sidebar::show_collection(state, pane, connection, &name, out);
        }
        (Some(PickerItem::Connection(id)), PickerPurpose::CopyTo(pane)) => jobs::ask_copy_name(state, pane, id, None),
        (Some(PickerItem::Collection { connection, name }), PickerPurpose::CopyTo(pane)) => {
            jobs::ask_copy_name(state, pane, connection, Some(&name));
        }
        (Some(PickerItem::Collection { connection, name }), PickerPurpose::CompareWith(pane)) => {
            jobs::compare_with(state, pane, connection, &name, out);
        }
        (Some(PickerItem::Connection(id)), PickerPurpose::CopyAllTo(source)) => whole::plan(state, source, id, out),
        // Only collections are offered.
        (Some(PickerItem::Connection(_)), PickerPurpose::CompareWith(_)) => {}
        (Some(PickerItem::Pane(other)), PickerPurpose::LinkWith(pane)) => super::linking::link(state, &[pane, other]),
        (Some(PickerItem::Pane(_)), _) | (Some(_), PickerPurpose::LinkWith(_) | PickerPurpose::CopyAllTo(_)) => {}
        (Some(PickerItem::Profile(id)), _) => connections::open_profile(state, id, out),
        (Some(PickerItem::Demo), _) => connections::open_demo(state, out),
        (Some(PickerItem::Typed(text)), _) => out.push(Effect::ResolveTarget(text)),
        // Nothing in the list matches: what was typed may still be a name that only the disk knows.
        (None, PickerPurpose::Connect) => {
            out.push(Effect::ResolveTarget(picker.query.text().trim().to_owned()));
        }
        (None, _) => {}
    }
}

/// Enter in a prompt: done, or the prompt stays with what is wrong.
fn submit(state: &mut AppState, mut prompt: Prompt, out: &mut Out) {
    let text = prompt.field.text().trim().to_owned();
    let result = match prompt.purpose {
        PromptPurpose::Filter(pane) => browse::set_filter(state, pane, &text, out),
        PromptPurpose::Search(_) | PromptPurpose::Text(_) | PromptPurpose::GoToId(_) if text.is_empty() => return,
        PromptPurpose::Search(pane) => browse::search_typed(state, pane, &text, out),
        PromptPurpose::Text(pane) => by_text::search(state, pane, prompt.by_text.as_ref(), &text, out),
        PromptPurpose::GoToId(pane) => {
            browse::go_to_id(state, pane, &text, out);
            Ok(())
        }
        PromptPurpose::LinkBy(pane) => {
            super::linking::match_by(state, pane, &text);
            Ok(())
        }
        PromptPurpose::FindProfile => {
            groups::find(state, &text);
            Ok(())
        }
        PromptPurpose::CopyName { pane, target } => jobs::plan_copy(state, pane, target, &text, out),
        PromptPurpose::CopyOptions(plan) => jobs::plan_anew(state, plan, &text, out),
        PromptPurpose::Rate(job) => jobs::limit(state, job, &text, out),
        PromptPurpose::BackupDir(connection) => whole::back_up(state, connection, &text, out),
        PromptPurpose::Align(id) => jobs::align(state, id, &text, out),
        PromptPurpose::ExportFile => {
            sharing::export_file(state, &text);
            Ok(())
        }
        PromptPurpose::ExportRecipients => {
            sharing::export(state, &text, out);
            Ok(())
        }
        PromptPurpose::ImportFile => {
            sharing::read_import(state, &text, out);
            Ok(())
        }
        PromptPurpose::ImportKey => sharing::read_with_key(state, &text, out),
        PromptPurpose::WriteWindow(connection) => writing::open(state, connection, &text, out),
        PromptPurpose::RenameProfile(_) | PromptPurpose::SaveAsProfile(_) if text.is_empty() => {
            Err("a profile needs a name.".to_owned())
        }
        PromptPurpose::RenameProfile(id) if name_is_taken(state, &text, Some(id)) => Err(taken(&text)),
        PromptPurpose::SaveAsProfile(_) if name_is_taken(state, &text, None) => Err(taken(&text)),
        PromptPurpose::RenameProfile(id) => {
            store::save(state, StoreRequest::Rename { id, name: text }, out);
            Ok(())
        }
        PromptPurpose::RenameGroup => groups::rename(state, &text, prompt.error.as_deref(), out),
        PromptPurpose::SaveAsProfile(connection) => {
            forms::save_ad_hoc(state, connection, text, out);
            Ok(())
        }
    };
    if let Err(why) = result {
        prompt.error = Some(why);
        state.overlays.push(Overlay::Prompt(prompt));
    }
}

/// Asked here so that the prompt can stay; the store asks again.
fn name_is_taken(state: &AppState, name: &str, but: Option<ProfileId>) -> bool {
    state.profiles.list.iter().any(|profile| profile.name == name && Some(profile.id) != but)
}

fn taken(name: &str) -> String {
    format!("there is a profile {name:?} already. Choose another name.")
}

/// Yes or no to the question on top.
pub(super) fn answer(state: &mut AppState, yes: bool, out: &mut Out) {
    let Some(Overlay::Confirm(_)) = state.overlays.last() else { return };
    let Some(Overlay::Confirm(confirm)) = state.overlays.pop() else { return };
    if !yes {
        if matches!(confirm.yes, Confirmed::Restore) {
            session::decline(state);
        }
        return;
    }
    match confirm.yes {
        Confirmed::Restore => session::begin(state, out),
        Confirmed::Quit => out.push(Effect::Quit),
        Confirmed::CloseGroup(group) => groups::close_all(state, &group, out),
        Confirmed::CloseConnection(id) => connections::close(state, id, out),
        Confirmed::MakeDatabase(directory) => out.push(Effect::MakeDatabase(directory)),
        Confirmed::DeleteProfile(id) => store::save(state, StoreRequest::Delete(id), out),
        Confirmed::FilterHere(pane) => filters::run_here(state, pane),
        Confirmed::DiscardForm => drop(state.overlays.pop()),
        Confirmed::SaveForm => forms::save(state, out),
        Confirmed::Import => sharing::agreed(state, out),
        Confirmed::Copy(plan) => jobs::copy(state, plan, out),
        Confirmed::Resume(resuming) => resuming::resume(state, &resuming, out),
        Confirmed::OpenUnchecked(id) => connections::open_now(state, id, out),
        Confirmed::OpenGroup(group) => groups::open(state, &group, out),
    }
}

/// Selects the row of the overlay's list that is so far below the first in sight.
pub(super) fn select_row(state: &mut AppState, row: usize) {
    let (rows, height) = (len(state), height(state));
    if let Some(list) = state.overlays.last_mut().and_then(list_of)
        && row < height
        && list.top + row < rows
    {
        list.selected = list.top + row;
        list.clamp(rows, height);
    }
}
