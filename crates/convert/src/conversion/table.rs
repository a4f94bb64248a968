//! The rows of one sheet on their way: headers settle the layout, each row becomes texts or is left out with a
//! reason, and `core` judges them all.
//!
//! Rows that may be headers, or titles above one, wait until the rows below them tell; all others go straight on.

use std::collections::HashMap;
use std::ops::{ControlFlow, RangeInclusive};

use metricsheet_core::rules::workbook::{MERGED_CELL, REPEATED_HEADER};
use metricsheet_core::text::quoted;
use metricsheet_core::{
    Cell, CellKind, ColumnIndex, Field, Finding, Place, Presence, Row, RowNumber, Settings, Template,
    Validator,
};

use super::merging::Filler;
use super::outcome::{Origin, Written};
use super::provenance::{Provenance, Source};
use super::{
    Counts, Hidden, LeftOut, Merged, Options, SheetConversion, Unpivot, judge, leave_out, records,
    surroundings, texts,
};
use crate::cell::{StoredCell, StoredRow, StoredValue};
use crate::layout::{Finder, HEAD_ROWS, HeaderRow, Layout, LayoutError, Wanted, may_begin_table};
use crate::number_format::DateSystem;
use crate::reading::{Sheet, SheetFacts};

/// The texts of a table are kept until its last row is judged, so their size is bounded: a text of 32 KiB that
/// a million cells share takes no room in the workbook.
pub(super) const MAX_TEXT_BYTES: usize = 192 << 20;

/// How many rows are looked at from one on that may begin another table.
const LOOKAHEAD: usize = 50;

/// How many rows directly above a header may be its title and those of its labels.
const TITLE_ROWS: usize = 5;

/// A row of the table, as `core` will see it.
pub(super) struct DataRow {
    pub(super) number: RowNumber,
    pub(super) cells: Vec<(String, CellKind)>,
    /// Where each cell comes from; empty unless somebody asked for it.
    pub(super) sources: Vec<Option<Source>>,
}

/// Takes the rows of a sheet.
pub(super) struct Table<'o> {
    sheet: &'o Sheet,
    options: &'o Options,
    settings: &'o Settings,
    dates: DateSystem,
    wanted: Wanted,
    /// Rows that wait for those below them.
    waiting: Vec<StoredRow>,
    /// The tables found so far, top to bottom; those from `current` on take the rows.
    layouts: Vec<Layout>,
    current: usize,
    failure: Option<LayoutError>,
    rows: Vec<DataRow>,
    findings: Vec<Finding>,
    counts: Counts,
    text_bytes: usize,
    hidden_columns: Vec<RangeInclusive<ColumnIndex>>,
    hidden_rows: Vec<RowNumber>,
    /// The rows of the sheet that hold data.
    source_rows: Vec<RowNumber>,
    /// Where rows come from, by number from 1, once rows of the sheet are no longer rows of the output.
    origins: Option<Vec<Origin>>,
    filler: Filler,
    is_text: bool,
    /// Of delimited text: how many fields the current header has.
    header_fields: Option<u32>,
    /// Header cells, to which periods are led back; kept if somebody asked for it.
    header_rows: Vec<StoredRow>,
}

impl<'o> Table<'o> {
    pub(super) fn new(
        sheet: &'o Sheet,
        options: &'o Options,
        settings: &'o Settings,
        dates: DateSystem,
    ) -> Self {
        Self {
            sheet,
            options,
            settings,
            dates,
            wanted: options.wanted.clone(),
            waiting: Vec::new(),
            layouts: Vec::new(),
            current: 0,
            failure: None,
            rows: Vec::new(),
            findings: Vec::new(),
            counts: Counts::default(),
            text_bytes: 0,
            hidden_columns: Vec::new(),
            hidden_rows: Vec::new(),
            source_rows: Vec::new(),
            origins: None,
            filler: Filler::default(),
            is_text: false,
            header_fields: None,
            header_rows: Vec::new(),
        }
    }

    /// Makes ready to leave out hidden columns and to fill merged cells, as far as the options ask for it.
    pub(super) fn prepare(&mut self, facts: &SheetFacts) {
        if self.options.hidden == Hidden::Skipped {
            self.hidden_columns.clone_from(&facts.hidden_columns);
        }
        if self.options.merged == Merged::Filled {
            self.filler = Filler::new(facts.merged.clone());
        }
    }

