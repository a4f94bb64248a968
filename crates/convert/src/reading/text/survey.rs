//! What a text that may be UTF-8 shows before anything is made of it.

use std::io::{self, BufRead, Read};

use metricsheet_delimited::{looks_like_other_encoding, whole_characters};

use super::super::window::Window;

/// So many bytes at the beginning show how a text is divided, and more.
const HEAD: usize = 256 << 10;

/// The beginning of a text of UTF-8.
pub(super) struct Head {
    pub(super) text: String,
    /// Whether nothing comes behind it.
    pub(super) is_all: bool,
}

impl Head {
    /// `None` for a text in another encoding.
    pub(super) fn of(source: &mut impl Read) -> io::Result<Option<Self>> {
        let head = Self::of_utf8(source)?;
        Ok(head.filter(|head| !looks_like_other_encoding(head.text.as_bytes())))
    }

    /// The same of a text that is UTF-8, whatever it looks like.
    pub(super) fn of_utf8(source: &mut impl Read) -> io::Result<Option<Self>> {
        let mut window = Window::new(source);
        while window.ahead().len() < HEAD && window.widen()? {}
        let is_all = window.is_at_end();
        let text = whole_characters(window.ahead(), is_all).map(str::to_owned);
        Ok(text.map(|text| Self { text, is_all }))
    }

    pub(super) fn is_blank(&self) -> bool {
        is_blank(&self.text)
    }
}

/// What a reading of all of it shows.
pub(super) struct Survey {
    /// Whether it holds nothing but blanks.
    pub(super) is_blank: bool,
}

impl Survey {
    /// `None` for a text in another encoding.
    pub(super) fn of(source: &mut impl Read) -> io::Result<Option<Self>> {
        let mut window = Window::new(source);
        let mut is_all_blank = true;
        while window.widen()? {
            let Some(text) = whole_characters(window.ahead(), false) else { return Ok(None) };
            is_all_blank = is_all_blank && is_blank(text);
            let length = text.len();
            window.consume(length);
        }
        let end = whole_characters(window.ahead(), true);
        Ok(end.map(|end| Self { is_blank: is_all_blank && is_blank(end) }))
    }
}

fn is_blank(text: &str) -> bool {
    text.trim_start_matches('\u{feff}').trim().is_empty()
}
