//! A connection task without a screen: opens an embedded database, asks it one question, closes it.
//!
//! `cargo run --example connection_task -- DIRECTORY`
#![allow(clippy::print_stdout)]

use color_eyre::eyre::{Result, eyre};
use vector_inspector::connection::health::{glyph, word};
use vector_inspector::connection::message::{Answer, Command, ConnectionEventKind, ConnectionId, Question, RequestId};
use vector_inspector::connection::{Registry, Settings};
use vector_inspector::provider::{ConnectSpec, ProviderKind, connect};

#[tokio::main]
async fn main() -> Result<()> {
    let directory = std::env::args().nth(1).ok_or_else(|| eyre!("give the directory of an embedded database"))?;
    let id = ConnectionId(1);
    let (mut registry, mut events) = Registry::new();
    let connector = move || {
        let spec = ConnectSpec::directory(ProviderKind::QdrantEdge, &directory);
        async move { connect(&spec).await }
    };
    registry.open(id, connector, Settings::default());
    registry
        .send(id, Command::Ask { id: RequestId(1), question: Question::Collections, deadline: None })
        .map_err(|refused| refused.error)?;

    while let Some(event) = events.recv().await {
        match event.kind {
            ConnectionEventKind::Health(health) => println!("{} {}", glyph(&health.state, false, 0), word(&health)),
            ConnectionEventKind::Connected { server, .. } => println!("{} {}", server.product, server.version),
            ConnectionEventKind::Answer { result, took, .. } => {
                match result {
                    Ok(Answer::Collections(all)) => {
                        for collection in all {
                            println!("  {}", collection.name);
                        }
                    }
                    Ok(_) => {}
                    Err(error) => println!("{error}"),
                }
                println!("answered in {took:?}");
                registry.send(id, Command::Close).map_err(|refused| refused.error)?;
            }
            ConnectionEventKind::Access(access) if access.is_read_only() => println!("read-only"),
            ConnectionEventKind::LeadsTo(_) | ConnectionEventKind::Access(_) | ConnectionEventKind::Vitals(_) => {}
            ConnectionEventKind::Closed => registry.forget(id),
        }
        if registry.is_empty() {
            break;
        }
    }
    Ok(())
}
