//! The text that a number format shows of a value.

use divan::{Bencher, black_box};
use metricsheet_convert::number_format::{DateSystem, NumberFormat};

fn main() {
    divan::main();
}

#[divan::bench(args = ["General", "0.00%", "#,##0.00 [$€-407]", "yyyy-mm-dd", "[>=100]0;0.0"])]
fn shown(bencher: Bencher, code: &str) {
    let format = NumberFormat::new(code);
    bencher.bench(|| format.shown(black_box(45_382.25), DateSystem::From1900));
}
