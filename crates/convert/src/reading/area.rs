//! Areas of cells that a workbook has a name for: tables of Excel, defined names, database ranges of OpenDocument.
//!
//! Names of several areas, of single values and of formulas are passed over: they are no tables.

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
    let text = text.trim().trim_start_matches(['=', '$']);
    let (sheet, cells) = if let Some(quoted) = text.strip_prefix('\'') {
        let end = closing_quote(quoted)?;
        let (name, rest) = (quoted.get(..end)?, quoted.get(end + 1..)?);
        (name.replace("''", "'"), rest.strip_prefix(separator)?)
    } else {
        let (name, cells) = text.split_once(separator)?;
        (name.to_owned(), cells)
    };
    // OpenDocument may name the sheet again before the second corner.
    let (first, last) = cells.split_once(':').unwrap_or((cells, cells));
    let last = last.rsplit(separator).next()?;
    let range = CellRange::parse(&format!("{first}:{last}")).ok()?;
    let index = sheets.iter().position(|it| it.name.to_lowercase() == sheet.to_lowercase())?;
    Some((index, range))
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
    }
}
