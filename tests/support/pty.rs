//! The real program in a pseudo terminal, with a model of its screen.
//!
//! Nothing sleeps for a fixed time: every wait is for a condition, has a deadline, and shows the
//! screen when it fails.

use std::io::{Read, Write};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};

/// How long a condition may take to come true; generous, for loaded machines.
pub const DEADLINE: Duration = Duration::from_secs(20);

/// What the program wrote, as bytes and as a screen.
struct Output {
    bytes: Vec<u8>,
    screen: vt100::Parser,
    ended: bool,
    /// The reader shall let go of the terminal.
    let_go: bool,
}

type Shared = Arc<(Mutex<Output>, Condvar)>;

/// A program in a pseudo terminal. It is killed when this is dropped.
pub struct Pty {
    master: Option<Box<dyn MasterPty + Send>>,
    keyboard: Option<Box<dyn Write + Send>>,
    reader: Option<std::thread::JoinHandle<()>>,
    child: Box<dyn Child + Send + Sync>,
    output: Shared,
    /// Home of the program: an empty directory of its own.
    pub home: tempfile::TempDir,
}

impl Pty {
    /// Starts the program with these arguments and, beside a clean environment, these variables.
    pub fn spawn(arguments: &[&str], columns: u16, rows: u16, variables: &[(&str, &str)]) -> Self {
        Self::spawn_program(env!("CARGO_BIN_EXE_vector-inspector"), arguments, columns, rows, variables)
    }

    /// The same for any program, e.g. a shell that starts ours.
    pub fn spawn_program(
        program: &str,
        arguments: &[&str],
        columns: u16,
        rows: u16,
        variables: &[(&str, &str)],
    ) -> Self {
        let home = tempfile::tempdir().unwrap();
        let pair = native_pty_system().openpty(size(columns, rows)).unwrap();
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.env_clear();
        command.cwd(home.path());
        for (name, value) in [("TERM", "xterm-256color"), ("LANG", "C.UTF-8"), ("PATH", "/usr/local/bin:/usr/bin:/bin")]
        {
            command.env(name, value);
        }
        command.env("HOME", home.path());
        for (name, folder) in [("XDG_CONFIG_HOME", "config"), ("XDG_DATA_HOME", "data"), ("XDG_STATE_HOME", "state")] {
            command.env(name, home.path().join(folder));
        }
        for (name, value) in variables {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        // Ours must not keep the terminal alive when the program's end is to be seen.
        drop(pair.slave);

        let screen = vt100::Parser::new(rows, columns, 0);
        let output: Shared =
            Arc::new((Mutex::new(Output { bytes: Vec::new(), screen, ended: false, let_go: false }), Condvar::new()));
        let mut reader = pair.master.try_clone_reader().unwrap();
        let shared = Arc::clone(&output);
        let reading = std::thread::spawn(move || {
            let mut buffer = [0; 8192];
            loop {
                let read = reader.read(&mut buffer);
                let mut output = shared.0.lock().unwrap();
                match read {
                    Ok(count @ 1..) => {
                        output.screen.process(&buffer[..count]);
                        output.bytes.extend_from_slice(&buffer[..count]);
                    }
                    // On Linux a terminal whose program is gone gives an error.
                    Ok(0) | Err(_) => output.ended = true,
                }
                shared.1.notify_all();
                if output.ended || output.let_go {
                    return;
                }
            }
        });
        let keyboard = pair.master.take_writer().unwrap();
        Self { master: Some(pair.master), keyboard: Some(keyboard), reader: Some(reading), child, output, home }
    }

    /// The process of the program.
    pub fn pid(&self) -> i32 {
        i32::try_from(self.child.process_id().expect("a process has an id")).unwrap()
    }

    /// Types keys; those with names in angle brackets: `"jj<enter>"`, `"<ctrl-z>"`.
    pub fn type_keys(&mut self, keys: &str) {
        let bytes = bytes_of(keys);
        self.send(&bytes);
    }

    /// Sends bytes as they are.
    pub fn send(&mut self, bytes: &[u8]) {
        let keyboard = self.keyboard.as_mut().expect("the terminal is there");
        keyboard.write_all(bytes).and_then(|()| keyboard.flush()).unwrap();
    }

    /// Waits until the screen is as wanted; panics with the screen when it does not become so.
    #[track_caller]
    pub fn wait_for(&self, what: &str, wanted: impl Fn(&vt100::Screen) -> bool) {
        self.wait(what, |output| wanted(output.screen.screen()));
    }

    /// Waits until the text is on the screen.
    #[track_caller]
    pub fn wait_for_text(&self, text: &str) {
        self.wait_for(&format!("the text {text:?}"), |screen| screen.contents().contains(text));
    }

    /// Waits until these bytes were written after the mark.
    #[track_caller]
    pub fn wait_for_bytes(&self, mark: usize, bytes: &[u8]) {
        self.wait(&format!("the bytes {:?}", String::from_utf8_lossy(bytes)), |output| {
            output.bytes[mark..].windows(bytes.len()).any(|window| window == bytes)
        });
    }

    #[track_caller]
    fn wait(&self, what: &str, wanted: impl Fn(&Output) -> bool) {
        let deadline = Instant::now() + DEADLINE;
        let mut output = self.output.0.lock().unwrap();
        while !wanted(&output) {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || output.ended {
                let why = if output.ended { "the program has ended" } else { "the time is over" };
                let screen = output.screen.screen().contents();
                let from = output.bytes.len().saturating_sub(400);
                let last = String::from_utf8_lossy(&output.bytes[from..]).into_owned();
                // Without the lock, or the reader would panic, too.
                drop(output);
                panic!("waited for {what}; {why}; the last bytes: {last:?}; the screen:\n{screen}");
            }
            output = self.output.1.wait_timeout(output, left).unwrap().0;
        }
    }

    /// The text on the screen.
    pub fn contents(&self) -> String {
        self.output.0.lock().unwrap().screen.screen().contents()
    }

    /// How many bytes were written so far: a mark for later.
    pub fn bytes_written(&self) -> usize {
        self.output.0.lock().unwrap().bytes.len()
    }

    /// What was written after the mark.
    pub fn bytes_written_since(&self, mark: usize) -> Vec<u8> {
        self.output.0.lock().unwrap().bytes[mark..].to_vec()
    }

    /// Gives the terminal another size.
    pub fn resize(&self, columns: u16, rows: u16) {
        self.output.0.lock().unwrap().screen.screen_mut().set_size(rows, columns);
        self.master.as_ref().expect("the terminal is there").resize(size(columns, rows)).unwrap();
    }

    /// Whether the terminal hands keys over raw: neither line by line nor echoed.
    pub fn is_raw(&self) -> bool {
        use rustix::termios::LocalModes;
        let name = self.master.as_ref().and_then(|master| master.tty_name()).expect("the terminal has a name");
        let modes = rustix::termios::tcgetattr(std::fs::File::open(name).unwrap()).unwrap().local_modes;
        !modes.intersects(LocalModes::ICANON | LocalModes::ECHO)
    }

    /// Sends a signal to the program.
    pub fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_raw(self.pid()).expect("a process id is not 0");
        rustix::process::kill_process(pid, signal).unwrap();
    }

