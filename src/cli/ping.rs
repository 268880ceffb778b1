//! `ping TARGET...`: who answers, how fast, all at once.

use std::time::{Duration, Instant};

use futures::future::join_all;
use serde_json::{Value, json};

use super::error::at;
use super::open::{Resolved, finished, resolve};
use super::profiles::Select;
use super::table::Table;
use super::{CliError, Context, Exit, Json, Out};
use crate::profile::exposure::INSECURE;
use crate::profile::target::TargetError;
use crate::provider::{ErrorKind, ProviderError, ServerInfo};

/// Check health, latency and version of databases, all at once
#[derive(Debug, clap::Args)]
#[command(after_help = "\
With --json: an array of {target, state, latency_ms, server, version, error, asked, answered, worst_ms, up_s}; state \
is idle, unauthorized or failed, latency_ms that of the last answer, asked and answered count the pings of --count, up_s is how \
long the connection stood.\nExit codes: 0 all answer; 5 some do; 3 or 4 none does.")]
pub struct Args {
    /// Databases: profile names, URLs, directories, or demo
    #[arg(value_name = "TARGET", required_unless_present_any = ["group", "tag", "environment"])]
    targets: Vec<String>,
    /// Ping so often on one connection, a second apart
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    count: u32,
    #[command(flatten)]
    select: Select,
    #[command(flatten)]
    json: Json,
}

impl Args {
    /// A ping of one target.
    pub(super) fn of(target: String, json: bool) -> Self {
        Self { targets: vec![target], count: 1, select: Select::default(), json: Json { json } }
    }
}

/// Between two pings of one target.
const APART: Duration = Duration::from_secs(1);

/// What one target answered.
struct Pong {
    target: String,
    result: Result<(Duration, ServerInfo), Why>,
    /// Pings that were asked and answered, the worst latency, how long the connection stood.
    asked: u32,
    answered: u32,
    worst: Option<Duration>,
    up: Option<Duration>,
}

/// Why one did not answer.
enum Why {
    /// It was asked.
    Provider(ProviderError),
    /// Its profile cannot be used as it is: a key that cannot be had, an address that is none.
    Profile(CliError),
}

impl std::fmt::Display for Why {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Provider(error) => error.fmt(f),
            Self::Profile(error) => error.fmt(f),
        }
    }
}

/// What is to be pinged, or why it cannot be.
type Patient = Result<Resolved, (String, CliError)>;

/// One whose profile cannot be used keeps the others from nothing; a word that is no target ends the command.
fn patient(target: &str, resolved: Result<Resolved, CliError>) -> Result<Patient, CliError> {
    match resolved {
        Ok(resolved) => Ok(Ok(resolved)),
        Err(error @ (CliError::Spec(_) | CliError::Target(TargetError::NoKey { .. }))) => {
            Ok(Err((target.to_owned(), error)))
        }
        Err(error) => Err(error),
    }
}

/// Connects to all at once, pings each, prints a line for each in the order given.
///
/// # Errors
/// A word that is no target, before anything is contacted.
pub async fn run(args: &Args, context: &mut Context, out: &mut Out) -> Result<Exit, CliError> {
    let mut resolved = Vec::new();
    for word in &args.targets {
        resolved.push(patient(word, resolve(word, context, out).await)?);
    }
    if args.select.is_given() {
        for (profile, spec) in super::profiles::selected(&args.select, context)? {
            let of = spec.and_then(|spec| finished(profile.name.clone(), spec, None, context));
            resolved.push(patient(&profile.name, of.map(|of| of.of_profile(Some(profile.id), context)))?);
        }
        if resolved.is_empty() {
            out.note("no profile is like that.");
            return Ok(Exit::Nothing);
        }
    }
    for insecure in resolved.iter().flatten().filter(|resolved| resolved.spec.tls.insecure) {
        out.note(&format!("{}: {INSECURE}", insecure.label));
    }
    let pongs = join_all(resolved.into_iter().map(|patient| async {
        match patient {
            Ok(resolved) => ping(resolved, args.count).await,
            Err((target, error)) => Pong::none(target, Why::Profile(error)),
        }
    }))
    .await;
    if args.json.json {
        out.json(&Value::Array(pongs.iter().map(Pong::to_json).collect()))?;
    } else {
        out.table(&table(&pongs))?;
        for pong in &pongs {
            match &pong.result {
                Ok(_) => {}
                Err(Why::Provider(error)) => out.note(&at(&pong.target, error)),
                Err(Why::Profile(error)) => out.note(&error.to_string()),
            }
        }
    }
    Ok(Exit::together(&pongs.iter().map(Pong::exit).collect::<Vec<_>>()))
}

