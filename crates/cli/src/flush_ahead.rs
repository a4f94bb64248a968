//! Flushes a large file while it is still being written, so that little is left to wait for at its end.

use std::convert::Infallible;
use std::fs::File;
use std::io;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// So often it is seen how far the file has grown.
const STEP: Duration = Duration::from_millis(20);
/// So many further bytes are worth a flush.
pub(crate) const WORTHWHILE: u64 = 16 << 20;

/// A thread that flushes what was written of a file.
#[derive(Debug)]
pub(crate) struct FlushAhead {
    writing: Sender<Infallible>,
    thread: JoinHandle<io::Result<()>>,
}

impl FlushAhead {
    /// Begins; `None` where the system has no thread or no handle left, which only costs time.
    pub(crate) fn begin(file: &File) -> Option<Self> {
        let file = file.try_clone().ok()?;
        let (writing, is_written) = mpsc::channel();
        let thread = thread::Builder::new().spawn(move || flush(&file, &is_written)).ok()?;
        Some(Self { writing, thread })
    }

    /// Ends.
    ///
    /// # Errors
    /// What the disk refused. The system tells of that once, so a later flush would not hear of it.
    pub(crate) fn finish(self) -> io::Result<()> {
        drop(self.writing);
        self.thread.join().unwrap_or_else(|_| Err(io::Error::other("the flushing of the file gave up")))
    }
}

fn flush(file: &File, is_written: &Receiver<Infallible>) -> io::Result<()> {
    let mut flushed = 0;
    while is_written.recv_timeout(STEP) == Err(RecvTimeoutError::Timeout) {
        let length = file.metadata()?.len();
        if length >= flushed + WORTHWHILE {
            file.sync_data()?;
            flushed = length;
        }
    }
    Ok(())
}
