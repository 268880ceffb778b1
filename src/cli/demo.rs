//! `demo`: the embedded database with sample data, on the screen. Also what the target `demo` means.

use super::open::finished;
use super::writing::Writing;
use super::{CliError, Context, Exit, Out, screen};
use crate::demo::{self, Progress};
use crate::profile::target::DEMO;
use crate::provider::{ConnectSpec, ProviderKind};

/// Open the screen on an embedded database with sample data: no server, no profile, no network
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Make the sample data anew first; what was changed in it is lost
    #[arg(long)]
    reset: bool,
    /// Also where the demo holds collections that are not its own; they are lost
    #[arg(long, requires = "reset")]
    yes: bool,
    /// More databases to open beside it
    #[arg(value_name = "TARGET")]
    targets: Vec<String>,
}

/// Makes the demo if needed, then opens the screen on it.
///
/// # Errors
/// When the demo's directory cannot be written, and what the screen ends with.
pub fn run(args: &Args, context: &mut Context, out: &mut Out) -> Result<Exit, CliError> {
    if args.reset {
        super::on_runtime(reset(args.yes, context, out))?;
    }
    let mut targets = vec![DEMO.to_owned()];
    targets.extend(args.targets.iter().cloned());
    screen::run(&targets, true, context, out)
}

async fn reset(yes: bool, context: &Context, out: &mut Out) -> Result<Exit, CliError> {
    let directory = context.demo_dir()?;
    let writing = Writing { yes, allow_production: None };
    let spec = ConnectSpec::directory(ProviderKind::QdrantEdge, &directory);
    let resolved = finished(DEMO.to_owned(), spec, None, context)?;
    resolved.lock_by_profiles(context)?;
    if let Some(lock) = resolved.spec.gate.access().lock {
        let what = "making it anew";
        // No flag opens all of a database.
        let mend = if lock.opens() { "Let that profile lead elsewhere first." } else { lock.mend() };
        return Err(CliError::ReadOnly { target: DEMO.to_owned(), what: what.to_owned(), lock, mend: mend.to_owned() });
    }
    let others = demo::others(&directory).await.map_err(|error| CliError::provider(DEMO, error))?;
    if !others.is_empty() && !yes {
        let question = format!("The demo also holds what is not its own and would be lost: {}.", others.join(", "));
        if !writing.agreed(&question, out) {
            return Err(CliError::Usage(format!(
                "the demo was not made anew. {question} Copy it elsewhere first, give --yes, or type yes at a terminal."
            )));
        }
    }
    let made = demo::reset(&directory, |progress| bar(out, progress)).await;
    made.map_err(|error| CliError::provider(DEMO, error))?;
    Ok(Exit::Done)
}

/// The demo's database, made on first use with a progress line on stderr.
///
/// # Errors
/// When its directory cannot be written.
pub async fn prepare(context: &Context, out: &mut Out) -> Result<ConnectSpec, CliError> {
    let directory = context.demo_dir()?;
    let made = demo::ensure(&directory, |progress| bar(out, progress)).await;
    made.map_err(|error| CliError::provider(DEMO, error))?;
    Ok(ConnectSpec::directory(ProviderKind::QdrantEdge, directory))
}

/// One line that is drawn over itself; on something else than a terminal only its end is told.
fn bar(out: &mut Out, progress: Progress) {
    let Progress { done, total } = progress;
    out.progress(&format!("loading the sample data: {done} of {total} records"), done >= total);
}
