//! Bytes of a part, of which a stretch stands in memory as a whole, so that it can be looked at before it is taken.

use std::io::{self, BufRead, Read};

/// At first so many bytes are read at once. Most parts are small, and there may be many of them.
const LEAST: usize = 16 << 10;
/// Later so many.
const USUAL: usize = 256 << 10;
/// What does not fit is left to whoever needs to see less at once.
const MOST: usize = 4 << 20;

/// A reader that can show what comes next.
pub(super) struct Window<R> {
    inner: R,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// So much may stand in memory.
    most: usize,
    is_at_end: bool,
    passed: u64,
}

impl<R: Read> Window<R> {
    pub(super) const fn new(inner: R) -> Self {
        Self::with_room(inner, MOST)
    }

    /// One in which so many bytes may stand, and a little more.
    pub(super) const fn with_room(inner: R, most: usize) -> Self {
        Self { inner, buffer: Vec::new(), start: 0, end: 0, most, is_at_end: false, passed: 0 }
    }

    /// Whether nothing comes behind what is in memory. That is not known before it was tried to bring more.
    pub(super) const fn is_at_end(&self) -> bool {
        self.is_at_end
    }

    /// What comes next, as far as it is in memory.
    pub(super) fn ahead(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    /// Passes over bytes that were looked at here.
    pub(super) fn pass(&mut self, amount: usize) {
        self.consume(amount);
        self.passed += amount as u64;
    }

    /// How many bytes were passed over: whoever reads the others does not know of them.
    pub(super) const fn passed(&self) -> u64 {
        self.passed
    }

    /// Brings at least as much again as is in memory, if there is as much: who looks at all of it each time then looks
    /// at nothing more than twice.
    pub(super) fn widen_twice(&mut self) -> io::Result<bool> {
        let wanted = 2 * self.ahead().len();
        let has_more = self.widen()?;
        while has_more && self.ahead().len() < wanted && self.widen()? {}
        Ok(has_more)
    }

    /// Brings more of what comes next to memory; `false` if there is no more, or no more room.
    pub(super) fn widen(&mut self) -> io::Result<bool> {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.end == self.buffer.len() {
            if self.end >= self.most {
                return Ok(false);
            }
            let length = (self.end * 4).clamp(LEAST, USUAL.max(self.end * 2));
            self.buffer.resize(length, 0);
        }
        let count = loop {
            match self.inner.read(self.buffer.get_mut(self.end..).unwrap_or_default()) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                outcome => break outcome?,
            }
        };
        self.end += count;
        self.is_at_end = count == 0;
        Ok(count > 0)
    }
}

impl<R: Read> Read for Window<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

impl<R: Read> BufRead for Window<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.start == self.end {
            self.widen()?;
        }
        Ok(self.ahead())
    }

    fn consume(&mut self, amount: usize) {
        self.start = self.end.min(self.start + amount);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_next_can_be_seen_as_a_whole() {
        let bytes: Vec<u8> = (0..1_000_000_u32).map(|at| at.to_le_bytes()[0]).collect();
        let mut window = Window::new(&bytes[..]);
        assert!(window.widen().unwrap());
        window.consume(100);
        while window.ahead().len() < 700_000 {
            assert!(window.widen().unwrap());
        }
        assert_eq!(window.ahead()[..700_000], bytes[100..700_100]);
        let mut rest = Vec::new();
        window.read_to_end(&mut rest).unwrap();
        assert_eq!(rest, bytes[100..]);
        assert!(!window.widen().unwrap() && window.is_at_end());
    }

    #[test]
    fn there_is_no_room_for_everything() {
        let mut window = Window::new(io::repeat(b'x'));
        while window.widen().unwrap() {}
        assert!((MOST..=2 * MOST).contains(&window.ahead().len()) && !window.is_at_end());
    }
}
