//! One `[[profile]]` table to a [`Profile`] and back. Writing touches only the keys that this version
//! knows, and leaves the text of those whose value is the same.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};
use toml_edit::{Array, InlineTable, Item, Table, TableLike, Value};
use uuid::Uuid;

use super::super::super::model::{Environment, Profile, ProfileId, SecretSource};
use super::super::VaultError;
use super::route;
use crate::provider::{ProviderKind, TlsSpec};

/// The id of the profile in that table, read alone: whoever looks for one profile need not understand
/// all of them. `None` where [`read`] finds no id, either.
pub(in crate::profile) fn id(table: &Table) -> Option<ProfileId> {
    match table.get("id") {
        Some(item) => item.as_str().and_then(|text| Uuid::parse_str(text).ok()).map(ProfileId),
        None => table.get("name").and_then(Item::as_str).map(super::id_from_name),
    }
}

/// The profile in that table; `index` names one that has no name.
pub(in crate::profile) fn read(table: &Table, index: usize) -> Result<Profile, VaultError> {
    let name = table.get("name").and_then(Item::as_str).map(str::to_owned);
    let reader = Reader { table, profile: name.clone().unwrap_or_else(|| format!("number {}", index + 1)) };
    let name = name.ok_or_else(|| reader.wrong("name", "a text"))?;
    let provider = reader.required_text("provider")?;
    let provider = ProviderKind::from_name(&provider).ok_or_else(|| reader.wrong("provider", &kinds()))?;
    reader.text("id")?;
    let id = id(table).ok_or_else(|| reader.wrong("id", "a UUID"))?;
    let environment = match reader.text("environment")? {
        None => Environment::default(),
        Some(text) => {
            Environment::from_name(&text).ok_or_else(|| reader.wrong("environment", "dev, staging or production"))?
        }
    };
    let tls = reader.sub("tls")?;
    let timeouts = reader.sub("timeouts")?;
    let (secret, secret_lifetime_s) = reader.secret()?;
    Ok(Profile {
        id,
        group: reader.text("group")?.unwrap_or_default(),
        tags: reader.texts("tags")?,
        color: reader.text("color")?,
        environment,
        read_only: reader.flag("read_only")?,
        provider,
        address: reader.required_text("address")?,
        secret,
        secret_lifetime_s,
        tls: TlsSpec {
            ca_file: reader.text_in(tls, "tls", "ca_file")?.map(PathBuf::from),
            cert_file: reader.text_in(tls, "tls", "cert_file")?.map(PathBuf::from),
            key_file: reader.text_in(tls, "tls", "key_file")?.map(PathBuf::from),
            server_name: reader.text_in(tls, "tls", "server_name")?,
            insecure: reader.flag_in(tls, "tls", "insecure")?,
        },
        route: route::read(&reader)?,
        connect_timeout_s: reader.seconds_in(timeouts, "timeouts", "connect_s")?,
        request_timeout_s: reader.seconds_in(timeouts, "timeouts", "request_s")?,
        options: reader.options()?,
        open_at_start: reader.flag("open_at_start")?,
        notes: reader.text("notes")?.unwrap_or_default(),
        favourite: reader.flag("favourite")?,
        place: reader.place()?,
        name,
    })
}

fn kinds() -> String {
    let names: Vec<&str> = ProviderKind::ALL.into_iter().map(ProviderKind::name).collect();
    format!("one of {}", names.join(", "))
}

pub(super) struct Reader<'a> {
    table: &'a Table,
    profile: String,
}

impl<'a> Reader<'a> {
    pub(super) fn wrong(&self, field: &str, expected: &str) -> VaultError {
        VaultError::BadProfile { profile: self.profile.clone(), field: field.to_owned(), expected: expected.to_owned() }
    }

    fn required_text(&self, key: &str) -> Result<String, VaultError> {
        self.text(key)?.ok_or_else(|| self.wrong(key, "a text"))
    }

    fn text(&self, key: &str) -> Result<Option<String>, VaultError> {
        self.text_of(self.table.get(key), key)
    }

    fn text_of(&self, item: Option<&Item>, field: &str) -> Result<Option<String>, VaultError> {
        item.map(|item| item.as_str().map(str::to_owned).ok_or_else(|| self.wrong(field, "a text"))).transpose()
    }

    fn flag(&self, key: &str) -> Result<bool, VaultError> {
        self.flag_of(self.table.get(key), key)
    }

    fn flag_of(&self, item: Option<&Item>, field: &str) -> Result<bool, VaultError> {
        item.map_or(Ok(false), |item| item.as_bool().ok_or_else(|| self.wrong(field, "true or false")))
    }

    fn seconds_of(&self, item: Option<&Item>, field: &str) -> Result<Option<u64>, VaultError> {
        item.map(|item| {
            item.as_integer()
                .and_then(|n| u64::try_from(n).ok())
                .ok_or_else(|| self.wrong(field, "a whole number of seconds"))
        })
        .transpose()
    }

