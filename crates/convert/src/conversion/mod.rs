//! From a workbook to the rows of a metric update: the table is found, its cells become texts with their
//! meaning, `core` judges them, and each row is written, rejected with its reasons, or left out with a reason.
//!
//! The counts add up, or the conversion is wrong: every row with a cell in it is counted once.

mod judge;
mod leave_out;
mod merging;
mod surroundings;
mod texts;

use std::collections::{BTreeMap, HashSet};
use std::ops::{ControlFlow, RangeInclusive};

use metricsheet_core::rules::workbook::MERGED_CELL;
use metricsheet_core::{
    Applicability, Cell, CellKind, ColumnIndex, Field, Finding, Place, Presence, Row, RowNumber, Selection,
    Settings, Validator,
};

use crate::cell::{StoredCell, StoredRow};
use crate::layout::{self, HEAD_ROWS, Layout, LayoutError, Wanted};
use crate::number_format::DateSystem;
use crate::reading::{CellRange, ReadError, Sheet, SheetFacts, Visibility, Workbook};
use crate::sheet_choice::{SheetChoice, UnknownSheet};

pub use leave_out::LeftOut;

use merging::Filler;

/// What to convert, and how.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Which sheets; empty: all that hold a table.
    pub sheets: Vec<SheetChoice>,
    /// The cells that count; `None`: all.
    pub range: Option<CellRange>,
    /// What is known of the layout.
    pub wanted: Wanted,
    /// The date of every row, as the caller writes it, where the sheet has no column for it.
    pub as_of: Option<String>,
    /// What becomes of hidden sheets, rows and columns.
    pub hidden: Hidden,
    /// What becomes of merged cells.
    pub merged: Merged,
    /// What becomes of periods across.
    pub unpivot: Unpivot,
    /// Which rules count.
    pub selection: Selection,
    /// Which fixes are applied to cells.
    pub fixes: Option<Applicability>,
}

/// What becomes of hidden sheets, rows and columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Hidden {
    /// They are used, and reported.
    #[default]
    Used,
    /// They are left out.
    Skipped,
}

/// What becomes of tables with metrics down and periods across.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unpivot {
    /// Each metric and period becomes a row, with the period's last day unless the settings say the first.
    #[default]
    Auto,
    /// They are no tables.
    Never,
}

/// What becomes of merged cells, of which only the first one holds the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Merged {
    /// The others stay empty.
    #[default]
    AsStored,
    /// All of them get the value of the first one.
    Filled,
}

/// Why a workbook cannot be converted.
#[derive(Debug, thiserror::Error)]
pub enum ConvertError {
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It has no such sheet.
    #[error(transparent)]
    UnknownSheet(#[from] UnknownSheet),
}

/// A converted workbook.
#[derive(Debug)]
pub struct Conversion {
    /// The sheets that hold a table, left to right.
    pub sheets: Vec<SheetConversion>,
    /// The sheets that hold none, and why not. Sheets without any cell are left out.
    pub without_table: Vec<(String, LayoutError)>,
}

/// A converted sheet.
#[derive(Debug)]
pub struct SheetConversion {
    /// Its name.
    pub sheet: String,
    /// Where its table stands.
    pub layout: Layout,
    /// The fields of the output, left to right.
    pub fields: Vec<Field>,
    /// The rows to be written: one text for each field.
    pub rows: Vec<Vec<String>>,
    /// The reasons for which rows are not written, by row.
    pub rejects: Vec<Reject>,
    /// All that was found, by row and column, whether or not a fix mends it.
    pub findings: Vec<Finding>,
    /// What became of the rows.
    pub counts: Counts,
    mended: HashSet<(RowNumber, Option<Field>)>,
    /// Of a table with periods across: where the value of each row stands, by number from 1.
    origins: Vec<(RowNumber, ColumnIndex)>,
}

/// A reason for which a row is not written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// The row, numbered as in the findings.
    pub row: RowNumber,
    /// The cell's field, if the reason is about one cell.
    pub field: Option<Field>,
    /// The rule's code.
    pub code: &'static str,
    /// What is wrong.
    pub reason: String,
    /// The cell's text.
    pub text: String,
}

/// What became of the rows that hold at least one cell: `read` is the sum of the others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Rows of the sheet.
    pub read: u64,
    /// Rows of the output.
    pub written: u64,
    /// Rows with an error that no allowed fix mends.
    pub rejected: u64,
    /// Rows left out, by reason.
    pub left_out: BTreeMap<LeftOut, u64>,
}

