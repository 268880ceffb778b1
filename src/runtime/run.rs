//! The event loop: the only `select!`, the only owner of the terminal and of [`AppState`].
//!
//! Keys, signals, connections, the store and long work come in as events; [`reduce`] answers each
//! with effects, which [`Executor`] carries out. What is ready is taken in as a whole, then one
//! frame is drawn: at once after a key, else at most `max_fps` times a second, and none without a
//! change.

use std::collections::VecDeque;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::sync::mpsc::Receiver;

use super::effects::{Executor, ForTheLoop};
use super::input::Input;
use super::session::Keeper;
use super::signals::{Ending, Signal, Signals};
use super::suspend::{Suspended, suspend};
use super::terminal::Screen;
use super::translate::Translator;
use super::{clipboard, editor};
use crate::app::effect::Effect;
use crate::app::event::{Event, Notice};
use crate::app::reduce::reduce;
use crate::app::session::snapshot;
use crate::app::state::AppState;
use crate::config::ClipboardMode;
use crate::connection::message::ConnectionEvent;
use crate::ui;

/// How often a spinner turns.
const TICK: Duration = Duration::from_millis(120);

/// Most events that are taken in before a frame is drawn, so that a flood cannot stop the screen.
const DRAIN: usize = 256;

/// Everything that the loop holds.
pub struct Loop {
    /// The model.
    pub state: AppState,
    /// The terminal.
    pub screen: Screen,
    /// Signals and the watch over the terminal.
    pub signals: Signals,
    /// What effects are carried out with.
    pub executor: Executor,
    /// What connections say.
    pub connections: Receiver<ConnectionEvent>,
    /// What the store, jobs and typed targets say.
    pub events: Receiver<Event>,
    /// How text is copied.
    pub clipboard: ClipboardMode,
    /// Frames a second at most.
    pub max_fps: u16,
    /// Keeps what is open for the next start.
    pub keeper: Keeper,
}

/// Why the loop goes on or ends.
enum Flow {
    Continue,
    Quit,
}

/// What woke the loop.
enum Woken {
    Input(Option<crossterm::event::Event>),
    Signal(Signal),
    Event(Event),
    Connection(ConnectionEvent),
    Tick,
    FrameDue,
}

impl Loop {
    /// Runs until the user leaves or a signal ends it; the exit code.
    ///
    /// # Errors
    /// When the terminal does not take what is drawn.
    pub async fn run(mut self, first: Vec<Effect>) -> std::io::Result<u8> {
        let ended = self.go_round(first).await;
        // Also when the terminal is gone: what is open is known.
        self.keeper.see(snapshot(&self.state));
        self.keeper.finish();
        ended
    }

    async fn go_round(&mut self, first: Vec<Effect>) -> std::io::Result<u8> {
        let mut input = Some(Input::start()?);
        let mut translator = Translator::default();
        let gap = Duration::from_secs(1) / u32::from(self.max_fps.clamp(1, 240));
        let mut drawn = Instant::now();
        let mut dirty = false;
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        if let Flow::Quit = self.carry_out(first, &mut input).await? {
            return Ok(0);
        }
        self.draw()?;
        loop {
            let woken = tokio::select! {
                biased;
                signal = self.signals.next() => Woken::Signal(signal),
                key = next_input(&mut input) => Woken::Input(key),
                Some(event) = self.connections.recv() => Woken::Connection(event),
                Some(event) = self.events.recv() => Woken::Event(event),
                _ = tokio::time::sleep_until((drawn + gap).into()), if dirty => Woken::FrameDue,
                _ = tick.tick(), if self.state.is_animated() => Woken::Tick,
            };
            let mut at_once = false;
            let event = match woken {
                Woken::Signal(signal) => match self.signal(signal, &mut input).await? {
                    Some(ending) => return Ok(ending.exit_code()),
                    None => {
                        at_once = true;
                        None
                    }
                },
                // If the terminal is gone, the watch over it ends the program.
                Woken::Input(None) => {
                    drop(input.take());
                    self.signals.look();
                    None
                }
                Woken::Input(Some(event)) => {
                    at_once = true;
                    translator.event(event)
                }
                Woken::Connection(event) => Some(Event::Connection(Box::new(event))),
                Woken::Event(event) => Some(event),
                Woken::Tick => Some(Event::Tick),
                Woken::FrameDue => None,
            };
            if let Some(event) = event {
                dirty = true;
                if let Flow::Quit = self.take_in(event, &mut input).await? {
                    return Ok(0);
                }
                if let Flow::Quit = self.take_in_what_is_ready(&mut input).await? {
                    return Ok(0);
                }
            }
            if at_once || (dirty && drawn.elapsed() >= gap) {
                self.draw()?;
                (drawn, dirty) = (Instant::now(), false);
                self.keeper.see(snapshot(&self.state));
            }
        }
    }