async fn ping(resolved: Resolved, count: u32) -> Pong {
    let mut pong = Pong::none(resolved.label.clone(), Why::Provider(ProviderError::NotConnected));
    let limit = resolved.spec.timeouts.connect;
    let opened = match resolved.connect().await {
        Ok(opened) => opened,
        Err(error) => return Pong { result: Err(Why::Provider(error)), ..pong },
    };
    let since = Instant::now();
    for at in 0..count {
        if at > 0 {
            tokio::time::sleep(APART).await;
        }
        // The latency of an answer, not of the TLS handshake.
        let started = Instant::now();
        pong.asked += 1;
        let answer = tokio::time::timeout(limit, opened.provider.ping()).await;
        let late = || Err(ProviderError::TimedOut { what: "the ping".to_owned(), after: limit });
        match answer.unwrap_or_else(|_| late()) {
            Ok(server) => {
                let latency = started.elapsed();
                pong.answered += 1;
                pong.worst = pong.worst.max(Some(latency));
                pong.up = Some(since.elapsed());
                pong.result = Ok((latency, server));
            }
            Err(error) if pong.answered == 0 || at + 1 == count => pong.result = Err(Why::Provider(error)),
            Err(_one_of_several) => {}
        }
    }
    pong
}

impl Pong {
    /// Nothing was answered yet.
    fn none(target: String, why: Why) -> Self {
        Self { target, result: Err(why), asked: 0, answered: 0, worst: None, up: None }
    }

    fn exit(&self) -> Exit {
        match &self.result {
            Ok(_) => Exit::Done,
            Err(Why::Provider(error)) => Exit::of(error.kind()),
            Err(Why::Profile(error)) => error.exit(),
        }
    }

    fn state(&self) -> &'static str {
        match &self.result {
            Ok(_) => "idle",
            Err(Why::Provider(error)) if error.kind() == ErrorKind::Authentication => "unauthorized",
            Err(_) => "failed",
        }
    }

    fn to_json(&self) -> Value {
        let (latency, server, error) = match &self.result {
            Ok((latency, server)) => (Some(milliseconds(*latency)), Some(server), None),
            Err(error) => (None, None, Some(error.to_string())),
        };
        json!({
            "target": self.target,
            "state": self.state(),
            "latency_ms": latency,
            "server": server.map(|server| &server.product),
            "version": server.map(|server| &server.version),
            "error": error,
            "asked": self.asked,
            "answered": self.answered,
            "worst_ms": self.worst.map(milliseconds),
            "up_s": self.up.map(|up| up.as_secs()),
        })
    }
}

/// With a hundredth of a millisecond, so that an embedded database does not answer in 0.
fn milliseconds(latency: Duration) -> f64 {
    (latency.as_secs_f64() * 100_000.0).round() / 100.0
}

fn table(pongs: &[Pong]) -> Table {
    let mut table = Table::new(["target", "state", ">latency", "server", "version"]);
    for pong in pongs {
        match &pong.result {
            Ok((latency, server)) => {
                let mut latency = format!("{:.1} ms", milliseconds(*latency));
                if let Some(worst) = pong.worst.filter(|_| pong.asked > 1) {
                    latency.push_str(&format!(
                        " (worst {:.1}, {} of {})",
                        milliseconds(worst),
                        pong.answered,
                        pong.asked
                    ));
                }
                table.row([pong.target.as_str(), pong.state(), &latency, &server.product, &server.version]);
            }
            Err(_) => table.row([pong.target.as_str(), pong.state()]),
        }
    }
    table
}
