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

/// How a program is to be started: by default ours, on 120 x 40, in an empty home of its own.
pub struct Start {
    program: String,
    arguments: Vec<String>,
    columns: u16,
    rows: u16,
    variables: Vec<(String, String)>,
    home: Arc<tempfile::TempDir>,
}

impl Start {
    /// Our program with these arguments.
    pub fn ours(arguments: &[&str]) -> Self {
        Self::program(env!("CARGO_BIN_EXE_vector-inspector"), arguments)
    }

    /// Any program, e.g. a shell that starts ours.
    pub fn program(program: &str, arguments: &[&str]) -> Self {
        Self {
            program: program.to_owned(),
            arguments: arguments.iter().map(|&argument| argument.to_owned()).collect(),
            columns: 120,
            rows: 40,
            variables: Vec::new(),
            home: Arc::new(tempfile::tempdir().unwrap()),
        }
    }

    /// In that home, e.g. one that another start has left.
    pub fn home(mut self, home: &Arc<tempfile::TempDir>) -> Self {
        self.home = Arc::clone(home);
        self
    }

    /// On a terminal of that size.
    pub fn size(mut self, columns: u16, rows: u16) -> Self {
        (self.columns, self.rows) = (columns, rows);
        self
    }

    /// With that variable beside a clean environment.
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Writes `config.toml` into the home.
    pub fn config(self, text: &str) -> Self {
        let folder = self.home.path().join("config/vector-inspector");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("config.toml"), text).unwrap();
        self
    }

    /// Starts it.
    pub fn spawn(self) -> Pty {
        Pty::spawn(self)
    }
}

/// A program in a pseudo terminal. It is killed when this is dropped.
pub struct Pty {
    master: Option<Box<dyn MasterPty + Send>>,
    keyboard: Option<Box<dyn Write + Send>>,
    reader: Option<std::thread::JoinHandle<()>>,
    child: Box<dyn Child + Send + Sync>,
    output: Shared,
    /// Home of the program.
    pub home: Arc<tempfile::TempDir>,
    /// The modes of the terminal before the program was started, see [`Self::modes`].
    pub modes_before: [u32; 4],
}

impl Pty {
    fn spawn(start: Start) -> Self {
        let Start { program, arguments, columns, rows, variables, home } = start;
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
        let tty = pair.master.tty_name().expect("the terminal has a name");
        let modes_before = modes_of(&std::fs::File::open(tty).unwrap());
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
        Self {
            master: Some(pair.master),
            keyboard: Some(keyboard),
            reader: Some(reading),
            child,
            output,
            home,
            modes_before,
        }
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
        self.wait_at_most(DEADLINE, what, wanted);
    }

    /// The same for what may take longer, or must not take as long.
    #[track_caller]
    pub fn wait_at_most(&self, time: Duration, what: &str, wanted: impl Fn(&vt100::Screen) -> bool) {
        self.wait(time, what, |output| wanted(output.screen.screen()));
    }

    /// Waits until the text is on the screen.
    #[track_caller]
    pub fn wait_for_text(&self, text: &str) {
        self.wait_for(&format!("the text {text:?}"), |screen| screen.contents().contains(text));
    }

    /// Waits until these bytes were written after the mark.
    #[track_caller]
    pub fn wait_for_bytes(&self, mark: usize, bytes: &[u8]) {
        self.wait(DEADLINE, &format!("the bytes {:?}", String::from_utf8_lossy(bytes)), |output| {
            output.bytes[mark..].windows(bytes.len()).any(|window| window == bytes)
        });
    }

    /// Waits until the program has written nothing for so long.
    #[track_caller]
    pub fn wait_for_silence(&self, length: Duration) {
        let deadline = Instant::now() + DEADLINE;
        let mut output = self.output.0.lock().unwrap();
        let (mut count, mut since) = (output.bytes.len(), Instant::now());
        while since.elapsed() < length {
            output = self.output.1.wait_timeout(output, length.saturating_sub(since.elapsed())).unwrap().0;
            if output.bytes.len() != count {
                (count, since) = (output.bytes.len(), Instant::now());
            }
            if Instant::now() > deadline {
                let last = String::from_utf8_lossy(&output.bytes[count.saturating_sub(400)..]).into_owned();
                drop(output);
                panic!("never silent for {length:?}; the last bytes: {last:?}");
            }
        }
    }

    #[track_caller]
    fn wait(&self, time: Duration, what: &str, wanted: impl Fn(&Output) -> bool) {
        let deadline = Instant::now() + time;
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
        self.look(vt100::Screen::contents)
    }

    /// Looks at the screen.
    pub fn look<T>(&self, at: impl FnOnce(&vt100::Screen) -> T) -> T {
        at(self.output.0.lock().unwrap().screen.screen())
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
        // The model cannot count below two; what is drawn there is of no interest.
        self.output.0.lock().unwrap().screen.screen_mut().set_size(rows.max(2), columns.max(2));
        self.master.as_ref().expect("the terminal is there").resize(size(columns, rows)).unwrap();
    }

    /// The line discipline of the terminal: input, output, control and local modes.
    pub fn modes(&self) -> [u32; 4] {
        let name = self.master.as_ref().and_then(|master| master.tty_name()).expect("the terminal has a name");
        modes_of(&std::fs::File::open(name).unwrap())
    }

    /// Whether the terminal hands keys over raw: neither line by line nor echoed.
    pub fn is_raw(&self) -> bool {
        use rustix::termios::LocalModes;
        let local = LocalModes::from_bits_retain(self.modes()[3]);
        !local.intersects(LocalModes::ICANON | LocalModes::ECHO)
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

fn modes_of(tty: &std::fs::File) -> [u32; 4] {
    let found = rustix::termios::tcgetattr(tty).unwrap();
    [found.input_modes.bits(), found.output_modes.bits(), found.control_modes.bits(), found.local_modes.bits()]
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
