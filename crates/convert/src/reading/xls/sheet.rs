//! The cells of one xls sheet.

use std::sync::Arc;

use metricsheet_core::{ColumnIndex, RowNumber};

use super::kind::{BOF, END};
use super::records::{Record, Records, Texts};
use crate::cell::StoredValue;
use crate::number_format::NumberFormat;
use crate::reading::compound::{f64_at, u16_at, u32_at};
use crate::reading::rows::RowAssembler;
use crate::reading::{CellRange, ReadError, RowSink, SheetFacts, binary_values};

mod kind {
    pub(super) const FORMULA: u16 = 0x0006;
    /// The numbers of formulas in Excel 3 and 4, which some programs write to this day.
    pub(super) const FORMULA_3: u16 = 0x0206;
    pub(super) const FORMULA_4: u16 = 0x0406;
    pub(super) const COLUMN_INFO: u16 = 0x007D;
    pub(super) const MULTIPLE_RK: u16 = 0x00BD;
    pub(super) const RICH_STRING: u16 = 0x00D6;
    pub(super) const MERGE_CELLS: u16 = 0x00E5;
    pub(super) const LABEL_SHARED: u16 = 0x00FD;
    pub(super) const NUMBER: u16 = 0x0203;
    pub(super) const LABEL: u16 = 0x0204;
    pub(super) const BOOLEAN_OR_ERROR: u16 = 0x0205;
    pub(super) const STRING: u16 = 0x0207;
    pub(super) const ROW: u16 = 0x0208;
    pub(super) const RK: u16 = 0x027E;
}

/// Whether the rows of a sheet come apart or backwards. Excel writes them from top to bottom; some programs write
/// columns after one another.
pub(super) fn is_disordered(records: Records<'_>) -> bool {
    let (mut depth, mut last) = (0_u32, 0);
    for Record { kind, data } in records {
        match kind {
            BOF => depth += 1,
            END if depth == 0 => return false,
            END => depth -= 1,
            kind::FORMULA
            | kind::FORMULA_3
            | kind::FORMULA_4
            | kind::MULTIPLE_RK
            | kind::RICH_STRING
            | kind::LABEL_SHARED
            | kind::NUMBER
            | kind::LABEL
            | kind::BOOLEAN_OR_ERROR
            | kind::RK
                if depth == 0 =>
            {
                let row = u16_at(data, 0).unwrap_or(last);
                if row < last {
                    return true;
                }
                last = row;
            }
            _ => {}
        }
    }
    false
}

pub(super) struct SheetReader<'w, 's, 'r> {
    texts: Texts,
    formats: &'w [Arc<NumberFormat>],
    strings: &'w [Arc<str>],
    general: Arc<NumberFormat>,
    facts: SheetFacts,
    rows: RowAssembler<'s, 'r>,
    /// The cell of a formula whose text follows.
    waiting_for_text: Option<(u16, u16, u16)>,
}

impl<'w, 's, 'r> SheetReader<'w, 's, 'r> {
    pub(super) fn new(
        texts: Texts,
        formats: &'w [Arc<NumberFormat>],
        strings: &'w [Arc<str>],
        sink: &'s mut RowSink<'r>,
    ) -> Self {
        Self {
            texts,
            formats,
            strings,
            general: Arc::new(NumberFormat::general()),
            facts: SheetFacts::default(),
            rows: RowAssembler::new(sink),
            waiting_for_text: None,
        }
    }

    /// Reads up to the end of the sheet; what is embedded in it, such as charts, is passed over.
    pub(super) fn read(mut self, mut records: Records<'_>) -> Result<SheetFacts, ReadError> {
        let mut depth = 0_u32;
        while let Some(record) = records.next() {
            match record.kind {
                BOF => depth += 1,
                END if depth == 0 => break,
                END => depth -= 1,
                _ if depth > 0 => {}
                kind::STRING => {
                    let mut parts = vec![record.data];
                    parts.extend(records.continued());
                    if let Some((row, column, format)) = self.waiting_for_text.take() {
                        self.push_text(row, column, format, self.texts.continued(parts).into());
                    }
                }
                _ => self.record(record),
            }
        }
        self.rows.finish()?;
        Ok(self.facts)
    }

