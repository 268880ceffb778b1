//! No command: the screen. Reads the targets, so that a wrong word is told in the shell, and hands
//! over to the runtime.

use super::{CliError, Context, Exit, Out};
use crate::config::Restore;
use crate::profile::target;
use crate::profile::vault::UnlockOptions;
use crate::runtime::launch::{ScreenRequest, run_screen};
use crate::runtime::session::{self, SessionPlace};
use crate::runtime::{logging, process, terminal};

/// Opens the screen.
///
/// # Errors
/// A word that is no target, a configuration that is wrong, no terminal; what the screen ends with.
pub fn run(words: &[String], restore: bool, context: &mut Context, _out: &mut Out) -> Result<Exit, CliError> {
    let targets = words.iter().map(|word| target::parse(word, &Context::env)).collect::<Result<Vec<_>, _>>()?;
    let environment = |error: &dyn std::fmt::Display| CliError::Environment(format!("{error}."));
    terminal::check().map_err(|error| CliError::Usage(format!("{error}.")))?;
    let config_dir = context.config_dir()?;
    let config = context.config()?;
    let mut unlock = UnlockOptions::from_env().map_err(|error| CliError::Usage(error.to_string()))?;
    if let Some(identity) = context.common.identity.clone() {
        unlock.identity = Some(identity);
    }
    unlock.configured_identity.clone_from(&config.identity);
    // A log that cannot be written is no reason not to work; the doctor tells of it.
    let _ = logging::start(&context.state_dir()?, Context::env(logging::VARIABLE).as_deref());
    let _ = process::forbid_core_dumps();
    let (demo_dir, rules) = (context.demo_dir()?, context.rules()?);
    let project = context.project().map_err(|error| error.to_string());
    let state_dir = context.state_dir()?;
    // Without the last session nothing is kept either: what was kept is found again at the next start. What is never
    // to be kept is removed all the same.
    let place = || SessionPlace { path: state_dir.join(session::FILE), restore: config.restore };
    let session = (restore || config.restore == Restore::Never).then(place);
    let restore = restore && targets.is_empty();
    let request =
        ScreenRequest { session, restore, targets, config_dir, demo_dir, config, unlock, rules, project, state_dir };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| environment(&error))?;
    let code = runtime.block_on(run_screen(request));
    // Whatever still runs (a provider that hangs) does not hold up the end.
    runtime.shutdown_background();
    match code.map_err(|error| environment(&error))? {
        0 => Ok(Exit::Done),
        signal => Ok(Exit::Signal(signal)),
    }
}