impl SheetConversion {
    /// Whether a fix mends what was found, so that the row is written or rightly removed.
    #[must_use]
    pub fn is_mended(&self, finding: &Finding) -> bool {
        finding.place.row().is_some_and(|row| self.mended.contains(&(row, finding.place.field())))
            && !finding.rule.code.starts_with('W')
    }

    /// The cell of a finding, as spreadsheet programs name it: `B7`.
    #[must_use]
    pub fn cell_name(&self, row: RowNumber, field: Field) -> Option<String> {
        let (row, column) = match (self.origin(row), field) {
            (Some((_, column)), Field::AsOfDate) => self.layout.period_header(column)?,
            (Some(cell), Field::MetricValue) => cell,
            (Some((row, _)), _) => (row, self.layout.column(field)?),
            (None, _) => (row, self.layout.column(field)?),
        };
        Some(format!("{column}{row}"))
    }

    /// The row of the sheet that a finding's row was read from: another one where periods stand across and
    /// each gave a row of its own.
    #[must_use]
    pub fn sheet_row(&self, row: RowNumber) -> RowNumber {
        self.origin(row).map_or(row, |(row, _)| row)
    }

    fn origin(&self, row: RowNumber) -> Option<(RowNumber, ColumnIndex)> {
        let index = usize::try_from(row.get()).ok()?.checked_sub(1)?;
        self.origins.get(index).copied()
    }
}

/// Converts the chosen sheets of a workbook.
///
/// # Errors
/// [`ConvertError`] if the workbook cannot be read or lacks a chosen sheet.
pub fn convert(
    workbook: &mut Workbook,
    options: &Options,
    settings: &Settings,
) -> Result<Conversion, ConvertError> {
    let chosen = crate::sheet_choice::choose(workbook.sheets(), &options.sheets)?;
    let mut conversion = Conversion { sheets: Vec::new(), without_table: Vec::new() };
    for index in chosen {
        let Some(sheet) = workbook.sheets().get(index).cloned() else { continue };
        if sheet.visibility != Visibility::Visible && options.hidden == Hidden::Skipped {
            continue;
        }
        let mut table = Table::new(&sheet, options, settings, workbook.dates());
        if options.hidden == Hidden::Skipped || options.merged == Merged::Filled {
            // Files tell of merged cells after the rows.
            let facts = workbook.read(index, &mut |_| ControlFlow::Continue(()))?;
            table.prepare(&facts);
        }
        let facts = workbook.read(index, &mut |row| table.read(row))?;
        let name = sheet.name.clone();
        if table.text_bytes > MAX_TEXT_BYTES {
            let limit = format!("{} MiB", MAX_TEXT_BYTES >> 20);
            return Err(ReadError::TooLarge { what: format!("the text of sheet `{name}`"), limit }.into());
        }
        match table.finish(&facts) {
            None => {}
            Some(Ok(sheet)) => conversion.sheets.push(sheet),
            Some(Err(error)) => conversion.without_table.push((name, error)),
        }
    }
    Ok(conversion)
}

/// The texts of a table are kept until its last row is judged, so their size is bounded: a text of 32 KiB that
/// a million cells share takes no room in the workbook.
const MAX_TEXT_BYTES: usize = 512 << 20;

/// A row of the table, as `core` will see it.
struct DataRow {
    number: RowNumber,
    cells: Vec<(String, CellKind)>,
}

/// Takes the rows of a sheet: the first ones are kept until they tell the layout, the others go straight on.
struct Table<'o> {
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
    fn new(sheet: &'o Sheet, options: &'o Options, settings: &'o Settings, dates: DateSystem) -> Self {
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
    fn prepare(&mut self, facts: &SheetFacts) {
        if self.options.hidden == Hidden::Skipped {
            self.hidden_columns.clone_from(&facts.hidden_columns);
        }
        if self.options.merged == Merged::Filled {
            self.filler = Filler::new(facts.merged.clone());
        }
    }

    fn read(&mut self, mut row: StoredRow) -> ControlFlow<()> {
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
            Some(Ok(_)) | None if self.text_bytes > MAX_TEXT_BYTES => ControlFlow::Break(()),
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

    /// The result; `None` for a sheet without any cell.
    fn finish(mut self, facts: &SheetFacts) -> Option<Result<SheetConversion, LayoutError>> {
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
