//! The styles of an OpenDocument spreadsheet, as far as they say how a number is shown: data styles become
//! format codes, cell styles point to them, table styles can hide a sheet.

use std::collections::{HashMap, HashSet};
use std::io::BufRead;
use std::ops::Range;
use std::sync::Arc;

use quick_xml::events::{BytesStart, Event};

use crate::number_format::NumberFormat;
use crate::reading::limits::{Excess, OVERHEAD, Tally};
use crate::reading::xml::{Events, attribute, number_attribute, push_reference};

/// A style's number of digits is not believed beyond this.
const MAX_DIGITS: usize = 30;

#[derive(Debug)]
pub(super) struct Styles {
    data: HashMap<String, Arc<NumberFormat>>,
    cells: HashMap<String, CellStyle>,
    hidden_tables: HashSet<String>,
    general: Arc<NumberFormat>,
    percent: Arc<NumberFormat>,
}

#[derive(Debug, Default)]
struct CellStyle {
    data: Option<String>,
    parent: Option<String>,
}

impl Default for Styles {
    fn default() -> Self {
        Self {
            data: HashMap::new(),
            cells: HashMap::new(),
            hidden_tables: HashSet::new(),
            general: Arc::new(NumberFormat::general()),
            percent: Arc::new(NumberFormat::new("0.00%")),
        }
    }
}

impl Styles {
    /// The number format of a cell style, its own or an ancestor's.
    pub(super) fn format(&self, name: &str) -> &Arc<NumberFormat> {
        let mut name = name;
        // Parents of parents are rare, and circles are possible.
        for _ in 0..16 {
            let Some(style) = self.cells.get(name) else { break };
            if let Some(data) = &style.data {
                return self.data.get(data).unwrap_or(&self.general);
            }
            let Some(parent) = &style.parent else { break };
            name = parent;
        }
        &self.general
    }

    pub(super) const fn general(&self) -> &Arc<NumberFormat> {
        &self.general
    }

    /// The format of a percentage whose style makes none of it.
    pub(super) const fn percent(&self) -> &Arc<NumberFormat> {
        &self.percent
    }

    pub(super) fn hides_table(&self, name: &str) -> bool {
        self.hidden_tables.contains(name)
    }

    /// Adds the styles of a part, up to its body. Tells whether it came to one, and to no table before.
    pub(super) fn read<R: BufRead>(&mut self, reader: &mut Events<R>) -> Result<bool, quick_xml::Error> {
        let mut tally = Tally::new("the memory of the formats", reader.limits.format_bytes);
        let mut buffer = Vec::new();
        let mut has_table = false;
        let mut table_style = None;
        let mut data_style: Option<DataStyle> = None;
        loop {
            match reader.read_event_into(&mut buffer)? {
                Event::Start(element) => match element.name().as_ref() {
                    "office:body" => return Ok(!has_table),
                    "table:table" => has_table = true,
                    "style:style" | "style:default-style" => {
                        let name = attribute(&element, "style:name").unwrap_or_else(|| "Default".to_owned());
                        let family = attribute(&element, "style:family");
                        table_style = None;
                        match family.as_deref() {
                            Some("table-cell") => {
                                let data = attribute(&element, "style:data-style-name");
                                let parent = attribute(&element, "style:parent-style-name");
                                let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
                                tally.add(name.len() + length(&data) + length(&parent) + OVERHEAD)?;
                                self.cells.insert(name, CellStyle { data, parent });
                            }
                            Some("table") => table_style = Some(name),
                            Some(_) | None => {}
                        }
                    }
                    "style:table-properties" => {
                        if attribute(&element, "table:display").is_some_and(|display| display == "false") {
                            self.hidden_tables.extend(table_style.take());
                        }
                    }
                    _ => match DataStyle::begin(&element) {
                        Some(begun) => data_style = Some(begun),
                        None => {
                            if let Some(style) = &mut data_style {
                                style.part(&element);
                            }
                        }
                    },
                },
                Event::Text(text) => {
                    if let Some(style) = &mut data_style {
                        style.text.push_str(&text.xml10_content());
                    }
                }
                Event::GeneralRef(reference) => {
                    if let Some(style) = &mut data_style {
                        push_reference(&reference, &mut style.text);
                    }
                }
                Event::End(element) => {
                    if let Some(style) = &mut data_style {
                        style.end_part(element.name().as_ref());
                        if style.code.len() > reader.limits.text_bytes {
                            let limit = reader.limits.text_bytes as u64;
                            return Err(Excess::bytes("the code of a format", limit).into());
                        }
                        if element.name().as_ref() == style.element {
                            tally.add(style.name.len() + style.code.len())?;
                            let format = Arc::new(NumberFormat::new(&style.code()));
                            self.data.insert(std::mem::take(&mut style.name), format);
                            data_style = None;
                        }
                    }
                }
                Event::Eof => return Ok(false),
                _ => {}
            }
            buffer.clear();
        }
    }
}

