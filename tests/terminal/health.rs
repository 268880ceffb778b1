//! The sign of health follows the server without a key being pressed.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use vt100::Color;

use crate::fake_qdrant::{Fake, Running};
use crate::pty::{Pty, Start};

/// A connection that died without a word is noticed within this.
const NOTICED: Duration = Duration::from_secs(30);

/// Columns of the sidebar on this terminal of 120.
const SIDEBAR: u16 = 32;

const GREEN: Color = Color::Idx(2);
const RED: Color = Color::Idx(9);

/// Waits until the connection's line in the sidebar has this sign in this color, and a word.
#[track_caller]
fn wait_for_sign(pty: &Pty, sign: &str, color: Color, word: &str) {
    pty.wait_at_most(NOTICED, &format!("{sign} in {color:?} and {word:?} on the line of 127.0.0.1"), |screen| {
        let (rows, columns) = screen.size();
        let sidebar: Vec<String> = screen.rows(0, SIDEBAR).collect();
        (0..rows).any(|row| {
            let line = &sidebar[usize::from(row)];
            let colored =
                |column| screen.cell(row, column).is_some_and(|c| c.contents() == sign && c.fgcolor() == color);
            line.contains("127.0.0.1") && line.contains(word) && (0..columns.min(SIDEBAR)).any(colored)
        })
    });
}

/// A server on a runtime of its own: dropping that ends every connection, as a kill does.
fn server(address: SocketAddr) -> (Running, Runtime) {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    (runtime.block_on(Fake::default().serve_at(address)), runtime)
}

#[test]
fn a_killed_server_turns_red_and_a_restarted_one_green_by_itself() {
    let first = server(SocketAddr::from(([127, 0, 0, 1], 0)));
    let address = first.0.address;
    let mut pty = Start::ours(&[&format!("qdrant://{address}")]).spawn();
    pty.wait_for_text("no collections");
    // The selected line of the focused sidebar is in one color: the focus goes elsewhere. This is
    // the only key.
    pty.type_keys("<tab>");
    wait_for_sign(&pty, "●", GREEN, "ms");
    drop(first);
    wait_for_sign(&pty, "✗", RED, "refused");
    let _second = server(address);
    wait_for_sign(&pty, "●", GREEN, "ms");
}
