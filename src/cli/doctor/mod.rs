//! `doctor [TARGET]`: looks at everything that a session needs and names what is wrong with it.
//!
//! `configuration`, `store` and `terminal` look at this machine, `target` lets [`crate::doctor`] go the way
//! to a database. Each gives [`Check`]s; nothing is changed or repaired.

mod configuration;
mod project;
mod store;
mod target;
mod terminal;

use serde_json::{Value, json};

use super::table::Table;
use super::{CliError, Context, Exit, Json, Out};
use crate::doctor::model::{Cause, State, Step};

/// Check configuration, store and terminal, and the way to a database step by step
#[derive(Debug, clap::Args)]
#[command(after_help = "\
With --json: one object {schema, target, ok, warnings, failures, verdict, checks: [{area, check, state, tried, found, \
cause, mend}]}; state is ok, warn, fail or skip, verdict the check that explains the failure, or null. The steps to a \
target and the words of cause are in docs/doctor.md.\nExit codes: 0 no check failed; 1 a check of this machine failed; 2, 3 or 4 the database \
cannot be used.")]
pub struct Args {
    /// Also try to connect to this database: a profile name, URL, directory, or demo
    #[arg(value_name = "TARGET")]
    target: Option<String>,
    #[command(flatten)]
    json: Json,
}

/// The form of the JSON: counts up when a key changes its meaning or goes.
const SCHEMA: u32 = 1;

/// One thing that was looked at.
#[derive(Debug)]
struct Check {
    area: &'static str,
    what: &'static str,
    state: State,
    /// What was tried, where that is not said by `what`.
    tried: Option<String>,
    found: String,
    cause: Option<Cause>,
    mend: Option<String>,
}

impl Check {
    fn ok(area: &'static str, what: &'static str, found: impl Into<String>) -> Self {
        Self { area, what, state: State::Ok, tried: None, found: found.into(), cause: None, mend: None }
    }

    fn warn(area: &'static str, what: &'static str, found: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { state: State::Warn, mend: Some(mend.into()), ..Self::ok(area, what, found) }
    }

    fn fail(area: &'static str, what: &'static str, found: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { state: State::Fail, mend: Some(mend.into()), ..Self::ok(area, what, found) }
    }

    /// A failure told by an error, whose sentence contains the mend.
    fn error(area: &'static str, what: &'static str, error: &impl ToString) -> Self {
        Self { state: State::Fail, ..Self::ok(area, what, error.to_string()) }
    }

    /// A step of an examination.
    fn of(area: &'static str, step: Step) -> Self {
        let Step { kind, state, tried, found, cause, mend } = step;
        let tried = (!tried.is_empty()).then_some(tried);
        Self { area, what: kind.name(), state, tried, found, cause, mend }
    }

    fn to_json(&self) -> Value {
        json!({
            "area": self.area,
            "check": self.what,
            "state": self.state.name(),
            "tried": self.tried,
            "found": self.found,
            "cause": self.cause.map(Cause::name),
            "mend": self.mend,
        })
    }
}

/// Looks, and prints what was found.
///
/// # Errors
/// Only when the output cannot be written; what is wrong is in the report.
pub async fn run(args: &Args, context: &mut Context, out: &mut Out) -> Result<Exit, CliError> {
    context.forgiving = true;
    let mut checks = configuration::checks(context);
    checks.extend(store::checks(context).await);
    checks.extend(project::checks(context));
    checks.extend(terminal::checks());
    let here = failures(&checks);
    let mut exit = if here == 0 { Exit::Done } else { Exit::Nothing };
    if let Some(word) = &args.target {
        let (way, reached) = target::checks(word, context, out).await;
        checks.extend(way);
        if reached != Exit::Done {
            exit = reached;
        }
    }
    if args.json.json {
        let warnings = checks.iter().filter(|check| check.state == State::Warn).count();
        // A failure of this machine does not explain that of the target, unless the target was not reached at all.
        let failed = |check: &&Check| check.state == State::Fail;
        let verdict = checks.iter().rev().find(failed);
        out.json(&json!({
            "schema": SCHEMA,
            "target": args.target,
            "ok": failures(&checks) == 0,
            "warnings": warnings,
            "failures": failures(&checks),
            "verdict": verdict.map(Check::to_json),
            "checks": checks.iter().map(Check::to_json).collect::<Vec<_>>(),
        }))?;
    } else {
        print(&checks, out)?;
    }
    Ok(exit)
}

fn failures(checks: &[Check]) -> usize {
    checks.iter().filter(|check| check.state == State::Fail).count()
}

fn print(checks: &[Check], out: &mut Out) -> Result<(), CliError> {
    let mut table = Table::new(["", "area", "check"]);
    for check in checks {
        table.row([check.state.name(), check.area, check.what]);
    }
    // Sentences are longer than a cell may be; they follow the aligned part whole.
    let (lines, _) = table.render(None);
    let indent = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
    for (line, check) in lines.iter().skip(1).zip(checks) {
        let tried = check.tried.as_ref().filter(|_| check.state == State::Fail);
        let tried = tried.map_or_else(String::new, |tried| format!(" (tried to: {tried})"));
        out.line(&format!("{line:indent$}  {}{tried}", check.found))?;
        if let Some(mend) = &check.mend {
            out.line(&format!("{:indent$}  → {mend}", ""))?;
        }
    }
    Ok(())
}
