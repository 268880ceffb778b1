//! `profiles list` and `profiles show`: no secret is ever printed, only where it comes from.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::Select;
use crate::cli::table::Table;
use crate::cli::{CliError, Context, Exit, Out};
use crate::profile::access::{KnownLocks, Rules};
use crate::profile::exposure::Exposure;
use crate::profile::last_used::LastUsed;
use crate::profile::model::{Profile, SecretSource};
use crate::profile::project::{FILE, Project, shadowed, warning};
use crate::profile::vault::Vault;

/// The list, with what the project offers after what is in the store.
///
/// # Errors
/// Why the store could not be read.
pub(super) fn list(
    vault: &Vault,
    select: &Select,
    json: bool,
    context: &Context,
    out: &mut Out,
) -> Result<Exit, CliError> {
    let all = super::profiles(vault, context)?;
    let mut all: Vec<Listed> = all.into_iter().map(|profile| Listed { profile, project: None }).collect();
    match context.project() {
        Ok(project) => add_project(&mut all, project, out),
        Err(error) => out.note(&error.to_string()),
    }
    let any = !all.is_empty();
    let profiles: Vec<Listed> = all.into_iter().filter(|listed| select.selects(&listed.profile)).collect();
    let (used, known, rules) = (LastUsed::read(&context.state_dir()?), &context.known, context.rules()?);
    let exit = if profiles.is_empty() && select.is_given() { Exit::Nothing } else { Exit::Done };
    if json {
        out.json(&Value::Array(profiles.iter().map(|listed| listed.to_json(&used, known, rules)).collect()))?;
    } else if profiles.is_empty() && any {
        out.note("no profile is like that.");
    } else if profiles.is_empty() {
        out.note("there are no profiles. Make one: vector-inspector profiles add NAME ADDRESS");
    } else {
        out.table(&table(&profiles, &used, known, rules))?;
    }
    Ok(exit)
}

/// The table of them; what none of them has is no column.
fn table(profiles: &[Listed], used: &LastUsed, known: &KnownLocks, rules: Rules) -> Table {
    let rows: Vec<[String; 12]> = profiles
        .iter()
        .map(|listed| {
            let p = &listed.profile;
            let mark = |on: bool, word: &str| if on { word.to_owned() } else { String::new() };
            [
                p.name.clone(),
                p.group.clone(),
                p.provider.name().to_owned(),
                p.address.clone(),
                p.environment.name().to_owned(),
                mark(known.lock_of(p, rules).is_some(), "yes"),
                p.secret.as_ref().map(SecretSource::describe).unwrap_or_default(),
                used.of(p.id).unwrap_or_default(),
                p.tags.join(", "),
                mark(p.favourite, "*"),
                p.color.clone().unwrap_or_default(),
                mark(listed.project.is_some(), FILE),
            ]
        })
        .collect();
    let shown = |column: usize| column < ALWAYS || rows.iter().any(|row| !row[column].is_empty());
    let columns: Vec<usize> = (0..HEADINGS.len()).filter(|column| shown(*column)).collect();
    let mut table = Table::new(columns.iter().map(|column| HEADINGS[*column]));
    for row in &rows {
        table.row(columns.iter().map(|column| &row[*column]));
    }
    table
}

/// Columns of the list.
const HEADINGS: [&str; 12] = [
    "name",
    "group",
    "provider",
    "address",
    "environment",
    "read-only",
    "key",
    "last used",
    "tags",
    "favourite",
    "color",
    "from",
];
/// So many of them are always there.
const ALWAYS: usize = 8;

/// A profile and the file of the project, if it is from there.
struct Listed {
    profile: Profile,
    project: Option<PathBuf>,
}

impl Listed {
    fn to_json(&self, used: &LastUsed, known: &KnownLocks, rules: Rules) -> Value {
        let mut value = to_json(&self.profile, known.lock_of(&self.profile, rules).is_some());
        value["last_used"] = used.of(self.profile.id).into();
        value["project_file"] = self.project.as_ref().map(|path| path.display().to_string()).into();
        value
    }
}

fn add_project(all: &mut Vec<Listed>, project: Option<Project>, out: &mut Out) {
    let Some(Project { path, profiles }) = project else { return };
    for profile in profiles {
        if all.iter().any(|listed| listed.profile.name == profile.name) {
            out.note(&shadowed(&profile.name));
        } else {
            let known: Vec<Profile> =
                all.iter().filter(|l| l.project.is_none()).map(|listed| listed.profile.clone()).collect();
            if let Some(warning) = warning(&profile, &known) {
                out.note(&warning);
            }
            all.push(Listed { profile, project: Some(path.clone()) });
        }
    }
}

/// One profile.
///
/// # Errors
/// That there is none of that name, or why the store could not be read.
pub(super) fn show(vault: &Vault, name: &str, json: bool, context: &Context, out: &mut Out) -> Result<Exit, CliError> {
    let (profile, of_project) = super::known(name, vault, context)?;
    super::warn(&profile, out);
    let project = if of_project { context.project()?.map(|project| project.path) } else { None };
    let used = LastUsed::read(&context.state_dir()?);
    let value = Listed { profile, project }.to_json(&used, &context.known, context.rules()?);
    if json {
        out.json(&value)?;
    } else if let Value::Object(fields) = value {
        for (field, value) in &fields {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            out.line(&format!("{field:<18}{text}"))?;
        }
    }
    Ok(Exit::Done)
}

fn to_json(p: &Profile, read_only: bool) -> Value {
    let ssh = p.route.ssh.as_ref();
    json!({
        "id": p.id.0.to_string(),
        "name": p.name,
        "group": p.group,
        "tags": p.tags,
        "color": p.color,
        "environment": p.environment.name(),
        "read_only": read_only,
        "provider": p.provider.name(),
        "address": p.address,
        "secret": p.secret.as_ref().map(SecretSource::describe),
        "secret_lifetime_s": p.secret_lifetime_s,
        "key_in_plain_text": match Exposure::of(p) {
            Exposure::Private => "no",
            Exposure::Refused { .. } => "refused",
            Exposure::Allowed { .. } => "allowed",
        },
        "ca_file": p.tls.ca_file,
        "cert_file": p.tls.cert_file,
        "key_file": p.tls.key_file,
        "server_name": p.tls.server_name,
        "insecure": p.tls.insecure,
        "proxy": p.route.proxy,
        "proxy_user": p.route.proxy_user,
        "proxy_secret": p.route.proxy_secret.as_ref().map(SecretSource::describe),
        "ssh_host": ssh.map(|ssh| &ssh.host),
        "ssh_user": ssh.and_then(|ssh| ssh.user.as_ref()),
        "ssh_port": ssh.and_then(|ssh| ssh.port),
        "ssh_jump": ssh.and_then(|ssh| ssh.jump.as_ref()),
        "ssh_identity": ssh.and_then(|ssh| ssh.identity_file.as_ref()),
        "before": p.route.before,
        "wait_port": p.route.wait_port,
        "wait_s": p.route.wait_s,
        "connect_timeout_s": p.connect_timeout_s,
        "request_timeout_s": p.request_timeout_s,
        "options": p.options,
        "open_at_start": p.open_at_start,
        "notes": p.notes,
        "favourite": p.favourite,
    })
}
