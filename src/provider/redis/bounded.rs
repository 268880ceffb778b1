//! A bound on what one question may bring: the parser above keeps a whole answer in memory.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A stream that fails when more than so many bytes come in without a byte going out.
pub(super) struct Bounded<S> {
    stream: S,
    most: u64,
    came: u64,
}

impl<S> Bounded<S> {
    pub(super) fn new(stream: S, most: u64) -> Self {
        Self { stream, most, came: 0 }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Bounded<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        self.came += (buffer.filled().len() - before) as u64;
        if self.came > self.most {
            let most = self.most >> 20;
            return Poll::Ready(Err(io::Error::other(format!("an answer larger than {most} MiB"))));
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Bounded<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.came = 0;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn an_endless_answer_ends_and_a_new_question_starts_anew() {
        let (near, mut far) = tokio::io::duplex(64);
        let mut near = Bounded::new(near, 8);
        let mut buffer = [0; 8];
        for _ in 0..3 {
            far.write_all(&[1; 8]).await.unwrap();
            near.read_exact(&mut buffer).await.unwrap();
            near.write_all(b"?").await.unwrap();
        }
        far.write_all(&[1; 9]).await.unwrap();
        near.read_exact(&mut buffer).await.unwrap();
        assert!(near.read_exact(&mut [0; 1]).await.unwrap_err().to_string().contains("larger"));
    }
}
