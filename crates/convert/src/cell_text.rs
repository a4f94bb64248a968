//! Texts of cells: those that cells share stand one behind the other in a few long pieces of memory.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// The text of a cell. Cloning it copies no character.
#[derive(Clone)]
pub struct CellText {
    all: Arc<str>,
    start: u32,
    end: u32,
}

/// A text among those that cells share.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SharedText<'t> {
    all: &'t Arc<str>,
    start: u32,
    end: u32,
}

impl SharedText<'_> {
    pub(crate) const fn is_empty(&self) -> bool {
        self.start == self.end
    }
}

impl CellText {
    /// Becomes another text; where both stand in one piece, nobody has to count who shares it.
    pub(crate) fn become_shared(&mut self, text: SharedText<'_>) {
        if !Arc::ptr_eq(&self.all, text.all) {
            self.all = Arc::clone(text.all);
        }
        (self.start, self.end) = (text.start, text.end);
    }
}

impl Deref for CellText {
    type Target = str;

    fn deref(&self) -> &str {
        part(&self.all, self.start, self.end)
    }
}

fn part(all: &str, start: u32, end: u32) -> &str {
    let place = |at: u32| usize::try_from(at).unwrap_or(usize::MAX);
    all.get(place(start)..place(end)).unwrap_or_default()
}

impl From<SharedText<'_>> for CellText {
    fn from(text: SharedText<'_>) -> Self {
        Self { all: Arc::clone(text.all), start: text.start, end: text.end }
    }
}

impl From<Arc<str>> for CellText {
    fn from(all: Arc<str>) -> Self {
        // No text of a cell is nearly as long: its limit is far below.
        let end = u32::try_from(all.len()).unwrap_or(u32::MAX);
        Self { all, start: 0, end }
    }
}

impl From<&str> for CellText {
    fn from(text: &str) -> Self {
        Arc::<str>::from(text).into()
    }
}

impl From<String> for CellText {
    fn from(text: String) -> Self {
        Arc::<str>::from(text).into()
    }
}

impl PartialEq for CellText {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl fmt::Debug for CellText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, formatter)
    }
}

/// A piece ends once it is that long.
const PIECE: usize = 1 << 20;

/// The texts that cells share, by their numbers from 0.
#[derive(Debug, Default)]
pub(crate) struct SharedTexts {
    pieces: Vec<Arc<str>>,
    /// The piece of each text, and where in it it stands.
    places: Vec<(u32, u32, u32)>,
    /// The piece that is being filled.
    last: String,
}

impl SharedTexts {
    pub(crate) fn push(&mut self, text: &str) {
        // Pieces and what is in them are below four thousand millions, as their limit in bytes is.
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let start = self.last.len();
        self.last.push_str(text);
        self.places.push((number(self.pieces.len()), number(start), number(self.last.len())));
        if self.last.len() >= PIECE {
            self.finish();
        }
    }

    /// Ends the last piece; before, its texts cannot be had. Empty ones have no piece of their own.
    pub(crate) fn finish(&mut self) {
        if !self.last.is_empty() {
            self.pieces.push(self.last.as_str().into());
            self.last.clear();
        }
    }

    /// How many there are.
    #[cfg(test)]
    pub(crate) const fn len(&self) -> usize {
        self.places.len()
    }

    pub(crate) fn get(&self, at: usize) -> Option<SharedText<'_>> {
        let (piece, start, end) = *self.places.get(at)?;
        let all = self.pieces.get(usize::try_from(piece).ok()?).or_else(|| self.pieces.last())?;
        Some(SharedText { all, start, end })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_texts_are_what_was_pushed() {
        let texts: Vec<String> =
            (0..50_000).map(|number| format!("text é {number}").repeat(number % 9)).collect();
        let mut shared = SharedTexts::default();
        for text in &texts {
            shared.push(text);
        }
        shared.finish();
        assert!(shared.pieces.len() > 1);
        let mut other = CellText::from("other");
        for (at, expected) in texts.iter().enumerate() {
            let text = shared.get(at).unwrap();
            assert_eq!(text.is_empty(), expected.is_empty());
            assert_eq!(&*CellText::from(text), expected);
            other.become_shared(text);
            assert_eq!(&*other, expected);
        }
        assert!(shared.get(texts.len()).is_none());
    }
}
