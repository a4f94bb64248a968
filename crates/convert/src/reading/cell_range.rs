//! Rectangles of cells, and references to them as spreadsheet programs write them.

use metricsheet_core::{ColumnIndex, RowNumber};

use super::{MAX_COLUMNS, MAX_ROWS};

/// A rectangle of cells, all bounds included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CellRange {
    /// The first row.
    pub first_row: RowNumber,
    /// The last row.
    pub last_row: RowNumber,
    /// The first column.
    pub first_column: ColumnIndex,
    /// The last column.
    pub last_column: ColumnIndex,
}

/// A text that names no rectangle of cells.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no range: write two corners such as `B4:F200`, columns such as `B:F`, or rows such as `4:200`"
)]
pub struct InvalidRange(String);

impl CellRange {
    /// Reads `B4:F200`, whole columns `B:F` or whole rows `4:200`, in either case, with or without `$`.
    ///
    /// ```
    /// use metricsheet_convert::reading::CellRange;
    /// assert_eq!(CellRange::parse("B4:F200").unwrap().last_row.get(), 200);
    /// assert!(CellRange::parse("F200:B4").is_err());
    /// ```
    ///
    /// # Errors
    /// [`InvalidRange`] for anything else, also where the second corner lies before the first.
    pub fn parse(text: &str) -> Result<Self, InvalidRange> {
        Self::read(text).ok_or_else(|| InvalidRange(text.to_owned()))
    }

    fn read(text: &str) -> Option<Self> {
        let (first, last) = text.trim().split_once(':')?;
        let ((first_column, first_row), (last_column, last_row)) = (corner(first)?, corner(last)?);
        if first_column.is_some() != last_column.is_some() || first_row.is_some() != last_row.is_some() {
            return None;
        }
        let range = Self {
            first_row: first_row.unwrap_or(RowNumber::new(1)),
            last_row: last_row.unwrap_or(RowNumber::new(MAX_ROWS)),
            first_column: first_column.unwrap_or(ColumnIndex::new(0)),
            last_column: last_column.unwrap_or(ColumnIndex::new(MAX_COLUMNS - 1)),
        };
        (range.first_row <= range.last_row && range.first_column <= range.last_column).then_some(range)
    }

    /// Whether the rectangle covers this cell.
    #[must_use]
    pub fn contains(&self, row: RowNumber, column: ColumnIndex) -> bool {
        (self.first_row..=self.last_row).contains(&row)
            && (self.first_column..=self.last_column).contains(&column)
    }
}

/// `B4`, `B` or `4`.
fn corner(text: &str) -> Option<(Option<ColumnIndex>, Option<RowNumber>)> {
    let text = text.replace('$', "");
    let split = text.find(|it: char| it.is_ascii_digit()).unwrap_or(text.len());
    let (letters, digits) = text.split_at(split);
    let column = if letters.is_empty() { None } else { Some(ColumnIndex::from_letters(letters)?) };
    let row = match digits {
        "" => None,
        digits => Some(digits.parse().ok().filter(|row| (1..=MAX_ROWS).contains(row)).map(RowNumber::new)?),
    };
    (column.is_some() || row.is_some()).then_some((column, row))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read() {
        for (text, expected) in [
            ("B4:F200", Some((4, 200, "B", "F"))),
            ("$b$4:$f$200", Some((4, 200, "B", "F"))),
            ("B:F", Some((1, 1_048_576, "B", "F"))),
            ("4:200", Some((4, 200, "A", "XFD"))),
            ("A1:A1", Some((1, 1, "A", "A"))),
            ("B4", None),
            ("B4:F", None),
            ("F4:B200", None),
            ("A0:B1", None),
            ("A1:XFE9", None),
            ("A1:B1048577", None),
            (":", None),
        ] {
            let found = CellRange::parse(text).ok().map(|it| {
                (
                    it.first_row.get(),
                    it.last_row.get(),
                    it.first_column.to_string(),
                    it.last_column.to_string(),
                )
            });
            let expected = expected.map(|(a, b, c, d)| (a, b, c.to_owned(), d.to_owned()));
            assert_eq!(found, expected, "{text}");
        }
    }
}
