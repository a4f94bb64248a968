//! The check of one file, on a thread of its own.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use metricsheet_convert::{Password, Store, convert_into};
use metricsheet_core::{Applicability, Destination};
use metricsheet_lint::{
    Fixed, Level, Options, PiecesError, Report, check, check_by_pieces, fix, fix_by_pieces,
};
use tempfile::SpooledTempFile;

use super::Arguments;
use super::telling::Telling;
use crate::file_source::FileSource;
use crate::in_place;
use crate::inputs::Input;
use crate::open;
use crate::output::{self, Failure, FileReport};
use crate::parallel;
use crate::settings::{InForce, Sources};

/// What one file came to.
pub(super) struct Checked {
    pub(super) report: FileReport,
    /// The file's baseline.
    pub(super) baseline: Option<PathBuf>,
    /// The diff, or the mended text of standard input.
    pub(super) printed: Vec<u8>,
    /// What is to be said beside the findings.
    pub(super) notes: Vec<String>,
    /// What was found in a large file, as it is told.
    pub(super) told: Option<SpooledTempFile>,
}

impl Checked {
    fn new(report: FileReport, printed: Vec<u8>) -> Self {
        Self { report, baseline: None, printed, notes: Vec::new(), told: None }
    }
}

/// Checks one file; several threads share it.
pub(super) struct Job<'a> {
    pub(super) arguments: &'a Arguments,
    pub(super) sources: Sources,
    pub(super) password: Option<Password>,
    /// How many sheets of one workbook may be checked at the same time.
    pub(super) sheets_at_once: NonZeroUsize,
}

