//! Workbooks in, rows of metric updates out: reads xlsx, xlsm, xlsb, xls and ods, finds the table in them and
//! turns its stored cells into the texts that the service takes.
//!
//! Number formats decide meaning: a percent format makes 0.2 `.2`, an ID formatted `00000` keeps its zeros, a
//! date format makes a date in the workbook's own date system. What a valid update is, `core` decides. The
//! crate reads from what the caller opens and writes to what the caller opens; it knows no paths.

pub mod cell;
mod cell_text;
mod conversion;
mod inspection;
pub mod layout;
pub mod number;
pub mod number_format;
pub mod output;
mod raw;
pub mod reading;
mod sheet_choice;
mod table_choice;

pub use conversion::{
    Conversion, ConvertError, Counts, Hidden, LeftOut, Mended, Merged, Options, OutputCell, Provenance,
    Reject, SheetConversion, SheetLeftOut, Unpivot, WhyLeftOut, convert, convert_into, convert_row_by_row,
};
pub use inspection::{Found, SheetInspection, TableInspection, inspect};
pub use output::Store;
pub use raw::{RawCounts, RawError, RawOptions, RawSheet, RawSheets, Titles, Values, raw_sheets, write_raw};
pub use reading::{Limits, Opening, Password, ReadError, Workbook};
pub use sheet_choice::{SheetChoice, SheetChoiceError};
pub use table_choice::TableChoiceError;
