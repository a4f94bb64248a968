//! The rows of one sheet on their way: headers settle the layout, each row becomes texts or is left out with a
//! reason, and `core` judges them all.
//!
//! Rows that may be headers, or titles above one, wait until the rows below them tell; all others go straight on.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::ops::{ControlFlow, RangeInclusive};

use metricsheet_core::rules::workbook::{MERGED_CELL, NUMBER_AS_TEXT, REPEATED_HEADER};
use metricsheet_core::text::quoted;
use metricsheet_core::{
    Cell, CellKind, ColumnIndex, Field, Finding, Place, Presence, Row, RowNumber, Settings, Severity,
    Suspects, Template, Validator,
};

use super::merging::Filler;
use super::origins::{Origin, Origins};
use super::outcome::Written;
use super::provenance::{Provenance, Source};
use super::row_texts::RowTexts;
use super::sweep::{Sweep, Swept};
use super::{
    Counts, Hidden, LeftOut, Merged, Options, SheetConversion, Unpivot, judge, leave_out, records,
    surroundings, texts,
};
use crate::cell::{StoredCell, StoredRow, StoredValue};
use crate::layout::{Finder, HEAD_ROWS, HeaderRow, Layout, LayoutError, Wanted, may_begin_table};
use crate::number_format::DateSystem;
use crate::output::{Rows, Spooled};
use crate::reading::{Sheet, SheetFacts};

/// The texts of a table may be kept until its last row is judged, so their size is bounded: a text of 32 KiB that
/// a million cells share takes no room in the workbook.
pub(super) const MAX_TEXT_BYTES: usize = 192 << 20;

/// How many rows are looked at from one on that may begin another table.
const LOOKAHEAD: usize = 50;

/// How many rows directly above a header may be its title and those of its labels.
const TITLE_ROWS: usize = 5;

/// A row of the table that is judged at the end, as `core` will see it.
pub(super) struct DataRow {
    pub(super) number: RowNumber,
    /// Before which of the bytes that are written already it belongs.
    pub(super) before: u64,
    pub(super) cells: Vec<(String, CellKind)>,
    /// Where each cell comes from; empty unless somebody asked for it.
    pub(super) sources: Vec<Option<Source>>,
}