    /// Events that came meanwhile, so that one frame shows them all.
    async fn take_in_what_is_ready(&mut self, input: &mut Option<Input>) -> std::io::Result<Flow> {
        for _ in 0..DRAIN {
            let event = match self.connections.try_recv() {
                Ok(event) => Event::Connection(Box::new(event)),
                Err(_) => match self.events.try_recv() {
                    Ok(event) => event,
                    Err(_) => break,
                },
            };
            if let Flow::Quit = self.take_in(event, input).await? {
                return Ok(Flow::Quit);
            }
        }
        Ok(Flow::Continue)
    }

    /// The reducer has no clock: it is told the time of each event.
    fn reduce(&mut self, event: Event) -> Vec<Effect> {
        self.state.now = now();
        reduce(&mut self.state, event)
    }

    async fn take_in(&mut self, event: Event, input: &mut Option<Input>) -> std::io::Result<Flow> {
        let effects = self.reduce(event);
        self.carry_out(effects, input).await
    }

    async fn carry_out(&mut self, effects: Vec<Effect>, input: &mut Option<Input>) -> std::io::Result<Flow> {
        let mut effects = VecDeque::from(effects);
        while let Some(effect) = effects.pop_front() {
            let (own, event) = self.executor.execute(effect);
            if let Some(event) = event {
                effects.extend(self.reduce(event));
            }
            let notice = match own {
                None => continue,
                Some(ForTheLoop::Quit) => return Ok(Flow::Quit),
                Some(ForTheLoop::Redraw) => {
                    self.screen.redraw_all()?;
                    continue;
                }
                Some(ForTheLoop::Copy { text, what }) => Some(self.copy(&text, what)?),
                Some(ForTheLoop::Suspend) => self.suspend(input).await?,
                Some(ForTheLoop::Edit { text, extension }) => self.edit(text, extension, input).await?,
            };
            if let Some(notice) = notice {
                effects.extend(self.reduce(Event::Notice(notice)));
            }
        }
        Ok(Flow::Continue)
    }

    async fn signal(&mut self, signal: Signal, input: &mut Option<Input>) -> std::io::Result<Option<Ending>> {
        match signal {
            Signal::End(ending) => return Ok(Some(ending)),
            Signal::Suspend => {
                if let Some(notice) = self.suspend(input).await? {
                    self.reduce(Event::Notice(notice));
                }
            }
            Signal::Continued => {
                self.screen.enter()?;
                self.measure()?;
            }
        }
        Ok(None)
    }

    async fn suspend(&mut self, input: &mut Option<Input>) -> std::io::Result<Option<Notice>> {
        // The shell needs the keyboard, and a half-read sequence is void afterwards.
        drop(input.take());
        let done = suspend(&mut self.screen, &mut self.signals).await;
        *input = Some(Input::start()?);
        self.measure()?;
        Ok(match done? {
            Suspended::Done => None,
            Suspended::NoShell => {
                Some(Notice::warning("There is no shell that could bring the program back: not suspended."))
            }
        })
    }

    /// The window may have another size after we were away.
    fn measure(&mut self) -> std::io::Result<()> {
        let size = self.screen.size()?;
        let effects = self.reduce(Event::Resize(size.width, size.height));
        for effect in effects {
            self.executor.execute(effect);
        }
        Ok(())
    }

    fn copy(&mut self, text: &str, what: &'static str) -> std::io::Result<Notice> {
        Ok(match clipboard::sequence(text, self.clipboard) {
            Ok(sequence) => {
                self.screen.send(&sequence)?;
                Notice::success(format!("{what}: {}.", clipboard::sent(text)))
            }
            Err(error) => Notice::error(error.to_string()),
        })
    }

    async fn edit(
        &mut self,
        text: String,
        extension: &'static str,
        input: &mut Option<Input>,
    ) -> std::io::Result<Option<Notice>> {
        // The editor needs the keyboard and the screen.
        drop(input.take());
        self.screen.leave();
        let directory = std::env::temp_dir();
        let suffix = format!(".{extension}");
        let edited =
            tokio::task::spawn_blocking(move || editor::edit(&editor::command(), &text, &suffix, &directory)).await;
        self.signals.forget_interrupts();
        self.screen.enter()?;
        *input = Some(Input::start()?);
        self.measure()?;
        Ok(match edited {
            Ok(Ok(_)) => None,
            Ok(Err(error)) => Some(Notice::error(error.to_string())),
            Err(fault) => Some(Notice::error(fault.to_string())),
        })
    }

    fn draw(&mut self) -> std::io::Result<()> {
        let state = &self.state;
        self.screen.draw(|frame| ui::view(state, frame))
    }
}

/// Seconds since 1970; `None` with a clock that is before that.
pub(super) fn now() -> Option<u64> {
    SystemTime::now().duration_since(UNIX_EPOCH).ok().map(|since| since.as_secs())
}

/// The next event of the terminal; waits forever when there is no reader.
async fn next_input(input: &mut Option<Input>) -> Option<crossterm::event::Event> {
    match input {
        Some(input) => input.next().await,
        None => std::future::pending().await,
    }
}
