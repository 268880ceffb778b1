//! The way to a server as a user has it: `ping` through a proxy and through a tunnel, what goes wrong with a
//! tunnel, and that variables of the environment lead no key anywhere.
//!
//! The tunnel is tried with a stand-in for `ssh`, and with a real `sshd` where there is one.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::support::{Home, Ran};

pub const KEY: &str = "the-right-key-8f3a";

/// Serves every connection in a thread of its own.
fn serve(answer: impl Fn(TcpStream) + Send + Sync + Clone + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = answer.clone();
            std::thread::spawn(move || answer(stream));
        }
    });
    port
}

/// As much of Redis as a `ping` asks for; vector sets, so that no search engine is needed.
pub fn redis() -> u16 {
    serve(|mut stream| {
        let mut pending = Vec::new();
        let mut part = [0_u8; 4096];
        while let Ok(length @ 1..) = stream.read(&mut part) {
            pending.extend_from_slice(&part[..length]);
            // A line that is no command of RESP, as of a probe that asks who is there.
            while !pending.starts_with(b"*")
                && let Some(end) = pending.windows(2).position(|end| end == b"\r\n")
            {
                let line: Vec<u8> = pending.drain(..end + 2).collect();
                let answer = if line.starts_with(b"PING") { "+PONG\r\n" } else { "-ERR unknown command\r\n" };
                if stream.write_all(answer.as_bytes()).is_err() {
                    return;
                }
            }
            while let Some((words, used)) = command(&pending) {
                pending.drain(..used);
                let answer = match words.join(" ").to_uppercase().as_str() {
                    "PING" => "+PONG\r\n",
                    line if line.starts_with("FT._LIST") => "*0\r\n",
                    line if line.starts_with("HELLO") => "*2\r\n$7\r\nversion\r\n$5\r\n7.4.1\r\n",
                    line if line.starts_with("COMMAND INFO") => "*3\r\n*-1\r\n*-1\r\n*-1\r\n",
                    _ => "+OK\r\n",
                };
                if stream.write_all(answer.as_bytes()).is_err() {
                    return;
                }
            }
        }
    })
}

/// The first whole command of RESP, and its length.
fn command(bytes: &[u8]) -> Option<(Vec<String>, usize)> {
    let mut at = 0;
    let mut line = || {
        let end = at + bytes.get(at..)?.windows(2).position(|end| end == b"\r\n")?;
        let text = String::from_utf8_lossy(&bytes[at..end]).into_owned();
        at = end + 2;
        Some(text)
    };
    let count: usize = line()?.strip_prefix('*')?.parse().ok()?;
    let mut words = Vec::new();
    for _ in 0..count {
        line()?;
        words.push(line()?);
    }
    Some((words, at))
}

/// A proxy for `CONNECT` that leads where it is asked to, and what it was asked.
fn proxy() -> (u16, Arc<Mutex<Vec<String>>>) {
    let asked = Arc::<Mutex<Vec<String>>>::default();
    let notes = Arc::clone(&asked);
    let port = serve(move |mut near| {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0_u8];
            if near.read_exact(&mut byte).is_err() {
                return;
            }
            head.push(byte[0]);
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        let to = head.split(' ').nth(1).unwrap().to_owned();
        notes.lock().unwrap_or_else(PoisonError::into_inner).push(head);
        let Ok(far) = TcpStream::connect(&to) else { return };
        near.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
        let (mut from, mut into) = (near.try_clone().unwrap(), far.try_clone().unwrap());
        std::thread::spawn(move || {
            let _ = std::io::copy(&mut from, &mut into);
            let _ = into.shutdown(Shutdown::Write);
        });
        let (mut far, mut near) = (far, near);
        let _ = std::io::copy(&mut far, &mut near);
        let _ = near.shutdown(Shutdown::Write);
    });
    (port, asked)
}

