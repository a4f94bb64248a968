//! Bounds of what a workbook may ask of memory and time, and the meter that watches over them. A file is a few
//! bytes that claim to be many; nothing it claims is believed before it has been counted.

use std::io::{self, BufRead, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Inflation is not judged before a part has this many bytes: small parts may be all zeros.
const JUDGED_FROM: u64 = 64 << 20;

/// What a text, a format or a range takes beside its own bytes: its place in a list and its piece of the heap.
pub(super) const OVERHEAD: usize = 64;

/// Bounds of what a workbook may ask of memory and time. The defaults let pass what spreadsheet programs write
/// and keep a hostile file below half a gigabyte and some seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one part of a container, inflated; 2 GiB.
    pub part_bytes: u64,
    /// How many times its stored size a part may inflate to, once it is longer than 64 MiB; 200.
    pub inflation: u64,
    /// Bytes that are read of all parts together, those that are read again counted again, beside what twice
    /// the inflation of the whole file allows; 2 GiB. Parts of a small file may overlap, and many sheets be one.
    pub read_bytes: u64,
    /// Bytes of a file that is held in memory as a whole: xls, and XML in UTF-16; 128 MiB.
    pub held_bytes: u64,
    /// Parts of a container; 100,000.
    pub parts: u64,
    /// Sheets; 10,000.
    pub sheets: usize,
    /// Bytes of one text or one XML element; 32 MiB. Excel itself stops at 32,767 characters.
    pub text_bytes: usize,
    /// Memory of the texts that cells share; 192 MiB.
    pub shared_text_bytes: usize,
    /// Memory of the number formats and cell formats; 64 MiB.
    pub format_bytes: usize,
    /// Merged areas and groups of hidden columns; 1,000,000.
    pub areas: usize,
    /// Elements inside of each other; 1,000.
    pub depth: usize,
    /// Cells that a file tells of by repetition, without bytes of their own, merged cells to be filled among them;
    /// 20,000,000.
    pub repeated_cells: u64,
    /// Rows of which there is something to say, and which wait for the last one to be judged; 1,048,576.
    pub waiting_rows: u64,
    /// Bytes of their texts; 96 MiB.
    pub waiting_bytes: u64,
    /// Bytes of delimited text that is held in memory as a whole; 1 GiB.
    pub whole_text_bytes: u64,
    /// Bytes of text that a conversion writes, beside ten times the size of the file; 256 MiB.
    pub output_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            part_bytes: 2 << 30,
            inflation: 200,
            read_bytes: 2 << 30,
            held_bytes: 128 << 20,
            parts: 100_000,
            sheets: 10_000,
            text_bytes: 32 << 20,
            shared_text_bytes: 192 << 20,
            format_bytes: 64 << 20,
            areas: 1_000_000,
            depth: 1_000,
            repeated_cells: 20_000_000,
            waiting_rows: 1 << 20,
            waiting_bytes: 96 << 20,
            whole_text_bytes: 1 << 30,
            output_bytes: 256 << 20,
        }
    }
}

/// A bound that was passed. It travels inside of the errors of libraries and comes out as
/// [`ReadError::TooLarge`](super::ReadError::TooLarge).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} exceeds the limit of {limit}")]
pub(crate) struct Excess {
    pub(super) what: String,
    pub(super) limit: String,
}

impl Excess {
    pub(crate) fn new(what: impl Into<String>, limit: impl Into<String>) -> Self {
        Self { what: what.into(), limit: limit.into() }
    }

    /// A bound of bytes.
    pub(crate) fn bytes(what: impl Into<String>, limit: u64) -> Self {
        Self::new(what, in_bytes(limit))
    }
}

impl From<Excess> for io::Error {
    fn from(excess: Excess) -> Self {
        Self::other(excess)
    }
}

impl From<Excess> for quick_xml::Error {
    fn from(excess: Excess) -> Self {
        Self::Io(Arc::new(excess.into()))
    }
}

/// `512 MiB`, or the bytes themselves where that is not whole.
fn in_bytes(bytes: u64) -> String {
    let mebibyte = 1 << 20;
    if bytes >= mebibyte && bytes.is_multiple_of(mebibyte) {
        format!("{} MiB", bytes / mebibyte)
    } else {
        format!("{bytes} bytes")
    }
}

/// Counts a size up to a bound.
#[derive(Debug)]
pub(super) struct Tally {
    what: &'static str,
    bytes: usize,
    limit: usize,
}

impl Tally {
    pub(super) const fn new(what: &'static str, limit: usize) -> Self {
        Self { what, bytes: 0, limit }
    }

    /// Counts one thing of so many bytes.
    pub(super) fn add(&mut self, bytes: usize) -> Result<(), Excess> {
        self.bytes = self.bytes.saturating_add(bytes).saturating_add(OVERHEAD);
        if self.bytes > self.limit {
            return Err(Excess::bytes(self.what, self.limit as u64));
        }
        Ok(())
    }
}

/// Refuses one more of something of which there are too many.
pub(super) fn room_for_one_more(known: usize, limit: usize, things: &str) -> Result<(), Excess> {
    if known >= limit {
        return Err(Excess::new(format!("the number of {things}"), limit.to_string()));
    }
    Ok(())
}

