//! Number formats: what they say about the meaning of a number, and the text they show for it.
//!
//! Meaning is read from the format code's tokens, never from the text it produces. Formats that cannot be
//! parsed mean a plain number.

mod built_in;
mod date_system;
mod meaning;
mod named;
mod shown;

use std::sync::OnceLock;

pub use built_in::built_in_code;
pub use date_system::DateSystem;
pub use meaning::Meaning;

use meaning::Section;
use shown::Compiled;

pub(crate) use meaning::has_date_letter;
pub(crate) use named::named_code;

/// A number format, its meaning read once.
#[derive(Debug)]
pub struct NumberFormat {
    code: String,
    sections: Vec<Section>,
    /// What it says of every number, if that does not depend on the number.
    only_meaning: Option<Meaning>,
    compiled: OnceLock<Compiled>,
}

impl NumberFormat {
    /// Reads a format code as workbooks store it: `0.0%`, `[$-409]d-mmm-yy;@`, `General`.
    #[must_use]
    pub fn new(code: &str) -> Self {
        let sections = meaning::sections(code);
        let only_meaning = meaning::of_every_number(&sections);
        Self { code: code.to_owned(), sections, only_meaning, compiled: OnceLock::new() }
    }

    /// The format of a cell that has none.
    #[must_use]
    pub fn general() -> Self {
        Self::new("General")
    }

    /// The code, as stored.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// What the format says that this number is.
    ///
    /// ```
    /// use metricsheet_convert::number_format::{Meaning, NumberFormat};
    /// assert_eq!(NumberFormat::new("0.0%;-0.0%;\"-\"").meaning(0.123), Meaning::Percent);
    /// assert_eq!(NumberFormat::new("[$-409]mmm\\-yy;@").meaning(45_000.0), Meaning::Date);
    /// assert_eq!(NumberFormat::new("[h]:mm").meaning(1.5), Meaning::Duration);
    /// assert_eq!(NumberFormat::new("0.0,,\"M\"").meaning(1_250_000.0), Meaning::Number);
    /// ```
    #[must_use]
    #[inline]
    pub fn meaning(&self, value: f64) -> Meaning {
        self.only_meaning.unwrap_or_else(|| meaning::meaning_for(&self.sections, value))
    }

    /// The text that names something by a number: as shown, except that where nothing is said about the number
    /// all its digits stand, instead of the eleven that fit a cell.
    #[must_use]
    pub fn label_text(&self, value: f64, dates: DateSystem) -> String {
        match self.meaning(value) {
            Meaning::General | Meaning::Text => crate::number::plain_text(value),
            Meaning::Number
            | Meaning::Percent
            | Meaning::LiteralPercent
            | Meaning::Date
            | Meaning::TimeOfDay
            | Meaning::Duration => self.shown(value, dates).trim().to_owned(),
        }
    }

    /// The text that a spreadsheet program shows for this number in a column wide enough. Never empty:
    /// where a format shows nothing, the stored number stands, so that nothing is lost.
    #[must_use]
    pub fn shown(&self, value: f64, dates: DateSystem) -> String {
        let compiled = self.compiled.get_or_init(|| Compiled::new(&self.code, &self.sections));
        shown::shown(compiled, &self.sections, self.meaning(value), value, dates)
    }
}

impl PartialEq for NumberFormat {
    /// Formats are equal if their codes are.
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code
    }
}
