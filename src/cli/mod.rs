//! The commands: what the screen does, for scripts and for people without a screen.
//!
//! One small file per command. Each takes its own arguments, a [`Context`] (directories, store,
//! limits) and an [`Out`] (stdout and stderr), and ends with an [`Exit`] or a [`CliError`]. Targets
//! become open databases in `open`; nothing here draws.

mod backup;
mod bars;
mod collections;
mod compare;
mod completions;
mod context;
mod copy;
mod demo;
pub mod docs;
mod doctor;
mod error;
mod exit;
mod login;
mod man;
mod new;
mod open;
mod output;
mod ping;
mod profiles;
pub mod progress;
mod prompt;
mod queries;
mod recall;
mod records;
mod restore;
mod screen;
mod search;
mod several;
mod sides;
mod table;
mod vectors;
pub mod writing;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

pub use context::Context;
pub use error::CliError;
pub use exit::Exit;
pub use output::Out;

use crate::provider::Capabilities;
use crate::provider::filter::Filter;

/// Many vector databases of different makers, open at once, in one terminal.
#[derive(Debug, Parser)]
#[command(
    name = "vector-inspector",
    version,
    propagate_version = false,
    disable_help_subcommand = true,
    after_help = after_help(),
    max_term_width = 100
)]
pub struct Cli {
    /// Databases to open on the screen: profile names, URLs, directories, or demo
    #[arg(value_name = "TARGET", long_help = TARGET_HELP)]
    pub targets: Vec<String>,
    /// Do not open again what was open at the end of the last session, which stays kept for the next start
    #[arg(long)]
    pub no_restore: bool,
    /// What every command understands.
    #[command(flatten)]
    pub common: Common,
    /// The command; none opens the screen.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What a target is, for the long help.
const TARGET_HELP: &str = "\
A database, in one of these forms:

  prod                            a saved profile (see `vector-inspector profiles`)
  qdrant://host[:6334]            a Qdrant server; qdrant+https:// with TLS
  chroma://host[:8000]            a Chroma server; chroma+https:// with TLS;
                                  ?tenant=NAME&database=NAME choose other than the default
  host:port, http(s)://host:port  a server: the port is asked which maker's it is
  ./directory                     an embedded Qdrant database (`new` makes an empty one)
  demo                            an embedded database with sample data

A URL never contains a secret: ?key_env=NAME takes the key from that environment variable, and it \
goes to that host only. ?ca_file=PATH trusts an own certificate authority.";

/// Flags of every command.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Common {
    /// Age identity that opens the store of profiles [env: VECTOR_INSPECTOR_IDENTITY]
    #[arg(long, value_name = "FILE", global = true)]
    pub identity: Option<PathBuf>,
    /// Directory of configuration and profiles [env: VECTOR_INSPECTOR_CONFIG_DIR]
    #[arg(long, value_name = "DIR", global = true)]
    pub config_dir: Option<PathBuf>,
    /// Seconds to wait for a connection, and for each answer
    #[arg(long, value_name = "SECS", global = true, value_parser = seconds)]
    pub timeout: Option<f64>,
    /// Refuse every write to every database in this run; stands before the command
    #[arg(id = "read_only_run", long = "read-only")]
    pub read_only: bool,
}

/// `--json`, where a command has data to give.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Json {
    /// Print JSON for scripts
    #[arg(long)]
    pub json: bool,
}

/// Everything that can be done without the screen.
#[derive(Debug, Subcommand)]
#[expect(missing_docs, reason = "what a command does is said once, at its arguments, where the help takes it from")]
pub enum Command {
    Demo(demo::Args),
    New(new::Args),
    Profiles(profiles::Args),
    Login(login::Args),
    Ping(ping::Args),
    Collections(collections::Args),
    Records(records::Args),
    Search(search::Args),
    Copy(copy::Args),
    Backup(backup::Args),
    Restore(restore::Args),
    Compare(compare::Args),
    Recall(recall::Args),
    Doctor(doctor::Args),
    Completions(completions::Args),
    Man(man::Args),
}

fn seconds(text: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| "a number of seconds is wanted, e.g. 2.5".to_owned())?;
    if (0.01..=86_400.0).contains(&value) { Ok(value) } else { Err("from 0.01 to 86400 seconds".to_owned()) }
}

fn after_help() -> String {
    let mut text = "Exit codes:\n".to_owned();
    for exit in Exit::ALL {
        text.push_str(&format!("  {:>2}  {}\n", exit.code(), exit.meaning()));
    }
    text.push_str("\nA profile with the name of a command is opened with: vector-inspector -- NAME");
    text
}

/// The parser, for completions, the man page and the documentation.
pub fn command() -> clap::Command {
    Cli::command()
}

