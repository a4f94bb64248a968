//! Tables with metrics down and periods across: `KPI code | Jan-24 | Feb-24 | …`. Each column of a period is
//! read as that period's day; rows above may complete the header with a year, a period over pairs of actual and
//! target, or the kind of value over months.
//!
//! Columns that are no single period (`2024 YTD`, `Total`), hold something else than what was reached (`Target`),
//! or sum other columns up (`Q1` beside its months) are passed over and named. Two columns of the same period are
//! two answers to one question: such a table is refused.

mod measures;
mod spans;

use chrono::NaiveDate;
use metricsheet_core::template::Label;
use metricsheet_core::{ColumnIndex, Field, RowNumber, Settings, Template};

use self::measures::{Measure, measure, without_measure};
use self::spans::{Span, Spans, years_in};
use super::candidates::{Candidate, Labels};
use super::headers::{Header, YEARS, may_begin_table};
use super::{Layout, LayoutError, Wanted};
use crate::cell::{StoredCell, StoredRow, StoredValue};
use crate::number_format::{DateSystem, Meaning};

/// One period alone would be a table like any other.
const FEWEST_PERIODS: usize = 2;

/// How many rows above the last one a header may have.
pub(super) const ROWS_ABOVE: usize = 2;

/// How far from each other rows of one header may stand.
const ROW_DISTANCE: u32 = 2;

/// A column that holds the values of one period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeriodColumn {
    /// Where it is.
    pub column: ColumnIndex,
    /// What its header says.
    pub header: String,
    /// The day that stands for the period.
    pub day: NaiveDate,
    /// The cell that names the period.
    pub(crate) named_in: (RowNumber, ColumnIndex),
    /// What says its year.
    year: Year,
}

/// What says the year of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Year {
    /// The text that names the period.
    Own,
    /// A cell above the column.
    In(RowNumber, ColumnIndex),
    /// A title, or the sheet's name.
    Elsewhere,
}

/// A column amid the periods whose cells do not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassedOver {
    /// Where it is.
    pub column: ColumnIndex,
    /// What its header says.
    pub header: String,
    /// Why.
    pub reason: PassedOverReason,
}

/// Why a column amid the periods does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PassedOverReason {
    /// Its header names no single period.
    NoPeriod,
    /// It holds a target, a budget or the like.
    OtherMeasure,
    /// Its period holds those of other columns.
    Sum,
}

impl PassedOverReason {
    /// The lower-case words that explanations use.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::NoPeriod => "is no single period",
            Self::OtherMeasure => "holds no actual values",
            Self::Sum => "spans other columns' periods",
        }
    }
}

/// A year that stands neither in the header nor directly above it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct YearFrom {
    /// The year as it stands: `2024`, `FY25`.
    pub year: String,
    /// Where: `cell A1`, or `the sheet's name`.
    pub place: String,
}

/// The rows around a header's last row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Surroundings<'r> {
    pub(super) rows: &'r [StoredRow],
    pub(super) labels: &'r [Labels],
    pub(super) index: usize,
    pub(super) free_from: usize,
    pub(super) sheet: &'r str,
}

/// Finds the tables with periods across whose header ends in this row; `None` if there is none.
///
/// # Errors
/// [`LayoutError`] if it can be read in several ways, or lacks the year.
pub(super) fn find(
    surroundings: &Surroundings<'_>,
    wanted: &Wanted,
    settings: &Settings,
    dates: DateSystem,
) -> Result<Option<Header>, LayoutError> {
    let other_template = wanted.template.as_ref().is_some_and(|it| *it != Template::metric_updates());
    if wanted.date_given || other_template {
        return Ok(None);
    }
    let reader = HeaderReader { spans: Spans::new(settings), dates, surroundings, wanted };
    reader.header()
}

/// What a column's header says.
enum Says {
    Period {
        span: Span,
        named_in: (RowNumber, ColumnIndex),
        year: Year,
    },
    PassedOver(PassedOverReason),
    LacksYear,
    /// The year spans two of the calendar, and it is not known with which month it begins.
    LacksFirstMonth(String),
}

