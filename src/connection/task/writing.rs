//! The lock and the write window of a connection: set, opened and ended on its gate, and told.

use std::time::Duration;

use tokio::time::Instant;

use super::ConnectionTask;
use crate::connection::message::ConnectionEventKind;
use crate::connection::phase::Phase;
use crate::provider::{Access, Gate, Lock};

/// What may be written, as far as the task knows.
#[derive(Default)]
pub(super) struct Writing {
    /// The gate of the last link.
    gate: Option<Gate>,
    /// What was told last of it.
    told: Option<Access>,
    /// What was set since the attempt to connect began that is under way, or that came last.
    late: Option<SetLock>,
}

/// A lock that was set, `None` for none at all.
struct SetLock(Option<Lock>);

impl Writing {
    /// An attempt to connect begins: it reads the profile anew, and with it the lock.
    pub(super) fn attempt(&mut self) {
        self.late = None;
    }

    /// The link of an attempt stands behind that gate. A lock that was set meanwhile is newer than the one that the
    /// attempt has read and put there.
    pub(super) fn behind(&mut self, gate: &Gate) {
        if let Some(SetLock(lock)) = self.late.take() {
            gate.set_lock(lock);
        }
        self.gate = Some(gate.clone());
    }
}

impl ConnectionTask {
    /// A new life begins behind that gate, whatever an earlier one was allowed.
    pub(super) fn new_gate(&mut self, gate: &Gate) {
        gate.close_window();
        self.writing.behind(gate);
    }

    pub(super) fn open_window(&mut self, length: Duration) {
        // What was just lost may come back as another server.
        if let (Phase::Up(_), Some(gate), false) = (&self.phase, &self.writing.gate, self.broken) {
            match gate.open_window(length) {
                Ok(()) => tracing::info!(seconds = length.as_secs(), "a write window was opened"),
                Err(lock) => tracing::warn!(%lock, "a write window was not opened"),
            }
        }
    }

    pub(super) fn close_window(&mut self) {
        if let Some(gate) = &self.writing.gate {
            gate.close_window();
        }
    }

    pub(super) fn set_lock(&mut self, lock: Option<Lock>) {
        if let Some(gate) = &self.writing.gate {
            gate.set_lock(lock);
        }
        // Before the first link there is no gate to set, and an attempt that is under way may set an older one.
        self.writing.late = Some(SetLock(lock));
    }

    /// When the countdown of a window moves on.
    pub(super) fn window_changes(&self) -> Option<Instant> {
        self.writing.gate.as_ref().and_then(Gate::changes_at)
    }

    /// Tells what may be written, where that is news.
    pub(super) fn report_access(&mut self) {
        // Before the first link: what was set, so that whoever follows a profile knows what was sent last.
        let late = || self.writing.late.as_ref().map(|SetLock(lock)| Access::locked(*lock));
        let Some(access) = self.writing.gate.as_ref().map(Gate::access).or_else(late) else { return };
        if self.writing.told != Some(access) {
            self.writing.told = Some(access);
            self.outbox.push(self.epoch, ConnectionEventKind::Access(access));
        }
    }
}
