//! Text into records and fields.

use divan::Bencher;
use divan::counter::BytesCount;
use metricsheet_delimited::{Dialect, Records};

fn main() {
    divan::main();
}

#[divan::bench(args = ["KPI-1,0.5432,03/31/2024,\n", "\"KPI-1\",\"1,250\",\"03/31/2024\",\"as \"\"reported\"\"\"\n"])]
fn records(bencher: Bencher, row: &str) {
    let text = row.repeat(1000);
    let dialect = Dialect::rfc4180();
    bencher.counter(BytesCount::of_str(&text)).bench(|| {
        let mut records = Records::new(&text, &dialect, 0, 4);
        let mut fields = 0;
        while let Some(record) = records.read() {
            fields += record.fields.len();
        }
        fields
    });
}