/// A data style on its way to a format code.
#[derive(Debug)]
struct DataStyle {
    element: String,
    name: String,
    code: String,
    text: String,
    elapsed: bool,
    /// Where the digits of the number stand in the code.
    digits: Range<usize>,
    /// How many digits follow the text that stands among them.
    embedded_before: usize,
}

impl DataStyle {
    fn begin(element: &BytesStart<'_>) -> Option<Self> {
        let elements = [
            "number:number-style",
            "number:percentage-style",
            "number:currency-style",
            "number:date-style",
            "number:time-style",
            "number:boolean-style",
            "number:text-style",
        ];
        let kind = element.name();
        elements.contains(&kind.as_ref()).then(|| Self {
            element: kind.as_ref().to_owned(),
            name: attribute(element, "style:name").unwrap_or_default(),
            code: String::new(),
            text: String::new(),
            digits: 0..0,
            embedded_before: 0,
            elapsed: attribute(element, "number:truncate-on-overflow").is_some_and(|it| it == "false"),
        })
    }

    fn part(&mut self, element: &BytesStart<'_>) {
        self.text.clear();
        let long = attribute(element, "number:style").is_some_and(|style| style == "long");
        let pick =
            |when_long: &str, otherwise: &str| if long { when_long.to_owned() } else { otherwise.to_owned() };
        let code = match element.name().as_ref() {
            "number:number" => {
                let code = number_code(element);
                let whole = code.find('.').unwrap_or(code.len());
                self.digits = self.code.len()..self.code.len() + whole;
                code
            }
            "number:embedded-text" => {
                let before = number_attribute::<usize>(element, "number:position").unwrap_or_default();
                self.embedded_before = before.min(MAX_DIGITS);
                String::new()
            }
            "number:scientific-number" => "0.00E+00".to_owned(),
            "number:fraction" => "# ?/?".to_owned(),
            "number:year" => pick("yyyy", "yy"),
            "number:month" if attribute(element, "number:textual").is_some_and(|it| it == "true") => {
                pick("mmmm", "mmm")
            }
            "number:day" => pick("dd", "d"),
            "number:day-of-week" => pick("dddd", "ddd"),
            "number:hours" if self.elapsed => pick("[hh]", "[h]"),
            "number:hours" => pick("hh", "h"),
            "number:month" | "number:minutes" => pick("mm", "m"),
            "number:seconds" => pick("ss", "s"),
            "number:am-pm" => "AM/PM".to_owned(),
            "number:text-content" => "@".to_owned(),
            _ => String::new(),
        };
        self.code.push_str(&code);
    }

    fn end_part(&mut self, element: &str) {
        if element == "number:embedded-text" {
            self.embed();
        }
        if matches!(element, "number:text" | "number:currency-symbol") {
            for character in self.text.chars() {
                if character == '%' && self.element == "number:percentage-style" {
                    self.code.push('%');
                } else {
                    self.code.extend(['\\', character]);
                }
            }
        }
        self.text.clear();
    }

