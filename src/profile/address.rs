//! The one reader of server addresses: `host:port`, `http://host:port`, `qdrant+https://host`.
//!
//! `target` reads words of the command line with it, the vault the `address` field of a profile.
//! User info (`qdrant://key@host`) is refused without being repeated: an address ends up in
//! titles, logs and process lists, where a secret has no place.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use thiserror::Error;
use url::{Host, Url, form_urlencoded};

use crate::provider::{Address, ProviderKind, ServerPlace};

/// Why a text is no address of a server. No variant repeats user info.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AddressError {
    /// Nothing was given.
    #[error("the address is empty. Give host:port, a URL or a directory.")]
    Empty,
    /// There is a secret, or at least a user, in front of the host.
    #[error(
        "an address must not contain user information (the part before @), because addresses are shown and logged. Keep the key in a profile, or name its variable with ?key_env=NAME."
    )]
    UserInfo,
    /// It cannot be read as a URL.
    #[error("{text:?} is no address: {cause}. Give host:port or scheme://host:port.")]
    Malformed {
        /// What was given.
        text: String,
        /// What is wrong with it.
        cause: String,
    },
    /// There is something after the port.
    #[error(
        "{text:?} names something behind the port ({path}). Leave it out: collections are chosen after connecting."
    )]
    Path {
        /// What was given.
        text: String,
        /// The path or fragment.
        path: String,
    },
    /// A profile's address has a scheme that is not of its maker.
    #[error("{scheme}:// is no address scheme of this kind of database. Use http:// or https://, or host:port alone.")]
    Scheme {
        /// The scheme.
        scheme: String,
    },
    /// A profile's address carries options.
    #[error("a profile's address has no options after '?'. Set them as the profile's own options.")]
    Options,
    /// A URL for a kind that is opened from a directory.
    #[error("{kind} is opened from a directory, not from a URL. Give the directory that holds its data.")]
    NotADirectory {
        /// The kind of database.
        kind: &'static str,
    },
    /// A path for a kind that is a server.
    #[error("{kind} is reached over the network, but {text:?} is a path. Give host:port or http://host:port.")]
    NotAServer {
        /// What was given.
        text: String,
        /// The kind of database.
        kind: &'static str,
    },
}

/// An address taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerUrl {
    /// What stands before `://`, in lower case.
    pub scheme: Option<String>,
    /// Host name or IP address, without brackets.
    pub host: String,
    /// The port, where one is given (or implied by `http`, `https`).
    pub port: Option<u16>,
    /// Who stands before `@`, where the maker's URLs have a user there (never with a password).
    pub user: Option<String>,
    /// What stands behind the port, where the maker's URLs have something there, without the slash.
    pub path: Option<String>,
    /// The pairs after `?`, in order.
    pub options: Vec<(String, String)>,
}

/// What stands before `://`, in lower case, if the text has that form.
pub fn scheme_of(text: &str) -> Option<String> {
    let (scheme, _) = text.split_once("://")?;
    let mut letters = scheme.chars();
    let first = letters.next().is_some_and(|c| c.is_ascii_alphabetic());
    (first && letters.all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))).then(|| scheme.to_ascii_lowercase())
}

/// Whether the text has the form `host:port` with a numeric port.
pub fn is_host_port(text: &str) -> bool {
    text.rsplit_once(':').is_some_and(|(host, port)| {
        !host.is_empty() && !host.contains('/') && port.parse::<u16>().is_ok() && ServerUrl::parse(text).is_ok()
    })
}

