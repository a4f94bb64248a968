//! Names of areas as Excel's binary formats store them: a formula of one reference, whose sheet is a number in a list.
//! Sources: MS-XLS 2.4.105, 2.4.150, 2.5.198.27 and MS-XLSB 2.4.117, 2.4.722, 2.5.97.

use metricsheet_core::{ColumnIndex, RowNumber};

use super::{CellRange, MAX_COLUMNS, MAX_ROWS};

/// Flags of a name.
const HIDDEN: u32 = 0x01;
/// The name is one of the program's own, such as that of the print area.
const BUILT_IN: u32 = 0x20;

/// Whether a name is the user's own; some writers forget to say that theirs are not.
pub(super) fn is_own(flags: u32, name: &str) -> bool {
    flags & (HIDDEN | BUILT_IN) == 0 && !name.starts_with("_xlnm.")
}

/// How a version of Excel stores references.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum References {
    /// Excel 5 and 95: the sheets stand in the reference.
    Excel5,
    /// Excel 97 to 2003.
    Excel97,
    /// Excel 2007 and later.
    Excel2007,
}

/// The sheets that a reference means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sheets {
    /// Those of an entry of the list.
    Listed(u16),
    /// This one, by its position among all sheets.
    This(usize),
}

/// The sheets and cells of a formula that is one reference with a sheet; `None` for all other formulas.
pub(super) fn reference(formula: &[u8], references: References) -> Option<(Sheets, CellRange)> {
    let mut bytes = Bytes(formula);
    // The class of the token, in its upper bits, says nothing of the place.
    let is_area = match bytes.u8()? & 0x1F {
        0x1A => false,
        0x1B => true,
        _ => return None,
    };
    let sheets = match references {
        References::Excel97 | References::Excel2007 => Sheets::Listed(bytes.u16()?),
        References::Excel5 => {
            // A negative number means this workbook; eight bytes mean nothing.
            let is_own = bytes.u16()? & 0x8000 != 0;
            bytes.0 = bytes.0.get(8..)?;
            let (first, last) = (bytes.u16()?, bytes.u16()?);
            if !is_own || first != last {
                return None;
            }
            Sheets::This(usize::from(first))
        }
    };
    let row = |bytes: &mut Bytes<'_>| match references {
        References::Excel5 => bytes.u16().map(|row| u32::from(row & 0x3FFF)),
        References::Excel97 => bytes.u16().map(u32::from),
        References::Excel2007 => bytes.u32(),
    };
    let column = |bytes: &mut Bytes<'_>| match references {
        References::Excel5 => bytes.u8().map(u32::from),
        References::Excel97 | References::Excel2007 => bytes.u16().map(|column| u32::from(column & 0x3FFF)),
    };
    let first_row = row(&mut bytes)?;
    let last_row = if is_area { row(&mut bytes)? } else { first_row };
    let first_column = column(&mut bytes)?;
    let last_column = if is_area { column(&mut bytes)? } else { first_column };
    // Anything behind the reference makes it a part of a formula.
    let range = bytes.0.is_empty().then(|| range([first_row, last_row], [first_column, last_column]))??;
    Some((sheets, range))
}

/// A range of 0-based rows and columns; `None` beyond the grid, and where the ends come before the beginnings.
pub(super) fn range(
    [first_row, last_row]: [u32; 2],
    [first_column, last_column]: [u32; 2],
) -> Option<CellRange> {
    let is_within = first_row <= last_row
        && last_row < MAX_ROWS
        && first_column <= last_column
        && last_column < MAX_COLUMNS;
    is_within.then(|| CellRange {
        first_row: RowNumber::new(first_row + 1),
        last_row: RowNumber::new(last_row + 1),
        first_column: ColumnIndex::new(first_column),
        last_column: ColumnIndex::new(last_column),
    })
}

