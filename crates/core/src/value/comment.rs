//! Reads a comment: free text, of which only what people cannot see is taken away.

use std::borrow::Cow;

use crate::finding::Severity;
use crate::rule::Fixable;
use crate::rules::text as rules;
use crate::text::{is_blank, is_invisible, is_line_break, quoted};
use crate::value::{Deviation, Reading};

/// Reads a cell of the comment column.
#[must_use]
pub fn read(text: &str) -> Reading<()> {
    let plain = |byte: u8| (b' '..0x7f).contains(&byte);
    let is_formula = text.starts_with(['=', '+', '-', '@']);
    if text.bytes().all(plain) && !text.starts_with(' ') && !text.ends_with(' ') && !is_formula {
        return Reading::valid(());
    }
    let mut deviations = Vec::new();
    let mut cleaned = Cow::Borrowed(text);
    if text.contains(is_removed) {
        cleaned = Cow::Owned(text.replace(is_removed, ""));
        let message = format!("invisible character in {}; remove it", quoted(text));
        deviations.push(Deviation::new(&rules::INVISIBLE_CHARACTER, message, Fixable::Safe));
    }
    let trimmed = cleaned.trim_matches(|character| is_blank(character) || is_line_break(character));
    if trimmed.len() < cleaned.len() {
        let message = format!("blanks around {}; remove them", quoted(trimmed));
        deviations.push(Deviation::new(&rules::SURROUNDING_WHITESPACE, message, Fixable::Safe));
        cleaned = Cow::Owned(trimmed.to_owned());
    }
    let rewrite = (!deviations.is_empty()).then(|| cleaned.as_ref().to_owned());
    if cleaned.contains(is_line_break) {
        let message = format!("line break in {}; other programs may cut the comment there", quoted(&cleaned));
        let deviation = Deviation::new(&rules::LINE_BREAK_IN_CELL, message, Fixable::No);
        deviations.push(Deviation { severity: Severity::Warning, ..deviation });
    }
    if cleaned.starts_with(['=', '+', '-', '@']) && cleaned.chars().count() > 1 {
        let message = format!(
            "{} runs as a formula when the file is opened in a spreadsheet program; begin it with a word",
            quoted(&cleaned)
        );
        deviations.push(Deviation::new(&rules::FORMULA_LIKE_TEXT, message, Fixable::No));
    }
    Reading { value: Some(()), deviations, rewrite }
}

/// Invisible and meaningless. Joiners shape the letters of some scripts and the people in emoji.
fn is_removed(character: char) -> bool {
    is_invisible(character) && !matches!(character, '\u{200c}' | '\u{200d}')
}
