//! Why does a database not open? Goes the way to it step by step, and names the first step that fails, with
//! what was tried, what came back and what mends it.
//!
//! ```text
//!  name ─▶ route ─▶ port ─▶ tls ─▶ protocol ─▶ authentication ─▶ version ─▶ permission     a server
//!  path ─▶ access ─▶ contents ─▶ lock ─▶ version ─▶ permission                             a directory
//!  └─ reach, directory ──┘   └─ language ─┘   └──────────── session, blame ────────────┘
//! ```
//!
//! `cli` prints an examination, `runtime` shows it on the screen as it goes; both call [`examine`]. Nothing
//! is changed or repaired, and a key goes only where the connection itself would send it: to the address
//! of the profile, after all steps before it went well. `model` is data, which `app` and `ui` name too.

mod blame;
mod directory;
pub mod here;
mod key;
mod language;
pub mod model;
mod reach;
mod session;
mod version;

use std::path::{Path, PathBuf};

use here::Surroundings;
pub(crate) use key::claims;
use language::{Language, language};
use model::{Cause, State, Step, StepKind};

use crate::profile::ask_port::ask_port;
use crate::provider::transport::Server;
use crate::provider::{Address, ConnectSpec, Provider, ProviderError, ProviderKind};

/// What is examined.
#[derive(Debug, Clone)]
pub struct Patient {
    /// How it would be opened.
    pub spec: ConnectSpec,
    /// `Some` when the port has to be asked whose it is: with, without, or with either of TLS.
    pub ask: Option<Option<bool>>,
    /// Why the key could not be had ([`Cause::KeyNotHad`]), or must not be sent ([`Cause::KeyInPlainText`]), a sentence;
    /// the spec is then without one.
    pub keyless: Option<(Cause, String)>,
}

/// Examines; tells each step when it is done. The steps that were not reached are told at the end.
/// Gives all of them, in their order.
pub async fn examine(patient: Patient, here: &Surroundings, tell: impl FnMut(&Step) + Send) -> Vec<Step> {
    let Patient { spec, ask, keyless } = patient;
    let directory = matches!(spec.address, Address::Directory(_));
    let mut told = Told { directory, steps: Vec::new(), tell };
    // Whether it ended well is in the steps.
    let _ended = match spec.address.clone() {
        Address::Directory(path) => to_directory(&spec, path, &mut told).await,
        Address::Server { .. } => Box::pin(to_server(Patient { spec, ask, keyless }, here, &mut told)).await,
    };
    for kind in StepKind::all(directory) {
        if !told.steps.iter().any(|step| step.kind == *kind) {
            told.say(Step::skip(*kind));
        }
    }
    told.steps.sort_by_key(|step| step.kind);
    told.steps
}

/// What is done with the name of a server behind a proxy, a tunnel or commands.
const LEFT_TO_THE_WAY: &str = "leave it to the other end of the way";

/// What was told so far.
struct Told<F> {
    directory: bool,
    steps: Vec<Step>,
    tell: F,
}

/// The examination ends here.
struct Ended;

impl<F: FnMut(&Step)> Told<F> {
    fn say(&mut self, step: Step) {
        (self.tell)(&step);
        self.steps.push(step);
    }

    /// Tells a step that went well, or ends with one that did not.
    fn step(&mut self, result: Result<Step, Step>) -> Result<(), Ended> {
        match result {
            Ok(step) => {
                self.say(step);
                Ok(())
            }
            Err(step) => Err(self.fail(step)),
        }
    }

    /// Tells a step that failed; what was told of it and of later ones no longer holds.
    fn fail(&mut self, step: Step) -> Ended {
        self.steps.retain(|told| told.kind < step.kind);
        self.passed_before(step.kind);
        self.say(step);
        Ended
    }

    /// A later step failed, so those before it went well, even where nothing was told of them.
    fn passed_before(&mut self, kind: StepKind) {
        for before in StepKind::all(self.directory) {
            let told = self.steps.iter().any(|step| step.kind == *before);
            // A server that is too old may have said so before it looked at the key.
            let unknown = kind == StepKind::Version && *before == StepKind::Authentication;
            if *before < kind && !told && !unknown {
                self.say(passed(*before));
            }
        }
    }
}

