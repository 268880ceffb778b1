//! What a word on the command line (or in the quick-connect box) means: the demo, a saved profile,
//! a server's URL, a port that has to be asked, or a directory.
//!
//! Reading a word touches the file system (is there such a directory, what is in it) but never the
//! network and never the store: a profile's name is only looked up, and a port only asked, when the
//! connection is opened. So the screen can show every target in its first frame.

mod error;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use secrecy::SecretString;

use super::address::{self, AddressError, ServerUrl};
use super::model::SecretSource;
use super::route::ENVIRONMENT;
use super::store_url;
use crate::provider::transport::{ALLOW_PLAINTEXT_KEY, Server, proxy_address};
use crate::provider::{Address, ConnectSpec, Maker, ProviderKind, ProxySpec};
pub use crate::text::nearest;
use crate::text::register_secret_variable;
pub use error::TargetError;
use error::directories;

/// The word that means the embedded database with sample data.
pub const DEMO: &str = "demo";

/// Schemes of makers that this build does not open.
const OTHER_MAKERS: [&str; 2] = ["vespa", "mongodb"];

/// Schemes of object stores, in which LanceDB's tables may lie.
const OBJECT_STORES: [&str; 3] = ["s3+ddb", "abfss", "oss"];

/// What a word means.
#[derive(Debug, Clone)]
pub enum Target {
    /// The embedded database with sample data.
    Demo,
    /// A saved profile of that name (whether there is one is not known yet).
    Profile(String),
    /// A server or a directory that can be opened as it is.
    Spec {
        /// What to call it, e.g. `127.0.0.1:6334` or a directory's name; never holds a secret.
        label: String,
        /// How to open it.
        spec: Box<ConnectSpec>,
        /// Where its key comes from, for saving it as a profile.
        secret: Option<SecretSource>,
    },
    /// A server whose maker is not known: ask the port, set the kind, then open it.
    Ask {
        /// What to call it.
        label: String,
        /// `true` for `https://`, `false` for `http://`, `None` for `host:port` alone.
        tls: Option<bool>,
        /// How to open it once the kind is known; its kind is a guess.
        spec: Box<ConnectSpec>,
        /// Where its key comes from.
        secret: Option<SecretSource>,
    },
}

impl Target {
    /// What to call it on screen and in JSON.
    pub fn label(&self) -> &str {
        match self {
            Self::Demo => DEMO,
            Self::Profile(name) => name,
            Self::Spec { label, .. } | Self::Ask { label, .. } => label,
        }
    }
}

/// Looks an environment variable up; a parameter, so that tests need no global state.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Reads a word.
///
/// # Errors
/// [`TargetError`], a sentence for each cause; none repeats user info or an option's value.
pub fn parse(word: &str, env: Lookup<'_>) -> Result<Target, TargetError> {
    let word = word.trim();
    if word.is_empty() {
        return Err(TargetError::Empty);
    }
    if word == DEMO {
        return Ok(Target::Demo);
    }
    let long = store_url::spelled_out(word);
    let word = long.as_deref().unwrap_or(word);
    if let Some(scheme) = address::scheme_of(word) {
        return from_url(&scheme, word, env);
    }
    if looks_like_path(word) {
        return directory(Path::new(word), env);
    }
    if address::is_host_port(word) || word.contains('@') || word.contains('?') {
        let url = ServerUrl::parse(word)?;
        return ask(&url, None, env);
    }
    if word.contains('/') {
        return directory(Path::new(word), env);
    }
    Ok(Target::Profile(word.to_owned()))
}

/// Whether the word can only be a path: `.`, `..`, `~`, or starting with one of them or `/`.
pub fn looks_like_path(word: &str) -> bool {
    matches!(word, "." | ".." | "~") || ["/", "./", "../", "~/"].iter().any(|start| word.starts_with(start))
}

