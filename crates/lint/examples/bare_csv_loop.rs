//! The yardstick of `cargo xtask bench`: reads CSV files with the csv crate and does nothing with their fields.
//! Prints how many records there were.

use std::error::Error;
use std::io::Write as _;

fn main() -> Result<(), Box<dyn Error>> {
    let mut records = 0_u64;
    for path in std::env::args_os().skip(1) {
        let path = std::path::PathBuf::from(path);
        let paths = if path.is_dir() {
            std::fs::read_dir(&path)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?
        } else {
            vec![path]
        };
        for path in paths {
            let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_path(path)?;
            let mut record = csv::ByteRecord::new();
            while reader.read_byte_record(&mut record)? {
                records += 1;
            }
        }
    }
    writeln!(std::io::stdout(), "{records}")?;
    Ok(())
}