impl ServerUrl {
    /// Reads `[scheme://]host[:port][?key=value&...]`.
    ///
    /// # Errors
    /// [`AddressError`] for user info, a path, or what is no URL.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        Self::parse_for(text, None)
    }

    /// As [`Self::parse`], with what the URLs of that kind of server may have besides: a user
    /// before the host, a path behind the port, no host at all.
    ///
    /// # Errors
    /// As [`Self::parse`], for what that kind does not have.
    pub fn parse_for(text: &str, place: Option<ServerPlace>) -> Result<Self, AddressError> {
        let text = text.trim();
        let with_host = place.and_then(|place| place.host).and_then(|host| {
            let rest = text.split_once("://")?.1;
            (rest.is_empty() || rest.starts_with(['/', '?'])).then(|| text.replacen("://", &format!("://{host}"), 1))
        });
        let text = with_host.as_deref().unwrap_or(text);
        if text.is_empty() {
            return Err(AddressError::Empty);
        }
        // What follows `?` may be a secret put there by mistake.
        let shown = text.split('?').next().unwrap_or_default();
        let authority = shown.split_once("://").map_or(shown, |(_, rest)| rest);
        let authority = authority.split(['/', '#']).next().unwrap_or_default();
        // Also behind a slash: it may be one in a password, and then the rest must not be repeated.
        let user_is_known = place.is_some_and(|place| place.user_option.is_some());
        let plain_user = authority.split_once('@').is_some_and(|(user, host)| {
            !user.is_empty() && !user.contains([':', '%']) && !host.contains('@') && shown.matches('@').count() == 1
        });
        if shown.contains('@') && !(user_is_known && plain_user) {
            return Err(AddressError::UserInfo);
        }
        let malformed = |cause: &str| AddressError::Malformed { text: shown.to_owned(), cause: cause.to_owned() };
        let scheme = scheme_of(text);
        // A scheme of our own keeps `url` from applying the rules of `http` (default ports dropped).
        let full = match &scheme {
            Some(_) => text.to_owned(),
            None if shown.contains("://") => return Err(malformed("its scheme is not made of letters, digits and +")),
            None => format!("address://{text}"),
        };
        let url = Url::parse(&full).map_err(|error| malformed(&error.to_string()))?;
        let host = match url.host() {
            Some(Host::Domain(name)) if !name.is_empty() => name.to_owned(),
            Some(Host::Ipv4(ip)) => ip.to_string(),
            Some(Host::Ipv6(ip)) => ip.to_string(),
            Some(Host::Domain(_)) | None => return Err(malformed("it names no host")),
        };
        if url.port() == Some(0) {
            return Err(malformed("port 0 cannot be connected to"));
        }
        let path_is_known = place.is_some_and(|place| place.path_option.is_some());
        let deep = place.is_some_and(|place| place.deep_path);
        let (path, behind) = match (url.path(), url.fragment()) {
            ("" | "/", None) => (None, None),
            (path, None) if path_is_known && (deep || !path.trim_matches('/').contains('/')) => {
                (Some(path.trim_matches('/').to_owned()), None)
            }
            (path, None) => (None, Some(path.to_owned())),
            (_, Some(fragment)) => (None, Some(format!("#{fragment}"))),
        };
        if let Some(path) = behind {
            return Err(AddressError::Path { text: shown.to_owned(), path });
        }
        let user = Some(url.username()).filter(|user| !user.is_empty()).map(str::to_owned);
        let options = url.query_pairs().map(|(k, v)| (k.into_owned(), v.into_owned())).collect();
        Ok(Self { scheme, host, port: url.port_or_known_default(), user, path, options })
    }
}

/// The address of a server as a profile has it: `host`, `host:port`, `http://...`, `https://...`, or
/// with a scheme of the maker's own.
/// Without a port, the kind's own port is meant.
///
/// # Errors
/// [`AddressError`] where [`ServerUrl::parse`] has one, and for another scheme or for options.
pub fn server_address(kind: ProviderKind, text: &str) -> Result<Address, AddressError> {
    let url = ServerUrl::parse_for(
        text,
        kind.maker().server().map(|place| ServerPlace { user_option: None, path_option: None, ..place }),
    )?;
    if !url.options.is_empty() {
        return Err(AddressError::Options);
    }
    let own = |scheme: &str| kind.maker().schemes().iter().find(|(name, _)| *name == scheme).map(|(_, tls)| *tls);
    let tls = match url.scheme.as_deref() {
        None | Some("http") => false,
        Some("https") => true,
        Some(other) => own(other).ok_or_else(|| AddressError::Scheme { scheme: other.to_owned() })?,
    };
    // `http://host` means the database's own port there, not a web server's.
    let given = has_explicit_port(text).then_some(url.port).flatten();
    let port = given.or(kind.default_port()).unwrap_or(0);
    Ok(Address::Server { host: url.host, port, tls })
}