fn heard(asked: &Mutex<Vec<String>>) -> Vec<String> {
    asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

#[test]
fn a_ping_goes_through_the_proxy_of_the_profile_and_of_a_url() {
    let home = Home::new();
    let (server, (port, asked)) = (redis(), proxy());
    let secret = home.path().join("proxy-password");
    std::fs::write(&secret, "sesame\n").unwrap();
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o600)).unwrap();
    let through = format!("http://127.0.0.1:{port}");
    let source = format!("file {}", secret.display());
    let address = format!("redis://127.0.0.1:{server}");
    let flags = ["--proxy", &through, "--proxy-user", "me", "--proxy-secret", &source];
    home.run(&[&["profiles", "add", "p", &address, "--key-file"][..], &flags].concat()).ends_with(0);
    let pong = home.run(&["ping", "p", "--json"]).ends_with(0).json();
    assert_eq!((&pong[0]["server"], &pong[0]["version"]), (&"redis".into(), &"7.4.1".into()));
    // me:sesame
    let head = heard(&asked).concat();
    assert!(head.starts_with(&format!("CONNECT 127.0.0.1:{server} HTTP/1.1\r\n")), "{head}");
    assert!(head.contains("Proxy-Authorization: Basic bWU6c2VzYW1l\r\n"), "{head}");
    let before = heard(&asked).len();
    home.run(&["ping", &format!("{address}?proxy={through}")]).ends_with(0);
    assert!(heard(&asked).len() > before);
    // Also a port that is asked who it is is asked through it.
    let before = heard(&asked).len();
    home.run(&["ping", &format!("127.0.0.1:{server}?proxy={through}")]).ends_with(0);
    assert!(heard(&asked).len() > before);
    home.run(&["ping", &format!("redis://127.0.0.1:{server}?proxy=http://me:sesame@h:1")]).ends_with(2);
    home.run(&["profiles", "edit", "p", "--proxy", ""]).ends_with(0);
    let before = heard(&asked).len();
    home.run(&["ping", "p"]).ends_with(0);
    assert_eq!(heard(&asked).len(), before, "without a proxy the server is dialled itself");
}

/// Every maker, with the key from a variable, in an environment whose variables all name other hosts.
#[test]
fn no_variable_of_the_environment_leads_a_key_elsewhere() {
    let (elsewhere, notes) = (Arc::<Mutex<Vec<String>>>::default(), Arc::<Mutex<Vec<String>>>::default());
    let ear = |notes: &Arc<Mutex<Vec<String>>>| {
        let notes = Arc::clone(notes);
        serve(move |mut stream| {
            let mut part = [0_u8; 4096];
            let length = stream.read(&mut part).unwrap_or_default();
            let text = String::from_utf8_lossy(&part[..length]).into_owned();
            notes.lock().unwrap_or_else(PoisonError::into_inner).push(text);
        })
    };
    let (other, server) = (ear(&elsewhere), ear(&notes));
    let home = Home::new();
    // Not loopback by its name, so that no rule for this machine spares it; it leads here all the same.
    let host = "localhost.localdomain";
    let host = if std::net::ToSocketAddrs::to_socket_addrs(&(host, 1)).is_ok() { host } else { "127.0.0.1" };
    for maker in ["qdrant", "chroma", "weaviate", "pinecone+http", "es", "milvus", "postgres", "redis"] {
        let plain = if maker == "postgres" { "&sslmode=disable&user=me" } else { "" };
        let url = format!("{maker}://{host}:{server}?key_env=DB_KEY&allow_plaintext_key=true{plain}");
        let mut ping = home.command(&["--timeout", "5", "ping", &url]);
        ping.env("DB_KEY", KEY);
        for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "GRPC_PROXY"] {
            ping.env(name, format!("http://127.0.0.1:{other}"));
            ping.env(name.to_lowercase(), format!("http://127.0.0.1:{other}"));
        }
        ping.env("PGHOST", "127.0.0.1").env("PGHOSTADDR", "127.0.0.1").env("PGPORT", other.to_string());
        let before = heard(&notes).len();
        let ran = Ran::of(ping);
        let refused_here = ran.err.contains("is not known");
        assert!(!refused_here, "{maker}: the test asks for what is not there: {}", ran.err);
        assert!(heard(&notes).len() > before, "{maker}: the server was not reached: {}", ran.err);
        assert!(heard(&elsewhere).is_empty(), "{maker}: {:?}", heard(&elsewhere));
        assert!(!(ran.out + &ran.err).contains(KEY), "{maker}");
    }
    // The same variables, taken because the profile says so.
    let url = format!("redis://127.0.0.2:{server}?proxy=environment&key_env=DB_KEY&allow_plaintext_key=true");
    let mut ping = home.command(&["--timeout", "5", "ping", &url]);
    ping.env("DB_KEY", KEY).env("ALL_PROXY", format!("http://127.0.0.1:{other}"));
    let ran = Ran::of(ping);
    assert!(heard(&elsewhere).is_empty(), "this machine has no proxy: {:?} {}", heard(&elsewhere), ran.err);
    let mut ping = home.command(&["--timeout", "5", "ping", &url.replace("127.0.0.2", "db.invalid")]);
    ping.env("DB_KEY", KEY).env("ALL_PROXY", format!("http://127.0.0.1:{other}"));
    let ran = Ran::of(ping);
    assert!(heard(&elsewhere).concat().starts_with(&format!("CONNECT db.invalid:{server} ")), "{}", ran.err);
}

