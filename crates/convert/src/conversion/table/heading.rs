//! Headers settle the layout: which of the rows that wait begin a table, and which are titles above one.

use std::collections::HashMap;

use metricsheet_core::Field;
use metricsheet_core::rules::workbook::REPEATED_HEADER;

use super::super::origins::{Origin, Origins};
use super::super::provenance::Provenance;
use super::super::{LeftOut, Unpivot, leave_out};
use super::{Table, moved, output_fields, repeated_header, table_of};
use crate::cell::{StoredRow, StoredValue};
use crate::layout::{Finder, HEAD_ROWS, HeaderRow, Layout, may_begin_table};

/// How many rows are looked at from one on that may begin another table.
const LOOKAHEAD: usize = 50;

/// How many rows directly above a header may be its title and those of its labels.
const TITLE_ROWS: usize = 5;

impl Table<'_> {
    /// Settles the rows that wait, once those below them can tell no more.
    pub(super) fn settle_if_enough(&mut self) {
        let enough = if self.is_head { HEAD_ROWS } else { LOOKAHEAD };
        if self.waiting.len() < enough {
            return;
        }
        if let (true, HeaderRow::At(header)) = (self.is_head, self.wanted.header_row) {
            let below = self.waiting.iter().filter(|row| row.number > header).count();
            if below == 0 {
                // It is further down, and what is far above it tells nothing of it.
                let far = self.waiting.len() / 2;
                self.waiting.drain(..far);
                *self.counts.left_out.entry(LeftOut::AboveTable).or_default() += far as u64;
            }
            if below < LOOKAHEAD {
                return;
            }
        }
        self.settle(false);
    }

    /// Finds the headers among the rows that wait, and takes the rows. Unless the sheet ends here, rows that the
    /// next ones may tell more about wait on.
    pub(super) fn settle(&mut self, is_end: bool) {
        let mut rows = std::mem::take(&mut self.waiting);
        let is_first = std::mem::take(&mut self.is_head);
        let mut headers = Vec::new();
        if is_first || self.wanted.header_row == HeaderRow::Auto {
            let finder = Finder {
                wanted: &self.wanted,
                settings: self.settings,
                dates: self.dates,
                with_periods: self.options.unpivot == Unpivot::Auto,
                sheet: &self.sheet.name,
            };
            match finder.headers(&rows) {
                Ok(found) if found.is_empty() && is_first => self.none_at_head = Some(finder.reason(&rows)),
                Ok(found) => headers = found,
                Err(error) => self.failure = Some(error),
            }
            if self.failure.is_some() {
                return;
            }
        }
        let mut undecided = rows.len();
        if !is_end && (!is_first || headers.is_empty()) {
            // A header needs a row of data below it, and a title its header.
            if let Some(last) = headers.last()
                && !rows.iter().skip(last.rows.end).any(|row| last.layouts.iter().any(|it| it.is_data(row)))
                && last.rows.start > 0
            {
                undecided = last.rows.start;
                headers.pop();
            }
            let titles =
                rows.iter().take(undecided).rev().take(TITLE_ROWS).take_while(|it| may_begin_table(it));
            let titles = titles.count();
            if headers.last().is_none_or(|last| last.rows.end + titles <= undecided) && titles < undecided {
                undecided -= titles;
            }
        }
        self.waiting = rows.split_off(undecided);
        let mut rows = rows.into_iter();
        let mut at = 0;
        for header in headers {
            let above: Vec<StoredRow> = rows.by_ref().take(header.rows.start - at).collect();
            let titles = above.iter().rev().take(TITLE_ROWS).take_while(|row| self.is_title(row)).count();
            for (index, row) in above.iter().enumerate() {
                if self.layouts.is_empty() || index + titles >= above.len() {
                    self.leave_out(LeftOut::AboveTable);
                } else {
                    self.take(row);
                }
            }
            let header_rows: Vec<StoredRow> = rows.by_ref().take(header.rows.len()).collect();
            at = header.rows.end;
            self.begin(header.layouts, header_rows);
        }
        for row in rows {
            self.take(&row);
        }
    }

    /// Whether a row below one table is a title of the next one.
    fn is_title(&self, row: &StoredRow) -> bool {
        let tables = self.layouts.get(self.current..).unwrap_or_default();
        row.cells.iter().all(|cell| matches!(cell.value, StoredValue::Text(_)))
            && tables.iter().all(|table| {
                let has = |field| table.column(field).is_some_and(|column| row.cell(column).is_some());
                !has(Field::MetricValue) && !has(Field::AsOfDate)
            })
            && tables.iter().all(|table| {
                leave_out::reason(&self.sheet.name, table, row)
                    .is_none_or(|(it, _)| it == LeftOut::OutsideColumns)
            })
    }

    /// Begins the tables of a header.
    fn begin(&mut self, layouts: Vec<Layout>, rows: Vec<StoredRow>) {
        let current = self.layouts.get(self.current..).unwrap_or_default();
        let is_repeated = !current.is_empty()
            && current.len() == layouts.len()
            && current.iter().zip(&layouts).all(|(one, other)| one.is_same_as(other));
        if is_repeated {
            for (left, row) in (0..rows.len()).rev().zip(&rows) {
                self.leave_out(if left == 0 { LeftOut::RepeatedHeader } else { LeftOut::Header });
                if left == 0 {
                    let message = repeated_header(&self.sheet.name, row.number);
                    self.report(&REPEATED_HEADER, row.number, message);
                }
            }
            return;
        }
        for _ in &rows {
            self.leave_out(LeftOut::Header);
        }
        self.header_fields = rows.iter().filter_map(|row| row.record).map(|record| record.fields).max();
        self.current = self.layouts.len();
        if self.wanted.template.is_none() {
            self.wanted.template = layouts.first().map(|layout| layout.template.clone());
        }
        if layouts.len() > 1 || layouts.iter().any(|layout| !layout.periods.is_empty()) {
            self.number_anew();
        }
        let columns = |layout: &Layout| {
            let fields = layout.template.columns.iter().map(|column| column.field);
            fields.map(|field| (field, layout.column(field))).collect()
        };
        self.columns.extend(layouts.iter().map(columns));
        self.layouts.extend(layouts);
        if let (Some(sweep), Some(first)) = (&mut self.sweep, self.layouts.first()) {
            let fields = output_fields(&first.template, &self.layouts, self.options.as_of.is_some());
            sweep.begin(&first.template, fields);
        }
        self.place_fields();
        if self.options.provenance == Provenance::Kept {
            self.header_rows.extend(rows);
        }
    }

    /// From now on rows have numbers of their own, because a row of the sheet may become several.
    fn number_anew(&mut self) {
        if self.origins.is_some() {
            return;
        }
        // Rows that are written already have no other number.
        if let Some(sweep) = self.sweep.as_mut().filter(|sweep| sweep.has_begun()) {
            sweep.refuse();
        }
        let mut origins = Origins::new(self.sweep.is_none());
        let mut numbers = HashMap::new();
        for row in &mut self.rows {
            let table = table_of(&self.layouts, row.number);
            let number = origins.push(Origin { row: row.number, table, value: None });
            numbers.insert(row.number, number);
            row.number = number;
        }
        for finding in &mut self.findings {
            finding.place = moved(finding.place, &numbers);
        }
        self.origins = Some(origins);
    }
}
