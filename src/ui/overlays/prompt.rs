//! One line of text, and one of dots.

use ratatui::buffer::Buffer;
use ratatui::style::Style;

use super::{Cursor, boxed};
use crate::app::action::Action;
use crate::app::geometry::{Area, Frame};
use crate::app::overlay::by_text::ByText;
use crate::app::overlay::key::KeyPrompt;
use crate::app::overlay::prompt::{KeyChoice, Prompt, PromptPurpose, SecretPrompt, SecretPurpose};
use crate::app::state::AppState;
use crate::keymap::Layer;
use crate::profile::vault::strength::Strength;
use crate::provider::Support;
use crate::provider::model::TextWay;
use crate::ui::paint::{Look, Run, after, before, row};
use crate::ui::widgets::field;

/// Rows of the box: border, field, two lines below it, hints.
const HEIGHT: u16 = 6;
/// Width of the prompt for a passphrase.
const WIDTH: u16 = 72;
/// Lines below the field of a box of that height, and the most for a long sentence.
const LINES: usize = 2;
const MOST_LINES: usize = 5;

/// Draws it: over the pane that it is for, else in the upper part of the screen.
pub fn draw(buf: &mut Buffer, look: &Look, state: &AppState, prompt: &Prompt) -> Option<Cursor> {
    let pane = match prompt.purpose {
        PromptPurpose::Filter(pane)
        | PromptPurpose::Search(pane)
        | PromptPurpose::Text(pane)
        | PromptPurpose::GoToId(pane)
        | PromptPurpose::LinkBy(pane) => Frame::of(state).and_then(|frame| frame.pane(pane)),
        PromptPurpose::RenameProfile(_)
        | PromptPurpose::RenameGroup
        | PromptPurpose::SaveAsProfile(_)
        | PromptPurpose::FindProfile
        | PromptPurpose::WriteWindow(_)
        | PromptPurpose::ExportFile
        | PromptPurpose::ExportRecipients
        | PromptPurpose::ImportFile
        | PromptPurpose::ImportKey
        | PromptPurpose::CopyName { .. }
        | PromptPurpose::BackupDir(_)
        | PromptPurpose::CopyOptions(_)
        | PromptPurpose::Rate(_)
        | PromptPurpose::Align(_) => None,
    };
    let is_filter = matches!(prompt.purpose, PromptPurpose::Filter(_));
    let error = prompt.error.as_deref();
    let about = prompt.about.as_deref().filter(|_| error.is_none()).unwrap_or_default();
    let one_more = is_filter || prompt.by_text.is_some();
    let tall =
        |width| if one_more { HEIGHT + 1 } else { height(look, &[error.unwrap_or(prompt.hint()), about], width) };
    let area = match pane.filter(|pane| pane.width >= 36 && pane.height > tall(pane.width)) {
        Some(pane) => Area { height: tall(pane.width), ..pane },
        None => upper(state, 64, tall(64.min(state.size.0.saturating_sub(4)))),
    };
    let inner = boxed::open(buf, look, area, &capital(prompt.title()), Run::new());
    let line = before(after(row(inner, 0), 2), 2);
    let cursor = field::text(buf, look, line, &prompt.field, look.theme.strong);
    if is_filter && filter_help(buf, look, inner, line, prompt) {
        let wanted = [(Action::Enter, "do it"), (Action::Toggle, "complete"), (Action::Up, "earlier filters")];
        boxed::hints(buf, look, state, inner, &[Layer::Overlay], &[&wanted[..], &[(Action::Back, "close")]].concat());
        return Some(cursor);
    }
    if let Some(by_text) = &prompt.by_text {
        ways(buf, look, inner, by_text);
        let keys = [(Action::Enter, "do it"), (Action::Toggle, "another way"), (Action::Back, "close")];
        boxed::hints(buf, look, state, inner, &[Layer::Overlay], &keys);
        return Some(cursor);
    }
    match (error, prompt.about.as_deref()) {
        (None, Some(about)) => described(buf, look, inner, [(about, look.theme.text), (prompt.hint(), look.theme.dim)]),
        _ => below(buf, look, inner, error, prompt.hint(), None),
    }
    hints(buf, look, state, inner, "do it");
    Some(cursor)
}

/// Below a text to search by: the ways, the chosen one marked, what it does, and why one is missing.
fn ways(buf: &mut Buffer, look: &Look, inner: Area, by_text: &ByText) {
    let (theme, room) = (&look.theme, usize::from(inner.width).saturating_sub(4));
    let mut run = Run::new();
    for (way, support) in &by_text.ways {
        let mixed = if *way == TextWay::Hybrid { format!(" alpha {:.2}", by_text.alpha()) } else { String::new() };
        let name = format!("{}{mixed}", way.name());
        run = match support {
            Support::Yes if *way == by_text.way => {
                run.own(format!("{}{name}{}", look.set.left, look.set.right), theme.accent).gap(1)
            }
            Support::Yes => run.gap(1).own(name, theme.text).gap(2),
            Support::No(_) => run.gap(1).own(format!("{} {}", look.set.fail, way.name()), theme.dim).gap(2),
        };
    }
    run.draw(buf, look, after(row(inner, 1), 2));
    Run::new().data(look, by_text.hint(), room, theme.dim).draw(buf, look, after(row(inner, 2), 2));
    if let Some((way, why)) = by_text.missing() {
        let text = format!("no {}: {why}", way.name());
        Run::new().data(look, &text, room, theme.dim).draw(buf, look, after(row(inner, 3), 2));
    }
}

