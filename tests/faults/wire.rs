//! A wire between a connection and its server that fails as networks do: it refuses, swallows everything
//! without a reset, is slow, is cut in the middle of an answer, garbles TLS. A mended one passes again.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How a wire is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It passes.
    None,
    /// Nothing listens; open connections are reset.
    Refuse,
    /// Connections are taken and stay open; nothing passes either way, nothing is reset.
    Blackhole,
    /// Everything passes, each piece this late.
    Slow(Duration),
    /// The question passes; the answer is cut by a reset after its first bytes.
    Cut,
    /// The server's bytes are garbled, as by something that does not speak TLS.
    Garble,
}

/// The wire; dropping it ends it.
pub struct Wire {
    /// Where to connect.
    pub address: SocketAddr,
    fault: Arc<watch::Sender<Fault>>,
    task: JoinHandle<()>,
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Wire {
    /// A wire to the server.
    pub async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let fault = Arc::new(watch::Sender::new(Fault::None));
        let told = Arc::clone(&fault);
        let task = tokio::spawn(async move {
            let mut listener = Some(listener);
            let mut fault = told.subscribe();
            loop {
                let now = *fault.borrow_and_update();
                match (&listener, now) {
                    (Some(_), Fault::Refuse) => listener = None,
                    // Somebody may have taken the port for a moment.
                    (None, now) if now != Fault::Refuse => listener = bind(address).await,
                    _ => {}
                }
                let accepted = async {
                    match &listener {
                        Some(listener) => listener.accept().await,
                        None => std::future::pending().await,
                    }
                };
                tokio::select! {
                    changed = fault.changed() => if changed.is_err() { return },
                    Ok((near, _)) = accepted => drop(tokio::spawn(pass(near, server, told.subscribe()))),
                }
            }
        });
        Self { address, fault, task }
    }

    /// From now on it is so, for open connections too.
    pub fn becomes(&self, fault: Fault) {
        self.fault.send_replace(fault);
    }
}

async fn bind(address: SocketAddr) -> Option<TcpListener> {
    loop {
        match TcpListener::bind(address).await {
            Ok(listener) => return Some(listener),
            Err(_) => tokio::task::yield_now().await,
        }
    }
}

fn reset(stream: &TcpStream) {
    // With no time to linger the kernel resets the connection.
    socket2::SockRef::from(stream).set_linger(Some(Duration::ZERO)).unwrap();
}

async fn pass(mut near: TcpStream, server: SocketAddr, mut fault: watch::Receiver<Fault>) {
    let Ok(mut far) = TcpStream::connect(server).await else { return };
    let _ = (near.set_nodelay(true), far.set_nodelay(true));
    let (mut from_near, mut from_far) = (vec![0_u8; 64 * 1024], vec![0_u8; 64 * 1024]);
    loop {
        let now = *fault.borrow_and_update();
        match now {
            Fault::Refuse => return reset(&near),
            Fault::Blackhole => {
                // The connection stays as it is, however long.
                if fault.changed().await.is_err() {
                    return;
                }
                continue;
            }
            _ => {}
        }
        tokio::select! {
            changed = fault.changed() => if changed.is_err() { return },
            read = near.read(&mut from_near) => {
                let Ok(length @ 1..) = read else { return };
                if let Fault::Slow(late) = now {
                    tokio::time::sleep(late).await;
                }
                if far.write_all(&from_near[..length]).await.is_err() {
                    return;
                }
            }
            read = far.read(&mut from_far) => {
                let Ok(length @ 1..) = read else { return };
                let answer = &mut from_far[..length];
                match now {
                    Fault::Slow(late) => tokio::time::sleep(late).await,
                    Fault::Cut => {
                        let _ = near.write_all(&answer[..length.min(3)]).await;
                        return reset(&near);
                    }
                    Fault::Garble => answer.iter_mut().for_each(|byte| *byte ^= 0x5a),
                    Fault::None | Fault::Refuse | Fault::Blackhole => {}
                }
                if near.write_all(answer).await.is_err() {
                    return;
                }
            }
        }
    }
}
