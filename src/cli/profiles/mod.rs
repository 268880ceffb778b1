//! `profiles ...`: saved connections, without a screen.

use super::{CliError, Context, Exit, Out};
use crate::provider::ConnectSpec;

/// List, make and change saved connections
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Does what the action says.
///
/// # Errors
/// Why the store could not be used.
pub async fn run(_args: Args, _context: &mut Context, _out: &mut Out) -> Result<Exit, CliError> {
    Err(CliError::Environment("saved profiles are not part of this build yet.".to_owned()))
}

/// How to open the profile of that name.
///
/// # Errors
/// Why the store could not be opened, or that there is no such profile.
pub async fn spec_of(name: &str, _context: &mut Context, _out: &mut Out) -> Result<ConnectSpec, CliError> {
    Err(crate::profile::target::TargetError::NoProfile { name: name.to_owned(), near: Vec::new() }.into())
}
