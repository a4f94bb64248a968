//! One run over many workbooks: each is read on a thread of its own, what comes of them is written in their order.

use std::collections::HashSet;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use anyhow::Context as _;
use metricsheet_convert::output::{RejectsWriter, Rows, write_all_rows, write_rows};
use metricsheet_convert::{
    Conversion, Mended, Options, Password, Provenance, SheetConversion, Store, convert_into,
};
use metricsheet_core::{Applicability, Destination, Field, Severity};

use super::{Arguments, currency, messages};
use crate::exit::ExitStatus;
use crate::flush_ahead::FlushAhead;
use crate::inputs::Input;
use crate::new_files::{self, Destinations, KnownInputs, NewFile, Target};
use crate::open;
use crate::output::conversion::{self, Converted};
use crate::output::{self, Failure, provenance};
use crate::say::say;
use crate::settings::Sources;

/// Converts one workbook; several threads share it.
pub(super) struct Job<'a> {
    pub(super) arguments: &'a Arguments,
    pub(super) destinations: &'a Destinations,
    pub(super) sources: Sources,
    pub(super) password: Option<Password>,
    /// How many sheets of one workbook may be converted at the same time.
    pub(super) sheets_at_once: NonZeroUsize,
}

impl Job<'_> {
    pub(super) fn convert(&self, input: &Input) -> anyhow::Result<Conversion> {
        let conversion = || -> anyhow::Result<Conversion> {
            let in_force = self.sources.of_input(input)?;
            let mut workbook = open::workbook(input, &in_force, self.password.clone())?;
            let Arguments { provenance, unsafe_fixes, report, .. } = self.arguments;
            let fixes = if *unsafe_fixes { Applicability::Unsafe } else { Applicability::Safe };
            let options = Options {
                provenance: if provenance.is_some() { Provenance::Kept } else { Provenance::Forgotten },
                fixes: Some(fixes),
                mended: if report.is_some() { Mended::Told } else { Mended::Counted },
                ..in_force.conversion(input)?
            };
            let settings = in_force.settings(Destination::NewFile);
            let flushing = Mutex::new(Vec::new());
            let open = || {
                // Where nothing is to be written, nothing is made beside it either.
                let beside = if self.arguments.check { None } else { self.destinations.file_beside(input) };
                let Some(file) = beside else { return new_files::private_file() };
                let mut flushing = flushing.lock().unwrap_or_else(PoisonError::into_inner);
                flushing.extend(FlushAhead::begin(file.as_file()));
                Ok(file)
            };
            let conversion =
                convert_into(Store::Files(&open), self.sheets_at_once, &mut workbook, &options, &settings)?;
            let flushing = flushing.into_inner().unwrap_or_else(PoisonError::into_inner);
            flushing.into_iter().try_for_each(FlushAhead::finish).context("cannot write its rows")?;
            Ok(conversion)
        };
        conversion().with_context(|| format!("cannot convert `{}`", input.name()))
    }
}

/// The results, as they come in.
pub(super) struct Run<'a> {
    arguments: &'a Arguments,
    destinations: &'a Destinations,
    inputs: KnownInputs,
    status: ExitStatus,
    /// `--force` writes over older files, never over what this run has written.
    written: HashSet<Target>,
    /// The one file of rejects that the caller names, once there is a reject.
    rejects: Option<RejectsWriter<NewFile>>,
    provenance: Option<NewFile>,
    /// What goes to standard output, under one header.
    standard_output: Vec<Rows>,
    /// How many records that makes.
    records: u64,
    /// What the report tells, if there is to be one.
    converted: Vec<Converted>,
    failures: Vec<Failure>,
}

impl<'a> Run<'a> {
    pub(super) fn begin(
        arguments: &'a Arguments,
        destinations: &'a Destinations,
        inputs: KnownInputs,
    ) -> anyhow::Result<Self> {
        let mut run = Self {
            arguments,
            destinations,
            inputs,
            status: ExitStatus::Clean,
            written: HashSet::new(),
            rejects: None,
            provenance: None,
            standard_output: Vec::new(),
            records: 0,
            converted: Vec::new(),
            failures: Vec::new(),
        };
        if let Some(path) = &arguments.provenance {
            run.provenance = Some(run.new_file(path)?);
        }
        Ok(run)
    }

