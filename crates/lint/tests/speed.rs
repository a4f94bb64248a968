//! A clean file is checked within a few times what the csv crate takes to split it, both measured here and now.
//! Fails when clean rows go the long way, whatever the machine.

#![expect(clippy::unwrap_used, reason = "in a test a failed unwrap is the failure")]

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use metricsheet_lint::{Options, check, check_row_by_row};

const ROWS: usize = 50_000;
/// The tests are hardly optimised, the csv crate is: here the short way takes about 6 times as long as splitting, the
/// long way 150 times.
const MOST: u32 = 20;

/// The least of several times: whatever else the machine does can only add to them.
fn least(runs: usize, work: impl Fn()) -> Duration {
    let times = (0..runs).map(|_| {
        let start = Instant::now();
        work();
        start.elapsed()
    });
    times.min().unwrap()
}

#[test]
fn a_clean_file_is_checked_at_the_speed_of_splitting_it() {
    let mut text = "External ID,Current Metric Value,As Of Date,Comment\n".to_owned();
    for row in 0..ROWS {
        let (metric, day) = (row / 300, row % 300);
        let (month, day) = (1 + day / 25, 1 + day % 25);
        writeln!(text, "KPI-{metric:05},0.{row:05},{month:02}/{day:02}/2024,as reported").unwrap();
    }
    let options = Options::default();
    assert_eq!(check(text.as_bytes(), &options), check_row_by_row(text.as_bytes(), &options));
    let split = least(5, || {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let mut record = csv::ByteRecord::new();
        while reader.read_byte_record(&mut record).unwrap() {}
    });
    let checked = least(5, || assert!(check(text.as_bytes(), &options).diagnostics.is_empty()));
    assert!(checked <= split * MOST, "checking takes {checked:?}, splitting {split:?}");
}
