//! The write window of a connection: opened and ended on its gate, and told.

use std::time::Duration;

use tokio::time::Instant;

use super::ConnectionTask;
use crate::connection::message::ConnectionEventKind;
use crate::connection::phase::Phase;
use crate::provider::{Gate, Lock};

impl ConnectionTask {
    /// A new life begins behind that gate, whatever an earlier one was allowed.
    pub(super) fn new_gate(&mut self, gate: &Gate) {
        gate.close_window();
        self.gate = Some(gate.clone());
    }

    pub(super) fn open_window(&mut self, length: Duration) {
        // What was just lost may come back as another server.
        if let (Phase::Up(_), Some(gate), false) = (&self.phase, &self.gate, self.broken) {
            match gate.open_window(length) {
                Ok(()) => tracing::info!(seconds = length.as_secs(), "a write window was opened"),
                Err(lock) => tracing::warn!(%lock, "a write window was not opened"),
            }
        }
    }

    pub(super) fn close_window(&mut self) {
        if let Some(gate) = &self.gate {
            gate.close_window();
        }
    }

    pub(super) fn set_lock(&mut self, lock: Option<Lock>) {
        if let Some(gate) = &self.gate {
            gate.set_lock(lock);
        }
    }

    /// When the countdown of a window moves on.
    pub(super) fn window_changes(&self) -> Option<Instant> {
        self.gate.as_ref().and_then(Gate::changes_at)
    }

    /// Tells what may be written, where that is news.
    pub(super) fn report_access(&mut self) {
        let Some(access) = self.gate.as_ref().map(Gate::access) else { return };
        if self.told != Some(access) {
            self.told = Some(access);
            self.outbox.push(self.epoch, ConnectionEventKind::Access(access));
        }
    }
}