struct HeaderReader<'r> {
    spans: Spans,
    dates: DateSystem,
    surroundings: &'r Surroundings<'r>,
    wanted: &'r Wanted,
}

impl HeaderReader<'_> {
    fn header(&self) -> Result<Option<Header>, LayoutError> {
        let Surroundings { rows, labels, index, .. } = *self.surroundings;
        let (Some(row), Some(own)) = (rows.get(index), labels.get(index)) else { return Ok(None) };
        let above = self.rows_above();
        let below = rows.get(index + 1..).unwrap_or_default();
        // The column of IDs may be labelled in a cell that is merged with those above.
        let mut labels = own.clone();
        let mut first = index;
        if labels.candidates(Field::ExternalId).is_empty() {
            for (at, _) in &above {
                let Some(labels_above) = self.surroundings.labels.get(*at) else { continue };
                labels = labels.filled(row, labels_above);
                if !labels.candidates(Field::ExternalId).is_empty() {
                    first = *at;
                    break;
                }
            }
        }
        let mapping = self.wanted.map.iter().find(|mapping| mapping.field == Field::ExternalId);
        let id = match mapping {
            Some(mapping) => labels.mapped(mapping).map_or(Ok(None), |id| Ok(Some(id))),
            None => labels.choose(Field::ExternalId, below, &[]),
        };
        // Without a column of IDs it is no header; a doubt about it matters only where there are periods.
        let (id, doubt) = match id {
            Ok(Some(id)) => (id, None),
            Ok(None) => return Ok(None),
            Err(error) => match labels.candidates(Field::ExternalId).into_iter().next() {
                Some(id) => (id, Some(error)),
                None => return Ok(None),
            },
        };
        let read = self.columns(row, &above, &id, None);
        let Some(read) = read else { return Ok(None) };
        if let ([year, ..], None) = (&read.without_first_month[..], &doubt)
            && read.periods.len() + read.without_first_month.len() >= FEWEST_PERIODS
        {
            return Err(LayoutError::FiscalYear { row: row.number, year: year.clone() });
        }
        let (read, year_from) =
            if read.periods.len() < FEWEST_PERIODS && read.without_year.len() >= FEWEST_PERIODS {
                let Some(year) = self.year_elsewhere() else {
                    return Err(LayoutError::NoYear { row: row.number, columns: read.without_year });
                };
                if self.spans.lacks_first_month(&year.year) {
                    return Err(LayoutError::FiscalYear { row: row.number, year: year.year });
                }
                match self.columns(row, &above, &id, Some(&year.year)) {
                    Some(read) => (read, Some(year)),
                    None => return Ok(None),
                }
            } else {
                (read, None)
            };
        if read.periods.len() < FEWEST_PERIODS {
            return Ok(None);
        }
        if let Some(error) = doubt {
            return Err(error);
        }
        let (periods, sums) = without_sums(read.periods, row.number)?;
        if let Some(columns) = turn_of_year(&periods) {
            return Err(LayoutError::TurnOfYear { row: row.number, columns });
        }
        let mut passed_over = read.passed_over;
        passed_over.extend(sums);
        passed_over.sort_by_key(|it| it.column);
        let periods =
            periods.into_iter().map(|(column, span)| PeriodColumn { day: self.spans.day(span), ..column });
        let first = first.min(read.first.unwrap_or(index));
        let rows_above = rows.get(first..index).unwrap_or_default().iter().map(|row| row.number).collect();
        let layout = Layout {
            template: Template::metric_updates(),
            header: Some(row.number),
            rows_above,
            columns: vec![id.into_column(Field::ExternalId)],
            periods: periods.collect(),
            passed_over,
            year_from,
            extent: None,
        };
        Ok(Some(Header { rows: first..index + 1, layouts: vec![layout] }))
    }

    /// The rows that may complete the header, nearest first, with their positions.
    fn rows_above(&self) -> Vec<(usize, &StoredRow)> {
        let Surroundings { rows, index, free_from, .. } = *self.surroundings;
        let mut above = Vec::new();
        let mut number = rows.get(index).map_or(1, |row| row.number.get());
        for at in (free_from..index).rev().take(ROWS_ABOVE) {
            let Some(row) = rows.get(at) else { break };
            if number.saturating_sub(row.number.get()) > ROW_DISTANCE || !may_begin_table(row) {
                break;
            }
            number = row.number.get();
            above.push((at, row));
        }
        above
    }

    /// Reads the header's columns; `None` if it is that of another table.
    fn columns(
        &self,
        row: &StoredRow,
        above: &[(usize, &StoredRow)],
        id: &Candidate,
        year: Option<&str>,
    ) -> Option<Read> {
        let mut read = Read::default();
        for cell in row.cells.iter().filter(|cell| cell.column != id.column) {
            let header = text(cell, self.dates);
            let (says, used) = self.says(row.number, cell, above, year);
            match says {
                Some(Says::Period { span, named_in, year }) => {
                    let column = PeriodColumn { column: cell.column, header, day: span.1, named_in, year };
                    read.periods.push((column, span));
                }
                Some(Says::LacksYear) => read.without_year.push((cell.column, header)),
                Some(Says::LacksFirstMonth(year)) => read.without_first_month.push(year),
                // A column of values or dates of its own makes another table of it, which lacks something.
                None if is_other_table(cell) && read.periods.is_empty() => return None,
                Some(Says::PassedOver(reason)) => {
                    read.passed_over.push(PassedOver { column: cell.column, header, reason });
                    continue;
                }
                // What stands left of the periods describes the metric.
                None if read.periods.is_empty() => continue,
                None => {
                    let reason = PassedOverReason::NoPeriod;
                    read.passed_over.push(PassedOver { column: cell.column, header, reason });
                    continue;
                }
            }
            if let Some(used) = used {
                read.first = Some(read.first.map_or(used, |first| first.min(used)));
            }
        }
        Some(read)
    }

    /// What the header of a column says, completed by the cells above that cover it; and the position of the
    /// highest row that was used.
    fn says(
        &self,
        row: RowNumber,
        cell: &StoredCell,
        above: &[(usize, &StoredRow)],
        year: Option<&str>,
    ) -> (Option<Says>, Option<usize>) {
        let covering = above.iter().filter_map(|(at, row)| {
            let cell = last_cell_up_to(row, cell.column)?;
            Some((*at, row.number, cell))
        });
        let covering: Vec<(usize, RowNumber, &StoredCell)> = covering.collect();
        let is_other = |cell: &StoredCell| matches!(measure(cell), Some(Measure::Other));
        let measured_above = covering.iter().find(|(_, _, cell)| measure(cell).is_some());
        if is_other(cell) || measured_above.is_some_and(|(_, _, cell)| is_other(cell)) {
            let is_period =
                self.span(cell).is_some() || covering.iter().any(|(_, _, it)| self.span(it).is_some());
            // A column of targets without any period beside a table of its own is another table's.
            let says = is_period || !is_other_table(cell);
            return (says.then_some(Says::PassedOver(PassedOverReason::OtherMeasure)), None);
        }
        let used_for_measure = measured_above.map(|(at, _, _)| *at);
        let named_in = (row, cell.column);
        if let Some(span) = self.span(cell) {
            return (Some(Says::Period { span, named_in, year: Year::Own }), used_for_measure);
        }
        let StoredValue::Text(label) = &cell.value else { return (None, None) };
        let (label, measure_within) = without_measure(label.trim());
        if matches!(measure_within, Some(Measure::Other)) {
            return (Some(Says::PassedOver(PassedOverReason::OtherMeasure)), None);
        }
        if self.spans.lacks_first_month(&label) {
            return (Some(Says::LacksFirstMonth(label)), used_for_measure);
        }
        if label.is_empty() {
            // "Actual" under "Jan-24", or under "Jan" under "2024".
            for (position, (at, row, cell)) in covering.iter().enumerate() {
                let named_in = (*row, cell.column);
                if let Some(span) = self.span(cell) {
                    return (Some(Says::Period { span, named_in, year: Year::Own }), Some(*at));
                }
                let label = text(cell, self.dates);
                if self.spans.lacks_first_month(label.trim()) {
                    return (Some(Says::LacksFirstMonth(label.trim().to_owned())), Some(*at));
                }
                if let Some((says, at)) =
                    self.within(label.trim(), named_in, covering.get(position + 1..).unwrap_or_default())
                {
                    return (Some(says), Some(at));
                }
                if let Some(span) = year.and_then(|year| self.spans.within(label.trim(), year)) {
                    return (Some(Says::Period { span, named_in, year: Year::Elsewhere }), Some(*at));
                }
                if self.spans.lacks_year(label.trim()) {
                    return (Some(Says::LacksYear), Some(*at));
                }
            }
            return (None, None);
        }
        if measure_within.is_some()
            && let Some(span) = self.spans.of_text(&label)
        {
            return (Some(Says::Period { span, named_in, year: Year::Own }), None);
        }
        if let Some((says, at)) = self.within(&label, named_in, &covering) {
            return (Some(says), Some(at));
        }
        if self.spans.lacks_year(&label) {
            return match year.and_then(|year| self.spans.within(&label, year)) {
                Some(span) => {
                    (Some(Says::Period { span, named_in, year: Year::Elsewhere }), used_for_measure)
                }
                None => (Some(Says::LacksYear), used_for_measure),
            };
        }
        (None, None)
    }

    /// What a period without a year is in the year that one of these cells names: "Jan" under "2024", "Q1" under
    /// "FY25"; and the position of that cell's row.
    fn within(
        &self,
        label: &str,
        named_in: (RowNumber, ColumnIndex),
        covering: &[(usize, RowNumber, &StoredCell)],
    ) -> Option<(Says, usize)> {
        covering.iter().find_map(|(at, row, cell)| {
            let above = text(cell, self.dates);
            let above = above.trim();
            if self.spans.lacks_first_month(above) && self.spans.lacks_year(label) {
                return Some((Says::LacksFirstMonth(above.to_owned()), *at));
            }
            let span = self.spans.within(label, above)?;
            Some((Says::Period { span, named_in, year: Year::In(*row, cell.column) }, *at))
        })
    }

    /// The period that a cell names by itself.
    fn span(&self, cell: &StoredCell) -> Option<Span> {
        match &cell.value {
            StoredValue::Text(text) => self.spans.of_text(text.trim()),
            StoredValue::Moment(moment) => self.span_shown(moment.date(), cell.format.code()),
            StoredValue::Number(number) => match cell.format.meaning(*number) {
                Meaning::Date => self.span_shown(self.dates.day(*number)?, cell.format.code()),
                // A year; any other number is no header.
                Meaning::General | Meaning::Number if YEARS.contains(number) => {
                    self.spans.of_text(&crate::number::plain_text(*number))
                }
                Meaning::General
                | Meaning::Number
                | Meaning::Text
                | Meaning::Percent
                | Meaning::LiteralPercent
                | Meaning::TimeOfDay
                | Meaning::Duration => None,
            },
            StoredValue::Duration(_)
            | StoredValue::Logical(_)
            | StoredValue::Error(_)
            | StoredValue::NoResult => None,
        }
    }

    /// A stored day whose format shows no day of the month stands for its month, or for its year.
    fn span_shown(&self, day: NaiveDate, code: &str) -> Option<Span> {
        let shows = |letter: char| crate::number_format::has_date_letter(code, letter);
        if shows('d') {
            Some((day, day))
        } else if shows('m') {
            self.spans.of_text(&day.format("%b %Y").to_string())
        } else {
            self.spans.of_text(&day.format("%Y").to_string())
        }
    }

    /// The one year that the titles above the header and the sheet's name tell; `None` if they tell none, or
    /// several.
    fn year_elsewhere(&self) -> Option<YearFrom> {
        let Surroundings { rows, index, free_from, sheet, .. } = *self.surroundings;
        let mut found: Vec<YearFrom> = Vec::new();
        for row in rows.get(free_from..index)? {
            for cell in &row.cells {
                let place = || format!("cell {}{}", cell.column, row.number);
                found.extend(years_in(&text(cell, self.dates)).map(|year| YearFrom { year, place: place() }));
            }
        }
        let in_name = years_in(sheet).map(|year| YearFrom { year, place: "the sheet's name".to_owned() });
        found.extend(in_name);
        let first = found.first()?.clone();
        found.iter().all(|it| it.year == first.year).then_some(first)
    }
}

