//! Lines of the input that become lines of the output, most of them as they stand: what stands together is copied together.

use std::ops::Range;

/// What has been written of some lines.
pub(crate) struct Transcript<'l> {
    lines: &'l [u8],
    written: Vec<u8>,
    /// What of the lines comes next.
    next: Range<usize>,
}

impl<'l> Transcript<'l> {
    pub(crate) fn of(lines: &'l [u8]) -> Self {
        Self { lines, written: Vec::with_capacity(lines.len()), next: 0..0 }
    }

    /// The lines from this byte on.
    pub(crate) fn lines_from(&self, at: usize) -> &'l [u8] {
        self.lines.get(at..).unwrap_or_default()
    }

    /// Appends bytes of the lines as they stand.
    #[inline]
    pub(crate) fn copy(&mut self, range: Range<usize>) {
        if range.start != self.next.end {
            self.catch_up();
            self.next.start = range.start;
        }
        self.next.end = range.end;
    }

    /// Where other bytes are appended.
    pub(crate) fn written(&mut self) -> &mut Vec<u8> {
        self.catch_up();
        self.next.start = self.next.end;
        &mut self.written
    }

    /// How many bytes it has.
    pub(crate) const fn length(&self) -> usize {
        self.written.len() + self.next.end - self.next.start
    }

    pub(crate) fn into_bytes(mut self) -> Vec<u8> {
        self.catch_up();
        self.written
    }

    fn catch_up(&mut self) {
        self.written.extend_from_slice(self.lines.get(self.next.clone()).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_in_the_order_in_which_they_were_told() {
        let mut transcript = Transcript::of(b"one,two,three\n");
        transcript.copy(0..2);
        transcript.copy(2..4);
        assert_eq!((transcript.length(), transcript.lines_from(8)), (4, &b"three\n"[..]));
        transcript.written().extend_from_slice(b"2");
        transcript.copy(7..8);
        transcript.copy(8..14);
        transcript.written().extend_from_slice(b"4");
        transcript.written().extend_from_slice(b"5");
        transcript.copy(0..1);
        assert_eq!(transcript.length(), 15);
        assert_eq!(transcript.into_bytes(), b"one,2,three\n45o");
    }
}
