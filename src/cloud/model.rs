//! What a sign-in asks for and what it finds, as data.

use std::collections::BTreeMap;

use secrecy::SecretString;

use crate::profile::model::{Profile, SecretSource};
use crate::provider::ProviderKind;

/// A cloud that one can sign in to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cloud {
    /// Qdrant Cloud.
    Qdrant,
    /// Chroma Cloud.
    Chroma,
    /// Pinecone.
    Pinecone,
    /// Weaviate Cloud, and servers of one's own with an identity provider.
    Weaviate,
    /// Zilliz Cloud: Milvus.
    Zilliz,
    /// PostgreSQL that somebody hosts: Supabase, Neon, RDS.
    Postgres,
}

/// How a field is filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// A line of text.
    Text,
    /// A secret.
    Secret,
    /// One of some words; the first where nothing is said.
    Choice(&'static [&'static str]),
}

/// Something that a cloud asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its name, also as a flag of `login`: `--url`, for a secret `--key-env`.
    pub name: &'static str,
    /// Its label in the form.
    pub label: &'static str,
    /// How it is filled in.
    pub kind: FieldKind,
    /// What it is, with an example, and where the maker shows it.
    pub help: &'static str,
}

const fn text(name: &'static str, label: &'static str, help: &'static str) -> Field {
    Field { name, label, kind: FieldKind::Text, help }
}

const fn secret(name: &'static str, label: &'static str, help: &'static str) -> Field {
    Field { name, label, kind: FieldKind::Secret, help }
}

/// The name of the field with the address of a control plane.
pub const API: &str = "api";
const API_HELP: &str = "Address of the maker's control plane, if it is not the usual one: a private deployment. The key goes there; so only under TLS, or to this machine.";

/// The name of the field with the file of an own authority.
pub const CA_FILE: &str = "ca-file";

const QDRANT: &[Field] = &[
    text(
        "url",
        "cluster URL",
        "Address of one cluster, as the page of the cluster shows it: `https://….cloud.qdrant.io`. Empty to list all clusters of the account with a management key.",
    ),
    secret(
        "management-key",
        "manage key",
        "A management key of the account (Access Management, Cloud Management Keys): it lists the clusters and is not saved. Not needed where the cluster's URL is given.",
    ),
    secret(
        "key",
        "API key",
        "A key of the database, from the page of the cluster; a read-only one is enough to look around. It is what the profiles keep.",
    ),
    text(API, "control", API_HELP),
];

const CHROMA: &[Field] = &[
    secret(
        "key",
        "API key",
        "A key of Chroma Cloud, from the settings of the database or the team. Tenant and databases are found with it.",
    ),
    text(
        API,
        "control",
        "Address of Chroma, if it is not `https://api.trychroma.com:443`: a server of your own with tenants. The key goes there; so only under TLS, or to this machine.",
    ),
    text(
        CA_FILE,
        "CA file",
        "PEM file of the authority that signed the certificate of a server of your own; then only that one is trusted. Empty means the system's authorities.",
    ),
];

const PINECONE: &[Field] = &[
    secret(
        "key",
        "API key",
        "A key of the project, from the API keys page of Pinecone. The project's indexes and namespaces are found with it.",
    ),
    text(API, "control", API_HELP),
];

/// How one signs in to Weaviate.
pub const WEAVIATE_WAYS: &[&str] = &["key", "client", "device", "password"];

