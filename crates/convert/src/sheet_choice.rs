//! Which sheets of a workbook to convert: by name, by number, by pattern.

use globset::{GlobBuilder, GlobMatcher};
use metricsheet_core::text::quoted;

use crate::reading::{OtherKind, OtherSheet, Tab, Workbook, tabs};

/// A choice of sheets, as the caller writes it: a name, else a 1-based number, else a pattern with `*`, `?`
/// or `[…]`.
#[derive(Debug, Clone)]
pub struct SheetChoice {
    text: String,
    number: Option<usize>,
    pattern: Option<GlobMatcher>,
    /// The same without regard to capitals.
    lenient_pattern: Option<GlobMatcher>,
}

/// A choice that cannot be met.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SheetChoiceError {
    /// It fits no sheet.
    #[error("no sheet is called {}; there {}", quoted(choice), there_is(sheets))]
    Unknown {
        /// What was asked for.
        choice: String,
        /// The sheets that there are.
        sheets: Vec<String>,
    },
    /// It fits only sheets without cells.
    #[error("sheet {} is {}, which holds no cells to convert", quoted(sheet), kind.label())]
    WithoutCells {
        /// The first of them.
        sheet: String,
        /// What it is.
        kind: OtherKind,
    },
}

/// The sheets that were chosen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Chosen {
    /// The 0-based places of those with cells, left to right.
    pub(crate) cells: Vec<usize>,
    /// Those without.
    pub(crate) others: Vec<OtherSheet>,
}

fn there_is(sheets: &[String]) -> String {
    match sheets {
        [] => "is none".to_owned(),
        [sheet] => format!("is {}", quoted(sheet)),
        sheets => format!("are {}", sheets.iter().map(|sheet| quoted(sheet)).collect::<Vec<_>>().join(", ")),
    }
}

impl SheetChoice {
    /// Any text is a choice; whether it fits is seen when a workbook is open.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let is_pattern = text.contains(['*', '?', '[', '{']);
        let pattern = |is_lenient: bool| {
            let glob = GlobBuilder::new(text).case_insensitive(is_lenient).build();
            glob.ok().filter(|_| is_pattern).map(|glob| glob.compile_matcher())
        };
        Self {
            text: text.to_owned(),
            number: text.parse().ok(),
            pattern: pattern(false),
            lenient_pattern: pattern(true),
        }
    }

    /// The sheets that fit: an exact name first, then a name in other capitals, then a number, then a pattern, then a
    /// pattern in other capitals.
    fn fitting<'t>(&self, tabs: &[Tab<'t>]) -> Vec<Tab<'t>> {
        let by_name = |fits: &dyn Fn(&str) -> bool| -> Vec<Tab<'t>> {
            tabs.iter().filter(|tab| fits(tab.name())).copied().collect()
        };
        let exact = by_name(&|name| name == self.text);
        if !exact.is_empty() {
            return exact;
        }
        let other_capitals = by_name(&|name| name.to_lowercase() == self.text.to_lowercase());
        if !other_capitals.is_empty() {
            return other_capitals;
        }
        if let Some(tab) = self.number.and_then(|number| tabs.get(number.checked_sub(1)?)) {
            return vec![*tab];
        }
        let patterns = [&self.pattern, &self.lenient_pattern].into_iter().flatten();
        let by_pattern = patterns.map(|pattern| by_name(&|name| pattern.is_match(name)));
        by_pattern.into_iter().find(|fitting| !fitting.is_empty()).unwrap_or_default()
    }
}

/// The chosen sheets of a workbook; all of them without a choice.
///
/// # Errors
/// [`SheetChoiceError`] for a choice that fits none, or none with cells.
pub(crate) fn choose(workbook: &Workbook, choices: &[SheetChoice]) -> Result<Chosen, SheetChoiceError> {
    choose_among(&tabs(workbook.sheets(), workbook.other_sheets()), choices)
}