impl Job<'_> {
    /// What the file comes to, or why it cannot be checked.
    pub(super) fn input(&self, input: anyhow::Result<Input>) -> Result<Checked, Failure> {
        let failure = |name, error: anyhow::Error| Failure { name, message: format!("{error:#}") };
        let input = input.map_err(|error| failure(None, error))?;
        let checked = || -> anyhow::Result<Checked> {
            let in_force = self.sources.of_input(&input)?;
            let bytes = open::read_once(&input, &in_force)?;
            let checked = if open::is_workbook(&input, bytes.as_deref(), &in_force) {
                let checked = self.workbook(&input, bytes, &in_force);
                checked.with_context(|| format!("cannot check `{}`", input.name()))?
            } else {
                self.text(&input, bytes, &in_force)?
            };
            Ok(Checked { baseline: in_force.baseline(), ..checked })
        };
        checked().map_err(|error| failure(Some(input.name()), error))
    }

    /// Checks a text, and mends it if asked to: the report, and what is to be printed.
    fn text(&self, input: &Input, bytes: Option<Vec<u8>>, in_force: &InForce) -> anyhow::Result<Checked> {
        let options = Options {
            settings: in_force.settings(Destination::InPlace),
            template: in_force.template(),
            selection: in_force.selection(input)?,
            encoding: in_force.encoding(),
            file_name: input.file_name(),
        };
        let is_read_only = !self.arguments.fix && !self.arguments.diff;
        if let (false, Some(reason)) = (is_read_only, options.settings.refused_in_place()) {
            anyhow::bail!("these settings cannot be used to fix files in place: {reason}");
        }
        if let (Input::File(path), false) = (input, self.arguments.diff)
            && let Some(source) = FileSource::open(path)
            && let Some(checked) = self.by_pieces(input, path, &source, &options, in_force)?
        {
            return Ok(checked);
        }
        let bytes = bytes.map_or_else(|| input.read(in_force.limits()), Ok)?;
        let named = |error: anyhow::Error| error.context(format!("cannot check `{}`", input.name()));
        if is_read_only {
            return Ok(self.checked(input, &bytes, check(&bytes, &options), Vec::new(), Vec::new()));
        }
        let fixed = fix(&bytes, &options, self.level()).map_err(|error| named(error.into()))?;
        let mut printed = Vec::new();
        if self.arguments.diff {
            printed = diff(&input.name(), &bytes, &fixed.bytes);
        } else {
            match input {
                Input::File(path) if fixed.bytes != bytes => in_place::replace(path, &bytes, &fixed.bytes)?,
                Input::File(_) => {}
                Input::Stdin(_) => printed.clone_from(&fixed.bytes),
            }
        }
        let Fixed { bytes, report, fixed } = fixed;
        Ok(self.checked(input, &bytes, report, fixed, printed))
    }

    /// Checks a large file, and mends it if asked to, without ever holding it as a whole; `None` if it has to be.
    fn by_pieces(
        &self,
        input: &Input,
        path: &Path,
        source: &FileSource,
        options: &Options,
        in_force: &InForce,
    ) -> anyhow::Result<Option<Checked>> {
        let threads = parallel::threads(self.arguments.jobs);
        let has_baseline = in_force.baseline().is_some() || self.arguments.write_baseline.is_some();
        let mut telling = Telling::new(self.arguments, path, input.name(), has_baseline);
        let extent = if self.arguments.fix {
            match fix_by_pieces(source, options, self.level(), threads, &mut telling) {
                Err(PiecesError::Io(error)) => Err(error.into()),
                Err(PiecesError::Fix(error)) => Err(error.into()),
                Ok(extent) => Ok(extent),
            }
        } else {
            check_by_pieces(source, options, threads, &mut telling).map_err(anyhow::Error::from)
        };
        let extent = extent.with_context(|| format!("cannot check `{}`", input.name()))?;
        let Some(extent) = extent else { return Ok(None) };
        let (mut report, told) = telling.finish(extent, source)?;
        // The document that measures characters needs the text of all rows.
        if !report.diagnostics.is_empty() && self.arguments.output_format.needs_text() {
            report.text = String::from_utf8_lossy(&input.read(in_force.limits())?).into_owned();
        }
        Ok(Some(Checked { told: Some(told), ..Checked::new(report, Vec::new()) }))
    }

    const fn level(&self) -> Level {
        if self.arguments.unsafe_fixes { Level::Unsafe } else { Level::Safe }
    }

    /// Checks a workbook where it lies: by what `convert` would make of it. Nothing is written.
    fn workbook(&self, input: &Input, bytes: Option<Vec<u8>>, in_force: &InForce) -> anyhow::Result<Checked> {
        let options =
            metricsheet_convert::Options { fixes: Some(Applicability::Safe), ..in_force.conversion(input)? };
        let settings = in_force.settings(Destination::NewFile);
        let password = self.password.clone();
        let mut workbook = match bytes {
            Some(bytes) => open::workbook_in(bytes, input, in_force, password)?,
            None => open::workbook(input, in_force, password)?,
        };
        let conversion =
            convert_into(Store::Nowhere, self.sheets_at_once, &mut workbook, &options, &settings)?;
        let read: u64 = conversion.sheets.iter().map(|sheet| sheet.counts.read).sum();
        let mut report = FileReport {
            is_utf8: true,
            diagnostics: output::of_workbook(&conversion, !options.sheets.is_empty()),
            rows: usize::try_from(read).unwrap_or(usize::MAX),
            ..FileReport::new(input.name())
        };
        report.diagnostics.retain_mut(|it| options.selection.admit(&mut it.finding));
        let left_out = output::left_out(&conversion, !options.sheets.is_empty());
        let notes = left_out.iter().map(|(sheet, what)| output::note(&report.name, sheet, what));
        Ok(Checked { notes: notes.collect(), ..Checked::new(report, Vec::new()) })
    }

    fn checked(
        &self,
        input: &Input,
        bytes: &[u8],
        report: Report,
        fixed: Vec<metricsheet_lint::Diagnostic>,
        printed: Vec<u8>,
    ) -> Checked {
        // Clean files are only counted; their text is not kept.
        let is_quoted = !report.diagnostics.is_empty() && self.arguments.output_format.needs_text();
        let is_utf8 = report.text.is_none();
        let text = match report.text {
            Some(text) if is_quoted => text,
            None if is_quoted => String::from_utf8_lossy(bytes).into_owned(),
            Some(_) | None => String::new(),
        };
        let (rows, header) = (report.rows, report.header);
        let [diagnostics, fixed] =
            [report.diagnostics, fixed].map(|found| found.into_iter().map(Into::into).collect());
        let report =
            FileReport { text, is_utf8, header, diagnostics, fixed, rows, ..FileReport::new(input.name()) };
        Checked::new(report, printed)
    }
}

/// A unified diff; empty if nothing differs.
fn diff(name: &str, old: &[u8], new: &[u8]) -> Vec<u8> {
    let (old, new) = (String::from_utf8_lossy(old), String::from_utf8_lossy(new));
    if old == new {
        return Vec::new();
    }
    // Lines end where `patch` ends them: a lone carriage return is a part of its line.
    let old: Vec<&str> = old.split_inclusive('\n').collect();
    let new: Vec<&str> = new.split_inclusive('\n').collect();
    let diff = similar::TextDiff::configure().newline_terminated(true).diff_slices(&old, &new);
    // A tab ends a name that holds blanks.
    let tab = if name.contains(' ') { "\t" } else { "" };
    let mut shown = diff.unified_diff();
    shown
        .context_radius(3)
        .header(&format!("a/{name}{tab}"), &format!("b/{name}{tab}"))
        .to_string()
        .into_bytes()
}