/// A stand-in for `ssh`: forwards as `-L` says, or fails as its host's name says.
pub const SSH: &str = r#"#!/usr/bin/env python3
import os, socket, sys, threading
words, folder = sys.argv[1:], os.path.dirname(os.path.abspath(sys.argv[0]))
host = words[-1]
with open(os.path.join(folder, "calls"), "a") as calls:
    calls.write(f"{os.getpid()} {' '.join(words)}\n")
with open(os.path.join(folder, "environment"), "a") as names:
    names.write("\n".join(os.environ) + "\n")
last_words = {
    "denied": "me@denied: Permission denied (publickey,password).",
    "changed": "@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.",
    "stranger": "No ED25519 host key is known for stranger and you have requested strict checking.\nHost key verification failed.",
    "away": "ssh: connect to host away port 22: Connection refused",
}
if host in last_words:
    sys.stderr.write(last_words[host] + "\n")
    sys.exit(255)
_, here, to, port = words[words.index("-L") + 1].split(":")
door = socket.create_server(("127.0.0.1", int(here)))
def pump(a, b):
    try:
        while part := a.recv(65536):
            b.sendall(part)
    except OSError:
        pass
    for end in (a, b):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
while True:
    near, _ = door.accept()
    if host == "dies":
        sys.stderr.write("client_loop: send disconnect: Broken pipe\n")
        sys.exit(255)
    try:
        # what the other end calls db.invalid is here
        far = socket.create_connection((to.replace("db.invalid", "127.0.0.1"), int(port)))
    except OSError:
        sys.stderr.write("channel 2: open failed: connect failed: Connection refused\n")
        near.close()
        continue
    for pair in ((near, far), (far, near)):
        threading.Thread(target=pump, args=pair, daemon=True).start()
"#;

/// A home whose PATH begins with that `ssh`.
pub struct Tunnelled {
    pub home: Home,
    pub bin: PathBuf,
}

impl Tunnelled {
    pub fn new(ssh: &str) -> Self {
        let home = Home::new();
        let bin = home.path().join("bin");
        std::fs::create_dir(&bin).unwrap();
        std::fs::write(bin.join("ssh"), ssh).unwrap();
        std::fs::set_permissions(bin.join("ssh"), std::fs::Permissions::from_mode(0o755)).unwrap();
        Self { home, bin }
    }

    pub fn path(&self) -> String {
        format!("{}:{}", self.bin.display(), std::env::var("PATH").unwrap_or_default())
    }

    fn run(&self, words: &[&str]) -> Ran {
        let mut command = self.home.command(words);
        command.env("PATH", self.path());
        command.env("DB_PASS", KEY).env("SOME_TOKEN", KEY).env("SSH_AUTH_SOCK", "/nowhere");
        Ran::of(command)
    }

