//! Where something stands in a table. Rows and columns count differently, so they are different types.

use std::fmt;

/// A row as spreadsheet programs number it: 1-based, the first record of a file is row 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowNumber(u32);

impl RowNumber {
    /// The row with this 1-based number.
    #[must_use]
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// The 1-based number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }

    /// The row below.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for RowNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// A column: 0-based inside, shown as spreadsheet programs letter it (`A`, `Z`, `AA`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ColumnIndex(u32);

impl ColumnIndex {
    /// The column with this 0-based index.
    #[must_use]
    pub const fn new(index: u32) -> Self {
        Self(index)
    }

    /// The 0-based index.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }

    /// The 1-based number of the column.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0.saturating_add(1)
    }

    /// Reads column letters of either case, `A` to `XFD`; `None` for anything else.
    ///
    /// ```
    /// use metricsheet_core::ColumnIndex;
    /// assert_eq!(ColumnIndex::from_letters("AA"), Some(ColumnIndex::new(26)));
    /// assert_eq!(ColumnIndex::from_letters("XFE"), None);
    /// ```
    #[must_use]
    pub fn from_letters(letters: &str) -> Option<Self> {
        // Three letters reach ZZZ = 18,278, beyond the last column XFD = 16,384.
        if letters.is_empty() || letters.len() > 3 {
            return None;
        }
        let mut number = 0_u32;
        for letter in letters.bytes() {
            if !letter.is_ascii_alphabetic() {
                return None;
            }
            number = number * 26 + u32::from(letter.to_ascii_uppercase() - b'A') + 1;
        }
        (number <= 16_384).then(|| Self(number - 1))
    }
}

impl fmt::Display for ColumnIndex {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut letters = Vec::new();
        let mut rest = self.number();
        while rest > 0 {
            let digit = u8::try_from((rest - 1) % 26).unwrap_or_default();
            letters.push(char::from(b'A' + digit));
            rest = (rest - 1) / 26;
        }
        formatter.write_str(&letters.iter().rev().collect::<String>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_lettered_as_spreadsheet_programs_do() {
        for (index, letters) in [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA"), (16_383, "XFD")]
        {
            assert_eq!(ColumnIndex::new(index).to_string(), letters);
            assert_eq!(ColumnIndex::from_letters(letters), Some(ColumnIndex::new(index)));
        }
        assert_eq!(ColumnIndex::from_letters("b"), Some(ColumnIndex::new(1)));
        for no_column in ["", "XFE", "AAAA", "A1", "Ä"] {
            assert_eq!(ColumnIndex::from_letters(no_column), None, "{no_column}");
        }
    }
}