    fn place(&self) -> Result<Option<u32>, VaultError> {
        let item = self.table.get("place");
        let number = |item: &Item| item.as_integer().and_then(|n| u32::try_from(n).ok());
        item.map(|item| number(item).ok_or_else(|| self.wrong("place", "a number from 0"))).transpose()
    }

    fn texts(&self, key: &str) -> Result<Vec<String>, VaultError> {
        self.texts_of(self.table.get(key), key)
    }

    fn texts_of(&self, item: Option<&Item>, field: &str) -> Result<Vec<String>, VaultError> {
        let Some(item) = item else { return Ok(Vec::new()) };
        let wrong = || self.wrong(field, "a list of texts");
        let array = item.as_array().ok_or_else(wrong)?;
        array.iter().map(|v| v.as_str().map(str::to_owned).ok_or_else(wrong)).collect()
    }

    pub(super) fn sub(&self, key: &str) -> Result<Option<&'a dyn TableLike>, VaultError> {
        self.table.get(key).map(|item| item.as_table_like().ok_or_else(|| self.wrong(key, "a table"))).transpose()
    }

    pub(super) fn text_in(
        &self,
        sub: Option<&dyn TableLike>,
        name: &str,
        key: &str,
    ) -> Result<Option<String>, VaultError> {
        self.text_of(sub.and_then(|table| table.get(key)), &format!("{name}.{key}"))
    }

    fn flag_in(&self, sub: Option<&dyn TableLike>, name: &str, key: &str) -> Result<bool, VaultError> {
        self.flag_of(sub.and_then(|table| table.get(key)), &format!("{name}.{key}"))
    }

    pub(super) fn seconds_in(
        &self,
        sub: Option<&dyn TableLike>,
        name: &str,
        key: &str,
    ) -> Result<Option<u64>, VaultError> {
        self.seconds_of(sub.and_then(|table| table.get(key)), &format!("{name}.{key}"))
    }

    fn options(&self) -> Result<BTreeMap<String, String>, VaultError> {
        let Some(table) = self.sub("options")? else { return Ok(BTreeMap::new()) };
        table
            .iter()
            .map(|(key, item)| {
                let text = item.as_str().ok_or_else(|| self.wrong(&format!("options.{key}"), "a text"))?;
                Ok((key.to_owned(), text.to_owned()))
            })
            .collect()
    }

    fn secret(&self) -> Result<(Option<SecretSource>, Option<u64>), VaultError> {
        self.secret_in(self.table.get("secret"), "secret")
    }

    /// A secret, or where it comes from, with its lifetime.
    pub(super) fn secret_in(
        &self,
        item: Option<&Item>,
        field: &str,
    ) -> Result<(Option<SecretSource>, Option<u64>), VaultError> {
        let Some(item) = item else { return Ok((None, None)) };
        if let Some(text) = item.as_str() {
            return Ok((Some(SecretSource::Stored(SecretString::from(text))), None));
        }
        let expected = "a text, or one of { env = \"NAME\" }, { file = \"PATH\" }, { command = [\"PROGRAM\", ...] }";
        let table = item.as_table_like().ok_or_else(|| self.wrong(field, expected))?;
        let lifetime = self.seconds_of(table.get("lifetime_s"), &format!("{field}.lifetime_s"))?;
        let source = match (table.get("env"), table.get("file"), table.get("command")) {
            (Some(env), None, None) => self.text_of(Some(env), &format!("{field}.env"))?.map(SecretSource::Env),
            (None, Some(file), None) => {
                self.text_of(Some(file), &format!("{field}.file"))?.map(|path| SecretSource::File(path.into()))
            }
            (None, None, Some(command)) => {
                let argv = self.texts_of(Some(command), &format!("{field}.command"))?;
                if argv.is_empty() { None } else { Some(SecretSource::Command(argv)) }
            }
            _ => None,
        };
        Ok((Some(source.ok_or_else(|| self.wrong(field, expected))?), lifetime))
    }
}

/// Writes the profile into the table.
pub(in crate::profile) fn write(table: &mut Table, profile: &Profile) -> Result<(), VaultError> {
    let path_text = |path: &Option<PathBuf>, field| to_text(path.as_deref(), &profile.name, field);
    let ca_file = path_text(&profile.tls.ca_file, "CA file")?;
    let cert_file = path_text(&profile.tls.cert_file, "client certificate")?;
    let key_file = path_text(&profile.tls.key_file, "client key")?;
    let secret = secret_value(profile.secret.as_ref(), profile.secret_lifetime_s, &profile.name, table.get("secret"))?;

    set(table, "id", Some(profile.id.0.to_string().into()));
    set(table, "name", Some(profile.name.as_str().into()));
    set(table, "group", text(&profile.group));
    set(table, "tags", list(&profile.tags));
    set(table, "color", profile.color.as_deref().map(Value::from));
    set(table, "environment", Some(profile.environment.name().into()));
    set(table, "read_only", flag(profile.read_only));
    set(table, "provider", Some(profile.provider.name().into()));
    set(table, "address", Some(profile.address.as_str().into()));
    set(table, "secret", secret);
    set(table, "open_at_start", flag(profile.open_at_start));
    set(table, "notes", text(&profile.notes));
    set(table, "favourite", flag(profile.favourite));
    set(table, "place", profile.place.map(|place| i64::from(place).into()));
    set_sub(
        table,
        "tls",
        [
            ("ca_file", ca_file),
            ("cert_file", cert_file),
            ("key_file", key_file),
            ("server_name", profile.tls.server_name.as_deref().and_then(text)),
            ("insecure", flag(profile.tls.insecure)),
        ],
    );
    route::write(table, profile)?;
    set_sub(
        table,
        "timeouts",
        [("connect_s", seconds(profile.connect_timeout_s)), ("request_s", seconds(profile.request_timeout_s))],
    );
    // Options that were taken away must go; the others keep their place and comments.
    let gone: Vec<String> = table.get("options").and_then(Item::as_table_like).map_or_else(Vec::new, |old| {
        old.iter().map(|(key, _)| key.to_owned()).filter(|key| !profile.options.contains_key(key)).collect()
    });
    let gone = gone.iter().map(|key| (key.as_str(), None));
    let kept = profile.options.iter().map(|(key, text)| (key.as_str(), Some(Value::from(text.as_str()))));
    set_sub(table, "options", gone.chain(kept));
    Ok(())
}

