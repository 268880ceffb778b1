//! What happened in this session.

use std::collections::VecDeque;

use crate::app::event::Notice;
use crate::app::list::ListState;

/// Lines kept.
const KEPT: usize = 1000;

/// The log in a pane.
#[derive(Debug, Clone, Default)]
pub struct LogView {
    /// Selection.
    pub list: ListState,
}

/// A line of the log.
#[derive(Debug, Clone)]
pub struct Entry {
    /// When it was said, in seconds since 1970; `None` where no clock was told.
    pub at: Option<u64>,
    /// What was said.
    pub notice: Notice,
}

/// The last lines of what happened, newest last.
#[derive(Debug, Clone, Default)]
pub struct Log {
    lines: VecDeque<Entry>,
    dropped: usize,
}

impl Log {
    /// Adds a line; the oldest leaves when there are too many.
    pub fn push(&mut self, at: Option<u64>, notice: Notice) {
        if self.lines.len() == KEPT {
            self.lines.pop_front();
            self.dropped += 1;
        }
        self.lines.push_back(Entry { at, notice });
    }

    /// The lines, newest first.
    pub fn newest_first(&self) -> impl Iterator<Item = &Entry> {
        self.lines.iter().rev()
    }

    /// Number of lines.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether nothing happened.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// How many lines are no longer kept.
    pub fn dropped(&self) -> usize {
        self.dropped
    }
}
