//! From bytes to text: UTF-8, UTF-16 and UTF-32 with a mark, a declared encoding, or a guess. Keeps where each
//! byte of the text stands in the file.

use std::borrow::Cow;

use encoding_rs::Encoding;

/// Text and how it was encoded in the file.
#[derive(Debug)]
pub struct Decoded<'a> {
    /// The text, a mark of UTF-8 included.
    pub text: Cow<'a, str>,
    form: Form,
    /// How the encoding was told; `None` for UTF-8, which needs no telling.
    pub told: Option<Told>,
    /// The length of the mark in front, in the file; a mark of UTF-8 is part of the text.
    mark: usize,
    /// Whether some bytes stand for no character of the encoding.
    pub has_broken_bytes: bool,
}

/// How sure the encoding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// By a byte order mark.
    Marked,
    /// By the settings.
    Declared,
    /// By the look of the bytes.
    Guessed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Utf8,
    Utf16 { is_little: bool },
    Utf32 { is_little: bool },
    Legacy(&'static Encoding),
}

/// The mark of UTF-32 begins with the one of UTF-16, so it is looked for first.
const MARKS: [(&[u8], Form); 4] = [
    (b"\xff\xfe\0\0", Form::Utf32 { is_little: true }),
    (b"\0\0\xfe\xff", Form::Utf32 { is_little: false }),
    (b"\xff\xfe", Form::Utf16 { is_little: true }),
    (b"\xfe\xff", Form::Utf16 { is_little: false }),
];

/// An encoding by one of the names that the web knows (`windows-1252`, `latin1`, `shift_jis`), in either case.
#[must_use]
pub fn encoding_named(name: &str) -> Option<&'static Encoding> {
    Encoding::for_label(name.trim().as_bytes())
}

impl<'a> Decoded<'a> {
    /// Reads the bytes as text. Nothing is refused: what stands for no character becomes U+FFFD.
    #[must_use]
    pub fn read(bytes: &'a [u8], declared: Option<&'static Encoding>) -> Self {
        if let Some((mark, form)) = MARKS.into_iter().find(|(mark, _)| bytes.starts_with(mark)) {
            return Self::with(bytes, mark.len(), form, Told::Marked);
        }
        if let Ok(text) = std::str::from_utf8(bytes)
            && !looks_like_utf16(bytes)
        {
            let text = Cow::Borrowed(text);
            return Self { text, form: Form::Utf8, told: None, mark: 0, has_broken_bytes: false };
        }
        if let Some(encoding) = declared {
            let form = match encoding.name() {
                "UTF-16LE" => Form::Utf16 { is_little: true },
                "UTF-16BE" => Form::Utf16 { is_little: false },
                _ => Form::Legacy(encoding),
            };
            return Self::with(bytes, 0, form, Told::Declared);
        }
        if looks_like_utf16(bytes) {
            let is_little =
                bytes.iter().skip(1).step_by(2).filter(|byte| **byte == 0).count() * 2 > bytes.len() / 2;
            return Self::with(bytes, 0, Form::Utf16 { is_little }, Told::Guessed);
        }
        // Without a top-level domain and without UTF-8, which was tried.
        let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
        detector.feed(bytes, true);
        let encoding = detector.guess(None, chardetng::Utf8Detection::Deny);
        Self::with(bytes, 0, Form::Legacy(encoding), Told::Guessed)
    }

    fn with(bytes: &[u8], mark: usize, form: Form, told: Told) -> Self {
        let rest = bytes.get(mark..).unwrap_or_default();
        let (text, has_broken_bytes) = match form {
            Form::Utf8 => (String::from_utf8_lossy(rest).into_owned(), false),
            Form::Utf16 { is_little } => utf16(rest, is_little),
            Form::Utf32 { is_little } => utf32(rest, is_little),
            Form::Legacy(encoding) => {
                let (text, has_errors) = encoding.decode_without_bom_handling(rest);
                (text.into_owned(), has_errors)
            }
        };
        Self { text: Cow::Owned(text), form, told: Some(told), mark, has_broken_bytes }
    }

    /// The name of the encoding.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self.form {
            Form::Utf8 => "UTF-8",
            Form::Utf16 { is_little: true } => "UTF-16LE",
            Form::Utf16 { is_little: false } => "UTF-16BE",
            Form::Utf32 { is_little: true } => "UTF-32LE",
            Form::Utf32 { is_little: false } => "UTF-32BE",
            Form::Legacy(encoding) => encoding.name(),
        }
    }

    /// Where in the file, which was read from `bytes`, the bytes of the text stand. The positions ascend; they are
    /// replaced one by one.
    pub fn to_file(&self, bytes: &[u8], positions: &mut [usize]) {
        let Form::Legacy(encoding) = self.form else { return self.units_to_file(bytes, positions) };
        // What an encoding cannot read cannot be written back to count it, so the bytes are read once more, one by
        // one: a character ends with the byte that brings it out.
        let mut decoder = encoding.new_decoder_without_bom_handling();
        let mut character = [0; 16];
        let (mut read, mut written) = (0, 0);
        for position in positions {
            while written < *position
                && let Some(byte) = bytes.get(self.mark + read)
            {
                let is_last = self.mark + read + 1 == bytes.len();
                let (_, _, length, _) = decoder.decode_to_utf8(&[*byte], &mut character, is_last);
                written += length;
                read += 1;
            }
            *position = self.mark + read;
        }
    }

    /// The same for encodings whose characters have a length of their own.
    fn units_to_file(&self, bytes: &[u8], positions: &mut [usize]) {
        let (mut at, mut file) = (0, self.mark);
        for position in positions {
            let between = self.text.get(at..*position).unwrap_or_default();
            file += match self.form {
                Form::Utf8 | Form::Legacy(_) => between.len(),
                Form::Utf16 { .. } => between.chars().map(char::len_utf16).sum::<usize>() * 2,
                Form::Utf32 { .. } => between.chars().count() * 4,
            };
            at = (*position).max(at);
            // A character that the end of the file cuts off is shorter.
            *position = file.min(bytes.len());
        }
    }
}

