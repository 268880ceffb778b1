//! The tunnel: which words `ssh` is called with, and what its own words mean.
//!
//! The user's configuration holds (`~/.ssh/config`, agent, known hosts), but nobody is asked anything, and
//! the connection is not shared with others: the forwarding would live and die with them.

use std::time::{Duration, Instant};

use super::child::Child;
use super::local::{accepts, free_port};
use crate::provider::{ProviderError, Result, RouteSpec, SshSpec, TUNNEL_WAIT};
use crate::text::{is_secret_variable, looks_secret};

/// The program.
const PROGRAM: &str = "ssh";
/// Between two looks at the port and at the program.
const POLL: Duration = Duration::from_millis(25);
/// How often another port is tried where one was taken meanwhile.
const TRIES: usize = 3;

/// What the tunnel leads to.
pub(super) enum End<'a> {
    /// One server.
    Server(&'a str, u16),
    /// Whatever is asked for, by SOCKS: makers whose databases have several hosts.
    Any,
}

/// Starts the tunnel and waits until its local end is there.
///
/// # Errors
/// `TunnelDown`, `TunnelRefused`, `TunnelDistrusted` with the cause, `BadRequest` for what no tunnel can be.
pub(super) async fn open(spec: &SshSpec, end: &End<'_>, route: &RouteSpec, limit: Duration) -> Result<(Child, u16)> {
    for turn in 1.. {
        let port = free_port().map_err(|error| down(spec, &format!("no local port is free ({error})")))?;
        match open_at(spec, end, route, limit, port).await {
            Err(Failed::PortTaken) if turn < TRIES => {}
            Err(Failed::PortTaken) => return Err(down(spec, "its local port is taken again and again")),
            Err(Failed::For(error)) => return Err(error),
            Ok(child) => return Ok((child, port)),
        }
    }
    Err(down(spec, "no end of tries"))
}

enum Failed {
    PortTaken,
    For(ProviderError),
}

async fn open_at(
    spec: &SshSpec,
    end: &End<'_>,
    route: &RouteSpec,
    limit: Duration,
    port: u16,
) -> std::result::Result<Child, Failed> {
    let arguments = arguments(spec, end, port, limit).map_err(Failed::For)?;
    // A name that tells of a secret is none that ssh needs.
    let hidden =
        |name: &str| looks_secret(name) || is_secret_variable(name) || route.hidden.iter().any(|hidden| hidden == name);
    let child = Child::start(PROGRAM, &arguments, hidden)
        .map_err(|error| Failed::For(down(spec, &format!("`{PROGRAM}` could not be started: {error}"))))?;
    let started = Instant::now();
    loop {
        if child.ended().is_some() {
            let words = child.last_words().await;
            let taken = words.iter().any(|line| line.contains("Address already in use"));
            return Err(if taken { Failed::PortTaken } else { Failed::For(meaning(spec, &words)) });
        }
        if accepts(port).await {
            return Ok(child);
        }
        if started.elapsed() >= TUNNEL_WAIT {
            let what = format!("the SSH tunnel through {}", spec.host);
            return Err(Failed::For(ProviderError::TimedOut { what, after: TUNNEL_WAIT }));
        }
        tokio::time::sleep(POLL).await;
    }
}

fn arguments(spec: &SshSpec, end: &End<'_>, port: u16, limit: Duration) -> Result<Vec<String>> {
    let jump = spec.jump.as_deref();
    for word in [Some(spec.host.as_str()), spec.user.as_deref(), jump].into_iter().flatten() {
        if word.is_empty() || word.starts_with('-') || word.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(ProviderError::BadRequest {
                cause: format!("{word:?} is no name for ssh"),
                mend: "Correct the profile's ssh host, user or jump.".to_owned(),
            });
        }
    }
    let mut words: Vec<String> = ["-N", "-T"].map(str::to_owned).into();
    let seconds = limit.as_secs().max(1);
    for option in [
        "BatchMode=yes",
        "ExitOnForwardFailure=yes",
        "ControlMaster=no",
        "ControlPath=none",
        "ServerAliveInterval=5",
        "ServerAliveCountMax=3",
        &format!("ConnectTimeout={seconds}"),
    ] {
        words.extend(["-o".to_owned(), option.to_owned()]);
    }
    let forward = match end {
        End::Server(host, to) if host.contains(':') => ["-L".to_owned(), format!("127.0.0.1:{port}:[{host}]:{to}")],
        End::Server(host, to) => ["-L".to_owned(), format!("127.0.0.1:{port}:{host}:{to}")],
        End::Any => ["-D".to_owned(), format!("127.0.0.1:{port}")],
    };
    words.extend(forward);
    let given = [
        ("-l", spec.user.clone()),
        ("-p", spec.port.map(|port| port.to_string())),
        ("-J", spec.jump.clone()),
        ("-i", spec.identity_file.as_ref().map(|path| path.display().to_string())),
    ];
    words.extend(given.into_iter().filter_map(|(flag, value)| Some([flag.to_owned(), value?])).flatten());
    words.extend(["--".to_owned(), spec.host.clone()]);
    Ok(words)
}