const WEAVIATE: &[Field] = &[
    text(
        "url",
        "server URL",
        "Address of the server: `https://NAME.weaviate.cloud` on Weaviate Cloud, `https://host:8080` for one of your own.",
    ),
    Field {
        name: "way",
        label: "sign in by",
        kind: FieldKind::Choice(WEAVIATE_WAYS),
        help: "`key`: an API key. The others are for a server with an identity provider, which it names itself: `client` shows a secret of this program, `device` a code that you type in a browser, `password` your name and password there.",
    },
    secret("key", "API key", "The server's API key, for `key`; a read-only one is enough to look around."),
    secret(
        "client-secret",
        "client secret",
        "The secret that the identity provider gave to this program's client id. `client` needs it; `device` and `password` only where the provider gave one.",
    ),
    text("user", "user", "Your name at the identity provider, for `password`."),
    secret(
        "password",
        "password",
        "Your password at the identity provider, for `password`. It is saved only where the provider gives no refresh token for it.",
    ),
    text("client-id", "client id", "Our name at the identity provider; empty for the one that the server names."),
    text(
        "scopes",
        "scopes",
        "What is asked for, separated by blanks; empty for what the server names, and `offline_access` where a person signs in.",
    ),
    text(
        CA_FILE,
        "CA file",
        "PEM file of the authority that signed the certificate of a server of your own, and that of its identity provider where the system's authorities did not. Empty means the system's authorities.",
    ),
];

const ZILLIZ: &[Field] = &[
    secret(
        "key",
        "API key",
        "An API key of Zilliz Cloud: the clusters that it may see are found with it, and the profiles keep it.",
    ),
    text(
        API,
        "control",
        "Address of the control plane, if it is not `https://api.cloud.zilliz.com`: in China it is `https://api.cloud.zilliz.com.cn`. The key goes there; so only under TLS, or to this machine.",
    ),
];

/// How the password of a hosted PostgreSQL is had.
pub const POSTGRES_WAYS: &[&str] = &["password", "rds-token"];

const POSTGRES: &[Field] = &[
    text(
        "url",
        "address",
        "As the maker's page shows it, without the password: `postgres://USER@db.NAME.supabase.co:5432/postgres`, `postgres://USER@ep-….neon.tech/DATABASE`, `postgres://USER@NAME.….eu-west-1.rds.amazonaws.com/DATABASE`.",
    ),
    Field {
        name: "way",
        label: "sign in by",
        kind: FieldKind::Choice(POSTGRES_WAYS),
        help: "`password`: the role's password. `rds-token`: a token of AWS, which the command `aws rds generate-db-auth-token` prints at each connect and every quarter of an hour.",
    },
    secret(
        "key",
        "password",
        "The password of the database role that the address names, for `password`; the profile keeps it.",
    ),
    text(
        CA_FILE,
        "CA file",
        "The certificate of the authority that signed the server's: Supabase has one of its own (Database, Settings, SSL), RDS the bundle of its region or `global-bundle.pem`. Neon needs none.",
    ),
];

impl Cloud {
    /// All, in the order of menus.
    pub const ALL: [Self; 6] =
        [Self::Qdrant, Self::Chroma, Self::Pinecone, Self::Weaviate, Self::Zilliz, Self::Postgres];

