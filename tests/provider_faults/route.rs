//! The way to a server: proxies for every maker, commands before the connection, their end. Tunnels need an
//! `ssh` on the PATH of the process and are in `tests/commands/route.rs`.

use std::path::Path;
use std::time::Duration;

use secrecy::SecretString;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use vector_inspector::connection::message::{Command, ConnectionEvent, ConnectionEventKind, ConnectionId, Epoch};
use vector_inspector::connection::{Registry, Settings};
use vector_inspector::provider::transport::{ALLOW_PLAINTEXT_KEY, proxy_address};
use vector_inspector::provider::{ConnectSpec, ErrorKind, ProviderError, ProviderKind, ProxySpec, connect};

use super::bench::{Heard, KEY, SERVERS, Serving, ear, serve, spec};
use super::fake_qdrant::Fake;

const PASSWORD: &str = "proxy-password-51c2";

fn through(mut spec: ConnectSpec, proxy: &str, credentials: bool) -> ConnectSpec {
    let address = proxy_address(proxy).unwrap();
    let user = credentials.then(|| "me".to_owned());
    let password = credentials.then(|| SecretString::from(PASSWORD));
    spec.route.proxy = Some(ProxySpec::Given { address, user, password });
    spec
}

/// A proxy that notes what it was asked for and leads everybody to one server.
async fn http_proxy(asked: &Heard, to: u16) -> Serving {
    let asked = asked.clone();
    serve(move |mut near| {
        let asked = asked.clone();
        async move {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let Ok(byte) = near.read_u8().await else { return };
                head.push(byte);
            }
            asked.note(head);
            let mut far = TcpStream::connect(("127.0.0.1", to)).await.unwrap();
            near.write_all(b"HTTP/1.1 200 Connection established\r\nX: y\r\n\r\n").await.unwrap();
            let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
        }
    })
    .await
}

/// The same in SOCKS 5, with a user and a password.
async fn socks_proxy(asked: &Heard, to: u16) -> Serving {
    let asked = asked.clone();
    serve(move |mut near| {
        let asked = asked.clone();
        async move {
            let mut part = [0_u8; 512];
            let length = near.read(&mut part).await.unwrap();
            assert_eq!(part[..length], [5, 2, 0, 2]);
            near.write_all(&[5, 2]).await.unwrap();
            let length = near.read(&mut part).await.unwrap();
            assert_eq!(&part[..length], [&[1, 2][..], b"me", &[20], PASSWORD.as_bytes()].concat());
            near.write_all(&[1, 0]).await.unwrap();
            let length = near.read(&mut part).await.unwrap();
            asked.note(part[..length].to_vec());
            let mut far = TcpStream::connect(("127.0.0.1", to)).await.unwrap();
            near.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await.unwrap();
            let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
        }
    })
    .await
}

#[tokio::test]
async fn every_maker_is_reached_through_a_proxy_that_alone_gets_its_password() {
    for kind in SERVERS {
        for scheme in ["http", "socks5"] {
            let (asked, heard) = (Heard::default(), Heard::default());
            let server = ear(&heard).await;
            let proxy = match scheme {
                "http" => http_proxy(&asked, server.port).await,
                _ => socks_proxy(&asked, server.port).await,
            };
            // A name that only the proxy could know.
            let mut spec = spec(kind, "db.invalid", 4711, false);
            spec.options.insert(ALLOW_PLAINTEXT_KEY.to_owned(), "true".to_owned());
            let spec = through(spec, &format!("{scheme}://127.0.0.1:{}", proxy.port), true);
            let error = connect(&spec).await.err().expect("a server that hangs up");
            assert!(heard.spoke() > 0, "{kind:?} by {scheme}: {error}");
            assert!(asked.text().contains("db.invalid"), "{kind:?}: {}", asked.text());
            if scheme == "http" {
                let line = "CONNECT db.invalid:4711 HTTP/1.1\r\nHost: db.invalid:4711\r\n";
                assert!(asked.text().starts_with(line), "{}", asked.text());
                assert!(asked.text().contains("Proxy-Authorization: Basic bWU6cHJveHktcGFzc3dvcmQtNTFjMg=="));
            }
            assert!(!asked.text().contains(KEY), "the proxy was told the key of the server");
            let said = format!("{} {error} {error:?} {spec:?}", heard.text());
            assert!(
                !said.contains(PASSWORD) && !said.contains("bWU6cHJveHkt"),
                "{kind:?}: the password went on: {said}"
            );
        }
    }
}

