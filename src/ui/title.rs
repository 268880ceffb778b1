//! The line at the top: where we are, and how the database in front is.
//!
//! What tells whether it is dangerous to type stays at any width: the state's glyph, the environment, and whether the
//! database can be written to. Everything else gives way before it.

use ratatui::buffer::Buffer;
use ratatui::style::Style;

use super::names;
use super::paint::{Look, Run, tint};
use crate::app::connections::Connection;
use crate::app::effect::OpenSource;
use crate::app::geometry::Area;
use crate::app::profiles::ProfileSummary;
use crate::app::state::AppState;
use crate::app::view::tabs::INSECURE;
use crate::connection::health::{self, Health, HealthState};
use crate::profile::model::Environment;
use crate::text::SafeText;

/// More of a name than this is never drawn.
const NAME: usize = 400;

/// How much is said of the connection, the most first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
enum Says {
    /// `● prod 12 ms · qdrant 1.18.3 · production · read-only`
    All,
    /// Without its name, which the path has.
    Unnamed,
    /// Without the server.
    State,
    /// The word of the state is shortened.
    Word,
    /// Only the glyph of the state.
    Glyph,
    /// The marks that the sidebar has, too, in place of words.
    Marks,
}

/// Draws it.
pub fn draw(buf: &mut Buffer, look: &Look, state: &AppState, row: Area) {
    let theme = &look.theme;
    tint(buf, row, theme.text);
    let program = Run::new().own(" vector-inspector", theme.strong).gap(3);
    let Some(connection) = state.active_connection() else {
        program.own("vector databases in a terminal", theme.dim).draw(buf, look, row);
        return;
    };
    let collection = state.active_pane().and_then(|pane| pane.view().collection());
    let path = Path { group: group_of(state, connection), name: &connection.label, collection };
    let style = theme.mark(connection.environment, connection.color.as_deref()).unwrap_or(theme.accent);
    let (width, whole) = (usize::from(row.width), path.width(look));
    // Two blanks between both.
    let first = |forms: &[Says], left: usize| {
        let mut forms = forms.iter().map(|says| about(look, connection, *says));
        forms.find(|facts| facts.width() + 2 + left <= width)
    };
    // First name and server are left out, then the name of the program, then what the state is called; a path that is
    // longer than half of the line is cut then.
    let (left, facts) = match first(&[Says::All, Says::Unnamed, Says::State], program.width() + whole) {
        Some(facts) => (program, facts),
        None => {
            let forms = [Says::State, Says::Word, Says::Glyph, Says::Marks];
            let facts = first(&forms, (1 + whole).min(width / 2));
            (Run::new().gap(1), facts.unwrap_or_else(|| about(look, connection, Says::Marks)))
        }
    };
    let mut rest = facts.draw_right(buf, look, row);
    rest.width = rest.width.saturating_sub(1);
    let room = usize::from(rest.width).saturating_sub(left.width());
    left.join(path.run(look, style, room)).draw(buf, look, rest);
}

/// Where we are: `group/name ▸ collection`.
struct Path<'a> {
    group: &'a str,
    name: &'a str,
    collection: Option<&'a str>,
}

impl Path<'_> {
    /// Columns between the name and the collection.
    const BETWEEN: usize = 3;

    fn whole_name(&self) -> String {
        if self.group.is_empty() { self.name.to_owned() } else { format!("{}/{}", self.group, self.name) }
    }

    fn width(&self, look: &Look) -> usize {
        let width = |text: &str| SafeText::head(text, NAME, look.glyphs).width();
        width(&self.whole_name()) + self.collection.map_or(0, |collection| Self::BETWEEN + width(collection))
    }

    /// In at most that many columns: groups are cut from the left, a name in its middle.
    fn run(&self, look: &Look, style: Style, room: usize) -> Run {
        let theme = &look.theme;
        let both = room.saturating_sub(Self::BETWEEN);
        let Some(collection) = self.collection.filter(|_| both >= 8) else {
            return Run::new().own(self.named(look, room), style);
        };
        let collection = SafeText::head(collection, NAME, look.glyphs);
        // The name has half of the room, and what the collection leaves.
        let name = self.named(look, both - collection.width().min(both / 2));
        let rest = both.saturating_sub(crate::text::columns(&name));
        Run::new()
            .own(name, style)
            .own(format!(" {} ", look.set.path), theme.dim)
            .own(collection.fit(rest), theme.strong)
    }

    fn named(&self, look: &Look, room: usize) -> String {
        let whole = self.whole_name();
        let whole = SafeText::head(&whole, NAME, look.glyphs);
        let own = SafeText::head(self.name, NAME, look.glyphs);
        match whole.width() <= room {
            true => whole.fit(room),
            false if own.width() < room => names::tail(look, &whole, room),
            false => names::middle(look, &own, room),
        }
    }
}

