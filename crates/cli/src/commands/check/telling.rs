//! Hears what is found in a large file, which is checked piece by piece: tells it into a spool in the form that was
//! asked for, and keeps no more of it than counts, unless all findings go into one document; and writes the mended
//! file beside the old one.

use std::io::{self, BufWriter, Seek as _, Write as _};
use std::path::Path;

use anyhow::Context as _;
use metricsheet_core::Rule;
use metricsheet_lint::{Extent, Listener, RowsFound};
use tempfile::SpooledTempFile;

use super::Arguments;
use crate::file_source::FileSource;
use crate::in_place::Replacement;
use crate::output::{self, Diagnostic, FileReport, OutputFormat, Spot};

/// So much of what is told is held in memory; the rest waits on disk until it is the file's turn.
const HELD: usize = 1 << 20;

/// What a file comes to, while it is being checked.
pub(super) struct Telling<'a> {
    arguments: &'a Arguments,
    path: &'a Path,
    /// Whether findings are kept until the end of the run: those of a document, and those that a baseline may accept.
    is_kept: bool,
    report: FileReport,
    spool: BufWriter<SpooledTempFile>,
    /// The mended file, as soon as there is a byte of it. Where it cannot be begun, that matters only if there is
    /// something to mend.
    replacement: Option<anyhow::Result<Replacement>>,
}

impl<'a> Telling<'a> {
    pub(super) fn new(arguments: &'a Arguments, path: &'a Path, name: String, has_baseline: bool) -> Self {
        let is_kept = has_baseline || !arguments.output_format.is_told_by_file();
        let spool = BufWriter::new(SpooledTempFile::new(HELD));
        let report = FileReport { is_utf8: true, ..FileReport::new(name) };
        Self { arguments, path, is_kept, report, spool, replacement: None }
    }

    /// The report, and what is to be printed of the file; after the mended file took the old one's place.
    pub(super) fn finish(
        mut self,
        extent: Extent,
        source: &FileSource,
    ) -> anyhow::Result<(FileReport, SpooledTempFile)> {
        if let Some(replacement) = self.replacement.filter(|_| extent.is_mended) {
            replacement?.finish(|target| source.is_unchanged(target))?;
        }
        let again = "cannot read what was found again";
        let mut spool = self.spool.into_inner().context(again)?;
        spool.rewind().context(again)?;
        self.report.rows = extent.rows;
        self.report.header = extent.header;
        Ok((self.report, spool))
    }

    /// The same finding with positions in the text that is quoted from.
    fn in_text(diagnostic: &mut Diagnostic, found: &RowsFound) {
        let Spot::Text(spot) = &mut diagnostic.spot else { return };
        let in_text = |span: &std::ops::Range<usize>| {
            let start = found.in_text(span.start);
            start..start + span.len()
        };
        spot.span = in_text(&spot.span);
        for edit in &mut spot.edits {
            edit.span = in_text(&edit.span);
        }
    }
}

impl Listener for Telling<'_> {
    fn found(&mut self, mut found: RowsFound) -> io::Result<()> {
        let diagnostics = std::mem::take(&mut found.diagnostics).into_iter().map(Diagnostic::from);
        if self.is_kept {
            self.report.diagnostics.extend(diagnostics);
            return Ok(());
        }
        let mut diagnostics: Vec<Diagnostic> = diagnostics.collect();
        for diagnostic in &diagnostics {
            self.report.told.add(diagnostic);
        }
        if self.arguments.statistics {
            return Ok(());
        }
        if self.arguments.output_format.needs_text() {
            for diagnostic in &mut diagnostics {
                Self::in_text(diagnostic, &found);
            }
        }
        let part = FileReport {
            header: found.header,
            text: found.text,
            diagnostics,
            is_utf8: true,
            ..FileReport::new(self.report.name.clone())
        };
        output::render_file(self.arguments.output_format, &part, &mut self.spool)
    }

    fn fixed(&mut self, fixed: Vec<metricsheet_lint::Diagnostic>) -> io::Result<()> {
        if self.wants_each_fix() {
            self.report.fixed.extend(fixed.into_iter().map(Diagnostic::from));
        } else {
            for fixed in fixed {
                self.report.told.add_fixed(fixed.finding.rule, 1);
            }
        }
        Ok(())
    }

    fn wants_each_fix(&self) -> bool {
        // Only the document tells them one by one.
        matches!(self.arguments.output_format, OutputFormat::Json)
    }

    fn wants_each_edit(&self) -> bool {
        // Whoever quotes from the whole text in the end holds it anyway.
        let quotes_at_end = self.is_kept && self.arguments.output_format.needs_text();
        quotes_at_end || self.arguments.output_format.tells_edits()
    }

    fn fixed_beside(&mut self, rule: &'static Rule, count: usize) -> io::Result<()> {
        self.report.told.add_fixed(rule, count);
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self.replacement.get_or_insert_with(|| Replacement::begin(self.path)) {
            Ok(replacement) => replacement.write_all(bytes).map_err(|error| {
                let message =
                    format!("cannot write the fixed `{}`; it was left as it is", self.path.display());
                io::Error::new(error.kind(), format!("{message}: {error}"))
            }),
            Err(_) => Ok(()),
        }
    }

    fn restart(&mut self) -> io::Result<()> {
        match &mut self.replacement {
            Some(Ok(replacement)) => replacement.restart(),
            Some(Err(_)) | None => Ok(()),
        }
    }
}
