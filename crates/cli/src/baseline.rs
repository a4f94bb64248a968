//! The baseline: findings that stand today and are accepted, so that only new ones count. An entry is known by the
//! file, the rule, the External ID, the column and the cell's text: rows may move. Entries that match nothing any
//! more are told, so that the file shrinks as the data gets better.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use crate::in_place;
use crate::output::{Diagnostic, FileReport};

/// The only version so far.
const VERSION: u32 = 1;

/// Accepted findings and how often each may occur.
#[derive(Debug, Default)]
pub(crate) struct Baseline {
    entries: BTreeMap<Accepted, usize>,
}

/// What makes a finding the same in the next run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Accepted {
    /// The path from the directory of the baseline, with forward slashes.
    pub(crate) file: String,
    pub(crate) code: String,
    pub(crate) external_id: Option<String>,
    /// The column's label.
    pub(crate) field: Option<String>,
    pub(crate) text: String,
}

#[derive(Serialize, Deserialize)]
struct Document {
    version: u32,
    accepted: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    #[serde(flatten)]
    accepted: Accepted,
    count: usize,
}

impl Baseline {
    /// Reads a baseline.
    ///
    /// # Errors
    /// If the file cannot be read, or is no baseline of a known version.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let shown = path.display();
        let text =
            std::fs::read_to_string(path).with_context(|| format!("cannot read the baseline `{shown}`"))?;
        let document: Document = serde_json::from_str(&text)
            .with_context(|| format!("`{shown}` is no baseline; `--write-baseline` makes one"))?;
        anyhow::ensure!(
            document.version == VERSION,
            "the baseline `{shown}` has version {}, and only {VERSION} is known",
            document.version
        );
        let entries = document.accepted.into_iter().map(|entry| (entry.accepted, entry.count));
        Ok(Self { entries: entries.collect() })
    }

    /// Accepts all that was found in a file.
    pub(crate) fn add(&mut self, path: &Path, report: &FileReport) {
        for diagnostic in &report.diagnostics {
            *self.entries.entry(key(path, report, diagnostic)).or_default() += 1;
        }
    }

    /// How many findings are accepted.
    pub(crate) fn len(&self) -> usize {
        self.entries.values().sum()
    }

    /// Writes the baseline, whole or not at all.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub(crate) fn write(&self, path: &Path) -> anyhow::Result<()> {
        let accepted =
            self.entries.iter().map(|(accepted, count)| Entry { accepted: accepted.clone(), count: *count });
        let document = Document { version: VERSION, accepted: accepted.collect() };
        let mut text = serde_json::to_string_pretty(&document)?;
        text.push('\n');
        in_place::write(path, &mut text.as_bytes())
    }

    /// Takes the accepted findings out of a report; returns how many.
    pub(crate) fn accept(&mut self, path: &Path, report: &mut FileReport) -> usize {
        let file = file_name(path, &report.name);
        let before = report.diagnostics.len();
        report.diagnostics.retain(|diagnostic| {
            let left = self.entries.get_mut(&key_of(&file, diagnostic)).filter(|left| **left > 0);
            left.map(|left| *left -= 1).is_none()
        });
        before - report.diagnostics.len()
    }

    /// The entries that matched nothing in the file that a report is about.
    pub(crate) fn unused(&self, path: &Path, name: &str) -> Vec<(Accepted, usize)> {
        let file = file_name(path, name);
        let of_file = self.entries.iter().filter(|(accepted, left)| accepted.file == file && **left > 0);
        of_file.map(|(accepted, left)| (accepted.clone(), *left)).collect()
    }
}

fn key(path: &Path, report: &FileReport, diagnostic: &Diagnostic) -> Accepted {
    key_of(&file_name(path, &report.name), diagnostic)
}

fn key_of(file: &str, diagnostic: &Diagnostic) -> Accepted {
    let finding = &diagnostic.finding;
    Accepted {
        file: file.to_owned(),
        code: finding.rule.code.to_owned(),
        external_id: finding.external_id.clone(),
        field: diagnostic.label.clone(),
        text: finding.text.clone(),
    }
}

/// A file's path from the directory of the baseline: both may be moved together.
fn file_name(baseline: &Path, name: &str) -> String {
    let absolute = |path: &Path| std::path::absolute(Path::new(".").join(path)).unwrap_or_default();
    let file = absolute(Path::new(name));
    let directory: PathBuf = absolute(baseline).parent().map(Path::to_owned).unwrap_or_default();
    let relative = file.strip_prefix(&directory).unwrap_or(&file);
    relative.display().to_string().replace('\\', "/")
}
