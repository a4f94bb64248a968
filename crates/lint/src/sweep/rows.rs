//! One row, proved valid from its bytes as they stand.

use metricsheet_core::footprint::{Day, Footprint, Hints};
use metricsheet_core::plain::{PlainCells, PlainRow, ScannedId};
use metricsheet_core::{Column, Field, Presence};

/// Scans rows of comma-separated fields without quotation marks.
#[derive(Debug, Clone)]
pub(super) struct PlainRows<'o> {
    pub(super) cells: PlainCells<'o>,
    /// The columns of the file, which are the first of the template.
    pub(super) columns: Vec<Column>,
    required: usize,
}

/// A row at the start of some bytes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scanned {
    /// How many bytes it takes, without its line end.
    pub(super) length: usize,
    /// How many of them are its ID.
    pub(super) id_length: usize,
    pub(super) row: PlainRow,
}

/// The ID of the row before, which often is that of the next one, too: then nothing of it has to be proved again.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct LastId<'t> {
    /// With the comma behind it, and the scanned ID.
    known: Option<(&'t [u8], ScannedId)>,
}

impl<'t> LastId<'t> {
    /// The ID at the start of the bytes.
    #[inline]
    fn or_scan(&mut self, cells: &PlainCells<'_>, bytes: &'t [u8]) -> Option<ScannedId> {
        if let Some((text, id)) = self.known
            && bytes.starts_with(text)
        {
            return Some(id);
        }
        let id = cells.id(bytes)?;
        self.known = bytes.get(..=id.length).filter(|text| text.ends_with(b",")).map(|text| (text, id));
        Some(id)
    }
}

impl<'o> PlainRows<'o> {
    pub(super) fn new(cells: PlainCells<'o>, columns: Vec<Column>) -> Self {
        let required = columns
            .iter()
            .rposition(|column| column.presence != Presence::Optional)
            .map_or(0, |last| last + 1);
        Self { cells, columns, required }
    }

    /// Reads on to the first byte that is part of no plain row; the caller sees whether that ends a line.
    #[inline]
    pub(super) fn scan<'t>(&self, bytes: &'t [u8], last_id: &mut LastId<'t>) -> Option<Scanned> {
        let mut at = 0;
        let mut id = None;
        let mut day = None;
        let mut size = 0.0;
        let mut is_ambiguous = false;
        for (index, column) in self.columns.iter().enumerate() {
            if index > 0 {
                match bytes.get(at) {
                    Some(b',') => at += 1,
                    // Columns at the end may be missing.
                    Some(_) | None if index >= self.required => break,
                    Some(_) | None => return None,
                }
            }
            let rest = bytes.get(at..)?;
            at += match column.field {
                Field::ExternalId => {
                    let scanned = last_id.or_scan(&self.cells, rest)?;
                    id = Some(scanned);
                    scanned.length
                }
                Field::MetricValue
                    if column.presence == Presence::MayBeEmpty && rest.first() == Some(&b',') =>
                {
                    0
                }
                Field::MetricValue => {
                    // The ID is the first column of every template.
                    let id = bytes.get(..id.map_or(0, |id| id.length))?;
                    let scanned = self.cells.number(rest, id)?;
                    size = scanned.size;
                    scanned.length
                }
                Field::AsOfDate => {
                    let scanned = self.cells.date(rest)?;
                    day = Some(scanned.day);
                    is_ambiguous = scanned.is_ambiguous;
                    scanned.length
                }
                Field::Comment => self.cells.comment(rest)?,
                Field::Status => self.cells.status(rest)?,
            };
        }
        let (id, day): (_, Day) = (id?, day?);
        Some(Scanned {
            length: at,
            id_length: id.length,
            row: PlainRow {
                footprint: Footprint::new(id.print, day, size),
                hints: Hints::EITHER_ORDER.only_if(is_ambiguous),
                has_numeric_id: id.is_all_digits,
                item: id.item,
            },
        })
    }
}
