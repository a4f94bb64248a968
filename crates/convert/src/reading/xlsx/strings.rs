//! Texts: the shared ones, and those inside a cell. Runs of rich text are joined as they stand; phonetic
//! hints are left out.

use std::borrow::Cow;
use std::io::{BufRead, Read};

use quick_xml::events::Event;

use crate::cell::SharedTexts;
use crate::reading::ReadError;
use crate::reading::container::Container;
use crate::reading::limits::Tally;
use crate::reading::window::Window;
use crate::reading::xml::{Events, XmlReader, xml_part};

/// Reads the shared texts; a part that is not there holds none.
pub(super) fn read(archive: &mut Container, part: &str) -> Result<SharedTexts, ReadError> {
    let Some(mut reader) = xml_part(archive, part)? else { return Ok(SharedTexts::default()) };
    texts(&mut reader, part)
}

/// The texts of the part of this name.
pub(super) fn texts(reader: &mut XmlReader<'_>, part: &str) -> Result<SharedTexts, ReadError> {
    let mut strings = SharedTexts::default();
    let mut tally = Tally::new("the memory of the shared texts", reader.limits.shared_text_bytes);
    let mut buffer = Vec::new();
    // Only behind an end the parser knows nothing of what comes next.
    let mut may_scan = false;
    loop {
        if may_scan && let Some(window) = reader.scannable() {
            scan(window, &mut strings, &mut tally)
                .map_err(|error| ReadError::failed(format!("`{part}`"), &error))?;
        }
        may_scan = false;
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(element)) if element.local_name().as_ref() == "si" => {
                let text = text_until(reader, "si")
                    .map_err(|error| ReadError::failed(format!("`{part}`"), &error))?;
                tally.add(text.len())?;
                strings.push(&text);
                may_scan = true;
            }
            Ok(Event::Eof) => {
                strings.finish();
                return Ok(strings);
            }
            Ok(_) => {}
            Err(error) => return Err(ReadError::failed(format!("`{part}`"), &error)),
        }
    }
}

/// Reads texts as long as they are of the usual form: one `t` in an `si`, without entities, escapes and carriage
/// returns. The next one is left whole.
fn scan(
    window: &mut Window<impl Read>,
    strings: &mut SharedTexts,
    tally: &mut Tally,
) -> Result<(), quick_xml::Error> {
    loop {
        let ahead = window.ahead();
        let is_enough = ahead.len() >= LONG;
        if let Some((text, length)) = one_text(ahead) {
            tally.add(text.len())?;
            strings.push(text);
            window.pass(length);
        } else if is_enough || !window.widen_twice()? {
            return Ok(());
        }
    }
}

/// Where so much can be seen, a text of the usual form would end within it.
const LONG: usize = 64 << 10;

/// The text of the `si` at the start of the bytes, and how long that is.
fn one_text(bytes: &[u8]) -> Option<(&str, usize)> {
    const END: &[u8] = b"</t></si>";
    let blanks = bytes.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let rest = bytes.get(blanks..)?.strip_prefix(b"<si><t")?;
    let rest = rest.strip_prefix(b">").or_else(|| rest.strip_prefix(b" xml:space=\"preserve\">"))?;
    let length = memchr::memchr3(b'<', b'&', b'\r', rest)?;
    let (text, after) = rest.split_at(length);
    after.strip_prefix(END)?;
    let text = std::str::from_utf8(text).ok().filter(|text| !text.contains("_x"))?;
    Some((text, bytes.len() - after.len() + END.len()))
}

/// The text up to the end of this element: that of its `t` elements.
pub(super) fn text_until<R: BufRead>(reader: &mut Events<R>, end: &str) -> Result<String, quick_xml::Error> {
    let mut text = reader.text();
    let mut inside = false;
    let mut phonetic = 0_u32;
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer)? {
            Event::Start(element) => match element.local_name().as_ref() {
                "t" => inside = phonetic == 0,
                "rPh" => phonetic += 1,
                _ => {}
            },
            Event::End(element) => match element.local_name().as_ref() {
                "t" => inside = false,
                "rPh" => phonetic = phonetic.saturating_sub(1),
                name if name == end => break,
                _ => {}
            },
            Event::Text(content) if inside => text.push(&content.xml10_content())?,
            Event::CData(content) if inside => text.push(&content.xml10_content())?,
            Event::GeneralRef(reference) if inside => text.push_reference(&reference)?,
            Event::Eof => break,
            _ => {}
        }
    }
    let text = text.take();
    Ok(match unescaped(&text) {
        Cow::Owned(text) => text,
        Cow::Borrowed(_) => text,
    })
}

/// `_x000D_` and the like stand for characters that XML cannot hold.
pub(super) fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains("_x") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("_x") {
        let (before, escape) = rest.split_at(at);
        out.push_str(before);
        let code = escape.get(2..6).filter(|code| code.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let character = code
            .filter(|_| escape.as_bytes().get(6) == Some(&b'_'))
            .and_then(|code| char::from_u32(u32::from_str_radix(code, 16).ok()?));
        if let Some(character) = character {
            out.push(character);
            rest = &escape[7..];
        } else {
            out.push_str("_x");
            rest = &escape[2..];
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::Limits;

    #[test]
    fn escaped_characters_are_read() {
        for (text, expected) in [
            ("plain", "plain"),
            ("a_x000D_\nb", "a\r\nb"),
            ("_x005F_x000D_", "_x000D_"),
            ("_x12", "_x12"),
            ("_xD800_", "_xD800_"),
            ("_x00é_", "_x00é_"),
        ] {
            assert_eq!(unescaped(text), expected);
        }
    }

    #[test]
    fn runs_are_joined_and_phonetic_hints_left_out() {
        let xml = "<si><r><t>two </t></r><r><t xml:space=\"preserve\"> &amp; three</t></r><rPh><t>no</t></rPh></si>";
        let mut reader = Events::new(xml.as_bytes(), &Limits::default());
        assert_eq!(text_until(&mut reader, "si").unwrap(), "two  & three");
    }
}