/// The columns of a header.
#[derive(Default)]
struct Read {
    periods: Vec<(PeriodColumn, Span)>,
    passed_over: Vec<PassedOver>,
    without_year: Vec<(ColumnIndex, String)>,
    /// For each column whose year begins with a month that is not known, that year.
    without_first_month: Vec<String>,
    /// The position of the highest row that completes the header.
    first: Option<usize>,
}

/// The periods that hold no other column's period, and those that do.
type Sifted = (Vec<(PeriodColumn, Span)>, Vec<PassedOver>);

fn without_sums(periods: Vec<(PeriodColumn, Span)>, row: RowNumber) -> Result<Sifted, LayoutError> {
    for (at, (column, span)) in periods.iter().enumerate() {
        if let Some((other, _)) = periods.iter().skip(at + 1).find(|(_, other)| other == span) {
            let columns = [column, other].map(|it| (it.column, it.header.clone()));
            return Err(LayoutError::SamePeriod { row, columns, last: span.1 });
        }
    }
    let spans: Vec<Span> = periods.iter().map(|(_, span)| *span).collect();
    let is_sum = |span: Span| spans.iter().any(|it| *it != span && it.0 >= span.0 && it.1 <= span.1);
    let (sums, periods): (Vec<_>, Vec<_>) = periods.into_iter().partition(|(_, span)| is_sum(*span));
    let sums = sums.into_iter().map(|(column, _)| PassedOver {
        column: column.column,
        header: column.header,
        reason: PassedOverReason::Sum,
    });
    Ok((periods, sums.collect()))
}

