//! From bytes to lines and characters, for places that a finding does not carry: where it ends, and where its
//! edits begin and end.

/// Where each line of a text starts.
#[derive(Debug)]
pub(super) struct LineStarts<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> LineStarts<'a> {
    /// Lines end with `\n`, `\r\n` or a lone `\r`, as they do for the linter.
    pub(super) fn new(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        let ends_line = |at: usize| match bytes[at] {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        };
        let starts = (0..bytes.len()).filter(|at| ends_line(*at)).map(|at| at + 1);
        Self { text, starts: std::iter::once(0).chain(starts).collect() }
    }

    /// The 1-based line and character of a byte. A byte order mark is no character.
    pub(super) fn place(&self, byte: usize) -> (usize, usize) {
        let line = self.starts.partition_point(|start| *start <= byte);
        let start = line.checked_sub(1).and_then(|index| self.starts.get(index)).copied().unwrap_or_default();
        let before = self.text.get(start..byte).unwrap_or_default();
        (line, before.trim_start_matches('\u{feff}').chars().count() + 1)
    }
}

#[cfg(test)]
mod tests {
    use metricsheet_lint::{Options, check};

    use super::*;

    #[test]
    fn places_are_those_of_the_linter() {
        let rows = "\u{feff}External ID,Current Metric Value,As Of Date\nKPI-é,20%,2024-03-31\r\n\"a\nb\",1 ,x\rK,,\n";
        for text in [rows.to_owned(), rows.replace("\r\n", "\n"), rows.replace(['\r', '\n'], "\r\n")] {
            let lines = LineStarts::new(&text);
            let report = check(text.as_bytes(), &Options::default());
            assert!(report.diagnostics.len() > 4, "{report:?}");
            for diagnostic in report.diagnostics {
                assert_eq!(lines.place(diagnostic.span.start), (diagnostic.line, diagnostic.character));
            }
        }
    }

    #[test]
    fn the_end_is_a_place_too() {
        assert_eq!(LineStarts::new("").place(0), (1, 1));
        assert_eq!(LineStarts::new("a\n").place(2), (2, 1));
        assert_eq!(LineStarts::new("é,").place(3), (1, 3));
    }
}
