//! `metricsheet rule`: explains a rule, or lists them all.

use std::io::Write;

use anyhow::Context as _;
use metricsheet_core::{Rule, RuleChoices, Selection, rules};

use crate::exit::ExitStatus;

/// What `rule` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A code such as V002, or a name such as percent-sign; without it, all rules are listed
    code: Option<String>,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitStatus> {
    let mut out = anstream::stdout().lock();
    match &arguments.code {
        Some(code) => explain(find(code)?, &mut out)?,
        None => list(&mut out)?,
    }
    Ok(ExitStatus::Clean)
}

fn find(code: &str) -> anyhow::Result<&'static Rule> {
    if let Some(rule) =
        rules::find(code).or_else(|| rules::all().find(|rule| rule.name.eq_ignore_ascii_case(code)))
    {
        return Ok(rule);
    }
    // A prefix is a selection, but not a rule; anything else gets the nearest code.
    Selection::new(&RuleChoices { select: vec![code.to_owned()], ..RuleChoices::default() })?;
    let matching: Vec<&str> =
        rules::all().map(|rule| rule.code).filter(|known| known.starts_with(&code.to_uppercase())).collect();
    None.with_context(|| format!("`{code}` begins the codes of several rules: {}", matching.join(", ")))
}

fn list(out: &mut dyn Write) -> std::io::Result<()> {
    for (letter, heading) in rules::FAMILIES {
        writeln!(out, "{letter}: {heading}")?;
        for rule in rules::all().filter(|rule| rule.code.starts_with(*letter)) {
            let (severity, fix) = (rule.severity.label(), rule.fixability.label());
            writeln!(out, "  {} {:<24} {severity:<8} fix: {fix}", rule.code, rule.name)?;
        }
    }
    Ok(())
}

fn explain(rule: &Rule, out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(out, "{} {} ({})", rule.code, rule.name, rule.severity.label())?;
    writeln!(out, "\n{}\n\nWhy it matters: {}", rule.what, rule.why)?;
    writeln!(out, "\nFix ({}): {}", rule.fixability.label(), rule.fix)?;
    for example in rule.examples {
        let with =
            example.settings_in_words().map_or_else(String::new, |settings| format!(" with {settings}"));
        writeln!(out, "\nExample{with}:")?;
        indented(example.before, out)?;
        if example.after != example.before {
            writeln!(out, "becomes")?;
            indented(example.after, out)?;
        }
    }
    if !rule.settings.is_empty() {
        writeln!(out, "\nSettings: {}", rule.settings.join(", "))?;
    }
    Ok(())
}

fn indented(text: &str, out: &mut dyn Write) -> std::io::Result<()> {
    text.lines().try_for_each(|line| {
        writeln!(out, "    {}", line.replace('\u{feff}', "\\ufeff").replace('\u{200b}', "\\u200b"))
    })
}
