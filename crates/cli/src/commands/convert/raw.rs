//! `metricsheet convert --raw`: sheets and texts as they are, to CSV, without a template.

use std::collections::HashSet;

use anyhow::{Context as _, bail};
use clap::{Args, ValueEnum};
use metricsheet_convert::reading::Visibility;
use metricsheet_convert::{
    RawCounts, RawOptions, RawSheet, RawSheets, Titles, Values, Workbook, raw_sheets, write_raw,
};
use metricsheet_core::text::quoted;
use metricsheet_core::{Destination, RowNumber};

use super::Arguments;
use super::run::Job;
use crate::exit::ExitStatus;
use crate::inputs::Input;
use crate::new_files::{Destinations, KnownInputs, Target};
use crate::open;
use crate::output;
use crate::say::{complain, say};
use crate::settings::InForce;

/// The flags of raw conversions.
#[derive(Debug, Args)]
#[command(next_help_heading = "Without a template")]
pub(super) struct RawArguments {
    /// Write every sheet as it is, to CSV, without looking for a table
    #[arg(long, conflicts_with_all = ["map", "header_row", "as_of", "unpivot", "rejects", "provenance", "report", "check", "unsafe_fixes"])]
    pub(super) raw: bool,

    /// What to write of a cell
    #[arg(long, value_enum, value_name = "WHAT", default_value = "stored", requires = "raw")]
    values: ValuesName,

    /// What to write between fields: one character, or `tab`
    #[arg(long, value_name = "CHARACTER", default_value = ",", value_parser = delimiter, requires = "raw")]
    delimiter: u8,

    /// Write the titles above the header of a text file, too
    #[arg(long, requires = "raw")]
    keep_titles: bool,
}

impl RawArguments {
    /// What the flags and the settings of an input ask for.
    fn options(&self, in_force: &InForce, input: &Input) -> anyhow::Result<RawOptions> {
        let chosen = in_force.conversion(input)?;
        Ok(RawOptions {
            sheets: chosen.sheets,
            range: chosen.range,
            hidden: chosen.hidden,
            merged: chosen.merged,
            values: match self.values {
                ValuesName::Stored => Values::Stored,
                ValuesName::Shown => Values::Shown,
            },
            dates: in_force.settings(Destination::NewFile).date_form,
            delimiter: self.delimiter,
            titles: if self.keep_titles { Titles::Kept } else { Titles::LeftOut },
        })
    }
}

/// What is written of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ValuesName {
    /// The value that the file stores, exactly; dates as `--date-format` says [default: iso]
    Stored,
    /// The text that a spreadsheet program shows
    Shown,
}

fn delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        _ if text.eq_ignore_ascii_case("tab") || text == "\\t" => Ok(b'\t'),
        [byte]
            if byte.is_ascii() && !byte.is_ascii_alphanumeric() && !matches!(byte, b'"' | b'\n' | b'\r') =>
        {
            Ok(*byte)
        }
        _ => Err("give one character that is no letter, digit or quotation mark, or `tab`".to_owned()),
    }
}

/// Writes all sheets of all inputs. One that fails does not stop the others.
pub(super) fn run(
    arguments: &Arguments,
    job: &Job<'_>,
    destinations: &Destinations,
    found: Vec<anyhow::Result<Input>>,
) -> ExitStatus {
    let raw = &arguments.raw;
    let mut run = RawRun {
        raw,
        destinations,
        inputs: KnownInputs::new(found.iter().flatten()),
        force: arguments.force,
        quiet: arguments.quiet,
        written: HashSet::new(),
    };
    let mut worst = ExitStatus::Clean;
    for input in found {
        let written = input.and_then(|input| {
            run.convert(&input, job).with_context(|| format!("cannot convert `{}`", input.name()))
        });
        if let Err(error) = written {
            complain(&error);
            worst = worst.or_worse(ExitStatus::Unusable);
        }
    }
    worst
}

/// A run over several inputs.
struct RawRun<'a> {
    raw: &'a RawArguments,
    destinations: &'a Destinations,
    inputs: KnownInputs,
    force: bool,
    quiet: bool,
    /// `--force` writes over older files, never over what this run has written.
    written: HashSet<Target>,
}

