//! What we show, beside what Excel exported: `BOOK.xlsx.0.csv` holds the first sheet of the `BOOK.xlsx` in its
//! directory or in the one above.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use metricsheet_delimited::{Decoded, Dialect, Records, encoding_named};

use super::compare::Agreement;
use super::is_workbook;
use super::reader::{Cells, Outcome, Reader, Value};

/// The exports of a directory, by the workbook that they name, perhaps one that is not there.
#[derive(Default)]
pub(super) struct Exports(BTreeMap<PathBuf, Vec<(usize, PathBuf)>>);

impl Exports {
    /// Remembers the file if it is an export.
    pub(super) fn add(&mut self, path: PathBuf) {
        let Some((workbook, sheet)) = exported(&path) else { return };
        let name = workbook.file_name().unwrap_or_default();
        let above = path.parent().and_then(Path::parent).map(|directory| directory.join(name));
        let is_above = !workbook.exists();
        if let Some(workbook) = if is_above { above } else { Some(workbook) } {
            self.0.entry(workbook).or_default().push((sheet, path));
        }
    }

    /// How far the texts that we show agree with the exports; `None` if there are none, or no cells.
    pub(super) fn compared(&self, name: &str, workbook: &Path) -> Option<Agreement> {
        let exports = self.0.get(workbook)?;
        let Outcome::Read(shown) = Reader::Shown.read(workbook) else { return None };
        let mut all: Option<Agreement> = None;
        for (sheet, export) in exports {
            let export = Export::read(*sheet, &std::fs::read(export).ok()?);
            let one = [true, false].map(|from_first_cell| {
                let ours = of_sheet(&shown, *sheet, from_first_cell);
                Agreement::judged(name, &ours, &export.cells, |ours, theirs| export.difference(ours, theirs))
            });
            // What is exported begins at the first cell that is used or formatted, which only Excel knows.
            let [first, other] = one;
            let one = if other.agreeing_cells() > first.agreeing_cells() { other } else { first };
            match &mut all {
                Some(all) => all.add(one),
                None => all = Some(one),
            }
        }
        all.map(Agreement::of_one_file)
    }
}

/// The workbook and the 0-based sheet that an export is of.
fn exported(path: &Path) -> Option<(PathBuf, usize)> {
    let (rest, sheet) = path.to_str()?.strip_suffix(".csv")?.rsplit_once('.')?;
    let workbook = PathBuf::from(rest);
    is_workbook(&workbook).then(|| Some((workbook, sheet.parse().ok()?)))?
}

/// The cells of a sheet, counted from its first cell or from A1.
fn of_sheet(shown: &Cells, sheet: usize, from_first_cell: bool) -> Cells {
    let sheet = sheet.to_string();
    let cells = || shown.iter().filter(|((name, ..), _)| **name == *sheet);
    let (mut row, mut column) = (1, 1);
    if from_first_cell {
        row = cells().map(|((_, row, _), _)| *row).min().unwrap_or(1);
        column = cells().map(|((_, _, column), _)| *column).min().unwrap_or(1);
    }
    let moved =
        cells().map(|((name, r, c), value)| ((Arc::clone(name), r - row + 1, c - column + 1), value.clone()));
    moved.collect()
}

/// What Excel exported of a sheet.
struct Export {
    cells: Cells,
    /// Whether the exporting system divides decimals with commas, and so fields with semicolons.
    has_decimal_commas: bool,
}

impl Export {
    fn read(sheet: usize, bytes: &[u8]) -> Self {
        let text = Decoded::read(bytes, encoding_named("windows-1252")).text;
        let text = text.trim_start_matches('\u{feff}');
        let first_line = text.lines().next().unwrap_or_default();
        let has_decimal_commas = first_line.contains(';') && !first_line.contains(',');
        let delimiter = if has_decimal_commas { ";" } else { "," };
        let dialect = Dialect { delimiter: Some(delimiter.to_owned()), ..Dialect::rfc4180() };
        let (mut records, mut cells) = (Records::new(text, &dialect, 0, 0), Cells::new());
        let sheet: Arc<str> = sheet.to_string().into();
        while let Some(record) = records.read() {
            for (column, field) in (1..).zip(record.fields) {
                let text =
                    field.replace('\\', "\\\\").replace('\t', "\\t").replace('\r', "").replace('\n', "\\n");
                if !text.trim().is_empty() {
                    cells.insert((Arc::clone(&sheet), record.row, column), ("text".to_owned(), text));
                }
            }
        }
        Self { cells, has_decimal_commas }
    }

