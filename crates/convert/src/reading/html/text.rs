//! The text of a cell as people see it: blanks collapsed, line breaks where the page has some.

/// A text that comes in pieces.
#[derive(Debug, Default)]
pub(super) struct ShownText {
    text: String,
    /// Whether a blank stands between what was pushed and what comes.
    is_apart: bool,
}

impl ShownText {
    /// Appends a piece; runs of blanks are one.
    pub(super) fn push(&mut self, piece: &str) {
        for character in piece.chars() {
            if matches!(character, ' ' | '\t' | '\n' | '\r' | '\u{c}') {
                self.is_apart = true;
                continue;
            }
            if std::mem::take(&mut self.is_apart) && !self.text.is_empty() && !self.text.ends_with('\n') {
                self.text.push(' ');
            }
            self.text.push(character);
        }
    }

    /// Begins another line, unless nothing stands on this one.
    pub(super) fn break_line(&mut self) {
        self.is_apart = false;
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }

    /// What stands above the line says something else than the digits before it: `12¹` is not 121.
    pub(super) fn raise(&mut self) {
        if self.text.ends_with(|it: char| it.is_ascii_digit()) && !self.is_apart {
            self.text.push('^');
        }
    }

    /// The text, without blanks around it, those that do not break either: they fill cells that are empty.
    pub(super) fn take(self) -> String {
        let trimmed = self.text.trim();
        if trimmed.len() == self.text.len() { self.text } else { trimmed.to_owned() }
    }
}
