//! The JSON document's diagnostics, one a line, for tools that read line by line.

use std::io::Write;

use super::{FileReport, json, plain_json};

pub(super) fn render(report: &FileReport, out: &mut dyn Write) -> std::io::Result<()> {
    let entries = report.diagnostics.iter().map(|diagnostic| json::entry(&report.name, diagnostic));
    entries.into_iter().try_for_each(|entry| plain_json::write_line(&entry, out))
}
