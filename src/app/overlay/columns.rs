//! Which columns a table shows.

use crate::app::list::ListState;
use crate::app::panes::PaneId;

/// The columns overlay.
#[derive(Debug, Clone)]
pub struct ColumnChoice {
    /// The pane of the table.
    pub pane: PaneId,
    /// Selection among all columns.
    pub list: ListState,
}
