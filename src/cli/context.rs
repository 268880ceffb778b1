//! What every command shares: directories, limits, and the store of profiles, opened only when a
//! command needs it.

use std::path::PathBuf;
use std::time::Duration;

use super::{CliError, Common};
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
}

impl Context {
    /// Touches nothing yet.
    pub fn new(common: Common) -> Self {
        Self { common }
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
        named.or_else(|| project().map(|dirs| dirs.config_dir().to_owned())).ok_or_else(|| no_home(CONFIG_DIR))
    }

    /// Where the demo's database is kept.
    ///
    /// # Errors
    /// As [`Context::config_dir`].
    pub fn demo_dir(&self) -> Result<PathBuf, CliError> {
        let named = directory_variable(DATA_DIR).or_else(|| project().map(|dirs| dirs.data_dir().to_owned()));
        named.map(|data| crate::demo::directory(&data)).ok_or_else(|| no_home(DATA_DIR))
    }

    /// Where the log is kept.
    ///
    /// # Errors
    /// As [`Context::config_dir`].
    pub fn state_dir(&self) -> Result<PathBuf, CliError> {
        let named = directory_variable(STATE_DIR);
        let own = || project().map(|dirs| dirs.state_dir().unwrap_or(dirs.data_local_dir()).to_owned());
        named.or_else(own).ok_or_else(|| no_home(STATE_DIR))
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

fn project() -> Option<directories::ProjectDirs> {
    directories::ProjectDirs::from("", "", "vector-inspector")
}

fn no_home(variable: &str) -> CliError {
    CliError::Environment(format!("this user has no home directory. Set {variable} to a directory of your choice."))
}