    /// Begins a file that the whole run writes to.
    fn new_file(&mut self, path: &Path) -> anyhow::Result<NewFile> {
        let shown = path.display();
        if !self.written.insert(Target::File(path.to_owned())) {
            anyhow::bail!("cannot write `{shown}`: it was just written to; name another file");
        }
        NewFile::begin(path, &self.inputs, self.arguments.force)
            .with_context(|| format!("cannot write `{shown}`"))
    }

    /// Takes what came of an input. One that failed does not stop the others.
    pub(super) fn take(&mut self, converted: anyhow::Result<(anyhow::Result<Conversion>, Input)>) {
        let (name, outcome) = match converted {
            Err(error) => (None, Err(error)),
            Ok((conversion, input)) => {
                let outcome = conversion.and_then(|conversion| {
                    if self.arguments.check {
                        self.check(&input, &conversion)
                    } else {
                        self.write(&input, conversion)
                    }
                });
                (Some(input.name()), outcome)
            }
        };
        let status = outcome.unwrap_or_else(|error| {
            let message = format!("{error:#}");
            say(&format!("error: {message}"));
            self.failures.push(Failure { name, message });
            ExitStatus::Unusable
        });
        self.status = self.status.or_worse(status);
    }

    /// Compares what would be written with what is there, and writes nothing.
    fn check(&mut self, input: &Input, conversion: &Conversion) -> anyhow::Result<ExitStatus> {
        let name = input.name();
        let lacks_table = !self.missing_tables(&name, conversion).is_empty();
        self.left_out(&name, conversion);
        let several = conversion.sheets.len() > 1;
        let mut status = self.status_of(conversion, lacks_table);
        for sheet in &conversion.sheets {
            let target = self.destinations.target(input, several.then_some(sheet.sheet.as_str()));
            if !self.written.insert(target.clone()) {
                anyhow::bail!("cannot check `{name}`: another input would be written to {target}, too");
            }
            if !self.arguments.quiet {
                messages::findings(&name, sheet);
            }
            let write = |to: &mut dyn std::io::Write| Ok(write_rows(sheet, to)?);
            if let Some(problem) = currency::problem(&name, &target, self.arguments, write)? {
                say(&format!("error: {problem}"));
                let is_forgiven = self.arguments.exit_zero;
                status = status.or_worse(if is_forgiven { ExitStatus::Clean } else { ExitStatus::Findings });
            }
        }
        Ok(status)
    }

    fn write(&mut self, input: &Input, mut conversion: Conversion) -> anyhow::Result<ExitStatus> {
        let name = input.name();
        let missing_tables = self.missing_tables(&name, &conversion);
        let left_out = self.left_out(&name, &conversion);
        let several = conversion.sheets.len() > 1;
        let mut outputs = Vec::new();
        for sheet in &mut conversion.sheets {
            let target = self.destinations.target(input, several.then_some(sheet.sheet.as_str()));
            if target != Target::StandardOutput {
                if !self.written.insert(target.clone()) {
                    anyhow::bail!("cannot write `{name}` to {target}: another input was just written to it");
                }
                let force = self.arguments.force;
                let whole = sheet.rows.take_file().with_context(|| format!("cannot write {target}"))?;
                match whole {
                    Some(file) => target.put(&self.inputs, force, file)?,
                    None => target.write(&self.inputs, force, |to| Ok(write_rows(sheet, to)?))?,
                }
            }
            let sheet = &*sheet;
            let records = if target == Target::StandardOutput { self.records } else { 0 };
            if let Some(file) = &mut self.provenance {
                provenance::write(&name, sheet, &target.name(), records, file)?;
            }
            if target == Target::StandardOutput {
                self.records += sheet.rows.len();
            }
            if !self.arguments.quiet {
                messages::report(&name, sheet, &target);
            }
            outputs.push(target);
        }
        self.write_rejects(input, &name, &conversion)?;
        let status = self.status_of(&conversion, !missing_tables.is_empty());
        let names = outputs.iter().map(Target::name).collect();
        for (sheet, target) in conversion.sheets.iter_mut().zip(&outputs) {
            let rows = sheet.take_rows();
            if *target == Target::StandardOutput {
                self.standard_output.push(rows);
            }
        }
        if self.arguments.report.is_some() {
            self.converted.push(Converted { name, conversion, outputs: names, missing_tables, left_out });
        }
        Ok(status)
    }

