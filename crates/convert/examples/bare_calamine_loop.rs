//! A yardstick of `cargo xtask bench`: reads the first sheet of each workbook of a directory with calamine and does
//! nothing with its cells. Prints how many there were.

use std::error::Error;
use std::io::Write as _;

use calamine::{Reader as _, open_workbook_auto};

fn main() -> Result<(), Box<dyn Error>> {
    let mut cells = 0;
    for directory in std::env::args_os().skip(1) {
        for entry in std::fs::read_dir(directory)? {
            let mut workbook = open_workbook_auto(entry?.path())?;
            if let Some(sheet) = workbook.worksheet_range_at(0) {
                cells += sheet?.used_cells().count();
            }
        }
    }
    writeln!(std::io::stdout(), "{cells}")?;
    Ok(())
}