    /// Starts it and does not wait for its end.
    fn start(&self, words: &[&str]) -> Child {
        let home = self.home.path();
        let mut command = Command::new(env!("CARGO_BIN_EXE_vector-inspector"));
        command.env_clear().env("PATH", self.path()).env("HOME", home);
        command.env("VECTOR_INSPECTOR_CONFIG_DIR", home.join("config")).env("VECTOR_INSPECTOR_DATA_DIR", home);
        command.args(words).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    pub fn add(&self, name: &str, address: &str, flags: &[&str]) {
        self.run(&[&["profiles", "add", name, address, "--key-file"][..], flags].concat()).ends_with(0);
    }

    pub fn lines(&self, file: &str) -> Vec<String> {
        let text = std::fs::read_to_string(self.bin.join(file)).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }
}

fn lives(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(") ").next().is_some_and(|rest| !rest.is_empty() && !rest.starts_with('Z'))
}

fn until(what: &str, is_so: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(30);
    while !is_so() {
        assert!(Instant::now() < end, "never: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_ping_goes_through_a_tunnel_that_ends_with_it() {
    let tunnelled = Tunnelled::new(SSH);
    let server = redis();
    let flags = ["--ssh-host", "bastion", "--ssh-user", "me", "--ssh-port", "2222", "--ssh-jump", "gate"];
    let key = ["--secret-env", "DB_PASS", "--option", "allow_plaintext_key=true"];
    tunnelled.add("p", &format!("redis://db.invalid:{server}"), &[&flags[..], &key].concat());
    let pong = tunnelled.run(&["ping", "p", "--json"]).ends_with(0).json();
    assert_eq!(pong[0]["server"], "redis");
    let calls = tunnelled.lines("calls");
    let call = calls.first().unwrap();
    for part in ["-N", "BatchMode=yes", "ExitOnForwardFailure=yes", "-l me", "-p 2222", "-J gate", "-- bastion"] {
        assert!(call.contains(part), "{call}");
    }
    assert!(call.contains(&format!(":db.invalid:{server}")) && !call.contains(KEY), "{call}");
    let names = tunnelled.lines("environment");
    assert!(names.iter().any(|name| name == "SSH_AUTH_SOCK"), "{names:?}");
    for hidden in ["DB_PASS", "SOME_TOKEN", "VECTOR_INSPECTOR_CONFIG_DIR"] {
        assert!(!names.iter().any(|name| name == hidden), "{hidden} is in {names:?}");
    }
    let pid = call.split(' ').next().unwrap().to_owned();
    until("the tunnel ends with the command", || !lives(&pid));
}

/// A command that starts another program and, as that does, ignores the polite request to end.
const STUBBORN: &str = r#"#!/bin/sh
trap '' TERM HUP INT
sleep 600 &
echo "$$ $!" >> "$(dirname "$0")/stubborn.pids"
wait
"#;

/// SIGKILL gives nobody a chance to clean up.
#[test]
fn when_the_program_is_killed_the_tunnel_and_the_commands_end_with_all_that_they_started() {
    let tunnelled = Tunnelled::new(SSH);
    let stubborn = tunnelled.bin.join("stubborn");
    std::fs::write(&stubborn, STUBBORN).unwrap();
    std::fs::set_permissions(&stubborn, std::fs::Permissions::from_mode(0o755)).unwrap();
    // A server that says nothing, so that the program waits for it.
    let silent = serve(|mut stream| drop(stream.read(&mut [0_u8; 64]).and_then(|_| stream.read(&mut [0_u8; 64]))));
    let address = format!("redis://localhost:{silent}");
    tunnelled.add("tunnel", &address, &["--ssh-host", "bastion"]);
    let words = format!("{} ", stubborn.display());
    tunnelled.add("command", &address, &["--before", &words, "--wait-port", &silent.to_string()]);
    for (name, file, count) in [("tunnel", "calls", 1), ("command", "stubborn.pids", 2)] {
        let mut program = tunnelled.start(&["--timeout", "300", "ping", name]);
        let pids = || {
            let lines = tunnelled.lines(file).join(" ");
            let numbers = lines.split(' ').map_while(|word| word.parse::<u32>().ok().map(|_| word.to_owned()));
            numbers.collect::<Vec<String>>()
        };
        until("the child starts", || pids().len() >= count);
        let pids = pids();
        assert!(pids.iter().all(|pid| lives(pid)), "{name}: {pids:?}");
        program.kill().unwrap();
        program.wait().unwrap();
        for pid in &pids {
            until(&format!("{name}: {pid} of {pids:?} ends"), || !lives(pid));
        }
    }
}

#[test]
fn a_way_of_parts_that_exclude_each_other_is_not_saved() {
    let home = Home::new();
    let add =
        |flags: &[&str]| home.run(&[&["profiles", "add", "p", "redis://db.invalid", "--key-file"][..], flags].concat());
    let (proxy, ssh, before) =
        (["--proxy", "http://p:1"], ["--ssh-host", "bastion"], ["--before", "kubectl port-forward x ${port}:1"]);
    add(&[proxy, ssh].concat()).ends_with(2).says("a tunnel and a proxy cannot be had at once");
    add(&[ssh, before].concat()).ends_with(2).says("a tunnel and a command that opens a port");
    add(&[proxy, before].concat()).ends_with(2).says("a proxy and a command that opens a port");
    add(&["--proxy", "work/search"])
        .ends_with(2)
        .says("the proxy is not understood: there is something behind the port");
    add(&["--proxy", "environment"]).ends_with(0);
    home.run(&["profiles", "edit", "p", "--proxy", "http://p:1"]).ends_with(0);
    home.run(&["profiles", "edit", "p", "--ssh-host", "bastion"]).ends_with(2).says("a tunnel and a proxy");
    home.run(&["profiles", "edit", "p", "--ssh-host", "bastion", "--proxy", ""]).ends_with(0);
}

#[test]
fn what_goes_wrong_with_a_tunnel_is_told_in_words_and_in_the_exit_code() {
    let tunnelled = Tunnelled::new(SSH);
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let address = format!("redis://127.0.0.1:{free}");
    let beyond = format!("127.0.0.1:{free} (as the SSH server bastion sees it) refused the connection");
    for (host, cause, exit) in [
        ("denied", "did not let us in: me@denied: Permission denied", 3),
        ("changed", "its host key is not the one that it had before", 4),
        ("stranger", "its host key is not known on this machine", 4),
        ("away", "does not stand: connect to host away port 22: Connection refused", 4),
        ("dies", "client_loop: send disconnect: Broken pipe", 4),
        ("bastion", beyond.as_str(), 4),
    ] {
        tunnelled.add(host, &address, &["--ssh-host", host]);
        tunnelled.run(&["ping", host]).ends_with(exit).says(cause);
    }
    tunnelled.add("option", &address, &["--ssh-host", "bastion", "--ssh-jump=-oProxyCommand=touch /tmp/x"]);
    tunnelled.run(&["ping", "option"]).says("is no name for ssh");
}

/// A real `sshd` of this user on the loopback interface; it ends with the test.
struct Sshd(Child);

impl Drop for Sshd {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin";
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

fn start_sshd(folder: &Path) -> Option<(Sshd, u16)> {
    let (sshd, keygen) = (program("sshd")?, program("ssh-keygen")?);
    let at = |name: &str| folder.join(name).display().to_string();
    for key in ["host", "user"] {
        let made = Command::new(&keygen).args(["-q", "-t", "ed25519", "-N", "", "-f", &at(key)]).status().ok()?;
        assert!(made.success());
    }
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let host_key = std::fs::read_to_string(at("host.pub")).unwrap();
    std::fs::write(at("known"), format!("[127.0.0.1]:{port} {host_key}")).unwrap();
    let server = format!(
        "ListenAddress 127.0.0.1\nPort {port}\nHostKey {}\nAuthorizedKeysFile {}\nStrictModes no\nUsePAM no\nPidFile none\n\
         PermitRootLogin yes\n",
        at("host"),
        at("user.pub")
    );
    std::fs::write(at("sshd_config"), server).unwrap();
    let client = format!(
        "Host bastion\n  HostName 127.0.0.1\n  Port {port}\n  IdentityFile {}\n  IdentitiesOnly yes\n  UserKnownHostsFile {}\n",
        at("user"),
        at("known")
    );
    std::fs::write(at("client"), client).unwrap();
    // As root it wants a directory for its privileges; where it cannot be made, sshd says so below.
    let _ = std::fs::create_dir_all("/run/sshd");
    let mut server = Command::new(sshd);
    server
        .args(["-D", "-e", "-f", &at("sshd_config")])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut running = Sshd(server.spawn().ok()?);
    let end = Instant::now() + Duration::from_secs(20);
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        if running.0.try_wait().unwrap().is_some() || Instant::now() > end {
            return None;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Some((running, port))
}

#[test]
fn a_ping_goes_through_a_real_ssh() {
    let folder = tempfile::tempdir().unwrap();
    let (Some(ssh), Some((_sshd, _))) = (program("ssh"), start_sshd(folder.path())) else {
        // Past the capture of the test's output: nobody shall think that it ran.
        let words = "NOT RUN: a_ping_goes_through_a_real_ssh needs ssh, ssh-keygen and an sshd that starts\n";
        let _ =
            std::fs::OpenOptions::new().append(true).open("/dev/stderr").map(|mut err| err.write_all(words.as_bytes()));
        return;
    };
    let client = folder.path().join("client");
    let tunnelled = Tunnelled::new(&format!("#!/bin/sh\nexec {} -F {} \"$@\"\n", ssh.display(), client.display()));
    let server = redis();
    tunnelled.add("p", &format!("redis://localhost:{server}"), &["--ssh-host", "bastion"]);
    let pong = tunnelled.run(&["ping", "p", "--json"]).ends_with(0).json();
    assert_eq!(pong[0]["server"], "redis");
    tunnelled.add("beyond", "redis://localhost:1", &["--ssh-host", "bastion"]);
    tunnelled
        .run(&["ping", "beyond"])
        .ends_with(4)
        .says("localhost:1 (as the SSH server ")
        .says("sees it) refused the connection");
    // Its key is another one now.
    let known = folder.path().join("known");
    let text = std::fs::read_to_string(&known).unwrap();
    let (host, _) = text.split_once(' ').unwrap();
    let user_key = std::fs::read_to_string(folder.path().join("user.pub")).unwrap();
    std::fs::write(&known, format!("{host} {user_key}")).unwrap();
    tunnelled.run(&["ping", "p"]).ends_with(4).says("its host key is not the one that it had before");
    std::fs::remove_file(&known).unwrap();
    tunnelled.run(&["ping", "p"]).ends_with(4).says("its host key is not known on this machine");
}
