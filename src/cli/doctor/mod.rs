//! `doctor [TARGET]`: looks at everything that a session needs and names what is wrong with it.
//!
//! `configuration`, `store` and `terminal` look at this machine, `network` goes to a target step by
//! step. Each gives [`Check`]s; nothing is changed or repaired.

mod configuration;
mod network;
mod store;
mod terminal;

use serde_json::{Value, json};

use super::table::Table;
use super::{CliError, Context, Exit, Json, Out};

/// Check configuration, store and terminal, and the way to a database
#[derive(Debug, clap::Args)]
#[command(after_help = "\
With --json: one object {target, ok, warnings, failures, checks: [{area, check, state, found, mend}]}; state is \
ok, warn or fail.\nExit codes: 0 no check failed; 1 a check of this machine failed; 3 or 4 the database cannot be \
used.")]
pub struct Args {
    /// Also try to connect to this database: a profile name, URL, directory, or demo
    #[arg(value_name = "TARGET")]
    target: Option<String>,
    #[command(flatten)]
    json: Json,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Ok,
    Warn,
    Fail,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

/// One thing that was looked at.
#[derive(Debug)]
struct Check {
    area: &'static str,
    what: &'static str,
    state: State,
    found: String,
    mend: Option<String>,
}

impl Check {
    fn ok(area: &'static str, what: &'static str, found: impl Into<String>) -> Self {
        Self { area, what, state: State::Ok, found: found.into(), mend: None }
    }

    fn warn(area: &'static str, what: &'static str, found: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { area, what, state: State::Warn, found: found.into(), mend: Some(mend.into()) }
    }

    fn fail(area: &'static str, what: &'static str, found: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { area, what, state: State::Fail, found: found.into(), mend: Some(mend.into()) }
    }

    /// A failure told by an error, whose sentence contains the mend.
    fn error(area: &'static str, what: &'static str, error: &impl ToString) -> Self {
        Self { area, what, state: State::Fail, found: error.to_string(), mend: None }
    }

    fn to_json(&self) -> Value {
        json!({
            "area": self.area,
            "check": self.what,
            "state": self.state.name(),
            "found": self.found,
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
    checks.extend(terminal::checks());
    let here = failures(&checks);
    let mut exit = if here == 0 { Exit::Done } else { Exit::Nothing };
    if let Some(word) = &args.target {
        let (network, reached) = network::checks(word, context, out).await;
        checks.extend(network);
        if reached != Exit::Done {
            exit = reached;
        }
    }
    if args.json.json {
        let warnings = checks.iter().filter(|check| check.state == State::Warn).count();
        out.json(&json!({
            "target": args.target,
            "ok": failures(&checks) == 0,
            "warnings": warnings,
            "failures": failures(&checks),
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
        out.line(&format!("{line:indent$}  {}", check.found))?;
        if let Some(mend) = &check.mend {
            out.line(&format!("{:indent$}  → {mend}", ""))?;
        }
    }
    Ok(())
}
