//! Tables with metrics down and periods across: `KPI code | Jan-24 | Feb-24 | …`. Each column of a period is
//! read as that period's day; the header may leave the year, or the period above pairs of actual and target,
//! to a cell in the row above.
//!
//! Columns that are no single period (`2024 YTD`, `Total`, `Target`) are passed over and named. Two columns of
//! the same day are two answers to one question: such a table is refused.

use std::collections::HashSet;

use chrono::NaiveDate;
use metricsheet_core::template::Label;
use metricsheet_core::value::date;
use metricsheet_core::{ColumnIndex, Field, PeriodDay, RowNumber, Settings, Template};

use super::candidates::Labels;
use super::{Layout, Wanted};
use crate::cell::{StoredCell, StoredRow, StoredValue};
use crate::number_format::{DateSystem, Meaning};

/// One period alone would be a table like any other.
const FEWEST_PERIODS: usize = 2;

/// How far above the header the row may stand that completes it.
const ROWS_ABOVE: u32 = 2;

/// A column that holds the values of one period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeriodColumn {
    /// Where it is.
    pub column: ColumnIndex,
    /// What its header says.
    pub header: String,
    /// The day that stands for the period.
    pub day: NaiveDate,
}

/// Finds a table with periods across; `None` if there is none.
pub(crate) fn find(
    head: &[StoredRow],
    wanted: &Wanted,
    settings: &Settings,
    dates: DateSystem,
) -> Option<Layout> {
    let other_template = wanted.template.as_ref().is_some_and(|it| *it != Template::metric_updates());
    if wanted.date_given || other_template {
        return None;
    }
    let mut settings = settings.clone();
    if settings.period == PeriodDay::Undeclared {
        settings.period = PeriodDay::End;
    }
    let reader = HeaderReader { settings, dates };
    let layouts = (0..head.len()).filter_map(|index| reader.layout(head, index, wanted));
    // Of equally wide headers the first one counts.
    layouts.reduce(|best, layout| if layout.periods.len() > best.periods.len() { layout } else { best })
}

struct HeaderReader {
    settings: Settings,
    dates: DateSystem,
}

impl HeaderReader {
    fn layout(&self, head: &[StoredRow], index: usize, wanted: &Wanted) -> Option<Layout> {
        let row = head.get(index)?;
        let above = index.checked_sub(1).and_then(|index| head.get(index));
        let above = above.filter(|above| row.number.get().abs_diff(above.number.get()) <= ROWS_ABOVE);
        let labels = Labels::of(row);
        let below = head.get(index + 1..).unwrap_or_default();
        let mapping = wanted.map.iter().find(|mapping| mapping.field == Field::ExternalId);
        let id = match mapping {
            Some(mapping) => labels.mapped(mapping)?,
            None => labels.choose(Field::ExternalId, below, &[]).ok()??,
        };
        let mut periods: Vec<PeriodColumn> = Vec::new();
        let mut passed_over = Vec::new();
        for cell in row.cells.iter().filter(|cell| cell.column != id.column) {
            let group = above.and_then(|above| last_cell_up_to(above, cell.column));
            match self.day(cell, group) {
                Some(day) => {
                    periods.push(PeriodColumn { column: cell.column, header: text(cell, self.dates), day });
                }
                // A column of values or dates of its own makes another table of it, which lacks something.
                None if is_other_table(cell) && periods.is_empty() => return None,
                // What stands left of the periods describes the metric.
                None if !periods.is_empty() => passed_over.push((cell.column, text(cell, self.dates))),
                None => {}
            }
        }
        let days: HashSet<NaiveDate> = periods.iter().map(|period| period.day).collect();
        if periods.len() < FEWEST_PERIODS || days.len() < periods.len() {
            return None;
        }
        Some(Layout {
            template: Template::metric_updates(),
            header: Some(row.number),
            columns: vec![id.into_column(Field::ExternalId)],
            periods,
            passed_over,
        })
    }

    /// The day of a header cell, completed by the cell of the row above that covers it.
    fn day(&self, cell: &StoredCell, group: Option<&StoredCell>) -> Option<NaiveDate> {
        if let Some(day) = self.day_of_cell(cell) {
            return Some(day);
        }
        let StoredValue::Text(label) = &cell.value else { return None };
        let group = group?;
        // "Actual" under "Jan-24"; "Target" beside it is none of the values asked for.
        if Label::read(label.trim()).field() == Some(Field::MetricValue) {
            return self.day_of_cell(group);
        }
        // "Jan" under "2024", "Q1" under "FY25".
        self.day_of_text(&format!("{} {}", label.trim(), text(group, self.dates).trim()))
    }

    fn day_of_cell(&self, cell: &StoredCell) -> Option<NaiveDate> {
        match &cell.value {
            StoredValue::Text(text) => self.day_of_text(text.trim()),
            StoredValue::Moment(moment) => self.day_shown(moment.date(), cell.format.code()),
            StoredValue::Number(number) => match cell.format.meaning(*number) {
                Meaning::Date => self.day_shown(self.dates.day(*number)?, cell.format.code()),
                // A year; any other number is no header.
                Meaning::General | Meaning::Number if (1950.0..=2100.0).contains(number) => {
                    self.day_of_text(&crate::number::plain_text(*number))
                }
                _ => None,
            },
            StoredValue::Duration(_)
            | StoredValue::Logical(_)
            | StoredValue::Error(_)
            | StoredValue::NoResult => None,
        }
    }

    /// A stored day whose format shows no day of the month stands for its month, or for its year.
    fn day_shown(&self, day: NaiveDate, code: &str) -> Option<NaiveDate> {
        let shows = |letter: char| crate::number_format::has_date_letter(code, letter);
        if shows('d') {
            Some(day)
        } else if shows('m') {
            self.day_of_text(&day.format("%b %Y").to_string())
        } else {
            self.day_of_text(&day.format("%Y").to_string())
        }
    }

    fn day_of_text(&self, text: &str) -> Option<NaiveDate> {
        // A long text is no period, and few cells are worth the attempt.
        if text.len() > 40 || !text.chars().any(|it| it.is_ascii_digit()) {
            return None;
        }
        Some(date::read(text, &self.settings).value?.day)
    }
}

fn is_other_table(cell: &StoredCell) -> bool {
    let StoredValue::Text(text) = &cell.value else { return false };
    matches!(Label::read(text.trim()).field(), Some(Field::MetricValue | Field::AsOfDate))
}

/// The cell that covers this column: its own, or the nearest one to the left, as merged cells store it.
fn last_cell_up_to(row: &StoredRow, column: ColumnIndex) -> Option<&StoredCell> {
    row.cells.iter().rev().find(|cell| cell.column <= column)
}

fn text(cell: &StoredCell, dates: DateSystem) -> String {
    match &cell.value {
        StoredValue::Number(number) if cell.format.meaning(*number) == Meaning::General => {
            crate::number::plain_text(*number)
        }
        _ => cell.shown(dates),
    }
}

impl Layout {
    /// The periods across, left to right; none in a table with a column of dates.
    #[must_use]
    pub fn periods(&self) -> &[PeriodColumn] {
        &self.periods
    }

    /// The header cell of a period, as row and column.
    pub(crate) fn period_header(&self, column: ColumnIndex) -> Option<(RowNumber, ColumnIndex)> {
        Some((self.header?, column))
    }
}
