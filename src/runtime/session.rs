//! Keeps what is open in a file of the state directory, so that it is found again also after a kill:
//! `session.json`, readable by its owner alone, replaced as a whole. The form is `app::session::saved`.

use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;
use tokio::sync::watch;
use tokio::task::spawn_blocking;

use super::opening::open_request;
use crate::app::effect::OpenRequest;
use crate::app::session::Plan;
use crate::app::session::saved::{SavedAddress, SavedConnection, Session, VERSION};
use crate::config::Restore;
use crate::profile::access::Rules;
use crate::profile::model::SecretSource;
use crate::profile::target::Target;
use crate::provider::transport::proxy_address;
use crate::provider::{Address, ConnectSpec, ProviderKind, ProxySpec, TlsSpec};
use crate::text::register_secret;

/// Largest file that is read as a session, in bytes.
const LARGEST: u64 = 1024 * 1024;

/// Least time between two saves.
const PAUSE: Duration = Duration::from_millis(300);

/// Why the last session cannot be opened again.
#[derive(Debug, Error)]
pub enum SessionError {
    /// It cannot be read.
    #[error("the last session in {} could not be read: {source}. Nothing is opened again.", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
    /// It cannot be removed.
    #[error("the last session in {} is not to be kept, and could not be removed: {source}. Remove the file.", path.display())]
    Kept {
        /// The file.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
    /// It is no session.
    #[error("the last session in {} is damaged: {reason}. Nothing is opened again; the file is written anew.", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A newer version of this program wrote it.
    #[error(
        "the last session in {} was written by a newer version of this program ({found}, known is {known}). Nothing is opened again, and the file is left as it is; update vector-inspector.",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u64,
        /// The newest that is known.
        known: u32,
    },
}

/// Where the session is kept, and whether the last one is wanted.
#[derive(Debug, Clone)]
pub struct SessionPlace {
    /// The file.
    pub path: PathBuf,
    /// Whether the last one is opened again.
    pub restore: Restore,
}

/// The name of the file in the state directory.
pub const FILE: &str = "session.json";

/// Reads the last session; `None` if there is none. Blocking, and short.
///
/// # Errors
/// [`SessionError`]; the program starts without it.
pub fn load(path: &Path) -> Result<Option<Session>, SessionError> {
    let unreadable = |source| SessionError::Unreadable { path: path.to_owned(), source };
    let damaged = |reason: String| SessionError::Damaged { path: path.to_owned(), reason };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error)),
    };
    let mut text = String::new();
    match file.take(LARGEST + 1).read_to_string(&mut text) {
        Ok(length) if length as u64 > LARGEST => return Err(damaged("it is too large".to_owned())),
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::InvalidData => return Err(damaged(error.to_string())),
        Err(error) => return Err(unreadable(error)),
    }
    let value: serde_json::Value = serde_json::from_str(&text).map_err(|error| damaged(error.to_string()))?;
    match value.get("version").and_then(serde_json::Value::as_u64) {
        Some(found) if found > u64::from(VERSION) => {
            return Err(SessionError::Newer { path: path.to_owned(), found, known: VERSION });
        }
        Some(_) => {}
        None => return Err(damaged("it names no version".to_owned())),
    }
    serde_json::from_value(value).map(Some).map_err(|error| damaged(error.to_string()))
}

