//! One piece of a file: which of its rows are valid, where those stand of which all can be said without the
//! others, and the text of the rest.

use std::io;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use metricsheet_core::footprint::Hints;
use metricsheet_core::plain::{IdWidths, LastId, PlainCells, PlainLines, PlainRow, ScannedLine, Slip};
use metricsheet_core::{Cell, Footprints, Suspects, Trail, Updated};
use metricsheet_delimited::whole_characters;

use super::excerpt::{RowPlace, Taken};
use super::head::Head;
use super::mended::{Mended, Mending};
use crate::check::Options;
use crate::fields::{FieldSpan, LineEnd, Records};
use crate::fix::Level;
use crate::layout::Layout;
use crate::record_facts::RecordFacts;
use crate::source::{LONGEST_ROW, Source};

/// The rows that start within a piece of the file.
#[derive(Debug, Default)]
pub(super) struct Piece {
    /// From the start of its first row to the end of its last one.
    pub(super) span: Range<usize>,
    /// The place of its first row, as soon as the pieces before it are known.
    pub(super) first: RowPlace,
    pub(super) rows: u32,
    pub(super) lines: usize,
    /// What its records show, at places counted from its start.
    pub(super) facts: RecordFacts,
    /// Where it can be divided: the starts of some of its records, where nothing but its shape was wanted.
    pub(super) joints: Vec<usize>,
    pub(super) footprints: Footprints,
    /// The metrics of the plan that its valid rows update.
    pub(super) updated: Updated,
    /// The rows that are not valid, and have nothing to do with others as far as they show.
    pub(super) settled: Vec<Settled>,
    /// Those of which there is nothing left to say.
    pub(super) mended: Mended,
    /// Whether one of all these has a cell that could be rewritten.
    pub(super) has_rewriting: bool,
    /// The rows that were wanted.
    pub(super) taken: Vec<Taken>,
}

impl Piece {
    /// Whether nothing remains to be said of its rows, as far as they show it themselves.
    pub(super) const fn is_finished(&self) -> bool {
        self.taken.is_empty() && self.settled.is_empty()
    }

    /// Its rows in parts that are not long, whichever they are.
    pub(super) fn parts(&self) -> impl Iterator<Item = Range<usize>> {
        let Range { start, end } = self.span;
        let starts = std::iter::once(start).chain(self.joints.iter().map(move |joint| start + joint));
        let ends = self.joints.iter().map(move |joint| start + joint).chain([end]);
        starts.zip(ends).map(|(start, end)| start..end)
    }

    /// Appends its bytes as they are once its cells are mended, given those of the file from its start on.
    pub(super) fn write_mended(&self, window: &[u8], to: &mut Vec<u8>) {
        let mut at = 0;
        for cell in self.mended.cells() {
            to.extend_from_slice(window.get(at..cell.span.start).unwrap_or_default());
            to.extend_from_slice(cell.content.as_bytes());
            at = cell.span.end;
        }
        to.extend_from_slice(window.get(at..self.span.len()).unwrap_or_default());
    }
}

/// Where a settled row stands in its piece. A piece, and with it a row, is shorter than 4 GiB.
#[derive(Debug, Clone, Copy)]
pub(super) struct Settled {
    start: u32,
    length: u32,
    /// The number of rows and lines of the piece before it.
    pub(super) row: u32,
    line: u32,
}

impl Settled {
    /// Its bytes, counted from the start of the piece.
    pub(super) fn range(&self) -> Range<usize> {
        let [start, length] = [self.start, self.length].map(|it| usize::try_from(it).unwrap_or(usize::MAX));
        start..start.saturating_add(length)
    }

    pub(super) fn line(&self) -> usize {
        usize::try_from(self.line).unwrap_or(usize::MAX)
    }
}

/// What a row is.
enum Kind {
    Valid(PlainRow),
    Settled(PlainRow),
    /// Settled, and mended.
    Mended(PlainRow),
    /// Only the other rows show what there is to say of it.
    Open,
}

/// Which rows are taken out of the file.
pub(super) enum Wanted<'s> {
    /// None, because only the shape of the file counts.
    Shape,
    /// None, because all should be valid: the first one that is not ends the reading, and nothing is remembered of
    /// the others.
    Nothing,
    /// Those that are neither valid by themselves nor settled.
    Open,
    /// Of the others the suspects.
    Suspects(&'s Suspects),
}

