//! A file of another encoding as text of UTF-8, which is not written yet: read like any other source. Holds where its
//! parts stand, and nothing of the file.
//!
//! It refuses encodings in which a line depends on those before it, and leaves UTF-8 to others.

use std::io;
use std::ops::Range;

use encoding_rs::Encoding;
use metricsheet_core::Rule;
use metricsheet_delimited::{EncodingClues, Transcription};

use crate::check::{Diagnostic, Options};
use crate::pieces::{Listener, RowsFound};
use crate::shape;
use crate::source::{LONGEST_ROW, Source};

/// So many bytes are looked at together, unless there is no line end among them.
const LONGEST: usize = 1 << 16;

/// A source as it will be once it is written as UTF-8.
pub(crate) struct Transcribed<'s> {
    source: &'s dyn Source,
    transcription: Transcription,
}

impl<'s> Transcribed<'s> {
    /// `None` if it is UTF-8 already, or cannot be read in parts: because of its encoding, or because one would be too long.
    pub(crate) fn of(
        source: &'s dyn Source,
        declared: Option<&'static Encoding>,
    ) -> io::Result<Option<Self>> {
        let mut clues = EncodingClues::default();
        let mut buffer = Vec::new();
        let (end, part_length) = (source.length(), source.piece_length().clamp(1, LONGEST));
        for start in (0..end).step_by(part_length) {
            clues.feed(source.window(start..end.min(start + part_length), &mut buffer)?);
        }
        let encoding = clues.tell(declared);
        let begun = Transcription::begin(encoding).filter(|_| encoding.told.is_some());
        let Some(mut transcription) = begun else { return Ok(None) };
        let mut length = part_length;
        while transcription.file_length() < end {
            let start = transcription.file_length();
            let part = start..end.min(start.saturating_add(length));
            let is_last = part.end == end;
            let taken = transcription.take(source.window(part, &mut buffer)?, is_last);
            if taken == 0 && length > LONGEST_ROW {
                return Ok(None);
            }
            length = if taken == 0 { length * 2 } else { part_length };
        }
        Ok(Some(Self { source, transcription }))
    }

    /// The finding about the encoding, if it counts.
    pub(crate) fn finding(&self, options: &Options) -> Option<Diagnostic> {
        let Self { transcription, .. } = self;
        let mut finding = shape::wrong_encoding(transcription.encoding(), transcription.has_broken_bytes());
        finding.is_admitted(&options.selection).then_some(finding)
    }

    /// Moves findings in the text to their places in the file, whose bytes nothing else can mend before it is UTF-8.
    fn place_in_file(&self, diagnostics: &mut [Diagnostic]) -> io::Result<()> {
        let ends = |it: &Diagnostic| [it.span.start, it.span.end];
        let mut positions: Vec<usize> = diagnostics.iter().flat_map(ends).collect();
        positions.sort_unstable();
        positions.dedup();
        let mut places = positions.clone();
        let mut buffer = Vec::new();
        let part_of = |position: &usize| self.transcription.part_at(*position);
        for of_part in places.chunk_by_mut(|one, two| part_of(one) == part_of(two)) {
            let Some(part) = of_part.first().map(part_of) else { continue };
            let bytes = self.source.window(self.transcription.in_file(part), &mut buffer)?;
            self.transcription.to_file(part, bytes, of_part);
        }
        let place = |position: usize| {
            positions.binary_search(&position).ok().and_then(|at| places.get(at)).copied().unwrap_or_default()
        };
        for diagnostic in diagnostics {
            diagnostic.in_file = place(diagnostic.span.start)..place(diagnostic.span.end);
            diagnostic.edits.clear();
            diagnostic.throughout = None;
        }
        Ok(())
    }
}

impl Source for Transcribed<'_> {
    fn length(&self) -> usize {
        self.transcription.text_length()
    }

    fn piece_length(&self) -> usize {
        self.source.piece_length()
    }

    fn window<'b>(&'b self, range: Range<usize>, buffer: &'b mut Vec<u8>) -> io::Result<&'b [u8]> {
        buffer.clear();
        let mut bytes = Vec::new();
        let mut part = self.transcription.part_at(range.start);
        while range.start + buffer.len() < range.end {
            let in_text = self.transcription.in_text(part);
            let text = self.source.window(self.transcription.in_file(part), &mut bytes)?;
            let text = self.transcription.decode(text);
            // What is wanted of the part, counted from its start.
            let from = range.start.saturating_sub(in_text.start);
            let wanted = text.as_bytes().get(from..text.len().min(range.end - in_text.start));
            let wanted = wanted.filter(|wanted| !wanted.is_empty() && text.len() == in_text.len());
            buffer.extend_from_slice(wanted.ok_or(io::ErrorKind::UnexpectedEof)?);
            part += 1;
        }
        Ok(buffer)
    }
}

/// Hears what is found in the text, and hands it on at its places in the file, behind what is found of its encoding.
pub(crate) struct InOtherEncoding<'l> {
    pub(crate) transcribed: &'l Transcribed<'l>,
    /// Until it was handed on.
    pub(crate) finding: Option<Diagnostic>,
    pub(crate) listener: &'l mut dyn Listener,
}

impl InOtherEncoding<'_> {
    /// Hands on what is found of the encoding.
    pub(crate) fn begin(&mut self) -> io::Result<()> {
        let Some(finding) = self.finding.take() else { return Ok(()) };
        let (diagnostics, starts) = (vec![finding], vec![(0, 0)]);
        self.listener.found(RowsFound { diagnostics, text: String::new(), header: None, starts })
    }
}

impl Listener for InOtherEncoding<'_> {
    fn found(&mut self, mut found: RowsFound) -> io::Result<()> {
        self.begin()?;
        self.transcribed.place_in_file(&mut found.diagnostics)?;
        self.listener.found(found)
    }

    fn fixed(&mut self, fixed: Vec<Diagnostic>) -> io::Result<()> {
        self.listener.fixed(fixed)
    }

    fn wants_each_fix(&self) -> bool {
        self.listener.wants_each_fix()
    }

    fn wants_each_edit(&self) -> bool {
        false
    }

    fn fixed_beside(&mut self, rule: &'static Rule, count: usize) -> io::Result<()> {
        self.listener.fixed_beside(rule, count)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.listener.write(bytes)
    }

    fn restart(&mut self) -> io::Result<()> {
        self.listener.restart()
    }
}
