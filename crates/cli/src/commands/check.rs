//! `metricsheet check`: finds what is wrong with CSV files, shows it, mends it.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;
use std::io::{BufWriter, Write};
use std::num::NonZeroUsize;
use std::path::PathBuf;

use anyhow::Context as _;
use metricsheet_convert::Password;
use metricsheet_core::{Applicability, Destination};
use metricsheet_lint::{Fixed, Level, Options, Report, check, check_source, fix};

use crate::baseline::{Accepted, Baseline};
use crate::before_sending::counted;
use crate::exit::ExitStatus;
use crate::file_source::FileSource;
use crate::in_place;
use crate::inputs::{self, Input, TABLE_EXTENSIONS};
use crate::new_files::is_same_file;
use crate::open;
use crate::output::{self, Failure, FileReport, Outcome, OutputFormat, Summary};
use crate::parallel::{self, Event};
use crate::passwords::password;
use crate::progress::Progress;
use crate::say::say;
use crate::settings::{InForce, Layer, Sources, of_flag};
use crate::settings_arguments::SettingsArguments;

/// What `check` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Files, directories, or - for standard input [default: the current directory]
    paths: Vec<PathBuf>,

    /// Mend what is certain, in place; of standard input, print the mended text
    #[arg(long)]
    fix: bool,

    /// With --fix or --diff: apply doubtful fixes too
    #[arg(long)]
    unsafe_fixes: bool,

    /// Print what --fix would change as a unified diff, and write nothing
    #[arg(long)]
    diff: bool,

    /// Exit with 1 if anything was fixed
    #[arg(long)]
    exit_non_zero_on_fix: bool,

    /// Exit with 1 for warnings too
    #[arg(long)]
    deny_warnings: bool,

    /// Exit with 0 whatever was found
    #[arg(long, conflicts_with_all = ["deny_warnings", "exit_non_zero_on_fix"])]
    exit_zero: bool,

    /// Take the findings of this file for accepted: only others count
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,

    /// Accept all that is found now: write it to this file, for --baseline or the setting `baseline`
    #[arg(long, value_name = "FILE", conflicts_with_all = ["baseline", "diff"])]
    write_baseline: Option<PathBuf>,

    /// The form of the output
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    output_format: OutputFormat,

    /// Write the findings, or the diff, to this file, whole or not at all, instead of standard output
    #[arg(long, value_name = "FILE")]
    output_file: Option<PathBuf>,

    /// Count by rule and by file: instead of the findings in full and concise, as `statistics` in json; the
    /// other forms have no place for counts
    #[arg(long, conflicts_with = "diff")]
    statistics: bool,

    /// How many files, or pieces of a large one, are checked at the same time [default: as many as there are processor cores]
    #[arg(short, long, value_name = "N")]
    jobs: Option<NonZeroUsize>,

    /// The environment variable that holds the password of encrypted workbooks
    #[arg(long, value_name = "VARIABLE")]
    password_env: Option<String>,

    /// The name under which standard input is reported
    #[arg(long, value_name = "NAME", default_value = "-")]
    stdin_filename: String,

    /// Print no summary and no progress
    #[arg(short, long)]
    quiet: bool,

    #[command(flatten)]
    settings: SettingsArguments,
}

impl Arguments {
    /// The flags that are settings.
    fn layer(&self) -> Layer {
        let baseline = self.baseline.as_ref().map(|path| of_flag("baseline", path.to_string_lossy()));
        baseline.into_iter().collect()
    }
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitStatus> {
    let sources = arguments.settings.sources_with(arguments.layer())?;
    let here = [PathBuf::from(".")];
    let paths = if arguments.paths.is_empty() { &here[..] } else { &arguments.paths };
    let found = inputs::find(paths, &arguments.stdin_filename, TABLE_EXTENSIONS);
    let mut run = Run {
        arguments,
        outcome: Outcome::default(),
        kept: Vec::new(),
        is_diff: false,
        baselines: HashMap::new(),
        accepted: 0,
        new_baseline: Baseline::default(),
        prints_text: arguments.fix && found.iter().flatten().any(|input| matches!(input, Input::Stdin(_))),
    };
    run.refuse_unfit_outputs(&found)?;
    let job = Job { arguments, sources, password: password(arguments.password_env.as_deref())? };
    let mut progress = Progress::on_terminal("checked", found.len(), !arguments.quiet);
    parallel::in_order(
        found,
        parallel::threads(arguments.jobs),
        |input| job.input(input),
        |event| {
            match event {
                Event::Progress(finished) => progress.show(finished),
                Event::Result(checked) => {
                    progress.clear();
                    run.take(checked)?;
                }
            }
            Ok(())
        },
    )?;
    progress.clear();
    run.finish()
}

/// What one file came to.
struct Checked {
    report: FileReport,
    /// The file's baseline.
    baseline: Option<PathBuf>,
    /// The diff, or the mended text of standard input.
    printed: Vec<u8>,
}

/// Checks one file; several threads share it.
struct Job<'a> {
    arguments: &'a Arguments,
    sources: Sources,
    password: Option<Password>,
}