    /// Puts a text among the digits: the hyphen of `000-00`.
    fn embed(&mut self) {
        // No program writes such codes, and each text would be put into a longer one.
        const LONGEST: usize = 1 << 10;
        if self.code.len() > LONGEST {
            return;
        }
        let Range { start, mut end } = self.digits.clone();
        if self.code.get(start..end) == Some("General") {
            self.code.replace_range(start..end, "0");
            end = start + 1;
        }
        let mut digits = self.placeholders(start..end);
        while digits.len() <= self.embedded_before {
            self.code.insert(start, '#');
            end += 1;
            digits = self.placeholders(start..end);
        }
        let at = match self.embedded_before {
            0 => end,
            following => digits.get(digits.len() - following).copied().unwrap_or(end),
        };
        let literal: String = self.text.chars().flat_map(|character| ['\\', character]).collect();
        self.code.insert_str(at, &literal);
        self.digits = start..end + literal.len();
    }

    /// Where the digits of a part of the code stand.
    fn placeholders(&self, range: Range<usize>) -> Vec<usize> {
        let mut is_literal = false;
        let code = self.code.get(range.clone()).unwrap_or_default();
        let digits = code.char_indices().filter(|(_, character)| {
            let is_digit = !is_literal && matches!(character, '0' | '#');
            is_literal = !is_literal && *character == '\\';
            is_digit
        });
        digits.map(|(at, _)| range.start + at).collect()
    }

    fn code(&self) -> String {
        match self.element.as_str() {
            "number:percentage-style" if !self.code.contains('%') => format!("{}%", self.code),
            "number:number-style" if self.code.is_empty() => "General".to_owned(),
            _ => self.code.clone(),
        }
    }
}

/// The code of the digits: `00000`, `#,##0.00`, or `General` where no decimal places are given.
fn number_code(element: &BytesStart<'_>) -> String {
    let whole = number_attribute::<usize>(element, "number:min-integer-digits").unwrap_or(1).min(MAX_DIGITS);
    let decimals =
        number_attribute::<usize>(element, "number:decimal-places").map(|places| places.min(MAX_DIGITS));
    if decimals.is_none() && whole <= 1 {
        return "General".to_owned();
    }
    let grouped = attribute(element, "number:grouping").is_some_and(|grouping| grouping == "true");
    let mut code = if grouped { "#,##0".to_owned() } else { "0".repeat(whole.max(1)) };
    if let Some(places @ 1..) = decimals {
        code.push('.');
        code.extend(std::iter::repeat_n('0', places));
    }
    code
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::reading::Limits;
    use crate::reading::xml::events;

    #[test]
    fn codes_are_made_of_their_parts() {
        for (parts, expected) in [
            ("<number:number number:min-integer-digits='5'/>", "00000"),
            (
                "<number:number number:decimal-places='0' number:min-integer-digits='5'>\
                 <number:embedded-text number:position='2'>-</number:embedded-text></number:number>",
                "000\\-00",
            ),
            (
                "<number:number number:decimal-places='0' number:min-integer-digits='9'>\
                 <number:embedded-text number:position='4'>-</number:embedded-text>\
                 <number:embedded-text number:position='6'>-</number:embedded-text></number:number>",
                "000\\-00\\-0000",
            ),
            (
                "<number:text>K</number:text><number:number number:min-integer-digits='1'>\
                 <number:embedded-text number:position='2'>0/</number:embedded-text></number:number>",
                "\\K#\\0\\/#0",
            ),
            (
                "<number:number number:decimal-places='1' number:min-integer-digits='2'>\
                 <number:embedded-text number:position='0'>x</number:embedded-text></number:number>",
                "00\\x.0",
            ),
        ] {
            let xml = format!("<s><number:number-style style:name='N'>{parts}</number:number-style></s>");
            let mut styles = Styles::default();
            styles.read(&mut events(Cursor::new(xml), "`styles.xml`", &Limits::default()).unwrap()).unwrap();
            assert_eq!(styles.data["N"].code(), expected, "{parts}");
        }
    }
}
