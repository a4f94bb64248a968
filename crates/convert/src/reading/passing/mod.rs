//! Passes over whole elements of XML by their bytes, without making events of them. What is passed over is what the
//! reader of events would take without an error; whatever could be one, and whatever is not plain elements and texts, is
//! left to it.

mod alike;

use memchr::{memchr, memchr2, memchr3, memchr3_iter};

pub(super) use self::alike::Known;
use super::markup::Stop;

/// Deeper elements are left. They are looked at again from each element they stand in, so this bounds how often.
const MOST_LEVELS: usize = 16;

/// How far elements may be passed over.
#[derive(Clone, Copy)]
pub(super) struct Bounds<'n> {
    /// Elements of this name are not passed over, nor those they stand in.
    pub(super) name: &'n str,
    /// So deep may they stand inside of each other.
    pub(super) levels: usize,
    /// So many bytes may each of them have.
    pub(super) longest: usize,
}

/// How many bytes at the start are whole elements and texts between them, and why it does not go on. The known elements
/// are some that were passed over within the same bounds.
pub(super) fn elements(bytes: &[u8], bounds: Bounds<'_>, known: &mut Known) -> (usize, Stop) {
    let mut whole = 0;
    loop {
        let rest = bytes.get(whole..).unwrap_or_default();
        match element(rest, bounds, known) {
            Ok(length) if length > bounds.longest => return (whole, Stop::Odd),
            Ok(length) => whole += length,
            Err(stop) => return (whole, stop),
        }
    }
}

/// The length of the text and the element at the start.
fn element(bytes: &[u8], bounds: Bounds<'_>, known: &mut Known) -> Result<usize, Stop> {
    let most = bounds.levels.min(MOST_LEVELS);
    let (mut at, mut depth) = (0, 0);
    // Where an element directly inside of this one begins.
    let mut start = 0;
    loop {
        if depth == 1 {
            while let Some(length) = known.length(bytes.get(at..).unwrap_or_default()) {
                at += length;
            }
            start = at;
        }
        let before = depth;
        at += text(bytes.get(at..).unwrap_or_default())?;
        let tag = bytes.get(at + 1..).unwrap_or_default();
        let inside = tag.strip_prefix(b"/").unwrap_or(tag);
        if is_named(inside, bounds.name.as_bytes()) {
            return Err(Stop::Odd);
        }
        let is_end = inside.len() < tag.len();
        if is_end {
            let end = end_tag(inside)?;
            if depth == 0 {
                return Err(Stop::Odd);
            }
            depth -= 1;
            at += end + b"</".len();
        } else {
            let (end, is_empty) = start_tag(tag)?;
            if depth == most {
                return Err(Stop::Odd);
            }
            depth += usize::from(!is_empty);
            at += end + b"<".len();
        }
        if depth == 0 {
            let is_text = std::str::from_utf8(bytes.get(..at).unwrap_or_default()).is_ok();
            return if is_text { Ok(at) } else { Err(Stop::Odd) };
        }
        if depth == 1 && (before == 2 || (before == 1 && !is_end)) {
            known.learn(bytes.get(start..at).unwrap_or_default());
        }
    }
}

/// Whether a tag is that of an element of this name.
fn is_named(tag: &[u8], name: &[u8]) -> bool {
    let behind = tag.strip_prefix(name).and_then(<[u8]>::first);
    behind.is_some_and(|byte| !byte.is_ascii_alphanumeric() && *byte != b'-')
}

/// The length of a text and its references, up to the next tag.
fn text(bytes: &[u8]) -> Result<usize, Stop> {
    if bytes.first() == Some(&b'<') {
        return Ok(0);
    }
    let mut at = 0;
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        at += memchr2(b'<', b'&', rest).ok_or(Stop::Short)?;
        if bytes.get(at) == Some(&b'<') {
            return Ok(at);
        }
        let reference = bytes.get(at + 1..).unwrap_or_default();
        let end = memchr3(b';', b'&', b'<', reference).ok_or(Stop::Short)?;
        if reference.get(end) != Some(&b';') {
            return Err(Stop::Odd);
        }
        at += end + b"&;".len();
    }
}

/// The length of an end tag behind its slash.
fn end_tag(tag: &[u8]) -> Result<usize, Stop> {
    let end = memchr(b'>', tag).ok_or(Stop::Short)?;
    let name = tag.get(..end).unwrap_or_default();
    let is_plain = name.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'-'));
    if is_plain { Ok(end + 1) } else { Err(Stop::Odd) }
}

/// The length of a start tag behind its angle, and whether it is that of an empty element.
fn start_tag(tag: &[u8]) -> Result<(usize, bool), Stop> {
    if !tag.first().ok_or(Stop::Short)?.is_ascii_alphabetic() {
        return Err(Stop::Odd);
    }
    let mut end = memchr(b'>', tag).ok_or(Stop::Short)?;
    let (mut quotes, mut has_apostrophe) = (0_usize, false);
    for byte in tag.get(..end).unwrap_or_default() {
        quotes += usize::from(*byte == b'"');
        has_apostrophe |= *byte == b'\'';
    }
    if has_apostrophe || quotes % 2 == 1 {
        end = quoted_end(tag).ok_or(Stop::Short)?;
    }
    let is_empty = end.checked_sub(1).and_then(|last| tag.get(last)) == Some(&b'/');
    Ok((end + 1, is_empty))
}

