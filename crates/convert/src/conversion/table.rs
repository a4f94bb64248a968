//! The rows of one sheet on their way: the layout is settled by the first of them, each becomes texts or is left
//! out with a reason, and `core` judges them all.

use std::ops::{ControlFlow, RangeInclusive};

use metricsheet_core::rules::workbook::MERGED_CELL;
use metricsheet_core::{
    Cell, CellKind, ColumnIndex, Field, Finding, Place, Presence, Row, RowNumber, Settings, Validator,
};

use super::merging::Filler;
use super::{
    Counts, Hidden, LeftOut, Merged, Options, SheetConversion, Unpivot, judge, leave_out, surroundings, texts,
};
use crate::cell::{StoredCell, StoredRow};
use crate::layout::{self, HEAD_ROWS, Layout, LayoutError};
use crate::number_format::DateSystem;
use crate::reading::{Sheet, SheetFacts};

/// The texts of a table are kept until its last row is judged, so their size is bounded: a text of 32 KiB that
/// a million cells share takes no room in the workbook.
pub(super) const MAX_TEXT_BYTES: usize = 512 << 20;

/// A row of the table, as `core` will see it.
pub(super) struct DataRow {
    pub(super) number: RowNumber,
    pub(super) cells: Vec<(String, CellKind)>,
}

