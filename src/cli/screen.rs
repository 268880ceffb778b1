//! No command: the screen. Reads the targets, so that a wrong word is told in the shell, and hands
//! over to the runtime.

use std::path::PathBuf;

use super::{CliError, Context, Exit, Out};
use crate::profile::target::{self, Target};

/// What the screen starts with. Nothing of it was contacted or unlocked yet.
#[derive(Debug)]
pub struct ScreenRequest {
    /// What to open, in order; empty means the profiles that open at start.
    pub targets: Vec<Target>,
    /// Directory of `config.toml` and the store.
    pub config_dir: PathBuf,
    /// Directory of the demo's database.
    pub demo_dir: PathBuf,
    /// `--identity`, the file that opens the store.
    pub identity: Option<PathBuf>,
}

/// Opens the screen.
///
/// # Errors
/// A word that is no target; what the screen ends with.
pub fn run(words: &[String], context: &mut Context, _out: &mut Out) -> Result<Exit, CliError> {
    let targets = words.iter().map(|word| target::parse(word, &Context::env)).collect::<Result<Vec<_>, _>>()?;
    let _request = ScreenRequest {
        targets,
        config_dir: context.config_dir()?,
        demo_dir: context.demo_dir()?,
        identity: context.common.identity.clone(),
    };
    Err(CliError::Environment("the screen is not part of this build yet; the commands are: see --help.".to_owned()))
}
