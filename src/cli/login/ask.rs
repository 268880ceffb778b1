//! What a sign-in needs: from the flags, and where a person sits there, by asking.

use crate::cli::profiles::from_stdin;
use crate::cli::{CliError, Out, prompt};
use crate::cloud::{Answers, Cloud, Field, FieldKind, Key, Offer};
use crate::profile::model::SecretSource;
use crate::profile::secret;
use crate::text::nearest;

/// What the flags give. No flag takes a secret itself: arguments are seen by every process.
#[derive(Debug, clap::Args)]
pub(super) struct Given {
    /// Address of a cluster or server (qdrant, weaviate), or of the database (postgres)
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// How to sign in. weaviate: key, client, device or password; postgres: password or rds-token
    #[arg(long, value_name = "WAY")]
    way: Option<String>,
    /// Take the key from this variable, now and at every connect
    #[arg(long, value_name = "NAME", conflicts_with = "key_stdin")]
    key_env: Option<String>,
    /// Read the key from stdin, and keep it in the encrypted store
    #[arg(long)]
    key_stdin: bool,
    /// Take the management key, which is not saved, from this variable (qdrant)
    #[arg(long, value_name = "NAME")]
    management_key_env: Option<String>,
    /// Take our secret at the identity provider from this variable, and keep it in the encrypted store (weaviate)
    #[arg(long, value_name = "NAME")]
    client_secret_env: Option<String>,
    /// Take the password from this variable (weaviate)
    #[arg(long, value_name = "NAME")]
    password_env: Option<String>,
    /// Name at the identity provider (weaviate)
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// Our client id at the identity provider, if not the one that the server names (weaviate)
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// Scopes to ask for, separated by blanks, if not those that the server names (weaviate)
    #[arg(long, value_name = "TEXT")]
    scopes: Option<String>,
    /// Certificate of the authority that signed the server's (postgres, weaviate, chroma)
    #[arg(long, value_name = "FILE")]
    ca_file: Option<String>,
    /// Address of the maker's control plane, if it is not the usual one
    #[arg(long, value_name = "URL")]
    api: Option<String>,
}

impl Given {
    fn text(&self, name: &str) -> Option<&str> {
        let given = match name {
            "url" => &self.url,
            "way" => &self.way,
            "user" => &self.user,
            "client-id" => &self.client_id,
            "scopes" => &self.scopes,
            "ca-file" => &self.ca_file,
            "api" => &self.api,
            _ => &None,
        };
        given.as_deref()
    }

    fn variable(&self, name: &str) -> Option<&str> {
        let given = match name {
            "key" => &self.key_env,
            "management-key" => &self.management_key_env,
            "client-secret" => &self.client_secret_env,
            "password" => &self.password_env,
            _ => &None,
        };
        given.as_deref()
    }

    /// A flag that was given and means nothing to that cloud.
    fn stray(&self, cloud: Cloud) -> Option<String> {
        let known = |name: &str| cloud.fields().iter().any(|field| field.name == name);
        let texts = ["url", "way", "user", "client-id", "scopes", "ca-file", "api"];
        let secrets = ["key", "management-key", "client-secret", "password"];
        let text = texts.into_iter().find(|name| self.text(name).is_some() && !known(name));
        let secret = secrets.into_iter().find(|name| self.variable(name).is_some() && !known(name));
        text.map(|name| format!("--{name}")).or(secret.map(|name| format!("--{name}-env")))
    }
}