/// What a table comes to.
pub(super) enum Finished {
    /// Its rows are judged.
    Sheet(Box<SheetConversion>),
    /// It has to be read again, because of rows that other rows have something to do with.
    Again(Suspects),
    /// It has to be read the long way.
    LongWay,
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
    /// Whether these are the first rows of the sheet.
    is_head: bool,
    /// Why there is no table among the first rows.
    none_at_head: Option<LayoutError>,
    /// The tables found so far, top to bottom; those from `current` on take the rows.
    layouts: Vec<Layout>,
    current: usize,
    failure: Option<LayoutError>,
    /// Writes the rows that need no more than that; `None` on the long way.
    sweep: Option<Sweep<'o>>,
    /// The rows that wait to be judged.
    rows: Vec<DataRow>,
    /// The texts of the current row.
    texts: RowTexts,
    findings: Vec<Finding>,
    counts: Counts,
    text_bytes: usize,
    hidden_columns: Vec<RangeInclusive<ColumnIndex>>,
    hidden_rows: Vec<RowNumber>,
    /// The rows of the sheet that hold data.
    source_rows: Vec<RowNumber>,
    /// Where rows come from, once rows of the sheet are no longer rows of the output.
    origins: Option<Origins>,
    filler: Filler,
    is_text: bool,
    /// Whether numbers are stored as such, so that a number in a text is worth a remark.
    pub(super) has_typed_cells: bool,
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
        sweep: Option<Sweep<'o>>,
    ) -> Self {
        Self {
            sheet,
            options,
            settings,
            dates,
            wanted: options.wanted.clone(),
            waiting: Vec::new(),
            is_head: true,
            none_at_head: None,
            layouts: Vec::new(),
            current: 0,
            failure: None,
            sweep,
            rows: Vec::new(),
            texts: RowTexts::default(),
            findings: Vec::new(),
            counts: Counts::default(),
            text_bytes: 0,
            hidden_columns: Vec::new(),
            hidden_rows: Vec::new(),
            source_rows: Vec::new(),
            origins: None,
            filler: Filler::default(),
            is_text: false,
            has_typed_cells: true,
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

    pub(super) fn read(&mut self, row: &mut StoredRow) -> ControlFlow<()> {
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
        self.text_bytes += self.filler.fill(row) * size_of::<StoredCell>();
        if !self.hidden_columns.is_empty() {
            row.cells
                .retain(|cell| !self.hidden_columns.iter().any(|columns| columns.contains(&cell.column)));
        }
        if row.hidden && self.options.hidden == Hidden::Skipped {
            self.leave_out(LeftOut::Hidden);
            return ControlFlow::Continue(());
        }
        if !self.is_head && self.waiting.is_empty() && !self.may_begin_table(row) {
            self.take(row);
        } else {
            self.waiting.push(row.clone());
            self.settle_if_enough();
        }
        let is_swept_in_vain = self.sweep.as_ref().is_some_and(|it| it.is_refused() || it.has_failed());
        if self.failure.is_some() || self.is_too_large() || is_swept_in_vain {
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

    /// Settles the rows that wait, once those below them can tell no more.
    fn settle_if_enough(&mut self) {
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
    fn settle(&mut self, is_end: bool) {
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
        self.layouts.extend(layouts);
        if let (Some(sweep), Some(first)) = (&mut self.sweep, self.layouts.first()) {
            let fields = output_fields(&first.template, &self.layouts, self.options.as_of.is_some());
            sweep.begin(&first.template, fields);
        }
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

    /// The number of the next row of the output.
    fn number(&mut self, origin: Origin) -> RowNumber {
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
    fn report(&mut self, rule: &'static metricsheet_core::Rule, row: RowNumber, message: String) {
        let origin = Origin { row, table: self.current, value: None };
        let number = self.number(origin);
        self.remember(number, origin);
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
        let origin = Origin { row: row.number, table, value: None };
        let number = self.number(origin);
        let found = self.findings.len();
        self.findings.extend(records::doubts(number, row, self.header_fields));
        let mut sources = Vec::new();
        self.texts.clear();
        for field in layout.template.columns.iter().map(|column| column.field) {
            let column = layout.column(field);
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
                sources.push(column.map(|column| self.source(row.number, column, cell)));
            }
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
                texts::push_day(period.day, form, text);
                CellKind::Date
            });
            self.texts.push(|_| CellKind::Missing);
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
            self.keep(number, origin, self.findings.len() > found, sources);
        }
    }

    /// Writes the row whose texts were gathered, or keeps it to be judged with the others.
    fn keep(&mut self, number: RowNumber, origin: Origin, is_doubtful: bool, sources: Vec<Option<Source>>) {
        self.text_bytes += self.texts.length();
        if let Some(sweep) = &mut self.sweep
            && sweep.take(number, &self.texts, is_doubtful)
        {
            return;
        }
        self.remember(number, origin);
        let before = self.sweep.as_ref().map_or(0, Sweep::position);
        self.rows.push(DataRow { number, before, cells: self.texts.to_owned(), sources });
    }

    fn push_text(&mut self, number: RowNumber, row: &StoredRow, field: Field, cell: &StoredCell) {
        // Of text nothing is doubtful but what it says.
        if row.record.is_none() {
            let findings = texts::findings(&self.sheet.name, number, row.number, field, cell);
            let is_moot = |it: &Finding| it.rule.code == NUMBER_AS_TEXT.code && !self.has_typed_cells;
            self.findings.extend(findings.into_iter().filter(|it| !is_moot(it)));
        }
        let (dates, form) = (self.dates, self.settings.written_date_form());
        self.texts.push(|text| texts::push(field, cell, dates, form, text));
    }

    /// The stored cell behind a cell that counts: the first one of a merged area that was filled.
    fn source(&self, row: RowNumber, column: ColumnIndex, cell: Option<&StoredCell>) -> Source {
        let (row, column) = self.filler.origin(row, column);
        Source { row, column, cell: cell.map(|cell| StoredCell { column, ..cell.clone() }) }
    }

    /// The result; `None` for a sheet without any cell.
    ///
    /// # Errors
    /// What was refused by the file that keeps the rows.
    pub(super) fn finish(
        mut self,
        facts: &SheetFacts,
    ) -> std::io::Result<Option<Result<Finished, LayoutError>>> {
        if self.counts.read == 0 {
            return Ok(None);
        }
        if self.failure.is_none() {
            self.settle(true);
        }
        if self.layouts.is_empty() && self.failure.is_none() {
            self.failure = self.none_at_head.take();
        }
        if let Some(error) = self.failure {
            return Ok(Some(Err(error)));
        }
        if self.sweep.as_ref().is_some_and(Sweep::is_refused) {
            return Ok(Some(Ok(Finished::LongWay)));
        }
        let known = self.sweep.as_ref().and_then(Sweep::suspects);
        let swept = self.sweep.take().map(Sweep::finish).transpose()?;
        Ok(Some(Ok(self.judged(facts, swept, known))))
    }

    fn judged(mut self, facts: &SheetFacts, swept: Option<Swept>, known: Option<&Suspects>) -> Finished {
        // A file may store its rows in any order.
        self.rows.sort_by_key(|row| row.number);
        self.hidden_rows.sort_unstable();
        self.source_rows.sort_unstable();
        self.source_rows.dedup();
        let mut findings = std::mem::take(&mut self.findings);
        let surroundings = self.surroundings(facts);
        // What was written cannot be rejected any more.
        if swept.is_some() && self.options.selection.apply(surroundings.clone()).iter().any(is_error_of_row) {
            return Finished::LongWay;
        }
        findings.extend(surroundings);
        let template = self.layouts.first().map_or_else(Template::metric_updates, |it| it.template.clone());
        let mut validator = Validator::new(&template, self.settings);
        let mut cells = Vec::new();
        for row in &self.rows {
            cells.clear();
            cells.extend(row.cells.iter().map(|(text, kind)| Cell { text, kind: *kind }));
            validator.read(&Row { number: row.number, cells: &cells });
        }
        let mut updated = validator.updated().clone();
        let (lines, beside) = match swept {
            None => ((Spooled::default(), 0), None),
            Some(swept) => {
                updated.add_all(&swept.updated);
                let suspects = match known {
                    Some(known) => known.clone(),
                    None => validator.suspects(&swept.footprints, threads(swept.lines.1)),
                };
                if known.is_none() && !suspects.is_empty() {
                    return Finished::Again(suspects);
                }
                (swept.lines, Some(suspects))
            }
        };
        findings.extend(match &beside {
            None => validator.finish(),
            Some(suspects) => validator.finish_beside(suspects),
        });
        let mut findings = self.options.selection.apply(findings);
        let origins = self.origins.unwrap_or_default();
        let column = |row: RowNumber, field: Field| {
            let table = origins.of(row).map_or_else(|| table_of(&self.layouts, row), |it| it.table);
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
        counts.rejected = verdicts.rejected;
        for (reason, count) in verdicts.left_out {
            *counts.left_out.entry(reason).or_default() += count;
        }
        let positions: Vec<usize> = fields.iter().filter_map(|field| template.position(*field)).collect();
        let written = verdicts
            .sources
            .into_iter()
            .map(|(number, sources)| Written { number, sources: pick(&positions, sources) });
        let between = verdicts.rows.into_iter().map(|(before, row)| (before, pick(&positions, row)));
        let rows = Rows::new(fields, lines, between.collect());
        counts.written = rows.len();
        Finished::Sheet(Box::new(SheetConversion {
            sheet: self.sheet.name.clone(),
            tables: self.layouts,
            written: written.collect(),
            rows,
            rejects: verdicts.rejects,
            findings,
            counts,
            is_text: self.is_text,
            updated,
            dates: self.dates,
            mended: verdicts.mended,
            origins,
        }))
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
            let first = origins.first_of_rows();
            for finding in &mut findings {
                finding.place = moved(finding.place, &first);
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

/// A place under the rows' other numbers.
fn moved(place: Place, numbers: &HashMap<RowNumber, RowNumber>) -> Place {
    match place {
        Place::File => Place::File,
        Place::Row(row) => numbers.get(&row).map_or(Place::File, |row| Place::Row(*row)),
        Place::Cell(row, field) => numbers.get(&row).map_or(Place::File, |row| Place::Cell(*row, field)),
    }
}

fn is_error_of_row(finding: &Finding) -> bool {
    finding.severity == Severity::Error && finding.place.row().is_some()
}

/// Fewer rows are compared before another thread has begun.
const WORTH_A_THREAD: u64 = 50_000;

fn threads(rows: u64) -> NonZeroUsize {
    if rows < WORTH_A_THREAD {
        return NonZeroUsize::MIN;
    }
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
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