/// Runs what the words ask for, and says with which code the process ends.
pub fn run(words: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(words) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no errors; where they cannot be printed, nobody reads them.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage.into() } else { Exit::Done.into() };
        }
    };
    let mut out = Out::process();
    let ended = dispatch(cli, &mut out).and_then(|exit| {
        out.flush()?;
        Ok(exit)
    });
    match ended {
        Ok(exit) => exit.into(),
        // The reader has what it wanted (`| head`).
        Err(error) if error.is_broken_pipe() => Exit::Done.into(),
        Err(error) => {
            out.note(&error.to_string());
            error.exit().into()
        }
    }
}

fn dispatch(cli: Cli, out: &mut Out) -> Result<Exit, CliError> {
    let mut context = Context::new(cli.common);
    let Some(command) = cli.command else {
        return screen::run(&cli.targets, !cli.no_restore, &mut context, out);
    };
    if !cli.targets.is_empty() {
        return Err(CliError::Usage(format!(
            "a command comes first and its targets after it, but {:?} stands before the command. See --help.",
            cli.targets.join(" ")
        )));
    }
    match command {
        Command::Demo(args) => demo::run(&args, &mut context, out),
        Command::New(args) => on_runtime(new::run(&args, &context, out)),
        Command::Completions(args) => completions::run(&args, out),
        Command::Man(args) => man::run(&args, out),
        Command::Profiles(args) => on_runtime(profiles::run(args, &mut context, out)),
        Command::Login(args) => on_runtime(login::run(&args, &mut context, out)),
        Command::Ping(args) => on_runtime(ping::run(&args, &mut context, out)),
        Command::Collections(args) => on_runtime(collections::run(&args, &mut context, out)),
        Command::Records(args) => on_runtime(records::run(&args, &mut context, out)),
        Command::Search(args) => on_runtime(search::run(&args, &mut context, out)),
        Command::Copy(args) => on_runtime(copy::run(&args, &mut context, out)),
        Command::Backup(args) => on_runtime(backup::run(&args, &mut context, out)),
        Command::Restore(args) => on_runtime(restore::run(&args, &mut context, out)),
        Command::Compare(args) => on_runtime(compare::run(&args, &mut context, out)),
        Command::Recall(args) => on_runtime(recall::run(&args, &mut context, out)),
        Command::Doctor(args) => on_runtime(doctor::run(&args, &mut context, out)),
    }
}

fn on_runtime(command: impl Future<Output = Result<Exit, CliError>>) -> Result<Exit, CliError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime =
        runtime.map_err(|error| CliError::Environment(format!("the program could not start its threads: {error}.")))?;
    let ended = runtime.block_on(command);
    // A blocking call that is still under way (a name look-up) must not hold the shell up.
    runtime.shutdown_background();
    ended
}

/// Says on stderr what the answers to the filter leave out.
fn note_passed_over(filter: Option<&Filter>, can: &Capabilities, out: &mut Out) {
    if let Some(reason) = filter.and_then(|filter| can.passes_over(filter)) {
        out.note(&format!("{reason}: records that only an element of an array would select are left out."));
    }
}

/// `--filter`, read before anything is contacted.
fn filter(text: Option<&str>, out: &mut Out) -> Result<Option<Filter>, CliError> {
    let Some(text) = text else { return Ok(None) };
    Filter::parse(text).map(Some).map_err(|error| {
        // The place below the text, where it fits into a line; the error itself is one sentence.
        if !text.contains(char::is_control) && text.chars().count() <= 100 {
            let before: String = text.chars().take(error.at).collect();
            out.stderr_line(&format!("  {text}"));
            out.stderr_line(&format!("  {}^", " ".repeat(crate::text::columns(&before))));
        }
        CliError::Usage(format!("--filter: {error}"))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn parse(words: &[&str]) -> Cli {
        Cli::try_parse_from(std::iter::once("vector-inspector").chain(words.iter().copied())).unwrap()
    }

    #[test]
    fn the_parser_is_sound() {
        command().debug_assert();
    }

    #[test]
    fn a_command_word_after_a_target_is_a_target() {
        let cli = parse(&["chroma://127.0.0.1:8000", "qdrant://127.0.0.1:6334", "demo"]);
        assert!(cli.command.is_none());
        assert_eq!(cli.targets.len(), 3);
    }

    #[test]
    fn common_flags_stand_before_or_after_the_command() {
        for words in [["--timeout", "2", "ping", "x"], ["ping", "x", "--timeout", "2"]] {
            let cli = parse(&words);
            assert!(matches!(cli.command, Some(Command::Ping(_))));
            assert_eq!(cli.common.timeout, Some(2.0));
        }
    }

    #[test]
    fn a_profile_named_like_a_command_is_opened_after_two_dashes() {
        let cli = parse(&["--", "ping"]);
        assert_eq!((cli.command.is_none(), cli.targets), (true, vec!["ping".to_owned()]));
    }
}
