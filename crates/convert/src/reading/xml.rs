//! The little that the XML formats share: reading a part of a zip as events, attributes, references, and ISO
//! dates.

use std::borrow::Cow;
use std::io::{BufRead, Cursor, Read};

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, Timelike};
use quick_xml::XmlVersion;
use quick_xml::errors::SyntaxError;
use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::ReadError;
use super::container::{self, Container};
use super::limits::{Excess, Limits, ShortElements};
use super::markup::{Stop, whole};
use super::passing::{self, Bounds, Known};
use super::window::Window;

/// The events of one part.
pub(super) type XmlReader<'a> = Events<Window<Box<dyn BufRead + 'a>>>;

/// Reads XML as events, within limits: on the length of an element, and on how deep they stand inside of each
/// other, because the parser remembers each of those that are open.
pub(super) struct Events<R> {
    reader: quick_xml::Reader<ShortElements<R>>,
    open: usize,
    pub(super) limits: Limits,
    /// Whether what is read is not the document itself but was decoded from it.
    is_decoded: bool,
}

impl<R: BufRead> Events<R> {
    pub(super) fn new(document: R, limits: &Limits) -> Self {
        let mut reader = quick_xml::Reader::from_reader(ShortElements::new(document, limits));
        let config = reader.config_mut();
        config.check_end_names = false;
        config.expand_empty_elements = true;
        Self { reader, open: 0, limits: limits.clone(), is_decoded: false }
    }

    /// The next event.
    pub(super) fn read_event_into<'b>(
        &mut self,
        buffer: &'b mut Vec<u8>,
    ) -> Result<Event<'b>, quick_xml::Error> {
        let event = self.reader.read_event_into(buffer)?;
        match &event {
            Event::Start(_) => {
                self.open += 1;
                if self.open > self.limits.depth {
                    let limit = format!("{} levels", self.limits.depth);
                    return Err(Excess::new("the depth of elements inside of each other", limit).into());
                }
            }
            Event::End(_) => self.open = self.open.saturating_sub(1),
            _ => {}
        }
        Ok(event)
    }

    /// An empty text that grows within the limit on texts.
    pub(super) const fn text(&self) -> GrowingText {
        GrowingText { text: String::new(), longest: self.limits.text_bytes }
    }
}

impl<R: Read> Events<Window<R>> {
    /// The bytes that follow what has been read, for whoever understands them without events; `None` if they are not
    /// UTF-8. What is passed must leave as many elements open as there were.
    pub(super) fn scannable(&mut self) -> Option<&mut Window<R>> {
        let is_utf8 = self.reader.encoding() == encoding_rs::UTF_8;
        is_utf8.then(|| self.reader.get_mut().inner())
    }

    /// How many more elements may stand inside of the open ones.
    pub(super) const fn room(&self) -> usize {
        self.limits.depth.saturating_sub(self.open)
    }

    /// How many bytes of the document have been read, or a few less; `None` if those are not its own bytes.
    pub(super) fn position(&mut self) -> Option<u64> {
        let position = self.reader.buffer_position() + self.reader.get_mut().inner().passed();
        (!self.is_decoded).then_some(position)
    }

    /// Passes over everything up to the end of the element of this name whose start was read last.
    pub(super) fn skip_to_end(&mut self, name: &str) -> Result<(), quick_xml::Error> {
        let mut buffer = Vec::new();
        let mut inside = 0_u64;
        // Only behind an end the parser knows nothing of what comes next.
        let mut may_pass = false;
        loop {
            if may_pass {
                self.pass_elements(name)?;
            }
            buffer.clear();
            let event = self.read_event_into(&mut buffer)?;
            may_pass = matches!(event, Event::End(_));
            match event {
                Event::Start(element) if element.name().as_ref() == name => inside += 1,
                Event::End(element) if element.name().as_ref() == name => {
                    let Some(left) = inside.checked_sub(1) else { return Ok(()) };
                    inside = left;
                }
                Event::Eof => return Err(quick_xml::Error::Syntax(SyntaxError::UnclosedTag)),
                _ => {}
            }
        }
    }

    /// Passes over the elements that come next as far as that needs no events, and over none of this name.
    fn pass_elements(&mut self, name: &str) -> Result<(), quick_xml::Error> {
        let bounds = Bounds { name, levels: self.room(), longest: self.limits.text_bytes };
        let Some(window) = self.scannable() else { return Ok(()) };
        let mut known = Known::default();
        loop {
            let (length, stop) = passing::elements(window.ahead(), bounds, &mut known);
            window.pass(length);
            if stop == Stop::Odd || !window.widen_twice()? {
                return Ok(());
            }
        }
    }
}

/// A text that comes in pieces: each is short, and there may be any number of them.
pub(super) struct GrowingText {
    text: String,
    longest: usize,
}

impl GrowingText {
    pub(super) fn push(&mut self, piece: &str) -> Result<(), quick_xml::Error> {
        if self.text.len() + piece.len() > self.longest {
            return Err(Excess::bytes("one text or element", self.longest as u64).into());
        }
        self.text.push_str(piece);
        Ok(())
    }

    pub(super) fn push_reference(&mut self, reference: &BytesRef<'_>) -> Result<(), quick_xml::Error> {
        let mut piece = String::new();
        push_reference(reference, &mut piece);
        self.push(&piece)
    }