    pub(super) fn read(&mut self, mut row: StoredRow) -> ControlFlow<()> {
        self.counts.read += 1;
        self.is_text |= row.record.is_some();
        if let Some(range) = &self.options.range {
            row.cells.retain(|cell| range.contains(row.number, cell.column));
            if row.cells.is_empty() {
                self.leave_out(LeftOut::OutsideRange);
                return ControlFlow::Continue(());
            }
        }
        // One area can ask for all cells of the grid, so those that are filled count as if they were kept.
        self.text_bytes += self.filler.fill(&mut row) * size_of::<StoredCell>();
        row.cells.retain(|cell| !self.hidden_columns.iter().any(|columns| columns.contains(&cell.column)));
        if row.hidden && self.options.hidden == Hidden::Skipped {
            self.leave_out(LeftOut::Hidden);
            return ControlFlow::Continue(());
        }
        if !self.layouts.is_empty() && self.waiting.is_empty() && !self.may_begin_table(&row) {
            self.take(&row);
        } else {
            self.waiting.push(row);
            let enough = if self.layouts.is_empty() { HEAD_ROWS } else { LOOKAHEAD };
            if self.waiting.len() >= enough {
                self.settle(false);
            }
        }
        if self.failure.is_some() || self.is_too_large() {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    /// Whether the table holds more text than a conversion keeps.
    pub(super) const fn is_too_large(&self) -> bool {
        self.text_bytes > MAX_TEXT_BYTES
    }

    /// A header that the caller points at is the only one.
    fn may_begin_table(&self, row: &StoredRow) -> bool {
        self.wanted.header_row == HeaderRow::Auto && may_begin_table(row)
    }

    fn leave_out(&mut self, reason: LeftOut) {
        *self.counts.left_out.entry(reason).or_default() += 1;
    }

    /// Finds the headers among the rows that wait, and takes the rows. Unless the sheet ends here, rows that the
    /// next ones may tell more about wait on.
    fn settle(&mut self, is_end: bool) {
        let mut rows = std::mem::take(&mut self.waiting);
        let is_first = self.layouts.is_empty();
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
                Ok(found) if found.is_empty() && is_first => self.failure = Some(finder.reason(&rows)),
                Ok(found) => headers = found,
                Err(error) => self.failure = Some(error),
            }
            if self.failure.is_some() {
                return;
            }
        }
        let mut undecided = rows.len();
        if !is_end && !is_first {
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
        self.layouts.extend(layouts);
        if self.options.provenance == Provenance::Kept {
            self.header_rows.extend(rows);
        }
    }

    /// From now on rows have numbers of their own, because a row of the sheet may become several.
    fn number_anew(&mut self) {
        if self.origins.is_some() {
            return;
        }
        let mut origins = Vec::with_capacity(self.rows.len());
        for row in &mut self.rows {
            let table = table_of(&self.layouts, row.number);
            origins.push(Origin { row: row.number, table, value: None });
            row.number = nth(origins.len());
        }
        let numbers: HashMap<RowNumber, RowNumber> =
            origins.iter().enumerate().map(|(at, origin)| (origin.row, nth(at + 1))).collect();
        for finding in &mut self.findings {
            finding.place = match finding.place {
                Place::Row(row) => numbers.get(&row).map_or(Place::File, |row| Place::Row(*row)),
                Place::Cell(row, field) => {
                    numbers.get(&row).map_or(Place::File, |row| Place::Cell(*row, field))
                }
                Place::File => Place::File,
            };
        }
        self.origins = Some(origins);
    }

    /// The number of the next row of the output.
    fn number(&mut self, row: RowNumber, table: usize, value: Option<ColumnIndex>) -> RowNumber {
        match &mut self.origins {
            None => row,
            Some(origins) => {
                origins.push(Origin { row, table, value });
                nth(origins.len())
            }
        }
    }

    /// Reports what concerns a row that is left out.
    fn report(&mut self, rule: &'static metricsheet_core::Rule, row: RowNumber, message: String) {
        let number = self.number(row, self.current, None);
        self.findings.push(Finding::new(rule, Place::Row(number), message));
    }

    fn take(&mut self, row: &StoredRow) {
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
            self.take_row(layout, table, row);
        } else {
            self.take_periods(layout, table, row);
        }
    }

