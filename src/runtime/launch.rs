//! From the command line's wish to a running loop: configuration, state, tasks, terminal.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::mpsc;

use super::effects::Executor;
use super::jobs::Jobs;
use super::locks::OpenLocks;
use super::opening::{OpenSecrets, Opener, open_request};
use super::progress::Progress;
use super::run::{Loop, now};
use super::session::{self, Keeper, SessionError, SessionPlace};
use super::sign_in::SignIns;
use super::signals::Signals;
use super::store::StoreTask;
use super::terminal::Screen;
use crate::app::effect::Effect;
use crate::app::event::{Event, Notice};
use crate::app::reduce::{reduce, start};
use crate::app::settings::Settings;
use crate::app::state::AppState;
use crate::config::{Config, Restore, ThemeName};
use crate::connection::registry::Registry;
use crate::keymap::{Keymap, KeymapError, UserBinding};
use crate::profile::access::Rules;
use crate::profile::project::Project;
use crate::profile::target::Target;
use crate::profile::vault::{UnlockOptions, Vault};
use crate::provider::Timeouts;
use crate::text::Glyphs;

/// Room for results of background work.
const EVENTS: usize = 256;
/// Room for requests to the store.
const STORE_REQUESTS: usize = 32;

/// What the screen starts with. Nothing of it was contacted or unlocked yet.
#[derive(Debug)]
pub struct ScreenRequest {
    /// What to open, in order; empty means the profiles that open at start.
    pub targets: Vec<Target>,
    /// Directory of `config.toml` and the store.
    pub config_dir: PathBuf,
    /// Directory of the demo's database.
    pub demo_dir: PathBuf,
    /// Settings of `config.toml`.
    pub config: Config,
    /// Ways to unlock the store that ask nobody.
    pub unlock: UnlockOptions,
    /// What is read-only in this run.
    pub rules: Rules,
    /// Where what is open is kept for the next start.
    pub session: Option<SessionPlace>,
    /// Whether the last session is wanted in this run: no target was named, and nothing was said against it.
    pub restore: bool,
    /// Profiles that the project around the working directory offers, or why its file is not used.
    pub project: Result<Option<Project>, String>,
    /// Directory of the log and of the moments of use.
    pub state_dir: PathBuf,
}

/// Opens the screen and runs until it ends; the exit code.
///
/// # Errors
/// When the terminal cannot be taken or does not take what is drawn.
pub async fn run_screen(request: ScreenRequest) -> std::io::Result<u8> {
    let ScreenRequest { targets, config_dir, demo_dir, config, unlock, rules, session, restore, project, state_dir } =
        request;
    let mut state = initial_state(&config);
    let project = project.unwrap_or_else(|why| {
        state.notify(Notice::warning(why));
        None
    });
    let project = project.map(Arc::new);
    // The first frame comes before anything is opened, read or derived.
    let mut screen = Screen::open(config.mouse)?;
    let size = screen.size()?;
    state.size = (size.width, size.height);
    let locks = OpenLocks::default();
    let mut open = Vec::new();
    let mut profiles = Vec::new();
    for (place, target) in targets.into_iter().enumerate() {
        match open_request(target, rules, None) {
            Ok(request) => open.push(request),
            Err(profile) => profiles.push((place, profile)),
        }
    }
    let mut first = start(&mut state, open, profiles);
    screen.draw(|frame| crate::ui::view(&state, frame))?;

    let signals = Signals::listen()?;
    let vault = Arc::new(Vault::open(config_dir));
    let (results, events) = mpsc::channel(EVENTS);
    let (store, requests) = mpsc::channel(STORE_REQUESTS);
    let sign_ins = SignIns::default();
    let store_task = StoreTask::new(Arc::clone(&vault), unlock, rules, results.clone()).saving_from(sign_ins.clone());
    let jobs = Jobs::new(results.clone(), state_dir.clone());
    let timeouts = Timeouts { connect: config.connect_timeout, request: config.request_timeout };
    let store_task = store_task.with(project.clone(), Some(state_dir)).telling(locks.clone()).within(timeouts);
    tokio::spawn(store_task.run(requests));
    let (registry, connections) = Registry::new();
    let opener = Opener {
        vault,
        demo_dir,
        timeouts,
        rules,
        progress: Progress::new(results.clone()),
        secrets: OpenSecrets::default(),
        locks,
        project,
    };
    let keeper = last_session(&mut state, session, restore, rules, &mut first);
    let executor = Executor { registry, opener, jobs, store, sign_ins, events: results, examination: None };
    let (clipboard, max_fps) = (config.clipboard, config.max_fps);
    Loop { state, screen, signals, executor, connections, events, clipboard, max_fps, keeper }.run(first).await
}

/// Begins to open again what was open, if that is wanted, and to keep what is open from now on.
fn last_session(
    state: &mut AppState,
    place: Option<SessionPlace>,
    wanted: bool,
    rules: Rules,
    first: &mut Vec<Effect>,
) -> Keeper {
    let Some(SessionPlace { path, restore }) = place else { return Keeper::new(None) };
    if restore == Restore::Never {
        if let Err(error) = session::forget(&path) {
            state.notify(Notice::warning(error.to_string()));
        }
        return Keeper::new(None);
    }
    if !wanted {
        return Keeper::new(Some(path));
    }
    match session::load(&path) {
        Ok(Some(last)) if !last.is_empty() => {
            let plan = session::plan(last, restore == Restore::Ask, rules);
            first.extend(reduce(state, Event::SessionFound(Box::new(plan))));
            Keeper::new(Some(path))
        }
        Ok(_) => Keeper::new(Some(path)),
        Err(error) => {
            let keep = !matches!(error, SessionError::Newer { .. });
            state.notify(Notice::warning(error.to_string()));
            Keeper::new(keep.then_some(path))
        }
    }
}

/// The keymap with the user's bindings, and what is wrong with some of them.
pub fn keymap(config: &Config) -> (Keymap, Vec<KeymapError>) {
    let user: Vec<UserBinding> = config
        .keys
        .iter()
        .map(|key| UserBinding {
            layer: key.layer.clone(),
            keys: key.chord.clone(),
            action: key.action.clone(),
            line: key.line,
        })
        .collect();
    Keymap::with_user(&user)
}

/// The state before the first event, from the user's settings; wrong key bindings are told.
pub fn initial_state(config: &Config) -> AppState {
    let (keymap, errors) = keymap(config);
    let settings = Settings {
        theme: config.theme.unwrap_or_else(default_theme),
        ascii: config.glyphs == Glyphs::Ascii,
        page_size: config.page_size,
        read_only_from: config.read_only_from,
        ..Settings::default()
    };
    let mut state = AppState { keymap, settings, now: now(), ..AppState::default() };
    state.sidebar.width = config.sidebar_width;
    for error in errors {
        state.notify(Notice::error(format!("config.toml, {error}")));
    }
    state
}

/// <https://no-color.org>: any value but the empty one means no color.
fn default_theme() -> ThemeName {
    match std::env::var_os("NO_COLOR") {
        Some(value) if !value.is_empty() => ThemeName::Mono,
        _ => ThemeName::Dark,
    }
}
