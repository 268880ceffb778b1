//! `secret = { oidc = { ... } }` to an [`OidcSource`] and back. The secrets in it are as safe as any
//! other in the store: all of it is encrypted.

use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};
use toml_edit::{Array, InlineTable, Item, TableLike, Value};

use super::super::super::model::{OidcGrant, OidcSource};

/// The source in that item; else the field that is wrong, and what was expected there.
pub(super) fn read(item: &Item) -> Result<OidcSource, (String, &'static str)> {
    let wrong = |field: &str, expected| (format!("secret.oidc.{field}"), expected);
    let table = item.as_table_like().ok_or(("secret.oidc".to_owned(), "a table"))?;
    let text = |field: &str| text_of(table, field).ok_or_else(|| wrong(field, "a text"));
    let secret = |field: &str| text(field).map(SecretString::from);
    let maybe = |field: &str| if table.contains_key(field) { text(field).map(Some) } else { Ok(None) };
    let scopes = match table.get("scopes") {
        None => Vec::new(),
        Some(item) => {
            let list = item.as_array().and_then(|array| array.iter().map(|v| v.as_str().map(str::to_owned)).collect());
            list.ok_or_else(|| wrong("scopes", "a list of texts"))?
        }
    };
    let grant = match text("grant")?.as_str() {
        "client_credentials" => OidcGrant::ClientCredentials { secret: secret("client_secret")? },
        "password" => OidcGrant::Password { user: text("user")?, password: secret("password")? },
        "refresh" => OidcGrant::Refresh { token: secret("refresh_token")? },
        _ => return Err(wrong("grant", "client_credentials, password or refresh")),
    };
    // For `client_credentials` it is in the grant.
    let client_secret = match grant {
        OidcGrant::ClientCredentials { .. } => None,
        OidcGrant::Password { .. } | OidcGrant::Refresh { .. } => maybe("client_secret")?.map(SecretString::from),
    };
    let ca_file = maybe("ca_file")?.map(PathBuf::from);
    let (discovery, client_id) = (text("discovery")?, text("client_id")?);
    Ok(OidcSource { discovery, client_id, scopes, grant, client_secret, ca_file })
}

fn text_of(table: &dyn TableLike, field: &str) -> Option<String> {
    table.get(field).and_then(Item::as_str).map(str::to_owned)
}

/// The table for that source.
pub(super) fn write(source: &OidcSource) -> InlineTable {
    let mut table = InlineTable::new();
    let mut set = |key: &str, text: &str| drop(table.insert(key, Value::from(text)));
    set("discovery", &source.discovery);
    set("client_id", &source.client_id);
    set("grant", source.grant.name());
    match &source.grant {
        OidcGrant::ClientCredentials { secret } => set("client_secret", secret.expose_secret()),
        OidcGrant::Password { user, password } => {
            set("user", user);
            set("password", password.expose_secret());
        }
        OidcGrant::Refresh { token } => set("refresh_token", token.expose_secret()),
    }
    if let Some(secret) = &source.client_secret {
        set("client_secret", secret.expose_secret());
    }
    if let Some(path) = &source.ca_file {
        set("ca_file", &path.display().to_string());
    }
    if !source.scopes.is_empty() {
        let scopes = source.scopes.iter().map(String::as_str).collect::<Array>();
        table.insert("scopes", Value::Array(scopes));
    }
    table
}