/// Whether the beginning of a file has the mark or the look of another encoding than UTF-8.
#[must_use]
pub fn looks_like_other_encoding(head: &[u8]) -> bool {
    let has_mark = MARKS.iter().any(|(mark, _)| head.starts_with(mark));
    has_mark || looks_like_utf16(head)
}

/// Every other byte of Latin text in UTF-16 is zero, and none of those between them.
fn looks_like_utf16(bytes: &[u8]) -> bool {
    let head = bytes.get(..1024).unwrap_or(bytes);
    let zeros = |from: usize| head.iter().skip(from).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    head.len() >= 8 && head.len() % 2 == 0 && even.min(odd) == 0 && even.max(odd) * 5 > head.len() * 2
}

fn utf16(bytes: &[u8], is_little: bool) -> (String, bool) {
    let units = bytes.chunks(2).map(|pair| match (pair, is_little) {
        ([one, two], true) => u16::from_le_bytes([*one, *two]),
        ([one, two], false) => u16::from_be_bytes([*one, *two]),
        // Half a unit at the end stands for nothing.
        _ => 0xfffd,
    });
    collected(char::decode_utf16(units).map(Result::ok))
}

fn utf32(bytes: &[u8], is_little: bool) -> (String, bool) {
    collected(bytes.chunks(4).map(|four| {
        let unit: [u8; 4] = four.try_into().ok()?;
        char::from_u32(if is_little { u32::from_le_bytes(unit) } else { u32::from_be_bytes(unit) })
    }))
}

fn collected(characters: impl Iterator<Item = Option<char>>) -> (String, bool) {
    let mut is_broken = false;
    let text = characters
        .map(|character| {
            is_broken |= character.is_none_or(|character| character == '\u{fffd}');
            character.unwrap_or('\u{fffd}')
        })
        .collect();
    (text, is_broken)
}

/// Bytes of UTF-8 as text, without the beginning of a character at their end that more bytes would complete, unless
/// they are the last ones. `None` if they are no UTF-8.
#[must_use]
pub fn whole_characters(bytes: &[u8], is_end: bool) -> Option<&str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) if error.error_len().is_none() && !is_end => {
            std::str::from_utf8(bytes.get(..error.valid_up_to())?).ok()
        }
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(text: &str, mark: &[u8], unit: impl Fn(char) -> Vec<u8>) -> Vec<u8> {
        let mut bytes = mark.to_vec();
        bytes.extend(text.chars().flat_map(unit));
        bytes
    }

    #[test]
    fn marks_and_looks_tell_the_encoding() {
        let text = "Größe,1\n";
        let units = |character: char| {
            let mut pair = [0; 2];
            character.encode_utf16(&mut pair).iter().flat_map(|unit| unit.to_le_bytes()).collect()
        };
        let wide = |character: char| u32::from(character).to_be_bytes().to_vec();
        let latin = |character: char| vec![u8::try_from(u32::from(character)).unwrap()];
        for (bytes, name, told) in [
            (text.as_bytes().to_vec(), "UTF-8", None),
            (encoded(text, b"\xff\xfe", units), "UTF-16LE", Some(Told::Marked)),
            (encoded(text, b"", units), "UTF-16LE", Some(Told::Guessed)),
            (encoded(text, b"\0\0\xfe\xff", wide), "UTF-32BE", Some(Told::Marked)),
            (encoded(text, b"", latin), "windows-1252", Some(Told::Guessed)),
        ] {
            let decoded = Decoded::read(&bytes, None);
            assert_eq!((decoded.text.as_ref(), decoded.name(), decoded.told), (text, name, told));
            let at = text.find(',').unwrap();
            let mut positions = [0, at, text.len()];
            decoded.to_file(&bytes, &mut positions);
            assert_eq!(positions[2], bytes.len(), "{name}");
        }
    }

    #[test]
    fn positions_are_those_of_the_file_where_bytes_stand_for_nothing() {
        // In Shift_JIS 0x93 0xfa is one character, 0xa0 none; in UTF-16 the last byte is half of one.
        let cases: [(&[u8], &str, &str); 3] = [
            (b"\x93\xfa,\xa0,x\n", "Shift_JIS", "x"),
            (b"\x81,\x93\xfa,x\n", "windows-1253", "x"),
            (b"a\0,\0x\0\n\0b", "UTF-16LE", "x"),
        ];
        for (bytes, encoding, searched) in cases {
            let decoded = Decoded::read(bytes, encoding_named(encoding));
            let at = decoded.text.find(searched).unwrap();
            let mut positions = [at, decoded.text.len()];
            decoded.to_file(bytes, &mut positions);
            let place = bytes.iter().position(|byte| *byte == b'x').unwrap();
            assert_eq!(positions, [place, bytes.len()], "{encoding}: {:?}", decoded.text);
        }
    }

    #[test]
    fn a_declared_encoding_is_believed() {
        let decoded = Decoded::read(b"\x93\xfa,1\n", encoding_named("Shift_JIS"));
        assert_eq!((decoded.text.as_ref(), decoded.told), ("日,1\n", Some(Told::Declared)));
        assert!(encoding_named("klingon").is_none());
    }
}
