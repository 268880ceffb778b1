//! `profiles import`: what a file would change is shown first, conflicts are resolved one by one, then all
//! of it is saved at once.

mod ask;
mod preview;

use std::io::IsTerminal;
use std::path::PathBuf;

use tokio::task::block_in_place;

use super::unlock;
use crate::cli::{CliError, Context, Exit, Out, prompt};
use crate::profile::import::{Choice, Format, Item, Plan, State, Wish, read};
use crate::profile::vault::{Opener, UnlockOptions, Vault, VaultError, VaultState};
use crate::text::format::{exact, number_of};

/// What becomes of profiles that stand in the way of those of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum OnConflict {
    /// Ask for each, on the terminal
    Ask,
    /// Leave the known profile as it is
    Skip,
    /// Put the file's in place of the known one; keys, files and options of this machine stay
    Replace,
    /// Add the file's beside it, under another name
    Rename,
}

/// What to import.
#[derive(Debug, clap::Args)]
pub(super) struct Import {
    /// The file; with --from docker-compose or env also a folder; without one, the desktop tool's files
    path: Option<PathBuf>,
    /// What the file is: shared (what `profiles export` writes), desktop, docker-compose, env, or auto
    #[arg(long, value_name = "FORMAT", default_value = "auto", value_parser = format)]
    from: From,
    /// Import without a last question; conflicts still need --on-conflict
    #[arg(long)]
    yes: bool,
    /// What to do with a profile whose name or id is known
    #[arg(long, value_name = "HOW", default_value = "ask")]
    on_conflict: OnConflict,
    /// Only show what would change
    #[arg(long)]
    dry_run: bool,
    /// Keep keys that the file has in plain text in the encrypted store, instead of references
    #[arg(long)]
    store_secrets: bool,
    /// Let a key of the store be sent to the address that this profile of the file has; may be repeated
    #[arg(long, value_name = "NAME")]
    move_key: Vec<String>,
    /// Let the database of this profile of the file become writable that is read-only now; may be repeated
    #[arg(long, value_name = "NAME")]
    make_writable: Vec<String>,
    /// Keep the store's key in a file of this user's (identity.txt) if the store is made now
    #[arg(long)]
    key_file: bool,
}

/// `--from`.
#[derive(Debug, Clone, Copy)]
struct From(Option<Format>);

fn format(name: &str) -> Result<From, String> {
    match name {
        "auto" => Ok(From(None)),
        name => Format::from_name(name)
            .map(|format| From(Some(format)))
            .ok_or_else(|| format!("known are auto, {}", Format::NAMES.join(", "))),
    }
}

impl Import {
    /// Shows what would change, asks, and saves.
    ///
    /// # Errors
    /// A file that cannot be read, conflicts that nobody can be asked about, why the store could not be
    /// written.
    pub(super) fn run(&self, json: bool, context: &Context, out: &mut Out) -> Result<Exit, CliError> {
        if self.path.is_none() && !matches!(self.from, From(None | Some(Format::Desktop))) {
            return Err(CliError::Usage("which file? Give its path behind `profiles import`.".to_owned()));
        }
        let named = context.common.identity.as_deref().map(Opener::read).transpose()?.flatten();
        let vault = store(context, named.as_ref())?;
        let wish = Wish {
            path: self.path.clone(),
            format: self.from.0,
            store_secrets: self.store_secrets,
            else_keys: "--store-secrets takes it",
            home: Context::env("HOME").map(PathBuf::from),
        };
        let reading = read(&wish, &mut |bytes, path| vault.open_shared(bytes, path, named.as_ref()))?;
        let known = match vault.state() {
            VaultState::Absent => None,
            VaultState::Locked | VaultState::Unlocked => Some(vault.read()?),
        };
        let mut plan = Plan::new(reading, known.as_ref(), context.rules()?)?;
        for item in &mut plan.items {
            item.may_open = self.make_writable.iter().any(|name| name == item.name());
        }
        if !json {
            preview::show(&plan, self.renames(), out)?;
        }
        let interactive = !json && !self.dry_run && std::io::stdin().is_terminal() && prompt::possible();
        let choices = if self.dry_run { self.by_flags(&plan) } else { self.choices(&mut plan, interactive, out)? };
        let writes = plan.items.iter().zip(&choices).filter(|(item, choice)| item.name_after(choice).is_some()).count();
        if self.dry_run || writes == 0 {
            return self.end(&plan, &choices, writes, json, out);
        }
        if !self.yes {
            if !interactive {
                let why = "nothing was imported: look at the list with --dry-run and import it with --yes.";
                return Err(CliError::Usage(why.to_owned()));
            }
            let answer = prompt::line(&format!("Import {writes} of {}? [y/N]", number_of(plan.items.len(), "profile")));
            if !answer.is_some_and(|answer| matches!(answer.trim(), "y" | "Y" | "yes")) {
                out.note("nothing was imported.");
                return Ok(Exit::Nothing);
            }
        }
        let vault = if vault.state() == VaultState::Absent {
            unlock::vault_for_saving(context, self.key_file, out)?
        } else {
            vault
        };
        let operation = match known {
            Some(_) => plan.operation(&choices)?,
            None => plan.operation_for_new(&choices, vault.read()?.rev)?,
        };
        block_in_place(|| vault.edit(operation))?;
        self.end(&plan, &choices, writes, json, out)
    }

