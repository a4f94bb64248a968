//! What all records of a file together show of its shape: how their lines end, and what is missing in their fields.

use metricsheet_core::text::says_nothing;

use crate::fields::{FieldSpan, LineEnd, Record};
use crate::locate::line_ends;

/// What records show.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct RecordFacts {
    /// How records end, by the line end: `\n`, `\r\n`, `\r`.
    ends: [Ends; 3],
    /// Whether a record, blank lines aside, has fewer fields than the header.
    pub(crate) has_short: bool,
    /// Where the first delimiter stands, if it is to be another one and there is no header in which it is seen.
    pub(crate) first_delimiter: Option<Spot>,
    /// Whether a record has text at this place; nothing is known of places behind the last one.
    filled: Vec<bool>,
}

/// The records that end in the same way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Ends {
    count: usize,
    /// That of the first of them.
    first: Option<Spot>,
}

/// A place in a record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Spot {
    /// Where the record starts.
    pub(crate) start: usize,
    /// Where the place is.
    pub(crate) at: usize,
    /// Its line, and its character in this line, both counted from 1.
    pub(crate) line: usize,
    pub(crate) character: usize,
}

impl Spot {
    /// The place at a byte of the text, in a record that starts at another one and in this line.
    pub(crate) fn of(text: &str, start: usize, at: usize, line: usize) -> Self {
        let before = text.get(start..at).unwrap_or_default();
        let last_line = before.rfind(['\n', '\r']).map_or(0, |end| end + 1);
        let in_line = before.get(last_line..).unwrap_or_default();
        let character = in_line.trim_start_matches('\u{feff}').chars().count() + 1;
        Self { start, at, line: line + line_ends(before), character }
    }
}

const KINDS: [LineEnd; 3] = [LineEnd::Lf, LineEnd::CrLf, LineEnd::Cr];

impl RecordFacts {
    /// Counts a record that stands at these bytes of the text, without its line end, and begins in this line.
    pub(crate) fn count(
        &mut self,
        text: &str,
        record: &std::ops::Range<usize>,
        line_end: LineEnd,
        line: usize,
    ) {
        let Some(ends) = self.ends_in(line_end) else { return };
        ends.count += 1;
        if ends.count == 1 {
            ends.first = Some(Spot::of(text, record.start, record.end, line));
        }
    }

    /// Counts more records with a line end that was seen before.
    pub(crate) const fn count_more(&mut self, line_end: LineEnd, count: usize) {
        if let Some(ends) = self.ends_in(line_end) {
            ends.count += count;
        }
    }

    const fn ends_in(&mut self, line_end: LineEnd) -> Option<&mut Ends> {
        let [lf, crlf, cr] = &mut self.ends;
        match line_end {
            LineEnd::Lf => Some(lf),
            LineEnd::CrLf => Some(crlf),
            LineEnd::Cr => Some(cr),
            LineEnd::None => None,
        }
    }

    /// Looks at the fields of a record below a header of so many fields.
    pub(crate) fn see(&mut self, text: &str, record: &Record, fields: &[FieldSpan], width: usize) {
        self.has_short |= !record.span.is_empty() && fields.len() < width;
        self.filled.resize(self.filled.len().max(width), false);
        for (field, is_filled) in fields.iter().zip(&mut self.filled) {
            *is_filled = *is_filled || !says_nothing(&field.text(text));
        }
    }

    /// Adds those of the records that follow, whose places are counted from this byte and this many lines on.
    pub(crate) fn add(&mut self, following: &Self, byte: usize, lines: usize) {
        for (ends, more) in self.ends.iter_mut().zip(&following.ends) {
            ends.count += more.count;
            ends.first = ends.first.or(more.first.map(|first| Spot {
                start: first.start + byte,
                at: first.at + byte,
                line: first.line + lines,
                ..first
            }));
        }
        self.has_short |= following.has_short;
        self.filled.resize(self.filled.len().max(following.filled.len()), false);
        for (is_filled, more) in self.filled.iter_mut().zip(&following.filled) {
            *is_filled |= more;
        }
    }

    /// How many records end in `\n`, in `\r\n` and in a lone `\r`.
    pub(crate) fn line_ends(&self) -> [usize; 3] {
        self.ends.map(|ends| ends.count)
    }

    /// The line end of most records.
    pub(crate) fn usual_line_end(&self) -> LineEnd {
        let [lf, crlf, _] = self.line_ends();
        if crlf > lf { LineEnd::CrLf } else { LineEnd::Lf }
    }

    /// The first record that ends in another way.
    pub(crate) fn first_unusual_line_end(&self) -> Option<(Spot, LineEnd)> {
        let usual = self.usual_line_end();
        let others = KINDS.into_iter().zip(&self.ends).filter(|(line_end, _)| *line_end != usual);
        let firsts = others.filter_map(|(line_end, ends)| Some((ends.first?, line_end)));
        firsts.min_by_key(|(spot, _)| spot.at)
    }

    /// Whether no record has text at this place.
    pub(crate) fn is_empty_at(&self, at: usize) -> bool {
        !self.filled.get(at).copied().unwrap_or_default()
    }
}
