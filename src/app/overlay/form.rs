//! The form for a profile: every field explains itself.

#[path = "form_key.rs"]
mod key;

use std::sync::LazyLock;

use super::tls_fields::TLS;
use super::way_fields::WAY;
use crate::app::field::{SecretField, TextField};
use crate::app::profiles::{ProfileFields, SecretChange};
use crate::profile::destination::Moved;
use crate::profile::exposure::Exposure;
use crate::profile::model::{COLORS, Environment, ProfileId};
use crate::provider::{OptionSpec, ProviderKind};

/// How a field is filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// A line of text.
    Text,
    /// A line that is never shown.
    Secret,
    /// One of some words.
    Choice(&'static [&'static str]),
}

/// A field: what it is for, with an example and what goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldSpec {
    /// Its name, also in the store and in `profiles add --<name>`.
    pub name: &'static str,
    /// Its label.
    pub label: &'static str,
    /// How it is filled in.
    pub kind: FieldKind,
    /// Two or three sentences: what, an example, what goes wrong.
    pub help: &'static str,
    /// Which kinds of database have it.
    pub of: Of,
}

/// Which kinds of database have a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// All.
    Every,
    /// Those behind a port.
    Servers,
    /// Those that take a key.
    Keyed,
    /// One: it is an option of that maker.
    One(ProviderKind),
}

impl Of {
    /// Whether that kind has it.
    pub fn has(self, kind: ProviderKind) -> bool {
        match self {
            Self::Every => true,
            Self::Servers => !kind.is_embedded(),
            Self::Keyed => kind.maker().key_help.is_some(),
            Self::One(one) => one == kind,
        }
    }
}

/// The field that lets a key travel in plain text; an option of that name in the store.
pub const ALLOW_PLAIN: &str = "allow_plaintext_key";

/// The field that lets a secret of the saved profile go to the place that the form names now.
pub const MOVE_KEY: &str = "move_key";

/// Why a form that would send a saved secret elsewhere is neither tested nor saved, and what to do.
pub fn ask_to_move(moved: &Moved) -> String {
    let anew = if moved.what == "key" {
        "Type the key of the new place"
    } else {
        "Name where the new one's password comes from"
    };
    format!("{moved}. {anew}, or say `yes` at `move key` if it is for both.")
}

const ENVIRONMENTS: &[&str] = &["dev", "staging", "production"];
pub(super) const NO_YES: &[&str] = &["no", "yes"];
const SECRET_SOURCES: &[&str] = &["none", "stored", "env", "file", "command", "ask", SIGN_IN];
/// The source of a key that an identity provider gives.
const SIGN_IN: &str = "sign-in";

const fn text(name: &'static str, label: &'static str, help: &'static str) -> FieldSpec {
    FieldSpec { name, label, kind: FieldKind::Text, help, of: Of::Every }
}

pub(super) const fn server(name: &'static str, label: &'static str, help: &'static str) -> FieldSpec {
    FieldSpec { name, label, kind: FieldKind::Text, help, of: Of::Servers }
}

const fn option_of(kind: ProviderKind, option: &OptionSpec) -> FieldSpec {
    let kind_of_field = if option.words.is_empty() { FieldKind::Text } else { FieldKind::Choice(option.words) };
    FieldSpec { name: option.name, label: option.label, kind: kind_of_field, help: option.help, of: Of::One(kind) }
}

const fn choice(
    name: &'static str,
    label: &'static str,
    words: &'static [&'static str],
    help: &'static str,
) -> FieldSpec {
    FieldSpec { name, label, kind: FieldKind::Choice(words), help, of: Of::Every }
}

/// All fields, in the order of the form; the options of the makers stand behind the key.
pub static FIELDS: LazyLock<Vec<FieldSpec>> = LazyLock::new(|| {
    let options = ProviderKind::ALL
        .into_iter()
        .flat_map(|kind| kind.maker().options.iter().map(move |option| option_of(kind, option)));
    let rest = [TLS, WAY, HOW].into_iter().flatten().copied();
    WHERE.iter().copied().chain(options).chain(rest).collect()
});

