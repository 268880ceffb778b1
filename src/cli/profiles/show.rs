//! `profiles list` and `profiles show`: no secret is ever printed, only where it comes from.

use serde_json::{Value, json};

use super::Select;
use crate::cli::table::Table;
use crate::cli::{CliError, Exit, Out};
use crate::profile::exposure::Exposure;
use crate::profile::model::{Profile, SecretSource};
use crate::profile::vault::Vault;

/// The list.
///
/// # Errors
/// Why the store could not be read.
pub(super) fn list(vault: &Vault, select: &Select, json: bool, out: &mut Out) -> Result<Exit, CliError> {
    let all = vault.profiles()?;
    let any = !all.is_empty();
    let profiles: Vec<Profile> = all.into_iter().filter(|profile| select.selects(profile)).collect();
    let exit = if profiles.is_empty() && select.is_given() { Exit::Nothing } else { Exit::Done };
    if json {
        out.json(&Value::Array(profiles.iter().map(to_json).collect()))?;
    } else if profiles.is_empty() && any {
        out.note("no profile is like that.");
    } else if profiles.is_empty() {
        out.note("there are no profiles. Make one: vector-inspector profiles add NAME ADDRESS");
    } else {
        let mut table = Table::new(["name", "group", "provider", "address", "environment", "key"]);
        for p in &profiles {
            let key = p.secret.as_ref().map(SecretSource::describe).unwrap_or_default();
            table.row([&p.name, &p.group, p.provider.name(), &p.address, p.environment.name(), &key]);
        }
        out.table(&table)?;
    }
    Ok(exit)
}

/// One profile.
///
/// # Errors
/// That there is none of that name, or why the store could not be read.
pub(super) fn show(vault: &Vault, name: &str, json: bool, out: &mut Out) -> Result<Exit, CliError> {
    let profile = super::find(vault, name)?;
    super::warn(&profile, out);
    let value = to_json(&profile);
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

fn to_json(p: &Profile) -> Value {
    let ssh = p.route.ssh.as_ref();
    json!({
        "id": p.id.0.to_string(),
        "name": p.name,
        "group": p.group,
        "tags": p.tags,
        "color": p.color,
        "environment": p.environment.name(),
        "read_only": p.is_read_only(),
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