/// Below a filter that is being typed: where it is wrong and what was expected, and what tab offers.
/// Whether there was anything to say.
fn filter_help(buf: &mut Buffer, look: &Look, inner: Area, line: Area, prompt: &Prompt) -> bool {
    let (theme, room) = (&look.theme, usize::from(inner.width).saturating_sub(4));
    let bar = &prompt.bar;
    if let Some(fault) = &bar.fault {
        // What is only not finished yet is no fault.
        let unfinished = fault.at >= prompt.field.text().trim_end().chars().count();
        let style = if unfinished { theme.dim } else { theme.danger };
        if let Some(x) = field::column(look, line, &prompt.field, fault.at) {
            let place = row(inner, 1);
            Run::new().own("^", style).draw(buf, look, Area { x, width: 1, ..place });
        }
        if bar.offer.is_none() {
            for (i, words) in look.wrap(&fault.message, room, 2).into_iter().enumerate() {
                Run::new().own(words, style).draw(buf, look, after(row(inner, 2 + i), 2));
            }
        }
    }
    if let Some(offer) = &bar.offer {
        let first = offer.at.unwrap_or(0);
        let mut run = Run::new();
        for (at, word) in offer.words.iter().enumerate().skip(first.saturating_sub(2)) {
            let style = if offer.at == Some(at) { theme.accent } else { theme.dim };
            let next = Run::new().data(look, word, 40, style);
            if run.width() + next.width() + 2 > room {
                break;
            }
            let gap = if run.is_empty() { 0 } else { 2 };
            run = run.gap(gap).join(next);
        }
        run.draw(buf, look, after(row(inner, 2), 2));
    }
    bar.fault.is_some() || bar.offer.is_some()
}

/// Draws the prompt for a passphrase.
pub fn draw_secret(buf: &mut Buffer, look: &Look, state: &AppState, prompt: &SecretPrompt) -> Option<Cursor> {
    let choosing = prompt.purpose == SecretPurpose::NewStore && prompt.first.is_none();
    let (title, hint) = words(prompt);
    // One more row for the choice.
    let height = height(look, &[prompt.error.as_deref().unwrap_or(hint)], WIDTH.min(state.size.0.saturating_sub(4)));
    let area = upper(state, WIDTH, height + u16::from(choosing));
    let inner = boxed::open(buf, look, area, title, Run::new());
    let line = before(after(row(inner, 0), 2), 2);
    let cursor = if prompt.wants_path() {
        Some(field::text(buf, look, line, &prompt.path, look.theme.strong))
    } else if choosing && prompt.choice == KeyChoice::KeyFile {
        Run::new().own("nothing to type", look.theme.dim).draw(buf, look, line);
        None
    } else {
        Some(field::secret(buf, look, line, &prompt.field, look.theme.strong))
    };
    let busy = prompt.busy.then_some("one moment: the key is made from it");
    match prompt.strength().filter(|_| prompt.error.is_none() && !prompt.busy) {
        Some(strength) => {
            strength_line(look, strength).draw(buf, look, after(row(inner, 1), 2));
        }
        None => below(buf, look, inner, prompt.error.as_deref(), hint, busy),
    };
    if choosing {
        let at = usize::from(inner.height).saturating_sub(2);
        choices(look, prompt.choice).draw(buf, look, after(row(inner, at), 2));
        let keys = [(Action::Enter, "go on"), (Action::Toggle, "another way"), (Action::Back, "close")];
        boxed::hints(buf, look, state, inner, &[Layer::Overlay], &keys);
    } else {
        hints(buf, look, state, inner, "go on");
    }
    cursor.filter(|_| !prompt.busy)
}

/// Draws the prompt for the key of a connection.
pub fn draw_key(buf: &mut Buffer, look: &Look, state: &AppState, prompt: &KeyPrompt) -> Option<Cursor> {
    let width = WIDTH.min(state.size.0.saturating_sub(4));
    let area = upper(state, WIDTH, height(look, &[prompt.error.as_deref().unwrap_or_default()], width) + 1);
    let inner = boxed::open(buf, look, area, "Key of the connection", Run::new());
    let room = usize::from(inner.width).saturating_sub(4);
    Run::new().data(look, &prompt.place, room, look.theme.dim).draw(buf, look, after(row(inner, 0), 2));
    let cursor = field::secret(buf, look, before(after(row(inner, 1), 2), 2), &prompt.field, look.theme.strong);
    let rest = Area { y: inner.y + 1, height: inner.height.saturating_sub(1), ..inner };
    let hint = prompt.warning.unwrap_or("kept in memory only, and only while the connection is open");
    below(buf, look, rest, prompt.error.as_deref(), hint, None);
    hints(buf, look, state, inner, "connect");
    Some(cursor)
}