const WHERE: &[FieldSpec] = &[
    text(
        "name",
        "name",
        "What you type to connect: `vector-inspector NAME`. Letters, digits, `-`, `_` and `.`; must be unique among your profiles.",
    ),
    choice(
        "provider",
        "database",
        &ProviderKind::NAMES,
        "The maker. Most are servers; lancedb, qdrant-edge and those named after a folder are directories on this machine. With the wrong one the test says who answered.",
    ),
    text(
        "address",
        "address",
        "Where it is: `https://host:port`, `host:port` or `host` for a server, a directory for the others.",
    ),
    FieldSpec {
        name: "secret_source",
        label: "key",
        kind: FieldKind::Choice(SECRET_SOURCES),
        help: "Where the API key or token comes from. `stored` keeps it in the encrypted store; `env`, `file` and `command` read it at every connect, `ask` lets you type it each time; `sign-in` keeps what signing in made.",
        of: Of::Keyed,
    },
    FieldSpec {
        name: "secret",
        label: "key value",
        kind: FieldKind::Secret,
        help: "The key itself when it is stored; it is never shown again. Leave it empty to keep the stored one. With `ask` it is for the test here only, and not saved. A wrong key shows as `key refused`.",
        of: Of::Keyed,
    },
    FieldSpec {
        name: "secret_ref",
        label: "key from",
        kind: FieldKind::Text,
        help: "For `env` a variable, e.g. `QDRANT_KEY`; for `file` a path, whose first line is read; for `command` a command without a shell, e.g. `pass show qdrant`, of whose output the first line is read.",
        of: Of::Keyed,
    },
    FieldSpec {
        name: "secret_lifetime_s",
        label: "key lasts s",
        kind: FieldKind::Text,
        help: "Seconds that what the command prints, or the file holds, is good for, e.g. `900`; it is fetched again before they end, and the connection stays up. Empty means for ever.",
        of: Of::Keyed,
    },
    FieldSpec {
        name: ALLOW_PLAIN,
        label: "plain key",
        kind: FieldKind::Choice(NO_YES),
        help: "`yes` sends the key to another machine without TLS, where whoever listens on the way can read it. It stays marked on the screen. `https://` in the address is the better way.",
        of: Of::Keyed,
    },
    FieldSpec {
        name: MOVE_KEY,
        label: "move key",
        kind: FieldKind::Choice(NO_YES),
        help: "The saved key, or the proxy's password, was given for another place than the form names now. `yes` sends it to the new one; `no` keeps it from there, and another one has to be given.",
        of: Of::Servers,
    },
];

const HOW: &[FieldSpec] = &[
    text(
        "group",
        "group",
        "Folder in the sidebar, with slashes for folders in folders: `work/search`. Empty for none.",
    ),
    text("tags", "tags", "Words to find it by, separated by commas: `eu, nightly`."),
    text(
        "notes",
        "notes",
        "One line that a colleague should know: `rebuilt every night, ask search@`. Searched too. No keys here.",
    ),
    choice("favourite", "favourite", NO_YES, "`yes`: marked with a star, and offered first in quick connect."),
    choice(
        "color",
        "color",
        COLORS,
        "Marks its tab, the borders of its panes, the title line and its line in the sidebar. Production is red whatever stands here.",
    ),
    choice(
        "environment",
        "environment",
        ENVIRONMENTS,
        "`production` is read-only until a write window is opened, and is marked red; `staging` and `dev` do as the next field and `read_only_from` in `config.toml` say.",
    ),
    choice(
        "read_only",
        "read-only",
        NO_YES,
        "`yes`: nothing is ever written through this profile, and no write window opens it.",
    ),
    text(
        "connect_timeout_s",
        "connect s",
        "Seconds to wait for the connection; empty means 5. Too short shows as `did not answer`.",
    ),
    text("request_timeout_s", "request s", "Seconds to wait for one answer; empty means 30."),
    choice("open_at_start", "at start", NO_YES, "`yes`: opened when the program starts without a target."),
];

/// The value of one field.
#[derive(Debug, Clone)]
pub enum FieldValue {
    /// A line of text.
    Text(Box<TextField>),
    /// A line that is never shown.
    Secret(SecretField),
    /// Index into the words.
    Choice(usize),
}

/// How the last test ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TestState {
    /// Not tested since the last change.
    None,
    /// Under way.
    Running,
    /// Connected: product, version, latency.
    Good(String),
    /// Not connected: why.
    Bad(String),
}

/// The form overlay.
#[derive(Debug, Clone)]
pub struct Form {
    /// The profile that is changed; `None` for a new one.
    pub id: Option<ProfileId>,
    /// The profile whose stored secret a copy takes over.
    pub copy_of: Option<ProfileId>,
    /// What is saved of the profile that is changed or copied: what its secrets were given for.
    saved: Option<ProfileFields>,
    /// Values, one for each of [`FIELDS`].
    pub values: Vec<FieldValue>,
    /// The field in focus, an index into [`FIELDS`].
    pub focus: usize,
    /// The last test.
    pub test: TestState,
    /// Identity of the last test: later answers count only for it.
    pub ticket: u64,
    /// Why the last save failed.
    pub error: Option<String>,
    /// Whether anything was typed.
    pub changed: bool,
    /// Whether a save is under way.
    pub saving: bool,
    /// First field in sight.
    pub top: usize,
}

