//! The reducer without a terminal and without a database: typed keys go in, effects come out.
//!
//! `cargo run --example reducer`

use std::error::Error;
use std::io::Write;
use std::time::Duration;

use vector_inspector::app::effect::{Effect, OpenRequest};
use vector_inspector::app::event::Event;
use vector_inspector::app::reduce::{reduce, start};
use vector_inspector::app::state::AppState;
use vector_inspector::connection::health::{Health, HealthState};
use vector_inspector::connection::message::{
    Answer, Command, ConnectionEvent, ConnectionEventKind, ConnectionId, Epoch,
};
use vector_inspector::keymap::typed_keys;
use vector_inspector::provider::model::CollectionSummary;
use vector_inspector::provider::{Capabilities, ServerInfo};

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = std::io::stdout();
    let mut state = AppState { size: (120, 40), ..AppState::default() };
    let effects = start(&mut state, vec![OpenRequest::demo()], Vec::new());
    tell(&mut out, "start", &effects)?;
    let id = state.connections.first().ok_or("nothing was opened")?.id;

    // What the connection's task would say: it is up, and these are its collections.
    let server = ServerInfo { product: "qdrant-edge".into(), version: "0.7.2".into() };
    let up = ConnectionEventKind::Connected { server, capabilities: Capabilities::ALL.into() };
    let effects = reduce(&mut state, said(id, up));
    tell(&mut out, "connected", &effects)?;
    let health = Health { state: HealthState::Idle, latency: Some(Duration::from_millis(1)), error: None };
    reduce(&mut state, said(id, ConnectionEventKind::Health(health)));
    let asked = effects.into_iter().find_map(|effect| match effect {
        Effect::Send { command: Command::Ask { id, .. }, .. } => Some(id),
        _ => None,
    });
    let list = vec![CollectionSummary { name: "articles".into(), count: None, vectors: Vec::new() }];
    let result = Ok(Answer::Collections(list));
    let answer = ConnectionEventKind::Answer { id: asked.ok_or("nothing was asked")?, result, took: Duration::ZERO };
    let effects = reduce(&mut state, said(id, answer));
    tell(&mut out, "collections", &effects)?;

    // What the user types: down to the collection, open it, and leave while its page is under way.
    for keys in ["j", "<enter>", "q", "y"] {
        for chord in typed_keys(keys)? {
            let effects = reduce(&mut state, Event::Key(chord));
            tell(&mut out, keys, &effects)?;
        }
    }
    Ok(())
}

fn said(connection: ConnectionId, kind: ConnectionEventKind) -> Event {
    Event::Connection(Box::new(ConnectionEvent { connection, epoch: Epoch(1), kind }))
}

fn tell(out: &mut impl Write, what: &str, effects: &[Effect]) -> std::io::Result<()> {
    writeln!(out, "{what}")?;
    for effect in effects {
        match effect {
            Effect::Send { command: Command::Ask { question, .. }, .. } => {
                writeln!(out, "    ask for the {}", question.describe())?
            }
            other => writeln!(out, "    {other:?}")?,
        }
    }
    Ok(())
}
