//! One row, proved valid from its bytes as they stand.

use metricsheet_core::footprint::{Day, Footprint, Hints};
use metricsheet_core::plain::{PlainCells, PlainRow};
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
    pub(super) fn scan(&self, bytes: &[u8]) -> Option<Scanned> {
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
                    let scanned = self.cells.id(rest)?;
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
