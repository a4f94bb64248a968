//! Which rows of a sheet are no data: what stands above the table, totals and notes below it, repeated headers.
//!
//! A row with a metric's date is never left out here, whatever its texts say; a doubtful row stays in and is
//! rejected with its reasons if it is incomplete.

use metricsheet_core::footer::{is_note, is_total};
use metricsheet_core::rules::workbook::{REPEATED_HEADER, TEXT_AFTER_TABLE};
use metricsheet_core::text::quoted;
use metricsheet_core::{Field, Rule};

use super::table::repeated_header;
use crate::cell::{StoredRow, StoredValue};
use crate::layout::Layout;

/// Why a row is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LeftOut {
    /// It stands above the header.
    AboveTable,
    /// It is the header.
    Header,
    /// It repeats the header.
    RepeatedHeader,
    /// It sums the rows up.
    Total,
    /// It is a remark on the table.
    Note,
    /// It has no cell in the range that was asked for.
    OutsideRange,
    /// It is hidden, and hidden rows are not wanted.
    Hidden,
    /// It has cells, but none in the table's columns.
    OutsideColumns,
    /// It is empty, apart from blanks.
    Empty,
    /// It repeats another row.
    RepeatedRow,
    /// A metric has no value for a period; the other periods of its row are counted on their own.
    EmptyPeriod,
}

impl LeftOut {
    /// The lower-case words that summaries use.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::AboveTable => "above the table",
            Self::Header => "header",
            Self::RepeatedHeader => "repeated header",
            Self::Total => "total",
            Self::Note => "note",
            Self::OutsideRange => "outside the range",
            Self::Hidden => "hidden",
            Self::OutsideColumns => "outside the table's columns",
            Self::Empty => "empty",
            Self::RepeatedRow => "repeated row",
            Self::EmptyPeriod => "empty period",
        }
    }
}

/// The rule and the message of a finding about a row that is left out.
pub(super) type Remark = (&'static Rule, String);

/// The reason to leave a row out, and the finding that reports it where people may not expect it.
pub(super) fn reason(sheet: &str, layout: &Layout, row: &StoredRow) -> Option<(LeftOut, Option<Remark>)> {
    if let Some(header) = layout.header {
        if row.number < header {
            return Some((LeftOut::AboveTable, None));
        }
        if row.number == header {
            return Some((LeftOut::Header, None));
        }
    }
    if layout.is_repeated_by(row) {
        return Some((LeftOut::RepeatedHeader, Some((&REPEATED_HEADER, repeated_header(sheet, row.number)))));
    }
    // Units, or labels of their own, below the header's.
    if layout.header.is_some_and(|header| header.next() == row.number) && continues_header(layout, row) {
        return Some((LeftOut::Header, None));
    }
    let cell = |field: Field| layout.column(field).and_then(|column| row.cell(column));
    if cell(Field::AsOfDate).is_some() {
        return None;
    }
    let texts = || {
        row.cells.iter().filter(|cell| layout.covers(cell.column)).filter_map(|cell| match &cell.value {
            StoredValue::Text(text) => Some((cell, text.trim())),
            _ => None,
        })
    };
    if let Some((cell, text)) = texts().find(|(_, text)| is_total(text)) {
        let message = format!(
            "{} in cell {}{} of sheet {} sums rows up; the row is left out",
            quoted(text),
            cell.column,
            row.number,
            quoted(sheet)
        );
        return Some((LeftOut::Total, Some((&TEXT_AFTER_TABLE, message))));
    }
    let only_text = row.cells.iter().all(|cell| matches!(cell.value, StoredValue::Text(_)));
    if only_text
        && cell(Field::MetricValue).is_none()
        && let Some((cell, text)) = texts().find(|(_, text)| is_note(text))
    {
        let message = format!(
            "{} in cell {}{} of sheet {} is a remark on the table; the row is left out",
            quoted(text),
            cell.column,
            row.number,
            quoted(sheet)
        );
        return Some((LeftOut::Note, Some((&TEXT_AFTER_TABLE, message))));
    }
    let has_mapped_cell = row.cells.iter().any(|cell| layout.reads(cell.column));
    (!has_mapped_cell).then_some((LeftOut::OutsideColumns, None))
}

/// Whether a row directly below the header holds texts without any number, and no ID: it says something of the
/// columns.
fn continues_header(layout: &Layout, row: &StoredRow) -> bool {
    let has_id = layout.column(Field::ExternalId).is_some_and(|column| row.cell(column).is_some());
    !has_id
        && row.cells.iter().all(|cell| match &cell.value {
            StoredValue::Text(text) => !text.bytes().any(|byte| byte.is_ascii_digit()),
            StoredValue::Number(_)
            | StoredValue::Moment(_)
            | StoredValue::Duration(_)
            | StoredValue::Logical(_)
            | StoredValue::Error(_)
            | StoredValue::NoResult => false,
        })
}