fn from_url(scheme: &str, word: &str, env: Lookup<'_>) -> Result<Target, TargetError> {
    if let Some((maker, _)) = Maker::of_scheme(scheme).filter(|(maker, _)| maker.kind.is_embedded()) {
        return directory_by_url(maker, word, env);
    }
    if let Some((maker, tls)) = Maker::of_scheme(scheme) {
        let url = ServerUrl::parse_for(word, maker.server())?;
        let port = url.port.or(maker.kind.default_port()).unwrap_or_default();
        let (label, spec, secret) = server(Some(maker), &url, port, tls, env)?;
        return Ok(Target::Spec { label, spec, secret });
    }
    let tls = match scheme {
        "http" => false,
        "https" => true,
        other if OTHER_MAKERS.contains(&other) => {
            return Err(TargetError::NotInThisBuild { scheme: scheme.to_owned() });
        }
        other if OBJECT_STORES.contains(&other) => return Err(TargetError::ObjectStore { scheme: scheme.to_owned() }),
        other => return Err(TargetError::UnknownScheme { scheme: other.to_owned() }),
    };
    ask(&ServerUrl::parse(word)?, Some(tls), env)
}

fn ask(url: &ServerUrl, tls: Option<bool>, env: Lookup<'_>) -> Result<Target, TargetError> {
    let port = url.port.ok_or_else(|| AddressError::Malformed {
        text: url.host.clone(),
        cause: "a port is missing, as in localhost:6334".to_owned(),
    })?;
    let (label, spec, secret) = server(None, url, port, tls.unwrap_or(false), env)?;
    Ok(Target::Ask { label, tls, spec, secret })
}

type ServerParts = (String, Box<ConnectSpec>, Option<SecretSource>);

/// The kind in the spec of a server that has still to be asked who it is.
const GUESS: ProviderKind = ProviderKind::Qdrant;

fn server(
    maker: Option<&'static Maker>,
    url: &ServerUrl,
    port: u16,
    tls: bool,
    env: Lookup<'_>,
) -> Result<ServerParts, TargetError> {
    let label = Server::new(&url.host, port, tls).to_string();
    let kind = maker.map_or(GUESS, |maker| maker.kind);
    let mut spec = ConnectSpec::new(kind, Address::Server { host: url.host.clone(), port, tls });
    let mut source = None;
    let place = maker.and_then(Maker::server);
    for (option, value) in
        [(place.and_then(|place| place.user_option), &url.user), (place.and_then(|place| place.path_option), &url.path)]
    {
        if let (Some(option), Some(value)) = (option, value) {
            spec.options.insert(option.to_owned(), value.clone());
        }
    }
    for (name, value) in &url.options {
        match name.as_str() {
            "key_env" => {
                if !is_variable_name(value) {
                    return Err(TargetError::NoVariable);
                }
                let secret = env(value).filter(|secret| !secret.trim().is_empty());
                let secret = secret.ok_or_else(|| TargetError::NoKey { name: value.clone(), host: label.clone() })?;
                spec.secret = Some(SecretString::from(secret.trim().to_owned()));
                register_secret_variable(value);
                source = Some(SecretSource::Env(value.clone()));
            }
            "ca_file" => spec.tls.ca_file = Some(expand_home(Path::new(value), env)),
            "cert_file" => spec.tls.cert_file = Some(expand_home(Path::new(value), env)),
            "key_file" => spec.tls.key_file = Some(expand_home(Path::new(value), env)),
            "server_name" => spec.tls.server_name = Some(value.clone()).filter(|name| !name.is_empty()),
            "insecure" => spec.tls.insecure = value == "true",
            "proxy" if value == ENVIRONMENT => spec.route.proxy = Some(ProxySpec::Environment),
            "proxy" => {
                let address = proxy_address(value).map_err(|cause| TargetError::Proxy { cause })?;
                spec.route.proxy = Some(ProxySpec::Given { address, user: None, password: None });
            }
            name if name == ALLOW_PLAINTEXT_KEY || takes(maker, name) => {
                spec.options.insert(name.to_owned(), value.clone());
            }
            other => return Err(unknown_option(maker, other)),
        }
    }
    // Two databases of one server are not called the same.
    let within = place.and_then(|place| place.path_option).unwrap_or("database");
    let label = match spec.options.get(within).filter(|_| maker.is_some()) {
        Some(name) => format!("{label}/{name}"),
        None => label,
    };
    Ok((label, Box::new(spec), source))
}

