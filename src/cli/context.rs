//! What every command shares: directories, limits, and the store of profiles, opened only when a
//! command needs it.

use std::path::PathBuf;
use std::time::Duration;

use super::{CliError, Common};
use crate::config::Config;
use crate::profile::access::{KnownLocks, Rules};
use crate::profile::project::{self, Project};
use crate::provider::{ConnectSpec, Timeouts};

/// Names the directory of configuration and profiles.
pub const CONFIG_DIR: &str = "VECTOR_INSPECTOR_CONFIG_DIR";
/// Names the directory of the demo's data.
pub const DATA_DIR: &str = "VECTOR_INSPECTOR_DATA_DIR";

/// Names the directory of the log.
pub const STATE_DIR: &str = "VECTOR_INSPECTOR_STATE_DIR";

/// What every command shares.
pub struct Context {
    /// Flags of every command.
    pub common: Common,
    /// Go on with the defaults where `config.toml` is wrong: the doctor tells of it by itself.
    pub forgiving: bool,
    /// The read-only profiles that this command has seen.
    pub known: KnownLocks,
    /// Take profiles without their secrets: the doctor goes as far as it gets where one cannot be had.
    pub keyless: bool,
}

impl Context {
    /// Touches nothing yet.
    pub fn new(common: Common) -> Self {
        Self { common, forgiving: false, known: KnownLocks::default(), keyless: false }
    }

    /// An environment variable, if it is set and readable as text.
    pub fn env(name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    /// Where configuration and profiles are: the flag, the variable, or the user's own directory.
    ///
    /// # Errors
    /// When this user has no home directory and none is named.
    pub fn config_dir(&self) -> Result<PathBuf, CliError> {
        let named = self.common.config_dir.clone().or_else(|| directory_variable(CONFIG_DIR));
        named.or_else(|| user_dirs().map(|dirs| dirs.config_dir().to_owned())).ok_or_else(|| no_home(CONFIG_DIR))
    }

    /// The settings of `config.toml`.
    ///
    /// # Errors
    /// As [`Context::config_dir`], and what is wrong in the file, with its line.
    pub fn config(&self) -> Result<Config, CliError> {
        match Config::load(&self.config_dir()?.join("config.toml")) {
            Err(_) if self.forgiving => Ok(Config::default()),
            result => result.map_err(|error| CliError::Usage(error.to_string())),
        }
    }

    /// The profiles that the project around the working directory offers.
    ///
    /// # Errors
    /// A project file that is there and is not used, with the reason.
    pub fn project(&self) -> Result<Option<Project>, CliError> {
        let Ok(here) = std::env::current_dir() else { return Ok(None) };
        let home = std::env::var_os("HOME").map(PathBuf::from);
        Ok(project::find(&here, home.as_deref())?)
    }

    /// What is read-only in this run.
    ///
    /// # Errors
    /// As [`Context::config`].
    pub fn rules(&self) -> Result<Rules, CliError> {
        Ok(Rules { run: self.common.read_only, from: self.config()?.read_only_from })
    }

    /// Where the demo's database is kept.
    ///
    /// # Errors
    /// As [`Context::config_dir`].
    pub fn demo_dir(&self) -> Result<PathBuf, CliError> {
        let named = directory_variable(DATA_DIR).or_else(|| user_dirs().map(|dirs| dirs.data_dir().to_owned()));
        named.map(|data| crate::demo::directory(&data)).ok_or_else(|| no_home(DATA_DIR))
    }

    /// Where the log is kept.
    ///
    /// # Errors
    /// As [`Context::config_dir`].
    pub fn state_dir(&self) -> Result<PathBuf, CliError> {
        let named = directory_variable(STATE_DIR);
        let own = || user_dirs().map(|dirs| dirs.state_dir().unwrap_or(dirs.data_local_dir()).to_owned());
        named.or_else(own).ok_or_else(|| no_home(STATE_DIR))
    }

    /// The spec of a target that is no profile, with the limits of `config.toml`.
    ///
    /// # Errors
    /// As [`Context::config`].
    pub fn with_general_limits(&self, mut spec: ConnectSpec) -> Result<ConnectSpec, CliError> {
        let config = self.config()?;
        spec.timeouts = Timeouts { connect: config.connect_timeout, request: config.request_timeout };
        Ok(spec)
    }

    /// The spec with `--timeout` in place of its own limits, where that flag was given.
    pub fn limited(&self, mut spec: ConnectSpec) -> ConnectSpec {
        if let Some(limit) = self.common.timeout {
            let limit = Duration::from_secs_f64(limit);
            spec.timeouts = Timeouts { connect: limit, request: limit };
        }
        spec
    }
}

fn directory_variable(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

fn user_dirs() -> Option<directories::ProjectDirs> {
    directories::ProjectDirs::from("", "", "vector-inspector")
}

fn no_home(variable: &str) -> CliError {
    CliError::Environment(format!("this user has no home directory. Set {variable} to a directory of your choice."))
}