    fn take_row(&mut self, layout: &Layout, table: usize, row: &StoredRow) {
        let number = self.number(row.number, table, None);
        self.findings.extend(records::doubts(number, row, self.header_fields));
        let mut cells = Vec::with_capacity(layout.template.columns.len());
        let mut sources = Vec::new();
        for field in layout.template.columns.iter().map(|column| column.field) {
            let column = layout.column(field);
            let cell = column.and_then(|column| row.cell(column));
            let is_given = field == Field::AsOfDate && self.options.as_of.is_some();
            let text = match (&self.options.as_of, cell) {
                (Some(date), _) if is_given => (date.clone(), CellKind::Text),
                // A column that the sheet lacks; where it has one, a row does not end before it.
                (_, None) if column.is_none() => (String::new(), CellKind::Missing),
                (_, None) => (String::new(), CellKind::Text),
                (_, Some(cell)) => self.text(number, row, field, cell),
            };
            self.text_bytes += text.0.len();
            cells.push(text);
            if self.options.provenance == Provenance::Kept {
                let column = column.filter(|_| !is_given);
                sources.push(column.map(|column| self.source(row.number, column, cell)));
            }
        }
        self.rows.push(DataRow { number, cells, sources });
    }

    /// Takes a row with periods across: a record for each period that has a value.
    fn take_periods(&mut self, layout: &Layout, table: usize, row: &StoredRow) {
        let form = self.settings.written_date_form();
        // The row counts as many times as it has periods.
        self.counts.read += layout.periods.len() as u64 - 1;
        let id_column = layout.column(Field::ExternalId);
        for period in &layout.periods {
            let Some(cell) = row.cell(period.column) else {
                self.leave_out(LeftOut::EmptyPeriod);
                continue;
            };
            let number = self.number(row.number, table, Some(period.column));
            self.findings.extend(records::doubts(number, row, self.header_fields));
            let id = id_column.and_then(|column| row.cell(column));
            let id_text = id.map_or((String::new(), CellKind::Text), |cell| {
                self.text(number, row, Field::ExternalId, cell)
            });
            let value = self.text(number, row, Field::MetricValue, cell);
            let date = (texts::written(period.day, form), CellKind::Date);
            self.text_bytes += id_text.0.len() + value.0.len() + date.0.len();
            let comment = (String::new(), CellKind::Missing);
            let mut sources = Vec::new();
            if self.options.provenance == Provenance::Kept {
                let (named_row, named_column) = period.named_in;
                let name = self.header_rows.iter().find(|it| it.number == named_row);
                let name = name.and_then(|row| row.cell(named_column)).cloned();
                sources = vec![
                    id_column.map(|column| self.source(row.number, column, id)),
                    Some(self.source(row.number, period.column, Some(cell))),
                    Some(Source { row: named_row, column: named_column, cell: name }),
                    None,
                ];
            }
            self.rows.push(DataRow { number, cells: vec![id_text, value, date, comment], sources });
        }
    }

    fn text(
        &mut self,
        number: RowNumber,
        row: &StoredRow,
        field: Field,
        cell: &StoredCell,
    ) -> (String, CellKind) {
        // Of text nothing is doubtful but what it says.
        if row.record.is_none() {
            self.findings.extend(texts::findings(&self.sheet.name, number, row.number, field, cell));
        }
        texts::text(field, cell, self.dates, self.settings.written_date_form())
    }

    /// The stored cell behind a cell that counts: the first one of a merged area that was filled.
    fn source(&self, row: RowNumber, column: ColumnIndex, cell: Option<&StoredCell>) -> Source {
        let (row, column) = self.filler.origin(row, column);
        Source { row, column, cell: cell.map(|cell| StoredCell { column, ..cell.clone() }) }
    }

    /// The result; `None` for a sheet without any cell.
    pub(super) fn finish(mut self, facts: &SheetFacts) -> Option<Result<SheetConversion, LayoutError>> {
        if self.counts.read == 0 {
            return None;
        }
        if self.failure.is_none() {
            self.settle(true);
        }
        if let Some(error) = self.failure {
            return Some(Err(error));
        }
        Some(Ok(self.judged(facts)))
    }