/// What is known of all that the cloud asks for.
///
/// # Errors
/// A flag that means nothing there, a variable that is not set.
pub(super) fn answers(cloud: Cloud, given: &Given) -> Result<Answers, CliError> {
    if let Some(flag) = given.stray(cloud) {
        return Err(CliError::Usage(format!("{flag} means nothing to {}. See login --help.", cloud.title())));
    }
    let asks = prompt::interactive() && !given.key_stdin;
    let mut answers = Answers { by_flags: true, ..Answers::default() };
    for field in cloud.fields() {
        if !cloud.wants(field.name, &answers) {
            continue;
        }
        match field.kind {
            FieldKind::Secret => {
                if let Some(key) = key(field, given, asks, answers.text("way"))? {
                    answers.keys.insert(field.name, key);
                }
            }
            FieldKind::Text | FieldKind::Choice(_) => {
                let needed = field.name == "url" && matches!(cloud, Cloud::Weaviate | Cloud::Postgres);
                let typed = || {
                    if asks && needed {
                        prompt::line(&format!("{}:", field.label))
                            .map(|line| line.trim().to_owned())
                            .filter(|line| !line.is_empty())
                    } else {
                        None
                    }
                };
                if let Some(text) = given.text(field.name).map(str::to_owned).or_else(typed) {
                    answers.texts.insert(field.name, text);
                }
            }
        }
    }
    Ok(answers)
}

fn key(field: &Field, given: &Given, asks: bool, way: &str) -> Result<Option<Key>, CliError> {
    if let Some(name) = given.variable(field.name) {
        let source = SecretSource::Env(name.to_owned());
        let secret = secret::resolve(&source).map_err(|error| CliError::Usage(error.to_string()))?;
        return Ok(Some(Key { secret, source }));
    }
    if field.name == "key" && given.key_stdin {
        return Ok(Some(Key::stored(from_stdin()?)));
    }
    // What only some providers ask for is given by its flag.
    if !asks || (field.name == "client-secret" && way != "client") {
        return Ok(None);
    }
    let typed = prompt::passphrase(&format!("{} (nothing is shown)", field.label));
    let typed = typed.ok_or_else(|| CliError::Usage("the question was left. Nothing was saved.".to_owned()))?;
    use secrecy::ExposeSecret;
    Ok((!typed.expose_secret().is_empty()).then(|| Key::stored(typed)))
}

/// Those that the user wants: named, all, the only one, or asked for.
///
/// # Errors
/// A name that was not found; several where nobody can be asked.
pub(super) fn choose(offers: Vec<Offer>, named: &[String], all: bool, out: &mut Out) -> Result<Vec<Offer>, CliError> {
    if all || (named.is_empty() && offers.len() == 1) {
        return Ok(offers);
    }
    if !named.is_empty() {
        return pick(offers, named);
    }
    let names: Vec<&str> = offers.iter().map(|offer| offer.profile.name.as_str()).collect();
    if !prompt::interactive() {
        return Err(CliError::Usage(format!(
            "several were found: {}. Say which: --choose NAME (may be repeated), or --all.",
            names.join(", ")
        )));
    }
    for (number, offer) in offers.iter().enumerate() {
        out.note(&format!("{:>3}  {}  {}  {}", number + 1, offer.profile.name, offer.profile.address, offer.detail));
    }
    let typed = prompt::line("Which (numbers or names separated by blanks, or all):").unwrap_or_default();
    let typed = typed.trim();
    if typed == "all" {
        return Ok(offers);
    }
    let by_number = |word: &str| word.parse::<usize>().ok().and_then(|n| names.get(n.checked_sub(1)?));
    let words = typed.split([' ', ',']).filter(|word| !word.is_empty());
    let wanted: Vec<String> = words.map(|word| by_number(word).map_or(word, |name| name).to_owned()).collect();
    if wanted.is_empty() {
        return Err(CliError::Usage("none was chosen. Nothing was saved.".to_owned()));
    }
    pick(offers, &wanted)
}

fn pick(offers: Vec<Offer>, named: &[String]) -> Result<Vec<Offer>, CliError> {
    for name in named {
        if !offers.iter().any(|offer| offer.profile.name == *name) {
            let near = nearest(name, offers.iter().map(|offer| offer.profile.name.as_str()));
            let hint =
                if near.is_empty() { "See --list.".to_owned() } else { format!("The nearest: {}.", near.join(", ")) };
            return Err(CliError::Usage(format!("{name:?} was not found there. {hint}")));
        }
    }
    Ok(offers.into_iter().filter(|offer| named.contains(&offer.profile.name)).collect())
}