/// What `ssh` said before it ended.
pub(super) fn meaning(spec: &SshSpec, words: &[String]) -> ProviderError {
    let host = spec.host.clone();
    let said = |mark: &str| words.iter().find(|line| line.contains(mark));
    let distrusted = |cause: &str| ProviderError::TunnelDistrusted { host: host.clone(), cause: cause.to_owned() };
    if said("HOST IDENTIFICATION HAS CHANGED").is_some() {
        return distrusted("its host key is not the one that it had before");
    }
    if said("Host key verification failed").is_some() || said("host key is known for").is_some() {
        return distrusted("its host key is not known on this machine");
    }
    if let Some(line) = said("Permission denied").or_else(|| said("Too many authentication failures")) {
        return ProviderError::TunnelRefused { host, cause: line.trim_end_matches('.').to_owned() };
    }
    match words.last() {
        Some(_) if said("administratively prohibited").is_some() => down(spec, "its SSH server allows no forwarding"),
        // The last line may be a farewell; the first that names a failure says more.
        Some(last) => down(spec, said("ssh: ").unwrap_or(last)),
        None => down(spec, "ssh ended without a word"),
    }
}

/// What a tunnel that stands says of a server that it does not reach, if it says so.
pub(super) fn unreached(spec: &SshSpec, words: &[String], host: &str, address: &str) -> Option<ProviderError> {
    // channel 2: open failed: connect failed: Connection refused
    let line = words.iter().rev().find(|line| line.contains("open failed:"))?;
    let address = address.to_owned();
    Some(if line.contains("Connection refused") {
        // `localhost` is another machine there.
        ProviderError::Refused { address: format!("{address} (as the SSH server {} sees it)", spec.host) }
    } else if ["not known", "resolution", "No address"].iter().any(|mark| line.contains(mark)) {
        ProviderError::UnknownHost { host: host.to_owned() }
    } else {
        let (_, cause) = line.split_once("open failed:")?;
        ProviderError::Interrupted { address, cause: format!("from the other end of the tunnel:{cause}") }
    })
}

fn down(spec: &SshSpec, cause: &str) -> ProviderError {
    ProviderError::TunnelDown {
        host: spec.host.clone(),
        cause: cause.trim_start_matches("ssh: ").trim_end_matches('.').to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn spec() -> SshSpec {
        SshSpec { host: "bastion".to_owned(), user: Some("me".to_owned()), ..SshSpec::default() }
    }

    #[test]
    fn the_words_for_ssh_ask_nobody_and_keep_to_this_machine() {
        let words = arguments(&spec(), &End::Server("db.internal", 6334), 5001, Duration::from_secs(7)).unwrap();
        let line = words.join(" ");
        for part in ["-N", "BatchMode=yes", "ExitOnForwardFailure=yes", "ConnectTimeout=7", "-l me"] {
            assert!(line.contains(part), "{line}");
        }
        assert!(line.contains("-L 127.0.0.1:5001:db.internal:6334") && line.ends_with("-- bastion"), "{line}");
        let line = arguments(&spec(), &End::Server("::1", 1), 2, Duration::from_secs(1)).unwrap().join(" ");
        assert!(line.contains("127.0.0.1:2:[::1]:1"), "{line}");
    }

    #[test]
    fn a_host_that_ssh_would_take_for_an_option_is_refused() {
        for host in ["-oProxyCommand=touch /tmp/x", "", "a b"] {
            let wrong = SshSpec { host: host.to_owned(), ..SshSpec::default() };
            assert!(arguments(&wrong, &End::Any, 1, Duration::ZERO).is_err(), "{host}");
        }
        let wrong = SshSpec { jump: Some("-oProxyCommand=x".to_owned()), ..spec() };
        assert!(arguments(&wrong, &End::Any, 1, Duration::ZERO).is_err());
    }

    #[test]
    fn what_ssh_says_is_told_in_its_kind() {
        let of = |text: &str| meaning(&spec(), &text.lines().map(str::to_owned).collect::<Vec<_>>());
        let denied = of("Warning: Permanently added 'x'\nme@bastion: Permission denied (publickey).");
        assert!(matches!(&denied, ProviderError::TunnelRefused { cause, .. } if cause.ends_with("(publickey)")));
        let changed = of("@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.");
        assert!(matches!(&changed, ProviderError::TunnelDistrusted { cause, .. } if cause.contains("before")));
        assert!(matches!(of("Host key verification failed."), ProviderError::TunnelDistrusted { .. }));
        let unknown = of("ssh: Could not resolve hostname bastion: Name or service not known");
        assert!(unknown.to_string().contains("Could not resolve hostname"), "{unknown}");
        let said = ["channel 2: open failed: connect failed: Connection refused".to_owned()];
        let Some(ProviderError::Refused { address }) = unreached(&spec(), &said, "h", "h:1") else { unreachable!() };
        assert_eq!(address, "h:1 (as the SSH server bastion sees it)");
    }
}