/// Watches over the reading of one workbook.
#[derive(Debug)]
pub(super) struct Meter {
    pub(super) limits: Limits,
    /// How many bytes may be read all in all.
    allowed: u64,
    read: AtomicU64,
}

impl Meter {
    /// For a file of so many bytes.
    pub(super) fn new(limits: Limits, file_bytes: u64) -> Arc<Self> {
        let allowed = file_bytes.saturating_mul(limits.inflation).saturating_mul(2);
        let allowed = allowed.saturating_add(limits.read_bytes);
        Arc::new(Self { limits, allowed, read: AtomicU64::new(0) })
    }

    /// Counts bytes that are read.
    pub(super) fn charge(&self, bytes: u64) -> Result<(), Excess> {
        let before = self.read.fetch_add(bytes, Ordering::Relaxed);
        if before.saturating_add(bytes) > self.allowed {
            return Err(Excess::bytes("what is read of the workbook, all sheets together,", self.allowed));
        }
        Ok(())
    }
}

/// A part of a container, or a whole file, on its way through the meter.
pub(super) struct Metered<R> {
    inner: R,
    meter: Arc<Meter>,
    name: String,
    /// Its size in the container.
    stored: Option<u64>,
    read: u64,
}

impl<R> Metered<R> {
    /// The size in the container.
    pub(super) fn stored_bytes(&self) -> u64 {
        self.stored.unwrap_or_default()
    }
}

impl<R: Read> Metered<R> {
    pub(super) fn new(inner: R, meter: &Arc<Meter>, name: &str, stored: Option<u64>) -> Self {
        Self { inner, meter: Arc::clone(meter), name: name.to_owned(), stored, read: 0 }
    }
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.read += count as u64;
        self.meter.charge(count as u64)?;
        let limits = &self.meter.limits;
        let Some(stored) = self.stored else { return Ok(count) };
        if self.read > limits.part_bytes {
            return Err(Excess::bytes(&self.name, limits.part_bytes).into());
        }
        if self.read > JUDGED_FROM && self.read / limits.inflation.max(1) > stored {
            let limit = format!("{} times its size in the file", limits.inflation);
            return Err(Excess::new(format!("what {} inflates to", self.name), limit).into());
        }
        Ok(count)
    }
}

/// Refuses elements of XML that are longer than a bound. The parser takes what is buffered as a whole as long as
/// it is inside of one element, and leaves something behind when an element ends: so it is enough to count what
/// is taken in one go.
pub(super) struct ShortElements<R> {
    inner: R,
    offered: usize,
    in_one_go: usize,
    longest: usize,
}

impl<R: BufRead> ShortElements<R> {
    pub(super) fn new(inner: R, limits: &Limits) -> Self {
        Self { inner, offered: 0, in_one_go: 0, longest: limits.text_bytes }
    }

    /// What is below, for whoever reads between two elements and counts by itself.
    pub(super) const fn inner(&mut self) -> &mut R {
        &mut self.inner
    }
}

impl<R: BufRead> Read for ShortElements<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.inner.read(buffer)
    }
}

impl<R: BufRead> BufRead for ShortElements<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.in_one_go > self.longest {
            return Err(Excess::bytes("one text or element", self.longest as u64).into());
        }
        let buffer = self.inner.fill_buf()?;
        self.offered = buffer.len();
        Ok(buffer)
    }

    fn consume(&mut self, amount: usize) {
        self.in_one_go = if amount < self.offered { 0 } else { self.in_one_go + amount };
        self.inner.consume(amount);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_told_in_words() {
        assert_eq!(Excess::bytes("a part", 512 << 20).to_string(), "a part exceeds the limit of 512 MiB");
        assert_eq!(Excess::bytes("a part", 1000).to_string(), "a part exceeds the limit of 1000 bytes");
    }

    #[test]
    fn parts_are_read_up_to_their_limits() {
        // bytes of the part, stored bytes, limits; what is told
        let small = Limits { part_bytes: 100, read_bytes: 150, ..Limits::default() };
        let cases = [
            (100, Some(1), &small, None),
            (101, Some(101), &small, Some("`x` exceeds the limit of 100 bytes")),
            (140, None, &small, None),
            (160, None, &small, Some("all sheets together, exceeds the limit of 150 bytes")),
            (80 << 20, Some(1 << 20), &Limits::default(), None),
            (80 << 20, Some(1 << 10), &Limits::default(), Some("200 times its size")),
        ];
        for (bytes, stored, limits, told) in cases {
            let meter = Meter::new(limits.clone(), 0);
            let mut part = Metered::new(io::repeat(0).take(bytes), &meter, "`x`", stored);
            let outcome = io::copy(&mut part, &mut io::sink()).map_err(|error| error.to_string());
            match told {
                None => assert_eq!(outcome, Ok(bytes)),
                Some(told) => assert!(outcome.clone().unwrap_err().contains(told), "{bytes}: {outcome:?}"),
            }
        }
    }
}
