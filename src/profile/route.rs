//! The way to a profile's server: from what the profile says to what `provider::connect` takes, and the
//! one-line notation of commands and of sources of secrets that the form and the flags have.

use std::path::Path;
use std::time::Duration;

use super::address::whole_path;
use super::model::{Profile, Route, SecretSource};
use super::secret::{self, join_words, split_words};
use super::spec::SpecError;
use crate::provider::transport::proxy_address;
use crate::provider::{PORT_MARK, ProxySpec, RouteSpec, WAIT};
use crate::text::register_secret;

/// The word for the proxy that the environment names.
pub const ENVIRONMENT: &str = "environment";
/// The word that stands between two commands in one line.
const NEXT: &str = ";";
/// The word for a secret that is kept in the store.
const STORED: &str = "stored";

/// The route of a profile, with the proxy's password resolved. Blocking.
///
/// # Errors
/// [`SpecError::Proxy`], [`SpecError::Secret`].
pub fn route_spec(profile: &Profile) -> Result<RouteSpec, SpecError> {
    let route = &profile.route;
    let name = || profile.name.clone();
    let proxy = match route.proxy.as_deref() {
        None => None,
        Some(ENVIRONMENT) => Some(ProxySpec::Environment),
        Some(text) => {
            let address = proxy_address(text).map_err(|cause| SpecError::Proxy { profile: name(), cause })?;
            let password = route.proxy_secret.as_ref().map(secret::resolve).transpose();
            let password = password.map_err(|cause| SpecError::Secret { profile: name(), cause })?;
            if let Some(password) = &password {
                register_secret(secrecy::ExposeSecret::expose_secret(password));
            }
            Some(ProxySpec::Given { address, user: route.proxy_user.clone(), password })
        }
    };
    let sources = [&profile.secret, &route.proxy_secret];
    let hidden = sources.into_iter().flatten().filter_map(|source| match source {
        SecretSource::Env(name) => Some(name.clone()),
        _ => None,
    });
    Ok(RouteSpec {
        proxy,
        ssh: route.ssh.clone(),
        before: route.before.clone(),
        wait_port: route.wait_port,
        wait: route.wait_s.map_or(WAIT, |seconds| Duration::from_secs(seconds.max(1))),
        hidden: hidden.collect(),
    })
}

/// What is plainly wrong with a route, a sentence for whoever is about to save it: a proxy that is none, parts that
/// exclude each other.
pub fn problem(route: &Route) -> Option<String> {
    if let Some(Err(cause)) = route.proxy.as_deref().filter(|text| *text != ENVIRONMENT).map(proxy_address) {
        return Some(format!(
            "the proxy is not understood: {cause}. Write http://host:3128, socks5://host:1080 or environment."
        ));
    }
    let gives_port = route.before.iter().flatten().any(|word| word.contains(PORT_MARK));
    RouteSpec::conflict_of(route.proxy.is_some(), route.ssh.is_some(), gives_port)
        .map(|(cause, mend)| format!("{cause}. {mend}"))
}

/// The commands of one line: words as for a shell, a lone `;` between two commands. No shell reads them.
///
/// # Errors
/// A sentence.
pub fn commands_of(line: &str) -> Result<Vec<Vec<String>>, String> {
    let words = split_words(line).ok_or("the command has an open quote. Close it.")?;
    let commands = words.split(|word| word == NEXT).map(<[String]>::to_vec);
    Ok(commands.filter(|words| !words.is_empty()).collect())
}

/// The line that [`commands_of`] reads.
pub fn line_of(commands: &[Vec<String>]) -> String {
    commands.iter().map(|words| join_words(words)).collect::<Vec<_>>().join(" ; ")
}

/// A source of a secret in one line: `env NAME`, `file PATH`, `command PROGRAM ARGUMENT`; nothing for none.
/// `stored` is what is there already.
///
/// # Errors
/// A sentence; the text is not repeated, it may be the secret itself.
pub fn source_of(text: &str, before: Option<&SecretSource>) -> Result<Option<SecretSource>, String> {
    let wrong = || {
        "where the proxy's password comes from is not understood. Write `env NAME`, `file PATH` or `command PROGRAM \
         ARGUMENT`; the password itself does not belong here."
            .to_owned()
    };
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    if text == STORED {
        let kept = before.filter(|source| matches!(source, SecretSource::Stored(_))).cloned();
        return kept.map(Some).ok_or_else(wrong);
    }
    let (kind, rest) = text.split_once(' ').ok_or_else(wrong)?;
    let rest = rest.trim();
    match kind {
        "env" if !rest.contains(char::is_whitespace) => Ok(Some(SecretSource::Env(rest.to_owned()))),
        "file" => Ok(Some(SecretSource::File(whole_path(Path::new(rest))))),
        "command" => match split_words(rest) {
            Some(argv) if !argv.is_empty() => Ok(Some(SecretSource::Command(argv))),
            _ => Err(wrong()),
        },
        _ => Err(wrong()),
    }
}

/// The line that [`source_of`] reads.
pub fn source_line(source: &SecretSource) -> String {
    match source {
        SecretSource::Command(argv) => format!("command {}", join_words(argv)),
        // `stored`, `env NAME`, `file PATH`
        other => other.describe(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::provider::ProviderKind;

    #[test]
    fn a_line_of_commands_is_read_as_it_is_written() {
        let commands = commands_of("tsh login ; kubectl port-forward 'svc/a b' ${port}:6334").unwrap();
        assert_eq!(commands[0], ["tsh", "login"]);
        assert_eq!(commands[1], ["kubectl", "port-forward", "svc/a b", "${port}:6334"]);
        assert_eq!(commands_of(&line_of(&commands)).unwrap(), commands);
        assert_eq!(commands_of(" ; ").unwrap(), Vec::<Vec<String>>::new());
        assert!(commands_of("a 'b").is_err());
    }

    #[test]
    fn a_source_is_read_as_it_is_written_and_a_password_is_never_repeated() {
        for text in ["env PROXY_PASSWORD", "file /run/proxy", "command pass show 'a b'"] {
            assert_eq!(source_line(&source_of(text, None).unwrap().unwrap()), text);
        }
        assert!(source_of("", None).unwrap().is_none());
        let said = source_of("sesame-opens", None).unwrap_err();
        assert!(!said.contains("sesame"), "{said}");
        let stored = SecretSource::Stored("x".to_owned().into());
        assert!(matches!(source_of("stored", Some(&stored)), Ok(Some(SecretSource::Stored(_)))));
        assert!(source_of("stored", None).is_err());
    }

    #[test]
    fn the_profiles_own_variables_are_hidden_from_what_its_route_starts() {
        let mut profile = Profile::new("p", ProviderKind::Qdrant, "https://db");
        profile.secret = Some(SecretSource::Env("DB_PASS".to_owned()));
        assert_eq!(route_spec(&profile).unwrap().hidden, ["DB_PASS"]);
        profile.route.proxy = Some("http://me:pw@proxy".to_owned());
        let error = route_spec(&profile).unwrap_err().to_string();
        assert!(!error.contains("pw@") && error.contains("user and password in their own fields"), "{error}");
    }
}
