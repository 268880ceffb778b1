//! `completions SHELL`: the script that a shell completes our commands with.

use clap_complete::Shell;

use super::{CliError, Exit, Out};

/// Print a completion script for a shell
#[derive(Debug, clap::Args)]
#[command(
    after_help = "For bash: vector-inspector completions bash > ~/.local/share/bash-completion/completions/vector-inspector"
)]
pub struct Args {
    /// The shell
    shell: Shell,
}

/// Prints the script.
///
/// # Errors
/// When stdout cannot be written.
pub fn run(args: &Args, out: &mut Out) -> Result<Exit, CliError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut super::command(), "vector-inspector", &mut script);
    out.raw(&script)?;
    Ok(Exit::Done)
}