/// A step of which the connect itself has told that it went well.
fn passed(kind: StepKind) -> Step {
    if kind == StepKind::Name {
        // The way there ended before its other end looked.
        return Step::ok(kind, LEFT_TO_THE_WAY, "not looked up here");
    }
    let found = match kind {
        StepKind::Tls => "as the profile and the server agreed on it",
        StepKind::Protocol => "the right kind of server answers",
        StepKind::Authentication => "it lets us in",
        StepKind::Version => "new enough to connect",
        StepKind::Lock => "nobody else has it open",
        StepKind::Name
        | StepKind::Route
        | StepKind::Port
        | StepKind::Path
        | StepKind::Access
        | StepKind::Contents
        | StepKind::Permission => "went well",
    };
    Step::ok(kind, "connect as the profile says", found)
}

async fn to_server<F: FnMut(&Step)>(patient: Patient, here: &Surroundings, told: &mut Told<F>) -> Result<(), Ended> {
    let Patient { mut spec, ask, keyless } = patient;
    let mut server = if spec.route.is_direct() {
        straight(&spec, here, told).await?
    } else {
        spec = split(reach::way(&spec).await, told)?;
        around(&spec, told).await?
    };
    if let Some(tls) = ask {
        server.tls = tls.unwrap_or(false);
        spec = match ask_port(spec.clone(), tls).await {
            Ok(known) => known,
            Err(error) => {
                let step = blame::blame(&error, &spec, StepKind::Protocol, "ask the port whose it is");
                return told.step(Err(step));
            }
        };
        if let Address::Server { tls, .. } = spec.address {
            server.tls = tls;
        }
    }
    let Language { tls, protocol, suspicion } = split(Box::pin(language(&spec, &server)).await, told)?;
    if let Some(tls) = tls {
        told.say(tls);
    }
    if let Some(protocol) = protocol {
        told.step(if protocol.state == State::Fail { Err(protocol) } else { Ok(protocol) })?;
    }
    if let Some((cause, why)) = keyless {
        return without_key(cause, &why, suspicion, told);
    }
    let tried = if spec.secret.is_some() { "connect with the key" } else { "connect without a key" };
    let provider = match session::connect(&spec).await {
        Ok(provider) => provider,
        Err(error) => return told.step(Err(suspect(error, suspicion, &spec, tried))),
    };
    told.passed_before(StepKind::Authentication);
    let with = if spec.secret.is_some() { "it lets us in with the key" } else { "it lets us in without a key" };
    told.say(Step::ok(StepKind::Authentication, tried, with));
    last_steps(&spec, provider, told).await
}

/// As far as it goes without the profile's key. What seemed wrong before explains more than the missing key.
fn without_key<F: FnMut(&Step)>(
    cause: Cause,
    why: &str,
    suspicion: Option<Step>,
    told: &mut Told<F>,
) -> Result<(), Ended> {
    if !told.steps.iter().any(|step| step.kind == StepKind::Tls) {
        told.say(Step { found: "agreed on while connecting".to_owned(), ..Step::skip(StepKind::Tls) });
    }
    if let Some(suspicion) = suspicion {
        return told.step(Err(suspicion));
    }
    let (found, mend) = blame::sentence(why);
    let tried = if cause == Cause::KeyInPlainText { "connect with the key" } else { "have the key" };
    told.step(Err(Step::fail(StepKind::Authentication, tried, found, cause, mend)))
}

/// Name, route and port of a server that is dialled as it is.
async fn straight<F: FnMut(&Step)>(
    spec: &ConnectSpec,
    here: &Surroundings,
    told: &mut Told<F>,
) -> Result<Server, Ended> {
    let server = split(address(spec), told)?;
    let limit = spec.timeouts.connect;
    let (named, addresses) = split(reach::name(&server, here, limit).await, told)?;
    told.say(named);
    let (routed, open) = split(reach::route(&addresses, here), told)?;
    told.say(routed);
    told.step(reach::port(&server, &open, here, limit).await)?;
    Ok(server)
}