pub(super) fn to_text(path: Option<&Path>, profile: &str, field: &'static str) -> Result<Option<Value>, VaultError> {
    path.map(|path| {
        let text = path.to_str().ok_or_else(|| VaultError::NotText { profile: profile.to_owned(), field })?;
        Ok(text.into())
    })
    .transpose()
}

/// A secret, or where it comes from; `profile` is named in errors.
pub(super) fn secret_value(
    secret: Option<&SecretSource>,
    lifetime_s: Option<u64>,
    profile: &str,
    old: Option<&Item>,
) -> Result<Option<Value>, VaultError> {
    let Some(secret) = secret else { return Ok(None) };
    let (key, value) = match secret {
        SecretSource::Stored(text) => return Ok(Some(text.expose_secret().into())),
        SecretSource::Env(name) => ("env", Value::from(name.as_str())),
        SecretSource::File(path) => {
            let text = to_text(Some(path), profile, "secret's file")?;
            ("file", text.unwrap_or_else(|| "".into()))
        }
        SecretSource::Command(argv) => ("command", Value::Array(argv.iter().map(String::as_str).collect::<Array>())),
    };
    // Unknown keys beside the reference stay.
    let mut table = old.and_then(Item::as_inline_table).cloned().unwrap_or_else(InlineTable::new);
    for other in ["env", "file", "command", "lifetime_s"] {
        if other != key {
            table.remove(other);
        }
    }
    if table.get(key).is_none_or(|old| !same(old, &value)) {
        table.insert(key, value);
    }
    if let Some(lifetime) = seconds(lifetime_s) {
        table.insert("lifetime_s", lifetime);
    }
    Ok(Some(Value::InlineTable(table)))
}

fn text(text: &str) -> Option<Value> {
    if text.is_empty() { None } else { Some(text.into()) }
}

pub(super) fn list(texts: &[String]) -> Option<Value> {
    if texts.is_empty() { None } else { Some(Value::Array(texts.iter().map(String::as_str).collect::<Array>())) }
}

fn flag(on: bool) -> Option<Value> {
    on.then(|| true.into())
}

pub(super) fn seconds(seconds: Option<u64>) -> Option<Value> {
    seconds.map(|n| i64::try_from(n).unwrap_or(i64::MAX).into())
}

/// Sets one key, or removes it; a value that is the same keeps its text and its comment.
pub(super) fn set(table: &mut dyn TableLike, key: &str, new: Option<Value>) {
    let Some(mut new) = new else {
        table.remove(key);
        return;
    };
    match table.get_mut(key) {
        Some(Item::Value(old)) => {
            if !same(old, &new) {
                *new.decor_mut() = old.decor().clone();
                *old = new;
            }
        }
        _ => {
            table.insert(key, Item::Value(new));
        }
    }
}

/// The same for keys of a table inside; it is made when needed and removed when it becomes empty.
pub(super) fn set_sub<'k>(table: &mut Table, name: &str, entries: impl IntoIterator<Item = (&'k str, Option<Value>)>) {
    let entries: Vec<_> = entries.into_iter().collect();
    if !table.contains_key(name) {
        if entries.iter().all(|(_, value)| value.is_none()) {
            return;
        }
        table.insert(name, Item::Table(Table::new()));
    }
    let Some(sub) = table.get_mut(name).and_then(Item::as_table_like_mut) else { return };
    for (key, value) in entries {
        set(sub, key, value);
    }
    if sub.is_empty() {
        table.remove(name);
    }
}

fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::String(a), Value::String(b)) => a.value() == b.value(),
        (Value::Integer(a), Value::Integer(b)) => a.value() == b.value(),
        (Value::Boolean(a), Value::Boolean(b)) => a.value() == b.value(),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::InlineTable(a), Value::InlineTable(b)) => {
            a.len() == b.len() && a.iter().all(|(key, value)| b.get(key).is_some_and(|other| same(value, other)))
        }
        _ => false,
    }
}