    /// Names the sheets that should hold a table and do not.
    fn missing_tables(&self, name: &str, conversion: &Conversion) -> Vec<(String, String)> {
        let missing = output::missing_tables(conversion, self.arguments.layout.names_sheets());
        for (sheet, error) in &missing {
            let sheet = sheet.as_ref().map_or(String::new(), |sheet| format!(", sheet `{sheet}`"));
            say(&format!("error[W007]: `{name}`{sheet}: {error}"));
        }
        missing.into_iter().map(|(sheet, error)| (sheet.unwrap_or_default(), error)).collect()
    }

    /// Names the sheets that are left out.
    fn left_out(&self, name: &str, conversion: &Conversion) -> Vec<(String, &'static str)> {
        let left_out = output::left_out(conversion, self.arguments.layout.names_sheets());
        if !self.arguments.quiet {
            for (sheet, what) in &left_out {
                say(&output::note(name, sheet, what));
            }
        }
        left_out
    }

    fn status_of(&self, conversion: &Conversion, lacks_table: bool) -> ExitStatus {
        let is_warning = |sheet: &SheetConversion| {
            let mut remaining = sheet.findings.iter().filter(|finding| !sheet.is_mended(finding));
            remaining.any(|finding| finding.severity == Severity::Warning)
        };
        let is_rejected = conversion.sheets.iter().any(|sheet| !sheet.rejects.is_empty());
        let is_denied = self.arguments.deny_warnings && conversion.sheets.iter().any(is_warning);
        let remains = lacks_table || is_rejected || is_denied;
        if remains && !self.arguments.exit_zero { ExitStatus::Findings } else { ExitStatus::Clean }
    }

    fn write_rejects(&mut self, input: &Input, name: &str, conversion: &Conversion) -> anyhow::Result<()> {
        if conversion.sheets.iter().all(|sheet| sheet.rejects.is_empty()) {
            return Ok(());
        }
        if let Some(path) = self.arguments.rejects.clone() {
            let mut writer = match self.rejects.take() {
                Some(writer) => writer,
                None => RejectsWriter::new(self.new_file(&path)?)?,
            };
            conversion.sheets.iter().try_for_each(|sheet| writer.write(name, sheet))?;
            self.rejects = Some(writer);
            return Ok(());
        }
        let target = self.destinations.rejects(input);
        if target != Target::StandardOutput && !self.written.insert(target.clone()) {
            anyhow::bail!("cannot write the rejects of `{name}` to {target}: it was just written to");
        }
        target.write(&self.inputs, self.arguments.force, |to| {
            let mut writer = RejectsWriter::new(to)?;
            conversion.sheets.iter().try_for_each(|sheet| writer.write(name, sheet))?;
            writer.into_inner()?;
            Ok(())
        })
    }

    /// Writes what the whole run has in common.
    pub(super) fn finish(mut self) -> anyhow::Result<ExitStatus> {
        if !self.standard_output.is_empty() {
            let has_status = |rows: &Rows| rows.fields.contains(&Field::Status);
            let with_status = self.standard_output.iter().filter(|rows| has_status(rows)).count();
            if with_status > 0 && with_status < self.standard_output.len() {
                anyhow::bail!(
                    "metric updates and progress updates cannot share one output; give a directory"
                );
            }
            let rows = &self.standard_output;
            Target::StandardOutput.write(&self.inputs, false, |to| Ok(write_all_rows(rows, to)?))?;
        }
        if let Some(writer) = self.rejects.take() {
            let path = self.arguments.rejects.as_deref().unwrap_or(Path::new(""));
            let finished = writer.into_inner().map_err(anyhow::Error::from).and_then(NewFile::finish);
            finished.with_context(|| format!("cannot write `{}`", path.display()))?;
        }
        if let Some(file) = self.provenance.take() {
            let path = self.arguments.provenance.as_deref().unwrap_or(Path::new(""));
            file.finish().with_context(|| format!("cannot write `{}`", path.display()))?;
        }
        if let Some(path) = self.arguments.report.as_deref() {
            let mut file = self.new_file(path)?;
            conversion::render(&self.converted, &self.failures, &mut file)
                .map_err(anyhow::Error::from)
                .and_then(|()| file.finish())
                .with_context(|| format!("cannot write `{}`", path.display()))?;
        }
        Ok(self.status)
    }
}
