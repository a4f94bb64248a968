//! The rows of one sheet on their way: headers settle the layout, each row becomes texts or is left out with a
//! reason, and `core` judges them all.
//!
//! Rows that may be headers, or titles above one, wait until the rows below them tell; all others go straight on.

mod heading;
mod plain_records;
mod rows;
mod taking;
mod verdict;

use std::collections::HashMap;
use std::ops::{ControlFlow, RangeInclusive};
use std::sync::Arc;

use self::plain_records::Fields;
use super::day_texts::DayTexts;
use super::merging::Filler;
use super::origins::Origins;
use super::provenance::Source;
use super::room::Room;
use super::row_texts::RowTexts;
use super::sweep::Sweep;
use super::{Counts, Hidden, LeftOut, Merged, Options, SheetConversion};
use crate::cell::StoredRow;
use crate::layout::{HeaderRow, Layout, LayoutError, Wanted, may_begin_table};
use crate::number_format::DateSystem;
use crate::reading::{Sheet, SheetFacts};
use metricsheet_core::text::quoted;
use metricsheet_core::{
    CellKind, ColumnIndex, Field, Finding, Place, Presence, RowNumber, Settings, Suspects, Template,
};

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
    /// For each of them, the fields of its template and their columns, which every row asks for.
    columns: Vec<Vec<(Field, Option<ColumnIndex>)>>,
    current: usize,
    failure: Option<LayoutError>,
    /// Writes the rows that need no more than that; `None` on the long way.
    sweep: Option<Sweep<'o>>,
    /// The rows that wait to be judged.
    rows: Vec<DataRow>,
    /// The texts of the current row.
    texts: RowTexts,
    /// The texts of days.
    days: DayTexts,
    findings: Vec<Finding>,
    counts: Counts,
    /// What is left to its rows.
    room: &'o mut Room,
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
    /// Where they stand, if records may be written as they come.
    fields: Option<Arc<Fields>>,
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
        room: &'o mut Room,
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
            columns: Vec::new(),
            current: 0,
            failure: None,
            sweep,
            rows: Vec::new(),
            texts: RowTexts::default(),
            days: DayTexts::new(dates, settings.written_date_form()),
            findings: Vec::new(),
            counts: Counts::default(),
            room,
            hidden_columns: Vec::new(),
            hidden_rows: Vec::new(),
            source_rows: Vec::new(),
            origins: None,
            filler: Filler::default(),
            is_text: false,
            has_typed_cells: true,
            header_fields: None,
            fields: None,
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

    fn read(&mut self, row: &mut StoredRow) {
        self.counts.read += 1;
        self.is_text |= row.record.is_some();
        if let Some(range) = &self.options.range {
            row.cells.retain(|cell| range.contains(row.number, cell.column));
            if row.cells.is_empty() {
                self.leave_out(LeftOut::OutsideRange);
                return;
            }
        }
        let filled = self.filler.fill(row);
        self.room.fill(filled);
        if !self.hidden_columns.is_empty() {
            row.cells
                .retain(|cell| !self.hidden_columns.iter().any(|columns| columns.contains(&cell.column)));
        }
        if row.hidden && self.options.hidden == Hidden::Skipped {
            self.leave_out(LeftOut::Hidden);
            return;
        }
        if !self.is_head && self.waiting.is_empty() && !self.may_begin_table(row) {
            self.take(row);
        } else {
            self.waiting.push(row.clone());
            self.settle_if_enough();
        }
    }

    /// Whether more rows are wanted.
    fn goes_on(&self) -> ControlFlow<()> {
        let is_swept_in_vain = self.sweep.as_ref().is_some_and(|it| it.is_refused() || it.has_failed());
        if self.failure.is_some() || self.room.excess().is_some() || is_swept_in_vain {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    /// A header that the caller points at is the only one.
    fn may_begin_table(&self, row: &StoredRow) -> bool {
        self.wanted.header_row == HeaderRow::Auto && may_begin_table(row)
    }

    fn leave_out(&mut self, reason: LeftOut) {
        *self.counts.left_out.entry(reason).or_default() += 1;
    }
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

/// A place under the rows' other numbers.
fn moved(place: Place, numbers: &HashMap<RowNumber, RowNumber>) -> Place {
    match place {
        Place::File => Place::File,
        Place::Row(row) => numbers.get(&row).map_or(Place::File, |row| Place::Row(*row)),
        Place::Cell(row, field) => numbers.get(&row).map_or(Place::File, |row| Place::Cell(*row, field)),
    }
}
