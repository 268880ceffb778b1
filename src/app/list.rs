//! A selection in a list, with the part of it that is in sight.

/// Which row is selected and which is the first in sight.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ListState {
    /// The selected row.
    pub selected: usize,
    /// The first row in sight.
    pub top: usize,
}

/// How far to move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// By rows, down is positive.
    Rows(isize),
    /// By screens.
    Pages(isize),
    /// By half screens.
    HalfPages(isize),
    /// To the first row.
    First,
    /// To the last row.
    Last,
}

impl ListState {
    /// Moves the selection within `len` rows, `height` of them in sight.
    pub fn step(&mut self, step: Step, len: usize, height: usize) {
        let height = height.max(1);
        let by = |rows: isize| self.selected.saturating_add_signed(rows);
        self.selected = match step {
            Step::Rows(n) => by(n),
            Step::Pages(n) => by(n * height.saturating_sub(1).max(1).cast_signed()),
            Step::HalfPages(n) => by(n * (height / 2).max(1).cast_signed()),
            Step::First => 0,
            Step::Last => len,
        };
        self.clamp(len, height);
    }

    /// Brings selection and sight back into `len` rows.
    pub fn clamp(&mut self, len: usize, height: usize) {
        let height = height.max(1);
        self.selected = self.selected.min(len.saturating_sub(1));
        self.top = self.top.min(len.saturating_sub(height)).min(self.selected);
        if self.selected >= self.top + height {
            self.top = self.selected + 1 - height;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_selection_stays_in_sight_and_in_the_list() {
        let mut list = ListState::default();
        list.step(Step::Pages(1), 100, 10);
        assert_eq!(list, ListState { selected: 9, top: 0 });
        list.step(Step::Rows(1), 100, 10);
        assert_eq!(list, ListState { selected: 10, top: 1 });
        list.step(Step::Last, 100, 10);
        assert_eq!(list, ListState { selected: 99, top: 90 });
        list.clamp(5, 10);
        assert_eq!(list, ListState { selected: 4, top: 0 });
        list.step(Step::Rows(-9), 0, 0);
        assert_eq!(list, ListState::default());
    }
}
