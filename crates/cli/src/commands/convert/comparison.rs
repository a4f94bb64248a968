//! Bytes compared with a file that is there, line by line as they are written; nothing is held but the current line.

use std::io::{self, BufRead, Read, Write};

use metricsheet_core::text::quoted;

/// So much of a line that is longer than the wanted one is looked at: enough to show how it goes on.
const BEYOND: u64 = 1024;

/// Takes what would be written, and remembers the first line that differs.
pub(super) struct Comparison<R> {
    present: R,
    /// What was written of the current line.
    wanted: Vec<u8>,
    /// The line that is there.
    line: Vec<u8>,
    number: u64,
    difference: Option<String>,
}

impl<R: BufRead> Comparison<R> {
    pub(super) const fn with(present: R) -> Self {
        Self { present, wanted: Vec::new(), line: Vec::new(), number: 0, difference: None }
    }

    /// The first line that differs, in words, after all has been written.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub(super) fn finish(mut self) -> io::Result<Option<String>> {
        if self.difference.is_none() && !self.wanted.is_empty() {
            self.compare()?;
        }
        if self.difference.is_none() {
            self.next_line()?;
            self.difference =
                (!self.line.is_empty()).then(|| format!("{} would not be there", self.place(&self.line)));
        }
        Ok(self.difference)
    }

    /// Compares the line that was written. The end of its line belongs to it: files can differ in nothing else.
    fn compare(&mut self) -> io::Result<()> {
        self.next_line()?;
        let (present, wanted) = (self.line.as_slice(), self.wanted.as_slice());
        if present != wanted {
            self.difference = Some(if present.is_empty() {
                format!("{} is not there", self.place(wanted))
            } else if present.trim_ascii_end() == wanted.trim_ascii_end() {
                format!("{} ends differently", self.place(wanted.trim_ascii_end()))
            } else {
                format!("line {} is {} and would be {}", self.number, shown(present), shown(wanted))
            });
        }
        self.wanted.clear();
        Ok(())
    }

    fn next_line(&mut self) -> io::Result<()> {
        self.number += 1;
        self.line.clear();
        // What is there may be one endless line.
        let most = self.wanted.len() as u64 + BEYOND;
        (&mut self.present).take(most).read_until(b'\n', &mut self.line)?;
        Ok(())
    }

    fn place(&self, line: &[u8]) -> String {
        format!("line {} {}", self.number, shown(line))
    }
}

impl<R: BufRead> Write for Comparison<R> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        for piece in buffer.split_inclusive(|byte| *byte == b'\n') {
            if self.difference.is_some() {
                break;
            }
            self.wanted.extend_from_slice(piece);
            if piece.ends_with(b"\n") {
                self.compare()?;
            }
        }
        Ok(buffer.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn shown(line: &[u8]) -> String {
    quoted(&String::from_utf8_lossy(line.strip_suffix(b"\n").unwrap_or(line)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_differs_is_named() {
        for (present, wanted, expected) in [
            ("a\nb\n", "a\nb\n", None),
            ("", "", None),
            ("a\nb\n", "a\nc\n", Some("line 2 is `b` and would be `c`")),
            ("a\nb\nc\n", "a\nb\n", Some("line 3 `c` would not be there")),
            ("a\n", "a\nb\n", Some("line 2 `b` is not there")),
            ("", "a\n", Some("line 1 `a` is not there")),
            ("a\r\nb\r\n", "a\nb\n", Some("line 1 `a` ends differently")),
            ("a\nb", "a\nb\n", Some("line 2 `b` ends differently")),
            ("a\nb\n", "a\nb", Some("line 2 `b` ends differently")),
            ("a\n", "", Some("line 1 `a` would not be there")),
            ("ab", "a", Some("line 1 is `ab` and would be `a`")),
        ] {
            // However the bytes come.
            for size in [1, 2, 100] {
                let mut comparison = Comparison::with(present.as_bytes());
                for piece in wanted.as_bytes().chunks(size) {
                    comparison.write_all(piece).unwrap();
                }
                assert_eq!(comparison.finish().unwrap().as_deref(), expected, "{present:?} {wanted:?}");
            }
        }
    }
}