    fn difference(&self, ours: Option<&Value>, theirs: Option<&Value>) -> Option<String> {
        let difference = difference(ours, theirs)?;
        Some(if self.has_decimal_commas {
            "an export of a system whose language has decimal commas".to_owned()
        } else {
            difference
        })
    }
}

/// In what a shown text differs from an exported one: of ours, the kind is the number format.
fn difference(ours: Option<&Value>, theirs: Option<&Value>) -> Option<String> {
    let (code, ours) = ours.map_or(("", ""), |(code, text)| (code.as_str(), text.trim()));
    let theirs = theirs.map_or("", |(_, text)| text.trim());
    let is_marks = theirs.len() > 2 && theirs.bytes().all(|byte| byte == b'#');
    let unbroken = |text: &str| text.replace("\\n", "");
    Some(match (ours, theirs) {
        _ if ours == theirs => return None,
        _ if is_marks => "a column too narrow for its numbers (`####`)".to_owned(),
        (_, "#NAME?") => "a function that the exporting program did not know (`#NAME?`)".to_owned(),
        _ if is_in_a_smaller_code_page(ours, theirs) => {
            "characters that the code page of the export lacks".to_owned()
        }
        ("", _) if code == "no result" => "a formula without a stored result".to_owned(),
        ("", _) => "nothing for a text".to_owned(),
        (_, "") => "a text for nothing".to_owned(),
        _ if unbroken(ours) == unbroken(theirs) => "line breaks that the export lacks".to_owned(),
        _ if code.contains("[$-F800]") || code.contains("[$-F400]") || code.starts_with("m/d/yyyy") => {
            "a date or time in the form that the exporting system is set to".to_owned()
        }
        _ => format!("others of the format `{code}`"),
    })
}

/// Whether the texts differ in nothing but blanks and in characters for which a `_` stands, two where a character takes
/// two units of UTF-16.
fn is_in_a_smaller_code_page(ours: &str, theirs: &str) -> bool {
    let written = |text: &str| text.chars().filter(|it| !it.is_whitespace()).collect::<String>();
    let (ours, theirs) = (written(ours), written(theirs));
    let (mut ours, mut theirs) = (ours.encode_utf16(), theirs.encode_utf16());
    let is_ascii = |unit: u16| unit < 0x80;
    loop {
        match (ours.next(), theirs.next()) {
            (None, None) => return true,
            (Some(one), Some(other)) if one == other || (other == u16::from(b'_') && !is_ascii(one)) => {}
            (Some(_), _) | (None, Some(_)) => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_told_by_their_reason() {
        for (code, ours, theirs, expected) in [
            ("General", "1", " 1 ", None),
            ("0.00", "-1.20", "#####", Some("a column too narrow for its numbers (`####`)")),
            ("General", "1₹", "1_", Some("characters that the code page of the export lacks")),
            ("General", "1a", "1_", Some("others of the format `General`")),
            ("General", "🍣 ﷼", "__ _ ", Some("characters that the code page of the export lacks")),
            ("General", "a\\nb", "ab", Some("line breaks that the export lacks")),
            ("no result", "", "5", Some("a formula without a stored result")),
            (
                "m/d/yyyy",
                "3/31/2024",
                "31.3.24",
                Some("a date or time in the form that the exporting system is set to"),
            ),
            ("0", "1", "2", Some("others of the format `0`")),
        ] {
            let (ours, theirs) = ((code.to_owned(), ours.to_owned()), ("text".to_owned(), theirs.to_owned()));
            assert_eq!(difference(Some(&ours), Some(&theirs)).as_deref(), expected);
        }
    }

    #[test]
    fn exports_are_known_by_their_names() {
        for (path, expected) in [
            ("a/b.xlsx.0.csv", Some(("a/b.xlsx", 0))),
            ("b.xls.xml.12.csv", Some(("b.xls.xml", 12))),
            ("b.xlsx.csv", None),
            ("b.txt.0.csv", None),
            ("b.csv", None),
        ] {
            let expected = expected.map(|(workbook, sheet)| (PathBuf::from(workbook), sheet));
            assert_eq!(exported(Path::new(path)), expected, "{path}");
        }
    }
}
