//! A yardstick of `cargo xtask bench`: inflates all parts of a zip container and does nothing with them. Prints how many
//! bytes there were.

use std::error::Error;
use std::fs::File;
use std::io::Write as _;

fn main() -> Result<(), Box<dyn Error>> {
    let mut bytes = 0;
    for path in std::env::args_os().skip(1) {
        let mut archive = zip::ZipArchive::new(File::open(path)?)?;
        for part in 0..archive.len() {
            bytes += std::io::copy(&mut archive.by_index(part)?, &mut std::io::sink())?;
        }
    }
    writeln!(std::io::stdout(), "{bytes}")?;
    Ok(())
}
