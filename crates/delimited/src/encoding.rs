//! From bytes to text: UTF-8, UTF-16 and UTF-32 with a mark, a declared encoding, or a guess. Keeps where each
//! byte of the text stands in the file.

use std::borrow::Cow;

use encoding_rs::Encoding;

/// Text and how it was encoded in the file.
#[derive(Debug)]
pub struct Decoded<'a> {
    /// The text, a mark of UTF-8 included.
    pub text: Cow<'a, str>,
    /// Its encoding in the file.
    pub encoding: TextEncoding,
    /// Whether some bytes stand for no character of the encoding.
    pub has_broken_bytes: bool,
}

/// The encoding of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextEncoding {
    form: Form,
    /// How it was told; `None` for UTF-8, which needs no telling.
    pub told: Option<Told>,
    /// The length of the mark in front, in the file; a mark of UTF-8 is part of the text.
    pub(crate) mark: usize,
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

/// So many bytes at the beginning of a text show whether it looks like UTF-16.
const HEAD: usize = 1024;

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

impl TextEncoding {
    const UTF_8: Self = Self { form: Form::Utf8, told: None, mark: 0 };

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self.form {
            Form::Utf8 => "UTF-8",
            Form::Utf16 { is_little: true } => "UTF-16LE",
            Form::Utf16 { is_little: false } => "UTF-16BE",
            Form::Utf32 { is_little: true } => "UTF-32LE",
            Form::Utf32 { is_little: false } => "UTF-32BE",
            Form::Legacy(encoding) => encoding.name(),
        }
    }

    /// The same without a mark in front, for what stands behind it.
    pub(crate) const fn behind_mark(self) -> Self {
        Self { mark: 0, ..self }
    }

    /// Whether no byte behind a line end means anything else because of what stands before it. Names of encodings that
    /// switch between sets of characters can only be declared.
    pub(crate) fn begins_anew_in_each_line(self) -> bool {
        match self.form {
            Form::Utf8 | Form::Utf16 { .. } | Form::Utf32 { .. } => true,
            Form::Legacy(encoding) => {
                encoding != encoding_rs::ISO_2022_JP && encoding != encoding_rs::REPLACEMENT
            }
        }
    }

    /// How far the lines reach that end in these bytes, which begin with a character. In no encoding that begins anew in
    /// each line is `\n` or `\r` a part of another character, unless its units are longer.
    pub(crate) fn end_of_lines(self, bytes: &[u8]) -> usize {
        let is_line_end = |unit: u32| unit == u32::from(b'\n') || unit == u32::from(b'\r');
        let behind_last = |length: usize, unit: &dyn Fn(&[u8]) -> u32| {
            let last = bytes.chunks_exact(length).rposition(|bytes| is_line_end(unit(bytes)));
            last.map_or(0, |last| (last + 1) * length)
        };
        match self.form {
            Form::Utf8 | Form::Legacy(_) => memchr::memrchr2(b'\n', b'\r', bytes).map_or(0, |last| last + 1),
            Form::Utf16 { is_little } => {
                behind_last(2, &|pair| pair.try_into().map_or(0, |pair| utf16_unit(pair, is_little).into()))
            }
            Form::Utf32 { is_little } => {
                behind_last(4, &|four| four.try_into().map_or(0, |four| utf32_unit(four, is_little)))
            }
        }
    }

    /// The text of bytes that begin and end with a character, and whether some of them stand for none.
    pub(crate) fn decode(self, bytes: &[u8]) -> (Cow<'_, str>, bool) {
        match self.form {
            Form::Utf8 => (String::from_utf8_lossy(bytes), false),
            Form::Utf16 { is_little } => utf16(bytes, is_little),
            Form::Utf32 { is_little } => utf32(bytes, is_little),
            Form::Legacy(encoding) => encoding.decode_without_bom_handling(bytes),
        }
    }
}