    fn judged(mut self, facts: &SheetFacts) -> SheetConversion {
        // A file may store its rows in any order.
        self.rows.sort_by_key(|row| row.number);
        self.hidden_rows.sort_unstable();
        self.source_rows.sort_unstable();
        self.source_rows.dedup();
        let mut findings = std::mem::take(&mut self.findings);
        findings.extend(self.surroundings(facts));
        let template = self.layouts.first().map_or_else(Template::metric_updates, |it| it.template.clone());
        let mut validator = Validator::new(&template, self.settings);
        let mut cells = Vec::new();
        for row in &self.rows {
            cells.clear();
            cells.extend(row.cells.iter().map(|(text, kind)| Cell { text, kind: *kind }));
            validator.read(&Row { number: row.number, cells: &cells });
        }
        let updated = validator.updated().clone();
        findings.extend(validator.finish());
        let mut findings = self.options.selection.apply(findings);
        let origins = self.origins.unwrap_or_default();
        let column = |row: RowNumber, field: Field| {
            let table = Origin::of(&origins, row).map_or_else(|| table_of(&self.layouts, row), |it| it.table);
            self.layouts.get(table).and_then(|layout| layout.column(field))
        };
        // Stable: of one place, ours come before those of `core`, each in the order of codes.
        findings.sort_by_key(|finding| {
            let row = finding.place.row();
            (row, row.zip(finding.place.field()).and_then(|(row, field)| column(row, field)))
        });
        let fields = output_fields(&template, &self.layouts, self.options.as_of.is_some());
        let verdicts = judge::judge(&template, self.rows, &findings, self.options.fixes);
        let mut counts = self.counts;
        counts.written = verdicts.rows.len() as u64;
        counts.rejected = verdicts.rejected;
        for (reason, count) in verdicts.left_out {
            *counts.left_out.entry(reason).or_default() += count;
        }
        let positions: Vec<usize> = fields.iter().filter_map(|field| template.position(*field)).collect();
        let written = verdicts
            .sources
            .into_iter()
            .map(|(number, sources)| Written { number, sources: pick(&positions, sources) });
        SheetConversion {
            sheet: self.sheet.name.clone(),
            tables: self.layouts,
            fields,
            written: written.collect(),
            rows: verdicts.rows.into_iter().map(|row| pick(&positions, row)).collect(),
            rejects: verdicts.rejects,
            findings,
            counts,
            is_text: self.is_text,
            updated,
            dates: self.dates,
            mended: verdicts.mended,
            origins,
        }
    }

    /// What is doubtful about where cells stand, numbered as the rows of the output are.
    fn surroundings(&self, facts: &SheetFacts) -> Vec<Finding> {
        let Sheet { name, visibility } = self.sheet;
        let mut findings = surroundings::findings(
            name,
            *visibility,
            &self.layouts,
            facts,
            &self.source_rows,
            &self.hidden_rows,
        );
        // A merged cell that was filled is in no doubt.
        let filled = self.options.merged == Merged::Filled;
        findings.retain(|it| !(filled && it.rule.code == MERGED_CELL.code));
        if let Some(origins) = &self.origins {
            let first: HashMap<RowNumber, RowNumber> =
                origins.iter().enumerate().rev().map(|(at, origin)| (origin.row, nth(at + 1))).collect();
            for finding in &mut findings {
                finding.place = match finding.place {
                    Place::File => Place::File,
                    Place::Row(row) => first.get(&row).map_or(Place::File, |row| Place::Row(*row)),
                    Place::Cell(row, field) => {
                        first.get(&row).map_or(Place::File, |row| Place::Cell(*row, field))
                    }
                };
            }
        }
        findings
    }
}

/// The texts, or what else there is one of for each column of the template, of the output's fields.
fn pick<T>(positions: &[usize], all: Vec<T>) -> Vec<T> {
    let all = all.into_iter().enumerate();
    all.filter(|(at, _)| positions.contains(at)).map(|(_, one)| one).collect()
}

/// The number of the row at a 1-based place of its own.
fn nth(place: usize) -> RowNumber {
    RowNumber::new(u32::try_from(place).unwrap_or(u32::MAX))
}

/// The table that a row of the sheet stands in, where tables stand one below the other.
pub(super) fn table_of(layouts: &[Layout], row: RowNumber) -> usize {
    let below = |layout: &Layout| layout.header.is_none_or(|header| header <= row);
    layouts.iter().rposition(below).unwrap_or_default()
}

/// What is said of a header that stands on the sheet again.
pub(super) fn repeated_header(sheet: &str, row: RowNumber) -> String {
    format!("the header stands again in row {row} of sheet {}; it is left out", quoted(sheet))
}

/// The template's columns, without the optional ones that the sheet lacks.
fn output_fields(template: &Template, layouts: &[Layout], date_given: bool) -> Vec<Field> {
    let present = |field: Field| {
        layouts.iter().any(|layout| layout.column(field).is_some())
            || (field == Field::AsOfDate && date_given)
    };
    let columns = template.columns.iter();
    columns
        .filter(|column| column.presence != Presence::Optional || present(column.field))
        .map(|column| column.field)
        .collect()
}
