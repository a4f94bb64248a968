//! Checks CSV files and repairs them: bytes → fields with their spans → rows for the core's validator →
//! diagnostics with byte positions → byte edits.
//!
//! It reads and writes memory only; files, formats of output and workbooks are not its business.

mod check;
mod columns;
mod dialect;
mod edit;
mod fields;
mod fix;
mod fixing;
mod footer;
mod layout;
mod locate;
mod overlay;
mod pieces;
mod ragged;
mod record_facts;
mod reshaped;
mod shape;
mod sniff;
mod source;
mod sweep;
mod throughout;
mod transcribed;

pub use check::{Diagnostic, Options, Report, check, check_row_by_row, check_source};
pub use edit::Edit;
pub use fields::{FieldSpan, Record, Records};
pub use fix::{FixError, Fixed, Level, fix};
pub use metricsheet_delimited::encoding_named;
pub use pieces::{Extent, Listener, PiecesError, RowsFound, check_by_pieces, fix_by_pieces};
pub use source::Source;
