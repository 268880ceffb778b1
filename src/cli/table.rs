//! Tables for humans: aligned by display width, cells escaped and capped.

use crate::text::{Glyphs, SafeText, columns};

/// Widest cell; the whole text is in `--json`.
const MAX_CELL: usize = 60;
/// Between two columns.
const GAP: &str = "  ";

/// Rows under headings.
#[derive(Debug, Default)]
pub struct Table {
    headings: Vec<String>,
    right: Vec<bool>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// An empty table; a heading that starts with `>` makes a right-aligned column.
    pub fn new<S: AsRef<str>>(headings: impl IntoIterator<Item = S>) -> Self {
        let mut table = Self::default();
        for heading in headings {
            let heading = heading.as_ref();
            table.right.push(heading.starts_with('>'));
            table.headings.push(clip(heading.strip_prefix('>').unwrap_or(heading)));
        }
        table
    }

    /// Adds a row; missing cells are empty.
    pub fn row<S: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = S>) {
        let mut row: Vec<String> = cells.into_iter().map(|cell| clip(cell.as_ref())).collect();
        row.resize(self.headings.len(), String::new());
        self.rows.push(row);
    }

    /// The lines, and the headings of columns that do not fit into `width`. The first column always stays.
    pub fn render(&self, width: Option<usize>) -> (Vec<String>, Vec<String>) {
        let widths: Vec<usize> = (0..self.headings.len())
            .map(|column| self.all_rows().map(|row| row.get(column).map_or(0, |cell| columns(cell))).max().unwrap_or(0))
            .collect();
        let mut used = 0;
        let mut shown = 0;
        for (column, cells) in widths.iter().enumerate() {
            used += cells + if column == 0 { 0 } else { GAP.len() };
            if column > 0 && width.is_some_and(|width| used > width) {
                break;
            }
            shown = column + 1;
        }
        let lines = self.all_rows().map(|row| self.line(row, widths.get(..shown).unwrap_or(&widths))).collect();
        (lines, self.headings.get(shown..).unwrap_or_default().to_vec())
    }

    fn all_rows(&self) -> impl Iterator<Item = &Vec<String>> {
        std::iter::once(&self.headings).chain(&self.rows)
    }

    fn line(&self, row: &[String], widths: &[usize]) -> String {
        let cells = row.iter().zip(widths).zip(&self.right).map(|((cell, width), right)| {
            let space = " ".repeat(width.saturating_sub(columns(cell)));
            if *right { format!("{space}{cell}") } else { format!("{cell}{space}") }
        });
        cells.collect::<Vec<_>>().join(GAP).trim_end().to_owned()
    }
}

fn clip(text: &str) -> String {
    SafeText::head(text, MAX_CELL, Glyphs::Unicode).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_by_display_width() {
        let mut table = Table::new(["name", ">count"]);
        table.row(["日本", "1"]);
        table.row(["a", "1234"]);
        assert_eq!(table.render(None).0, ["name  count", "日本      1", "a      1234"]);
    }

    #[test]
    fn a_line_break_in_a_cell_stays_in_its_row() {
        let mut table = Table::new(["text"]);
        table.row(["a\nb"]);
        assert_eq!(table.render(None).0.len(), 2);
    }

    #[test]
    fn columns_that_do_not_fit_are_named() {
        let mut table = Table::new(["a", "b"]);
        table.row(["12345", "12345"]);
        let (lines, hidden) = table.render(Some(8));
        assert_eq!((lines[1].as_str(), hidden), ("12345", vec!["b".to_owned()]));
    }

    #[test]
    fn long_cells_are_clipped() {
        assert_eq!(columns(&clip(&"x".repeat(100))), MAX_CELL);
    }
}
