//! `[profile.route]` and back: how a profile's server is reached.

use std::path::PathBuf;

use toml_edit::{Array, Item, Table, TableLike, Value};

use super::super::super::model::{Profile, Route};
use super::super::VaultError;
use super::fields::{Reader, list, seconds, secret_value, set_sub, to_text};
use crate::provider::SshSpec;

/// The name of the table.
const NAME: &str = "route";

/// The route in a profile's table.
pub(super) fn read(reader: &Reader<'_>) -> Result<Route, VaultError> {
    let table = reader.sub(NAME)?;
    let text = |key: &str| reader.text_in(table, NAME, key);
    let ssh = match text("ssh_host")? {
        Some(host) => Some(SshSpec {
            host,
            user: text("ssh_user")?,
            port: port(reader, table, "ssh_port")?,
            jump: text("ssh_jump")?,
            identity_file: text("ssh_identity")?.map(PathBuf::from),
        }),
        None => None,
    };
    Ok(Route {
        proxy: text("proxy")?,
        proxy_user: text("proxy_user")?,
        proxy_secret: reader.secret_in(table.and_then(|table| table.get("proxy_secret")), "route.proxy_secret")?.0,
        ssh,
        before: commands(reader, table)?,
        wait_port: port(reader, table, "wait_port")?,
        wait_s: reader.seconds_in(table, NAME, "wait_s")?,
    })
}

fn port(reader: &Reader<'_>, table: Option<&dyn TableLike>, key: &str) -> Result<Option<u16>, VaultError> {
    let item = table.and_then(|table| table.get(key));
    let number = |item: &Item| item.as_integer().and_then(|n| u16::try_from(n).ok()).filter(|port| *port > 0);
    let wrong = || reader.wrong(&format!("{NAME}.{key}"), "a port from 1 to 65535");
    item.map(|item| number(item).ok_or_else(wrong)).transpose()
}

fn commands(reader: &Reader<'_>, table: Option<&dyn TableLike>) -> Result<Vec<Vec<String>>, VaultError> {
    let Some(item) = table.and_then(|table| table.get("before")) else { return Ok(Vec::new()) };
    let wrong = || reader.wrong("route.before", "a list of commands, each a list of texts");
    let words = |command: &Value| {
        let words = command.as_array().ok_or_else(wrong)?.iter();
        let words: Result<Vec<String>, _> =
            words.map(|word| word.as_str().map(str::to_owned).ok_or_else(wrong)).collect();
        words.and_then(|words| if words.is_empty() { Err(wrong()) } else { Ok(words) })
    };
    item.as_array().ok_or_else(wrong)?.iter().map(words).collect()
}

/// Writes the route into the profile's table.
pub(super) fn write(table: &mut Table, profile: &Profile) -> Result<(), VaultError> {
    let route = &profile.route;
    let ssh = route.ssh.as_ref();
    let text = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(Value::from);
    let number = |port: Option<u16>| port.map(|port| i64::from(port).into());
    let identity = ssh.and_then(|ssh| ssh.identity_file.as_deref());
    let identity = to_text(identity, &profile.name, "ssh key file")?;
    let old = table.get(NAME).and_then(Item::as_table_like).and_then(|old| old.get("proxy_secret"));
    let secret = secret_value(route.proxy_secret.as_ref(), None, &profile.name, old)?;
    let before: Array = route.before.iter().filter_map(|words| list(words)).collect();
    set_sub(
        table,
        NAME,
        [
            ("proxy", text(route.proxy.as_deref())),
            ("proxy_user", text(route.proxy_user.as_deref())),
            ("proxy_secret", secret),
            ("ssh_host", text(ssh.map(|ssh| ssh.host.as_str()))),
            ("ssh_user", text(ssh.and_then(|ssh| ssh.user.as_deref()))),
            ("ssh_port", number(ssh.and_then(|ssh| ssh.port))),
            ("ssh_jump", text(ssh.and_then(|ssh| ssh.jump.as_deref()))),
            ("ssh_identity", identity),
            ("before", (!before.is_empty()).then_some(Value::Array(before))),
            ("wait_port", number(route.wait_port)),
            ("wait_s", seconds(route.wait_s)),
        ],
    );
    Ok(())
}
