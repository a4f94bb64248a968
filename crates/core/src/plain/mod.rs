//! Proves cells valid from their bytes alone: one look, no allocation, no typed value. Nearly all rows of nearly
//! all files are valid, so this decides how long a check takes.
//!
//! It refuses whatever it is not sure of, and says nothing about it: that is left to the readers in
//! [`crate::value`], which are the reference. What is proved here has no deviation there, and the same value; a
//! property of this module's tests holds the two together.
//!
//! [`PlainCells::settled_row`] reads what could not be proved, and tells whether all that there is to say of the row
//! shows in its own cells.

mod cells;
mod id;
mod line;
mod plain_text;
mod row;
mod slips;
mod widths;

pub use cells::{LastId, PlainCells, ScannedDate, ScannedId, ScannedNumber};
pub use line::{PlainLines, ScannedLine};
pub use row::{DeviatingCell, FinishedRow, PlainRow, SettledRow};
pub use slips::Slip;
pub use widths::IdWidths;

#[cfg(test)]
mod tests;
