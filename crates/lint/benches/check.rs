//! A file checked and mended in memory, clean and with one row in twenty as people type it.

use std::fmt::Write as _;

use divan::Bencher;
use divan::counter::BytesCount;
use metricsheet_lint::{Level, Options, check, fix};

fn main() {
    divan::main();
}

fn file(dirty_every: usize) -> String {
    let mut text = "External ID,Current Metric Value,As Of Date,Comment\n".to_owned();
    for row in 0..20_000_usize {
        let (metric, day) = (row / 300, row % 300);
        let sign = if row % dirty_every == 1 { "%" } else { "" };
        let (month, day) = (1 + day / 25, 1 + day % 25);
        let _ = writeln!(text, "KPI-{metric:05},0.{row:05}{sign},{month:02}/{day:02}/2024,");
    }
    text
}

#[divan::bench(args = [usize::MAX, 20])]
fn checked(bencher: Bencher, dirty_every: usize) {
    let (text, options) = (file(dirty_every), Options::default());
    bencher.counter(BytesCount::of_str(&text)).bench(|| check(text.as_bytes(), &options));
}

#[divan::bench(args = [usize::MAX, 20])]
fn fixed(bencher: Bencher, dirty_every: usize) {
    let (text, options) = (file(dirty_every), Options::default());
    bencher.counter(BytesCount::of_str(&text)).bench(|| fix(text.as_bytes(), &options, Level::Safe));
}
