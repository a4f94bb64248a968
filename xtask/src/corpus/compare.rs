//! How far two readers agree on the cells of a file, and in what they differ.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::reader::Cells;

/// So many examples of a kind of difference are printed.
const EXAMPLES: usize = 3;

/// How far two readers agree.
#[derive(Default)]
pub(super) struct Agreement {
    files: usize,
    files_that_agree: usize,
    cells: usize,
    agree: usize,
    /// By kind: where and what, a line for each cell.
    differences: BTreeMap<String, Vec<String>>,
}

impl Agreement {
    pub(super) fn between(file: &str, ours: &Cells, theirs: &Cells) -> Self {
        let mut agreement = Self { files: 1, ..Self::default() };
        let only_theirs = theirs.keys().filter(|place| !ours.contains_key(*place));
        for place in ours.keys().chain(only_theirs) {
            let (one, other) = (ours.get(place), theirs.get(place));
            // Texts of blanks alone are empty cells to some readers.
            let is_blank = |cell: Option<&(String, String)>| {
                cell.is_none_or(|(kind, value)| {
                    kind == "text" && value.trim_matches([' ', '\\', 'n', 't']).is_empty()
                })
            };
            if is_blank(one) && is_blank(other) {
                continue;
            }
            agreement.cells += 1;
            match difference(one, other) {
                None => agreement.agree += 1,
                Some(kind) => {
                    let (sheet, row, column) = place;
                    let shown = |cell: Option<&(String, String)>| {
                        cell.map_or_else(|| "nothing".to_owned(), |(kind, value)| format!("{kind} {value}"))
                    };
                    let line = format!("{file}\t{sheet}\t{row}:{column}\t{}\t{}", shown(one), shown(other));
                    agreement.differences.entry(kind).or_default().push(line);
                }
            }
        }
        agreement.files_that_agree = usize::from(agreement.differences.is_empty());
        agreement
    }

    pub(super) fn add(&mut self, other: Self) {
        self.files += other.files;
        self.files_that_agree += other.files_that_agree;
        self.cells += other.cells;
        self.agree += other.agree;
        for (kind, lines) in other.differences {
            self.differences.entry(kind).or_default().extend(lines);
        }
    }

    pub(super) fn table(&self, reader: &str) -> String {
        #[expect(clippy::cast_precision_loss, reason = "a share in per cent, for people")]
        let share = 100.0 * self.agree as f64 / self.cells.max(1) as f64;
        let mut text = format!(
            "ours and {reader}: {} files read by both, {} agree in all cells; {} of {} cells agree ({share:.4} %)\n",
            self.files, self.files_that_agree, self.agree, self.cells
        );
        for (kind, lines) in &self.differences {
            let mut files: Vec<&str> = lines.iter().filter_map(|line| line.split('\t').next()).collect();
            files.sort_unstable();
            files.dedup();
            let _ = writeln!(text, "- {kind}: {} cells in {} files", lines.len(), files.len());
            for line in lines.iter().take(EXAMPLES) {
                let _ = writeln!(text, "    {}", line.chars().take(200).collect::<String>());
            }
        }
        text
    }

    pub(super) fn differences(&self, reader: &str) -> impl Iterator<Item = String> {
        let kinds = self.differences.iter();
        kinds.flat_map(move |(kind, lines)| lines.iter().map(move |line| format!("{line}\t{reader}\t{kind}")))
    }
}

/// In what two cells differ; `None` if they agree.
fn difference(ours: Option<&(String, String)>, theirs: Option<&(String, String)>) -> Option<String> {
    let (ours, theirs) = match (ours, theirs) {
        (Some(ours), Some(theirs)) => (ours, theirs),
        (Some((kind, _)), None) => return Some(format!("{kind} that the other reader lacks")),
        (None, Some((kind, _))) => return Some(format!("{kind} that ours lacks")),
        (None, None) => return None,
    };
    let same = match (ours.0.as_str(), theirs.0.as_str()) {
        ("number" | "duration", "number" | "date" | "duration") => {
            let numbers = (ours.1.parse::<f64>(), theirs.1.parse::<f64>());
            // A date that went through a calendar is exact to the millisecond.
            let near = if theirs.0 == "date" { 1e-8 } else { 0.0 };
            matches!(numbers, (Ok(one), Ok(other)) if (one - other).abs() <= near)
        }
        ("text", "text") => ours.1.trim() == theirs.1.trim(),
        ("moment", "moment") => theirs.1.starts_with(ours.1.get(..10).unwrap_or_default()),
        ("moment", "date") => true,
        (one, other) => one == other && ours.1.eq_ignore_ascii_case(&theirs.1),
    };
    let kind = if ours.0 == theirs.0 {
        format!("{} differs", ours.0)
    } else {
        format!("{} for {}", ours.0, theirs.0)
    };
    (!same).then_some(kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_agree_or_differ_by_kind() {
        let cell = |kind: &str, value: &str| Some((kind.to_owned(), value.to_owned()));
        for (ours, theirs, expected) in [
            (cell("number", "1"), cell("number", "1.0"), None),
            (cell("number", "45382.5"), cell("date", "45382.500000001"), None),
            (cell("text", " a "), cell("text", "a"), None),
            (cell("text", "a"), cell("text", "b"), Some("text differs")),
            (cell("error", "#N/A"), cell("text", "#N/A"), Some("error for text")),
            (cell("number", "1"), None, Some("number that the other reader lacks")),
            (None, cell("text", "a"), Some("text that ours lacks")),
        ] {
            assert_eq!(difference(ours.as_ref(), theirs.as_ref()).as_deref(), expected);
        }
    }
}