    fn end(&self, plan: &Plan, choices: &[Choice], writes: usize, json: bool, out: &mut Out) -> Result<Exit, CliError> {
        let rename = self.renames();
        let is_held = |(item, choice): &(&Item, &Choice)| preview::is_held(item, choice, rename);
        let held: Vec<&Item> = plan.items.iter().zip(choices).filter(is_held).map(|(item, _)| item).collect();
        if json {
            out.json(&preview::to_json(plan, choices, self.dry_run, rename))?;
        } else {
            let done = if self.dry_run { "would be imported" } else { "imported" };
            out.note(&format!("{} of {} {done}.", exact(writes as u64), number_of(plan.items.len(), "profile")));
            let moves =
                |item: &&&Item| item.moved_by(&preview::wish(item, rename, false)).is_some() && !self.may_move(item);
            let by_key = held.iter().filter(moves).count();
            let left = |count: usize| match count {
                1 => "1 is left as it is".to_owned(),
                more => format!("{more} are left as they are"),
            };
            if by_key > 0 {
                out.note(&format!(
                    "{}: a key of the store would be sent to another address. Allow it for one with --move-key NAME.",
                    left(by_key)
                ));
            }
            if held.len() > by_key {
                out.note(&format!(
                    "{}: what is read-only would become writable. Allow it for one with --make-writable NAME.",
                    left(held.len() - by_key)
                ));
            }
        }
        let is_there = |item: &Item, choice: &Choice| {
            matches!(item.state, State::Same)
                || matches!(choice, Choice::Rename { .. }) && item.name_after(choice).is_none()
        };
        let all_same = plan.items.iter().zip(choices).all(|(item, choice)| is_there(item, choice));
        Ok(match (held.len(), writes) {
            (0, 0) if all_same => Exit::Done,
            (_, 0) => Exit::Nothing,
            (0, _) => Exit::Done,
            _ => Exit::Partly,
        })
    }

    /// Whether what is in the way is left, and the file's added beside it.
    fn renames(&self) -> bool {
        self.on_conflict == OnConflict::Rename
    }

    /// Whether a flag says that a key may go where this profile of the file is.
    fn may_move(&self, item: &Item) -> bool {
        self.move_key.iter().any(|name| name == item.name())
    }

    /// What the flags say; conflicts without a flag are left out.
    fn by_flags(&self, plan: &Plan) -> Vec<Choice> {
        let choice = |item: &Item| {
            let key = self.may_move(item);
            let wish = match (&item.state, self.on_conflict) {
                (State::Same, _) | (State::Clash(..), OnConflict::Ask | OnConflict::Skip) => Choice::Skip,
                (State::New | State::Clash(..), _) => preview::wish(item, self.renames(), key),
            };
            let opens = item.opens(&wish).is_some() && !item.may_open;
            if opens || (item.moved_by(&wish).is_some() && !key) { Choice::Skip } else { wish }
        };
        plan.items.iter().map(choice).collect()
    }

    fn choices(&self, plan: &mut Plan, interactive: bool, out: &mut Out) -> Result<Vec<Choice>, CliError> {
        let asked = |item: &Item| {
            let wish = preview::wish(item, self.renames(), false);
            let about_key = item.moved_by(&wish).is_some() && !self.may_move(item);
            let about_lock = item.opens(&wish).is_some() && !item.may_open;
            (item.is_conflict() && self.on_conflict == OnConflict::Ask)
                || ((about_key || about_lock) && self.on_conflict != OnConflict::Skip)
        };
        let mut choices = self.by_flags(plan);
        if interactive {
            let how = (self.on_conflict != OnConflict::Ask).then(|| self.renames());
            for (item, choice) in plan.items.iter_mut().zip(&mut choices) {
                if asked(item) {
                    let key = self.may_move(item);
                    *choice = ask::choice(item, how, key, out)?;
                }
            }
            return Ok(choices);
        }
        let open: Vec<String> = plan
            .items
            .iter()
            .filter(|item| item.is_conflict() && self.on_conflict == OnConflict::Ask)
            .map(|item| format!("{:?}", item.name()))
            .collect();
        if open.is_empty() {
            return Ok(choices);
        }
        let names = open.iter().take(10).cloned().collect::<Vec<_>>().join(", ");
        let more = if open.len() > 10 { format!(" and {} more", open.len() - 10) } else { String::new() };
        let are = if open.len() == 1 { "is" } else { "are" };
        Err(CliError::Usage(format!(
            "{names}{more} {are} in the store already and there is nobody to ask, so nothing was imported. Say what to do: --on-conflict skip, replace or rename."
        )))
    }
}

/// The store, unlocked. A key that was named for the file need not be that of the store.
fn store(context: &Context, named: Option<&Opener>) -> Result<Vault, CliError> {
    match unlock::vault(context) {
        Err(CliError::Vault(VaultError::WrongKey { .. } | VaultError::NotAKey { .. })) if named.is_some() => {
            let options = UnlockOptions { identity: None, ..unlock::options(context)? };
            unlock::vault_with(context, &options)
        }
        result => result,
    }
}
