//! A file with fixes that change every record and are not written yet: read like any other source. Holds where its
//! parts come to stand, and nothing of the file.

use std::io;
use std::num::NonZeroUsize;
use std::ops::{ControlFlow, Range};

use crate::check::Diagnostic;
use crate::edit::Edit;
use crate::fields::Records;
use crate::source::Source;
use crate::sweep::in_turn;
use crate::throughout::Throughout;

/// A source as it will be once every record below its header is changed.
pub(crate) struct Reshaped<'s> {
    source: &'s dyn Source,
    delimiter: u8,
    /// Those beside each other.
    changes: Vec<Throughout>,
    /// What stands above the rows, which stays as it is.
    head: Range<usize>,
    parts: Vec<Part>,
    length: usize,
}

/// Some records that follow each other.
struct Part {
    in_source: Range<usize>,
    /// Where they start once they are changed.
    start: usize,
}

impl<'s> Reshaped<'s> {
    /// The parts follow each other to the end of the source, whole records each, with this character between fields.
    pub(crate) fn new(
        source: &'s dyn Source,
        delimiter: u8,
        changes: Vec<Throughout>,
        parts: Vec<Range<usize>>,
        threads: NonZeroUsize,
    ) -> io::Result<Self> {
        let head = 0..parts.first().map_or(source.length(), |first| first.start);
        let mut reshaped = Self {
            source,
            delimiter,
            changes,
            parts: Vec::with_capacity(parts.len()),
            length: head.end,
            head,
        };
        let mut lengths = Vec::with_capacity(parts.len());
        let measure = |at: usize, scratch: &mut Scratch| {
            let part = parts.get(at).cloned().unwrap_or_default();
            scratch.changed.clear();
            reshaped.change(part, scratch)?;
            Ok(scratch.changed.len())
        };
        in_turn(parts.len(), threads, measure, |length, _| {
            lengths.push(length);
            Ok(ControlFlow::Continue(()))
        })?;
        for (in_source, length) in parts.into_iter().zip(lengths) {
            reshaped.parts.push(Part { in_source, start: reshaped.length });
            reshaped.length += length;
        }
        Ok(reshaped)
    }

    /// Appends the changed records of a part.
    fn change(&self, part: Range<usize>, scratch: &mut Scratch) -> io::Result<()> {
        let Scratch { bytes, changed, edits } = scratch;
        let text = records_in(self.source, part, bytes)?;
        let mut records = Records::new(text, self.delimiter, 0, 1);
        let mut fields = Vec::new();
        let mut at = 0;
        while let Some(record) = records.read(&mut fields) {
            edits.clear();
            for change in &self.changes {
                change.edit(text, &record, &fields, edits);
            }
            if self.changes.len() > 1 {
                edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
            }
            for Edit { span, content } in &*edits {
                changed.extend_from_slice(text.as_bytes().get(at..span.start).unwrap_or_default());
                changed.extend_from_slice(content.as_bytes());
                at = span.end;
            }
        }
        changed.extend_from_slice(text.as_bytes().get(at..).unwrap_or_default());
        Ok(())
    }
}

/// Memory that is used for one part after the other.
#[derive(Default)]
struct Scratch {
    bytes: Vec<u8>,
    changed: Vec<u8>,
    edits: Vec<Edit>,
}

impl Source for Reshaped<'_> {
    fn length(&self) -> usize {
        self.length
    }

    fn piece_length(&self) -> usize {
        self.source.piece_length()
    }

    fn window<'b>(&'b self, range: Range<usize>, buffer: &'b mut Vec<u8>) -> io::Result<&'b [u8]> {
        buffer.clear();
        let mut scratch = Scratch::default();
        if range.start < self.head.end {
            let head = range.start..range.end.min(self.head.end);
            buffer.extend_from_slice(self.source.window(head, &mut scratch.bytes)?);
        }
        let first = self.parts.partition_point(|part| part.start <= range.start).saturating_sub(1);
        for part in self.parts.iter().skip(first).take_while(|part| part.start < range.end) {
            scratch.changed.clear();
            self.change(part.in_source.clone(), &mut scratch)?;
            // What is wanted of the part, counted from its start.
            let to = (range.end - part.start).min(scratch.changed.len());
            let wanted = range.start.saturating_sub(part.start)..to;
            buffer.extend_from_slice(scratch.changed.get(wanted).unwrap_or_default());
        }
        buffer.get(..range.len()).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }
}

