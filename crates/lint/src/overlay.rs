//! A file with edits that are not written yet: read like any other source. Holds the edits, and nothing of the file.

use std::borrow::Cow;
use std::io;
use std::ops::Range;

use crate::edit::Edit;
use crate::source::Source;

/// A source as it will be after some edits.
pub(crate) struct Overlay<'s> {
    source: &'s dyn Source,
    length: usize,
    parts: Vec<Part>,
}

/// A stretch of the edited text: bytes of the source, and behind them the content of an edit.
struct Part {
    /// Where it starts in the edited text.
    start: usize,
    kept: Range<usize>,
    content: Cow<'static, str>,
}

impl<'s> Overlay<'s> {
    /// The edits are sorted and do not overlap.
    pub(crate) fn new(source: &'s dyn Source, edits: Vec<Edit>) -> Self {
        let mut parts = Vec::with_capacity(edits.len() + 1);
        let (mut start, mut from) = (0, 0);
        let end = Edit::new(source.length()..source.length(), "");
        for Edit { span, content } in edits.into_iter().chain([end]) {
            let kept = from..span.start.max(from);
            from = span.end;
            let length = kept.len() + content.len();
            parts.push(Part { start, kept, content });
            start += length;
        }
        Self { source, length: start, parts }
    }
}

impl Source for Overlay<'_> {
    fn length(&self) -> usize {
        self.length
    }

    fn piece_length(&self) -> usize {
        self.source.piece_length()
    }

    fn window<'b>(&'b self, range: Range<usize>, buffer: &'b mut Vec<u8>) -> io::Result<&'b [u8]> {
        buffer.clear();
        let first = self.parts.partition_point(|part| part.start <= range.start).saturating_sub(1);
        let mut bytes = Vec::new();
        for part in self.parts.iter().skip(first).take_while(|part| part.start < range.end) {
            // What is wanted of the part, counted from its start.
            let (from, to) = (range.start.saturating_sub(part.start), range.end - part.start);
            let kept = part.kept.len();
            if from < kept {
                let kept = part.kept.start + from..part.kept.start + to.min(kept);
                buffer.extend_from_slice(self.source.window(kept, &mut bytes)?);
            }
            let content = from.saturating_sub(kept)..to.saturating_sub(kept).min(part.content.len());
            buffer.extend_from_slice(part.content.as_bytes().get(content).unwrap_or_default());
        }
        buffer.get(..range.len()).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::apply;

    #[test]
    fn any_stretch_of_an_edited_text_can_be_read() {
        let text = &b"0123456789"[..];
        for edits in [
            vec![],
            vec![Edit::removal(0..3), Edit::new(5..6, "abc")],
            vec![Edit::new(0..0, "x"), Edit::removal(2..9), Edit::new(10..10, "end")],
            vec![Edit::removal(0..10)],
        ] {
            let edited = apply(text, &edits);
            let overlay = Overlay::new(&text, edits);
            assert_eq!(overlay.length(), edited.len());
            for start in 0..=edited.len() {
                for end in start..=edited.len() {
                    let mut buffer = Vec::new();
                    assert_eq!(overlay.window(start..end, &mut buffer).unwrap(), &edited[start..end]);
                }
            }
            assert!(overlay.window(0..edited.len() + 1, &mut Vec::new()).is_err());
        }
    }
}
