//! From the command line's wish to a running loop: configuration, state, tasks, terminal.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::mpsc;

use super::effects::Executor;
use super::jobs::Jobs;
use super::opening::{Opener, open_request};
use super::progress::Progress;
use super::run::Loop;
use super::signals::Signals;
use super::store::StoreTask;
use super::terminal::Screen;
use crate::app::event::Notice;
use crate::app::reduce::start;
use crate::app::settings::Settings;
use crate::app::state::AppState;
use crate::config::{Config, ThemeName};
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
    let ScreenRequest { targets, config_dir, demo_dir, config, unlock, rules, project, state_dir } = request;
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
    let mut open = Vec::new();
    let mut profiles = Vec::new();
    for target in targets {
        match open_request(target, rules) {
            Ok(request) => open.push(request),
            Err(profile) => profiles.push(profile),
        }
    }
    let first = start(&mut state, open, profiles);
    screen.draw(|frame| crate::ui::view(&state, frame))?;

    let signals = Signals::listen()?;
    let vault = Arc::new(Vault::open(config_dir));
    let (results, events) = mpsc::channel(EVENTS);
    let (store, requests) = mpsc::channel(STORE_REQUESTS);
    let store_task = StoreTask::new(Arc::clone(&vault), unlock, rules, results.clone());
    let jobs = Jobs::new(results.clone(), state_dir.clone());
    tokio::spawn(store_task.with(project.clone(), Some(state_dir)).run(requests));
    let (registry, connections) = Registry::new();
    let opener = Opener {
        vault,
        demo_dir,
        timeouts: Timeouts { connect: config.connect_timeout, request: config.request_timeout },
        rules,
        progress: Progress::new(results.clone()),
        project,
    };
    let executor = Executor { registry, opener, jobs, store, events: results };
    let (clipboard, max_fps) = (config.clipboard, config.max_fps);
    Loop { state, screen, signals, executor, connections, events, clipboard, max_fps }.run(first).await
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
        ..Settings::default()
    };
    let mut state = AppState { keymap, settings, ..AppState::default() };
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
