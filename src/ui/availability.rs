//! Why an action is not possible now.

use crate::app::action::Action;
use crate::app::state::AppState;

/// The reason, a short clause; `None` if it is possible.
pub fn unavailable(_state: &AppState, _action: Action) -> Option<&'static str> {
    None
}
