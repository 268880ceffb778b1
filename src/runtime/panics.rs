//! Reports a panic after the screen was given back, and without secrets.
//!
//! A panic of the event loop ends the program. One in any other task or thread is caught there (the
//! connection turns red): it goes to the log, and the screen stays.

use std::io::{self, IsTerminal, Write};
use std::panic;
use std::thread;

use color_eyre::config::{HookBuilder, Theme};

use super::terminal;
use crate::text::redact;

/// Installs the hooks for error reports and panics. To be called first thing in `main`, from the
/// thread that will run the event loop.
///
/// # Errors
/// When another library has installed hooks for error reports before.
pub fn install() -> color_eyre::Result<()> {
    let colors = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let theme = if colors { Theme::dark() } else { Theme::new() };
    let (panic_hook, eyre_hook) = HookBuilder::default().theme(theme).display_env_section(false).into_hooks();
    eyre_hook.install()?;

    let main = thread::current().id();
    panic::set_hook(Box::new(move |info| {
        let report = panic_hook.panic_report(info).to_string();
        let report = redact(&report);
        let in_loop = thread::current().id() == main && tokio::task::try_id().is_none();
        if in_loop || !terminal::is_taken() {
            terminal::restore();
            // Standard error may be closed; there is nowhere else to go.
            let _ = writeln!(io::stderr(), "{report}");
        }
        tracing::error!("panic: {report}");
    }));
    Ok(())
}
