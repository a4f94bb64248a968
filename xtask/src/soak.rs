//! Long runs: thousands of files at once, and one file that is larger than memory ought to be. Memory must not grow
//! with the number of files, nothing may be left behind, and a large file must come out as its pieces would.
//!
//! The release build is measured by GNU time; without that there is nothing to judge by.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};

use crate::bench::csv_rows;
use crate::measure::{self, Cost};
use crate::shell::{cargo, root, run as run_command, target};

/// What each further file may leave in memory: its name, its settings and its counts, never its content.
const BYTES_PER_FILE: u64 = 2 << 10;

/// What a row of a large file may take, as `check` remembers the IDs and days of all rows.
const BYTES_PER_ROW: u64 = 24;

/// What a run may take beside that.
const BASE: u64 = 256 << 20;

/// How much to do.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// How many files the folder holds: texts with mistakes, and the workbooks of `fixtures/`
    #[arg(long, default_value_t = 10_000)]
    files: usize,

    /// The size of the large file
    #[arg(long, value_name = "GB", default_value_t = 5)]
    gigabytes: u64,
}

/// Runs the chore.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    ensure!(
        Path::new("/usr/bin/time").exists(),
        "GNU time is not installed, which tells the memory of a run"
    );
    run_command(cargo().args(["build", "--release", "--locked", "--package", "metricsheet"]))?;
    let directory = target().join("soak");
    if directory.exists() {
        fs::remove_dir_all(&directory).with_context(|| format!("cannot empty `{}`", directory.display()))?;
    }
    many_files(&directory, arguments.files.max(10))?;
    large_file(&directory, arguments.gigabytes)?;
    fs::remove_dir_all(&directory).with_context(|| format!("cannot remove `{}`", directory.display()))
}

/// Checks, fixes and converts a folder, and a tenth of it.
fn many_files(directory: &Path, files: usize) -> anyhow::Result<()> {
    let workbooks = workbooks()?;
    for (folder, count) in [("few", files / 10), ("many", files)] {
        let folder = directory.join(folder);
        fs::create_dir_all(&folder).with_context(|| format!("cannot make `{}`", folder.display()))?;
        for at in 0..count {
            // Every other file is a workbook.
            if let (1, Some(workbook)) = (at % 2, workbooks.get(at / 2 % workbooks.len().max(1))) {
                let extension = workbook.extension().unwrap_or_default();
                let copy = folder.join(format!("{at:06}")).with_extension(extension);
                fs::copy(workbook, &copy).with_context(|| format!("cannot make `{}`", copy.display()))?;
            } else {
                write(&folder.join(format!("{at:06}.csv")), |out| csv_rows(out, 100, 20, at as u64))?;
            }
        }
    }
    for work in ["check", "check --fix --unsafe-fixes", "convert -o out-"] {
        let run = |folder: &str| {
            let output = if work.ends_with('-') { folder } else { "" };
            fs::create_dir_all(directory.join(format!("out-{folder}"))).context("cannot make a folder")?;
            program(directory, &format!("{work}{output} {folder}"))
        };
        let (few, many) = (run("few")?, run("many")?);
        say(&format!("{work} of {files} files"), &many);
        let (few, many) = (few.memory.unwrap_or(0), many.memory.unwrap_or(u64::MAX));
        let most = few + BYTES_PER_FILE * files as u64;
        ensure!(many <= most, "`{work}` takes {many} bytes of memory, and {few} for a tenth of the files");
    }
    nothing_is_left(directory)
}

/// Checks and fixes one file of so many gigabytes, and sees that the mended file has as many rows and nothing to mend.
fn large_file(directory: &Path, gigabytes: u64) -> anyhow::Result<()> {
    let path = directory.join("large.csv");
    // A row of `csv_rows` has 37.5 bytes on average.
    let rows = gigabytes * 1_000_000_000 / 37;
    write(&path, |out| csv_rows(out, usize::try_from(rows)?, 20, 0))?;
    let bytes = path.metadata().context("cannot look at the large file")?.len();
    let most = BASE + BYTES_PER_ROW * rows;
    for work in ["check --statistics", "check --fix --statistics", "check --statistics"] {
        let cost = program(directory, &format!("{work} large.csv"))?;
        say(&format!("{work} of {bytes} bytes in {rows} rows"), &cost);
        let memory = cost.memory.unwrap_or(u64::MAX);
        ensure!(memory <= most, "`{work}` takes {memory} bytes of memory, and {most} are allowed");
    }
    nothing_is_left(directory)
}

/// No file of the program's own may stay behind.
fn nothing_is_left(directory: &Path) -> anyhow::Result<()> {
    let mut folders = vec![directory.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| format!("cannot list `{}`", folder.display()))? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            ensure!(!name.starts_with(".metricsheet"), "`{}` was left behind", path.display());
            if path.is_dir() {
                folders.push(path);
            }
        }
    }
    Ok(())
}

/// Runs the release build in the directory.
fn program(directory: &Path, arguments: &str) -> anyhow::Result<Cost> {
    let program = target().join("release/metricsheet");
    measure::run(&format!("exec {} {arguments} -q --exit-zero", program.display()), directory)
}

fn say(what: &str, cost: &Cost) {
    let megabytes = cost.memory.unwrap_or_default() >> 20;
    let processor = cost.processor.unwrap_or_default();
    anstream::println!("{what}: {:.1} s, {processor:.1} s of processor time, {megabytes} MiB", cost.wall);
}

fn write(path: &Path, fill: impl FnOnce(&mut BufWriter<File>) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let begin = || -> anyhow::Result<()> {
        let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
        fill(&mut out)?;
        Ok(out.flush()?)
    };
    begin().with_context(|| format!("cannot make `{}`", path.display()))
}

/// The workbooks among the fixtures that convert.
fn workbooks() -> anyhow::Result<Vec<PathBuf>> {
    let folder = root().join("fixtures/workbooks");
    let entries = fs::read_dir(&folder).with_context(|| format!("cannot list `{}`", folder.display()))?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    let is_workbook = |path: &PathBuf| {
        let extension = path.extension().unwrap_or_default().to_string_lossy();
        ["xlsx", "xlsb", "xls", "ods"].contains(&extension.as_ref())
    };
    paths.retain(is_workbook);
    paths.sort();
    Ok(paths)
}