/// Title and hint.
fn words(prompt: &SecretPrompt) -> (&'static str, &'static str) {
    match (prompt.purpose, prompt.first.is_some(), prompt.choice) {
        (SecretPurpose::Unlock, ..) => ("Passphrase of your profiles", "nothing of it is shown or kept"),
        (SecretPurpose::NewStore, true, _) => ("The same passphrase again", "so that no slip locks you out"),
        (SecretPurpose::NewStore, false, KeyChoice::Passphrase) => {
            ("A passphrase for the new store", "four or more words that do not belong together")
        }
        (SecretPurpose::NewStore, false, KeyChoice::KeyFile) => {
            ("A key file for the new store", "identity.txt: whoever can read that file can read the profiles")
        }
        (SecretPurpose::NewStore, false, KeyChoice::OwnKey) => {
            ("Your own age key for the new store", "path of its file; a link to it is made, the file stays as it is")
        }
    }
}

/// A bar and a word for how good a passphrase is, and what would make it better.
fn strength_line(look: &Look, strength: Strength) -> Run {
    let theme = &look.theme;
    let (full, style) = match strength {
        Strength::Empty => (0, theme.dim),
        Strength::Weak => (1, theme.danger),
        Strength::Fair => (2, theme.warn),
        Strength::Strong => (3, theme.ok),
    };
    Run::new()
        .own(look.set.full.repeat(2 * full), style)
        .own(look.set.rest.repeat(2 * (3 - full)), theme.dim)
        .gap(1)
        .own(strength.name(), style)
        .own(format!(": {}", strength.advice()), theme.dim)
}

/// The ways to keep the key, with the chosen one marked by more than its color.
fn choices(look: &Look, chosen: KeyChoice) -> Run {
    KeyChoice::ALL.into_iter().fold(Run::new().own("protect it by", look.theme.dim), |run, choice| {
        if choice == chosen {
            let text = format!("{}{}{}", look.set.left, choice.name(), look.set.right);
            run.gap(1).own(text, look.theme.accent)
        } else {
            run.gap(2).own(choice.name(), look.theme.dim).gap(1)
        }
    })
}

/// The height of a box of that width: a sentence about what is wrong is shown whole.
fn height(look: &Look, said: &[&str], width: u16) -> u16 {
    // Border, margin and sign on both sides.
    let room = usize::from(width).saturating_sub(8);
    let lines: usize =
        said.iter().filter(|text| !text.is_empty()).map(|text| look.wrap(text, room, MOST_LINES).len()).sum();
    HEIGHT + u16::try_from(lines.saturating_sub(LINES)).unwrap_or(0)
}

fn below(buf: &mut Buffer, look: &Look, inner: Area, error: Option<&str>, hint: &str, busy: Option<&str>) {
    let theme = &look.theme;
    let room = usize::from(inner.width).saturating_sub(4);
    let most = usize::from(inner.height).saturating_sub(2).clamp(1, MOST_LINES);
    let lines = match (error, busy) {
        (_, Some(busy)) => vec![Run::new().own(look.spin(), theme.info).gap(1).own(busy, theme.text)],
        (Some(error), None) => {
            let lines = look.wrap(error, room.saturating_sub(2), most);
            let sign = |i| if i == 0 { look.set.fail } else { " " };
            let line =
                |(i, line): (usize, String)| Run::new().own(sign(i), theme.danger).gap(1).own(line, theme.danger);
            lines.into_iter().enumerate().map(line).collect()
        }
        (None, None) => look.wrap(hint, room, most).into_iter().map(|line| Run::new().own(line, theme.dim)).collect(),
    };
    for (i, run) in lines.iter().enumerate() {
        run.draw(buf, look, after(row(inner, 1 + i), 2));
    }
}

/// What a prompt is about, and then what can be typed.
fn described(buf: &mut Buffer, look: &Look, inner: Area, said: [(&str, Style); 2]) {
    let room = usize::from(inner.width).saturating_sub(4);
    let lines = said.into_iter().flat_map(|(text, style)| {
        look.wrap(text, room, MOST_LINES).into_iter().map(move |line| Run::new().own(line, style))
    });
    for (i, run) in lines.take(usize::from(inner.height).saturating_sub(2)).enumerate() {
        run.draw(buf, look, after(row(inner, 1 + i), 2));
    }
}

fn hints(buf: &mut Buffer, look: &Look, state: &AppState, inner: Area, word: &'static str) {
    boxed::hints(buf, look, state, inner, &[Layer::Overlay], &[(Action::Enter, word), (Action::Back, "close")]);
}

/// A box a third down from the top.
fn upper(state: &AppState, width: u16, height: u16) -> Area {
    let screen = Area::new(0, 0, state.size.0, state.size.1);
    let middle = screen.centered(width.min(screen.width.saturating_sub(4)), height);
    Area { y: screen.height.saturating_sub(height) / 3, ..middle }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}
