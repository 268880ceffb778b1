//! What the filter bar offers while a filter is typed: names of fields, words of the language and
//! values that were seen, and where a text is wrong. Pure; the reducer calls it, the prompt draws it.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::provider::filter::{Filter, FilterError, Literal, Path};
use crate::provider::model::Record;

/// Most values that are offered.
const MOST: usize = 50;
/// Objects in objects that are looked into for fields.
const DEEPEST: usize = 4;

/// What may stand where the cursor is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The piece that is replaced, in characters.
    pub start: usize,
    /// One behind its last character.
    pub end: usize,
    /// What may stand there, best first; never empty.
    pub words: Vec<String>,
    /// Which of them is in the text now.
    pub at: Option<usize>,
}

/// What is known of a filter that is being typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bar {
    /// Where the text is wrong.
    pub fault: Option<FilterError>,
    /// What tab goes through.
    pub offer: Option<Offer>,
    /// The place in the history, counted from the newest; `None` is the text being typed.
    pub past: Option<usize>,
    /// What was typed before the history was looked at.
    pub draft: String,
}

impl Bar {
    /// Looks at the text anew; an empty one is no fault.
    pub fn look(&mut self, text: &str) {
        self.offer = None;
        self.fault = if text.trim().is_empty() { None } else { Filter::parse(text).err() };
    }
}

/// The paths of the fields that these records have, in the language's spelling, in order of appearance.
pub fn fields<'a>(records: impl Iterator<Item = &'a Record>) -> Vec<String> {
    let (mut all, mut seen) = (Vec::new(), BTreeSet::new());
    for record in records {
        for (key, value) in &record.payload {
            walk(&mut vec![key.clone()], value, &mut |path, value| {
                let shown = Path(path.to_vec()).to_string();
                if !value.is_object() && seen.insert(shown.clone()) {
                    all.push(shown);
                }
            });
        }
    }
    all
}

fn walk(path: &mut Vec<String>, value: &Value, see: &mut impl FnMut(&[String], &Value)) {
    see(path, value);
    if let (Value::Object(inner), true) = (value, path.len() < DEEPEST) {
        for (key, value) in inner {
            path.push(key.clone());
            walk(path, value, see);
            path.pop();
        }
    }
}

/// The values that these records have in the field, in the language's spelling.
pub fn values<'a>(records: impl Iterator<Item = &'a Record>, field: &str) -> Vec<String> {
    let mut all = BTreeSet::new();
    for record in records {
        for (key, value) in &record.payload {
            walk(&mut vec![key.clone()], value, &mut |path, value| {
                if all.len() < MOST && Path(path.to_vec()).to_string() == field {
                    let elements = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
                    all.extend(elements.iter().filter_map(literal));
                }
            });
        }
    }
    all.into_iter().collect()
}

fn literal(value: &Value) -> Option<String> {
    Some(match value {
        Value::String(text) => Literal::Text(text.clone()).to_string(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => return None,
    })
}

/// A piece of the text that stands for itself.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Token {
    start: usize,
    end: usize,
    text: String,
}

/// The pieces of a text, whatever is wrong with it; an unended text in quotes goes to the end.
fn tokens(text: &str) -> Vec<Token> {
    let chars: Vec<char> = text.chars().collect();
    let mut all = Vec::new();
    let mut at = 0;
    while let Some(c) = chars.get(at).copied() {
        let start = at;
        if c.is_whitespace() {
            at += 1;
            continue;
        }
        if "=!<>(),".contains(c) {
            at += if "!<>".contains(c) && chars.get(at + 1) == Some(&'=') { 2 } else { 1 };
        } else {
            while let Some(c) = chars.get(at).copied().filter(|c| !c.is_whitespace() && !"=!<>(),".contains(*c)) {
                at += 1;
                if c == '"' || c == '\'' {
                    while let Some(inner) = chars.get(at).copied() {
                        at += if inner == '\\' { 2 } else { 1 };
                        if inner == c {
                            break;
                        }
                    }
                }
            }
            at = at.min(chars.len());
        }
        all.push(Token { start, end: at, text: chars.iter().take(at).skip(start).collect() });
    }
    all
}

/// What kind of piece comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Next {
    Field,
    Question(String),
    Value(String),
    Join,
}

