//! A drawn frame as text, and its styles as a list that people can read.

use std::fmt::Write as _;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier, Style};
use vector_inspector::app::state::AppState;
use vector_inspector::ui;

/// The frame of a state at its own size.
pub fn drawn(state: &AppState) -> Buffer {
    drawn_at(state, state.size)
}

/// The frame of a state on a terminal of another size than it knows of.
pub fn drawn_at(state: &AppState, size: (u16, u16)) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(size.0, size.1)).unwrap();
    terminal.draw(|frame| ui::view(state, frame)).unwrap();
    terminal.backend().buffer().clone()
}

/// Its lines, without blanks at their ends.
pub fn text(buffer: &Buffer) -> String {
    let mut out = String::new();
    for y in 0..buffer.area.height {
        let mut line = String::new();
        let mut skip = 0;
        for x in 0..buffer.area.width {
            if skip > 0 {
                skip -= 1;
                continue;
            }
            let symbol = buffer[(x, y)].symbol();
            skip = vector_inspector::text::columns(symbol).saturating_sub(1);
            line.push_str(symbol);
        }
        let _ = writeln!(out, "{}", line.trim_end());
    }
    out
}

/// Each run of cells with a style that is not the ground's: row, columns, style, text.
pub fn styles(buffer: &Buffer) -> String {
    let mut out = String::new();
    for y in 0..buffer.area.height {
        let mut x = 0;
        while x < buffer.area.width {
            let style = buffer[(x, y)].style();
            let start = x;
            let mut run = String::new();
            while x < buffer.area.width && buffer[(x, y)].style() == style {
                run.push_str(buffer[(x, y)].symbol());
                x += 1;
            }
            let name = name(style);
            if !name.is_empty() && !is_border(&run) {
                let shown = run.trim();
                let shown = if shown.chars().count() > 32 {
                    format!("{}...", shown.chars().take(29).collect::<String>())
                } else {
                    shown.to_owned()
                };
                let _ = writeln!(out, "{y:>2} {start:>3}-{:<3} {name:<22} {shown}", x - 1);
            }
        }
    }
    out
}

fn is_border(run: &str) -> bool {
    run.chars().all(|c| " │─╭╮╯╰┃━┏┓┛┗".contains(c))
}

fn name(style: Style) -> String {
    let mut words = Vec::new();
    for (word, color) in [("", style.fg), ("on ", style.bg)] {
        match color {
            None | Some(Color::Reset) => {}
            Some(color) => words.push(format!("{word}{color}").to_lowercase()),
        }
    }
    for (word, modifier) in [
        ("bold", Modifier::BOLD),
        ("dim", Modifier::DIM),
        ("reverse", Modifier::REVERSED),
        ("underline", Modifier::UNDERLINED),
    ] {
        if style.add_modifier.contains(modifier) {
            words.push(word.to_owned());
        }
    }
    words.join(" ")
}

/// What a snapshot holds.
pub fn snapshot(state: &AppState) -> String {
    let buffer = drawn(state);
    format!("{}\n--- styles ---\n{}", text(&buffer), styles(&buffer))
}

/// Bytes that the terminal gets to go from one frame to the next.
pub fn bytes_between(before: &AppState, after: &AppState) -> usize {
    use ratatui::backend::{Backend, CrosstermBackend};
    let (old, new) = (drawn(before), drawn(after));
    let mut written = Vec::new();
    let mut backend = CrosstermBackend::new(&mut written);
    backend.draw(old.diff(&new).into_iter()).unwrap();
    written.len()
}
