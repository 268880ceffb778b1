//! How the server is reached, as flags. No flag takes a password.

use std::path::Path;

use crate::cli::CliError;
use crate::profile::address::whole_path;
use crate::profile::model::{Route, SecretSource};
use crate::profile::route::{commands_of, problem, source_of};
use crate::provider::SshSpec;

/// The way to the server. Empty text takes a part away.
#[derive(Debug, clap::Args)]
pub(super) struct Way {
    /// Proxy: http://host:port, https://host:port, socks5://host:port, or environment; empty for none
    #[arg(long, value_name = "URL")]
    proxy: Option<String>,
    /// User at the proxy
    #[arg(long, value_name = "NAME")]
    proxy_user: Option<String>,
    /// Where the proxy's password comes from: "env NAME", "file PATH" or "command PROGRAM ARG"
    #[arg(long, value_name = "SOURCE")]
    proxy_secret: Option<String>,
    /// Go through an SSH tunnel: a host, or a Host of ~/.ssh/config; empty for none
    #[arg(long, value_name = "HOST")]
    ssh_host: Option<String>,
    /// User at the SSH server
    #[arg(long, value_name = "NAME")]
    ssh_user: Option<String>,
    /// Port of the SSH server
    #[arg(long, value_name = "PORT")]
    ssh_port: Option<String>,
    /// Hosts on the way to the SSH server, as for ssh -J
    #[arg(long, value_name = "HOSTS")]
    ssh_jump: Option<String>,
    /// Private key for the SSH server
    #[arg(long, value_name = "FILE")]
    ssh_identity: Option<String>,
    /// Command before the connection, as one argument, e.g. 'kubectl port-forward svc/qdrant ${port}:6334'; no shell reads it; ' ; ' between several
    #[arg(long, value_name = "COMMAND")]
    before: Option<String>,
    /// Port of this machine to wait for after the command; needless with ${port}
    #[arg(long, value_name = "PORT")]
    wait_port: Option<String>,
    /// Seconds to wait for that port, or for a command's end
    #[arg(long, value_name = "SECS")]
    wait: Option<u64>,
}

impl Way {
    /// Whether it says where the proxy's password comes from.
    pub(super) fn gives_password(&self) -> bool {
        self.proxy_secret.is_some()
    }

    /// Puts what was given into a route; what was not given stays.
    ///
    /// # Errors
    /// What is no port, no command, or no source of a password; parts that exclude each other.
    pub(super) fn apply(&self, route: &mut Route) -> Result<(), CliError> {
        text(self.proxy.as_ref(), &mut route.proxy);
        text(self.proxy_user.as_ref(), &mut route.proxy_user);
        if let Some(given) = &self.proxy_secret {
            route.proxy_secret = source(given, route.proxy_secret.as_ref())?;
        }
        if let Some(host) = &self.ssh_host {
            if host.is_empty() {
                route.ssh = None;
            } else {
                route.ssh.get_or_insert_default().host.clone_from(host);
            }
        }
        let parts = [&self.ssh_user, &self.ssh_port, &self.ssh_jump, &self.ssh_identity];
        match &mut route.ssh {
            Some(ssh) => self.apply_ssh(ssh)?,
            None if parts.iter().any(|part| part.as_ref().is_some_and(|text| !text.is_empty())) => {
                return Err(CliError::Usage("there is no tunnel to set that of. Give --ssh-host, too.".to_owned()));
            }
            None => {}
        }
        if let Some(line) = &self.before {
            route.before = commands_of(line).map_err(CliError::Usage)?;
        }
        port(self.wait_port.as_ref(), &mut route.wait_port)?;
        route.wait_s = self.wait.or(route.wait_s);
        match problem(route) {
            Some(why) => Err(CliError::Usage(why)),
            None => Ok(()),
        }
    }

    fn apply_ssh(&self, ssh: &mut SshSpec) -> Result<(), CliError> {
        text(self.ssh_user.as_ref(), &mut ssh.user);
        text(self.ssh_jump.as_ref(), &mut ssh.jump);
        if let Some(path) = &self.ssh_identity {
            ssh.identity_file = (!path.is_empty()).then(|| whole_path(Path::new(path)));
        }
        port(self.ssh_port.as_ref(), &mut ssh.port)
    }
}

fn text(given: Option<&String>, field: &mut Option<String>) {
    if let Some(text) = given {
        *field = (!text.is_empty()).then(|| text.clone());
    }
}

fn port(given: Option<&String>, field: &mut Option<u16>) -> Result<(), CliError> {
    *field = match given.map(String::as_str) {
        None => *field,
        Some("") => None,
        Some(text) => match text.parse() {
            Ok(0) | Err(_) => {
                return Err(CliError::Usage(format!("{text:?} is no port. Give a number from 1 to 65535.")));
            }
            Ok(port) => Some(port),
        },
    };
    Ok(())
}

fn source(given: &str, before: Option<&SecretSource>) -> Result<Option<SecretSource>, CliError> {
    source_of(given, before).map_err(CliError::Usage)
}