/// The columns between which the year turns although one year stands for both: December and January of `2024`.
/// Columns may be in any order that goes one way.
fn turn_of_year(periods: &[(PeriodColumn, Span)]) -> Option<[(ColumnIndex, String); 2]> {
    const HALF_A_YEAR: i64 = 183;
    let neighbours = periods.windows(2).filter_map(|pair| match pair {
        [one, other] if one.0.year == other.0.year && one.0.year != Year::Own => Some((one, other)),
        _ => None,
    });
    let steps: Vec<_> = neighbours.map(|(one, other)| (other.1.1 - one.1.1, one, other)).collect();
    let goes_up = steps.iter().any(|(step, ..)| step.num_days() > 0);
    let turn = steps.iter().find(|(step, ..)| {
        let days = step.num_days();
        days < 0 && (goes_up || days < -HALF_A_YEAR)
    });
    turn.map(|(_, one, other)| [&one.0, &other.0].map(|it| (it.column, it.header.clone())))
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
        StoredValue::Text(_)
        | StoredValue::Number(_)
        | StoredValue::Moment(_)
        | StoredValue::Duration(_)
        | StoredValue::Logical(_)
        | StoredValue::Error(_)
        | StoredValue::NoResult => cell.shown(dates),
    }
}

impl Layout {
    /// The periods across, left to right; none in a table with a column of dates.
    #[must_use]
    pub fn periods(&self) -> &[PeriodColumn] {
        &self.periods
    }

    /// The cell that names the period of a column.
    pub(crate) fn period_header(&self, column: ColumnIndex) -> Option<(RowNumber, ColumnIndex)> {
        self.periods.iter().find(|period| period.column == column).map(|period| period.named_in)
    }
}
