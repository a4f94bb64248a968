//! Broken workbooks: whatever bytes a file holds, it is read or refused with a reason, and the rows add up.

#![expect(clippy::unwrap_used, reason = "tests stop at what they did not expect")]

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use metricsheet_convert::{Options, Workbook, convert};
use metricsheet_core::{Applicability, Settings};

/// How often each fixture is broken.
const TIMES: u64 = 150;

/// Numbers that are the same in every run (the generator of Numerical Recipes).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound.max(1)
    }
}

fn workbooks() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/workbooks");
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let is_workbook = |path: &PathBuf| {
        path.extension().is_some_and(|it| ["xlsx", "xls", "ods", "fods"].iter().any(|known| it == *known))
    };
    let mut paths: Vec<PathBuf> = paths.filter(is_workbook).collect();
    paths.sort();
    paths
}

/// Converts the bytes; the error, if they are refused.
fn outcome(bytes: Vec<u8>) -> Result<(), String> {
    let mut workbook = Workbook::open(Cursor::new(bytes)).map_err(|error| error.to_string())?;
    let options = Options { fixes: Some(Applicability::Unsafe), ..Options::default() };
    let conversion =
        convert(&mut workbook, &options, &Settings::default()).map_err(|error| error.to_string())?;
    for sheet in &conversion.sheets {
        let counts = &sheet.counts;
        assert_eq!(counts.read, counts.written + counts.rejected + counts.left_out.values().sum::<u64>());
    }
    Ok(())
}

#[test]
fn broken_bytes_are_read_or_refused() {
    let mut refused = 0;
    for path in workbooks() {
        let whole = fs::read(&path).unwrap();
        let mut numbers = Numbers(whole.len() as u64);
        for time in 0..TIMES {
            let mut bytes = whole.clone();
            for _ in 0..=numbers.below(6) {
                let at = numbers.below(bytes.len());
                bytes[at] = u8::try_from(numbers.below(256)).unwrap();
            }
            if let Err(error) = outcome(bytes) {
                // A reader that panicked would be reported like this.
                assert!(!error.contains("gave up"), "{}, time {time}", path.display());
                refused += 1;
            }
        }
    }
    assert!(refused > 100, "only {refused} were refused");
}

#[test]
fn files_cut_off_are_read_or_refused() {
    for path in workbooks() {
        let whole = fs::read(&path).unwrap();
        for part in 0..40 {
            let bytes = whole[..whole.len() * part / 40].to_vec();
            if let Err(error) = outcome(bytes) {
                assert!(!error.contains("gave up"), "{}, {part}/40", path.display());
            }
        }
    }
}
