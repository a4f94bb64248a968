//! A file that may be UTF-8 is read once before anything is made of it: one byte far down can tell that it is not.

use std::io::{self, BufRead, Read};

use metricsheet_delimited::{looks_like_other_encoding, whole_characters};

use super::super::window::Window;

/// So many bytes at the beginning show how a text is divided, and more.
const HEAD: usize = 256 << 10;

/// What is seen in a first reading of a file of UTF-8.
pub(super) struct Survey {
    /// Its beginning.
    pub(super) head: String,
    /// Whether it holds nothing but blanks.
    pub(super) is_blank: bool,
}

impl Survey {
    /// `None` for a file in another encoding.
    pub(super) fn of(source: &mut impl Read) -> io::Result<Option<Self>> {
        let mut window = Window::new(source);
        while window.ahead().len() < HEAD && window.widen()? {}
        if looks_like_other_encoding(window.ahead()) {
            return Ok(None);
        }
        let head = whole_characters(window.ahead(), window.is_at_end()).map(str::to_owned);
        let Some(head) = head else { return Ok(None) };
        let mut is_blank = true;
        loop {
            let Some(text) = whole_characters(window.ahead(), window.is_at_end()) else { return Ok(None) };
            is_blank = is_blank && text.trim_start_matches('\u{feff}').trim().is_empty();
            let length = text.len();
            if window.is_at_end() {
                return Ok(Some(Self { head, is_blank }));
            }
            window.consume(length);
            window.widen()?;
        }
    }
}