    /// The word of `login`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Qdrant => "qdrant",
            Self::Chroma => "chroma",
            Self::Pinecone => "pinecone",
            Self::Weaviate => "weaviate",
            Self::Zilliz => "zilliz",
            Self::Postgres => "postgres",
        }
    }

    /// What people call it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Qdrant => "Qdrant Cloud",
            Self::Chroma => "Chroma Cloud",
            Self::Pinecone => "Pinecone",
            Self::Weaviate => "Weaviate Cloud, or a Weaviate with OpenID Connect",
            Self::Zilliz => "Zilliz Cloud (Milvus)",
            Self::Postgres => "hosted PostgreSQL: Supabase, Neon, RDS",
        }
    }

    /// The cloud of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cloud| cloud.name() == name)
    }

    /// What it asks for, in the order of the form.
    pub const fn fields(self) -> &'static [Field] {
        match self {
            Self::Qdrant => QDRANT,
            Self::Chroma => CHROMA,
            Self::Pinecone => PINECONE,
            Self::Weaviate => WEAVIATE,
            Self::Zilliz => ZILLIZ,
            Self::Postgres => POSTGRES,
        }
    }

    /// Whether that field means anything with what is filled in so far.
    pub fn wants(self, field: &str, answers: &Answers) -> bool {
        match (self, field) {
            (Self::Qdrant, "management-key" | API) => answers.text("url").is_empty(),
            (Self::Weaviate, "key") => answers.way(WEAVIATE_WAYS) == "key",
            (Self::Weaviate, "user" | "password") => answers.way(WEAVIATE_WAYS) == "password",
            (Self::Weaviate, "client-secret" | "client-id" | "scopes") => answers.way(WEAVIATE_WAYS) != "key",
            (Self::Postgres, "key") => answers.way(POSTGRES_WAYS) == "password",
            _ => true,
        }
    }

    /// What to do where that field is missing, a sentence: in the words of the form, or in flags where the answers
    /// come from a command.
    pub fn give(self, field: &str, answers: &Answers) -> String {
        let found = self.fields().iter().find(|one| one.name == field);
        match found {
            Some(field) if !answers.by_flags => format!("Fill in `{}`.", field.label),
            Some(Field { name: "key", kind: FieldKind::Secret, .. }) => {
                "Give it: --key-env NAME, --key-stdin, or type it.".to_owned()
            }
            Some(Field { name, kind: FieldKind::Secret, .. }) => format!("Give it: --{name}-env NAME, or type it."),
            Some(Field { name, .. }) => format!("Give --{name}."),
            None => String::new(),
        }
    }
}

/// How another way to sign in is chosen: in the words of the form, or as a flag.
pub fn by_way(way: &str, answers: &Answers) -> String {
    if answers.by_flags { format!("--way {way}") } else { format!("`sign in by` {way}") }
}

/// A secret, and where the profile is to take it from later.
#[derive(Debug, Clone)]
pub struct Key {
    /// It.
    pub secret: SecretString,
    /// Stored, or a variable.
    pub source: SecretSource,
}

impl Key {
    /// One that the profile keeps.
    pub fn stored(secret: SecretString) -> Self {
        Self { source: SecretSource::Stored(secret.clone()), secret }
    }
}

/// What was filled in. `Debug` shows no secret.
#[derive(Debug, Clone, Default)]
pub struct Answers {
    /// Texts and words by the field's name.
    pub texts: BTreeMap<&'static str, String>,
    /// Secrets by the field's name.
    pub keys: BTreeMap<&'static str, Key>,
    /// They come from a command, whose errors speak in flags; else from a form.
    pub by_flags: bool,
}

impl Answers {
    /// What was filled in, empty for nothing.
    pub fn text(&self, name: &str) -> &str {
        self.texts.get(name).map_or("", |text| text.trim())
    }

    /// The way that was chosen, the first where none was.
    pub fn way<'a>(&'a self, ways: &[&'a str]) -> &'a str {
        match self.text("way") {
            "" => ways.first().copied().unwrap_or_default(),
            way => way,
        }
    }

    /// A secret that was given.
    pub fn key(&self, name: &str) -> Option<&Key> {
        self.keys.get(name)
    }
}

/// What there is.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// What can be opened.
    pub offers: Vec<Offer>,
    /// Names of what is still being made, and has no address yet.
    pub coming: Vec<String>,
}

impl From<Vec<Offer>> for Found {
    fn from(offers: Vec<Offer>) -> Self {
        Self { offers, coming: Vec::new() }
    }
}

/// What is to be said of those that are still being made; `None` where there are none.
pub fn still_coming(names: &[String]) -> Option<String> {
    let is = if names.len() == 1 { "is" } else { "are" };
    (!names.is_empty()).then(|| format!("{} more {is} still being made: {}", names.len(), names.join(", ")))
}

/// A profile that leads to the same database already: a find is saved in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Updates {
    /// Its name.
    pub name: String,
    /// It has another key, which would be gone.
    pub replaces_key: bool,
}