/// The list of sheets that references of a workbook lead to.
#[derive(Debug, Default)]
pub(super) struct SheetList {
    /// How many workbooks were told of, and which of them is this one.
    workbooks: u32,
    own: Option<u32>,
    /// Workbook, first and last sheet of each entry.
    entries: Vec<(u32, i32, i32)>,
}

impl SheetList {
    /// Takes the next workbook of the list.
    pub(super) fn workbook(&mut self, is_own: bool) {
        if is_own && self.own.is_none() {
            self.own = Some(self.workbooks);
        }
        self.workbooks = self.workbooks.saturating_add(1);
    }

    pub(super) fn entry(&mut self, workbook: u32, first: i32, last: i32) {
        self.entries.push((workbook, first, last));
    }

    /// The one sheet of this workbook that is meant, by its position among all sheets.
    pub(super) fn sheet(&self, sheets: Sheets) -> Option<usize> {
        match sheets {
            Sheets::This(sheet) => Some(sheet),
            Sheets::Listed(entry) => {
                let (workbook, first, last) = *self.entries.get(usize::from(entry))?;
                let is_one = Some(workbook) == self.own && first == last;
                is_one.then(|| usize::try_from(first).ok())?
            }
        }
    }
}

struct Bytes<'b>(&'b [u8]);

impl Bytes<'_> {
    fn u8(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn u16(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes([self.u8()?, self.u8()?]))
    }

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from(self.u16()?) | (u32::from(self.u16()?) << 16))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_of_one_reference_are_areas() {
        let listed = |range: &str| Some((Sheets::Listed(2), CellRange::parse(range).unwrap()));
        for (formula, references, expected) in [
            (&[0x3B, 2, 0, 3, 0, 19, 0, 0, 0, 5, 0][..], References::Excel97, listed("A4:F20")),
            (&[0x5B, 2, 0, 3, 0, 19, 0, 0, 0xC0, 5, 0xC0], References::Excel97, listed("A4:F20")),
            (&[0x3A, 2, 0, 3, 0, 1, 0], References::Excel97, listed("B4:B4")),
            (&[0x3B, 2, 0, 3, 0, 0, 0, 19, 0, 0, 0, 0, 0, 5, 0], References::Excel2007, listed("A4:F20")),
            (
                &[0x3B, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 3, 0, 19, 0xC0, 0, 5],
                References::Excel5,
                Some((Sheets::This(1), CellRange::parse("A4:F20").unwrap())),
            ),
            // Another workbook, several sheets, a part of a formula, an area without a sheet, a cut one, nonsense.
            (&[0x3B, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 3, 0, 19, 0, 0, 5], References::Excel5, None),
            (
                &[0x3B, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2, 0, 3, 0, 19, 0, 0, 5],
                References::Excel5,
                None,
            ),
            (&[0x3A, 2, 0, 3, 0, 1, 0, 0x19], References::Excel97, None),
            (&[0x25, 3, 0, 19, 0, 0, 0, 5, 0], References::Excel97, None),
            (&[0x3B, 2, 0, 3], References::Excel97, None),
            (&[0x3B, 2, 0, 19, 0, 3, 0, 0, 0, 5, 0], References::Excel97, None),
            (&[], References::Excel97, None),
        ] {
            assert_eq!(reference(formula, references), expected, "{formula:x?}");
        }
    }

    #[test]
    fn only_sheets_of_this_workbook_count() {
        let mut list = SheetList::default();
        list.workbook(false);
        list.workbook(true);
        for (workbook, first, last) in [(1, 3, 3), (1, 0, 1), (0, 0, 0), (1, -1, -1)] {
            list.entry(workbook, first, last);
        }
        for (entry, expected) in [(0, Some(3)), (1, None), (2, None), (3, None), (4, None)] {
            assert_eq!(list.sheet(Sheets::Listed(entry)), expected, "{entry}");
        }
        assert_eq!(list.sheet(Sheets::This(7)), Some(7));
    }
}