    /// Takes the terminal away, as a window that is closed. The kernel sends SIGHUP to the leader of
    /// the session; to a program that a shell started it may send none.
    pub fn vanish(&mut self) {
        let name = self.master.as_ref().and_then(|master| master.tty_name()).expect("the terminal has a name");
        self.output.0.lock().unwrap().let_go = true;
        // The reader holds the terminal, too, and sees that it shall let go when it has read something.
        std::fs::File::options().write(true).open(name).and_then(|mut tty| tty.write_all(b" ")).unwrap();
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
        self.keyboard = None;
        self.master = None;
    }

    /// Waits for the end of the program.
    #[track_caller]
    pub fn wait_for_end(&mut self, at_most: Duration) -> ExitStatus {
        let deadline = Instant::now() + at_most;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < deadline, "still running after {at_most:?}; the screen:\n{}", self.contents());
            // There is no condition to wait on for a process; this only paces the looks at it.
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// The letter of a process's state, e.g. `T` for stopped; Linux only.
    pub fn state_of(pid: i32) -> Option<char> {
        let stat = std::fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("stat")).ok()?;
        stat[stat.rfind(')')? + 1..].trim_start().chars().next()
    }

    /// Kills the program at once.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        self.kill();
    }
}

fn size(cols: u16, rows: u16) -> PtySize {
    PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }
}

/// The bytes that a terminal sends for the keys.
pub fn bytes_of(keys: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = keys;
    while let Some(c) = rest.chars().next() {
        let named = rest.strip_prefix('<').and_then(|tail| tail.split_once('>'));
        if let Some((name, tail)) = named {
            match name {
                "enter" => bytes.push(b'\r'),
                "esc" => bytes.push(0x1b),
                "tab" => bytes.push(b'\t'),
                "backspace" => bytes.push(0x7f),
                "space" => bytes.push(b' '),
                "lt" => bytes.push(b'<'),
                "up" => bytes.extend(b"\x1b[A"),
                "down" => bytes.extend(b"\x1b[B"),
                "right" => bytes.extend(b"\x1b[C"),
                "left" => bytes.extend(b"\x1b[D"),
                "home" => bytes.extend(b"\x1b[H"),
                "end" => bytes.extend(b"\x1b[F"),
                "pageup" => bytes.extend(b"\x1b[5~"),
                "pagedown" => bytes.extend(b"\x1b[6~"),
                "shift-tab" => bytes.extend(b"\x1b[Z"),
                name => match name.strip_prefix("ctrl-").map(str::as_bytes) {
                    Some([letter @ b'a'..=b'z']) => bytes.push(letter - b'a' + 1),
                    _ => panic!("no key is called <{name}>"),
                },
            }
            rest = tail;
        } else {
            bytes.extend(c.to_string().as_bytes());
            rest = &rest[c.len_utf8()..];
        }
    }
    bytes
}
