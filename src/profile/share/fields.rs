//! A profile field by field, as the store writes it: `address`, `tls.insecure`, `options.tenant`. Whoever
//! shares, compares or merges profiles works on these, so that a field that is added to the store needs no
//! change here: what no rule knows is not shared.

use toml_edit::{Item, Table, Value};

use crate::profile::model::Profile;
use crate::profile::vault::{Result, fields};

/// The way to a field: its key, or the keys of a table and of the field in it.
pub type Path = Vec<String>;

/// The profile as the table that a new store would have for it.
///
/// # Errors
/// A path in it that is no text.
pub fn table_of(profile: &Profile) -> Result<Table> {
    let mut table = Table::new();
    fields::write(&mut table, profile)?;
    Ok(table)
}

/// The profile in a table.
///
/// # Errors
/// The first field that cannot be understood.
pub fn profile_of(table: &Table, index: usize) -> Result<Profile> {
    fields::read(table, index)
}

/// The way to each field in the table, in its order. Where a secret comes from is one field, and so is
/// everything else that is no table.
pub fn paths(table: &Table) -> Vec<Path> {
    let mut found = Vec::new();
    for (key, item) in table.iter() {
        match item.as_table_like().filter(|_| !is_secret(key)) {
            Some(inner) => {
                found.extend(inner.iter().map(|(inner, _)| vec![key.to_owned(), inner.to_owned()]));
                if inner.is_empty() {
                    found.push(vec![key.to_owned()]);
                }
            }
            None => found.push(vec![key.to_owned()]),
        }
    }
    found
}

/// Whether a key holds a secret, or says where one comes from.
pub fn is_secret(key: &str) -> bool {
    ["secret", "password", "passphrase", "token"].iter().any(|word| key.ends_with(word))
}

/// What stands at a path.
pub fn get<'a>(table: &'a Table, path: &[String]) -> Option<&'a Item> {
    let (first, rest) = path.split_first()?;
    let item = table.get(first)?;
    match rest.first() {
        None => Some(item),
        Some(key) => item.as_table_like()?.get(key),
    }
}

/// Takes away what stands at a path; a table that becomes empty goes, too.
pub fn remove(table: &mut Table, path: &[String]) {
    match path {
        [key] => {
            table.remove(key);
        }
        [key, inner] => {
            let empty = table.get_mut(key).and_then(Item::as_table_like_mut).is_some_and(|sub| {
                sub.remove(inner);
                sub.is_empty()
            });
            if empty {
                table.remove(key);
            }
        }
        _ => {}
    }
}

/// Puts something at a path.
pub fn put(table: &mut Table, path: &[String], item: Item) {
    match path {
        [key] => {
            table.insert(key, item);
        }
        [key, inner] => {
            let sub = table.entry(key).or_insert_with(|| Item::Table(Table::new()));
            if let Some(sub) = sub.as_table_like_mut() {
                sub.insert(inner, item);
            }
        }
        _ => {}
    }
}

/// A field's name for people: `options.tenant`.
pub fn name(path: &[String]) -> String {
    path.join(".")
}

/// A field's value for people, on one line; of a secret only where it comes from.
pub fn shown(path: &[String], item: &Item) -> String {
    let text = |value: &Value| match value {
        Value::String(text) => text.value().clone(),
        Value::Array(list) => list.iter().map(plain).collect::<Vec<_>>().join(", "),
        other => plain(other),
    };
    if path.last().is_some_and(|key| is_secret(key)) {
        return secret(item);
    }
    match item {
        Item::Value(value) => text(value),
        Item::None => String::new(),
        Item::Table(_) | Item::ArrayOfTables(_) => "a table".to_owned(),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.value().clone(),
        other => other.clone().decorated("", "").to_string(),
    }
}

fn secret(item: &Item) -> String {
    let Some(table) = item.as_table_like() else { return "stored".to_owned() };
    if let Some(name) = table.get("env").and_then(Item::as_str) {
        return format!("env {name}");
    }
    let kind = ["file", "command", "ask", "oidc"].into_iter().find(|key| table.contains_key(key));
    kind.unwrap_or("stored").to_owned()
}

/// Whether two fields say the same.
pub fn same(a: Option<&Item>, b: Option<&Item>) -> bool {
    let text = |item: &Item| match item {
        Item::Value(value) => plain_toml(value),
        other => other.to_string().trim().to_owned(),
    };
    match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => text(a) == text(b),
        _ => false,
    }
}

fn plain_toml(value: &Value) -> String {
    value.clone().decorated("", "").to_string()
}