    /// A record too short for its kind is passed over.
    fn record(&mut self, Record { kind, data }: Record<'_>) {
        let (Some(row), Some(column)) = (u16_at(data, 0), u16_at(data, 2)) else { return };
        let format = u16_at(data, 4).unwrap_or_default();
        match kind {
            // Bit 5 of the flags: the row's height is zero.
            kind::ROW if u16_at(data, 12).is_some_and(|flags| flags & 0x20 != 0) => {
                self.rows.hide(row.into());
            }
            kind::COLUMN_INFO if u16_at(data, 8).is_some_and(|flags| flags & 1 != 0) => {
                let (first, last) =
                    (ColumnIndex::new(row.into()), ColumnIndex::new(u32::from(column).min(255)));
                self.facts.hidden_columns.push(first..=last);
            }
            kind::MERGE_CELLS => self.merge(data),
            kind::NUMBER => {
                if let Some(number) = f64_at(data, 6) {
                    self.push(row, column, format, binary_values::number(number));
                }
            }
            kind::RK => {
                if let Some(number) = u32_at(data, 6) {
                    self.push(row, column, format, binary_values::number(binary_values::rk(number)));
                }
            }
            kind::MULTIPLE_RK => {
                let cells = data.get(4..data.len().saturating_sub(2)).unwrap_or_default();
                // No column lies beyond the greatest number there is.
                for (column, cell) in (column..=u16::MAX).zip(cells.chunks_exact(6)) {
                    if let (Some(format), Some(number)) = (u16_at(cell, 0), u32_at(cell, 2)) {
                        self.push(row, column, format, binary_values::number(binary_values::rk(number)));
                    }
                }
            }
            kind::LABEL_SHARED => {
                let index = u32_at(data, 6).and_then(|index| usize::try_from(index).ok());
                if let Some(text) = index.and_then(|index| self.strings.get(index)) {
                    let text = Arc::clone(text);
                    self.push_text(row, column, format, text);
                }
            }
            kind::LABEL | kind::RICH_STRING => {
                let text = self.texts.long(data.get(6..).unwrap_or_default());
                self.push_text(row, column, format, text.into());
            }
            kind::BOOLEAN_OR_ERROR => {
                if let (Some(value), Some(is_error)) = (data.get(6), data.get(7)) {
                    let value = match is_error {
                        0 => StoredValue::Logical(*value != 0),
                        _ => binary_values::error(*value),
                    };
                    self.push(row, column, format, value);
                }
            }
            kind::FORMULA | kind::FORMULA_3 | kind::FORMULA_4 => self.formula(row, column, format, data),
            _ => {}
        }
    }

    /// The stored result of a formula: a number, or eight bytes that end in FFFF and begin with a type.
    fn formula(&mut self, row: u16, column: u16, format: u16, data: &[u8]) {
        let Some(result) = data.get(6..14) else { return };
        if result[6..] != [0xFF, 0xFF] {
            if let Some(number) = f64_at(result, 0) {
                self.push(row, column, format, binary_values::number(number));
            }
            return;
        }
        match result[0] {
            0 => self.waiting_for_text = Some((row, column, format)),
            1 => self.push(row, column, format, StoredValue::Logical(result[2] != 0)),
            2 => self.push(row, column, format, binary_values::error(result[2])),
            // An empty text.
            _ => {}
        }
    }

    fn merge(&mut self, data: &[u8]) {
        for range in data.get(2..).unwrap_or_default().chunks_exact(8) {
            let field = |at: usize| u32::from(u16_at(range, at).unwrap_or_default());
            self.facts.merged.push(CellRange {
                first_row: RowNumber::new(field(0) + 1),
                last_row: RowNumber::new(field(2) + 1),
                first_column: ColumnIndex::new(field(4)),
                last_column: ColumnIndex::new(field(6)),
            });
        }
    }

    fn push_text(&mut self, row: u16, column: u16, format: u16, text: Arc<str>) {
        if !text.is_empty() {
            self.push(row, column, format, StoredValue::Text(text.into()));
        }
    }

    fn push(&mut self, row: u16, column: u16, format: u16, value: StoredValue) {
        let format = self.formats.get(usize::from(format)).unwrap_or(&self.general);
        self.rows.push(row.into(), column.into(), value, format);
    }
}
