//! From an action to the function that does it.

use super::availability::unavailable;
use super::{
    Out, browse, by_text, connections, copying, doctor, filters, forms, groups, jobs, layout, linking, moving,
    one_query, overlays, sharing, sidebar, sign_in, store, whole, writing,
};
use crate::app::action::Action;
use crate::app::effect::Effect;
use crate::app::event::Notice;
use crate::app::list::Step;
use crate::app::overlay::Overlay;
use crate::app::overlay::help::Help;
use crate::app::overlay::palette::Palette;
use crate::app::panes::Side;
use crate::app::state::AppState;

/// Does it, or says why not.
pub(super) fn perform(state: &mut AppState, action: Action, out: &mut Out) {
    if let Some(why) = unavailable(state, action) {
        state.notice = Some(Notice::info(format!("{}: {why}.", action.title())));
        return;
    }
    match action {
        Action::Help => {
            let layers = state.layers();
            state.overlays.push(Overlay::Help(Help::new(layers)));
        }
        Action::Palette => state.overlays.push(Overlay::Palette(Palette::default())),
        Action::Back => moving::back(state, out),
        Action::Quit => layout::quit(state, out),
        Action::CancelRequest => connections::cancel(state, out),
        Action::Suspend => out.push(Effect::Suspend),
        Action::Redraw => out.push(Effect::Redraw),
        Action::ShowLog => browse::show_log(state),
        Action::NextTheme => {
            state.settings.theme = state.settings.theme.next();
            state.notice = Some(Notice::info(format!("theme: {}", state.settings.theme.name())));
        }

        Action::Down => moving::step(state, Step::Rows(1)),
        Action::Up => moving::step(state, Step::Rows(-1)),
        Action::PageDown => moving::step(state, Step::Pages(1)),
        Action::PageUp => moving::step(state, Step::Pages(-1)),
        Action::HalfPageDown => moving::step(state, Step::HalfPages(1)),
        Action::HalfPageUp => moving::step(state, Step::HalfPages(-1)),
        Action::First => moving::step(state, Step::First),
        Action::Last => moving::step(state, Step::Last),
        Action::Left => moving::sideways(state, -1, out),
        Action::Right => moving::sideways(state, 1, out),
        Action::Enter => moving::enter(state, out),
        Action::Toggle => moving::toggle(state, out),

        Action::NextPane => layout::cycle_focus(state, 1),
        Action::PreviousPane => layout::cycle_focus(state, -1),
        Action::SplitRight => layout::split(state, Side::Right),
        Action::SplitDown => layout::split(state, Side::Below),
        Action::ClosePane => layout::close_pane(state, out),
        Action::GrowPane => layout::resize_pane(state, 5),
        Action::ShrinkPane => layout::resize_pane(state, -5),
        Action::ZoomPane => layout::zoom(state),
        Action::ToggleSidebar => layout::toggle_sidebar(state),
        Action::FocusSidebar => layout::focus_sidebar(state),
        Action::NextTab => layout::cycle_tab(state, 1),
        Action::PreviousTab => layout::cycle_tab(state, -1),
        Action::NewTab => layout::new_tab(state),
        Action::CloseTab => layout::close_tab(state, out),

        Action::LinkPanes => linking::toggle(state),
        Action::LinkWith => linking::choose(state),
        Action::LinkBy => linking::ask_field(state),

        Action::QuickConnect => overlays::quick_connect(state),
        Action::ShowInPane => overlays::show_in_pane(state),
        Action::Connection1
        | Action::Connection2
        | Action::Connection3
        | Action::Connection4
        | Action::Connection5
        | Action::Connection6
        | Action::Connection7
        | Action::Connection8
        | Action::Connection9 => {
            if let Some(index) = action.connection_index() {
                connections::go_to_number(state, index);
            }
        }
        Action::CloseConnection => connections::close_selected(state, out),
        Action::CheckConnection => connections::check(state, out),
        Action::WriteWindow => writing::ask(state, out),
        Action::ConnectionDetails => connections::details(state),
        Action::PauseConnection => connections::pause(state, out),
        Action::Doctor => doctor::examine(state, out),
        // A form that waits for a code has that key by itself.
        Action::CopyAddress => {}
        Action::CopyReport => doctor::copy_report(state, out),

        Action::Refresh => browse::refresh(state, out),
        Action::Filter => overlays::ask_filter(state),
        Action::FilterHere => filters::ask_here(state),
        Action::NativeFilter => filters::show_native(state, out),
        Action::SearchVector => overlays::ask_search(state, out),
        Action::SearchText => by_text::ask(state, out),
        Action::MoreLikeThis => browse::more_like_this(state, out),
        Action::ExactSearch => one_query::toggle_exact(state, out),
        Action::NextVector => browse::next_vector(state, out),
        Action::CountExactly => browse::count(state, out),
        Action::CollectionInfo => sidebar::collection_info(state, out),
        Action::GoToId => overlays::ask_id(state, out),
        Action::ToggleVectors => browse::toggle_vectors(state),
        Action::Columns => overlays::choose_columns(state),
        Action::RecordView => browse::next_face(state),
        Action::CopyCell => copying::cell(state, out),
        Action::CopyId => copying::id(state, out),
        Action::CopyRecord => copying::record(state, out),
        Action::OpenInEditor => copying::open_in_editor(state, out),

        Action::Compare => jobs::ask_compare(state, out),
        Action::CopyCollection => jobs::ask_copy(state, out),
        Action::CopyDatabase => whole::ask_copy(state),
        Action::BackUp => whole::ask_backup(state),
        Action::CopyOptions => jobs::ask_options(state),
        Action::LimitRate => jobs::ask_rate(state),
        Action::CheckIndex => jobs::check_recall(state, out),
        Action::ShowJobs => jobs::show_all(state, out),

        Action::FindProfile => groups::ask_find(state),
        Action::ToggleFavourite => groups::toggle_favourite(state, out),
        Action::MoveDown => groups::move_selected(state, 1, out),
        Action::MoveUp => groups::move_selected(state, -1, out),
        Action::OpenGroup => groups::open_all(state, out),
        Action::CheckGroup => groups::check_all(state, out),
        Action::CloseGroup => groups::close_selected(state, out),

        Action::NewProfile => forms::new_profile(state),
        Action::SignIn => sign_in::begin(state),
        Action::SaveAsProfile => forms::ask_name_for_ad_hoc(state),
        Action::EditProfile => forms::edit(state, false, out),
        Action::DuplicateProfile => forms::edit(state, true, out),
        Action::RenameProfile => forms::ask_new_name(state),
        Action::DeleteProfile => forms::ask_delete(state),
        Action::ExportProfiles => sharing::ask_export(state),
        Action::ImportProfiles => sharing::ask_import(state),
        Action::UnlockStore => store::ask_passphrase(state, out),
        Action::LockStore => store::lock(state, out),
        Action::TestProfile
        | Action::SaveForm
        | Action::NextField
        | Action::PreviousField
        | Action::NextChoice
        | Action::PreviousChoice => forms::form_action(state, action, out),
        Action::Yes | Action::No => overlays::answer(state, action == Action::Yes, out),
    }
}
