//! The terminal: whether the screen can be drawn on it, and how well.

use std::io::IsTerminal;

use super::Check;
use crate::cli::Context;

const AREA: &str = "terminal";

/// Looks at stdin, stdout, size, TERM, colors and the character set.
pub(super) fn checks() -> Vec<Check> {
    vec![input_and_output(), size(), kind(), colors(), characters()]
}

fn input_and_output() -> Check {
    let what = "stdin and stdout";
    match (std::io::stdin().is_terminal(), std::io::stdout().is_terminal()) {
        (true, true) => Check::ok(AREA, what, "both are a terminal"),
        (input, output) => {
            let name = |terminal| if terminal { "a terminal" } else { "no terminal" };
            let found = format!("stdin is {}, stdout is {}", name(input), name(output));
            Check::warn(AREA, what, found, "The commands work; the screen needs both to be a terminal.")
        }
    }
}

fn size() -> Check {
    let what = "size";
    let found =
        [rustix::termios::tcgetwinsize(rustix::stdio::stdout()), rustix::termios::tcgetwinsize(rustix::stdio::stdin())];
    match found.into_iter().flatten().next() {
        None => Check::warn(AREA, what, "not known", "There is no terminal to ask."),
        Some(size) => {
            let found = format!("{} x {}", size.ws_col, size.ws_row);
            match (size.ws_col, size.ws_row) {
                (0..40, _) | (_, 0..10) => {
                    Check::warn(AREA, what, found, "Enlarge the window: the screen needs 40 x 10, better 80 x 24.")
                }
                (40..80, _) | (_, 10..24) => {
                    Check::ok(AREA, what, format!("{found} (the sidebar folds below 80 x 24)"))
                }
                (80.., 24..) => Check::ok(AREA, what, found),
            }
        }
    }
}

fn kind() -> Check {
    match Context::env("TERM").filter(|term| !term.is_empty()) {
        None => Check::warn(AREA, "TERM", "not set", "Set TERM to what your terminal is, e.g. xterm-256color."),
        Some(term) if term == "dumb" => {
            Check::warn(AREA, "TERM", "dumb", "A dumb terminal cannot show the screen; use the commands.")
        }
        Some(term) => Check::ok(AREA, "TERM", term),
    }
}

fn colors() -> Check {
    let set = |name| Context::env(name).filter(|value| !value.is_empty());
    let found = match (set("NO_COLOR"), set("COLORTERM").as_deref()) {
        (Some(_), _) => "none, because NO_COLOR is set",
        (None, Some("truecolor" | "24bit")) => "16 million",
        (None, _) => "the terminal's own 16 (COLORTERM does not promise more)",
    };
    Check::ok(AREA, "colors", found)
}

fn characters() -> Check {
    // In the order in which the C library looks at them.
    let locale =
        ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(|name| Context::env(name).filter(|v| !v.is_empty()));
    let lower = locale.as_deref().unwrap_or_default().to_lowercase();
    if lower.contains("utf-8") || lower.contains("utf8") {
        return Check::ok(AREA, "characters", format!("UTF-8 ({})", locale.unwrap_or_default()));
    }
    let found = locale.map_or("no locale is set".to_owned(), |locale| format!("the locale {locale} is not UTF-8"));
    Check::warn(AREA, "characters", found, "Set LANG to a UTF-8 locale, e.g. C.UTF-8, or use ASCII glyphs.")
}
