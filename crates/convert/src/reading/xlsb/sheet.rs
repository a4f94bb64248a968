//! The cells of one xlsb sheet.

use std::io::Read;
use std::sync::Arc;

use metricsheet_core::{ColumnIndex, RowNumber};

use super::records::{Data, Records};
use crate::cell::StoredValue;
use crate::number_format::NumberFormat;
use crate::reading::limits::room_for_one_more;
use crate::reading::rows::RowAssembler;
use crate::reading::{CellRange, MAX_COLUMNS, MAX_ROWS, ReadError, RowSink, SheetFacts, binary_values};

mod kind {
    pub(super) const ROW: u16 = 0;
    pub(super) const BLANK: u16 = 1;
    pub(super) const RK: u16 = 2;
    pub(super) const ERROR: u16 = 3;
    pub(super) const BOOLEAN: u16 = 4;
    pub(super) const REAL: u16 = 5;
    pub(super) const TEXT: u16 = 6;
    pub(super) const SHARED_TEXT: u16 = 7;
    pub(super) const FORMULA_TEXT: u16 = 8;
    pub(super) const FORMULA_NUMBER: u16 = 9;
    pub(super) const FORMULA_BOOLEAN: u16 = 10;
    pub(super) const FORMULA_ERROR: u16 = 11;
    pub(super) const SHORT_BLANK: u16 = 12;
    pub(super) const SHORT_RK: u16 = 13;
    pub(super) const SHORT_ERROR: u16 = 14;
    pub(super) const SHORT_BOOLEAN: u16 = 15;
    pub(super) const SHORT_REAL: u16 = 16;
    pub(super) const SHORT_TEXT: u16 = 17;
    pub(super) const SHORT_SHARED_TEXT: u16 = 18;
    pub(super) const COLUMN_INFO: u16 = 60;
    pub(super) const RICH_TEXT: u16 = 62;
    pub(super) const MERGED: u16 = 176;
}

pub(super) struct SheetReader<'w, 's, 'r> {
    formats: &'w [Arc<NumberFormat>],
    strings: &'w [Arc<str>],
    most_areas: usize,
    general: Arc<NumberFormat>,
    facts: SheetFacts,
    rows: RowAssembler<'s, 'r>,
    row: u32,
    /// Where a cell without a column of its own stands: right of the one before.
    next_column: u32,
}

impl<'w, 's, 'r> SheetReader<'w, 's, 'r> {
    pub(super) fn new(
        formats: &'w [Arc<NumberFormat>],
        strings: &'w [Arc<str>],
        most_areas: usize,
        sink: &'s mut RowSink<'r>,
    ) -> Self {
        Self {
            formats,
            strings,
            most_areas,
            general: Arc::new(NumberFormat::general()),
            facts: SheetFacts::default(),
            rows: RowAssembler::new(sink),
            row: 0,
            next_column: 0,
        }
    }

    pub(super) fn read<R: Read>(mut self, mut records: Records<R>) -> Result<SheetFacts, ReadError> {
        // Merged cells come after the rows, so the part is read to its end in any case.
        while let Some((kind, data)) = records.next()? {
            self.record(kind, data);
            let known = self.facts.merged.len().max(self.facts.hidden_columns.len());
            room_for_one_more(known, self.most_areas, "merged areas or hidden columns")?;
        }
        self.rows.finish()?;
        Ok(self.facts)
    }

    /// A record too short for its kind is passed over.
    fn record(&mut self, kind: u16, data: Data<'_>) {
        match kind {
            kind::ROW => {
                self.row = data.u32(0).unwrap_or(MAX_ROWS);
                self.next_column = 0;
                // The flags: outline level, collapsed, hidden (bit 4 of the second byte).
                if data.u8(11).is_some_and(|flags| flags & 0x10 != 0) {
                    self.rows.hide(self.row);
                }
            }
            kind::BLANK..=kind::FORMULA_ERROR | kind::RICH_TEXT => {
                let (Some(column), Some(format)) = (data.u32(0), data.u32(4)) else { return };
                self.cell(column, format, self.value(kind, data, 8));
            }
            kind::SHORT_BLANK..=kind::SHORT_SHARED_TEXT => {
                let Some(format) = data.u32(0) else { return };
                self.cell(self.next_column, format, self.value(kind, data, 4));
            }
            kind::COLUMN_INFO => {
                let (Some(first), Some(last)) = (data.u32(0), data.u32(4)) else { return };
                if data.u16(16).is_some_and(|flags| flags & 1 == 1) {
                    let last = ColumnIndex::new(last.min(MAX_COLUMNS - 1));
                    self.facts.hidden_columns.push(ColumnIndex::new(first)..=last);
                }
            }
            kind::MERGED => {
                let field = |at: usize| data.u32(at).unwrap_or_default();
                self.facts.merged.push(CellRange {
                    first_row: RowNumber::new(field(0).saturating_add(1)),
                    last_row: RowNumber::new(field(4).saturating_add(1)),
                    first_column: ColumnIndex::new(field(8)),
                    last_column: ColumnIndex::new(field(12)),
                });
            }
            _ => {}
        }
    }

    /// What a cell record stores from this byte on.
    fn value(&self, kind: u16, data: Data<'_>, at: usize) -> Option<StoredValue> {
        let text = |text: Arc<str>| (!text.is_empty()).then_some(StoredValue::Text(text.into()));
        match kind {
            kind::RK | kind::SHORT_RK => Some(binary_values::number(binary_values::rk(data.u32(at)?))),
            kind::REAL | kind::SHORT_REAL | kind::FORMULA_NUMBER => {
                Some(binary_values::number(data.f64(at)?))
            }
            kind::ERROR | kind::SHORT_ERROR | kind::FORMULA_ERROR => Some(binary_values::error(data.u8(at)?)),
            kind::BOOLEAN | kind::SHORT_BOOLEAN | kind::FORMULA_BOOLEAN => {
                Some(StoredValue::Logical(data.u8(at)? != 0))
            }
            kind::TEXT | kind::SHORT_TEXT | kind::FORMULA_TEXT => text(data.text(at)?.0.into()),
            // A byte of flags stands before a rich text.
            kind::RICH_TEXT => text(data.text(at + 1)?.0.into()),
            kind::SHARED_TEXT | kind::SHORT_SHARED_TEXT => {
                text(Arc::clone(self.strings.get(usize::try_from(data.u32(at)?).ok()?)?))
            }
            _ => None,
        }
    }

    fn cell(&mut self, column: u32, format: u32, value: Option<StoredValue>) {
        self.next_column = column.saturating_add(1);
        let Some(value) = value else { return };
        // The upper byte holds flags.
        let index = usize::try_from(format & 0x00FF_FFFF).unwrap_or(usize::MAX);
        let format = self.formats.get(index).unwrap_or(&self.general);
        self.rows.push(self.row, column, value, format);
    }
}
