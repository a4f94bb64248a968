//! One line of fields without quotation marks, proved to be a valid row from its bytes as they stand.

use std::ops::Range;

use super::slips::{Slip, SlippedDate, SlippedNumber};
use super::{LastId, PlainCells, PlainRow};
use crate::footprint::{Day, Footprint, Hints};
use crate::template::{Column, Field, Presence};

/// Scans lines without quotation marks.
#[derive(Debug, Clone)]
pub struct PlainLines<'s> {
    cells: PlainCells<'s>,
    columns: Vec<Column>,
    /// So many columns every line has.
    required: usize,
    /// What divides the fields.
    delimiter: u8,
}

/// A row at the start of some bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct ScannedLine {
    /// How many bytes it takes, without its line end.
    pub length: usize,
    /// How many of them are its ID, which stands first.
    pub id_length: usize,
    /// From where to where its value stands.
    pub value: Range<usize>,
    /// The value's distance from zero.
    pub size: f64,
    /// What it leaves behind.
    pub row: PlainRow,
}

impl<'s> PlainLines<'s> {
    /// Scans lines with these columns, the first of which is that of the ID. Optional ones at the end may be missing.
    #[must_use]
    pub fn new(cells: PlainCells<'s>, columns: Vec<Column>) -> Self {
        let required = columns
            .iter()
            .rposition(|column| column.presence != Presence::Optional)
            .map_or(0, |last| last + 1);
        Self { cells, columns, required, delimiter: b',' }
    }

    /// Scans lines with all of these columns.
    #[must_use]
    pub fn with_all(cells: PlainCells<'s>, columns: Vec<Column>) -> Self {
        Self { required: columns.len(), ..Self::new(cells, columns) }
    }

    /// The same of lines that this ASCII character divides. Commas stand in no plain cell of them either.
    #[must_use]
    pub fn divided_by(self, delimiter: u8) -> Self {
        Self { delimiter, ..self }
    }

    /// The columns.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// What the cells are scanned by.
    #[must_use]
    pub const fn cells(&self) -> &PlainCells<'s> {
        &self.cells
    }

    /// Reads on to the first byte that is part of no plain row; the caller sees whether that ends a line.
    #[must_use]
    #[inline]
    pub fn scan(&self, bytes: &[u8], last_id: &mut LastId) -> Option<ScannedLine> {
        // Nothing is left of the search for what is not looked for.
        if self.delimiter == b',' {
            self.scan_cells::<false, true>(bytes, last_id, &mut Vec::new())
        } else {
            self.scan_cells::<false, false>(bytes, last_id, &mut Vec::new())
        }
    }

    /// The same, of a line that is a plain row but for these slips, from left to right. Where they are rewritten, nothing
    /// remains to be said of the line by itself.
    #[must_use]
    pub fn scan_slipped(
        &self,
        bytes: &[u8],
        last_id: &mut LastId,
        slips: &mut Vec<Slip>,
    ) -> Option<ScannedLine> {
        slips.clear();
        if self.delimiter == b',' {
            self.scan_cells::<true, true>(bytes, last_id, slips)
        } else {
            self.scan_cells::<true, false>(bytes, last_id, slips)
        }
    }

    /// Both of these, with commas or with another delimiter.
    #[inline]
    fn scan_cells<const HAS_SLIPS: bool, const HAS_COMMAS: bool>(
        &self,
        bytes: &[u8],
        last_id: &mut LastId,
        slips: &mut Vec<Slip>,
    ) -> Option<ScannedLine> {
        let delimiter = if HAS_COMMAS { b',' } else { self.delimiter };
        let mut at = 0;
        let mut id = None;
        let mut day = None;
        let mut size = 0.0;
        let mut is_percentage = false;
        let mut value = 0..0;
        let mut is_ambiguous = false;
        for (index, column) in self.columns.iter().enumerate() {
            if index > 0 {
                match bytes.get(at) {
                    Some(byte) if *byte == delimiter => at += 1,
                    // Columns at the end may be missing.
                    Some(_) | None if index >= self.required => break,
                    Some(_) | None => return None,
                }
            }
            let mut rest = bytes.get(at..)?;
            if !HAS_COMMAS {
                rest = up_to(delimiter, rest);
            }
            at += match column.field {
                Field::ExternalId => {
                    let scanned = self.cells.id_of_line(rest, last_id)?;
                    id = Some(scanned);
                    scanned.length
                }
                Field::MetricValue
                    if column.presence == Presence::MayBeEmpty && bytes.get(at) == Some(&delimiter) =>
                {
                    0
                }
                Field::MetricValue => {
                    // The ID is the first column of every template.
                    let id = bytes.get(..id.map_or(0, |id| id.length))?;
                    let scanned = self.cells.number(rest, id);
                    let length = match scanned.filter(|it| !HAS_SLIPS || ends_cell(rest, it.length)) {
                        Some(scanned) => {
                            size = scanned.size;
                            scanned.length
                        }
                        None if HAS_SLIPS => {
                            let cell = cell(rest)?;
                            let slipped = self.cells.slipped_number(cell)?;
                            let SlippedNumber { rule, text, .. } = slipped;
                            (size, is_percentage) = (slipped.size, slipped.has_percent_sign);
                            slips.push(Slip { range: at..at + cell.len(), rule, text });
                            cell.len()
                        }
                        None => return None,
                    };
                    value = at..at + length;
                    length
                }
                Field::AsOfDate => {
                    let scanned = self.cells.date(rest);
                    let (date, length) = match scanned.filter(|it| !HAS_SLIPS || ends_cell(rest, it.length)) {
                        Some(scanned) => (scanned, scanned.length),
                        None if HAS_SLIPS => {
                            let cell = cell(rest)?;
                            let SlippedDate { date, rule, text } = self.cells.slipped_date(cell)?;
                            slips.push(Slip { range: at..at + cell.len(), rule, text });
                            (date, cell.len())
                        }
                        None => return None,
                    };
                    day = Some(date.day);
                    is_ambiguous = date.is_ambiguous;
                    length
                }
                Field::Comment => self.cells.comment(rest)?,
                Field::Status => self.cells.status(rest)?,
            };
        }
        let (id, day): (_, Day) = (id?, day?);
        let footprint = Footprint::new(id.print, day, size);
        Some(ScannedLine {
            length: at,
            id_length: id.length,
            value,
            size,
            row: PlainRow {
                footprint: if is_percentage { footprint.of_percentage() } else { footprint },
                hints: Hints::EITHER_ORDER.only_if(is_ambiguous),
                has_numeric_id: id.is_all_digits,
                item: id.item,
            },
        })
    }
}

/// The bytes before the first of these or the end of the line. What scans a cell stops at commas, at no other
/// delimiter.
fn up_to(delimiter: u8, bytes: &[u8]) -> &[u8] {
    let length = bytes.iter().position(|byte| *byte == delimiter || *byte == b'\n');
    length.and_then(|length| bytes.get(..length)).unwrap_or(bytes)
}

/// Whether a cell of a line without quotation marks ends behind so many bytes.
fn ends_cell(bytes: &[u8], length: usize) -> bool {
    matches!(bytes.get(length), None | Some(b',' | b'\n' | b'\r'))
}

/// The cell at the start of the bytes; `None` if a quotation mark stands in it.
fn cell(bytes: &[u8]) -> Option<&[u8]> {
    let length = bytes.iter().position(|byte| matches!(byte, b',' | b'\n' | b'\r')).unwrap_or(bytes.len());
    bytes.get(..length).filter(|cell| !cell.contains(&b'"'))
}
