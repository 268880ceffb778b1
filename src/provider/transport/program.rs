//! What the programs that this one starts have in common, tunnels, commands and servers: where their file
//! is, and the last lines that they said.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::task::JoinHandle;

/// Longest line that is kept, in characters.
const LINE: usize = 200;

/// The last lines of a program, oldest first.
pub(in crate::provider) type Said = Arc<Mutex<VecDeque<String>>>;

/// Keeps the last `lines` lines of a stream until it ends, without controls.
pub(in crate::provider) fn listen(
    stream: impl AsyncRead + Unpin + Send + 'static,
    said: &Said,
    lines: usize,
) -> JoinHandle<()> {
    let said = Arc::clone(said);
    tokio::spawn(async move {
        let mut stream = BufReader::new(stream);
        let mut line = Vec::new();
        // An error ends the stream as its end does.
        while matches!(stream.read_until(b'\n', &mut line).await, Ok(1..)) {
            let text = String::from_utf8_lossy(&line);
            let text: String = text.trim().chars().filter(|c| !c.is_control()).take(LINE).collect();
            line.clear();
            if text.is_empty() {
                continue;
            }
            let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
            said.push_back(text);
            if said.len() > lines {
                said.pop_front();
            }
        }
    })
}

/// The file of a program: as it is written with a slash, else on the PATH.
pub(in crate::provider) fn find(name: &str) -> Option<PathBuf> {
    if name.contains('/') {
        return Some(PathBuf::from(name)).filter(|path| path.is_file());
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| dir.join(name)).find(|path| path.is_file())
}
