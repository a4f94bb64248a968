//! Which sheets of a workbook to convert: by name, by number, by pattern.

use globset::{GlobBuilder, GlobMatcher};
use metricsheet_core::text::quoted;

use crate::reading::Sheet;

/// A choice of sheets, as the caller writes it: a name, else a 1-based number, else a pattern with `*`, `?`
/// or `[…]`.
#[derive(Debug, Clone)]
pub struct SheetChoice {
    text: String,
    number: Option<usize>,
    pattern: Option<GlobMatcher>,
}

/// A choice that fits no sheet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no sheet is called {}; there {}", quoted(choice), there_is(sheets))]
pub struct UnknownSheet {
    /// What was asked for.
    pub choice: String,
    /// The sheets that there are.
    pub sheets: Vec<String>,
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
        let pattern =
            text.contains(['*', '?', '[', '{']).then(|| GlobBuilder::new(text).build().ok()).flatten();
        Self {
            text: text.to_owned(),
            number: text.parse().ok(),
            pattern: pattern.map(|pattern| pattern.compile_matcher()),
        }
    }

    /// The 0-based positions of the sheets that fit: an exact name first, then a name in other capitals, then
    /// a number, then a pattern.
    fn fitting(&self, sheets: &[Sheet]) -> Vec<usize> {
        let by_name = |fits: &dyn Fn(&str) -> bool| -> Vec<usize> {
            (0..).zip(sheets).filter(|(_, sheet)| fits(&sheet.name)).map(|(index, _)| index).collect()
        };
        let exact = by_name(&|name| name == self.text);
        if !exact.is_empty() {
            return exact;
        }
        let other_capitals = by_name(&|name| name.to_lowercase() == self.text.to_lowercase());
        if !other_capitals.is_empty() {
            return other_capitals;
        }
        if let Some(index) =
            self.number.and_then(|number| number.checked_sub(1)).filter(|it| *it < sheets.len())
        {
            return vec![index];
        }
        self.pattern.as_ref().map_or_else(Vec::new, |pattern| by_name(&|name| pattern.is_match(name)))
    }
}

/// The 0-based positions of the chosen sheets, left to right; all sheets without a choice.
///
/// # Errors
/// [`UnknownSheet`] for a choice that fits none.
pub(crate) fn choose(sheets: &[Sheet], choices: &[SheetChoice]) -> Result<Vec<usize>, UnknownSheet> {
    if choices.is_empty() {
        return Ok((0..sheets.len()).collect());
    }
    let mut chosen = Vec::new();
    for choice in choices {
        let fitting = choice.fitting(sheets);
        if fitting.is_empty() {
            let sheets = sheets.iter().map(|sheet| sheet.name.clone()).collect();
            return Err(UnknownSheet { choice: choice.text.clone(), sheets });
        }
        chosen.extend(fitting);
    }
    chosen.sort_unstable();
    chosen.dedup();
    Ok(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::Visibility;

    #[test]
    fn sheets_are_chosen_by_name_number_and_pattern() {
        let sheets: Vec<Sheet> = ["Q1", "Q2", "Notes", "2", "q1"]
            .map(|name| Sheet { name: name.to_owned(), visibility: Visibility::Visible })
            .into();
        for (choices, expected) in [
            (&[][..], Ok(vec![0, 1, 2, 3, 4])),
            (&["Q1"], Ok(vec![0])),
            (&["notes"], Ok(vec![2])),
            (&["3"], Ok(vec![2])),
            // A sheet's name comes before its number.
            (&["2"], Ok(vec![3])),
            (&["Q*"], Ok(vec![0, 1])),
            (&["Notes", "Q?", "Q1"], Ok(vec![0, 1, 2])),
            (&["Q3"], Err("no sheet is called `Q3`; there are `Q1`, `Q2`, `Notes`, `2`, `q1`")),
            (&["0"], Err("no sheet is called `0`; there are `Q1`, `Q2`, `Notes`, `2`, `q1`")),
        ] {
            let choices: Vec<_> = choices.iter().map(|choice| SheetChoice::parse(choice)).collect();
            let chosen = choose(&sheets, &choices).map_err(|error| error.to_string());
            assert_eq!(chosen, expected.map_err(str::to_owned));
        }
    }
}