/// Takes the rows of a sheet: the first ones are kept until they tell the layout, the others go straight on.
pub(super) struct Table<'o> {
    sheet: &'o Sheet,
    options: &'o Options,
    settings: &'o Settings,
    dates: DateSystem,
    head: Vec<StoredRow>,
    layout: Option<Result<Layout, LayoutError>>,
    rows: Vec<DataRow>,
    findings: Vec<Finding>,
    counts: Counts,
    text_bytes: usize,
    hidden_columns: Vec<RangeInclusive<ColumnIndex>>,
    hidden_rows: Vec<RowNumber>,
    /// The rows of the sheet that hold data.
    source_rows: Vec<RowNumber>,
    origins: Vec<(RowNumber, ColumnIndex)>,
    filler: Filler,
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
            head: Vec::new(),
            layout: None,
            rows: Vec::new(),
            findings: Vec::new(),
            counts: Counts::default(),
            text_bytes: 0,
            hidden_columns: Vec::new(),
            hidden_rows: Vec::new(),
            source_rows: Vec::new(),
            origins: Vec::new(),
            filler: Filler::default(),
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
        if let Some(range) = &self.options.range {
            row.cells.retain(|cell| range.contains(row.number, cell.column));
            if row.cells.is_empty() {
                *self.counts.left_out.entry(LeftOut::OutsideRange).or_default() += 1;
                return ControlFlow::Continue(());
            }
        }
        self.filler.fill(&mut row);
        row.cells.retain(|cell| !self.hidden_columns.iter().any(|columns| columns.contains(&cell.column)));
        if row.hidden && self.options.hidden == Hidden::Skipped {
            *self.counts.left_out.entry(LeftOut::Hidden).or_default() += 1;
            return ControlFlow::Continue(());
        }
        if self.layout.is_none() {
            self.head.push(row);
            if self.head.len() == HEAD_ROWS {
                self.settle_layout();
            }
        } else {
            self.take(&row);
        }
        match self.layout {
            Some(Err(_)) => ControlFlow::Break(()),
            Some(Ok(_)) | None if self.is_too_large() => ControlFlow::Break(()),
            Some(Ok(_)) | None => ControlFlow::Continue(()),
        }
    }

    fn settle_layout(&mut self) {
        let found = layout::find(&self.head, &self.options.wanted);
        self.layout = Some(found.or_else(|error| {
            let periods = match self.options.unpivot {
                Unpivot::Auto => {
                    layout::find_periods(&self.head, &self.options.wanted, self.settings, self.dates)
                }
                Unpivot::Never => None,
            };
            periods.ok_or(error)
        }));
        for row in std::mem::take(&mut self.head) {
            self.take(&row);
        }
    }

    fn take(&mut self, row: &StoredRow) {
        let Some(Ok(layout)) = &self.layout else { return };
        if let Some((reason, finding)) = leave_out::reason(&self.sheet.name, layout, row) {
            *self.counts.left_out.entry(reason).or_default() += 1;
            self.findings.extend(finding);
            return;
        }
        if row.hidden {
            self.hidden_rows.push(row.number);
        }
        self.source_rows.push(row.number);
        if !layout.periods.is_empty() {
            let layout = layout.clone();
            self.take_periods(&layout, row);
            return;
        }
        let mut cells = Vec::with_capacity(layout.template.columns.len());
        for column in &layout.template.columns {
            let field = column.field;
            let cell = layout.column(field).and_then(|column| row.cell(column));
            let text = match (&self.options.as_of, field, cell) {
                (Some(date), Field::AsOfDate, _) => (date.clone(), CellKind::Text),
                // A column that the sheet lacks; where it has one, a row does not end before it.
                (_, _, None) if layout.column(field).is_none() => (String::new(), CellKind::Missing),
                (_, _, None) => (String::new(), CellKind::Text),
                (_, _, Some(cell)) => {
                    self.findings.extend(texts::findings(
                        &self.sheet.name,
                        row.number,
                        row.number,
                        field,
                        cell,
                    ));
                    texts::text(field, cell, self.dates, self.settings.written_date_form())
                }
            };
            cells.push(text);
        }
        self.text_bytes += cells.iter().map(|(text, _)| text.len()).sum::<usize>();
        self.rows.push(DataRow { number: row.number, cells });
    }

    /// Takes a row with periods across: a record for each period that has a value.
    fn take_periods(&mut self, layout: &Layout, row: &StoredRow) {
        let form = self.settings.written_date_form();
        // The row counts as many times as it has periods.
        self.counts.read += layout.periods.len() as u64 - 1;
        for period in &layout.periods {
            let Some(cell) = row.cell(period.column) else {
                *self.counts.left_out.entry(LeftOut::EmptyPeriod).or_default() += 1;
                continue;
            };
            self.origins.push((row.number, period.column));
            let number = RowNumber::new(u32::try_from(self.origins.len()).unwrap_or(u32::MAX));
            let id = layout.column(Field::ExternalId).and_then(|column| row.cell(column));
            let mut texts_of = |field: Field, cell: &StoredCell| {
                self.findings.extend(texts::findings(&self.sheet.name, number, row.number, field, cell));
                texts::text(field, cell, self.dates, form)
            };
            let id = id.map_or((String::new(), CellKind::Text), |cell| texts_of(Field::ExternalId, cell));
            let value = texts_of(Field::MetricValue, cell);
            let date = (texts::written(period.day, form), CellKind::Date);
            self.text_bytes += id.0.len() + value.0.len() + date.0.len();
            let comment = (String::new(), CellKind::Missing);
            self.rows.push(DataRow { number, cells: vec![id, value, date, comment] });
        }
    }

    /// Whether the table holds more text than a conversion keeps.
    pub(super) const fn is_too_large(&self) -> bool {
        self.text_bytes > MAX_TEXT_BYTES
    }

    /// The result; `None` for a sheet without any cell.
    pub(super) fn finish(mut self, facts: &SheetFacts) -> Option<Result<SheetConversion, LayoutError>> {
        if self.counts.read == 0 {
            return None;
        }
        if self.layout.is_none() {
            self.settle_layout();
        }
        Some(self.layout?.map(|layout| {
            let mut findings = self.findings;
            // A file may store its rows in any order.
            self.rows.sort_by_key(|row| row.number);
            self.hidden_rows.sort_unstable();
            self.source_rows.sort_unstable();
            let Sheet { name, visibility } = self.sheet;
            let surroundings = surroundings::findings(
                name,
                *visibility,
                &layout,
                facts,
                &self.source_rows,
                &self.hidden_rows,
            );
            // A merged cell that was filled is in no doubt.
            let filled = self.options.merged == Merged::Filled;
            findings
                .extend(surroundings.into_iter().filter(|it| !(filled && it.rule.code == MERGED_CELL.code)));
            let mut validator = Validator::new(&layout.template, self.settings);
            let mut cells = Vec::new();
            for row in &self.rows {
                cells.clear();
                cells.extend(row.cells.iter().map(|(text, kind)| Cell { text, kind: *kind }));
                validator.read(&Row { number: row.number, cells: &cells });
            }
            findings.extend(validator.finish());
            let mut findings = self.options.selection.apply(findings);
            // Stable: of one place, ours come before those of `core`, each in the order of codes.
            findings.sort_by_key(|finding| place_order(finding.place, &layout));
            let fields = output_fields(&layout, self.options.as_of.is_some());
            let verdicts = judge::judge(&layout, self.rows, &findings, self.options.fixes);
            let mut counts = self.counts;
            counts.written = verdicts.rows.len() as u64;
            counts.rejected = verdicts.rejected;
            for (reason, count) in verdicts.left_out {
                *counts.left_out.entry(reason).or_default() += count;
            }
            let rows = verdicts.rows.into_iter().map(|row| judge::select(&layout, &fields, row)).collect();
            let sheet = self.sheet.name.clone();
            SheetConversion {
                sheet,
                layout,
                fields,
                rows,
                rejects: verdicts.rejects,
                findings,
                counts,
                mended: verdicts.mended,
                origins: self.origins,
            }
        }))
    }
}

fn place_order(place: Place, layout: &Layout) -> (Option<RowNumber>, Option<ColumnIndex>) {
    (place.row(), place.field().and_then(|field| layout.column(field)))
}

/// The template's columns, without the optional ones that the sheet lacks.
fn output_fields(layout: &Layout, date_given: bool) -> Vec<Field> {
    let present = |field: Field| layout.column(field).is_some() || (field == Field::AsOfDate && date_given);
    let columns = layout.template.columns.iter();
    columns
        .filter(|column| column.presence != Presence::Optional || present(column.field))
        .map(|column| column.field)
        .collect()
}
