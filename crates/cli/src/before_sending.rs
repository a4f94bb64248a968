//! What happens to a file before it is sent. The uploader knows bytes, the linter knows what is in them; they
//! meet here and nowhere else. A file with errors is kept back.

use metricsheet_core::rules::file::BYTE_ORDER_MARK;
use metricsheet_core::value::date;
use metricsheet_core::{Field, Finding, Severity, Template};
use metricsheet_lint::{Level, Options, Records, Report, check, fix};

/// A file that may be sent.
#[derive(Debug)]
pub(crate) struct Checked {
    /// What to send: the file's bytes, or the repaired ones.
    pub(crate) bytes: Vec<u8>,
    /// How many fixes the repair took.
    pub(crate) fixes: usize,
    /// The template that was asked for, or the one that the header tells.
    pub(crate) template: Template,
    /// The rows below the header, as they are sent.
    pub(crate) rows: Vec<SentRow>,
}

/// One row as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SentRow {
    pub(crate) external_id: String,
    /// In progress updates.
    pub(crate) status: Option<String>,
    /// Empty in progress updates of items without a metric.
    pub(crate) value: String,
    pub(crate) as_of_date: String,
    /// If the file has the column.
    pub(crate) comment: Option<String>,
}

/// Whether a copy of the file is repaired before it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repair {
    No,
    /// With the fixes that are certain.
    Safe,
}

/// Why a file is kept back.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum KeptBack {
    /// It has errors.
    #[error("{}; see them with `metricsheet check`{}", counted(*errors, "error"), advice(*fixable))]
    Errors {
        errors: usize,
        /// How many of them a repair would mend.
        fixable: usize,
    },
    /// It could not be read as a table.
    #[error("{0}")]
    Unreadable(String),
}

/// Checks a file for sending, after repairing a copy of it if wanted. `options` says how cells are read and
/// which rules count; its template, if there is one, is the one that was asked for.
///
/// # Errors
/// If errors remain, or if the file is no table of text.
pub(crate) fn checked(bytes: Vec<u8>, options: &Options, repair: Repair) -> Result<Checked, KeptBack> {
    let unreadable = |error: &dyn std::error::Error| KeptBack::Unreadable(error.to_string());
    let (bytes, report, fixes) = match repair {
        Repair::No => {
            let report = check(&bytes, options);
            (bytes, report, 0)
        }
        Repair::Safe => {
            let fixed = fix(&bytes, options, Level::Safe).map_err(|error| unreadable(&error))?;
            (fixed.bytes, fixed.report, fixed.fixed.len())
        }
    };
    // A byte order mark is a warning for a file, but in a body it would hide the header's first label.
    let keeps_back =
        |finding: &Finding| finding.severity == Severity::Error || finding.rule == &BYTE_ORDER_MARK;
    let errors = report.diagnostics.iter().filter(|found| keeps_back(&found.finding));
    let (errors, fixable) = errors.fold((0, 0), |(errors, fixable), found| {
        let safe = found.finding.suggestion.as_ref().is_some_and(|fix| Level::Safe.allows(fix.applicability));
        (errors + 1, fixable + usize::from(safe))
    });
    if errors > 0 {
        return Err(KeptBack::Errors { errors, fixable });
    }
    let text = std::str::from_utf8(&bytes).map_err(|error| unreadable(&error))?;
    let (template, rows) = rows(text, &report, options.template.as_ref());
    Ok(Checked { bytes, fixes, template, rows })
}

/// The rows of a text without errors: commas between fields, columns in template order.
fn rows(text: &str, report: &Report, asked: Option<&Template>) -> (Template, Vec<SentRow>) {
    const BYTE_ORDER_MARK: char = '\u{feff}';
    let mark = if text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len_utf8() } else { 0 };
    let start = report.header.as_ref().map_or(mark, |header| header.start);
    let mut records = Records::new(text, b',', start, 1);
    let mut spans = Vec::new();
    let mut next = || {
        records.read(&mut spans)?;
        Some(spans.iter().map(|span| span.text(text).into_owned()).collect::<Vec<String>>())
    };
    let header = if report.header.is_some() { next() } else { None };
    let template = match (asked, &header) {
        (Some(template), _) => template.clone(),
        (None, Some(labels)) => Template::told_by(labels.iter().map(String::as_str)),
        (None, None) => Template::metric_updates(),
    };
    let position = |field| template.position(field);
    let [id, status, value, day, comment] = Field::ALL.map(position);
    let mut rows = Vec::new();
    while let Some(cells) = next() {
        let cell = |position: Option<usize>| position.and_then(|position| cells.get(position)).cloned();
        rows.push(SentRow {
            external_id: cell(id).unwrap_or_default(),
            status: cell(status),
            value: cell(value).unwrap_or_default(),
            as_of_date: cell(day).unwrap_or_default(),
            comment: cell(comment),
        });
    }
    (template, rows)
}

