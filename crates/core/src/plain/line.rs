//! One line of comma-separated fields, proved to be a valid row from its bytes as they stand.

use std::ops::Range;

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
        Self { cells, columns, required }
    }

    /// Scans lines with all of these columns.
    #[must_use]
    pub fn with_all(cells: PlainCells<'s>, columns: Vec<Column>) -> Self {
        Self { required: columns.len(), cells, columns }
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
        let mut at = 0;
        let mut id = None;
        let mut day = None;
        let mut size = 0.0;
        let mut value = 0..0;
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
                    let scanned = self.cells.id_of_line(rest, last_id)?;
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
                    (size, value) = (scanned.size, at..at + scanned.length);
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
        Some(ScannedLine {
            length: at,
            id_length: id.length,
            value,
            size,
            row: PlainRow {
                footprint: Footprint::new(id.print, day, size),
                hints: Hints::EITHER_ORDER.only_if(is_ambiguous),
                has_numeric_id: id.is_all_digits,
                item: id.item,
            },
        })
    }
}
