//! Names that are cut: the cut is always marked, and what differs still looks different.

use super::paint::Look;
use crate::text::SafeText;

/// More of a name than this is never drawn.
const MOST: usize = 400;

/// A name of fewer columns than this says nothing; the mark of the cut stands for it.
const SHORTEST: usize = 3;

/// From so many columns on a name that is cut at its beginning is marked at its end, too.
const MARKED_TWICE: usize = 5;

/// A connection's name in at most `room` columns. Of an address its end stays: ports tell apart what
/// runs on one machine.
pub fn short(look: &Look, label: &str, room: usize) -> String {
    let whole = SafeText::head(label, MOST, look.glyphs);
    if whole.width() <= room || !has_port(label) || room < 2 {
        return whole.fit(room);
    }
    tail(look, &whole, room)
}

fn has_port(label: &str) -> bool {
    label.rsplit_once(':').is_some_and(|(_, port)| port.len() < 6 && port.bytes().all(|b| b.is_ascii_digit()))
}

/// The end of a text that is too long, behind the mark of the cut.
pub fn tail(look: &Look, text: &SafeText<'_>, room: usize) -> String {
    let Some(rest) = room.checked_sub(1) else { return String::new() };
    format!("{}{}", look.glyphs.ellipsis(), text.slice(text.width().saturating_sub(rest), rest))
}

/// Both ends of a text that is too long, the mark of the cut between them.
pub fn middle(look: &Look, text: &SafeText<'_>, room: usize) -> String {
    if text.width() <= room || room < SHORTEST {
        return text.fit(room);
    }
    let end = (room - 1) / 2;
    let begin = room - 1 - end;
    format!("{}{}{}", text.slice(0, begin), look.glyphs.ellipsis(), text.slice(text.width() - end, end))
}

/// A name as it is drawn.
struct Drawn<'a> {
    label: &'a str,
    whole: SafeText<'a>,
    room: usize,
    text: String,
}

impl<'a> Drawn<'a> {
    fn of(look: &Look, label: &'a str, room: usize) -> Self {
        let text = short(look, label, room);
        Self { label, whole: SafeText::head(label, MOST, look.glyphs), room, text }
    }

    fn is_cut(&self) -> bool {
        self.text != self.whole.as_str()
    }

    /// Whether what is left of it could as well be the other one, or what is left of that.
    fn is_taken_for(&self, look: &Look, other: &Self) -> bool {
        if self.label == other.label || !self.is_cut() {
            return false;
        }
        let begins = |text: &str, whole: &SafeText<'_>| {
            text.strip_suffix(look.glyphs.ellipsis()).is_some_and(|kept| whole.as_str().starts_with(kept))
        };
        let takes = other.is_cut() && begins(&other.text, &self.whole);
        self.text == other.text || takes || begins(&self.text, &other.whole)
    }
}

/// Each name in its room. Names that are cut and would look alike are cut where they differ; all others keep their
/// beginning.
pub fn apart(look: &Look, names: &[(&str, usize)]) -> Vec<String> {
    let drawn: Vec<Drawn<'_>> = names.iter().map(|(label, room)| Drawn::of(look, label, *room)).collect();
    let cut: Vec<String> = drawn
        .iter()
        .map(|one| {
            let others = drawn.iter().filter(|other| one.is_taken_for(look, other));
            let same = others.map(|other| alike(one.label, other.label)).max();
            same.map_or_else(|| one.text.clone(), |same| from_difference(look, one, same))
        })
        .collect();
    // Two pairs with the same ends: then their beginnings tell them apart.
    let again = |at: usize| {
        let same = |(i, text): (usize, &String)| *text == cut[at] && drawn[i].label != drawn[at].label;
        cut.iter().enumerate().any(same)
    };
    drawn
        .iter()
        .enumerate()
        .map(|(i, one)| if again(i) { middle(look, &one.whole, one.room) } else { cut[i].clone() })
        .collect()
}

/// A name from the byte on where it differs from others, or from further ahead where there is room.
fn from_difference(look: &Look, one: &Drawn<'_>, same: usize) -> String {
    let (whole, room) = (&one.whole, one.room);
    let same = one.label.get(..same).map_or(0, |same| SafeText::head(same, MOST, look.glyphs).width());
    let start = same.min((whole.width() + 1).saturating_sub(room));
    // Less is gone than the mark of the cut takes.
    if start < 2 || room < SHORTEST {
        return whole.fit(room);
    }
    let rest = whole.slice(start, whole.width() - start);
    let rest = SafeText::with(&rest, look.glyphs);
    let rest = if room < MARKED_TWICE { rest.slice(0, room - 1) } else { rest.fit(room - 1) };
    format!("{}{rest}", look.glyphs.ellipsis())
}

/// Bytes that two texts have in common at their beginning.
fn alike(one: &str, other: &str) -> usize {
    let both = one.chars().zip(other.chars());
    both.take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::state::AppState;

    fn cut(names: &[(&str, usize)]) -> Vec<String> {
        apart(&Look::of(&AppState::default()), names)
    }

    #[test]
    fn what_fits_is_whole_and_what_is_alone_keeps_its_beginning() {
        assert_eq!(cut(&[("pgvector-analytics-staging", 26), ("prod", 26)]), ["pgvector-analytics-staging", "prod"]);
        assert_eq!(cut(&[("pgvector-analytics-staging", 10), ("prod", 10)]), ["pgvector-…", "prod"]);
        assert_eq!(cut(&[("prodchroma", 8), ("prod", 8)]), ["prodchr…", "prod"]);
    }

    #[test]
    fn names_that_begin_alike_are_cut_where_they_differ_whatever_room_each_has() {
        let (one, two) = ("chroma-prod-eu-west-1", "chroma-prod-eu-west-2");
        assert_eq!(cut(&[(one, 10), (two, 10)]), ["…eu-west-1", "…eu-west-2"]);
        assert_eq!(cut(&[(one, 10), (two, 8)]), ["…eu-west-1", "…-west-2"]);
        assert_eq!(cut(&[(one, 10), (two, 21)]), ["…eu-west-1", two]);
        assert_eq!(cut(&[("chroma-eu-1", 6), ("chroma-us-east", 6)]), ["…-eu-1", "…us-e…"]);
        assert_eq!(cut(&[("127.0.0.1:16333", 7), ("127.0.0.1:16334", 7)]), ["…:16333", "…:16334"]);
    }

    #[test]
    fn pairs_with_the_same_ends_are_told_apart_too() {
        let names = [("chroma-eu-1", 6), ("chroma-eu-2", 6), ("qdrant-eu-1", 6), ("qdrant-eu-2", 6)];
        assert_eq!(cut(&names), ["chr…-1", "chr…-2", "qdr…-1", "qdr…-2"]);
    }

    #[test]
    fn a_cut_is_marked_however_little_room_there_is() {
        for room in 1..10 {
            for text in cut(&[("weaviate-test-1", room), ("weaviate-test-2", room), ("other-database", room)]) {
                assert!(text.contains('…') && crate::text::columns(&text) <= room, "{room}: {text}");
            }
        }
        assert_eq!(cut(&[("prod", 0)]), [""]);
    }
}
