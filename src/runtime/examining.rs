//! The doctor on the screen: runs an examination and tells each step as it is done. The steps themselves
//! are `crate::doctor`'s, as for the command.

use tokio::sync::mpsc::Sender;

use super::opening::Opener;
use crate::app::effect::OpenSource;
use crate::app::event::{Event, Examined};
use crate::connection::message::ConnectionId;
use crate::doctor;
use crate::doctor::here::Surroundings;
use crate::doctor::model::Step;

/// Examines what the source of a connection, open or not, leads to.
pub(super) async fn examine(
    opener: Opener,
    ticket: u64,
    connection: Option<ConnectionId>,
    source: OpenSource,
    events: Sender<Event>,
) {
    let patient = match opener.patient(connection, source).await {
        Ok(patient) => patient,
        Err(error) => {
            let ended = Some(Err(error.to_string()));
            let _ = events.send(Event::Examined(Examined { ticket, steps: Vec::new(), ended })).await;
            return;
        }
    };
    let mut so_far: Vec<Step> = Vec::new();
    let steps = doctor::examine(patient, &Surroundings::here(), |step| {
        so_far.push(step.clone());
        let examined = Examined { ticket, steps: so_far.clone(), ended: None };
        // One that finds no room is told with the next.
        let _ = events.try_send(Event::Examined(examined));
    })
    .await;
    let _ = events.send(Event::Examined(Examined { ticket, steps, ended: Some(Ok(())) })).await;
}