impl Form {
    /// A form with these fields filled in.
    pub fn new(fields: &ProfileFields) -> Self {
        let values = FIELDS
            .iter()
            .map(|spec| match spec.kind {
                FieldKind::Text => FieldValue::Text(Box::new(TextField::new(fields.value(spec.name)))),
                FieldKind::Secret => FieldValue::Secret(SecretField::default()),
                FieldKind::Choice(words) => {
                    FieldValue::Choice(words.iter().position(|word| *word == fields.value(spec.name)).unwrap_or(0))
                }
            })
            .collect();
        let copy_of = match fields.secret {
            SecretChange::CopyFrom(id) => Some(id),
            SecretChange::Keep | SecretChange::Set(_) => None,
        };
        Self {
            id: fields.id,
            copy_of,
            saved: (fields.id.is_some() || copy_of.is_some()).then(|| fields.clone()),
            values,
            focus: 0,
            test: TestState::None,
            ticket: 0,
            error: None,
            changed: false,
            saving: false,
            top: 0,
        }
    }

    /// The profile that is changed, as it is saved; `None` for a new one.
    pub fn was(&self) -> Option<&ProfileFields> {
        self.saved.as_ref().filter(|_| self.id.is_some())
    }

    /// The kind of database that is chosen.
    pub fn provider(&self) -> Option<ProviderKind> {
        ProviderKind::from_name(&self.text("provider"))
    }

    /// The field of that name; where several makers have an option of one name, that of the chosen one.
    pub fn index(&self, name: &str) -> Option<usize> {
        // The choice itself is a field of every kind.
        let chosen = if name == "provider" { None } else { self.provider() };
        FIELDS
            .iter()
            .position(|spec| spec.name == name && chosen.is_none_or(|kind| spec.of.has(kind)))
            .or_else(|| FIELDS.iter().position(|spec| spec.name == name))
    }

    /// What the field is for, with what the chosen maker says of it.
    pub fn help(&self, index: usize) -> String {
        let Some(spec) = FIELDS.get(index) else { return String::new() };
        let maker = self.provider().map(ProviderKind::maker);
        match (spec.name, maker) {
            ("address", Some(maker)) => maker.address_help.to_owned(),
            (MOVE_KEY, _) => self.moved().map_or_else(|| spec.help.to_owned(), |moved| ask_to_move(&moved)),
            ("secret_source", Some(maker)) => match maker.key_help {
                Some(key) => format!("{key} {}", spec.help),
                None => spec.help.to_owned(),
            },
            _ => spec.help.to_owned(),
        }
    }

    /// The text of a field; for a choice its word; empty for a secret.
    pub fn text(&self, name: &str) -> String {
        let Some(i) = self.index(name) else { return String::new() };
        match (&self.values[i], FIELDS[i].kind) {
            (FieldValue::Text(field), _) => field.text().trim().to_owned(),
            (FieldValue::Choice(at), FieldKind::Choice(words)) => {
                words.get(*at).copied().unwrap_or_default().to_owned()
            }
            (FieldValue::Choice(_) | FieldValue::Secret(_), _) => String::new(),
        }
    }

    /// Indexes of the fields that the chosen database and key source have.
    pub fn visible(&self) -> Vec<usize> {
        let provider = self.provider();
        let source = self.text("secret_source");
        let moved = self.moved().is_some();
        FIELDS
            .iter()
            .enumerate()
            .filter(|(_, spec)| spec.of == Of::Every || provider.is_some_and(|kind| spec.of.has(kind)))
            .filter(|(_, spec)| match spec.name {
                "secret" => matches!(source.as_str(), "stored" | "ask"),
                "secret_ref" => matches!(source.as_str(), "env" | "file" | "command"),
                "secret_lifetime_s" => matches!(source.as_str(), "command" | "file"),
                // Only where there is something to allow.
                ALLOW_PLAIN => self.exposure() != Exposure::Private,
                MOVE_KEY => moved,
                "proxy_user" | "proxy_secret" => !matches!(self.text("proxy").as_str(), "" | "environment"),
                "ssh_user" | "ssh_port" | "ssh_jump" | "ssh_identity" => !self.text("ssh_host").is_empty(),
                "wait_port" | "wait_s" => !self.text("before").is_empty(),
                _ => true,
            })
            .map(|(i, _)| i)
            .collect()
    }

