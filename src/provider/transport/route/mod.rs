//! The way to a server as it runs: [`under_way`] sets up what a [`RouteSpec`] asks for, and every
//! [`Server`](super::Server) of that spec carries the [`Way`], so that whatever dials it (`dial`, and with
//! it every maker and the probe) takes it.
//!
//! `command` runs commands and waits for their port, `ssh` is the tunnel, `child` a program that they
//! started, `proxy` asks a proxy for a connection. A way ends with the last server, client or pool that
//! has it: with the open database. When a program of it ends before, nothing is dialled any more and the
//! connection task connects anew, on a new way.

mod child;
mod command;
mod local;
mod proxy;
mod ssh;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use hyper_util::client::proxy::matcher::Matcher;
use tokio::time::Instant;

use super::dial::{Duplex, tcp};
use super::{Server, failure};
use crate::provider::{Address, ConnectSpec, ProviderError, ProxySpec, Result, SshSpec};
use child::Child;
use proxy::Proxy;
pub use proxy::proxy_address;

/// The host of local ends.
const HERE: &str = "127.0.0.1";
/// How long a connection that broke waits for the end of a program, which explains it, and between looks.
const LAST_WORDS: Duration = Duration::from_millis(500);
const POLL: Duration = Duration::from_millis(25);

/// The way to a server. The default is the direct one. Cheap to clone; it ends with the last clone.
#[derive(Clone, Default)]
pub struct Way(Option<Arc<Running>>);

/// A way that is not the direct one.
struct Running {
    leg: Leg,
    /// The server that it was made for.
    host: String,
    port: u16,
    ssh: Option<(SshSpec, Child)>,
    commands: Vec<Child>,
}

/// How the server is reached.
enum Leg {
    /// As it is named.
    Direct,
    /// At a port of this machine, whatever its name is.
    Local(u16),
    /// Through SOCKS at a port of this machine: a tunnel to wherever.
    Socks(u16),
    /// Through a proxy.
    Proxy(Proxy),
    /// Through the proxy that the environment has for it, if any.
    Environment(Box<Matcher>),
}

/// The spec with its way set up: its commands run, its tunnel stands. One that has a way keeps it.
///
/// # Errors
/// `CommandFailed`, `TunnelDown`, `TunnelRefused`, `TunnelDistrusted`, `TimedOut`, and `BadRequest` for parts
/// that make no sense together.
pub async fn under_way(spec: &ConnectSpec) -> Result<ConnectSpec> {
    let mut spec = spec.clone();
    if spec.route.is_direct() || spec.way.0.is_some() {
        return Ok(spec);
    }
    let Address::Server { host, port, .. } = spec.address.clone() else {
        return Err(senseless(
            "a directory of this machine needs no way to a server",
            "Leave proxy, ssh and commands out.",
        ));
    };
    if let Some((cause, mend)) = spec.route.conflict() {
        return Err(senseless(cause, mend));
    }
    let (commands, given) = command::run(&spec.route).await?;
    let mut ssh = None;
    let leg = match (&spec.route.ssh, &spec.route.proxy, given) {
        (Some(tunnel), ..) => {
            let end = if has_one_host(&spec) { ssh::End::Server(&host, port) } else { ssh::End::Any };
            let (child, local) = ssh::open(tunnel, &end, &spec.route, spec.timeouts.connect).await?;
            ssh = Some((tunnel.clone(), child));
            match end {
                ssh::End::Server(..) => Leg::Local(local),
                ssh::End::Any => Leg::Socks(local),
            }
        }
        (None, Some(ProxySpec::Environment), _) => Leg::Environment(Box::new(Matcher::from_env())),
        (None, Some(ProxySpec::Given { address, user, password }), _) => {
            Leg::Proxy(Proxy::new(address.clone(), user.as_deref(), password.as_ref()))
        }
        (None, None, Some(local)) => Leg::Local(local),
        (None, None, None) => Leg::Direct,
    };
    spec.way = Way(Some(Arc::new(Running { leg, host, port, ssh, commands })));
    Ok(spec)
}

/// Whether the database is one host at one port. A service that has an address for all has its databases
/// elsewhere; a service of PostgreSQL names its host in a file.
fn has_one_host(spec: &ConnectSpec) -> bool {
    spec.kind.maker().server().is_none_or(|place| place.host.is_none()) && spec.option("service").is_none()
}

fn senseless(cause: &str, mend: &str) -> ProviderError {
    ProviderError::BadRequest { cause: cause.to_owned(), mend: mend.to_owned() }
}