/// What is about to go, in a line: rows, IDs, and the days they stand for.
pub(crate) fn summary(rows: &[SentRow], options: &Options) -> String {
    let mut ids: Vec<&str> = rows.iter().map(|row| row.external_id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    let day = |row: &SentRow| date::read(&row.as_of_date, &options.settings).value.map(|date| date.day);
    let days: Vec<_> = rows.iter().filter_map(day).collect();
    let span = match (days.iter().min(), days.iter().max()) {
        (Some(first), Some(last)) if first == last => format!(", of {first}"),
        (Some(first), Some(last)) => format!(", from {first} to {last}"),
        _ => String::new(),
    };
    format!("{}, {}{span}", counted(rows.len(), "row"), counted(ids.len(), "ID"))
}

/// `1 row`, `2 rows`.
pub(crate) fn counted(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

fn advice(fixable: usize) -> String {
    if fixable == 0 {
        String::new()
    } else {
        format!(", or send a repaired copy with `--fix`, which mends {fixable}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: &str, status: Option<&str>, value: &str, day: &str, comment: Option<&str>) -> SentRow {
        SentRow {
            external_id: id.to_owned(),
            status: status.map(str::to_owned),
            value: value.to_owned(),
            as_of_date: day.to_owned(),
            comment: comment.map(str::to_owned),
        }
    }

    #[test]
    fn clean_files_are_sent_as_they_are_and_their_rows_are_known() {
        let progress = Options { template: Some(Template::progress_updates()), ..Options::default() };
        let plain = Options::default();
        let cases = [
            (
                "External ID,Current Metric Value,As Of Date\nA,1,03/31/2024\n",
                &plain,
                Template::metric_updates(),
                row("A", None, "1", "03/31/2024", None),
            ),
            (
                "A,-.5,03/31/2024",
                &plain,
                Template::metric_updates(),
                row("A", None, "-.5", "03/31/2024", None),
            ),
            (
                "External ID,Current Metric Value,As Of Date,Comment\r\nA,1,03/31/2024,\"a, \"\"b\"\"\"\r\n",
                &plain,
                Template::metric_updates(),
                row("A", None, "1", "03/31/2024", Some("a, \"b\"")),
            ),
            (
                "External ID,Status,Current Metric Value,As Of Date\nA,On Track,,03/31/2024\n",
                &plain,
                Template::progress_updates(),
                row("A", Some("On Track"), "", "03/31/2024", None),
            ),
            (
                "A,At Risk,7,03/31/2024,soon\n",
                &progress,
                Template::progress_updates(),
                row("A", Some("At Risk"), "7", "03/31/2024", Some("soon")),
            ),
        ];
        for (text, options, template, first) in cases {
            for repair in [Repair::No, Repair::Safe] {
                let checked = checked(text.into(), options, repair).unwrap();
                assert_eq!((checked.bytes.as_slice(), checked.fixes), (text.as_bytes(), 0), "{text}");
                assert_eq!(
                    (&checked.template, checked.rows.as_slice()),
                    (&template, [first.clone()].as_slice())
                );
            }
        }
    }

    #[test]
    fn errors_keep_a_file_back_and_a_repair_mends_what_is_certain() {
        let kept =
            |text: &str, repair| checked(text.into(), &Options::default(), repair).unwrap_err().to_string();
        let dirty = "External ID,Current Metric Value,As Of Date\nA,20%,03-31-2024\nB,7,03/31/2024\n";
        assert_eq!(
            kept(dirty, Repair::No),
            "2 errors; see them with `metricsheet check`, or send a repaired copy with `--fix`, which mends 2"
        );
        let repaired = checked(dirty.into(), &Options::default(), Repair::Safe).unwrap();
        assert_eq!(repaired.fixes, 2);
        assert_eq!(repaired.rows[0], row("A", None, ".2", "03/31/2024", None));

        let hopeless = "External ID,Current Metric Value,As Of Date\nA,none,03/31/2024\n";
        for repair in [Repair::No, Repair::Safe] {
            assert_eq!(kept(hopeless, repair), "1 error; see them with `metricsheet check`");
            assert!(kept("", repair).starts_with("1 error"));
        }
        let marked = "\u{feff}External ID,Current Metric Value,As Of Date\nA,1,03/31/2024\n";
        assert!(kept(marked, Repair::No).contains("--fix"));
        let repaired = checked(marked.into(), &Options::default(), Repair::Safe).unwrap();
        assert!(repaired.bytes.starts_with(b"External ID"));
        let latin = checked(vec![b'A', 0xff, b'\n'], &Options::default(), Repair::Safe).unwrap_err();
        assert!(matches!(latin, KeptBack::Errors { .. }), "{latin}");
    }

    #[test]
    fn the_summary_counts_rows_ids_and_days() {
        let rows = [
            row("A", None, "1", "03/31/2024", None),
            row("A", None, "2", "2024-04-30", None),
            row("B", None, "2", "01/31/2024", None),
        ];
        let options = Options::default();
        assert_eq!(summary(&rows, &options), "3 rows, 2 IDs, from 2024-01-31 to 2024-04-30");
        assert_eq!(summary(&rows[..1], &options), "1 row, 1 ID, of 2024-03-31");
    }
}
