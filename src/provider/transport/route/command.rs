//! Commands before the connection: `kubectl port-forward` and the like.
//!
//! All but the last are run to their end. The last one may stay: then it is the way to the server, and
//! its end is the end of the way.

use std::time::{Duration, Instant};

use super::child::Child;
use super::local::{accepts, free_port};
use crate::provider::{PORT_MARK, ProviderError, Result, RouteSpec};
use crate::text::{is_own_variable, is_secret_variable, names_variable};

/// Between two looks at the port and at the program.
const POLL: Duration = Duration::from_millis(25);

/// Runs the commands; gives the one that stays, and the port that took the place of [`PORT_MARK`].
///
/// # Errors
/// `CommandFailed` with what it said, `TimedOut`.
pub(super) async fn run(route: &RouteSpec) -> Result<(Vec<Child>, Option<u16>)> {
    let port = match route.gives_port() {
        true => Some(free_port().map_err(|error| ProviderError::Panicked { cause: error.to_string() })?),
        false => None,
    };
    let mut staying = Vec::new();
    let last = route.before.len().saturating_sub(1);
    for (index, words) in route.before.iter().enumerate() {
        let wait_for = if index == last { port.or(route.wait_port) } else { None };
        staying.extend(one(words, port, wait_for, route).await?);
    }
    Ok((staying, port))
}

/// One command; the child, if it stays.
async fn one(words: &[String], port: Option<u16>, wait_for: Option<u16>, route: &RouteSpec) -> Result<Option<Child>> {
    let Some((program, arguments)) = words.split_first() else { return Ok(None) };
    let failed = |cause: String| ProviderError::CommandFailed { program: program.clone(), cause };
    let fill = |word: &String| port.map_or_else(|| word.clone(), |port| word.replace(PORT_MARK, &port.to_string()));
    let arguments: Vec<String> = arguments.iter().map(fill).collect();
    // Whoever has the port already is not the command.
    let taken = match wait_for {
        Some(port) => accepts(port).await,
        None => false,
    };
    let secret = |name: &str| is_secret_variable(name) || route.hidden.iter().any(|hidden| hidden == name);
    // Of those that are not this program's own those stay that no profile takes a secret from, and those that the
    // command names: `kubectl` may need the keys of a cloud.
    let hidden = |name: &str| is_own_variable(name) || (secret(name) && !names_variable(words, name));
    let child = Child::start(program, &arguments, hidden).map_err(|error| failed(error.to_string()))?;
    let started = Instant::now();
    let mut running = Some(child);
    loop {
        if let Some(child) = &running
            && let Some(status) = child.ended()
        {
            if !status.success() {
                return Err(failed(told(&child.last_words().await, &status.to_string())));
            }
            // It has done its work; what it left behind may open the port.
            running = None;
        }
        match wait_for {
            None if running.is_none() => return Ok(None),
            Some(port) if !(taken && running.is_some()) && accepts(port).await => return Ok(running),
            _ => {}
        }
        if started.elapsed() >= route.wait {
            let what = match wait_for {
                Some(port) if taken => {
                    return Err(failed(format!("port {port} was taken by another program before it was started")));
                }
                Some(port) => format!("port {port}, which {program} should open,"),
                None => format!("the command {program}, which runs before the connection,"),
            };
            return Err(ProviderError::TimedOut { what, after: route.wait });
        }
        tokio::time::sleep(POLL).await;
    }
}

/// How it ended and its last words.
pub(super) fn told(words: &[String], status: &str) -> String {
    match words.last() {
        Some(last) => format!("{status}; it said: {last}"),
        None => format!("{status}; it said nothing"),
    }
}