/// Memory that is used for one piece after the other.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    pub(super) bytes: Vec<u8>,
    rows: RowScratch,
    /// The bytes of the piece as they are now, where a draft wants them.
    pub(super) mended: Vec<u8>,
}

/// Memory that is used for one row after the other.
#[derive(Debug, Default)]
struct RowScratch {
    trail: Trail,
    last_id: LastId,
    slips: Vec<Slip>,
    fields: Vec<FieldSpan>,
}

/// Reads pieces of a file; several threads share it.
pub(super) struct Reader<'o> {
    pub(super) source: &'o dyn Source,
    delimiter: u8,
    lines: PlainLines<'o>,
    /// The field in which each of the columns stands.
    places: Vec<usize>,
    /// How many fields the header has.
    width: usize,
    /// Whether the fields are the columns, in their order, so that lines can be scanned.
    is_in_order: bool,
    /// Which rows are mended at once, if any.
    mending: Option<Mending<'o>>,
    /// Whether a draft of the mended file has been begun.
    is_drafting: &'o AtomicBool,
}

/// A piece can be divided where so many bytes have passed.
const BETWEEN_JOINTS: usize = 1 << 16;

/// So far the last row of a piece may reach beyond it, at first; each further look is eight times as far.
const OVERHANG: usize = 1 << 12;

impl<'o> Reader<'o> {
    pub(super) fn new(
        source: &'o dyn Source,
        options: &'o Options,
        head: &Head,
        mending: Option<Level>,
        is_drafting: &'o AtomicBool,
    ) -> Self {
        let Layout { dialect, columns, .. } = &head.layout;
        let lines = PlainLines::new(PlainCells::new(&options.settings), columns.present().columns);
        Self {
            source,
            delimiter: dialect.delimiter,
            lines: lines.divided_by(dialect.delimiter),
            places: columns.places(),
            width: columns.fields.len(),
            is_in_order: columns.are_in_order(),
            mending: mending.map(|level| Mending { level, selection: &options.selection }),
            is_drafting,
        }
    }

    /// Reads the rows that start within `border`, the first of them right at its start. `None` if they are not
    /// of plain shape, or not what is wanted.
    pub(super) fn read(
        &self,
        border: Range<usize>,
        wanted: &Wanted<'_>,
        scratch: &mut Scratch,
    ) -> io::Result<Option<Piece>> {
        let Scratch { bytes, rows, mended } = scratch;
        mended.clear();
        let mut overhang = OVERHANG;
        loop {
            let end = border.end.saturating_add(overhang).min(self.source.length());
            let window = self.source.window(border.start..end, bytes)?;
            let is_last = end == self.source.length();
            rows.trail.clear();
            let swept = match wanted {
                Wanted::Shape => self.shape(window, is_last, &border, rows),
                Wanted::Nothing | Wanted::Open | Wanted::Suspects(_) => {
                    self.sweep(window, is_last, &border, wanted, rows)
                }
            };
            match swept {
                Swept::Whole(piece) => {
                    let is_worthwhile = piece.has_rewriting || self.is_drafting.load(Ordering::Relaxed);
                    if self.mending.is_some() && is_worthwhile && piece.is_finished() {
                        piece.write_mended(window, mended);
                    }
                    return Ok(Some(*piece));
                }
                Swept::CutOff if !is_last && overhang < LONGEST_ROW => overhang = overhang.saturating_mul(8),
                Swept::CutOff | Swept::NotPlain => return Ok(None),
            }
        }
    }

    /// Reads the rows that start within `border` behind the first line end, or behind the one right before it.
    pub(super) fn read_behind_line_end(
        &self,
        border: Range<usize>,
        wanted: &Wanted<'_>,
        scratch: &mut Scratch,
    ) -> io::Result<Option<Piece>> {
        let before = border.start.saturating_sub(1);
        let window = self.source.window(before..border.end, &mut scratch.bytes)?;
        let start = memchr::memchr(b'\n', window).map_or(border.end, |at| before + at + 1);
        self.read(start..border.end.max(start), wanted, scratch)
    }

