//! Panes: what each view looks like, in each of its states.

mod compared;
mod hits;
mod info;
mod job;
mod jobs;
mod linked;
mod log;
mod message;
mod ranks;
mod record;
mod records;
mod table;
mod value;
mod welcome;
pub mod whole;

use ratatui::buffer::Buffer;
use ratatui::style::Style;

use super::paint::{Look, Run};
use super::title;
use super::widgets::frame::Border;
use crate::app::action::Action;
use crate::app::connections::Connection;
use crate::app::geometry::Area;
use crate::app::links::Link;
use crate::app::panes::Pane;
use crate::app::state::AppState;
use crate::app::view::View;
use crate::connection::health::HealthState;
use crate::provider::Capabilities;

pub use linked::note;
pub use message::pings;
pub use ranks::gutter;

/// What every pane draws with.
struct Scene<'a> {
    look: &'a Look,
    state: &'a AppState,
    connection: Option<&'a Connection>,
    /// The pane and its link, if it is linked.
    link: Option<(&'a Pane, &'a Link)>,
    area: Area,
    focused: bool,
}

/// Draws a pane with its border.
pub fn draw(buf: &mut Buffer, look: &Look, state: &AppState, pane: &Pane, area: Area, focused: bool) {
    let connection = pane.connection.and_then(|id| state.connection(id));
    let link = state.links.of(pane.id).map(|link| (pane, link));
    let scene = Scene { look, state, connection, link, area, focused };
    match pane.view() {
        View::Welcome => welcome::draw(buf, &scene),
        View::Records(view) => records::draw(buf, &scene, view),
        View::Record(view) => record::draw(buf, &scene, view),
        View::Hits(view) => hits::draw(buf, &scene, view),
        View::Info(view) => info::draw(buf, &scene, view),
        View::Log(view) => log::draw(buf, &scene, view),
        View::Job(view) => job::draw(buf, &scene, view),
        View::Jobs(view) => jobs::draw(buf, &scene, view),
    }
}

/// Draws what stands where no tab is open.
pub fn nothing(buf: &mut Buffer, look: &Look, state: &AppState, area: Area) {
    welcome::draw(buf, &Scene { look, state, connection: None, link: None, area, focused: false });
}

impl Scene<'_> {
    /// The border of a pane on a collection: `● prod ▸ articles`, with a spinner while it loads.
    fn border(&self, parts: &[&str], loading: bool) -> Border {
        let theme = &self.look.theme;
        let mut title = Run::new();
        if self.link.is_some() {
            title = title.own(self.look.set.link, theme.accent).gap(1);
        }
        if loading {
            title = title.own(self.look.spin(), theme.info).gap(1);
        } else if let Some(connection) = self.connection {
            title = title.join(title::glyph(self.look, &connection.health.state)).gap(1);
        }
        if let Some(connection) = self.connection {
            let style = match (self.mark(), self.focused) {
                (Some(mark), _) => mark,
                (None, true) => theme.accent,
                (None, false) => theme.dim,
            };
            title = title.data(self.look, &connection.label, 24, style);
            title = title.join(title::insecure(self.look, connection.insecure));
        }
        for (i, part) in parts.iter().enumerate() {
            if i > 0 || self.connection.is_some() {
                title = title.own(format!(" {} ", self.look.set.path), theme.dim);
            }
            title = title.data(self.look, part, 60, if self.focused { theme.strong } else { theme.text });
        }
        Border { mark: self.mark(), ..Border::titled(title) }
    }

    /// Whether the selected row is marked: not where a linked record is elsewhere.
    fn marks_row(&self) -> bool {
        self.link.is_none_or(|(pane, link)| link.marks_row(pane.id))
    }

    /// The color of the connection, if it has one.
    fn mark(&self) -> Option<Style> {
        self.connection.and_then(|c| self.look.theme.mark(c.environment, c.color.as_deref()))
    }

    /// What the database can do, once it is connected.
    fn capabilities(&self) -> Option<&Capabilities> {
        self.connection?.capabilities.as_ref()
    }

    /// Why the pane's own question failed, or why what is shown may be old, and the key that mends it. Where the
    /// connection is not let in any more, its reason says more than that of the question: the token that
    /// was refused could not be renewed.
    fn told(&self, own: Option<&String>) -> (Option<String>, Action) {
        let barred = self.connection.is_some_and(|connection| connection.health.state == HealthState::Unauthorized);
        match own {
            Some(own) if !barred => (Some(own.clone()), Action::Refresh),
            _ => (self.trouble(), Action::CheckConnection),
        }
    }

    /// Why what is shown may be old: the connection is not up.
    fn trouble(&self) -> Option<String> {
        let connection = self.connection?;
        let health = &connection.health;
        match health.state {
            HealthState::Closed => {
                Some(health.error.clone().unwrap_or_else(|| "It is closed; nothing is asked of it.".to_owned()))
            }
            HealthState::Paused => {
                Some("It is paused: neither pinged nor connected again, until you want it back.".to_owned())
            }
            HealthState::Reconnecting { .. } | HealthState::Unauthorized | HealthState::Failed { .. } => {
                Some(health.error.clone().unwrap_or_else(|| crate::connection::health::word(health)))
            }
            HealthState::Connecting
            | HealthState::Idle
            | HealthState::Active { .. }
            | HealthState::Slow
            | HealthState::Flapping { .. } => None,
        }
    }
}