/// The same steps of a server behind a proxy, a tunnel or commands: its name is looked up at their other end.
async fn around<F: FnMut(&Step)>(spec: &ConnectSpec, told: &mut Told<F>) -> Result<Server, Ended> {
    let server = split(address(spec), told)?;
    told.say(Step::ok(StepKind::Name, LEFT_TO_THE_WAY, "looked up there"));
    let tried = "set up the proxy, the tunnel or the commands of the profile";
    told.say(Step::ok(StepKind::Route, tried, "the way to the server stands"));
    told.step(reach::far_port(spec, &server).await)?;
    Ok(server)
}

fn address(spec: &ConnectSpec) -> Result<Server, Step> {
    Server::of(spec).map_err(|error| blame::blame(&error, spec, StepKind::Name, "read the address"))
}

/// What a connect that failed means: its own error if that names a cause, else what seemed wrong before.
fn suspect(error: ProviderError, suspicion: Option<Step>, spec: &ConnectSpec, tried: &str) -> Step {
    let step = blame::blame(&error, spec, StepKind::Protocol, tried);
    match (step.cause, suspicion) {
        // What a proxy or a gateway says to a key is not the server's answer.
        (_, Some(suspicion))
            if step.kind >= StepKind::Protocol
                && matches!(suspicion.cause, Some(Cause::ProxyInTheWay | Cause::UpstreamDown)) =>
        {
            suspicion
        }
        (
            Some(
                Cause::OtherServer
                | Cause::NoAnswer
                | Cause::ConnectionBroke
                | Cause::UnreadableAnswer
                | Cause::ServerError
                | Cause::GrpcPortForRest,
            ),
            Some(suspicion),
        ) => suspicion,
        _ => step,
    }
}

async fn to_directory<F: FnMut(&Step)>(spec: &ConnectSpec, path: PathBuf, told: &mut Told<F>) -> Result<(), Ended> {
    let (looked, failed) = look(spec, &path).await;
    for step in looked {
        told.say(step);
    }
    if let Some(step) = failed {
        return told.step(Err(step));
    }
    let tried = "open it";
    let provider = match session::connect(spec).await {
        Ok(provider) => provider,
        Err(error) => return told.step(Err(blame::blame(&error, spec, StepKind::Contents, tried))),
    };
    told.say(Step::ok(StepKind::Lock, tried, "nobody else has it open"));
    last_steps(spec, provider, told).await
}

async fn look(spec: &ConnectSpec, path: &Path) -> (Vec<Step>, Option<Step>) {
    if !spec.kind.is_in_this_build() {
        let error = not_in_this_build(spec.kind);
        return (Vec::new(), Some(blame::blame(&error, spec, StepKind::Contents, "look for the kind in this build")));
    }
    let (spec, path) = (spec.clone(), path.to_owned());
    match tokio::task::spawn_blocking(move || directory::look(&spec, &path)).await {
        Ok(Ok(steps)) => (steps, None),
        Ok(Err((steps, failed))) => (steps, Some(failed)),
        Err(fault) => {
            let mend = "Report it; the log has the details.";
            (Vec::new(), Some(Step::fail(StepKind::Path, "look at it", fault.to_string(), Cause::Fault, mend)))
        }
    }
}

fn not_in_this_build(kind: ProviderKind) -> ProviderError {
    ProviderError::NotInThisBuild { product: kind.maker().title, feature: kind.name() }
}

async fn last_steps<F: FnMut(&Step)>(
    spec: &ConnectSpec,
    provider: Box<dyn Provider>,
    told: &mut Told<F>,
) -> Result<(), Ended> {
    told.step(session::version(spec, provider.as_ref()).await)?;
    told.step(session::permission(spec, provider.as_ref()).await)
}

/// Tells the failure of a step that gives more than its own end.
fn split<T, F: FnMut(&Step)>(result: Result<T, Step>, told: &mut Told<F>) -> Result<T, Ended> {
    result.map_err(|step| told.fail(step))
}
