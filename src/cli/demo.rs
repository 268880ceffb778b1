//! `demo`: the embedded database with sample data, on the screen. Also what the target `demo` means.

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
        super::on_runtime(reset(context, out))?;
    }
    let mut targets = vec![DEMO.to_owned()];
    targets.extend(args.targets.iter().cloned());
    screen::run(&targets, false, context, out)
}

async fn reset(context: &Context, out: &mut Out) -> Result<Exit, CliError> {
    let directory = context.demo_dir()?;
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
