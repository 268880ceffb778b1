//! The way to one database, step by step: the word, the name, the port, who is there, the key.

use std::time::{Duration, Instant};

use super::Check;
use crate::cli::open::{Resolved, resolve};
use crate::cli::{Context, Exit, Out};
use crate::provider::transport::{Server, Speaks, under_way, who_is_there};
use crate::provider::{Address, ProviderError};

const AREA: &str = "target";

/// Goes the way and stops at the first step that fails; with it, what the failure means.
pub(super) async fn checks(word: &str, context: &mut Context, out: &mut Out) -> (Vec<Check>, Exit) {
    let mut resolved = match resolve(word, context, out).await {
        Ok(resolved) => resolved,
        Err(error) => return (vec![Check::error(AREA, "word", &error)], error.exit()),
    };
    let mut checks = Vec::new();
    let ended = match &resolved.spec.address {
        Address::Directory(path) => {
            checks.push(Check::ok(AREA, "directory", path.display().to_string()));
            Ok(())
        }
        Address::Server { .. } => match route(&mut resolved, &mut checks).await {
            Ok(server) => transport(&server, &resolved, &mut checks).await,
            Err(exit) => Err(exit),
        },
    };
    let ended = match ended {
        Ok(()) => database(resolved, &mut checks).await,
        Err(error) => Err(error),
    };
    (checks, ended.err().unwrap_or(Exit::Done))
}

/// Commands, tunnel; the server at the end of it.
async fn route(resolved: &mut Resolved, checks: &mut Vec<Check>) -> Result<Server, Exit> {
    if !resolved.spec.route.is_direct() {
        resolved.spec = step(under_way(&resolved.spec).await, "route", checks)?;
        checks.push(Check::ok(AREA, "route", "the way to the server stands".to_owned()));
    }
    step(Server::of(&resolved.spec), "address", checks)
}

/// Name, port, who is there.
async fn transport(server: &Server, resolved: &Resolved, checks: &mut Vec<Check>) -> Result<(), Exit> {
    let limit = resolved.spec.timeouts.connect;
    // On another way the name is looked up at its other end.
    if resolved.spec.route.is_direct() {
        let found = timed(limit, "the name service", async {
            tokio::net::lookup_host((server.host.as_str(), server.port))
                .await
                .map_err(|_| ProviderError::UnknownHost { host: server.host.clone() })
        });
        let addresses: Vec<_> = step(found.await, "name", checks)?.collect();
        let listed: Vec<String> = addresses.iter().map(|address| address.ip().to_string()).collect();
        checks.push(Check::ok(AREA, "name", format!("{} is {}", server.host, listed.join(", "))));
    }

    let started = Instant::now();
    let plain = Server { tls: false, ..server.clone() };
    let opened = crate::provider::transport::open(&plain, None, limit).await.map(drop);
    step(opened, "port", checks)?;
    checks.push(Check::ok(AREA, "port", format!("{server} took the connection in {:.1} ms", ms(started))));

    let answerer = step(timed(limit, "the port", who_is_there(server)).await, "language", checks)?;
    let speaks = match &answerer.speaks {
        Speaks::QdrantRest => "Qdrant's REST interface".to_owned(),
        Speaks::Of(kind) => kind.maker().server().map_or("something unknown", |place| place.language).to_owned(),
        Speaks::Http2 => "HTTP/2, as gRPC servers do".to_owned(),
        Speaks::Http(Some(product)) => format!("HTTP ({product})"),
        Speaks::Http(None) => "HTTP".to_owned(),
        Speaks::Nothing => "nothing that we asked for".to_owned(),
        Speaks::Unknown => "something unknown".to_owned(),
    };
    let tls = if answerer.tls { "under TLS" } else { "in plain text" };
    // Only a finding: whether it fits is told by the connection itself, with the mend.
    checks.push(Check::ok(AREA, "language", format!("it speaks {speaks}, {tls}")));
    Ok(())
}

/// Connection, key, version, collections.
async fn database(resolved: Resolved, checks: &mut Vec<Check>) -> Result<(), Exit> {
    let with_key = if resolved.spec.secret.is_some() { "with a key" } else { "without a key" };
    let insecure = resolved.spec.tls.insecure;
    let opened = step(resolved.connect().await, "connection", checks)?;
    checks.push(Check::ok(AREA, "connection", format!("it lets us in {with_key}")));
    if insecure {
        checks.push(Check::warn(
            AREA,
            "certificate",
            "not checked: the profile accepts any",
            "Give the profile the right CA file and take its insecure flag away.",
        ));
    }
    let started = Instant::now();
    let server = step(timed(opened.request, "the ping", opened.provider.ping()).await, "answer", checks)?;
    checks.push(Check::ok(AREA, "answer", format!("{} {} in {:.1} ms", server.product, server.version, ms(started))));
    let listed = timed(opened.request, "the list of collections", opened.provider.collections()).await;
    let collections = step(listed, "collections", checks)?;
    checks.push(Check::ok(AREA, "collections", format!("{} can be listed", collections.len())));
    Ok(())
}

async fn timed<T>(
    limit: Duration,
    what: &str,
    answer: impl Future<Output = Result<T, ProviderError>>,
) -> Result<T, ProviderError> {
    let late = || ProviderError::TimedOut { what: what.to_owned(), after: limit };
    tokio::time::timeout(limit, answer).await.unwrap_or_else(|_| Err(late()))
}

/// Notes a failed step, and what it means for the exit code.
fn step<T>(result: Result<T, ProviderError>, what: &'static str, checks: &mut Vec<Check>) -> Result<T, Exit> {
    result.map_err(|error| {
        checks.push(Check::error(AREA, what, &error));
        Exit::of(error.kind())
    })
}

fn ms(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}
