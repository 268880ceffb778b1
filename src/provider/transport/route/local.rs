//! Ports of this machine.

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::timeout;

/// Longest wait for a port of this machine to take a connection.
const PATIENCE: Duration = Duration::from_millis(500);

/// A port that is free now.
pub(super) fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// Whether somebody takes connections at that port.
pub(super) async fn accepts(port: u16) -> bool {
    matches!(timeout(PATIENCE, TcpStream::connect((Ipv4Addr::LOCALHOST, port))).await, Ok(Ok(_)))
}
