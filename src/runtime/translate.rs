//! From the terminal's events to the reducer's.

use crossterm::event::{
    Event as Input, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};

use crate::app::event::{Event, Mouse, MouseKind};
use crate::keymap::{Chord, Key};

/// Remembers the last click, to know a double one.
#[derive(Debug, Default)]
pub struct Translator {
    last_press: Option<(u16, u16, std::time::Instant)>,
}

/// Two presses at the same place within this time are one double press.
const DOUBLE: std::time::Duration = std::time::Duration::from_millis(400);

impl Translator {
    /// The reducer's event; `None` for what means nothing here.
    pub fn event(&mut self, input: Input) -> Option<Event> {
        match input {
            Input::Key(key) => chord(key).map(Event::Key),
            Input::Mouse(mouse) => self.mouse(mouse).map(Event::Mouse),
            Input::Paste(text) => Some(Event::Paste(text)),
            Input::Resize(columns, rows) => Some(Event::Resize(columns, rows)),
            Input::FocusGained | Input::FocusLost => None,
        }
    }

    fn mouse(&mut self, event: MouseEvent) -> Option<Mouse> {
        let (x, y) = (event.column, event.row);
        let kind = match event.kind {
            MouseEventKind::Down(MouseButton::Left) => {
                let now = std::time::Instant::now();
                let double = self.last_press.is_some_and(|(px, py, at)| (px, py) == (x, y) && now - at < DOUBLE);
                self.last_press = (!double).then_some((x, y, now));
                if double { MouseKind::DoublePress } else { MouseKind::Press }
            }
            MouseEventKind::Drag(MouseButton::Left) => MouseKind::Drag,
            MouseEventKind::Up(MouseButton::Left) => MouseKind::Release,
            MouseEventKind::ScrollDown => MouseKind::ScrollDown,
            MouseEventKind::ScrollUp => MouseKind::ScrollUp,
            MouseEventKind::Down(_)
            | MouseEventKind::Drag(_)
            | MouseEventKind::Up(_)
            | MouseEventKind::Moved
            | MouseEventKind::ScrollLeft
            | MouseEventKind::ScrollRight => return None,
        };
        Some(Mouse { kind, x, y })
    }
}

/// The chord of a key event; releases and keys without a name here are nothing.
fn chord(event: KeyEvent) -> Option<Chord> {
    if event.kind == KeyEventKind::Release {
        return None;
    }
    let key = match event.code {
        KeyCode::Char(c) => Key::Char(c),
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Esc,
        KeyCode::Tab if event.modifiers.contains(KeyModifiers::SHIFT) => Key::BackTab,
        KeyCode::Tab => Key::Tab,
        KeyCode::BackTab => Key::BackTab,
        KeyCode::Backspace => Key::Backspace,
        KeyCode::Delete => Key::Delete,
        KeyCode::Insert => Key::Insert,
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::F(n) => Key::F(n),
        _ => return None,
    };
    let has = |modifier| event.modifiers.contains(modifier);
    let named = !matches!(key, Key::Char(_) | Key::BackTab);
    Some(Chord {
        key,
        ctrl: has(KeyModifiers::CONTROL),
        alt: has(KeyModifiers::ALT),
        shift: named && has(KeyModifiers::SHIFT),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(code: KeyCode, modifiers: KeyModifiers) -> Option<Chord> {
        chord(KeyEvent::new(code, modifiers))
    }

    #[test]
    fn shift_is_part_of_a_character_and_a_modifier_of_a_named_key() {
        assert_eq!(press(KeyCode::Char('G'), KeyModifiers::SHIFT), Some(Chord::char('G')));
        assert_eq!(press(KeyCode::BackTab, KeyModifiers::SHIFT), Some(Chord::plain(Key::BackTab)));
        let up = Chord { shift: true, ..Chord::plain(Key::Up) };
        assert_eq!(press(KeyCode::Up, KeyModifiers::SHIFT), Some(up));
        assert_eq!(press(KeyCode::Char('p'), KeyModifiers::CONTROL), Some(Chord::ctrl('p')));
    }

    #[test]
    fn two_presses_at_one_place_are_a_double_press_and_a_third_is_not() {
        let mut translator = Translator::default();
        let down = |x| MouseEvent {
            kind: MouseEventKind::Down(MouseButton::Left),
            column: x,
            row: 1,
            modifiers: KeyModifiers::NONE,
        };
        let kinds: Vec<_> = [3, 3, 3, 9].map(|x| translator.mouse(down(x)).map(|m| m.kind)).to_vec();
        use MouseKind::{DoublePress, Press};
        assert_eq!(kinds, [Some(Press), Some(DoublePress), Some(Press), Some(Press)]);
    }
}
