//! The files of the contests: the same on every machine, because their numbers come from a fixed seed. Made once
//! and kept; refuses to make one anew that is there.

mod ods;
mod xlsb;
mod xlsx;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::Context as _;

use super::contests::Size;
use crate::measure::{Needs, is_installed, run};

/// The names of the files, within their directory.
#[derive(Debug)]
pub(super) struct Inputs {
    pub(super) clean: String,
    pub(super) dirty: String,
    pub(super) many_files: String,
    /// Clean files by their number of rows.
    pub(super) growing: Vec<(usize, String)>,
    /// The same with one row in twenty dirty.
    pub(super) growing_dirty: Vec<(usize, String)>,
    pub(super) long_workbook: String,
    pub(super) wide_workbook: String,
    pub(super) many_workbooks: String,
    /// One of each other format; of xls only where LibreOffice is installed, which writes it.
    pub(super) other_workbooks: Vec<String>,
}

impl Inputs {
    pub(super) fn make(directory: &Path, size: &Size) -> anyhow::Result<Self> {
        let csv = |rows: usize, share: u64| -> anyhow::Result<String> {
            let name = if share == 0 { format!("clean-{rows}.csv") } else { format!("dirty-{rows}.csv") };
            once(directory, &name, |out| csv_rows(out, rows, share, 0))?;
            Ok(name)
        };
        let many_files = format!("files-{}", size.files);
        for at in 0..size.files {
            let name = format!("{many_files}/{at:05}.csv");
            once(directory, &name, |out| csv_rows(out, 100, 0, at as u64))?;
        }
        let workbook = |rows: usize, columns: usize| -> anyhow::Result<String> {
            let name = format!("workbook-{rows}-{columns}.xlsx");
            once(directory, &name, |out| xlsx::write(out, rows, columns))?;
            Ok(name)
        };
        let many_workbooks = format!("workbooks-{}", size.workbooks);
        for at in 0..size.workbooks {
            once(directory, &format!("{many_workbooks}/{at:05}.xlsx"), |out| xlsx::write(out, 50, 3))?;
        }
        let rows = size.workbook_rows / 5;
        let mut other_workbooks = vec![format!("workbook-{rows}.ods"), format!("workbook-{rows}.xlsb")];
        once(directory, &other_workbooks[0], |out| ods::write(out, rows))?;
        once(directory, &other_workbooks[1], |out| xlsb::write(out, rows))?;
        if is_installed(Needs::Program("soffice")) {
            other_workbooks.push(xls(directory, rows.min(MOST_ROWS_OF_XLS))?);
        }
        let growing = |share: u64| -> anyhow::Result<Vec<(usize, String)>> {
            size.growing.iter().map(|rows| Ok((*rows, csv(*rows, share)?))).collect()
        };
        Ok(Self {
            clean: csv(size.rows, 0)?,
            dirty: csv(size.rows, 20)?,
            many_files,
            growing: growing(0)?,
            growing_dirty: growing(20)?,
            long_workbook: workbook(size.workbook_rows, 3)?,
            wide_workbook: workbook(size.workbook_rows / 20, 60)?,
            many_workbooks,
            other_workbooks,
        })
    }
}

/// With the header, no sheet of xls has more.
const MOST_ROWS_OF_XLS: usize = 65_535;

/// Has LibreOffice write a workbook of xls.
fn xls(directory: &Path, rows: usize) -> anyhow::Result<String> {
    let name = format!("of-libreoffice-{rows}.xls");
    if !directory.join(&name).exists() {
        let source = format!("of-libreoffice-{rows}.xlsx");
        once(directory, &source, |out| xlsx::write(out, rows, 3))?;
        run(&format!("exec soffice --headless --convert-to xls {source}"), directory)?;
    }
    Ok(name)
}

/// Writes a file unless it is there; only a whole one gets its name.
fn once(
    directory: &Path,
    name: &str,
    write: impl FnOnce(&mut BufWriter<File>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let path = directory.join(name);
    if path.exists() {
        return Ok(());
    }
    let begun = directory.join("unfinished");
    let fill = || -> anyhow::Result<()> {
        path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
        let mut out = BufWriter::with_capacity(1 << 20, File::create(&begun)?);
        write(&mut out)?;
        out.flush()?;
        Ok(std::fs::rename(&begun, &path)?)
    };
    fill().with_context(|| format!("cannot make `{}`", path.display()))
}

/// Numbers that look like chance and are the same every time (`splitmix64`).
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

/// Rows of metrics with a value for each of a thousand days. One row in `share` is as people type it; 0 for none.
pub(crate) fn csv_rows(out: &mut impl Write, rows: usize, share: u64, seed: u64) -> anyhow::Result<()> {
    let mut chance = Chance(seed);
    writeln!(out, "External ID,Current Metric Value,As Of Date,Comment")?;
    for row in 0..rows {
        let metric = row / 1000;
        let (year, month, day) = day(row);
        let value = 100 + chance.below(9_800);
        let comment = if row % 4 == 0 { "as reported by finance" } else { "" };
        let (mut number, mut date) = (format!("0.{value:04}"), format!("{month:02}/{day:02}/{year}"));
        if share > 0 && chance.below(share) == 0 {
            match chance.below(4) {
                0 => number = format!("{}.{:02}%", value / 100, value % 100),
                1 => number.insert(0, ' '),
                2 => number.insert(0, '$'),
                _ => date = format!("{year}-{month:02}-{day:02}"),
            }
        }
        writeln!(out, "KPI-{metric:08},{number},{date},{comment}")?;
    }
    Ok(())
}

/// The year, the month and the day of a row: a thousand days, and again.
const fn day(row: usize) -> (usize, usize, usize) {
    let day = row % 1000;
    (2020 + day / 336, 1 + day / 28 % 12, 1 + day % 28)
}

/// The days of the rows of Excel's workbooks begin with the first of 2020, as serial numbers of Excel.
const FIRST_DAY: usize = 43_831;