impl RawRun<'_> {
    /// Writes all sheets of an input.
    fn convert(&mut self, input: &Input, job: &Job<'_>) -> anyhow::Result<()> {
        let name = input.name();
        let in_force = job.sources.of_input(input)?;
        let options = self.raw.options(&in_force, input)?;
        let mut workbook = open::workbook(input, &in_force, job.password.clone())?;
        let RawSheets { sheets, left_out } = raw_sheets(&mut workbook, &options)?;
        // A workbook whose only sheet is empty becomes an empty file; other empty sheets become none.
        let is_wanted = |sheet: &&RawSheet| !sheet.is_empty() || sheets.len() == 1;
        let wanted: Vec<&RawSheet> = sheets.iter().filter(is_wanted).collect();
        if let [.., first, _] = wanted[..] {
            let to_one_place = self.destinations.target(input, Some(&first.name)) == Target::StandardOutput;
            if to_one_place {
                bail!(
                    "`{name}` has {} sheets, which cannot go to standard output one after another; choose one with `--sheet`, or give a directory",
                    wanted.len()
                );
            }
        }
        if !self.quiet {
            for sheet in &left_out {
                say(&output::note(&name, &sheet.name, sheet.why.label()));
            }
        }
        for sheet in &sheets {
            if !self.quiet && sheet.is_empty() && sheets.len() > 1 {
                say(&format!("note: `{name}`: sheet `{}` is empty; it is left out", sheet.name));
            }
        }
        for sheet in &wanted {
            let several = (wanted.len() > 1).then_some(sheet.name.as_str());
            let target = self.target(input, several)?;
            let mut counts = RawCounts::default();
            target.write(&self.inputs, self.force, |to| {
                counts = write_raw(&mut workbook, sheet, &options, to)?;
                Ok(())
            })?;
            if !self.quiet {
                report(&name, &workbook, sheet, &counts, &target);
            }
        }
        Ok(())
    }

    /// Sheets may have names that give the same file name: `a/b` and `a:b`. The later one gets a number.
    fn target(&mut self, input: &Input, sheet: Option<&str>) -> anyhow::Result<Target> {
        let target = self.destinations.target(input, sheet);
        if target == Target::StandardOutput || self.written.insert(target.clone()) {
            return Ok(target);
        }
        let Some(sheet) = sheet else {
            bail!("cannot write `{}` to {target}: another input was just written to it", input.name());
        };
        for number in 2..=self.written.len() + 2 {
            let target = self.destinations.target(input, Some(&format!("{sheet}.{number}")));
            if self.written.insert(target.clone()) {
                return Ok(target);
            }
        }
        bail!("cannot write `{}` to {target}: it was just written to", input.name())
    }
}

/// What was written, and what was not as it stood, on standard error.
fn report(name: &str, workbook: &Workbook, sheet: &RawSheet, counts: &RawCounts, target: &Target) {
    let of_sheet =
        if workbook.text_facts().is_some() { String::new() } else { format!(", sheet `{}`", sheet.name) };
    let note = |text: &str| say(&format!("note: `{name}`{of_sheet}: {text}"));
    match sheet.visibility {
        Visibility::Visible => {}
        Visibility::Hidden | Visibility::VeryHidden => {
            note("the sheet is hidden; it is written all the same");
        }
    }
    if counts.columns_left_out > 0 {
        note(&format!(
            "its cells lie far apart; {} empty rows and {} empty columns between them are left out",
            counts.rows_left_out, counts.columns_left_out
        ));
    }
    if counts.without_result > 0 {
        note(&format!("{} formulas have no stored result; their fields are empty", counts.without_result));
    }
    if let Some(facts) = workbook.text_facts() {
        if facts.has_broken_bytes {
            note(&format!("some bytes stand for no character of {}; U+FFFD stands for them", facts.encoding));
        }
        for title in &counts.titles {
            note(&format!(
                "{} stands above the header; it is left out, unless `--keep-titles` is given",
                quoted(title)
            ));
        }
        if counts.rows_left_out > 0 {
            note(&format!("empty rows left out: {}", counts.rows_left_out));
        }
        if counts.unusual_width > 0 {
            note(&format!(
                "rows with another number of fields than {}: {} of {}",
                facts.width, counts.unusual_width, counts.rows
            ));
        }
    }
    if let Some(rows) = some_rows(&counts.mended) {
        note(&format!("the quotation marks are broken in {rows}; the fields there are a guess"));
    }
    say(&format!("`{name}`{of_sheet}: {} rows written to {target}", counts.rows));
}

/// The first of these rows, in words.
fn some_rows(rows: &[RowNumber]) -> Option<String> {
    const SHOWN: usize = 5;
    let first: Vec<String> = rows.iter().take(SHOWN).map(ToString::to_string).collect();
    let others = rows.len().saturating_sub(SHOWN);
    match (rows.len(), others) {
        (0, _) => None,
        (1, _) => Some(format!("row {}", first.concat())),
        (_, 0) => Some(format!("rows {}", first.join(", "))),
        (_, others) => Some(format!("rows {} and {others} more", first.join(", "))),
    }
}
