//! Sheets of which nothing is converted, and why. None is passed over without a word.

use metricsheet_convert::{Conversion, SheetLeftOut};
use metricsheet_core::text::quoted;

use super::missing_tables;

/// The sheets that are left out without being findings, and what they are: `hidden`, `a chart`. Empty sheets are not
/// among them.
pub(crate) fn left_out(conversion: &Conversion, sheets_were_chosen: bool) -> Vec<(String, &'static str)> {
    let missing = missing_tables(conversion, sheets_were_chosen);
    let is_told = |name: &String| missing.iter().any(|(sheet, _)| sheet.as_ref() == Some(name));
    let without_table = conversion.without_table.iter().map(|(name, _)| name).filter(|name| !is_told(name));
    let unread = conversion.left_out.iter().map(|SheetLeftOut { name, why }| (name.clone(), why.label()));
    unread.chain(without_table.map(|name| (name.clone(), "a sheet without a table"))).collect()
}

/// The note about a sheet that is left out.
pub(crate) fn note(file: &str, sheet: &str, what: &str) -> String {
    format!("note: `{file}`: sheet {} is {what}; it is left out", quoted(sheet))
}