/// `● prod 12 ms · qdrant 1.18.3 · production · read-only`, or less of it.
fn about(look: &Look, connection: &Connection, says: Says) -> Run {
    let theme = &look.theme;
    let health = &connection.health;
    let style = theme.role(health::role(&health.state));
    let dot = || Run::new().own(format!(" {} ", look.set.dot), theme.dim);
    let mut run = Run::new().join(glyph(look, &health.state));
    if says == Says::All {
        run = run.gap(1).data(look, &connection.label, 24, theme.text);
    }
    run = match says {
        Says::All | Says::Unnamed | Says::State => run.gap(1).data(look, &health::word_in(health, 32), 32, style),
        Says::Word => run.gap(1).data(look, &short_word(health), 16, style),
        Says::Glyph | Says::Marks => run,
    };
    if says <= Says::Unnamed
        && let Some(server) = &connection.server
    {
        run = run.join(dot()).data(look, &format!("{} {}", server.product, server.version), 28, theme.dim);
    }
    for (i, (word, style)) in warnings(look, connection, says).into_iter().enumerate() {
        let between = if i == 0 && says >= Says::Glyph { Run::new().gap(1) } else { dot() };
        run = run.join(between).own(word, style);
    }
    run.gap(1)
}

/// What is to be known before anything is typed. In words too: not everybody sees red.
fn warnings(look: &Look, connection: &Connection, says: Says) -> Vec<(&'static str, Style)> {
    let theme = &look.theme;
    let mut warnings = Vec::new();
    match connection.environment {
        Environment::Production => warnings.push(("production", theme.danger)),
        Environment::Staging => warnings.push(("staging", theme.warn)),
        Environment::Dev => {}
    }
    match connection.access.window_s {
        Some(_) => warnings.push(("WRITABLE", theme.danger)),
        None if connection.access.is_read_only() => warnings.push(("read-only", theme.badge)),
        None => {}
    }
    let marks = says == Says::Marks;
    if connection.insecure {
        warnings.push((if marks { INSECURE.trim_start() } else { "insecure" }, theme.danger));
    }
    if connection.key.plain {
        warnings.push((if marks { "!KEY" } else { "key in plain text" }, theme.danger));
    }
    warnings
}

/// The word of a state where there is little room.
fn short_word(health: &Health) -> String {
    match health.state {
        HealthState::Flapping { .. } => "flapping".to_owned(),
        HealthState::Slow => "slow".to_owned(),
        HealthState::Reconnecting { .. } => health::retry_word(&health.state).unwrap_or_else(|| health::word(health)),
        HealthState::Closed
        | HealthState::Connecting
        | HealthState::Idle
        | HealthState::Active { .. }
        | HealthState::Paused
        | HealthState::Unauthorized
        | HealthState::Failed { .. } => health::word(health),
    }
}

/// The glyph of a state, with the spinner beside it while something runs.
pub fn glyph(look: &Look, state: &HealthState) -> Run {
    let style = look.theme.role(health::role(state));
    let run = Run::new().own(health::glyph(state, look.ascii(), look.frame), style);
    match health::spinner(state, look.ascii(), look.frame) {
        Some(spinner) => run.own(spinner, style),
        None => run,
    }
}

/// The mark of a connection whose server may be anybody; nothing where certificates are checked.
pub fn insecure(look: &Look, insecure: bool) -> Run {
    if insecure { Run::new().own(INSECURE, look.theme.danger) } else { Run::new() }
}

/// The group of the profile that a connection was opened from.
pub fn group_of<'a>(state: &'a AppState, connection: &Connection) -> &'a str {
    profile_of(state, connection).map_or("", |p| p.group.as_str())
}

/// The profile that a connection was opened from.
pub fn profile_of<'a>(state: &'a AppState, connection: &Connection) -> Option<&'a ProfileSummary> {
    let OpenSource::Profile(id) = connection.source else { return None };
    state.profiles.list.iter().find(|p| p.id == id)
}
