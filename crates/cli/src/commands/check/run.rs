//! The results of a run, in the order of its files: what the baseline leaves of them, how they are told, and how
//! the run ends.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;
use std::io::{BufWriter, Seek as _, Write};
use std::path::PathBuf;

use tempfile::SpooledTempFile;

use super::Arguments;
use super::job::Checked;
use crate::baseline::{Accepted, Baseline};
use crate::before_sending::counted;
use crate::exit::ExitStatus;
use crate::in_place;
use crate::inputs::Input;
use crate::new_files::is_same_file;
use crate::output::{self, Failure, FileReport, Outcome, Summary};
use crate::say::say;

/// So much of what goes to an output file is held in memory.
const HELD: usize = 1 << 20;

/// The results, as they come in.
pub(super) struct Run<'a> {
    arguments: &'a Arguments,
    outcome: Outcome,
    /// What goes to the output file at the end.
    kept: BufWriter<SpooledTempFile>,
    is_diff: bool,
    /// The baselines of the files so far, by their paths.
    baselines: HashMap<PathBuf, Baseline>,
    /// How many findings they accepted.
    accepted: usize,
    /// What `--write-baseline` writes.
    new_baseline: Baseline,
    /// The mended text of standard input owns standard output.
    prints_text: bool,
}

impl<'a> Run<'a> {
    /// A run without results; with `prints_text` the mended text owns standard output.
    pub(super) fn begin(arguments: &'a Arguments, prints_text: bool) -> Self {
        Self {
            arguments,
            outcome: Outcome::default(),
            kept: BufWriter::new(SpooledTempFile::new(HELD)),
            is_diff: false,
            baselines: HashMap::new(),
            accepted: 0,
            new_baseline: Baseline::default(),
            prints_text,
        }
    }

    /// Wrong usage is told before any file is mended.
    pub(super) fn refuse_unfit_outputs(&self, found: &[anyhow::Result<Input>]) -> anyhow::Result<()> {
        if self.arguments.statistics && !self.arguments.output_format.has_statistics() {
            anyhow::bail!("`--statistics` has a place in the formats full, concise and json only");
        }
        let Some(output) = self.arguments.output_file.as_deref() else { return Ok(()) };
        let is_input = |input: &Input| match input {
            Input::File(path) => is_same_file(output, path),
            Input::Stdin(_) => false,
        };
        if found.iter().flatten().any(is_input) {
            anyhow::bail!("the output file `{}` is an input; name another file", output.display());
        }
        Ok(())
    }

    /// Takes the next file's result in.
    pub(super) fn take(&mut self, checked: Result<Checked, Failure>) -> anyhow::Result<()> {
        match checked {
            Ok(Checked { mut report, baseline, printed, notes, told }) => {
                if !self.arguments.quiet {
                    for note in &notes {
                        say(note);
                    }
                }
                self.accept(&mut report, baseline)?;
                if self.arguments.diff {
                    self.is_diff |= !printed.is_empty();
                }
                if self.arguments.diff && self.arguments.output_file.is_some() {
                    self.kept.write_all(&printed)?;
                } else {
                    std::io::stdout().lock().write_all(&printed)?;
                }
                let report = self.tell(report, told)?;
                self.outcome.reports.push(report);
            }
            Err(failure) => {
                say(&format!("error: {}", failure.message));
                self.outcome.failures.push(failure);
            }
        }
        Ok(())
    }

    /// Tells what was found in a file, if the form is told by file; of what was told, only counts are kept.
    fn tell(&mut self, report: FileReport, told: Option<SpooledTempFile>) -> anyhow::Result<FileReport> {
        let Arguments { output_format, statistics, diff, .. } = *self.arguments;
        if diff || !output_format.is_told_by_file() {
            return Ok(report);
        }
        if !statistics {
            self.print(|out| {
                if let Some(mut told) = told {
                    std::io::copy(&mut told, out)?;
                }
                output::render_file(output_format, &report, out)
            })?;
        }
        Ok(report.told())
    }

    /// Leaves out what the file's baseline accepts, or accepts all of it if a baseline is to be written.
    fn accept(&mut self, report: &mut FileReport, baseline: Option<PathBuf>) -> anyhow::Result<()> {
        if let Some(path) = &self.arguments.write_baseline {
            self.new_baseline.add(path, report);
            report.diagnostics.clear();
            return Ok(());
        }
        let Some(path) = baseline else { return Ok(()) };
        let baseline = match self.baselines.entry(path.clone()) {
            Slot::Occupied(known) => known.into_mut(),
            Slot::Vacant(slot) => slot.insert(Baseline::read(&path)?),
        };
        self.accepted += baseline.accept(&path, report);
        if !self.arguments.quiet {
            for (Accepted { file, code, external_id, text, .. }, count) in
                baseline.unused(&path, &report.name)
            {
                let of = external_id.map_or(String::new(), |id| format!(" of `{id}`"));
                say(&format!(
                    "note: {count} accepted {code}{of} (`{text}`) {} no longer in `{file}`; write the baseline `{}` again",
                    if count == 1 { "is" } else { "are" },
                    path.display()
                ));
            }
        }
        Ok(())
    }

    /// Tells what was found, and how the run ended.
    pub(super) fn finish(mut self) -> anyhow::Result<ExitStatus> {
        let summary = Summary::of(&self.outcome.reports);
        if !self.arguments.diff {
            let Arguments { output_format, statistics, .. } = *self.arguments;
            let outcome = std::mem::take(&mut self.outcome);
            self.print(|out| output::render_end(output_format, &outcome, statistics, out))?;
            self.outcome = outcome;
        }
        if let Some(path) = &self.arguments.output_file {
            self.kept.rewind()?;
            in_place::write(path, self.kept.get_mut())?;
        }
        if let Some(path) = &self.arguments.write_baseline {
            self.new_baseline.write(path)?;
            say(&format!("`{}` accepts {}", path.display(), counted(self.new_baseline.len(), "finding")));
        }
        let is_about_nothing = summary.files == 0 && !self.outcome.failures.is_empty();
        if !self.arguments.quiet && !is_about_nothing {
            let sentence = if self.arguments.diff { summary.of_diff() } else { summary.of_run() };
            say(&format!("{sentence}"));
            if self.accepted > 0 {
                say(&format!("the baseline accepts {} more", self.accepted));
            }
        }
        let remains = summary.errors > 0 || (self.arguments.deny_warnings && summary.warnings > 0);
        let fixed = summary.fixed > 0 && self.arguments.exit_non_zero_on_fix;
        Ok(if !self.outcome.failures.is_empty() {
            ExitStatus::Unusable
        } else if (remains || fixed || self.is_diff) && !self.arguments.exit_zero {
            ExitStatus::Findings
        } else {
            ExitStatus::Clean
        })
    }

    /// Prints something where the findings go.
    fn print(&mut self, print: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) -> anyhow::Result<()> {
        if self.arguments.output_file.is_some() {
            let kept: &mut (dyn Write + 'static) = &mut self.kept;
            print(&mut anstream::StripStream::new(kept))?;
        } else if self.prints_text {
            let mut out = BufWriter::new(anstream::stderr().lock());
            print(&mut out)?;
            out.flush()?;
        } else {
            let mut out = BufWriter::new(anstream::stdout().lock());
            print(&mut out)?;
            out.flush()?;
        }
        Ok(())
    }
}