    fn sweep(
        &self,
        window: &[u8],
        is_last: bool,
        border: &Range<usize>,
        wanted: &Wanted<'_>,
        scratch: &mut RowScratch,
    ) -> Swept {
        let Some(text) = whole_characters(window, is_last) else { return Swept::NotPlain };
        let bytes = text.as_bytes();
        let length = border.len();
        let mut piece = Piece { span: border.start..border.start, ..Piece::default() };
        let mut widths = IdWidths::default();
        let mut hints = Hints::NONE;
        let (mut last_end, mut repeats) = (LineEnd::None, 0);
        let mut at = 0;
        while at < length && at < bytes.len() {
            let (row, line, start) = (piece.rows, piece.lines, at);
            let rest = bytes.get(at..).unwrap_or_default();
            let scanned = if self.is_in_order { self.scan(rest, is_last, scratch) } else { None };
            let kind = if let Some((scanned, line_end)) = scanned {
                let end = at + scanned.length;
                // Nearly all lines end as the one before, and this is the hottest loop.
                if line_end == last_end {
                    repeats += 1;
                } else {
                    piece.facts.count_more(last_end, std::mem::take(&mut repeats));
                    piece.facts.count(text, &(at..end), line_end, line);
                    last_end = line_end;
                }
                at = end + line_end.text().len();
                piece.lines += 1;
                let is_news = !matches!(wanted, Wanted::Nothing)
                    && scanned.row.has_numeric_id
                    && widths.is_news(rest.get(..scanned.id_length).unwrap_or_default());
                if is_news {
                    Kind::Open
                } else if scratch.slips.is_empty() {
                    Kind::Valid(scanned.row)
                } else {
                    piece.has_rewriting = true;
                    let mends = |mending| piece.mended.take_slips(mending, start..at, &scratch.slips);
                    if self.mending.is_some_and(mends) {
                        Kind::Mended(scanned.row)
                    } else {
                        Kind::Settled(scanned.row)
                    }
                }
            } else {
                let Some(end) = self.record(text, at, is_last, &mut scratch.fields, &mut piece) else {
                    return Swept::CutOff;
                };
                at = end;
                let mending = self.mending.filter(|_| piece.lines == line + 1);
                let row = Row { text, range: start..at, fields: &scratch.fields };
                self.second_chance(&row, mending, &mut widths, &mut piece)
            };
            piece.rows += 1;
            let is_wanted = match (&kind, wanted) {
                (Kind::Valid(plain), Wanted::Nothing) => {
                    if let Some(item) = plain.item {
                        piece.updated.add(item);
                    }
                    hints = hints.and(plain.hints);
                    false
                }
                (Kind::Settled(_) | Kind::Mended(_) | Kind::Open, Wanted::Nothing) => return Swept::NotPlain,
                (Kind::Valid(plain) | Kind::Settled(plain) | Kind::Mended(plain), Wanted::Open) => {
                    scratch.trail.push(&plain.footprint);
                    if let Some(item) = plain.item {
                        piece.updated.add(item);
                    }
                    hints = hints.and(plain.hints);
                    false
                }
                (
                    Kind::Valid(plain) | Kind::Settled(plain) | Kind::Mended(plain),
                    Wanted::Suspects(suspects),
                ) => suspects.include(&plain.footprint, plain.hints),
                (Kind::Open, Wanted::Open) => true,
                (Kind::Open, Wanted::Suspects(_)) | (_, Wanted::Shape) => false,
            };
            if let (Kind::Settled(_), Wanted::Open) = (kind, wanted) {
                let (Ok(start), Ok(length), Ok(line)) =
                    (u32::try_from(start), u32::try_from(at - start), u32::try_from(line))
                else {
                    return Swept::NotPlain;
                };
                piece.settled.push(Settled { start, length, row, line });
            }
            if is_wanted {
                let text = text.get(start..at).unwrap_or_default().to_owned();
                let start = border.start + start;
                piece.taken.push(Taken { row, line, lines: piece.lines - line, start, text });
            }
        }
        if at < length && !is_last {
            return Swept::CutOff;
        }
        piece.facts.count_more(last_end, repeats);
        piece.span.end = border.start + at;
        piece.footprints = Footprints::take(&mut scratch.trail, hints);
        Swept::Whole(Box::new(piece))
    }

