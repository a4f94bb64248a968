//! What stands below a table and is none of its rows: totals and remarks, told by how they begin.

/// Words that begin the label of a sum, a mean or a count of the rows above.
const TOTAL_WORDS: &[&str] = &[
    "total",
    "totals",
    "subtotal",
    "sub-total",
    "grand total",
    "sum",
    "average",
    "averages",
    "avg",
    "mean",
    "median",
    "count",
    "minimum",
    "maximum",
    "min",
    "max",
    "overall",
    "summe",
    "gesamt",
    "mittelwert",
    "durchschnitt",
    "somme",
    "moyenne",
    "suma",
    "promedio",
    "totale",
    "media",
    "totaal",
    "gemiddelde",
];

/// Whether the text labels a total of the rows above it.
///
/// ```
/// use metricsheet_core::footer::is_total;
/// assert!(is_total("Grand total:") && !is_total("Totally new"));
/// ```
#[must_use]
pub fn is_total(text: &str) -> bool {
    let text = text.trim_end_matches(':').trim().to_lowercase();
    TOTAL_WORDS.iter().any(|word| {
        text.strip_prefix(word).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', ':', '(', '/']))
    })
}

/// Words that begin a remark.
const NOTE_WORDS: &[&str] = &[
    "source",
    "sources",
    "note",
    "notes",
    "nb",
    "n.b.",
    "prepared by",
    "as of",
    "data as of",
    "last updated",
    "updated",
    "generated",
    "printed",
    "created",
    "report",
    "disclaimer",
    "confidential",
    "page",
    "footnote",
    "legend",
    "key:",
    "exported",
    "quelle",
    "stand",
    "hinweis",
    "©",
    "(c)",
    "copyright",
    "end of report",
    "applied filters",
];

/// Marks that begin a footnote.
const NOTE_MARKS: &[char] = &['*', '†', '‡', '¹', '²', '³', '§'];

/// From this many words on, a text is a sentence and no ID.
const SENTENCE_WORDS: usize = 6;

/// Whether the text is a remark on the table: a source, a footnote, a sentence.
///
/// ```
/// use metricsheet_core::footer::is_note;
/// assert!(is_note("Source: annual report") && !is_note("KPI-1"));
/// ```
#[must_use]
pub fn is_note(text: &str) -> bool {
    let lower = text.to_lowercase();
    let has_word = NOTE_WORDS.iter().any(|word| {
        lower.strip_prefix(word).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', ':', '.', ',']))
    });
    has_word || text.starts_with(NOTE_MARKS) || text.split_whitespace().count() >= SENTENCE_WORDS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_are_told_from_metrics() {
        for text in
            ["Total", "TOTAL:", "Grand total", "Total (all sites)", "Average", "Sub-total Q1", "Mittelwert"]
        {
            assert!(is_total(text), "{text}");
        }
        for text in ["Totally new", "Sum-12", "TOT-1", "Maximal", "KPI total"] {
            assert!(!is_total(text), "{text}");
        }
    }

    #[test]
    fn notes_are_told_from_metrics() {
        for text in [
            "Source: ERP",
            "Note",
            "* preliminary",
            "Data as of 2024-03-31",
            "These figures are not audited yet",
        ] {
            assert!(is_note(text), "{text}");
        }
        for text in
            ["KPI-7", "Notebook sales", "Sourcing cost", "Reports-filed", "Net promoter score of patients"]
        {
            assert!(!is_note(text), "{text}");
        }
    }
}
