//! `man`: the manual page, one page for all commands.

use clap_mangen::Man;

use super::{CliError, Exit, Out};

/// Print the manual page (roff), for `man -l` or a package
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Prints the page of the program, then a section of each command.
///
/// # Errors
/// When stdout cannot be written.
pub fn run(_args: &Args, out: &mut Out) -> Result<Exit, CliError> {
    let mut page = Vec::new();
    let root = super::command().disable_help_subcommand(true);
    Man::new(root.clone()).render(&mut page)?;
    let mut root = root;
    root.build();
    commands(&root, "", &mut page)?;
    out.raw(&page)?;
    Ok(Exit::Done)
}

/// The sections of all commands below one, depth first.
fn commands(parent: &clap::Command, path: &str, page: &mut Vec<u8>) -> std::io::Result<()> {
    for command in parent.get_subcommands().filter(|command| command.get_name() != "help") {
        let name = format!("{path}{}", command.get_name());
        page.extend_from_slice(format!(".SH COMMAND {}\n", name.to_uppercase()).as_bytes());
        let man = Man::new(command.clone());
        man.render_synopsis_section(page)?;
        man.render_description_section(page)?;
        if command.get_arguments().any(|argument| !argument.is_hide_set()) {
            man.render_options_section(page)?;
        }
        commands(command, &format!("{name} "), page)?;
    }
    Ok(())
}