#[tokio::test]
async fn a_key_is_not_said_in_plain_text_through_a_proxy_even_to_its_own_machine() {
    for kind in SERVERS {
        let asked = Heard::default();
        let proxy = ear(&asked).await;
        let spec = through(spec(kind, "localhost", 4711, false), &format!("http://127.0.0.1:{}", proxy.port), false);
        let error = connect(&spec).await.err().expect("no way");
        assert!(error.to_string().contains("without encryption"), "{kind:?}: {error}");
        assert_eq!(asked.connections(), 0, "{kind:?}");
    }
}

#[tokio::test]
async fn a_proxy_that_says_no_is_told_with_its_cause() {
    let says = |answer: &'static [u8]| {
        serve(move |mut stream| async move {
            let _ = stream.read(&mut [0_u8; 1024]).await;
            let _ = stream.write_all(answer).await;
            let _ = stream.read(&mut [0_u8; 1024]).await;
        })
    };
    let cases: [(&'static [u8], &str, ErrorKind); 6] = [
        (b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "the profile has none", ErrorKind::Authentication),
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", "does not allow", ErrorKind::Unreachable),
        (b"HTTP/1.1 502 Bad Gateway\r\n\r\n", "did not reach the server", ErrorKind::Unreachable),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "another language than HTTP", ErrorKind::Unreachable),
        (b"\x05\x00", "another language than HTTP", ErrorKind::Unreachable),
        (b"", "", ErrorKind::Unreachable),
    ];
    for (answer, cause, wanted) in cases {
        let proxy = says(answer).await;
        let mut spec = spec(ProviderKind::Qdrant, "db.invalid", 4711, true);
        spec.timeouts.connect = Duration::from_secs(2);
        let spec = through(spec, &format!("127.0.0.1:{}", proxy.port), false);
        let error = connect(&spec).await.err().expect("no way");
        assert_eq!(error.kind(), wanted, "{error}");
        // One that waits for more of such an answer tells that it got none in time.
        let late = matches!(error, ProviderError::TimedOut { .. });
        assert!(late || error.to_string().contains(cause), "{error}");
    }
    let error = connect(&through(spec(ProviderKind::Redis, "db.invalid", 1, true), "127.0.0.1:1", false)).await;
    let error = error.err().expect("no proxy").to_string();
    assert!(error.contains("the proxy http://127.0.0.1:1") && error.contains("nothing listens there"), "{error}");
    let socks = serve(|mut stream| async move {
        let _ = stream.read(&mut [0_u8; 64]).await;
        let _ = stream.write_all(&[5, 0]).await;
        let _ = stream.read(&mut [0_u8; 64]).await;
        let _ = stream.write_all(&[5, 4, 0, 1, 0, 0, 0, 0, 0, 0]).await;
    })
    .await;
    let proxy = format!("socks5://127.0.0.1:{}", socks.port);
    let error = connect(&through(spec(ProviderKind::Chroma, "db.invalid", 1, true), &proxy, false)).await;
    let error = error.err().expect("no way").to_string();
    assert!(error.contains("does not reach the server"), "{error}");
}

/// A small `kubectl port-forward`: listens after a moment, writes its process id beside itself.
const FORWARD: &str = r#"
import os, socket, sys, threading, time
here, to, delay = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
with open(os.path.join(os.path.dirname(sys.argv[0]), "pids"), "a") as pids:
    pids.write(f"{os.getpid()}\n")
with open(os.path.join(os.path.dirname(sys.argv[0]), "environment"), "a") as names:
    names.write("\n".join(os.environ))
time.sleep(delay)
door = socket.create_server(("127.0.0.1", here))
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
    far = socket.create_connection(("127.0.0.1", to))
    for pair in ((near, far), (far, near)):
        threading.Thread(target=pump, args=pair, daemon=True).start()
"#;

/// A Qdrant that is reached through the forwarder only: the spec's own address leads nowhere.
fn forwarded(folder: &TempDir, to: u16, delay: &str) -> ConnectSpec {
    let script = folder.path().join("forward.py");
    std::fs::write(&script, FORWARD).unwrap();
    let mut spec = spec(ProviderKind::Qdrant, "localhost", 4711, false);
    let script = script.display().to_string();
    spec.route.before = vec![["python3", &script, "${port}", &to.to_string(), delay].map(str::to_owned).to_vec()];
    spec.route.hidden = vec!["HOME".to_owned()];
    spec
}

fn pids(folder: &Path) -> Vec<i32> {
    let text = std::fs::read_to_string(folder.join("pids")).unwrap_or_default();
    text.lines().map(|line| line.parse().unwrap()).collect()
}

fn lives(pid: i32) -> bool {
    // A zombie has ended, too; only its parent has not looked yet.
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(") ").next().is_some_and(|rest| !rest.is_empty() && !rest.starts_with('Z'))
}

async fn until(what: &str, is_so: impl Fn() -> bool) {
    let waiting = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), waiting).await.unwrap_or_else(|_| panic!("never: {what}"));
}