    pub(super) fn take(self) -> String {
        self.text
    }
}

/// Opens an XML part of the container; `None` if there is none of this name.
pub(super) fn xml_part<'a>(
    container: &'a mut Container,
    name: &str,
) -> Result<Option<XmlReader<'a>>, ReadError> {
    let limits = container.meter.limits.clone();
    let Some(part) = container::open_part(container, name)? else { return Ok(None) };
    Ok(Some(events(part, &format!("`{name}`"), &limits)?))
}

/// The events of an XML document in UTF-8 or UTF-16. The latter is decoded as a whole.
pub(super) fn events<'a>(
    mut document: impl BufRead + 'a,
    name: &str,
    limits: &Limits,
) -> Result<XmlReader<'a>, ReadError> {
    let start = document.fill_buf().map_err(|error| ReadError::failed(name, &error))?;
    let encoding = match start {
        [0xFF, 0xFE, ..] | [b'<', 0, ..] => Some(encoding_rs::UTF_16LE),
        [0xFE, 0xFF, ..] | [0, b'<', ..] => Some(encoding_rs::UTF_16BE),
        _ => None,
    };
    let bytes: Box<dyn BufRead + 'a> = match encoding {
        None => Box::new(document),
        Some(encoding) => {
            let mut bytes = Vec::new();
            let read = document.take(limits.held_bytes + 1).read_to_end(&mut bytes);
            if read.map_err(|error| ReadError::failed(name, &error))? as u64 > limits.held_bytes {
                return Err(Excess::bytes(format!("the UTF-16 of {name}"), limits.held_bytes).into());
            }
            let text = encoding.decode(&bytes).0.into_owned();
            // What the declaration says is no longer so.
            let body = text.find("?>").filter(|_| text.starts_with("<?xml")).map_or(0, |end| end + 2);
            drop(bytes);
            let mut decoded = Cursor::new(text.into_bytes());
            decoded.set_position(body as u64);
            Box::new(decoded)
        }
    };
    let mut events = Events::new(Window::new(bytes), limits);
    events.is_decoded = encoding.is_some();
    Ok(events)
}

/// The value of an attribute, by its full name, prefix included.
pub(super) fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = element.try_get_attribute(name).ok()??;
    Some(value(attribute).into_owned())
}

/// The value of an attribute.
pub(super) fn value(attribute: Attribute<'_>) -> Cow<'_, str> {
    // Only a broken reference fails; the raw text is then the best there is.
    attribute.normalized_value(XmlVersion::Implicit1_0).unwrap_or(attribute.value)
}

/// The value of an attribute that holds a number.
pub(super) fn number_attribute<T: std::str::FromStr>(element: &BytesStart<'_>, name: &str) -> Option<T> {
    attribute(element, name)?.trim().parse().ok()
}

/// Appends what `&…;` stands for; what is unknown stays as it is written.
pub(super) fn push_reference(reference: &BytesRef<'_>, text: &mut String) {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        text.push(character);
        return;
    }
    let name: &str = reference;
    if let Some(resolved) = quick_xml::escape::resolve_predefined_entity(name) {
        text.push_str(resolved);
    } else {
        text.extend(["&", name, ";"]);
    }
}

/// Reads `10:30`, `10:30:00.5` and the same after a `T`: the part of a day that has passed by then.
pub(super) fn time_of_day(text: &str) -> Option<f64> {
    let text = text.trim().trim_start_matches('T').trim_end_matches('Z');
    let time = ["%H:%M:%S%.f", "%H:%M"].iter().find_map(|it| NaiveTime::parse_from_str(text, it).ok())?;
    let nanoseconds = f64::from(time.num_seconds_from_midnight()) * 1e9 + f64::from(time.nanosecond());
    Some(nanoseconds / 86_400e9)
}

/// Reads `2024-03-31`, `2024-03-31T10:00:00` and the same with fractions of seconds or a trailing `Z`.
pub(super) fn moment(text: &str) -> Option<NaiveDateTime> {
    if let Some(day) = plain_day(text.as_bytes()) {
        return Some(day.and_time(NaiveTime::MIN));
    }
    let text = text.trim().trim_end_matches('Z');
    if let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return Some(day.and_time(NaiveTime::MIN));
    }
    ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
}

/// A day as nearly all programs write it: four digits, two and two.
fn plain_day(text: &[u8]) -> Option<NaiveDate> {
    let (year, rest) = text.split_at_checked(4)?;
    let (month, day) = rest.strip_prefix(b"-")?.split_at_checked(2)?;
    let day = day.strip_prefix(b"-").filter(|day| day.len() == 2)?;
    let (year, month, day) = (whole(year)?, whole(month)?, whole(day)?);
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_that_a_calendar_reads() {
        for text in [
            "2024-02-29",
            "2023-02-29",
            "0000-01-01",
            "0001-12-31",
            "9999-12-31",
            "2024-13-01",
            "2024-1-1",
            "2024-01-00",
            "+024-01-01",
            "2024-01- 1",
        ] {
            let expected =
                NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().map(|day| day.and_time(NaiveTime::MIN));
            assert_eq!(moment(text), expected, "{text}");
        }
    }
}
