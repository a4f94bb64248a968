//! `metricsheet check`: finds what is wrong with CSV files, shows it, mends it.

use std::io::Write;
use std::path::PathBuf;

use metricsheet_core::Destination;
use metricsheet_lint::{Diagnostic, Fixed, Level, Options, Report, check, fix};

use crate::exit::ExitStatus;
use crate::in_place;
use crate::inputs::{self, Input, TEXT_EXTENSIONS};
use crate::output::{self, FileReport, OutputFormat, Summary};
use crate::settings_arguments::{SettingsArguments, TemplateName};

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

    /// The form of the output
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    output_format: OutputFormat,

    /// The name under which standard input is reported
    #[arg(long, value_name = "NAME", default_value = "-")]
    stdin_filename: String,

    /// Print no summary
    #[arg(short, long)]
    quiet: bool,

    #[command(flatten)]
    settings: SettingsArguments,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitStatus> {
    let options = Options {
        settings: arguments.settings.settings(Destination::InPlace)?,
        template: arguments.settings.template.map(TemplateName::template),
        selection: arguments.settings.selection()?,
        encoding: arguments.settings.encoding()?,
        file_name: None,
    };
    if (arguments.fix || arguments.diff)
        && let Some(reason) = options.settings.refused_in_place()
    {
        anyhow::bail!("these settings cannot be used to fix files in place: {reason}");
    }
    let here = [PathBuf::from(".")];
    let paths = if arguments.paths.is_empty() { &here[..] } else { &arguments.paths };
    let mut run = Run { arguments, options, reports: Vec::new(), is_diff: false, failed: false };
    for input in inputs::find(paths, &arguments.stdin_filename, TEXT_EXTENSIONS) {
        if let Err(error) = input.and_then(|input| run.file(&input)) {
            anstream::eprintln!("error: {error:#}");
            run.failed = true;
        }
    }
    run.finish()
}

struct Run<'a> {
    arguments: &'a Arguments,
    options: Options,
    reports: Vec<FileReport>,
    is_diff: bool,
    failed: bool,
}

impl Run<'_> {
    fn file(&mut self, input: &Input) -> anyhow::Result<()> {
        let bytes = input.read()?;
        let options = Options { file_name: input.file_name(), ..self.options.clone() };
        let level = if self.arguments.unsafe_fixes { Level::Unsafe } else { Level::Safe };
        let named = |error: anyhow::Error| error.context(format!("cannot check `{}`", input.name()));
        if self.arguments.diff {
            let fixed = fix(&bytes, &options, level).map_err(|error| named(error.into()))?;
            return self.show_diff(input, &bytes, fixed);
        }
        if !self.arguments.fix {
            self.add(input, &bytes, check(&bytes, &options), Vec::new());
            return Ok(());
        }
        let fixed = fix(&bytes, &options, level).map_err(|error| named(error.into()))?;
        match input {
            Input::File(path) if fixed.bytes != bytes => in_place::replace(path, &bytes, &fixed.bytes)?,
            Input::File(_) => {}
            Input::Stdin(_) => std::io::stdout().lock().write_all(&fixed.bytes)?,
        }
        self.add(input, &fixed.bytes, fixed.report, fixed.fixed);
        Ok(())
    }

    fn add(&mut self, input: &Input, bytes: &[u8], report: Report, fixed: Vec<Diagnostic>) {
        // Clean files are only counted; their text is not kept.
        let is_quoted = !report.diagnostics.is_empty() && self.arguments.output_format == OutputFormat::Full;
        let text = match report.text {
            Some(text) if is_quoted => text,
            None if is_quoted => String::from_utf8_lossy(bytes).into_owned(),
            Some(_) | None => String::new(),
        };
        let (rows, header, diagnostics) = (report.rows, report.header, report.diagnostics);
        self.reports.push(FileReport { name: input.name(), text, header, diagnostics, fixed, rows });
    }

    fn show_diff(&mut self, input: &Input, old: &[u8], fixed: Fixed) -> anyhow::Result<()> {
        let name = input.name();
        let (old_text, new_text) = (String::from_utf8_lossy(old), String::from_utf8_lossy(&fixed.bytes));
        if old_text != new_text {
            self.is_diff = true;
            // Lines end where `patch` ends them: a lone carriage return is a part of its line.
            let lines =
                |text: &'_ str| text.split_inclusive('\n').map(ToOwned::to_owned).collect::<Vec<String>>();
            let (old_lines, new_lines) = (lines(&old_text), lines(&new_text));
            let (old_lines, new_lines): (Vec<&str>, Vec<&str>) = (
                old_lines.iter().map(String::as_str).collect(),
                new_lines.iter().map(String::as_str).collect(),
            );
            let diff =
                similar::TextDiff::configure().newline_terminated(true).diff_slices(&old_lines, &new_lines);
            // A tab ends a name that holds blanks.
            let tab = if name.contains(' ') { "\t" } else { "" };
            let mut shown = diff.unified_diff();
            let shown = shown
                .context_radius(3)
                .header(&format!("a/{name}{tab}"), &format!("b/{name}{tab}"))
                .to_string();
            std::io::stdout().lock().write_all(shown.as_bytes())?;
        }
        self.add(input, &fixed.bytes, fixed.report, fixed.fixed);
        Ok(())
    }

    fn finish(self) -> anyhow::Result<ExitStatus> {
        let summary = Summary::of(&self.reports);
        let prints_text = self.arguments.fix
            && self.reports.iter().any(|report| report.name == self.arguments.stdin_filename);
        if !self.arguments.diff {
            // The mended text of standard input owns standard output.
            if prints_text {
                output::render(self.arguments.output_format, &self.reports, &mut anstream::stderr().lock())?;
            } else {
                output::render(self.arguments.output_format, &self.reports, &mut anstream::stdout().lock())?;
            }
        }
        let is_about_nothing = self.failed && summary.files == 0;
        if !self.arguments.quiet && !is_about_nothing {
            let sentence = if self.arguments.diff { summary.of_diff() } else { summary.of_run() };
            anstream::eprintln!("{sentence}");
        }
        let remains = summary.errors > 0 || (self.arguments.deny_warnings && summary.warnings > 0);
        let fixed = summary.fixed > 0 && self.arguments.exit_non_zero_on_fix;
        Ok(if self.failed {
            ExitStatus::Unusable
        } else if (remains || fixed || self.is_diff) && !self.arguments.exit_zero {
            ExitStatus::Findings
        } else {
            ExitStatus::Clean
        })
    }
}