/// What the bytes of a text show of its encoding, one stretch after the other.
pub struct EncodingClues {
    head: Vec<u8>,
    length: usize,
    /// How many bytes at odd places are zero.
    odd_zeros: usize,
    /// Whether all is UTF-8 so far, but for the beginning of a character.
    is_utf8: bool,
    unfinished: Vec<u8>,
    detector: chardetng::EncodingDetector,
}

impl Default for EncodingClues {
    fn default() -> Self {
        Self {
            head: Vec::new(),
            length: 0,
            odd_zeros: 0,
            is_utf8: true,
            unfinished: Vec::new(),
            detector: chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny),
        }
    }
}

impl EncodingClues {
    /// Looks at the next bytes.
    pub fn feed(&mut self, bytes: &[u8]) {
        let missing = HEAD.saturating_sub(self.head.len());
        self.head.extend_from_slice(bytes.get(..missing).unwrap_or(bytes));
        // Nobody asks the detector, which takes its time, where the beginning tells enough.
        let is_told = self.head.len() == HEAD && looks_like_other_encoding(&self.head);
        if self.head.len() < HEAD || is_told {
            let first = (self.length + 1) % 2;
            self.odd_zeros += bytes.iter().skip(first).step_by(2).filter(|byte| **byte == 0).count();
        }
        self.length += bytes.len();
        if self.is_utf8 {
            self.go_on_as_utf8(bytes);
        }
        if !is_told {
            self.detector.feed(bytes, false);
        }
    }

    fn go_on_as_utf8(&mut self, mut bytes: &[u8]) {
        while !self.unfinished.is_empty() {
            let Some((first, rest)) = bytes.split_first() else { return };
            bytes = rest;
            self.unfinished.push(*first);
            match std::str::from_utf8(&self.unfinished) {
                Ok(_) => self.unfinished.clear(),
                Err(error) if error.error_len().is_none() => {}
                Err(_) => {
                    self.is_utf8 = false;
                    return;
                }
            }
        }
        if let Err(error) = std::str::from_utf8(bytes) {
            self.is_utf8 = error.error_len().is_none();
            self.unfinished.extend_from_slice(bytes.get(error.valid_up_to()..).unwrap_or_default());
        }
    }

    /// What all the bytes tell. What is declared counts where they do not tell it themselves.
    #[must_use]
    pub fn tell(mut self, declared: Option<&'static Encoding>) -> TextEncoding {
        let of = |form, told| TextEncoding { form, told: Some(told), mark: 0 };
        if let Some((mark, form)) = MARKS.into_iter().find(|(mark, _)| self.head.starts_with(mark)) {
            return TextEncoding { mark: mark.len(), ..of(form, Told::Marked) };
        }
        let looks_like_utf16 = looks_like_utf16(&self.head);
        if self.is_utf8 && self.unfinished.is_empty() && !looks_like_utf16 {
            return TextEncoding::UTF_8;
        }
        if let Some(encoding) = declared {
            let form = match encoding.name() {
                "UTF-16LE" => Form::Utf16 { is_little: true },
                "UTF-16BE" => Form::Utf16 { is_little: false },
                _ => Form::Legacy(encoding),
            };
            return of(form, Told::Declared);
        }
        if looks_like_utf16 {
            return of(Form::Utf16 { is_little: self.odd_zeros * 2 > self.length / 2 }, Told::Guessed);
        }
        // Without a top-level domain and without UTF-8, which was tried.
        self.detector.feed(&[], true);
        of(Form::Legacy(self.detector.guess(None, chardetng::Utf8Detection::Deny)), Told::Guessed)
    }
}

impl<'a> Decoded<'a> {
    /// Reads the bytes as text. Nothing is refused: what stands for no character becomes U+FFFD.
    #[must_use]
    pub fn read(bytes: &'a [u8], declared: Option<&'static Encoding>) -> Self {
        if let Ok(text) = std::str::from_utf8(bytes)
            && !looks_like_other_encoding(bytes)
        {
            return Self { text: text.into(), encoding: TextEncoding::UTF_8, has_broken_bytes: false };
        }
        let mut clues = EncodingClues::default();
        clues.feed(bytes);
        let encoding = clues.tell(declared);
        let (text, has_broken_bytes) = encoding.decode(bytes.get(encoding.mark..).unwrap_or_default());
        Self { text, encoding, has_broken_bytes }
    }

