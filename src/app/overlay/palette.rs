//! The command palette: every action by name; a disabled one says why.

use crate::app::action::Action;
use crate::app::field::TextField;
use crate::app::fuzzy;
use crate::app::list::ListState;

/// The palette overlay.
#[derive(Debug, Clone, Default)]
pub struct Palette {
    /// What is searched.
    pub query: TextField,
    /// Selection.
    pub list: ListState,
}

impl Palette {
    /// The actions that match, best first. Moves and answers make no sense in a palette.
    pub fn rows(&self) -> Vec<Action> {
        let all = Action::ALL.iter().copied().filter(|action| !is_silent(*action)).collect();
        fuzzy::rank(self.query.text(), all, |action| format!("{} {}", action.title(), action.name()))
    }
}

fn is_silent(action: Action) -> bool {
    use crate::app::action::Group;
    action.group() == Group::Move
        || matches!(
            action,
            Action::Yes
                | Action::No
                | Action::Back
                | Action::Palette
                | Action::CopyAddress
                | Action::CopyReport
                | Action::SaveForm
                | Action::TestProfile
                | Action::NextField
                | Action::PreviousField
                | Action::NextChoice
                | Action::PreviousChoice
        )
}