    /// Moves the focus among the visible fields, around the ends.
    pub fn move_focus(&mut self, by: isize) {
        let visible = self.visible();
        let at = visible.iter().position(|i| *i == self.focus).unwrap_or(0);
        let len = visible.len().cast_signed().max(1);
        let next = (at.cast_signed() + by).rem_euclid(len).unsigned_abs();
        self.focus = visible.get(next).copied().unwrap_or(0);
    }

    /// The words of a choice that can be chosen, with their indexes; none for other fields. A sign-in is made
    /// elsewhere: the form keeps one, and offers none.
    pub fn words(&self, index: usize) -> Vec<(usize, &'static str)> {
        let Some(FieldSpec { name, kind: FieldKind::Choice(words), .. }) = FIELDS.get(index) else { return Vec::new() };
        let signed_in = self.saved.as_ref().is_some_and(|saved| saved.value("secret_source") == SIGN_IN);
        let offered = |word: &str| *name != "secret_source" || word != SIGN_IN || signed_in;
        words.iter().copied().enumerate().filter(|(_, word)| offered(word)).collect()
    }

    /// The next or previous word of a choice in focus; `false` if the focus is no choice.
    pub fn cycle(&mut self, by: isize) -> bool {
        let words = self.words(self.focus);
        let Some(FieldValue::Choice(at)) = self.values.get_mut(self.focus) else { return false };
        let place = words.iter().position(|(index, _)| index == at).unwrap_or(0);
        let len = words.len().cast_signed().max(1);
        let next = (place.cast_signed() + by).rem_euclid(len).unsigned_abs();
        *at = words.get(next).map_or(*at, |(index, _)| *index);
        self.touch();
        true
    }

    /// Something changed: what was tested is no longer what is there.
    pub fn touch(&mut self) {
        self.changed = true;
        self.error = None;
        if self.test != TestState::Running {
            self.test = TestState::None;
        }
    }

    /// What the store gets.
    pub fn fields(&self) -> ProfileFields {
        let visible = self.visible();
        let mut secret = self.copy_of.map_or(SecretChange::Keep, SecretChange::CopyFrom);
        let mut values = std::collections::BTreeMap::new();
        for i in visible {
            match &self.values[i] {
                FieldValue::Secret(field) if !field.is_empty() => secret = SecretChange::Set(field.secret()),
                FieldValue::Secret(_) => {}
                FieldValue::Text(_) | FieldValue::Choice(_) => {
                    values.insert(FIELDS[i].name, self.text(FIELDS[i].name));
                }
            }
        }
        ProfileFields { id: self.id, values, secret }
    }

    /// The first thing that is plainly wrong, with the field's index.
    pub fn check(&self) -> Result<(), (usize, String)> {
        let at = |name: &str| self.index(name).unwrap_or(0);
        let name = self.text("name");
        if name.is_empty() {
            return Err((at("name"), "the profile has no name. Give it one, e.g. `staging`.".to_owned()));
        }
        if self.text("address").is_empty() {
            return Err((at("address"), "the profile has no address. Give a host, a URL or a directory.".to_owned()));
        }
        if self.text(MOVE_KEY) != "yes"
            && let Some(moved) = self.moved()
        {
            return Err((at(MOVE_KEY), ask_to_move(&moved)));
        }
        for port in ["ssh_port", "wait_port"] {
            let text = self.text(port);
            if !text.is_empty() && !text.parse::<u16>().is_ok_and(|port| port > 0) {
                return Err((at(port), format!("{text:?} is no port from 1 to 65535.")));
            }
        }
        for seconds in ["connect_timeout_s", "request_timeout_s", "wait_s", "secret_lifetime_s"] {
            let text = self.text(seconds);
            if !text.is_empty() && !text.parse::<u64>().is_ok_and(|s| (1..=86_400).contains(&s)) {
                return Err((at(seconds), format!("{text:?} is no number of seconds from 1 to 86400.")));
            }
        }
        Ok(())
    }
}

/// The fields of a new profile.
pub fn blank() -> ProfileFields {
    let mut fields = ProfileFields::default();
    fields.values.insert("provider", ProviderKind::Qdrant.name().to_owned());
    fields.values.insert("environment", Environment::Dev.name().to_owned());
    fields
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
#[path = "form_tests.rs"]
mod tests;
