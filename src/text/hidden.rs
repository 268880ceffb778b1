//! Characters that act instead of being seen, and what is shown in their place.

use std::fmt::Write as _;

use super::Glyphs;

/// Whether a terminal would obey, hide or reorder by this character instead of drawing it:
/// controls, bidi and format characters, line separators, invisible fillers, tags,
/// variation selectors other than the two for text and emoji, and noncharacters.
pub fn is_hidden(c: char) -> bool {
    if c.is_control() {
        return true;
    }
    if c < '\u{ad}' {
        return false;
    }
    matches!(c,
        '\u{ad}' | '\u{34f}'
        | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}' | '\u{8e2}'
        | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180e}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0d}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
        || (c as u32) & 0xfffe == 0xfffe
        || matches!(c, '\u{fdd0}'..='\u{fdef}')
}

/// Appends what is shown in place of `c`.
pub(super) fn push_visible(out: &mut String, c: char, glyphs: Glyphs) {
    match (c, glyphs) {
        ('\t', Glyphs::Unicode) => out.push('⇥'),
        ('\n', Glyphs::Unicode) => out.push('⏎'),
        ('\u{7f}', Glyphs::Unicode) => out.push('␡'),
        ('\0'..='\u{1f}', Glyphs::Unicode) => out.push(char::from_u32(0x2400 + c as u32).unwrap_or('\u{fffd}')),
        ('\t', Glyphs::Ascii) => out.push_str("\\t"),
        ('\n', Glyphs::Ascii) => out.push_str("\\n"),
        ('\r', Glyphs::Ascii) => out.push_str("\\r"),
        ('\u{1b}', Glyphs::Ascii) => out.push_str("\\e"),
        _ => {
            // Writing to a String does not fail.
            let _ = write!(out, "<U+{:04X}>", c as u32);
        }
    }
}
