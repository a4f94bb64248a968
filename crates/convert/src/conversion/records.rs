//! What is doubtful about a row because it was a record of delimited text: broken quoting, and fields that no column
//! of the header stands for. Where one of them is, the other fields may be in the wrong columns.

use metricsheet_core::rules::file::BROKEN_QUOTING;
use metricsheet_core::rules::row::EXTRA_FIELD;
use metricsheet_core::{Finding, Place, RowNumber};

use crate::cell::StoredRow;

/// What is doubtful about the row; `number` is the finding's row. `header_fields` is how many fields the header has.
pub(super) fn doubts(
    number: RowNumber,
    row: &StoredRow,
    header_fields: Option<u32>,
) -> impl Iterator<Item = Finding> + use<> {
    let place = Place::Row(number);
    let record = row.record;
    let broken = record.filter(|record| record.is_mended).map(|_| {
        let message =
            "the quotation marks of the row are broken; enclose each field in two, and double those within";
        Finding::new(&BROKEN_QUOTING, place, message.to_owned())
    });
    let is_extra = |columns: u32| row.cells.iter().any(|cell| cell.column.get() >= columns);
    let extra = record.zip(header_fields.filter(|columns| is_extra(*columns))).map(|(record, columns)| {
        let message = format!(
            "the row has {} fields for {columns} columns; quote the field that holds a delimiter, or remove the extra one",
            record.fields
        );
        Finding::new(&EXTRA_FIELD, place, message)
    });
    broken.into_iter().chain(extra)
}