impl Way {
    /// Whether what is said without TLS can be read between this machine and the next one, wherever the
    /// server is.
    pub fn is_open(&self) -> bool {
        self.0.as_ref().is_some_and(|running| matches!(running.leg, Leg::Proxy(_) | Leg::Environment(_)))
    }

    /// TCP to the server on this way.
    pub(super) async fn dial(&self, server: &Server, deadline: Instant, limit: Duration) -> Result<Box<dyn Duplex>> {
        let direct = || tcp(&server.host, server.port, server, deadline, limit);
        let Some(running) = &self.0 else {
            return Ok(Box::new(direct().await?));
        };
        if let Some(end) = running.end().await {
            return Err(end);
        }
        match &running.leg {
            Leg::Direct => Ok(Box::new(direct().await?)),
            Leg::Local(port) if running.is_for(server) => {
                Ok(Box::new(tcp(HERE, *port, server, deadline, limit).await?))
            }
            Leg::Local(_) => Err(senseless(
                &format!("the way leads to {}:{} and not to {server}", running.host, running.port),
                "Leave the command out, or use an SSH tunnel.",
            )),
            Leg::Socks(port) => Proxy::local(*port).open(server, deadline, limit).await,
            Leg::Proxy(proxy) => proxy.open(server, deadline, limit).await,
            Leg::Environment(matcher) => match Proxy::of_environment(matcher, server)? {
                Some(proxy) => proxy.open(server, deadline, limit).await,
                None => Ok(Box::new(direct().await?)),
            },
        }
    }

    /// The error of a first connect, or what the way knows better: that a program of it has ended, that
    /// the other end of the tunnel did not reach the server.
    pub(in crate::provider) async fn explain(&self, error: ProviderError) -> ProviderError {
        let Some(running) = &self.0 else { return error };
        if let Some(end) = running.end().await {
            return end;
        }
        let vague = matches!(
            error,
            ProviderError::Interrupted { .. }
                | ProviderError::Refused { .. }
                | ProviderError::WrongProtocol { .. }
                | ProviderError::TimedOut { .. }
        );
        if !vague {
            return error;
        }
        if let Some((spec, child)) = &running.ssh {
            let address = Server::new(&running.host, running.port, false).to_string();
            if let Some(told) = ssh::unreached(spec, &child.said(), &running.host, &address) {
                return told;
            }
        }
        // A connection breaks a moment before the program that it went through has ended.
        let patience = Instant::now() + LAST_WORDS;
        while running.has_programs() && Instant::now() < patience {
            tokio::time::sleep(POLL).await;
            if let Some(end) = running.end().await {
                return end;
            }
        }
        error
    }
}

impl Running {
    fn has_programs(&self) -> bool {
        self.ssh.is_some() || !self.commands.is_empty()
    }

    fn is_for(&self, server: &Server) -> bool {
        server.host == self.host && server.port == self.port
    }

    /// Why the way is no more, if a program of it has ended.
    async fn end(&self) -> Option<ProviderError> {
        if let Some((spec, child)) = &self.ssh
            && child.ended().is_some()
        {
            return Some(ssh::meaning(spec, &child.last_words().await));
        }
        for child in &self.commands {
            // With success it may have left behind what it is good for.
            if let Some(status) = child.ended().filter(|status| !status.success()) {
                let cause = command::told(&child.last_words().await, &status.to_string());
                return Some(ProviderError::CommandFailed { program: child.program().to_owned(), cause });
            }
        }
        None
    }
}

/// The same way, or both direct.
impl PartialEq for Way {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (None, None) => true,
            (Some(one), Some(two)) => Arc::ptr_eq(one, two),
            (None, Some(_)) | (Some(_), None) => false,
        }
    }
}

impl Eq for Way {}

impl fmt::Debug for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let leg = match self.0.as_ref().map(|running| &running.leg) {
            None | Some(Leg::Direct) => "direct".to_owned(),
            Some(Leg::Local(port)) => format!("at {HERE}:{port}"),
            Some(Leg::Socks(port)) => format!("by socks at {HERE}:{port}"),
            Some(Leg::Proxy(proxy)) => format!("through {}", proxy.address()),
            Some(Leg::Environment(_)) => "through the environment's proxy".to_owned(),
        };
        write!(f, "Way({leg})")
    }
}

/// What went wrong between this machine and a proxy.
fn proxy_failure(error: &std::io::Error, proxy: &Server, limit: Duration) -> String {
    match failure(error, proxy, limit) {
        ProviderError::Refused { .. } => "nothing listens there".to_owned(),
        ProviderError::Interrupted { cause, .. }
        | ProviderError::Certificate { cause, .. }
        | ProviderError::ClientCertificate { cause, .. } => cause,
        other => other.brief().to_owned(),
    }
}
