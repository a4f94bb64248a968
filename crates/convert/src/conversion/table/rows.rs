//! A row below a header on its way: left out with a reason, or its cells as texts, one record or one for each period.

use metricsheet_core::rules::workbook::NUMBER_AS_TEXT;
use metricsheet_core::{CellKind, ColumnIndex, Field, Finding, Place, RowNumber};

use super::super::origins::Origin;
use super::super::provenance::{Provenance, Source};
use super::super::sweep::Sweep;
use super::super::{LeftOut, day_texts, leave_out, records, texts};
use super::{DataRow, Table};
use crate::cell::{StoredCell, StoredRow};
use crate::layout::Layout;

impl Table<'_> {
    /// The number of the next row of the output.
    pub(super) fn number(&mut self, origin: Origin) -> RowNumber {
        match &mut self.origins {
            None => origin.row,
            Some(origins) => origins.push(origin),
        }
    }

    /// Remembers where a row comes from about which there may be something to say.
    fn remember(&mut self, number: RowNumber, origin: Origin) {
        if let Some(origins) = &mut self.origins {
            origins.remember(number, origin);
        }
    }

    /// Reports what concerns a row that is left out.
    pub(super) fn report(&mut self, rule: &'static metricsheet_core::Rule, row: RowNumber, message: String) {
        let origin = Origin { row, table: self.current, value: None };
        let number = self.number(origin);
        self.room.wait(message.len());
        self.remember(number, origin);
        self.findings.push(Finding::new(rule, Place::Row(number), message));
    }

    pub(super) fn take(&mut self, row: &StoredRow) {
        let layouts = std::mem::take(&mut self.layouts);
        match layouts.get(self.current..).unwrap_or_default() {
            [] => self.leave_out(LeftOut::AboveTable),
            [layout] => self.take_for(layout, self.current, row),
            tables => {
                // The row counts for each of the tables that it has cells of.
                let mut taken = 0;
                for (index, layout) in (self.current..).zip(tables) {
                    if row.cells.iter().any(|cell| layout.reads(cell.column)) {
                        taken += 1;
                        self.take_for(layout, index, row);
                    }
                }
                match taken {
                    0 => self.leave_out(LeftOut::OutsideColumns),
                    count => self.counts.read += count - 1,
                }
            }
        }
        self.layouts = layouts;
    }

    fn take_for(&mut self, layout: &Layout, table: usize, row: &StoredRow) {
        if let Some((reason, finding)) = leave_out::reason(&self.sheet.name, layout, row) {
            self.leave_out(reason);
            if let Some((rule, message)) = finding {
                self.report(rule, row.number, message);
            }
            return;
        }
        if row.hidden {
            self.hidden_rows.push(row.number);
        }
        self.source_rows.push(row.number);
        if layout.periods.is_empty() {
            self.take_row(table, row);
        } else {
            self.take_periods(layout, table, row);
        }
    }

    fn take_row(&mut self, table: usize, row: &StoredRow) {
        let origin = Origin { row: row.number, table, value: None };
        let number = self.number(origin);
        let found = self.findings.len();
        if row.record.is_some() {
            self.findings.extend(records::doubts(number, row, self.header_fields));
        }
        let mut sources = Vec::new();
        self.texts.clear();
        let columns = self.columns.get_mut(table).map(std::mem::take).unwrap_or_default();
        for (field, column) in columns.iter().copied() {
            let cell = column.and_then(|column| row.cell(column));
            let is_given = field == Field::AsOfDate && self.options.as_of.is_some();
            match (&self.options.as_of, cell) {
                (Some(date), _) if is_given => self.texts.push(|text| {
                    text.push_str(date);
                    CellKind::Text
                }),
                // A column that the sheet lacks; where it has one, a row does not end before it.
                (_, None) if column.is_none() => self.texts.push(|_| CellKind::Missing),
                (_, None) => self.texts.push(|_| CellKind::Text),
                (_, Some(cell)) => self.push_text(number, row, field, cell),
            }
            if self.options.provenance == Provenance::Kept {
                let column = column.filter(|_| !is_given);
                sources.push(column.map(|column| source(row, column, cell)));
            }
        }
        if let Some(place) = self.columns.get_mut(table) {
            *place = columns;
        }
        self.keep(number, origin, self.findings.len() > found, sources);
    }

    /// Takes a row with periods across: a record for each period that has a value.
    fn take_periods(&mut self, layout: &Layout, table: usize, row: &StoredRow) {
        let form = self.settings.written_date_form();
        // The row counts as many times as it has periods.
        self.counts.read += layout.periods.len() as u64 - 1;
        let id_column = layout.column(Field::ExternalId);
        let id = id_column.and_then(|column| row.cell(column));
        for period in &layout.periods {
            let Some(cell) = row.cell(period.column) else {
                self.leave_out(LeftOut::EmptyPeriod);
                continue;
            };
            let origin = Origin { row: row.number, table, value: Some(period.column) };
            let number = self.number(origin);
            let found = self.findings.len();
            self.findings.extend(records::doubts(number, row, self.header_fields));
            self.texts.clear();
            match id {
                Some(id) => self.push_text(number, row, Field::ExternalId, id),
                None => self.texts.push(|_| CellKind::Text),
            }
            self.push_text(number, row, Field::MetricValue, cell);
            self.texts.push(|text| {
                day_texts::push(period.day, form, text);
                CellKind::Date
            });
            self.texts.push(|_| CellKind::Missing);
            let mut sources = Vec::new();
            if self.options.provenance == Provenance::Kept {
                let (named_row, named_column) = period.named_in;
                let name = self.header_rows.iter().find(|it| it.number == named_row);
                let name = name.and_then(|row| row.cell(named_column)).cloned();
                sources = vec![
                    id_column.map(|column| source(row, column, id)),
                    Some(source(row, period.column, Some(cell))),
                    Some(Source { row: named_row, column: named_column, cell: name }),
                    None,
                ];
            }
            self.keep(number, origin, self.findings.len() > found, sources);
        }
    }

    /// Writes the row whose texts were gathered, or keeps it to be judged with the others.
    fn keep(&mut self, number: RowNumber, origin: Origin, is_doubtful: bool, sources: Vec<Option<Source>>) {
        let bytes = self.texts.length();
        self.room.write(bytes);
        if let Some(sweep) = &mut self.sweep
            && sweep.take(number, &self.texts, is_doubtful)
        {
            return;
        }
        self.room.wait(bytes);
        self.remember(number, origin);
        let before = self.sweep.as_ref().map_or(0, Sweep::position);
        self.rows.push(DataRow { number, before, cells: self.texts.to_owned(), sources });
    }

    fn push_text(&mut self, number: RowNumber, row: &StoredRow, field: Field, cell: &StoredCell) {
        // Of text nothing is doubtful but what it says.
        if row.record.is_none() && texts::may_be_doubtful(field, cell) {
            let findings = texts::findings(&self.sheet.name, number, row.number, field, cell);
            let is_moot = |it: &Finding| it.rule.code == NUMBER_AS_TEXT.code && !self.has_typed_cells;
            self.findings.extend(findings.into_iter().filter(|it| !is_moot(it)));
        }
        let days = &mut self.days;
        self.texts.push(|text| texts::push(field, cell, days, text));
    }
}

/// The stored cell behind a cell that counts: the first one of a merged area that was filled.
fn source(row: &StoredRow, column: ColumnIndex, cell: Option<&StoredCell>) -> Source {
    let (row, column) = row.origin(column);
    Source { row, column, cell: cell.map(|cell| StoredCell { column, ..cell.clone() }) }
}
