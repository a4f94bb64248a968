//! Cells: proved valid from their bytes, and read.

use divan::{Bencher, black_box};
use metricsheet_core::plain::{LastId, PlainCells};
use metricsheet_core::value::{date, number};
use metricsheet_core::{Cell, DecimalMark, Settings, Template};

fn main() {
    divan::main();
}

/// What rows cost that need no word.
#[divan::bench(args = ["KPI-00000042,0.5432,03/31/2024,", "Revenue North,1250,12/31/2023,as reported by finance"])]
fn plain_row(bencher: Bencher, row: &str) {
    let settings = Settings::default();
    let cells = PlainCells::new(&settings);
    let texts: Vec<Cell<'_>> = row.split(',').map(Cell::text).collect();
    let columns = Template::metric_updates().columns;
    bencher.bench(|| cells.row(&columns, black_box(&texts), &mut LastId::default(), |_| false));
}

/// The first is plain, the others deviate.
#[divan::bench(args = ["0.5432", "54.32%", "$1,234.50", " (1.250,00)"])]
fn number(bencher: Bencher, text: &str) {
    let settings =
        number::NumberSettings { decimal: DecimalMark::Point, percent_maximum: None, may_be_empty: true };
    bencher.bench(|| number::read(black_box(text), &settings));
}

/// The first is plain, the others deviate.
#[divan::bench(args = ["03/31/2024", "2024-03-31", "31 March 2024", "Q1 2024"])]
fn date(bencher: Bencher, text: &str) {
    let settings = Settings::default();
    bencher.bench(|| date::read(black_box(text), &settings));
}