/// Removes what an earlier session kept, where nothing is to be kept any more. Blocking, and short.
///
/// # Errors
/// [`SessionError::Kept`].
pub fn forget(path: &Path) -> Result<(), SessionError> {
    match std::fs::remove_file(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            Err(SessionError::Kept { path: path.to_owned(), source })
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Replaces the file as a whole. Blocking.
///
/// # Errors
/// Those of the file system; the file is as it was then.
pub fn save(path: &Path, session: &Session) -> io::Result<()> {
    let directory = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    let text = serde_json::to_vec_pretty(session).map_err(io::Error::other)?;
    let new = directory.join(format!(".{FILE}.{}", std::process::id()));
    let written = write(&new, &text).and_then(|()| std::fs::rename(&new, path));
    if written.is_err() {
        // What is left of it helps nobody; that it cannot be removed either changes nothing.
        let _ = std::fs::remove_file(&new);
    }
    written
}

fn write(path: &Path, text: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    // An older one of the same name may have been readable by others.
    file.set_permissions(Permissions::from_mode(0o600))?;
    file.write_all(text)?;
    file.sync_all()
}

/// The last session as a plan to open it again.
pub fn plan(session: Session, asking: bool, rules: Rules) -> Plan {
    let requests = session.connections.iter().map(|connection| request(connection, rules)).collect();
    Plan::new(session, requests, asking)
}

fn request(connection: &SavedConnection, rules: Rules) -> Option<OpenRequest> {
    let target = match connection {
        SavedConnection::Demo => Target::Demo,
        SavedConnection::Profile(_) => return None,
        SavedConnection::Address(address) => target(address)?,
    };
    open_request(target, rules, None).ok()
}

fn target(saved: &SavedAddress) -> Option<Target> {
    let kind = ProviderKind::from_name(&saved.kind)?;
    let address = match (&saved.host, saved.port, &saved.directory) {
        (Some(host), Some(port), None) => Address::Server { host: host.clone(), port, tls: saved.tls },
        (None, None, Some(path)) => Address::Directory(path.clone()),
        _ => return None,
    };
    let mut spec = ConnectSpec::new(kind, address);
    spec.options.clone_from(&saved.options);
    spec.tls = TlsSpec {
        ca_file: saved.ca_file.clone(),
        cert_file: saved.cert_file.clone(),
        key_file: saved.key_file.clone(),
        server_name: saved.server_name.clone(),
        insecure: saved.insecure,
    };
    if let Some(proxy) = &saved.proxy {
        spec.route.proxy = Some(proxy_of(proxy)?);
    }
    let secret = saved.key_env.clone().map(SecretSource::Env);
    if let Some(key) = saved.key_env.as_ref().and_then(|name| std::env::var(name).ok()) {
        let key = SecretString::from(key);
        register_secret(key.expose_secret());
        spec.secret = Some(key);
    }
    let (label, spec) = (saved.label.clone(), Box::new(spec));
    Some(match saved.ask {
        true => Target::Ask { label, tls: saved.ask_tls, spec, secret },
        false => Target::Spec { label, spec, secret },
    })
}

fn proxy_of(saved: &str) -> Option<ProxySpec> {
    if saved == SavedAddress::ENVIRONMENT {
        return Some(ProxySpec::Environment);
    }
    let address = proxy_address(saved).ok()?;
    Some(ProxySpec::Given { address, user: None, password: None })
}

/// The file, written by one at a time: who writes, writes what is the latest by then.
#[derive(Debug)]
struct Place {
    path: PathBuf,
    writing: Mutex<()>,
}

impl Place {
    fn save(&self, latest: impl Fn() -> Option<Session>) {
        let _alone = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(session) = latest()
            && let Err(error) = save(&self.path, &session)
        {
            tracing::warn!(%error, "the session was not saved");
        }
    }
}

/// The loop's end of the saving.
#[derive(Debug)]
pub struct Keeper {
    place: Option<Arc<Place>>,
    last: Option<Session>,
    latest: watch::Sender<Option<Session>>,
}

impl Keeper {
    /// Keeps sessions in that file; `None` keeps none.
    pub fn new(place: Option<PathBuf>) -> Self {
        let (latest, heard) = watch::channel(None);
        let place = place.map(|path| Arc::new(Place { path, writing: Mutex::default() }));
        if let Some(place) = place.clone() {
            tokio::spawn(keep(place, heard));
        }
        Self { place, last: None, latest }
    }

    /// What is open now; saved soon, if it is something else than before. Does not wait.
    pub fn see(&mut self, session: Option<Session>) {
        if self.place.is_none() || session.is_none() || session == self.last {
            return;
        }
        self.last.clone_from(&session);
        self.latest.send_replace(session);
    }

    /// Saves what was seen last, at the end of the program.
    pub fn finish(self) {
        if let Some(place) = &self.place {
            place.save(|| self.latest.borrow().clone());
        }
    }
}

/// Saves the latest session, not more often than every [`PAUSE`].
async fn keep(place: Arc<Place>, mut latest: watch::Receiver<Option<Session>>) {
    while latest.changed().await.is_ok() {
        let (place, heard) = (Arc::clone(&place), latest.clone());
        if let Err(fault) = spawn_blocking(move || place.save(|| heard.borrow().clone())).await {
            tracing::warn!(%fault, "the session was not saved");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;

    fn session() -> Session {
        Session { version: VERSION, connections: vec![SavedConnection::Demo], ..Session::default() }
    }

    #[test]
    fn a_session_comes_back_from_a_file_of_the_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state").join(FILE);
        assert!(load(&path).unwrap().is_none());
        save(&path, &session()).unwrap();
        assert_eq!(load(&path).unwrap(), Some(session()));
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::metadata(path.parent().unwrap()).unwrap().permissions().mode() & 0o777, 0o700);
        let names: Vec<_> =
            std::fs::read_dir(path.parent().unwrap()).unwrap().flatten().map(|e| e.file_name()).collect();
        assert_eq!(names, [FILE], "no half-written file is left");
        forget(&path).unwrap();
        assert!(!path.exists());
        assert!(forget(&path).is_ok(), "what is not there need not be removed");
        std::fs::create_dir(&path).unwrap();
        assert!(forget(&path).unwrap_err().to_string().contains("is not to be kept"));
    }

    #[test]
    fn every_cut_and_every_changed_byte_is_an_error_or_a_session_and_never_a_panic() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        save(&path, &session()).unwrap();
        let whole = std::fs::read(&path).unwrap();
        for at in 0..whole.len() {
            std::fs::write(&path, &whole[..at]).unwrap();
            assert!(matches!(load(&path), Err(SessionError::Damaged { .. })), "cut at {at}");
            let mut changed = whole.clone();
            changed[at] ^= 0x20;
            std::fs::write(&path, &changed).unwrap();
            let _ = load(&path);
        }
    }

    #[test]
    fn a_newer_one_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        std::fs::write(&path, "{\"version\": 9, \"connections\": {}}").unwrap();
        let Err(error @ SessionError::Newer { .. }) = load(&path) else { panic!("{:?}", load(&path)) };
        assert!(error.to_string().contains("newer version"), "{error}");
    }

    #[test]
    fn an_address_is_opened_as_it_was_and_its_key_is_taken_from_the_same_place() {
        let saved = SavedAddress {
            label: "db:6334".to_owned(),
            kind: "qdrant".to_owned(),
            host: Some("db".to_owned()),
            port: Some(6334),
            tls: true,
            key_env: Some("VI_TEST_NO_SUCH_VARIABLE".to_owned()),
            ..SavedAddress::default()
        };
        let Some(Target::Spec { label, spec, secret: Some(SecretSource::Env(name)) }) = target(&saved) else {
            panic!("no target")
        };
        assert_eq!((label.as_str(), name.as_str()), ("db:6334", "VI_TEST_NO_SUCH_VARIABLE"));
        assert!(spec.secret.is_none());
        assert_eq!(spec.address, Address::Server { host: "db".to_owned(), port: 6334, tls: true });
        assert!(target(&SavedAddress { kind: "nonesuch".to_owned(), ..saved }).is_none());
    }
}
