//! What any cell may suffer from: surrounding blanks, invisible characters, line breaks. The other readers
//! see the text without them.

use std::borrow::Cow;

use crate::rule::Fixable;
use crate::rules::text::{INVISIBLE_CHARACTER, LINE_BREAK_IN_CELL, SURROUNDING_WHITESPACE};
use crate::value::Deviation;

/// Whether people cannot see the character and it is neither a blank nor a line break.
#[must_use]
pub fn is_invisible(character: char) -> bool {
    matches!(character,
        // Control characters, except the blanks and line breaks among them.
        '\0'..='\u{8}' | '\u{e}'..='\u{1b}' | '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}'
        // Soft hyphen, Arabic letter mark, Mongolian vowel separator.
        | '\u{ad}' | '\u{61c}' | '\u{180e}'
        // Zero-width spaces and joiners, direction marks, invisible operators, byte order mark.
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        // Interlinear annotation marks and language tags.
        | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Whether the character ends a line: in a cell it stands for a blank.
#[must_use]
pub fn is_line_break(character: char) -> bool {
    matches!(character, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Whether the character is a blank, seen or unseen, other than a line break: blanks of any width and tabs.
#[must_use]
pub fn is_blank(character: char) -> bool {
    (character.is_whitespace() || matches!(character, '\u{1c}'..='\u{1f}')) && !is_line_break(character)
}

/// Whether nothing of the text is left once it is cleaned: it is empty, or blanks, line breaks and invisible
/// characters are all there is. Such a cell counts as empty, or fixing it would leave what was not seen before.
///
/// ```
/// use metricsheet_core::text::says_nothing;
/// assert!(says_nothing(" \u{200b}\t") && !says_nothing("0"));
/// ```
#[must_use]
pub fn says_nothing(text: &str) -> bool {
    text.chars().all(|character| is_blank(character) || is_line_break(character) || is_invisible(character))
}

/// A cell's text without the deviations that any column can have.
#[derive(Debug)]
pub struct Clean<'a> {
    /// The text to read, in one line.
    pub text: Cow<'a, str>,
    /// What was removed.
    pub deviations: Vec<Deviation>,
}

/// Takes surrounding blanks, invisible characters and line breaks away.
///
/// Text without any of them is borrowed and costs one look at its bytes.
#[must_use]
pub fn clean(text: &str) -> Clean<'_> {
    let plain = |byte: u8| (b' '..0x7f).contains(&byte);
    if text.bytes().all(plain) && !text.starts_with(' ') && !text.ends_with(' ') {
        return Clean { text: Cow::Borrowed(text), deviations: Vec::new() };
    }
    let mut deviations = Vec::new();
    let mut cleaned = Cow::Borrowed(text);
    if let Some(first) = text.chars().find(|character| is_invisible(*character)) {
        cleaned = Cow::Owned(text.chars().filter(|character| !is_invisible(*character)).collect());
        deviations.push(Deviation::new(
            &INVISIBLE_CHARACTER,
            format!("invisible character {} in {}; remove it", name_of(first), quoted(text)),
            Fixable::Safe,
        ));
    }
    let trimmed = cleaned.trim_matches(|character| is_blank(character) || is_line_break(character));
    if trimmed.len() < cleaned.len() {
        deviations.push(Deviation::new(
            &SURROUNDING_WHITESPACE,
            format!("blanks around {}; remove them", quoted(trimmed)),
            Fixable::Safe,
        ));
        cleaned = Cow::Owned(trimmed.to_owned());
    }
    if cleaned.contains(is_line_break) {
        deviations.push(Deviation::new(
            &LINE_BREAK_IN_CELL,
            format!("line break in {}; write it in one line", quoted(&cleaned)),
            Fixable::Safe,
        ));
        cleaned = Cow::Owned(join_lines(&cleaned));
    }
    let is_tab = |character: char| character == '\t' || matches!(character, '\u{1c}'..='\u{1f}');
    if cleaned.contains(is_tab) {
        deviations.push(Deviation::new(
            &INVISIBLE_CHARACTER,
            format!("tab in {}; write a space", quoted(&cleaned)),
            Fixable::Safe,
        ));
        cleaned = Cow::Owned(cleaned.replace(is_tab, " "));
    }
    Clean { text: cleaned, deviations }
}

/// One space for each run of line breaks and the blanks around it.
fn join_lines(text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    for line in text.split(is_line_break) {
        let line = line.trim_matches(is_blank);
        if !line.is_empty() {
            if !joined.is_empty() {
                joined.push(' ');
            }
            joined.push_str(line);
        }
    }
    joined
}

/// The text in backticks, fit for a message of one line: control characters are spelled out and a long text
/// is cut in the middle.
#[must_use]
pub fn quoted(text: &str) -> String {
    const LONGEST: usize = 60;
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'`';
    if text.len() <= LONGEST && text.bytes().all(is_plain) {
        return ["`", text, "`"].concat();
    }
    let count = text.chars().count();
    let shown: String = if count > LONGEST {
        let head = text.chars().take(LONGEST * 2 / 3);
        let tail = text.chars().skip(count - LONGEST / 3);
        head.chain(std::iter::once('…')).chain(tail).collect()
    } else {
        text.to_owned()
    };
    let mut out = String::with_capacity(shown.len() + 2);
    out.push('`');
    for character in shown.chars() {
        match character {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '`' => out.push('\''),
            _ if is_invisible(character) || is_line_break(character) || character.is_control() => {
                out.push_str(&name_of(character));
            }
            _ => out.push(character),
        }
    }
    out.push('`');
    out
}

fn name_of(character: char) -> String {
    format!("U+{:04X}", u32::from(character))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clean_text_is_borrowed() {
        for text in ["", "KPI-1", "a b", "20%"] {
            let cleaned = clean(text);
            assert!(matches!(cleaned.text, Cow::Borrowed(_)) && cleaned.deviations.is_empty());
        }
    }

    #[test]
    fn blanks_and_invisible_characters_go() {
        for (text, expected, codes) in [
            (" A", "A", "T001"),
            ("\u{a0}A\t\n", "A", "T001"),
            ("A\u{200b}B", "AB", "T002"),
            ("\u{feff} A", "A", "T002 T001"),
            ("A\nB", "A B", "T003"),
            ("A \r\n  B", "A B", "T003"),
            ("A\tB", "A B", "T002"),
            ("指標 7", "指標 7", ""),
        ] {
            let cleaned = clean(text);
            assert_eq!(cleaned.text, expected);
            let found: Vec<_> = cleaned.deviations.iter().map(|deviation| deviation.rule.code).collect();
            assert_eq!(found.join(" "), codes, "{text:?}");
        }
    }

    #[test]
    fn quoted_text_cannot_leave_its_line_or_drive_a_terminal() {
        assert_eq!(quoted("a\u{1b}[31m\nb`c"), "`aU+001B[31m\\nb'c`");
        assert!(quoted(&"x".repeat(5000)).chars().count() < 70);
    }
}