/// What comes behind these pieces.
fn next(tokens: &[Token]) -> Next {
    let mut next = Next::Field;
    let (mut field, mut between, mut list) = (String::new(), false, false);
    for token in tokens {
        let word = token.text.to_lowercase();
        next = match (next, word.as_str()) {
            (Next::Field, "not" | "(") => Next::Field,
            (Next::Field, _) => {
                field.clone_from(&token.text);
                (between, list) = (false, false);
                Next::Question(field.clone())
            }
            (Next::Question(_), "between") => {
                between = true;
                Next::Value(field.clone())
            }
            (Next::Question(_), "=" | "!=" | "<" | "<=" | ">" | ">=" | "contains") => Next::Value(field.clone()),
            (Next::Question(_), "and" | "or") => Next::Field,
            (Next::Question(_), "exists" | "null" | "missing" | ")") => Next::Join,
            (Next::Question(_), _) => Next::Question(field.clone()),
            (Next::Value(_), "(") => {
                list = true;
                Next::Value(field.clone())
            }
            (Next::Value(_), _) => Next::Join,
            (Next::Join, "and") if between => {
                between = false;
                Next::Value(field.clone())
            }
            (Next::Join, ",") if list => Next::Value(field.clone()),
            (Next::Join, "and" | "or") => Next::Field,
            (Next::Join, _) => Next::Join,
        };
        if let (Next::Question(_), "in") = (&next, word.as_str()) {
            next = Next::Value(field.clone());
        }
    }
    next
}

/// What tab may put at the cursor; `fields` and `values` are those that were seen.
pub fn offer(text: &str, cursor: usize, fields: &[String], values: impl Fn(&str) -> Vec<String>) -> Option<Offer> {
    let all = tokens(text);
    let touched = all.iter().position(|token| token.start < cursor && cursor <= token.end);
    let word =
        touched.and_then(|at| all.get(at)).filter(|token| !token.text.starts_with(['=', '!', '<', '>', '(', ',']));
    let before = all.iter().take_while(|token| token.end <= word.map_or(cursor, |word| word.start));
    let before: Vec<Token> = before.cloned().collect();
    let (start, end) = word.map_or((cursor, cursor), |word| (word.start, word.end));
    let typed: String = word.map(|word| word.text.chars().take(cursor - word.start).collect()).unwrap_or_default();
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let known = match next(&before) {
        Next::Field => [fields.to_vec(), words(&["not", "$text contains"])].concat(),
        Next::Question(_) => words(&[
            "=",
            "!=",
            "<",
            "<=",
            ">",
            ">=",
            "in (",
            "not in (",
            "between",
            "contains",
            "exists",
            "is null",
            "is not null",
            "is missing",
        ]),
        Next::Value(field) => {
            let mut seen = values(&field);
            seen.extend(
                words(&["true", "false"]).into_iter().filter(|word| !typed.is_empty() && word.starts_with(&typed)),
            );
            seen
        }
        Next::Join => words(&["and", "or"]),
    };
    let bare = typed.trim_start_matches(['"', '\'']).to_lowercase();
    let fits = |word: &String| word.trim_start_matches('"').to_lowercase().starts_with(&bare) && *word != typed;
    let mut words: Vec<String> = Vec::new();
    for word in known.into_iter().filter(fits) {
        if !words.contains(&word) {
            words.push(word);
        }
    }
    (!words.is_empty()).then_some(Offer { start, end, words, at: None })
}

/// The text with the next word of the offer in its place, and where the cursor stands then.
pub fn complete(text: &str, offer: &mut Offer) -> (String, usize) {
    let at = offer.at.map_or(0, |at| (at + 1) % offer.words.len());
    let word = offer.words.get(at).cloned().unwrap_or_default();
    let before: String = text.chars().take(offer.start).collect();
    let after: String = text.chars().skip(offer.end).collect();
    // A sign or word of the language wants a blank behind a name that it would run into.
    let blank = if before.chars().last().is_some_and(|c| !c.is_whitespace() && c != '(') { " " } else { "" };
    offer.at = Some(at);
    let start = offer.start + blank.len();
    let whole = format!("{before}{blank}{word}");
    offer.start = start;
    offer.end = start + word.chars().count();
    (whole + &after, offer.end)
}

#[cfg(test)]
#[path = "filter_bar_tests.rs"]
mod tests;