impl Updates {
    /// What is done to it, a few words.
    pub fn words(&self) -> String {
        let what = if self.replaces_key { "replaces the key of" } else { "updates" };
        format!("{what} {}", self.name)
    }
}

/// Something that was found, and the profile that would open it.
#[derive(Debug, Clone)]
pub struct Offer {
    /// The profile, with a name that may be taken already.
    pub profile: Profile,
    /// What is known of it, a few words: version, state, region.
    pub detail: String,
}

impl Offer {
    /// A proposal; signs that a name cannot have become `-`.
    pub fn new(name: &str, kind: ProviderKind, address: &str, detail: String) -> Self {
        let name: String =
            name.chars().map(|c| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '-' }).collect();
        let name = name.trim_matches(['-', '.', '_']);
        Self { profile: Profile::new(if name.is_empty() { kind.name() } else { name }, kind, address), detail }
    }

    /// With that source of its key.
    #[must_use]
    pub fn with_key(mut self, source: SecretSource) -> Self {
        self.profile.secret = Some(source);
        self
    }

    /// With an option of the maker.
    #[must_use]
    pub fn with(mut self, option: &str, value: &str) -> Self {
        self.profile.options.insert(option.to_owned(), value.to_owned());
        self
    }
}

/// A name like that one that is not taken: with a number behind it where it must.
pub fn free_name(name: &str, taken: &dyn Fn(&str) -> bool) -> String {
    let numbered = (2..).map(|number: u32| format!("{name}-{number}"));
    std::iter::once(name.to_owned()).chain(numbered).find(|name| !taken(name)).unwrap_or_else(|| name.to_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_field_explains_itself() {
        for cloud in Cloud::ALL {
            assert_eq!(Cloud::from_name(cloud.name()), Some(cloud));
            for field in cloud.fields() {
                assert!(field.help.len() > 40 && field.help.ends_with('.'), "{} {}", cloud.name(), field.name);
                assert!(field.label.chars().count() <= 13, "{} {}", cloud.name(), field.name);
            }
        }
    }

    #[test]
    fn only_what_the_chosen_way_needs_is_asked_for() {
        let mut answers = Answers::default();
        let wanted = |answers: &Answers| -> Vec<&str> {
            let fields = Cloud::Weaviate.fields().iter().map(|field| field.name);
            fields.filter(|name| Cloud::Weaviate.wants(name, answers)).collect()
        };
        assert_eq!(wanted(&answers), ["url", "way", "key", CA_FILE]);
        answers.texts.insert("way", "device".to_owned());
        assert_eq!(wanted(&answers), ["url", "way", "client-secret", "client-id", "scopes", CA_FILE]);
        answers.texts.insert("way", "password".to_owned());
        let with_password = ["url", "way", "client-secret", "user", "password", "client-id", "scopes", CA_FILE];
        assert_eq!(wanted(&answers), with_password);
    }

    #[test]
    fn a_form_is_told_of_its_fields_and_a_command_of_its_flags() {
        let form = Answers::default();
        let command = Answers { by_flags: true, ..Answers::default() };
        for cloud in Cloud::ALL {
            for field in cloud.fields() {
                let said = cloud.give(field.name, &form);
                assert!(said.contains(field.label) && !said.contains("--"), "{said}");
                assert!(cloud.give(field.name, &command).contains(&format!("--{}", field.name)), "{}", field.name);
            }
        }
    }

    #[test]
    fn names_are_made_fit_and_free() {
        let offer = Offer::new("my cluster/1 ", ProviderKind::Qdrant, "https://h", String::new());
        assert_eq!(offer.profile.name, "my-cluster-1");
        assert_eq!(Offer::new("///", ProviderKind::Qdrant, "h", String::new()).profile.name, "qdrant");
        let taken = |name: &str| ["a", "a-2"].contains(&name);
        assert_eq!((free_name("a", &taken), free_name("b", &taken)), ("a-3".to_owned(), "b".to_owned()));
    }
}
