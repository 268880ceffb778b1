//! `docs/cli.md`, made from the parser itself so that it cannot drift from it.

use std::fmt::Write as _;

use clap::{Arg, Command};

use super::Exit;

/// The whole document.
pub fn markdown() -> String {
    let mut root = super::command();
    root.build();
    let mut text = "# Commands\n\n\
        <!-- Made from the parser by `UPDATE_DOCS=1 cargo test --test commands`; a test keeps it fresh. Do not edit. -->\n\n\
        Data goes to stdout, messages to stderr. `--json` gives data in the shapes named with each command. Text that \
        comes from a database is escaped: in tables always, in JSON as `\\uXXXX` wherever a terminal would obey it.\n\n"
        .to_owned();
    section(&root, 2, &mut text);
    text.push_str("## Exit codes\n\n| code | meaning |\n|---|---|\n");
    for exit in Exit::ALL {
        let _ = writeln!(text, "| {} | {} |", exit.code(), exit.meaning());
    }
    text
}

fn section(command: &Command, level: usize, text: &mut String) {
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name());
    let _ = writeln!(text, "{} `{name}`\n", "#".repeat(level.min(4)));
    if let Some(about) = command.get_long_about().or_else(|| command.get_about()) {
        let _ = writeln!(text, "{about}.\n");
    }
    let usage = command.clone().render_usage().to_string();
    let _ = writeln!(text, "```\n{}\n```\n", usage.trim_start_matches("Usage: ").trim());
    let global = |arg: &&Arg| level == 2 || !arg.is_global_set() || !is_common(arg);
    let arguments: Vec<&Arg> = command.get_arguments().filter(|arg| !arg.is_hide_set()).filter(global).collect();
    let arguments: Vec<&Arg> =
        arguments.into_iter().filter(|arg| !matches!(arg.get_id().as_str(), "help" | "version")).collect();
    if !arguments.is_empty() {
        text.push_str("| argument | meaning |\n|---|---|\n");
        for arg in arguments {
            let _ = writeln!(text, "| {} | {} |", code(&spelled(arg)), meaning(arg));
        }
        text.push('\n');
    }
    // The root's after-help is the table of exit codes, which stands at the end.
    if let Some(after) = command.get_after_help().filter(|_| level > 2) {
        for line in after.to_string().lines() {
            let _ = writeln!(text, "{}\n", line.replace('|', "\\|").replace('<', "\\<"));
        }
    }
    if level == 2 {
        let target = command.get_arguments().find(|arg| arg.get_id() == "targets").and_then(Arg::get_long_help);
        if let Some(help) = target {
            let _ = writeln!(text, "```\n{help}\n```\n");
        }
    }
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        section(sub, level + 1, text);
    }
}

/// Whether it is one of the flags that every command understands, told once at the top.
fn is_common(arg: &Arg) -> bool {
    matches!(arg.get_id().as_str(), "identity" | "config_dir" | "timeout")
}

fn spelled(arg: &Arg) -> String {
    let value = arg.get_value_names().filter(|_| arg.get_action().takes_values());
    let value = value.map(|names| names.iter().map(|name| name.to_string()).collect::<Vec<_>>().join(" "));
    match (arg.get_long(), value) {
        (Some(long), Some(value)) => format!("--{long} {value}"),
        (Some(long), None) => format!("--{long}"),
        (None, Some(value)) => value,
        (None, None) => arg.get_id().to_string(),
    }
}

fn meaning(arg: &Arg) -> String {
    let mut text = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let values: Vec<String> =
        arg.get_possible_values().iter().filter(|v| !v.is_hide_set()).map(|v| v.get_name().to_owned()).collect();
    if !values.is_empty() && arg.get_action().takes_values() {
        let _ = write!(text, " ({})", values.join(", "));
    }
    let defaults: Vec<String> = arg.get_default_values().iter().map(|v| v.to_string_lossy().into_owned()).collect();
    if !defaults.is_empty() && arg.get_action().takes_values() {
        let _ = write!(text, " (default {})", defaults.join(" "));
    }
    text.replace('|', "\\|").replace('<', "\\<")
}

fn code(text: &str) -> String {
    format!("`{}`", text.replace('|', "\\|"))
}