/// The text of records that were seen before.
fn records_in<'b>(
    source: &'b dyn Source,
    part: Range<usize>,
    buffer: &'b mut Vec<u8>,
) -> io::Result<&'b str> {
    let text = std::str::from_utf8(source.window(part, buffer)?);
    text.map_err(|_| io::Error::other("the file changed while it was read"))
}

/// Adds the edits that a fix makes below the header, for whoever wants each of them.
pub(crate) fn list_edits(
    source: &dyn Source,
    delimiter: u8,
    parts: &[Range<usize>],
    diagnostic: &mut Diagnostic,
) -> io::Result<()> {
    let Some(throughout) = &diagnostic.throughout else { return Ok(()) };
    let mut buffer = Vec::new();
    for part in parts {
        let text = records_in(source, part.clone(), &mut buffer)?;
        let edits = throughout.edits(text, 0..text.len(), delimiter);
        let in_file =
            |Edit { span, content }: Edit| Edit::new(part.start + span.start..part.start + span.end, content);
        diagnostic.edits.extend(edits.into_iter().map(in_file));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::apply;
    use crate::fields::LineEnd;

    #[test]
    fn any_stretch_of_a_reshaped_text_can_be_read() {
        let text = "ID;Value;Date\n\"a;b\";1,5;x\r\n;;\n\nlast;2";
        let starts = [14, 27, 30, 31, text.len()];
        let parts: Vec<Range<usize>> = starts.windows(2).map(|pair| pair[0]..pair[1]).collect();
        let without = |at| Throughout::Without(at);
        for changes in [
            vec![Throughout::Commas { delimiter: b';' }],
            vec![Throughout::LineEnds(LineEnd::CrLf), Throughout::Commas { delimiter: b';' }],
            vec![Throughout::InOrder(vec![(0, 2), (1, 0), (2, 1)])],
            vec![without(0)],
            vec![without(1), without(2)],
        ] {
            let mut edits: Vec<Edit> =
                changes.iter().flat_map(|change| change.edits(text, 14..text.len(), b';')).collect();
            edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
            let expected = apply(text.as_bytes(), &edits);
            let bytes = text.as_bytes();
            let reshaped =
                Reshaped::new(&bytes, b';', changes.clone(), parts.clone(), NonZeroUsize::MIN).unwrap();
            assert_eq!(reshaped.length(), expected.len(), "{changes:?}");
            for start in 0..=expected.len() {
                for end in start..=expected.len() {
                    let mut buffer = Vec::new();
                    assert_eq!(reshaped.window(start..end, &mut buffer).unwrap(), &expected[start..end]);
                }
            }
            assert!(reshaped.window(0..expected.len() + 1, &mut Vec::new()).is_err());
        }
    }

    #[test]
    fn changes_whose_edits_may_touch_are_not_beside_each_other() {
        let all = || {
            let fields = (0..3).map(Throughout::Without);
            let others = [Throughout::LineEnds(LineEnd::Lf), Throughout::Commas { delimiter: b';' }];
            fields.chain(others).chain([Throughout::InOrder(vec![(0, 1), (1, 0)])])
        };
        let texts = ["a;b;c\r\n", ";;\r\n", ";;c", "a;;\r\n", "\r\n", "1,5;;2,5\r\n"];
        for (one, two) in all().flat_map(|one| all().map(move |two| (one.clone(), two))) {
            if one.is_beside(&two) {
                assert_ne!(one, two);
                for text in texts {
                    let edits = |change: &Throughout| change.edits(text, 0..text.len(), b';');
                    for edit in edits(&one) {
                        let touches = |other: &Edit| {
                            edit.span.start < other.span.end && other.span.start < edit.span.end
                                || edit.span.start == other.span.start
                        };
                        assert!(!edits(&two).iter().any(touches), "{one:?} and {two:?} touch in {text:?}");
                    }
                }
            }
        }
    }
}
