//! The doctor: the way to one database, filled step by step.

use super::wrap::wrap;
use crate::app::effect::OpenSource;
use crate::app::geometry::picker_area;
use crate::app::list::ListState;
use crate::app::state::AppState;
use crate::connection::message::ConnectionId;
use crate::doctor::model::{State, Step, StepKind, verdict};

/// An examination that runs or has ended.
#[derive(Debug, Clone)]
pub struct Examination {
    /// The connection; `None` where a profile is not open.
    pub connection: Option<ConnectionId>,
    /// What is examined: to go the way again.
    pub source: OpenSource,
    /// What it is called.
    pub label: String,
    /// Answers with another ticket are of an earlier one.
    pub ticket: u64,
    /// Whether the way leads to a directory.
    pub directory: bool,
    /// What is done.
    pub steps: Vec<Step>,
    /// Whether it ended; the sentence why it could not begin, where it could not.
    pub ended: Option<Result<(), String>>,
    /// Scroll.
    pub list: ListState,
}

/// A line of the box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line<'a> {
    /// A step that is done, with a part of what came back.
    Step(&'a Step, String),
    /// A step that is under way.
    Running(StepKind),
    /// A step that waits for the others.
    Waiting(StepKind),
    /// More of what came back.
    More(String),
    /// What was tried.
    Tried(String),
    /// What to do.
    Mend(String),
    /// Why it could not begin.
    Fault(String),
    /// How it ended.
    Verdict(String),
    /// A blank.
    Blank,
}

/// Columns before the text: glyph, name of the step.
pub const INDENT: usize = 19;

impl Examination {
    /// The lines for a screen of that size, as of now.
    pub fn lines(&self, state: &AppState) -> Vec<Line<'_>> {
        let room = usize::from(picker_area(state.size).inner().width).saturating_sub(INDENT + 3).max(8);
        let mut lines = Vec::new();
        let mut running = self.ended.is_none();
        for kind in StepKind::all(self.directory) {
            match self.steps.iter().find(|step| step.kind == *kind) {
                Some(step) => {
                    let mut parts = wrap(&step.found, room).into_iter();
                    lines.push(Line::Step(step, parts.next().unwrap_or_default()));
                    lines.extend(parts.map(Line::More));
                    if step.state == State::Fail && !step.tried.is_empty() {
                        lines.extend(wrap(&tried(step), room).into_iter().map(Line::Tried));
                    }
                    if let Some(mend) = &step.mend {
                        lines.extend(wrap(mend, room.saturating_sub(2)).into_iter().map(Line::Mend));
                    }
                }
                None if std::mem::take(&mut running) => lines.push(Line::Running(*kind)),
                None => lines.push(Line::Waiting(*kind)),
            }
        }
        match &self.ended {
            None => {}
            Some(Err(why)) => {
                lines.push(Line::Blank);
                lines.extend(wrap(why, room).into_iter().map(Line::Fault));
            }
            Some(Ok(())) => {
                lines.push(Line::Blank);
                lines.push(Line::Verdict(self.end()));
            }
        }
        lines
    }

    fn end(&self) -> String {
        verdict(&self.steps).map_or_else(
            || "Every step went well.".to_owned(),
            |step| format!("It ends at {}: {}.", step.kind.name(), step.cause.map_or("failed", |c| c.name())),
        )
    }

    /// All of it as text, to be sent to somebody: with what was tried at each step.
    pub fn report(&self) -> String {
        let mut lines = vec![format!("doctor: the way to {}", self.label)];
        for step in &self.steps {
            let (state, kind) = (step.state.name(), step.kind.name());
            let tried = if step.tried.is_empty() { String::new() } else { format!(" ({})", tried(step)) };
            lines.push(format!("{state:4}  {kind:14}  {}{tried}", step.found));
            lines.extend(step.mend.as_ref().map(|mend| format!("      {:14}  -> {mend}", "")));
        }
        match &self.ended {
            None => lines.push("It is not at its end yet.".to_owned()),
            Some(Ok(())) => lines.push(self.end()),
            Some(Err(why)) => lines.push(why.clone()),
        }
        lines.join("\n")
    }
}

fn tried(step: &Step) -> String {
    format!("tried to: {}", step.tried)
}
