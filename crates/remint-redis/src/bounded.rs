use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::framing::Framing;

/// A connection on which no answer is longer than it may be, and none comes that nobody asked for.
#[derive(Debug)]
pub(crate) struct Bounded<S> {
    stream: S,
    asked: Framing,
    answered: Framing,
}

impl<S> Bounded<S> {
    pub(crate) const fn new(stream: S, longest_answer: usize) -> Self {
        Self { stream, asked: Framing::new(usize::MAX), answered: Framing::new(longest_answer) }
    }

    fn read(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.answered.follow(bytes).map_err(invalid)?;
        let begun = self.answered.whole() + u64::from(self.answered.is_amid());
        if begun > self.asked.whole() { Err(invalid("Redis answered what nobody asked")) } else { Ok(()) }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Bounded<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buffer))?;
        Poll::Ready(self.read(buffer.filled().get(before..).unwrap_or_default()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Bounded<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write(cx, bytes))?;
        self.asked.follow(bytes.get(..written).unwrap_or_default()).map_err(invalid)?;
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

fn invalid(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}
