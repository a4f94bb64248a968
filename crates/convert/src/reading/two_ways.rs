//! For tests of scanners: workbooks whose sheets are read in two ways, by the scanner and as XML events.

use std::ffi::OsStr;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use super::{ReadError, RowSink, SheetFacts};

/// Holds both ways against each other on so many sheets of a workbook, each read with and without the scanner; tells how
/// many rows there are.
pub(super) fn compare_sheets(
    path: &Path,
    sheets: usize,
    mut read: impl FnMut(usize, bool, &mut RowSink<'_>) -> Result<SheetFacts, ReadError>,
) -> usize {
    let mut compared = 0;
    for sheet in 0..sheets {
        let [scanned, as_events] = [true, false].map(|scans| {
            let mut rows = Vec::new();
            let facts = read(sheet, scans, &mut |row| {
                rows.push(row.clone());
                ControlFlow::Continue(())
            });
            (rows, facts.map_err(|error| error.to_string()))
        });
        compared += scanned.0.len();
        assert_eq!(scanned, as_events, "{}, sheet {sheet}", path.display());
    }
    compared
}

/// Compares the workbooks with one of the extensions in these folders of the fixtures, and in the folder that
/// `METRICSHEET_CORPUS` names; tells how many files and rows there are.
pub(super) fn compare_workbooks(
    folders: &[&str],
    extensions: &[&str],
    compare: impl Fn(&Path) -> usize,
) -> (usize, usize) {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let corpus = std::env::var_os("METRICSHEET_CORPUS").map(PathBuf::from);
    let mut folders: Vec<PathBuf> = folders.iter().map(|name| fixtures.join(name)).collect();
    folders.extend(corpus);
    let is_workbook = |extension: &OsStr| extensions.iter().any(|it| extension == *it);
    let (mut files, mut rows) = (0, 0);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(is_workbook) {
                files += 1;
                rows += compare(&path);
            }
        }
    }
    (files, rows)
}
