//! The characters that the screen is drawn with: Unicode, or ASCII only. All are one column wide.

/// Lines of a border: corners clockwise from the top left, then horizontal and vertical.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lines {
    /// Top left, top right, bottom right, bottom left.
    pub corners: [&'static str; 4],
    /// Horizontal.
    pub across: &'static str,
    /// Vertical.
    pub down: &'static str,
}

/// One set of glyphs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Set {
    /// Border of a pane.
    pub lines: Lines,
    /// Border of what has the keys: also without colors another one.
    pub thick: Lines,
    /// At the left of the selected row.
    pub bar: &'static str,
    /// Expanded.
    pub open: &'static str,
    /// Collapsed.
    pub closed: &'static str,
    /// Between the parts of a path.
    pub path: &'static str,
    /// Between facts.
    pub dot: &'static str,
    /// Around a norm.
    pub norm: &'static str,
    /// Done.
    pub done: &'static str,
    /// Worth a look.
    pub warn: &'static str,
    /// Failed.
    pub fail: &'static str,
    /// Good to know.
    pub note: &'static str,
    /// More to the left.
    pub left: &'static str,
    /// More to the right.
    pub right: &'static str,
    /// A character of a secret.
    pub secret: &'static str,
    /// The moving part of a scrollbar.
    pub thumb: &'static str,
    /// Done part of a progress bar.
    pub full: &'static str,
    /// Open part of a progress bar.
    pub rest: &'static str,
    /// A record that is not read yet.
    pub blank: &'static str,
    /// A profile that is not open.
    pub idle: &'static str,
    /// Panes that follow each other.
    pub link: &'static str,
    /// From a rank to another.
    pub to: &'static str,
    /// Another value than in the linked pane.
    pub differs: &'static str,
    /// Not in the linked pane.
    pub only: &'static str,
    /// Bars of a sparkline, low to high.
    pub bars: [&'static str; 8],
    /// Turns of the spinner.
    pub spinner: &'static [&'static str],
}

/// Unicode.
pub const UNICODE: Set = Set {
    lines: Lines { corners: ["╭", "╮", "╯", "╰"], across: "─", down: "│" },
    thick: Lines { corners: ["┏", "┓", "┛", "┗"], across: "━", down: "┃" },
    bar: "▌",
    open: "▾",
    closed: "▸",
    path: "▸",
    dot: "·",
    norm: "‖",
    done: "✓",
    warn: "▲",
    fail: "✗",
    note: "•",
    left: "‹",
    right: "›",
    secret: "•",
    thumb: "█",
    full: "▓",
    rest: "░",
    blank: "·",
    idle: "○",
    link: "⇄",
    to: "→",
    differs: "≠",
    only: "+",
    bars: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
    spinner: &["⠋", "⠙", "⠸", "⠴", "⠦", "⠇", "⠏", "⠟"],
};

/// ASCII only.
pub const ASCII: Set = Set {
    lines: Lines { corners: ["+", "+", "+", "+"], across: "-", down: "|" },
    thick: Lines { corners: ["#", "#", "#", "#"], across: "=", down: "#" },
    bar: ">",
    open: "v",
    closed: ">",
    path: ">",
    dot: "-",
    norm: "|",
    done: "+",
    warn: "!",
    fail: "x",
    note: "-",
    left: "<",
    right: ">",
    secret: "*",
    thumb: "%",
    full: "#",
    rest: "-",
    blank: ".",
    idle: "o",
    link: "=",
    to: ">",
    differs: "!",
    only: "+",
    bars: ["_", ".", ",", "-", "~", "=", "+", "#"],
    spinner: &["|", "/", "-", "\\"],
};

impl Set {
    /// The frame of the spinner.
    pub fn spin(&self, frame: usize) -> &'static str {
        self.spinner.get(frame % self.spinner.len().max(1)).copied().unwrap_or(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(set: &Set) -> Vec<&'static str> {
        let mut glyphs = vec![
            set.bar,
            set.open,
            set.closed,
            set.path,
            set.dot,
            set.norm,
            set.done,
            set.warn,
            set.fail,
            set.note,
            set.left,
            set.right,
            set.secret,
            set.thumb,
            set.full,
            set.rest,
            set.blank,
            set.idle,
            set.link,
            set.to,
            set.differs,
            set.only,
        ];
        for lines in [set.lines, set.thick] {
            glyphs.extend(lines.corners);
            glyphs.extend([lines.across, lines.down]);
        }
        glyphs.extend(set.bars);
        glyphs.extend(set.spinner);
        glyphs
    }

    #[test]
    fn every_glyph_is_one_column_and_ascii_is_ascii() {
        for glyph in all(&UNICODE) {
            assert_eq!(crate::text::columns(glyph), 1, "{glyph}");
        }
        for glyph in all(&ASCII) {
            assert!(glyph.len() == 1 && glyph.is_ascii(), "{glyph}");
        }
    }
}