fn choose_among(tabs: &[Tab<'_>], choices: &[SheetChoice]) -> Result<Chosen, SheetChoiceError> {
    let mut chosen = Chosen::default();
    let mut take = |tab: &Tab<'_>| match tab {
        Tab::Cells(index, _) => chosen.cells.push(*index),
        Tab::Other(sheet) if chosen.others.contains(sheet) => {}
        Tab::Other(sheet) => chosen.others.push((*sheet).clone()),
    };
    if choices.is_empty() {
        tabs.iter().for_each(&mut take);
    }
    for choice in choices {
        let fitting = choice.fitting(tabs);
        let holds_cells = |tab: &Tab<'_>| matches!(tab, Tab::Cells(..));
        match fitting.first() {
            None => {
                let sheets = tabs.iter().map(|tab| tab.name().to_owned()).collect();
                return Err(SheetChoiceError::Unknown { choice: choice.text.clone(), sheets });
            }
            Some(Tab::Other(first)) if !fitting.iter().any(holds_cells) => {
                return Err(SheetChoiceError::WithoutCells { sheet: first.name.clone(), kind: first.kind });
            }
            Some(Tab::Cells(..) | Tab::Other(_)) => fitting.iter().for_each(&mut take),
        }
    }
    chosen.cells.sort_unstable();
    chosen.cells.dedup();
    chosen.others.sort_by_key(|sheet| sheet.tab);
    Ok(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::{Sheet, Visibility};

    fn chosen(sheets: &[&str], others: &[OtherSheet], choices: &[&str]) -> Result<Chosen, String> {
        let sheet = |name: &&str| Sheet { name: (*name).to_owned(), visibility: Visibility::Visible };
        let sheets: Vec<Sheet> = sheets.iter().map(sheet).collect();
        let choices: Vec<_> = choices.iter().map(|choice| SheetChoice::parse(choice)).collect();
        choose_among(&tabs(&sheets, others), &choices).map_err(|error| error.to_string())
    }

    #[test]
    fn sheets_are_chosen_by_name_number_and_pattern() {
        for (choices, expected) in [
            (&[][..], Ok(vec![0, 1, 2, 3, 4])),
            (&["Q1"], Ok(vec![0])),
            (&["notes"], Ok(vec![2])),
            (&["3"], Ok(vec![2])),
            // A sheet's name comes before its number.
            (&["2"], Ok(vec![3])),
            (&["Q*"], Ok(vec![0, 1])),
            (&["Notes", "Q?", "Q1"], Ok(vec![0, 1, 2])),
            (&["n*S"], Ok(vec![2])),
            (&["Q3"], Err("no sheet is called `Q3`; there are `Q1`, `Q2`, `Notes`, `2`, `q1`")),
            (&["0"], Err("no sheet is called `0`; there are `Q1`, `Q2`, `Notes`, `2`, `q1`")),
        ] {
            let chosen = chosen(&["Q1", "Q2", "Notes", "2", "q1"], &[], choices);
            assert_eq!(chosen.map(|it| it.cells), expected.map_err(str::to_owned));
        }
    }

    #[test]
    fn sheets_without_cells_are_counted_and_named() {
        let other = |name: &str, kind, tab| OtherSheet { name: name.to_owned(), kind, tab };
        let others = [other("Chart", OtherKind::Chart, 0), other("Macro", OtherKind::Macro, 3)];
        for (choices, expected) in [
            (&[][..], Ok((vec![0, 1], others.len()))),
            // As the tabs stand: the chart is the first.
            (&["2"], Ok((vec![0], 0))),
            (&["M*", "May"], Ok((vec![0, 1], 1))),
            (&["1"], Err("sheet `Chart` is a chart, which holds no cells to convert")),
            (&["macro"], Err("sheet `Macro` is a sheet of macros, which holds no cells to convert")),
            (&["4", "May"], Err("sheet `Macro` is a sheet of macros, which holds no cells to convert")),
            (&["5"], Err("no sheet is called `5`; there are `Chart`, `March`, `May`, `Macro`")),
        ] {
            let chosen = chosen(&["March", "May"], &others, choices);
            let chosen = chosen.map(|it| (it.cells, it.others.len()));
            assert_eq!(chosen, expected.map_err(str::to_owned), "{choices:?}");
        }
    }
}