    /// Where in the file, which was read from `bytes`, the bytes of the text stand. The positions ascend; they are
    /// replaced one by one.
    pub fn to_file(&self, bytes: &[u8], positions: &mut [usize]) {
        let TextEncoding { form: Form::Legacy(encoding), mark, .. } = self.encoding else {
            return self.units_to_file(bytes, positions);
        };
        // What an encoding cannot read cannot be written back to count it, so the bytes are read once more, one by
        // one: a character ends with the byte that brings it out.
        let mut decoder = encoding.new_decoder_without_bom_handling();
        let mut character = [0; 16];
        let (mut read, mut written) = (0, 0);
        // In a line of nothing but ASCII so far, each byte is a character.
        let begins_anew = self.encoding.begins_anew_in_each_line();
        let mut is_ascii = begins_anew;
        for position in positions {
            while written < *position {
                let rest = bytes.get(mark + read..).unwrap_or_default();
                if is_ascii {
                    let length = Encoding::ascii_valid_up_to(rest).min(*position - written);
                    read += length;
                    written += length;
                    is_ascii = written == *position;
                    continue;
                }
                let Some(byte) = rest.first() else { break };
                let (_, _, length, _) = decoder.decode_to_utf8(&[*byte], &mut character, rest.len() == 1);
                written += length;
                read += 1;
                is_ascii = begins_anew && *byte == b'\n';
            }
            *position = mark + read;
        }
    }

    /// The same for encodings whose characters have a length of their own.
    fn units_to_file(&self, bytes: &[u8], positions: &mut [usize]) {
        let (mut at, mut file) = (0, self.encoding.mark);
        for position in positions {
            let between = self.text.get(at..*position).unwrap_or_default();
            file += match self.encoding.form {
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
    let head = bytes.get(..HEAD).unwrap_or(bytes);
    let zeros = |from: usize| head.iter().skip(from).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    head.len() >= 8 && head.len() % 2 == 0 && even.min(odd) == 0 && even.max(odd) * 5 > head.len() * 2
}

const fn utf16_unit(pair: [u8; 2], is_little: bool) -> u16 {
    if is_little { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) }
}

const fn utf32_unit(four: [u8; 4], is_little: bool) -> u32 {
    if is_little { u32::from_le_bytes(four) } else { u32::from_be_bytes(four) }
}

fn utf16(bytes: &[u8], is_little: bool) -> (Cow<'_, str>, bool) {
    let encoding = if is_little { encoding_rs::UTF_16LE } else { encoding_rs::UTF_16BE };
    let (text, has_errors) = encoding.decode_without_bom_handling(bytes);
    let is_broken = has_errors || text.contains('\u{fffd}');
    (text, is_broken)
}

fn utf32(bytes: &[u8], is_little: bool) -> (Cow<'_, str>, bool) {
    let unit = |four: &[u8]| four.try_into().map(|four| utf32_unit(four, is_little));
    let mut is_broken = false;
    let text: String = bytes
        .chunks(4)
        .map(|four| char::from_u32(unit(four).ok()?))
        .map(|character| {
            is_broken |= character.is_none_or(|character| character == '\u{fffd}');
            character.unwrap_or('\u{fffd}')
        })
        .collect();
    (text.into(), is_broken)
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
            assert_eq!(
                (decoded.text.as_ref(), decoded.encoding.name(), decoded.encoding.told),
                (text, name, told)
            );
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
        assert_eq!((decoded.text.as_ref(), decoded.encoding.told), ("日,1\n", Some(Told::Declared)));
        assert!(encoding_named("klingon").is_none());
    }
}