/// Whether the maker has that option; of a server that has still to be asked, any maker's is taken.
fn takes(maker: Option<&Maker>, option: &str) -> bool {
    match maker {
        Some(maker) => maker.has_option(option),
        None => ProviderKind::ALL.into_iter().any(|kind| !kind.is_embedded() && kind.maker().has_option(option)),
    }
}

fn unknown_option(maker: Option<&Maker>, name: &str) -> TargetError {
    let common =
        ["key_env", "ca_file", "cert_file", "key_file", "server_name", "insecure", "proxy", ALLOW_PLAINTEXT_KEY];
    let own = maker.map_or(&[][..], |maker| maker.options).iter().map(|option| option.name);
    TargetError::UnknownOption {
        name: name.to_owned(),
        what: maker.map_or("a server", |maker| maker.title),
        known: own.chain(common).collect::<Vec<_>>().join(", "),
    }
}

/// Capital letters only, as variables are written: a key pasted by mistake is not mistaken for a name.
fn is_variable_name(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

/// The directory as a target, recognised by what is in it.
///
/// # Errors
/// [`TargetError`] if it does not exist, is a file, or holds no database that this build opens.
pub fn directory(path: &Path, env: Lookup<'_>) -> Result<Target, TargetError> {
    let path = expand_home(path, env);
    let shown = path.display().to_string();
    if !path.exists() {
        return Err(TargetError::NothingThere { path: shown, found: "does not exist" });
    }
    if !path.is_dir() {
        return Err(TargetError::IsFile { path: shown });
    }
    let kind = recognise(&path)?;
    of_directory(kind, path, BTreeMap::new())
}

/// A directory whose scheme says what it is, e.g. `lance:///data/tables?nprobes=20`.
fn directory_by_url(maker: &'static Maker, word: &str, env: Lookup<'_>) -> Result<Target, TargetError> {
    let (path, options) = address::directory_url(word);
    if let Some(scheme) = address::scheme_of(path) {
        return Err(TargetError::ObjectStore { scheme });
    }
    if let Some(name) = options.keys().find(|name| !maker.has_option(name)) {
        let known = maker.options.iter().map(|option| option.name).collect::<Vec<_>>().join(", ");
        return Err(TargetError::UnknownOption { name: name.clone(), what: maker.title, known });
    }
    let path = expand_home(Path::new(path), env);
    let shown = path.display().to_string();
    if !path.exists() {
        return Err(TargetError::NoSuchPath { path: shown });
    }
    if !path.is_dir() {
        return Err(TargetError::IsFile { path: shown });
    }
    of_directory(maker.kind, path, options)
}

fn of_directory(kind: ProviderKind, path: PathBuf, options: BTreeMap<String, String>) -> Result<Target, TargetError> {
    let shown = path.display().to_string();
    if !kind.is_in_this_build() {
        let maker = kind.maker();
        return Err(TargetError::NeedsFeature { maker: maker.title, word: shown, feature: maker.name });
    }
    let name = path.canonicalize().ok().and_then(|p| p.file_name().map(|n| n.to_string_lossy().into_owned()));
    let label = name.unwrap_or(shown);
    // Whole: a copy that is resumed elsewhere, or a saved profile, leads to the same directory.
    let mut spec = ConnectSpec::directory(kind, std::path::absolute(&path).unwrap_or(path));
    spec.options = options;
    Ok(Target::Spec { label, spec: Box::new(spec), secret: None })
}

/// The kind of database in that directory, told by what is in it.
///
/// # Errors
/// [`TargetError`] if it holds no database that this build opens.
pub fn recognise(path: &Path) -> Result<ProviderKind, TargetError> {
    let shown = || path.display().to_string();
    if let Some((maker, _)) = directories().find(|(_, place)| (place.recognise)(path)) {
        return Ok(maker.kind);
    }
    let entries = match std::fs::read_dir(path) {
        Ok(entries) => entries.flatten().count(),
        Err(error) => {
            return Err(TargetError::NoDatabase { path: shown(), found: format!("it cannot be read ({error})") });
        }
    };
    let found = match entries {
        0 => return Err(TargetError::NothingThere { path: shown(), found: "is empty" }),
        1 => "its one entry is no collection".to_owned(),
        n => format!("none of its {n} entries is a collection"),
    };
    Err(TargetError::NoDatabase { path: shown(), found })
}

fn expand_home(path: &Path, env: Lookup<'_>) -> PathBuf {
    match (path.strip_prefix("~"), env("HOME")) {
        (Ok(rest), Some(home)) if rest.as_os_str().is_empty() => PathBuf::from(home),
        (Ok(rest), Some(home)) => PathBuf::from(home).join(rest),
        (Ok(_), None) | (Err(_), _) => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use secrecy::ExposeSecret;

    use super::*;

    fn env(name: &str) -> Option<String> {
        match name {
            "THE_KEY" => Some("sesame\n".to_owned()),
            "HOME" => Some("/nonexistent-home".to_owned()),
            _ => None,
        }
    }

    fn read(word: &str) -> Result<Target, TargetError> {
        parse(word, &env)
    }

    fn spec(word: &str) -> (String, ConnectSpec) {
        match read(word).unwrap() {
            Target::Spec { label, spec, .. } => (label, *spec),
            other => panic!("{word} became {other:?}"),
        }
    }

    #[test]
    fn two_databases_of_one_server_have_two_names() {
        assert_eq!(spec("postgres://db:5432/one").0, "db:5432/one");
        assert_eq!(spec("chroma://db:8000?tenant=t&database=two").0, "db:8000/two");
        assert_eq!(spec("chroma://db:8000").0, "db:8000");
    }

    #[test]
    fn schemes_choose_kind_port_and_tls() {
        let (label, qdrant) = spec("qdrant://db.example.com");
        assert_eq!(label, "db.example.com:6334");
        assert_eq!(qdrant.address, Address::Server { host: "db.example.com".into(), port: 6334, tls: false });
        let (_, chroma) = spec("chroma+https://db:9000?tenant=t&database=d");
        assert_eq!(chroma.kind, ProviderKind::Chroma);
        assert_eq!(chroma.address, Address::Server { host: "db".into(), port: 9000, tls: true });
        assert_eq!(chroma.options["tenant"], "t");
        assert_eq!(chroma.options["database"], "d");
    }

    #[test]
    fn a_bare_port_has_to_be_asked() {
        assert!(matches!(read("localhost:6333").unwrap(), Target::Ask { tls: None, .. }));
        assert!(matches!(read("https://db.example.com").unwrap(), Target::Ask { tls: Some(true), .. }));
        assert!(matches!(read("http://db:8000").unwrap(), Target::Ask { tls: Some(false), .. }));
    }

    #[test]
    fn tls_and_a_proxy_are_parameters_of_a_url() {
        let (_, with) = spec("qdrant+https://10.0.0.7?server_name=db.example.com&insecure=true&proxy=socks5://p:1080");
        assert!(with.tls.insecure && with.tls.server_name.as_deref() == Some("db.example.com"));
        let Some(ProxySpec::Given { address, .. }) = with.route.proxy else { panic!("a proxy") };
        assert_eq!(address.to_string(), "socks5://p:1080");
        let refused = read("qdrant://db?proxy=http://me:sesame@p:1").unwrap_err();
        assert!(matches!(refused, TargetError::Proxy { .. }) && !refused.to_string().contains("sesame"), "{refused}");
    }

    #[test]
    fn words_are_profiles_and_demo_is_the_demo() {
        assert!(matches!(read("prod").unwrap(), Target::Profile(name) if name == "prod"));
        assert!(matches!(read("demo").unwrap(), Target::Demo));
        assert!(matches!(read(" ").unwrap_err(), TargetError::Empty));
    }

    #[test]
    fn an_unknown_scheme_names_the_known_ones() {
        let message = read("qdrannt://db").unwrap_err().to_string();
        assert!(message.starts_with("qdrannt:// is not known. Did you mean qdrant://?"), "{message}");
        assert!(message.contains("chroma://") && message.len() < 200, "{message}");
        assert!(!read("zzz://db").unwrap_err().to_string().contains("mean"));
        let later = read("vespa://db").unwrap_err();
        assert_eq!(later, TargetError::NotInThisBuild { scheme: "vespa".into() });
    }

    #[test]
    fn the_key_comes_from_the_named_variable_only() {
        let (label, with_key) = spec("qdrant+https://db?key_env=THE_KEY");
        assert_eq!(with_key.secret.unwrap().expose_secret(), "sesame");
        assert_eq!(label, "db:6334");
        assert!(
            matches!(read("qdrant://db?key_env=NOPE").unwrap_err(), TargetError::NoKey { host, .. } if host == "db:6334")
        );
        assert!(spec("qdrant://db").1.secret.is_none());
    }

    #[test]
    fn secrets_in_an_address_are_refused_and_never_repeated() {
        for word in [
            "qdrant://sesame@db",
            "sesame@db:6334",
            "qdrant://db?api_key=sesame",
            "db:1?token=sesame",
            "qdrant://db?key_env=sesame",
        ] {
            let message = read(word).unwrap_err().to_string();
            assert!(!message.contains("sesame"), "{message}");
        }
    }

    #[test]
    fn paths_that_are_no_database_get_a_sentence() {
        let home = tempfile::tempdir().unwrap();
        let at = |name: &str| home.path().join(name).display().to_string();
        std::fs::write(at("file"), "x").unwrap();
        std::fs::create_dir_all(at("chroma")).unwrap();
        std::fs::write(at("chroma") + "/chroma.sqlite3", "").unwrap();
        std::fs::create_dir_all(at("lance") + "/t.lance").unwrap();
        std::fs::create_dir_all(at("empty")).unwrap();
        assert!(matches!(read(&at("nothing")).unwrap_err(), TargetError::NothingThere { found: "does not exist", .. }));
        assert!(matches!(read(&at("file")).unwrap_err(), TargetError::IsFile { .. }));
        assert_eq!(spec(&at("chroma")).1.kind, ProviderKind::ChromaFolder);
        for word in [at("lance"), format!("lance://{}", at("lance")), format!("lance://{}?version=3", at("lance"))] {
            match read(&word) {
                Ok(Target::Spec { label, spec, .. }) if ProviderKind::LanceDb.is_in_this_build() => {
                    assert!(spec.kind == ProviderKind::LanceDb && label == "lance");
                    assert_eq!(spec.options.get("version").map(String::as_str), word.strip_suffix("=3").map(|_| "3"));
                }
                Err(TargetError::NeedsFeature { maker: "LanceDB", feature: "lancedb", .. })
                    if !ProviderKind::LanceDb.is_in_this_build() => {}
                other => panic!("{other:?}"),
            }
        }
        let unknown = read(&format!("lance://{}?nope=3", at("lance"))).unwrap_err();
        assert!(matches!(unknown, TargetError::UnknownOption { what: "LanceDB", .. }), "{unknown}");
        assert!(matches!(read("lance:///nope").unwrap_err(), TargetError::NoSuchPath { .. }));
        for word in ["oss://bucket/path", "lance://oss://bucket/path"] {
            assert_eq!(read(word).unwrap_err(), TargetError::ObjectStore { scheme: "oss".into() });
        }
        assert!(matches!(read(&at("empty")).unwrap_err(), TargetError::NothingThere { found: "is empty", .. }));
        assert!(
            matches!(read("~/x").unwrap_err(), TargetError::NothingThere { path, .. } if path == "/nonexistent-home/x")
        );
    }

    #[test]
    fn near_names_are_suggested_best_first() {
        let names = ["prod", "production", "staging", "local"];
        assert_eq!(nearest("prd", names), ["prod", "production"]);
        assert_eq!(nearest("zzz", names), Vec::<String>::new());
        let error = TargetError::NoProfile { name: "prd".into(), near: nearest("prd", names) };
        assert!(error.to_string().contains("Did you mean \"prod\""), "{error}");
    }
}