/// The place of the angle that ends a tag, outside of quotation marks.
fn quoted_end(tag: &[u8]) -> Option<usize> {
    let mut quote = None;
    memchr3_iter(b'>', b'\'', b'"', tag).find(|at| {
        let mark = tag.get(*at).copied();
        match quote {
            None if mark == Some(b'>') => return true,
            None => quote = mark,
            Some(_) if quote == mark => quote = None,
            Some(_) => {}
        }
        false
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use quick_xml::events::Event;

    use super::*;
    use crate::reading::Limits;
    use crate::reading::xml::{XmlReader, events};

    /// Passes to the end of an element without looking at bytes.
    fn skip(reader: &mut XmlReader<'_>, name: &str) -> Result<(), String> {
        let mut inside = 0;
        loop {
            match reader.read_event_into(&mut Vec::new()).map_err(|error| error.to_string())? {
                Event::Start(element) if element.name().as_ref() == name => inside += 1,
                Event::End(element) if element.name().as_ref() == name && inside == 0 => return Ok(()),
                Event::End(element) if element.name().as_ref() == name => inside -= 1,
                Event::Eof => {
                    return Err("syntax error: tag not closed: `>` not found before end of input".to_owned());
                }
                _ => {}
            }
        }
    }

    /// What comes of passing to the end of the first element, where that is, and what follows there.
    fn told(xml: &[u8], passes: bool) -> (Result<(), String>, Option<u64>, String) {
        let limits = Limits { depth: 6, text_bytes: 300, ..Limits::default() };
        let mut reader = events(xml, "`part`", &limits).unwrap();
        let outcome = if passes {
            reader.skip_to_end("t").map_err(|error| error.to_string())
        } else {
            skip(&mut reader, "t")
        };
        if outcome.is_err() {
            return (outcome, None, String::new());
        }
        let position = reader.position();
        let rest: Vec<String> =
            (0..3).map(|_| format!("{:?}", reader.read_event_into(&mut Vec::new()))).collect();
        (outcome, position, rest.concat())
    }

    #[test]
    fn whole_elements_are_passed_over() {
        let bounds = Bounds { name: "t", levels: 3, longest: 100 };
        for (xml, length, stop) in [
            ("<a/>", 4, Stop::Short),
            (" text <a>b</a>\n<t-u v=\"<>'\"/>", 29, Stop::Short),
            ("<a b='\">'>&amp;&#65;<t2/></a>", 29, Stop::Short),
            ("<a/><b", 4, Stop::Short),
            ("<a/> text", 4, Stop::Short),
            ("<a/></b>", 4, Stop::Odd),
            ("<a/><t/>", 4, Stop::Odd),
            ("<a/><b><t></t></b>", 4, Stop::Odd),
            ("<a/><!-- b -->", 4, Stop::Odd),
            ("<a/><b><![CDATA[]]></b>", 4, Stop::Odd),
            ("<a/><?b?>", 4, Stop::Odd),
            ("<a/>b & c <d/>", 4, Stop::Odd),
            ("<a><a><a></a></a></a>", 21, Stop::Short),
            ("<a><a><a><a/></a></a></a>", 0, Stop::Odd),
        ] {
            assert_eq!(elements(xml.as_bytes(), bounds, &mut Known::default()), (length, stop), "{xml}");
        }
        let long = format!("<a/><b>{}</b>", "x".repeat(100));
        assert_eq!(elements(long.as_bytes(), bounds, &mut Known::default()), (4, Stop::Odd));
        assert_eq!(elements(b"<a/><b>\xff</b>", bounds, &mut Known::default()), (4, Stop::Odd));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_passed_over_has_no_errors(
            pieces in prop::collection::vec(prop::sample::select(vec![
                "<a>", "</a>", "<a/>", "<a b=\"c\">", "<a b=\">\" c='\"'/>", "<t>", "</t>", "<t/>", "<t >", "</t >", "<t\"/>", "<tt/>", "<t-t/>",
                "text", " ", "&amp;", "&", "&#65;", ";", "é", "<!-- > -->", "<![CDATA[<a>]]>", "<?pi >?>", "<!DOCTYPE a>", "<", ">", "\"", "'",
                "<a>b</a>", "<a><b>c</b></a>", "<a><b>d</b></a>", "<a b=\"c\"><d/>e</a>", "<a b=\"f\"><d/>g</a>", "<b:c-d e:f=\"g\">h</b:c-d>", "<a><b><c><d><e>", "</e></d></c></b></a>", "</a b=\">\">", "< a>", "<é/>",
            ]), 0..24),
            change in prop::option::weighted(0.2, (any::<prop::sample::Index>(), any::<u8>())),
        ) {
            let mut xml = format!("<x/>{}</t><rest/>", pieces.concat()).into_bytes();
            if let Some((place, byte)) = change {
                *place.get_mut(&mut xml) = byte;
            }
            prop_assert_eq!(told(&xml, true), told(&xml, false), "{}", String::from_utf8_lossy(&xml));
        }
    }
}
