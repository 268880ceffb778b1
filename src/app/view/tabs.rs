//! How wide each tab wants to be, and how the tabs share their line. The view draws them and the reducer finds the
//! one that was clicked by the same widths.

use crate::app::connections::Connection;
use crate::app::panes::{Pane, Tab};
use crate::app::state::AppState;
use crate::app::view::View;
use crate::profile::model::Environment;
use crate::text::{Glyphs, SafeText};

/// Widest that a name is drawn in a tab, of a connection or of a collection.
pub const NAME: usize = 60;

/// What marks production in the line of tabs: not everybody sees red, and a tab is too narrow for the word.
pub const PRODUCTION: &str = "!";

/// The mark of a connection that checks no certificate, with the blank before it.
pub const INSECURE: &str = " !TLS";

/// Behind the name of a tab that shows one pane of several.
pub const ZOOMED: &str = " zoomed";

/// Columns between the name of a connection and that of its collection.
pub const PATH: usize = 3;

/// Tabs that are shorter are drawn as wide as this, where there is room: they lie evenly then.
const EVEN: u16 = 24;

/// Columns of a tab beside the name of its connection and what follows that: number, glyph, marks, and `gap` blanks
/// before, between and behind them.
pub fn beside_name(state: &AppState, connection: &Connection, gap: usize) -> usize {
    let number = if state.number_of(connection.id).is_some_and(|number| number <= 9) { 1 + gap } else { 0 };
    let production = if connection.environment == Environment::Production { PRODUCTION.len() } else { 0 };
    let insecure = if connection.insecure { INSECURE.len() } else { 0 };
    number + 1 + 3 * gap + production + insecure
}

/// The width of each tab on a line of that many columns. Where all of them fit, nothing is cut; else blanks give way
/// first, then the widest tabs.
pub fn widths(state: &AppState, line: u16) -> Vec<u16> {
    let wanted = |gap| state.tabs.iter().map(|tab| wanted(state, tab, gap)).collect::<Vec<u16>>();
    let whole = wanted(1);
    if sum(&whole, |width| width) <= u32::from(line) { share(&whole, line) } else { share(&wanted(0), line) }
}

/// Columns of a tab in which nothing is cut, with the blank behind it.
fn wanted(state: &AppState, tab: &Tab, gap: usize) -> u16 {
    let glyphs = if state.settings.ascii { Glyphs::Ascii } else { Glyphs::Unicode };
    let columns = |text: &str| SafeText::head(text, NAME, glyphs).width();
    let shown = state.panes.get(&tab.focus).map(Pane::view);
    let words = match state.connection_in(tab) {
        Some(connection) => {
            let collection = shown.and_then(View::collection).map_or(0, |name| PATH + columns(name));
            beside_name(state, connection, gap) + columns(&connection.label) + collection
        }
        None => alone(shown).len() + 2 * gap,
    };
    let zoomed = if tab.zoomed { ZOOMED.len() } else { 0 };
    u16::try_from(words + zoomed + 1).unwrap_or(u16::MAX)
}

/// What a tab without a connection is called.
pub fn alone(shown: Option<&View>) -> &'static str {
    if matches!(shown, Some(View::Log(_))) { "log" } else { "start" }
}

fn sum(wanted: &[u16], width: impl Fn(u16) -> u16) -> u32 {
    wanted.iter().map(|wanted| u32::from(width(*wanted))).sum()
}

/// Shares a line: each gets what it wants, and the shorter ones more where the room allows it; where the room is too
/// little, the widest get less, all the same.
fn share(wanted: &[u16], line: u16) -> Vec<u16> {
    let room = u32::from(line);
    if sum(wanted, |width| width) <= room {
        let least = (0..=EVEN).rev().find(|least| sum(wanted, |width| width.max(*least)) <= room).unwrap_or(0);
        return wanted.iter().map(|width| (*width).max(least)).collect();
    }
    let most = (0..=line).rev().find(|most| sum(wanted, |width| width.min(*most)) <= room).unwrap_or(0);
    let mut left = room.saturating_sub(sum(wanted, |width| width.min(most)));
    wanted
        .iter()
        .map(|width| {
            let more = *width > most && left > 0;
            left -= u32::from(more);
            (*width).min(most) + u16::from(more)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_whole_where_the_line_has_room_and_short_ones_lie_evenly() {
        assert_eq!(share(&[23, 9], 90), [24, 24]);
        assert_eq!(share(&[40, 9], 90), [40, 24]);
        assert_eq!(share(&[40, 9], 60), [40, 20]);
        assert_eq!(share(&[], 60), [0; 0]);
    }

    #[test]
    fn where_room_is_short_the_widest_give_way_and_no_column_is_lost() {
        assert_eq!(share(&[40, 9, 40], 50), [21, 9, 20]);
        assert_eq!(share(&[30; 13], 52), [4; 13]);
        assert_eq!(share(&[30; 3], 2), [1, 1, 0]);
        assert_eq!(share(&[u16::MAX; 3], 0), [0; 3]);
    }
}
