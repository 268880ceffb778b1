//! Questions about one profile of the file, on the terminal.

use super::preview;
use crate::cli::{CliError, Out, prompt};
use crate::profile::import::{Choice, Item};

/// What the user wants done with it; `rename` is set where a flag has decided that already, and `key` where
/// one says that the key may go along. What it opens for writing is agreed to by the whole word.
///
/// # Errors
/// When the user gives up, or stdout is closed.
pub(super) fn choice(item: &mut Item, rename: Option<bool>, key: bool, out: &mut Out) -> Result<Choice, CliError> {
    let rename = match (item.is_conflict(), rename) {
        (false, _) => false,
        (true, Some(rename)) => rename,
        (true, None) => {
            preview::show_item(item, false, out)?;
            out.flush()?;
            let (question, letters) = match item.there() {
                Some(_) => ("  [s]kip, or [r]eplace?".to_owned(), &['s', 'r'][..]),
                None => (format!("  [s]kip, [r]eplace, or [a]dd as {:?}?", item.free_name), &['s', 'r', 'a'][..]),
            };
            match answer(&question, letters)? {
                'r' => false,
                'a' => true,
                _ => return Ok(Choice::Skip),
            }
        }
    };
    let choice = |key| if rename { Choice::Rename { key } } else { Choice::Take { key } };
    let key = match item.moved_by(&choice(key)) {
        Some(moved) if !key => {
            out.flush()?;
            let question = format!(
                "  {:?}: {moved}.\n  [s]kip the profile, import it [w]ithout a key, or [l]et the key be sent there?",
                item.name(),
            );
            match answer(&question, &['s', 'w', 'l'])? {
                'l' => true,
                'w' => false,
                _ => return Ok(Choice::Skip),
            }
        }
        _ => key,
    };
    let wish = choice(key);
    if let Some(opens) = item.opens(&wish).filter(|_| !item.may_open) {
        out.flush()?;
        let question = format!("  {opens}\n  Type yes to import it like that; anything else leaves it as it is:");
        let Some(line) = prompt::line(&question) else { return Err(given_up()) };
        if line.trim() != "yes" {
            return Ok(Choice::Skip);
        }
        item.may_open = true;
    }
    Ok(wish)
}

fn given_up() -> CliError {
    CliError::Usage("nothing was imported.".to_owned())
}

/// One of these letters; enter means the first.
fn answer(question: &str, letters: &[char]) -> Result<char, CliError> {
    loop {
        let line = prompt::line(question);
        let Some(line) = line else { return Err(given_up()) };
        let first = line.trim().chars().next().map(|c| c.to_ascii_lowercase());
        match (first, letters.first()) {
            (None, Some(default)) => return Ok(*default),
            (Some(letter), _) if letters.contains(&letter) => return Ok(letter),
            _ => {}
        }
    }
}
