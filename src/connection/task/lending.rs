//! Which link serves now, for jobs that the database is lent to.

use std::sync::Arc;

use super::ConnectionTask;
use crate::connection::lent::Link;
use crate::connection::phase::Phase;

impl ConnectionTask {
    /// Tells jobs which link serves now, where that is news.
    pub(super) fn publish_link(&self) {
        let serves = match &self.phase {
            Phase::Up(up) => Some(up),
            Phase::Connecting(_) | Phase::Waiting { .. } | Phase::Stuck => None,
        };
        let same = match (&*self.inboxes.link.borrow(), &serves) {
            (Some(told), Some(up)) => Arc::ptr_eq(&told.provider, &up.provider),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        if !same {
            let link = serves.map(|up| Link {
                provider: Arc::clone(&up.provider),
                request: up.limits.request,
                place: (up.limits.address.clone(), up.limits.leads_to),
            });
            // The old one is let go of outside of the watch: a provider may panic while it is dropped.
            drop(self.inboxes.link.send_replace(link));
        }
    }
}
