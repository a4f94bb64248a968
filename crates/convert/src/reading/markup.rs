//! Reads XML by its bytes, as far as it is written as nearly all programs write it: plain names, attributes in quotation
//! marks one blank apart, no comments. Whoever meets anything else leaves it to the reader of events.

/// Why something could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// It does not end within the bytes.
    Short,
    /// It is not of the usual form.
    Odd,
}

/// What a byte may be a part of: the name of an attribute, its value in quotation marks, a text.
pub(super) const NAME: u8 = 1;
pub(super) const VALUE: u8 = 2;
pub(super) const TEXT: u8 = 4;

/// Of other bytes none is plain: controls, marks of XML, other scripts.
const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = b' ';
    while byte < 0x7f {
        let is_name = byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'_' | b'-' | b'.');
        let name = if is_name { NAME } else { 0 };
        classes[byte as usize] = match byte {
            b'<' | b'&' => 0,
            b'"' | b'>' => TEXT,
            _ => name | VALUE | TEXT,
        };
        byte += 1;
    }
    classes
};

#[inline]
pub(super) fn is_of(byte: u8, class: u8) -> bool {
    CLASSES[usize::from(byte)] & class != 0
}

/// Names of attributes. One that stands there twice is for the other reader to judge.
#[derive(Default)]
pub(super) struct Names<'b> {
    names: [&'b [u8]; 12],
    count: usize,
}

impl<'b> Names<'b> {
    pub(super) fn add(&mut self, name: &'b [u8]) -> Result<(), Stop> {
        if self.names.iter().take(self.count).any(|known| *known == name) {
            return Err(Stop::Odd);
        }
        *self.names.get_mut(self.count).ok_or(Stop::Odd)? = name;
        self.count += 1;
        Ok(())
    }
}

/// Name and value.
type Attribute<'b> = (&'b [u8], &'b [u8]);

/// A place in the bytes.
pub(super) struct Cursor<'b> {
    pub(super) bytes: &'b [u8],
    pub(super) at: usize,
}

impl<'b> Cursor<'b> {
    /// What comes next.
    #[inline]
    pub(super) fn rest(&self) -> &'b [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    #[inline]
    pub(super) fn peek(&self) -> Result<u8, Stop> {
        self.bytes.get(self.at).copied().ok_or(Stop::Short)
    }

    /// Whether these bytes come next.
    #[inline]
    pub(super) fn is_at(&self, wanted: &[u8]) -> Result<bool, Stop> {
        let rest = self.rest();
        if rest.starts_with(wanted) {
            return Ok(true);
        }
        if rest.len() < wanted.len() && wanted.starts_with(rest) { Err(Stop::Short) } else { Ok(false) }
    }

    /// Passes over bytes that have to come next.
    #[inline]
    pub(super) fn expect(&mut self, wanted: &[u8]) -> Result<(), Stop> {
        if !self.is_at(wanted)? {
            return Err(Stop::Odd);
        }
        self.at += wanted.len();
        Ok(())
    }

    /// Passes over blanks; tells whether there are any.
    #[inline]
    pub(super) fn skip_blanks(&mut self) -> bool {
        let start = self.at;
        while self.bytes.get(self.at).is_some_and(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
        self.at > start
    }

    /// The name of the next attribute, whose value in quotation marks follows; `None` at the end of the element's start.
    #[inline]
    pub(super) fn attribute_name(&mut self) -> Result<Option<&'b [u8]>, Stop> {
        match self.peek()? {
            b'>' | b'/' => return Ok(None),
            b' ' => self.at += 1,
            _ => return Err(Stop::Odd),
        }
        let rest = self.rest();
        let length = rest.iter().position(|byte| !is_of(*byte, NAME)).ok_or(Stop::Short)?;
        let name = rest.get(..length).unwrap_or_default();
        if name.is_empty() {
            return Err(Stop::Odd);
        }
        self.at += length;
        self.expect(b"=\"")?;
        Ok(Some(name))
    }

    /// The next attribute, name and value; `None` at the end of the element's start.
    #[inline]
    pub(super) fn attribute(&mut self) -> Result<Option<Attribute<'b>>, Stop> {
        let Some(name) = self.attribute_name()? else { return Ok(None) };
        let rest = self.rest();
        let length = rest.iter().position(|byte| !is_of(*byte, VALUE)).ok_or(Stop::Short)?;
        let (value, rest) = rest.split_at(length);
        if rest.first() != Some(&b'"') {
            return Err(Stop::Odd);
        }
        self.at += length + 1;
        Ok(Some((name, value)))
    }

    /// Passes over the end of an element's start; tells whether it has a content.
    #[inline]
    pub(super) fn ends_element(&mut self) -> Result<bool, Stop> {
        if self.peek()? == b'>' {
            self.at += 1;
            return Ok(true);
        }
        self.expect(b"/>")?;
        Ok(false)
    }
}

/// A whole number of a few digits.
#[inline]
pub(super) fn whole(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || digits.len() > 9 {
        return None;
    }
    let mut number = 0;
    for byte in digits {
        if !byte.is_ascii_digit() {
            return None;
        }
        number = number * 10 + u32::from(byte - b'0');
    }
    Some(number)
}
