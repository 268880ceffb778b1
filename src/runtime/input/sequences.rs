//! What control bytes and escape sequences mean.

use crossterm::event::{Event, KeyCode, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use super::parser::key;

/// A control byte as a key.
pub(super) fn control(byte: u8) -> Event {
    let (code, modifiers) = match byte {
        b'\r' => (KeyCode::Enter, KeyModifiers::NONE),
        b'\t' => (KeyCode::Tab, KeyModifiers::NONE),
        0x7f => (KeyCode::Backspace, KeyModifiers::NONE),
        0 => (KeyCode::Char(' '), KeyModifiers::CONTROL),
        0x01..=0x1a => (KeyCode::Char(char::from(byte - 1 + b'a')), KeyModifiers::CONTROL),
        0x1b => (KeyCode::Esc, KeyModifiers::NONE),
        // `ctrl-4` to `ctrl-7`, which are also ctrl with the characters behind `Z`.
        _ => (KeyCode::Char(char::from(byte.saturating_sub(0x1c) + b'4')), KeyModifiers::CONTROL),
    };
    key(code, modifiers)
}

/// The letter behind `ESC O`.
pub(super) fn ss3(letter: u8) -> Option<Event> {
    let code = match letter {
        b'M' => KeyCode::Enter,
        _ => lettered(letter)?,
    };
    Some(key(code, KeyModifiers::NONE))
}

/// Parameters and last byte of a sequence that begins with `ESC [`.
pub(super) fn csi(parameters: &[u8], last: u8) -> Option<Event> {
    let text = std::str::from_utf8(parameters).ok()?;
    if let Some(report) = text.strip_prefix('<') {
        return mouse(report, last);
    }
    match (last, text) {
        (b'I', "") => return Some(Event::FocusGained),
        (b'O', "") => return Some(Event::FocusLost),
        (b'Z', _) => return Some(key(KeyCode::BackTab, KeyModifiers::SHIFT)),
        // The position of the cursor, which nobody asked for, unless it is shift-F3 and such.
        (b'R', text) if !text.is_empty() && !text.starts_with("1;") => return None,
        _ => {}
    }
    let mut numbers = text.split(';').map(|part| part.split(':').next().and_then(|n| n.parse::<u32>().ok()));
    let first = numbers.next().flatten();
    let modifiers = numbers.next().flatten().map_or(KeyModifiers::NONE, modifiers);
    let code = match last {
        b'~' => numbered(first?)?,
        b'u' => char::from_u32(first?).map(unicode)?,
        _ => lettered(last)?,
    };
    Some(key(code, modifiers))
}

fn lettered(letter: u8) -> Option<KeyCode> {
    Some(match letter {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'H' => KeyCode::Home,
        b'F' => KeyCode::End,
        b'P'..=b'S' => KeyCode::F(letter - b'P' + 1),
        _ => return None,
    })
}

fn numbered(number: u32) -> Option<KeyCode> {
    let function = |from: u32, first: u32| u8::try_from(number - from + first).ok().map(KeyCode::F);
    match number {
        1 | 7 => Some(KeyCode::Home),
        2 => Some(KeyCode::Insert),
        3 => Some(KeyCode::Delete),
        4 | 8 => Some(KeyCode::End),
        5 => Some(KeyCode::PageUp),
        6 => Some(KeyCode::PageDown),
        11..=15 => function(11, 1),
        17..=21 => function(17, 6),
        23..=26 => function(23, 11),
        28..=29 => function(28, 15),
        31..=34 => function(31, 17),
        _ => None,
    }
}

fn unicode(c: char) -> KeyCode {
    match c {
        '\r' => KeyCode::Enter,
        '\t' => KeyCode::Tab,
        '\u{1b}' => KeyCode::Esc,
        '\u{7f}' => KeyCode::Backspace,
        _ => KeyCode::Char(c),
    }
}

/// The parameter is one more than the bits.
fn modifiers(parameter: u32) -> KeyModifiers {
    let bits = parameter.saturating_sub(1);
    [(1, KeyModifiers::SHIFT), (2, KeyModifiers::ALT), (4, KeyModifiers::CONTROL), (8, KeyModifiers::SUPER)]
        .into_iter()
        .filter(|(bit, _)| bits & bit != 0)
        .fold(KeyModifiers::NONE, |all, (_, one)| all | one)
}

/// A report `buttons;column;row` of the SGR kind; places are counted from 1, but some terminals
/// send 0.
fn mouse(report: &str, last: u8) -> Option<Event> {
    let mut numbers = report.split(';').map(str::parse::<u16>);
    let (Some(Ok(buttons)), Some(Ok(column)), Some(Ok(row)), None) =
        (numbers.next(), numbers.next(), numbers.next(), numbers.next())
    else {
        return None;
    };
    let button = match buttons & 3 {
        0 => Some(MouseButton::Left),
        1 => Some(MouseButton::Middle),
        2 => Some(MouseButton::Right),
        _ => None,
    };
    let moved = buttons & 32 != 0;
    let kind = match (buttons & 64 != 0, last, button) {
        (true, b'M', _) => match buttons & 3 {
            0 => MouseEventKind::ScrollUp,
            1 => MouseEventKind::ScrollDown,
            2 => MouseEventKind::ScrollLeft,
            _ => MouseEventKind::ScrollRight,
        },
        (false, b'M', None) if moved => MouseEventKind::Moved,
        (false, b'M', Some(button)) if moved => MouseEventKind::Drag(button),
        (false, b'M', Some(button)) => MouseEventKind::Down(button),
        (false, b'm', Some(button)) => MouseEventKind::Up(button),
        _ => return None,
    };
    let held = [(4, KeyModifiers::SHIFT), (8, KeyModifiers::ALT), (16, KeyModifiers::CONTROL)];
    let modifiers =
        held.into_iter().filter(|(bit, _)| buttons & bit != 0).fold(KeyModifiers::NONE, |all, (_, one)| all | one);
    let (column, row) = (column.saturating_sub(1), row.saturating_sub(1));
    Some(Event::Mouse(MouseEvent { kind, column, row, modifiers }))
}
