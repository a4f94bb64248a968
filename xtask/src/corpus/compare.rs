//! How far two readers agree on the cells of a file, and in what they differ.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::reader::{Cells, Value};

/// So many examples of a kind of difference are printed.
const EXAMPLES: usize = 3;
/// So many differences of a kind are listed for each file; all are counted.
const LISTED: usize = 200;

/// How far two readers agree.
#[derive(Default)]
pub(super) struct Agreement {
    files: usize,
    files_that_agree: usize,
    cells: usize,
    agree: usize,
    /// By kind.
    differences: BTreeMap<String, Difference>,
}

/// The cells that differ in the same way.
#[derive(Default)]
struct Difference {
    cells: usize,
    files: usize,
    /// Where and what, a line for each cell, not all of them.
    lines: Vec<String>,
}

impl Agreement {
    pub(super) fn between(file: &str, ours: &Cells, theirs: &Cells) -> Self {
        Self::judged(file, ours, theirs, difference)
    }

    /// The same, with another opinion on what a difference is.
    pub(super) fn judged(
        file: &str,
        ours: &Cells,
        theirs: &Cells,
        difference: impl Fn(Option<&Value>, Option<&Value>) -> Option<String>,
    ) -> Self {
        let mut agreement = Self { files: 1, ..Self::default() };
        let only_theirs = theirs.keys().filter(|place| !ours.contains_key(*place));
        for place in ours.keys().chain(only_theirs) {
            let (one, other) = (ours.get(place), theirs.get(place));
            // Texts of blanks alone are empty cells to some readers.
            let is_blank = |cell: Option<&Value>| {
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
                    let shown = |cell: Option<&Value>| {
                        cell.map_or_else(|| "nothing".to_owned(), |(kind, value)| format!("{kind} {value}"))
                    };
                    let difference = agreement.differences.entry(kind).or_default();
                    (difference.cells, difference.files) = (difference.cells + 1, 1);
                    if difference.lines.len() < LISTED {
                        let place = format!("{file}\t{sheet}\t{row}:{column}");
                        difference.lines.push(format!("{place}\t{}\t{}", shown(one), shown(other)));
                    }
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
        for (kind, other) in other.differences {
            let difference = self.differences.entry(kind).or_default();
            difference.cells += other.cells;
            difference.files += other.files;
            difference.lines.extend(other.lines);
        }
    }

    /// The same, of parts of one file.
    pub(super) fn of_one_file(mut self) -> Self {
        (self.files, self.files_that_agree) = (1, usize::from(self.differences.is_empty()));
        for difference in self.differences.values_mut() {
            difference.files = 1;
        }
        self
    }

    pub(super) const fn agreeing_cells(&self) -> usize {
        self.agree
    }

    pub(super) fn table(&self, reader: &str) -> String {
        #[expect(clippy::cast_precision_loss, reason = "a share in per cent, for people")]
        let share = 100.0 * self.agree as f64 / self.cells.max(1) as f64;
        let mut text = format!(
            "ours and {reader}: {} files read by both, {} agree in all cells; {} of {} cells agree ({share:.4} %)\n",
            self.files, self.files_that_agree, self.agree, self.cells
        );
        let mut kinds: Vec<_> = self.differences.iter().collect();
        kinds.sort_by_key(|(_, difference)| std::cmp::Reverse(difference.cells));
        for (kind, Difference { cells, files, lines }) in kinds {
            let _ = writeln!(text, "- {kind}: {cells} cells in {files} files");
            for line in lines.iter().take(EXAMPLES) {
                let _ = writeln!(text, "    {}", line.chars().take(200).collect::<String>());
            }
        }
        text
    }

    pub(super) fn differences(&self, reader: &str) -> impl Iterator<Item = String> {
        let kinds = self.differences.iter();
        kinds.flat_map(move |(kind, it)| it.lines.iter().map(move |line| format!("{line}\t{reader}\t{kind}")))
    }
}

/// In what two cells differ; `None` if they agree.
fn difference(ours: Option<&Value>, theirs: Option<&Value>) -> Option<String> {
    let (ours, theirs) = match (ours, theirs) {
        (Some(ours), Some(theirs)) => (ours, theirs),
        (Some((kind, _)), None) => return Some(format!("{kind} that the other reader lacks")),
        (None, Some((kind, _))) => return Some(format!("{kind} that ours lacks")),
        (None, None) => return None,
    };
    let same = match (ours.0.as_str(), theirs.0.as_str()) {
        ("number" | "duration", "number" | "date" | "duration") => {
            let numbers = (ours.1.parse::<f64>(), theirs.1.parse::<f64>());
            // What went through a calendar or a clock is exact to the millisecond.
            let near = if theirs.0 == "number" { 0.0 } else { 1e-8 };
            matches!(numbers, (Ok(one), Ok(other)) if (one - other).abs() <= near)
        }
        ("text", "text") => ours.1.trim() == theirs.1.trim(),
        ("moment", "moment") => {
            let theirs = theirs.1.replace('T', " ");
            ours.1.starts_with(theirs.get(..ours.1.len()).unwrap_or(&theirs))
        }
        ("moment", "date") => true,
        (one, other) => one == other && ours.1.eq_ignore_ascii_case(&theirs.1),
    };
    let kind = if theirs.0 == "text" && ours.0 == "text" && theirs.1.replace('\0', "") == ours.1 {
        "text with zeros between its characters there".to_owned()
    } else if ours.0 == theirs.0 {
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
            (cell("moment", "2024-03-31 10:00:00"), cell("moment", "2024-03-31T10:00:00.000"), None),
            (cell("moment", "2024-03-31 10:00:00"), cell("moment", "2024-03-31"), None),
            (cell("moment", "2024-03-31 10:00:00"), cell("moment", "2024-03-30"), Some("moment differs")),
            (
                cell("text", "wt"),
                cell("text", "w\0t\0"),
                Some("text with zeros between its characters there"),
            ),
        ] {
            assert_eq!(difference(ours.as_ref(), theirs.as_ref()).as_deref(), expected);
        }
    }
}