/// The path and the options of a URL that means a directory, `lance:///data/tables?version=3`: all between `://` and
/// `?` is the path, as it is written.
pub fn directory_url(text: &str) -> (&str, BTreeMap<String, String>) {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let options = form_urlencoded::parse(query.as_bytes());
    (path, options.map(|(name, value)| (name.into_owned(), value.into_owned())).collect())
}

/// The address of a profile of any kind: a directory for an embedded one (`~/` is the home
/// directory), else as [`server_address`].
///
/// # Errors
/// [`AddressError`]: as [`server_address`], or a URL where a directory belongs and the reverse.
pub fn profile_address(kind: ProviderKind, text: &str) -> Result<Address, AddressError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(AddressError::Empty);
    }
    if kind.is_embedded() {
        let own = scheme_of(text).is_some_and(|scheme| kind.maker().schemes().iter().any(|(name, _)| *name == scheme));
        let text = if own { directory_url(text).0 } else { text };
        return if text.contains("://") {
            Err(AddressError::NotADirectory { kind: kind.name() })
        } else {
            Ok(Address::Directory(expand_home(text)))
        };
    }
    if ["/", "./", "../", "~/"].iter().any(|start| text.starts_with(start)) || matches!(text, "." | ".." | "~") {
        return Err(AddressError::NotAServer { text: text.to_owned(), kind: kind.name() });
    }
    server_address(kind, text)
}

fn expand_home(text: &str) -> PathBuf {
    let home = directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_owned());
    match (home, text, text.strip_prefix("~/")) {
        (Some(home), "~", _) => home,
        (Some(home), _, Some(rest)) => home.join(rest),
        _ => PathBuf::from(text),
    }
}

/// A file as a profile keeps it, whole: a profile is opened from other directories, too. `~/` is the home directory.
pub fn whole_path(path: &Path) -> PathBuf {
    let path = path.to_str().map_or_else(|| path.to_owned(), expand_home);
    std::path::absolute(&path).unwrap_or(path)
}

/// Whether a port stands in the address: one that is left out is the scheme's.
pub fn has_explicit_port(text: &str) -> bool {
    let authority = text.split_once("://").map_or(text, |(_, rest)| rest);
    let authority = authority.split(['/', '?', '#']).next().unwrap_or_default();
    let after_brackets = authority.rsplit(']').next().unwrap_or_default();
    after_brackets.rsplit_once(':').is_some_and(|(_, port)| !port.is_empty())
}

/// A part of a URL (user, password, path) without its escapes; `None` where they are no text.
pub fn decoded(part: &str) -> Option<String> {
    // In a form these three mean something else; in these parts of a URL they are themselves.
    let part = part.replace('+', "%2B").replace('&', "%26").replace('=', "%3D");
    let text = form_urlencoded::parse(part.as_bytes()).next().map(|(text, _)| text.into_owned()).unwrap_or_default();
    (!text.contains(char::REPLACEMENT_CHARACTER)).then_some(text)
}

