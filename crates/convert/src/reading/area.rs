//! Areas of cells that a workbook has a name for: tables of Excel, defined names, database ranges of OpenDocument.
//!
//! Names of several areas, of single values and of formulas are passed over: they are no tables.

use super::binary_names::range;
use super::{CellRange, MAX_COLUMNS, MAX_ROWS, Sheet};

/// What kind of name an area has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AreaKind {
    /// It is a table, or a database range.
    Table,
    /// The name is defined for the area.
    Name,
}

/// An area of cells with a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedArea {
    /// Its name.
    pub name: String,
    /// What kind of name it is.
    pub kind: AreaKind,
    /// Its sheet, by its 0-based position.
    pub sheet: usize,
    /// The cells, without a table's row of totals.
    pub range: CellRange,
}

/// A reference such as `'Q 1'!$A$4:$F$20` or, with a dot, `$'Q 1'.$A$4:.$F$20`, as the sheet's position and the cells.
pub(super) fn reference(text: &str, separator: char, sheets: &[Sheet]) -> Option<(usize, CellRange)> {
    let (sheet, cells) = sheet_and_cells(text, separator, sheets)?;
    // OpenDocument may name the sheet again before the second corner.
    let (first, last) = cells.split_once(':').unwrap_or((cells, cells));
    let last = last.rsplit(separator).next()?;
    Some((sheet, CellRange::parse(&format!("{first}:{last}")).ok()?))
}

/// A reference in the form `='Q 1'!R4C1:R20C6`, as the sheet's position and the cells.
pub(super) fn numbered_reference(text: &str, sheets: &[Sheet]) -> Option<(usize, CellRange)> {
    let (sheet, cells) = sheet_and_cells(text, '!', sheets)?;
    let (first, last) = cells.split_once(':').unwrap_or((cells, cells));
    let ([first_row, first_column], [last_row, last_column]) =
        (numbered_corner(first)?, numbered_corner(last)?);
    // A whole row names no columns, a whole column no rows.
    let rows = [first_row.unwrap_or(1), last_row.unwrap_or(MAX_ROWS)];
    let columns = [first_column.unwrap_or(1), last_column.unwrap_or(MAX_COLUMNS)];
    let from_zero = |numbers: [u32; 2]| Some([numbers[0].checked_sub(1)?, numbers[1].checked_sub(1)?]);
    Some((sheet, range(from_zero(rows)?, from_zero(columns)?)?))
}

/// The row and the column of `R4C1`, `R4` or `C1`.
fn numbered_corner(text: &str) -> Option<[Option<u32>; 2]> {
    let (row, column) = match text.split_once('C') {
        Some((row, column)) => (row, Some(column)),
        None => (text, None),
    };
    let row = (!row.is_empty()).then(|| row.strip_prefix('R')?.parse().ok());
    let column = column.map(|column| column.parse().ok());
    // What is there must be a number.
    let corner = [row, column].map(|it| it.map_or(Some(None), |it: Option<u32>| it.map(Some)));
    let [Some(row), Some(column)] = corner else { return None };
    (row.is_some() || column.is_some()).then_some([row, column])
}

/// The position of the sheet that a reference names, and what it says behind that.
fn sheet_and_cells<'t>(text: &'t str, separator: char, sheets: &[Sheet]) -> Option<(usize, &'t str)> {
    let text = text.trim().trim_start_matches(['=', '$']);
    let (sheet, cells) = if let Some(quoted) = text.strip_prefix('\'') {
        let end = closing_quote(quoted)?;
        let (name, rest) = (quoted.get(..end)?, quoted.get(end + 1..)?);
        (name.replace("''", "'"), rest.strip_prefix(separator)?)
    } else {
        let (name, cells) = text.split_once(separator)?;
        (name.to_owned(), cells)
    };
    let index = sheets.iter().position(|it| it.name.to_lowercase() == sheet.to_lowercase())?;
    Some((index, cells))
}

/// Where a quoted name ends; two quotes in it stand for one.
fn closing_quote(text: &str) -> Option<usize> {
    let mut quotes = text.match_indices('\'').map(|(at, _)| at).peekable();
    while let Some(at) = quotes.next() {
        if quotes.next_if_eq(&(at + 1)).is_none() {
            return Some(at);
        }
    }
    None
}

/// The cells of a table, without so many rows of totals at its end.
pub(super) fn without_totals(range: CellRange, totals: u32) -> Option<CellRange> {
    let last_row = range.last_row.get().checked_sub(totals).filter(|last| *last >= range.first_row.get())?;
    let is_within = range.last_row.get() <= MAX_ROWS && range.last_column.get() < MAX_COLUMNS;
    is_within.then_some(CellRange { last_row: metricsheet_core::RowNumber::new(last_row), ..range })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::Visibility;

    #[test]
    fn references_name_a_sheet_and_its_cells() {
        let sheets: Vec<Sheet> = ["Q1", "It's, here!"]
            .map(|name| Sheet { name: name.to_owned(), visibility: Visibility::Visible })
            .into();
        for (text, separator, expected) in [
            ("Q1!$A$4:$F$20", '!', Some((0, "A4:F20"))),
            ("=q1!A4:F20", '!', Some((0, "A4:F20"))),
            ("'It''s, here!'!$A:$C", '!', Some((1, "A:C"))),
            ("Q1!$B$2", '!', Some((0, "B2:B2"))),
            ("$Q1.$A$4:.$F$20", '.', Some((0, "A4:F20"))),
            ("$'It''s, here!'.A4:$'It''s, here!'.F20", '.', Some((1, "A4:F20"))),
            ("Q2!A1:B2", '!', None),
            ("Q1!A1:B2,Q1!D1:E2", '!', None),
            ("OFFSET(Q1!$A$1,0,0,5,3)", '!', None),
            ("'Q1!A1:B2", '!', None),
            ("#REF!", '!', None),
            ("0.25", '!', None),
            ("", '!', None),
        ] {
            let expected = expected.map(|(sheet, range)| (sheet, CellRange::parse(range).unwrap()));
            assert_eq!(reference(text, separator, &sheets), expected, "{text}");
        }
        for (text, expected) in [
            ("=Q1!R4C1:R20C6", Some((0, "A4:F20"))),
            ("='It''s, here!'!C1:C3", Some((1, "A:C"))),
            ("=Q1!R4:R20", Some((0, "4:20"))),
            ("=Q1!R2C2", Some((0, "B2:B2"))),
            ("=Q1!R[1]C1", None),
            ("=Q1!R0C1:R2C2", None),
            ("=Q1!R1C1:R2C2,Q1!R4C4", None),
            ("=Q1!#REF!", None),
            ("=0.25", None),
        ] {
            let expected = expected.map(|(sheet, range)| (sheet, CellRange::parse(range).unwrap()));
            assert_eq!(numbered_reference(text, &sheets), expected, "{text}");
        }
    }
}
