//! `METRICSHEET_CORPUS=DIR cargo xtask corpus`: every workbook in a directory as we read it, and as calamine and
//! openpyxl do; what we show, beside the CSV files that Excel exported; the fields of text files, as the csv crate reads
//! them. Each workbook is read by a process of its own, so that no crash and no hang stops the others.

mod compare;
mod exports;
mod reader;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, ensure};

use crate::shell::{cargo, root, run};
use compare::Agreement;
use exports::Exports;
use reader::{Outcome, Reader};

/// What workbooks are called. What a file is, its content tells.
const EXTENSIONS: &[&str] = &["xlsx", "xlsm", "xltx", "xltm", "xlsb", "xls", "xlt", "ods", "fods", "xml"];

/// Reads all workbooks under the directory and prints how far the readers agree.
pub(crate) fn compare() -> anyhow::Result<()> {
    let directory = std::env::var_os("METRICSHEET_CORPUS")
        .context("set METRICSHEET_CORPUS to a directory of workbooks")?;
    let directory = PathBuf::from(directory);
    run(cargo().args([
        "build",
        "--quiet",
        "--locked",
        "--package",
        "metricsheet-convert",
        "--example",
        "cells",
    ]))?;
    let readers = Reader::all();
    let mut files = Vec::new();
    let mut exports = Exports::default();
    collect(&directory, &mut files, &mut exports)?;
    files.sort();
    ensure!(!files.is_empty(), "there is no workbook under `{}`", directory.display());
    let next = AtomicUsize::new(0);
    let summary = Mutex::new(Summary::default());
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let outcomes: Vec<Outcome> = readers.iter().map(|reader| reader.read(file)).collect();
                    let name = file.strip_prefix(&directory).unwrap_or(file).display().to_string();
                    let mut one = Summary::of(&name, &readers, &outcomes);
                    if let Some(agreement) = exports.compared(&name, file) {
                        one.agreements.insert("Excel's exports", agreement);
                    }
                    summary.lock().unwrap_or_else(std::sync::PoisonError::into_inner).add(one);
                }
            });
        }
    });
    let summary = summary.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    let details = root().join("target/corpus-differences.txt");
    std::fs::write(&details, summary.details())
        .with_context(|| format!("cannot write `{}`", details.display()))?;
    anstream::println!("{}", summary.table(&readers, files.len()));
    // The fields of text files: the variable is handed on.
    run(cargo().args([
        "test",
        "--quiet",
        "--locked",
        "--package",
        "metricsheet-lint",
        "--test",
        "differential",
        "--",
        "--nocapture",
        "fields_of_a_corpus",
    ]))?;
    anstream::println!("every difference and refusal: target/corpus-differences.txt");
    let crashes = summary.crashes_of_ours();
    ensure!(crashes == 0, "our reader crashed or hung on {crashes} files");
    Ok(())
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>, exports: &mut Exports) -> anyhow::Result<()> {
    let entries =
        std::fs::read_dir(directory).with_context(|| format!("cannot read `{}`", directory.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files, exports)?;
        } else if is_workbook(&path) {
            files.push(path);
        } else {
            exports.add(path);
        }
    }
    Ok(())
}

fn is_workbook(path: &Path) -> bool {
    let extension = path.extension().and_then(|it| it.to_str()).unwrap_or_default();
    EXTENSIONS.iter().any(|known| known.eq_ignore_ascii_case(extension))
}

/// What came of some files.
#[derive(Default)]
struct Summary {
    /// By reader: how many files were read, refused, and ended in a crash.
    outcomes: BTreeMap<&'static str, [usize; 3]>,
    /// By the other reader.
    agreements: BTreeMap<&'static str, Agreement>,
    /// One line for each refusal.
    refusals: Vec<String>,
}

impl Summary {
    fn of(file: &str, readers: &[Reader], outcomes: &[Outcome]) -> Self {
        let mut summary = Self::default();
        for (reader, outcome) in readers.iter().zip(outcomes) {
            let counts = summary.outcomes.entry(reader.name()).or_default();
            counts[outcome.index()] += 1;
            if let Outcome::Refused(reason) | Outcome::Crashed(reason) = outcome {
                summary.refusals.push(format!("{file}\t{}\t{}\t{reason}", reader.name(), outcome.label()));
            }
        }
        let [Outcome::Read(ours), others @ ..] = outcomes else { return summary };
        for (reader, outcome) in readers.iter().skip(1).zip(others) {
            if let Outcome::Read(theirs) = outcome {
                summary.agreements.insert(reader.name(), Agreement::between(file, ours, theirs));
            }
        }
        summary
    }

    fn add(&mut self, other: Self) {
        for (reader, counts) in other.outcomes {
            let sum = self.outcomes.entry(reader).or_default();
            for (sum, count) in sum.iter_mut().zip(counts) {
                *sum += count;
            }
        }
        for (reader, agreement) in other.agreements {
            self.agreements.entry(reader).or_default().add(agreement);
        }
        self.refusals.extend(other.refusals);
    }

    fn crashes_of_ours(&self) -> usize {
        self.outcomes.get("ours").map_or(0, |[_, _, crashed]| *crashed)
    }

    fn table(&self, readers: &[Reader], files: usize) -> String {
        let mut text = format!("{files} files\n\n| reader | read | refused | crashed |\n|---|---|---|---|\n");
        for reader in readers {
            let [read, refused, crashed] = self.outcomes.get(reader.name()).copied().unwrap_or_default();
            let _ = writeln!(text, "| {} | {read} | {refused} | {crashed} |", reader.name());
        }
        for (reader, agreement) in &self.agreements {
            let _ = write!(text, "\n{}", agreement.table(reader));
        }
        text
    }

    fn details(&self) -> String {
        let mut lines = self.refusals.clone();
        for (reader, agreement) in &self.agreements {
            lines.extend(agreement.differences(reader));
        }
        lines.sort();
        lines.join("\n") + "\n"
    }
}
