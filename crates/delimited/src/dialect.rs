//! How a text is divided into fields.

/// What divides fields and what encloses them. Records end with `\n`, `\r\n` or `\r`, in any mixture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialect {
    /// What stands between fields: one character or several; `None` where each line is one field.
    pub delimiter: Option<String>,
    /// What encloses fields that hold a delimiter or a line break.
    pub quote: Quote,
    /// How a mark stands within a field that marks enclose.
    pub escape: Escape,
}

impl Dialect {
    /// RFC 4180.
    #[must_use]
    pub fn rfc4180() -> Self {
        Self { delimiter: Some(",".to_owned()), quote: Quote::Double, escape: Escape::Doubled }
    }

    /// How many bytes of a delimiter stand here; `None` if there is no delimiter.
    pub(crate) fn delimiter_at(&self, bytes: &[u8], at: usize) -> Option<usize> {
        let delimiter = self.delimiter.as_ref()?.as_bytes();
        let rest = bytes.get(at..)?;
        if rest.starts_with(delimiter) {
            return Some(delimiter.len());
        }
        // Behind `, ` an empty last field leaves only the comma, because editors cut blanks at the end of lines.
        let visible = delimiter.trim_ascii_end();
        let is_cut = visible.len() < delimiter.len()
            && !visible.is_empty()
            && rest.starts_with(visible)
            && is_line_end(bytes, at + visible.len());
        is_cut.then_some(visible.len())
    }

    /// What divides fields, if it is one byte and nothing takes its meaning from it outside of marks.
    #[must_use]
    pub fn plain_delimiter(&self) -> Option<u8> {
        match (self.delimiter.as_deref().map(str::as_bytes), self.escape) {
            (Some([byte]), Escape::Doubled) => Some(*byte),
            (Some(_) | None, Escape::Doubled | Escape::Backslash) => None,
        }
    }

    /// Whether blanks divide, so that none of them is decoration.
    pub(crate) fn divides_by_blanks(&self) -> bool {
        self.delimiter.as_ref().is_some_and(|delimiter| delimiter.trim_matches(' ').is_empty())
    }
}

/// Whether a line or the text ends here.
pub(crate) fn is_line_end(bytes: &[u8], at: usize) -> bool {
    matches!(bytes.get(at), None | Some(b'\n' | b'\r'))
}

/// What encloses fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quote {
    /// `"`
    Double,
    /// `'`
    Single,
}

impl Quote {
    pub(crate) const fn byte(self) -> u8 {
        match self {
            Self::Double => b'"',
            Self::Single => b'\'',
        }
    }

    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Double => "\"",
            Self::Single => "'",
        }
    }

    pub(crate) const fn doubled(self) -> &'static str {
        match self {
            Self::Double => "\"\"",
            Self::Single => "''",
        }
    }
}

/// How a mark stands within a field that marks enclose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Escape {
    /// Twice.
    Doubled,
    /// Behind a backslash, or twice.
    Backslash,
}
