//! What the form knows of the profile's key: how it would travel, whether it would go elsewhere, where the saved one is.

use super::{ALLOW_PLAIN, FieldValue, Form, Of, SIGN_IN};
use crate::profile::destination::Moved;
use crate::profile::exposure::{Exposure, TLS_MODE};
use crate::provider::ProviderKind;

impl Form {
    /// How the key that is filled in would travel.
    pub fn exposure(&self) -> Exposure {
        let keyed = !matches!(self.text("secret_source").as_str(), "" | "none");
        let Some(kind) = self.provider().filter(|kind| keyed && Of::Keyed.has(*kind)) else {
            return Exposure::Private;
        };
        let has_tls =
            ["ca_file", "cert_file", "key_file", "server_name"].iter().any(|name| !self.text(name).is_empty());
        let tls = match self.text(TLS_MODE).as_str() {
            "disable" => Some(false),
            _ => (has_tls || self.text("insecure") == "yes").then_some(true),
        };
        Exposure::at(kind, &self.text("address"), tls, self.text(ALLOW_PLAIN) == "yes", &self.text("proxy"))
    }

    /// The secret of the saved profile that would be sent elsewhere, as the form is filled in.
    pub fn moved(&self) -> Option<Moved> {
        let saved = self.saved.as_ref()?;
        let was = ProviderKind::from_name(saved.value("provider"))?;
        let typed = self.index("secret").and_then(|i| self.values.get(i));
        let typed = matches!(typed, Some(FieldValue::Secret(field)) if !field.is_empty());
        let before = |name: &str| saved.value(name).trim().to_owned();
        Moved::between_texts((was, before), (self.provider()?, |name: &str| self.text(name)), typed)
    }

    /// What stands where no key value is typed: whether one is in the store, or where the key comes from instead.
    pub fn untyped_key(&self) -> &'static str {
        let was = self.saved.as_ref().map_or("", |saved| saved.value("secret_source"));
        match (self.text("secret_source").as_str(), was) {
            ("ask", _) => "asked each time (not stored)",
            ("stored", "stored") => "stored (unchanged)",
            ("stored", "env") => "not stored: it comes from a variable",
            ("stored", "file") => "not stored: it comes from a file",
            ("stored", "command") => "not stored: a command prints it",
            ("stored", "ask") => "not stored: it is asked each time",
            ("stored", SIGN_IN) => "not stored: it comes from a sign-in",
            _ => "not set",
        }
    }
}