#[tokio::test]
async fn a_command_is_waited_for_and_ends_with_the_database() {
    let folder = tempfile::tempdir().unwrap();
    let server = Fake::with_key(KEY).serve().await;
    let spec = forwarded(&folder, server.address.port(), "0.5");
    let database = connect(&spec).await.unwrap();
    assert_eq!(database.ping().await.unwrap().product, "qdrant");
    let pid = pids(folder.path())[0];
    assert!(lives(pid));
    let environment = std::fs::read_to_string(folder.path().join("environment")).unwrap();
    assert!(environment.lines().any(|name| name == "PATH") && !environment.lines().any(|name| name == "HOME"));
    drop(database);
    until("the command ends", || !lives(pid)).await;
}

#[tokio::test]
async fn a_command_that_was_cancelled_in_its_middle_ends_too() {
    let folder = tempfile::tempdir().unwrap();
    let spec = forwarded(&folder, 1, "60");
    let opening = tokio::spawn(async move { connect(&spec).await.map(drop) });
    until("it starts", || !pids(folder.path()).is_empty()).await;
    opening.abort();
    let pid = pids(folder.path())[0];
    until("the command ends", || !lives(pid)).await;
}

#[tokio::test]
async fn what_goes_wrong_with_a_command_is_told() {
    let run = |words: &[&str], wait_port| {
        let mut spec = spec(ProviderKind::Qdrant, "localhost", 4711, false);
        spec.route.before = vec![words.iter().map(|word| (*word).to_owned()).collect()];
        spec.route.wait_port = wait_port;
        spec.route.wait = Duration::from_secs(1);
        async move { connect(&spec).await.err().expect("nothing is there") }
    };
    let error = run(&["/nowhere/kubectl", "${port}"], None).await;
    assert!(matches!(&error, ProviderError::CommandFailed { program, .. } if program == "/nowhere/kubectl"), "{error}");
    let error = run(&["sh", "-c", "echo error: unauthorized; exit 3", "${port}"], None).await.to_string();
    assert!(error.contains("error: unauthorized") && error.contains('3'), "{error}");
    let error = run(&["sleep", "60", "${port}"], None).await;
    assert!(matches!(&error, ProviderError::TimedOut { what, .. } if what.contains("sleep should open")), "{error}");
    let error = run(&["sleep", "60"], None).await;
    assert!(matches!(&error, ProviderError::TimedOut { what, .. } if what.contains("the command sleep")), "{error}");
    // Somebody has the port already: it is not the command that opened it.
    let taken = ear(&Heard::default()).await;
    let error = run(&["sleep", "60"], Some(taken.port)).await;
    assert!(error.to_string().contains("was taken by another program"), "{error}");
    // One that does its work and ends is no way of its own: the address is dialled.
    let error = run(&["true"], None).await;
    assert!(matches!(&error, ProviderError::Refused { address } if address == "localhost:4711"), "{error}");
}

#[tokio::test]
async fn when_a_command_dies_the_connection_comes_back_with_a_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let server = Fake::with_key(KEY).serve().await;
    let spec = forwarded(&folder, server.address.port(), "0");
    let (mut registry, mut heard) = Registry::new();
    let connector = move || {
        let spec = spec.clone();
        async move { connect(&spec).await }
    };
    let id = ConnectionId(1);
    registry.open(id, connector, Settings::default());
    assert_eq!(until_connected(&mut heard).await, Epoch(1));
    let first = pids(folder.path())[0];
    kill(first);
    until("it dies", || !lives(first)).await;
    let _ = registry.send(id, Command::CheckNow);
    assert_eq!(until_connected(&mut heard).await, Epoch(2));
    let all = pids(folder.path());
    assert!(all.len() == 2 && lives(all[1]), "{all:?}");
    let _ = registry.send(id, Command::Close);
    until("the second ends with the connection", || !lives(all[1])).await;
}

fn kill(pid: i32) {
    assert!(std::process::Command::new("kill").arg(pid.to_string()).status().unwrap().success());
}

async fn until_connected(heard: &mut mpsc::Receiver<ConnectionEvent>) -> Epoch {
    let waiting = async {
        loop {
            let event = heard.recv().await.expect("the task lives");
            if let ConnectionEventKind::Connected { .. } = event.kind {
                return event.epoch;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(60), waiting).await.expect("connected")
}

#[tokio::test]
async fn parts_that_exclude_each_other_are_refused_before_anything_is_started() {
    let folder = tempfile::tempdir().unwrap();
    let spec = through(forwarded(&folder, 1, "0"), "127.0.0.1:1", false);
    let error = connect(&spec).await.err().expect("no way");
    assert!(error.to_string().contains("a proxy and a command"), "{error}");
    assert!(pids(folder.path()).is_empty());
}