impl Job<'_> {
    fn input(&self, input: anyhow::Result<Input>) -> Result<Checked, Failure> {
        let failure = |name, error: anyhow::Error| Failure { name, message: format!("{error:#}") };
        let input = input.map_err(|error| failure(None, error))?;
        let checked = || -> anyhow::Result<Checked> {
            let in_force = self.sources.of_input(&input)?;
            let (report, printed) = if input.is_workbook() {
                let report = self.workbook(&input, &in_force);
                (report.with_context(|| format!("cannot check `{}`", input.name()))?, Vec::new())
            } else {
                self.text(&input, &in_force)?
            };
            Ok(Checked { report, baseline: in_force.baseline(), printed })
        };
        checked().map_err(|error| failure(Some(input.name()), error))
    }

    /// Checks a text, and mends it if asked to: the report, and what is to be printed.
    fn text(&self, input: &Input, in_force: &InForce) -> anyhow::Result<(FileReport, Vec<u8>)> {
        let options = Options {
            settings: in_force.settings(Destination::InPlace),
            template: in_force.template(),
            selection: in_force.selection(input)?,
            encoding: in_force.encoding(),
            file_name: input.file_name(),
        };
        let is_read_only = !self.arguments.fix && !self.arguments.diff;
        if let (Input::File(path), true) = (input, is_read_only)
            && let Some(source) = FileSource::open(path)
        {
            let threads = parallel::threads(self.arguments.jobs);
            let report = check_source(&source, &options, threads)
                .with_context(|| format!("cannot read `{}`", input.name()))?;
            // The rows with findings are shown from the whole text.
            let is_shown = !report.diagnostics.is_empty() && self.arguments.output_format.needs_text();
            let bytes = if is_shown && report.text.is_none() { input.read()? } else { Vec::new() };
            return Ok(self.checked(input, &bytes, report, Vec::new(), Vec::new()));
        }
        if let (false, Some(reason)) = (is_read_only, options.settings.refused_in_place()) {
            anyhow::bail!("these settings cannot be used to fix files in place: {reason}");
        }
        let bytes = input.read()?;
        let level = if self.arguments.unsafe_fixes { Level::Unsafe } else { Level::Safe };
        let named = |error: anyhow::Error| error.context(format!("cannot check `{}`", input.name()));
        if is_read_only {
            return Ok(self.checked(input, &bytes, check(&bytes, &options), Vec::new(), Vec::new()));
        }
        let fixed = fix(&bytes, &options, level).map_err(|error| named(error.into()))?;
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

    /// Checks a workbook where it lies: by what `convert` would make of it. Nothing is written.
    fn workbook(&self, input: &Input, in_force: &InForce) -> anyhow::Result<FileReport> {
        let options =
            metricsheet_convert::Options { fixes: Some(Applicability::Safe), ..in_force.conversion(input)? };
        let settings = in_force.settings(Destination::NewFile);
        let mut workbook = open::workbook(input, in_force, self.password.clone())?;
        let conversion = metricsheet_convert::convert(&mut workbook, &options, &settings)?;
        let read: u64 = conversion.sheets.iter().map(|sheet| sheet.counts.read).sum();
        let mut report = FileReport {
            name: input.name(),
            text: String::new(),
            is_utf8: true,
            header: None,
            diagnostics: output::of_workbook(&conversion, !options.sheets.is_empty()),
            fixed: Vec::new(),
            rows: usize::try_from(read).unwrap_or(usize::MAX),
        };
        report.diagnostics.retain_mut(|it| options.selection.admit(&mut it.finding));
        Ok(report)
    }

    fn checked(
        &self,
        input: &Input,
        bytes: &[u8],
        report: Report,
        fixed: Vec<metricsheet_lint::Diagnostic>,
        printed: Vec<u8>,
    ) -> (FileReport, Vec<u8>) {
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
        let name = input.name();
        (FileReport { name, text, is_utf8, header, diagnostics, fixed, rows }, printed)
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

/// The results, as they come in.
struct Run<'a> {
    arguments: &'a Arguments,
    outcome: Outcome,
    /// What goes to the output file at the end.
    kept: Vec<u8>,
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

impl Run<'_> {
    /// Wrong usage is told before any file is mended.
    fn refuse_unfit_outputs(&self, found: &[anyhow::Result<Input>]) -> anyhow::Result<()> {
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

    fn take(&mut self, checked: Result<Checked, Failure>) -> anyhow::Result<()> {
        match checked {
            Ok(Checked { mut report, baseline, printed }) => {
                self.accept(&mut report, baseline)?;
                if self.arguments.diff {
                    self.is_diff |= !printed.is_empty();
                }
                if self.arguments.diff && self.arguments.output_file.is_some() {
                    self.kept.extend(printed);
                } else {
                    std::io::stdout().lock().write_all(&printed)?;
                }
                self.outcome.reports.push(report);
            }
            Err(failure) => {
                say(&format!("error: {}", failure.message));
                self.outcome.failures.push(failure);
            }
        }
        Ok(())
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

    fn finish(mut self) -> anyhow::Result<ExitStatus> {
        let summary = Summary::of(&self.outcome.reports);
        if !self.arguments.diff {
            self.render()?;
        }
        if let Some(path) = &self.arguments.output_file {
            in_place::write(path, &self.kept)?;
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

    fn render(&mut self) -> anyhow::Result<()> {
        let Arguments { output_format, statistics, .. } = *self.arguments;
        let outcome = &self.outcome;
        if self.arguments.output_file.is_some() {
            let mut plain = anstream::StripStream::new(Vec::new());
            output::render(output_format, outcome, statistics, &mut plain)?;
            self.kept = plain.into_inner();
        } else if self.prints_text {
            let mut out = BufWriter::new(anstream::stderr().lock());
            output::render(output_format, outcome, statistics, &mut out)?;
            out.flush()?;
        } else {
            let mut out = BufWriter::new(anstream::stdout().lock());
            output::render(output_format, outcome, statistics, &mut out)?;
            out.flush()?;
        }
        Ok(())
    }
}