/// Whether a host is this machine, so that nothing sent to it crosses a network.
pub fn is_loopback(host: &str) -> bool {
    let ip = host.parse::<std::net::IpAddr>();
    host.eq_ignore_ascii_case("localhost") || ip.is_ok_and(|ip| ip.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn server(host: &str, port: u16, tls: bool) -> Address {
        Address::Server { host: host.to_owned(), port, tls }
    }

    #[test]
    fn reads_the_forms_of_a_profile_address() {
        let read = |text| server_address(ProviderKind::Qdrant, text).unwrap();
        assert_eq!(read("db:7000"), server("db", 7000, false));
        assert_eq!(read("db"), server("db", 6334, false));
        assert_eq!(read("https://db.example.com"), server("db.example.com", 6334, true));
        assert_eq!(read("https://db.example.com:443/"), server("db.example.com", 443, true));
        assert_eq!(read("http://[::1]:80"), server("::1", 80, false));
        assert_eq!(read("[::1]"), server("::1", 6334, false));
    }

    #[test]
    fn user_info_is_refused_without_being_repeated() {
        for text in ["qdrant://sesame@db:1", "http://user:sesame@db", "sesame@db:6334", "http://user:1/sesame@db"] {
            let error = ServerUrl::parse(text).unwrap_err();
            assert_eq!(error, AddressError::UserInfo, "{text}");
            assert!(!error.to_string().contains("sesame"));
        }
    }

    #[test]
    fn a_user_and_a_path_are_read_where_the_maker_writes_them_so() {
        let chroma = ProviderKind::Chroma.maker().server().unwrap();
        let place = Some(ServerPlace {
            host: Some("api.example.com"),
            user_option: Some("user"),
            path_option: Some("database"),
            ..chroma
        });
        let url = ServerUrl::parse_for("postgres://me@db:5432/shop?sslmode=require", place).unwrap();
        assert_eq!((url.user.as_deref(), url.path.as_deref(), url.host.as_str()), (Some("me"), Some("shop"), "db"));
        for text in ["postgres://me:sesame@db", "postgres://me%3Asesame@db", "postgres://@db", "postgres://a@b@db"] {
            assert_eq!(ServerUrl::parse_for(text, place).unwrap_err(), AddressError::UserInfo, "{text}");
        }
        assert!(matches!(ServerUrl::parse_for("postgres://db/a/b", place), Err(AddressError::Path { .. })));
        assert_eq!(ServerUrl::parse_for("pinecone://", place).unwrap().host, "api.example.com");
    }

    #[test]
    fn a_scheme_of_the_maker_is_an_address_of_its_profile() {
        assert_eq!(server_address(ProviderKind::Qdrant, "qdrant+https://db:1").unwrap(), server("db", 1, true));
        assert!(matches!(server_address(ProviderKind::Qdrant, "chroma://db"), Err(AddressError::Scheme { .. })));
    }

    #[test]
    fn paths_ports_and_schemes_are_checked() {
        assert!(matches!(ServerUrl::parse("qdrant://db/articles"), Err(AddressError::Path { .. })));
        assert!(matches!(ServerUrl::parse("db:99999"), Err(AddressError::Malformed { .. })));
        assert!(matches!(ServerUrl::parse("db:0"), Err(AddressError::Malformed { .. })));
        assert!(matches!(ServerUrl::parse("  "), Err(AddressError::Empty)));
        let scheme = server_address(ProviderKind::Chroma, "ftp://db").unwrap_err();
        assert_eq!(scheme, AddressError::Scheme { scheme: "ftp".into() });
    }

    #[test]
    fn a_directory_and_a_server_are_not_mixed_up() {
        let edge = |text| profile_address(ProviderKind::QdrantEdge, text);
        assert_eq!(edge("./db").unwrap(), Address::Directory("./db".into()));
        assert!(matches!(edge("http://db:1").unwrap_err(), AddressError::NotADirectory { .. }));
        let home = directories::BaseDirs::new().unwrap().home_dir().join("db");
        assert_eq!(edge("~/db").unwrap(), Address::Directory(home));
        let server = |text| profile_address(ProviderKind::Chroma, text);
        assert!(matches!(server("./db").unwrap_err(), AddressError::NotAServer { .. }));
        assert!(matches!(server(" ").unwrap_err(), AddressError::Empty));
    }

    #[test]
    fn a_part_of_a_url_is_read_whole() {
        for (part, text) in [("p&q", "p&q"), ("a+b=c", "a+b=c"), ("us%40er%20x", "us@er x"), ("100%", "100%"), ("", "")]
        {
            assert_eq!(decoded(part).as_deref(), Some(text), "{part}");
        }
        assert_eq!(decoded("%ff"), None);
    }

    #[test]
    fn host_port_form_needs_a_numeric_port() {
        assert!(is_host_port("localhost:6334") && is_host_port("[::1]:8000"));
        assert!(!is_host_port("prod") && !is_host_port("a:b") && !is_host_port("./x:1"));
    }
}
