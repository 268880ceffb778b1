//! PostgreSQL's own files: passwords (`.pgpass`) and services (`pg_service.conf`). Read at connect,
//! never written, never cached.

use std::collections::BTreeMap;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use secrecy::SecretString;

use crate::provider::transport::Server;
use crate::provider::{ProviderError, Result};

/// Longer files are somebody's mistake.
const LONGEST: u64 = 1024 * 1024;

/// What a service file says of one service.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Service(BTreeMap<String, String>);

impl Service {
    /// A service of the given file, else of `PGSERVICEFILE`, else of `~/.pg_service.conf`.
    ///
    /// # Errors
    /// `File` if there is no such file; `BadRequest` if it has no such service.
    pub(super) fn read(name: &str, file: Option<PathBuf>) -> Result<Self> {
        let path = file.or_else(|| in_environment("PGSERVICEFILE")).or_else(|| in_home(".pg_service.conf"));
        let path = path.ok_or_else(|| ProviderError::BadRequest {
            cause: format!("the service {name:?} cannot be looked up: there is no home directory"),
            mend: "Give the profile's option `service_file`.".to_owned(),
        })?;
        let text = read(&path)?;
        service_of(&text, name).ok_or_else(|| ProviderError::BadRequest {
            cause: format!("{} has no service {name:?}", path.display()),
            mend: "Correct the profile's option `service`.".to_owned(),
        })
    }

    /// A setting of the service.
    pub(super) fn get(&self, key: &str) -> Option<String> {
        self.0.get(key).cloned()
    }
}

/// The settings below `[name]`.
fn service_of(text: &str, name: &str) -> Option<Service> {
    let mut found: Option<BTreeMap<String, String>> = None;
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(section) = line.strip_prefix('[') {
            if found.is_some() {
                break;
            }
            found = (section.strip_suffix(']') == Some(name)).then(BTreeMap::new);
        } else if let Some(settings) = &mut found
            && let Some((key, value)) = line.split_once('=')
        {
            settings.entry(key.trim().to_owned()).or_insert_with(|| value.trim().to_owned());
        }
    }
    found.map(Service)
}

/// The password for that connection, from the given file, else from `PGPASSFILE`, else from
/// `~/.pgpass`; `None` where none fits, or where the usual file is not there.
///
/// # Errors
/// `File` for a file that others can read, or one that is named and cannot be read.
pub(super) fn password(
    file: Option<PathBuf>,
    server: &Server,
    database: &str,
    user: &str,
) -> Result<Option<SecretString>> {
    let named = file.or_else(|| in_environment("PGPASSFILE"));
    let is_named = named.is_some();
    let Some(path) = named.or_else(|| in_home(".pgpass")) else { return Ok(None) };
    if !is_named && !path.exists() {
        return Ok(None);
    }
    check_private(&path)?;
    let text = read(&path)?;
    let wanted = [server.host.as_str(), &server.port.to_string(), database, user];
    Ok(text.lines().find_map(|line| password_of(line, wanted)).map(SecretString::from))
}

/// The password of a line `host:port:database:user:password` that fits. `*` fits all; `\:` and `\\`
/// are a colon and a backslash.
fn password_of(line: &str, wanted: [&str; 4]) -> Option<String> {
    if line.starts_with('#') {
        return None;
    }
    let mut fields = vec![String::new()];
    let mut letters = line.trim_end_matches('\r').chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => fields.last_mut()?.extend(letters.next()),
            // the password is the last field, with whatever colons are in it
            ':' if fields.len() < 5 => fields.push(String::new()),
            _ => fields.last_mut()?.push(letter),
        }
    }
    let password = fields.get(4)?.clone();
    fields.iter().zip(wanted).all(|(field, wanted)| field == "*" || field == wanted).then_some(password)
}

/// A password that others can read is none: PostgreSQL's own clients pass over such a file, here it
/// is said.
fn check_private(path: &Path) -> Result<()> {
    let found = std::fs::metadata(path).map_err(|error| fault(path, error.to_string()))?;
    if found.permissions().mode() & 0o077 != 0 {
        return Err(fault(path, "other users may read it; make it private with chmod 600".to_owned()));
    }
    Ok(())
}

fn read(path: &Path) -> Result<String> {
    let read = || {
        let mut text = String::new();
        std::fs::File::open(path)?.take(LONGEST).read_to_string(&mut text)?;
        std::io::Result::Ok(text)
    };
    read().map_err(|error| fault(path, error.to_string()))
}

fn fault(path: &Path, cause: String) -> ProviderError {
    ProviderError::File { path: path.display().to_string(), cause }
}

fn in_environment(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

fn in_home(name: &str) -> Option<PathBuf> {
    directories::BaseDirs::new().map(|dirs| dirs.home_dir().join(name))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use secrecy::ExposeSecret;

    use super::*;

    const WANTED: [&str; 4] = ["db.test", "5432", "shop", "ada"];

    #[test]
    fn the_first_line_that_fits_gives_the_password() {
        assert_eq!(password_of("db.test:5432:shop:ada:s3cret", WANTED).as_deref(), Some("s3cret"));
        assert_eq!(password_of("*:*:*:ada:a\\:b\\\\c:d", WANTED).as_deref(), Some("a:b\\c:d"));
        assert_eq!(password_of("db.test:5433:shop:ada:no", WANTED), None);
        assert_eq!(password_of("#db.test:5432:shop:ada:no", WANTED), None);
        assert_eq!(password_of("db.test:5432:shop", WANTED), None);
    }

    #[test]
    fn a_password_file_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pass");
        std::fs::write(&path, "# mine\nother:*:*:*:no\n*:5432:*:ada:sesame\n").unwrap();
        let server = Server::new("db.test", 5432, true);
        let mode = |mode| std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        let ask = || password(Some(path.clone()), &server, "shop", "ada");
        mode(0o640);
        let error = ask().unwrap_err().to_string();
        assert!(error.contains("chmod 600") && !error.contains("sesame"), "{error}");
        mode(0o600);
        assert_eq!(ask().unwrap().unwrap().expose_secret(), "sesame");
        let missing = password(Some(folder.path().join("none")), &server, "shop", "ada");
        assert!(matches!(missing, Err(ProviderError::File { .. })));
    }

    #[test]
    fn a_service_has_the_settings_below_its_name() {
        let text = "# all\n[a]\nhost=one\n\n[b]\n host = two \nport=5433\n[c]\nhost=three\n";
        let service = service_of(text, "b").unwrap();
        assert_eq!((service.get("host").as_deref(), service.get("port").as_deref()), (Some("two"), Some("5433")));
        assert_eq!(service_of(text, "d"), None);
    }
}