    /// The rows that start within `border`, as records and no more.
    fn shape(&self, window: &[u8], is_last: bool, border: &Range<usize>, scratch: &mut RowScratch) -> Swept {
        let Some(text) = whole_characters(window, is_last) else { return Swept::NotPlain };
        let mut piece = Piece { span: border.start..border.start, ..Piece::default() };
        let (mut at, mut next_joint) = (0, BETWEEN_JOINTS);
        while at < border.len() && at < text.len() {
            if at >= next_joint {
                piece.joints.push(at);
                next_joint = at + BETWEEN_JOINTS;
            }
            let Some(end) = self.record(text, at, is_last, &mut scratch.fields, &mut piece) else {
                return Swept::CutOff;
            };
            at = end;
            piece.rows += 1;
        }
        if at < border.len() && !is_last {
            return Swept::CutOff;
        }
        piece.span.end = border.start + at;
        Swept::Whole(Box::new(piece))
    }

    /// Reads the fields of the record that starts here and notes what it shows; `None` if it does not end within the text.
    fn record(
        &self,
        text: &str,
        start: usize,
        is_last: bool,
        fields: &mut Vec<FieldSpan>,
        piece: &mut Piece,
    ) -> Option<usize> {
        let mut records = Records::new(text, self.delimiter, start, 1);
        let record = records.read(fields)?;
        // The end of the text is the end of the row only at the end of the file.
        if record.next() == text.len() && !is_last && record.line_end != LineEnd::Lf {
            return None;
        }
        piece.facts.count(text, &record.span, record.line_end, piece.lines);
        if !self.is_in_order {
            piece.facts.see(text, &record, fields, self.width);
        }
        piece.lines += records.line() - 1;
        Some(record.next())
    }

    /// The line at the start of these bytes and its end, if it is a valid row but for the slips that are then known.
    #[inline]
    fn scan(
        &self,
        lines: &[u8],
        is_last: bool,
        RowScratch { last_id, slips, .. }: &mut RowScratch,
    ) -> Option<(ScannedLine, LineEnd)> {
        let with_end = |scanned: ScannedLine| {
            let line_end = line_end(lines, scanned.length, is_last)?;
            Some((scanned, line_end))
        };
        slips.clear();
        let plain = self.lines.scan(lines, last_id).and_then(with_end);
        plain.or_else(|| self.lines.scan_slipped(lines, last_id, slips).and_then(with_end))
    }

    /// The second chance of a row that needs a closer look: quoted fields, other scripts, cells that deviate.
    fn second_chance(
        &self,
        row: &Row<'_>,
        mending: Option<Mending<'_>>,
        widths: &mut IdWidths,
        piece: &mut Piece,
    ) -> Kind {
        let (columns, fields) = (self.lines.columns(), row.fields);
        if fields.len() > self.width || fields.iter().any(|field| field.defect.is_some()) {
            return Kind::Open;
        }
        let texts = self.places.iter().map(|place| fields.get(*place).map(|field| field.text(row.text)));
        let texts: Vec<_> = texts.collect();
        let cells = texts.iter().map(|text| text.as_deref().map_or(Cell::MISSING, Cell::text));
        let cells: Vec<_> = cells.collect();
        let Some(settled) = self.lines.cells().settled_row(columns, &cells) else { return Kind::Open };
        if settled.row.has_numeric_id && widths.is_news(settled.id.as_bytes()) {
            return Kind::Open;
        }
        if settled.deviating.is_empty() {
            return Kind::Valid(settled.row);
        }
        piece.has_rewriting |= settled.deviating.iter().any(|cell| cell.rewrite.is_some());
        let field = |column: usize| self.places.get(column).and_then(|place| fields.get(*place));
        let mends = |mending| piece.mended.take(mending, row.range.clone(), field, &settled.deviating);
        if mending.is_some_and(mends) { Kind::Mended(settled.row) } else { Kind::Settled(settled.row) }
    }
}

/// A row, and where it stands in a text.
struct Row<'t> {
    text: &'t str,
    range: Range<usize>,
    fields: &'t [FieldSpan],
}

enum Swept {
    Whole(Box<Piece>),
    /// The last row does not end within the bytes.
    CutOff,
    NotPlain,
}

/// How the line ends behind so many bytes; `None` if it does not, or if more bytes would have to be seen.
fn line_end(bytes: &[u8], length: usize, is_last: bool) -> Option<LineEnd> {
    match (bytes.get(length), bytes.get(length + 1)) {
        (Some(b'\n'), _) => Some(LineEnd::Lf),
        (Some(b'\r'), Some(b'\n')) => Some(LineEnd::CrLf),
        (None, _) if is_last => Some(LineEnd::None),
        (Some(_) | None, _) => None,
    }
}
